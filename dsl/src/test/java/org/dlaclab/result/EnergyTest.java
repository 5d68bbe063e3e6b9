package org.dlaclab.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.dlaclab.Dlac.*;

import java.util.Arrays;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.dlaclab.grid.Grid;
import org.dlaclab.network.Network;
import org.dlaclab.quant.Policy;
import org.dlaclab.sim.MaskedProduct;
import org.dlaclab.tech.Component;
import org.dlaclab.tech.ProcessNode;
import org.dlaclab.tech.Technology;
import org.dlaclab.unit.Joules;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tech.tablesaw.api.Table;

class EnergyTest {
  private static final Policy TWN = policy("twn", weights(ternary()));

  @Nested
  class OfAProduct {
    /** All at 45 nm, where figures are Horowitz' own; buffers of 8 KiB, 10 pJ per 64 bits. */
    private final Grid grid =
        grid(
            "hand",
            pes(1, 1),
            tile(2, 2),
            skip(NONE),
            ofmDoubleBuffered(false),
            ofmEntries(2048),
            technology(NM_45),
            weightBuffer(KiB(8)),
            ifmBuffer(KiB(8)));

    /** 2 x 2 x 64 pairs, each an addition in single precision; rows of 2 bits, columns of 32. */
    @Test
    void isActionsTimesTheirCosts() {
      Energy energy = simulate(dense(2, 2, 64), grid).energy();
      double pairs = 2 * 2 * 64;
      assertPicojoules(energy, Component.ARITHMETIC, pairs * 0.9);
      // Sums of 32 bits: read and written for each pair, and read to drain.
      assertPicojoules(energy, Component.OFM_BUFFERS, (2 * pairs + 4) * 5);
      // Written once, read once.
      assertPicojoules(energy, Component.WEIGHT_BUFFER, 2 * (2 * 64 * 2) / 64.0 * 10);
      assertPicojoules(energy, Component.IFM_BUFFER, 2 * (2 * 64 * 32) / 64.0 * 10);
      assertPicojoules(energy, Component.DRAM, (2 * 64 * 2 + 2 * 64 * 32 + 2 * 2 * 32) * 20.0);
      assertThat(energy.total().value())
          .isCloseTo(
              energy.parts().values().stream().mapToDouble(Joules::value).sum(), within(1e-18));
    }

    @Test
    void aMultiplierCostsAMultiplicationMore() {
      MaskedProduct ternary = dense(2, 2, 64);
      MaskedProduct full = new MaskedProduct(ternary.rows(), ternary.columns(), false);
      assertPicojoules(
          simulate(full, grid).energy(), Component.ARITHMETIC, 2 * 2 * 64 * (0.9 + 3.7));
      assertPicojoules(
          simulate(full, grid, precision(INT8)).energy(),
          Component.ARITHMETIC,
          2 * 2 * 64 * (0.1 + 0.2));
    }

    private static void assertPicojoules(Energy energy, Component component, double picojoules) {
      assertThat(energy.of(component).picojoules())
          .as("%s", component)
          .isCloseTo(picojoules, within(1e-6 * picojoules));
    }

    private static MaskedProduct dense(int rows, int columns, int steps) {
      return masks(ones(rows, steps), ones(columns, steps));
    }

    private static boolean[][] ones(int rows, int columns) {
      boolean[][] ones = new boolean[rows][columns];
      Stream.of(ones).forEach(row -> Arrays.fill(row, true));
      return ones;
    }
  }

  @Nested
  class OfARun {
    static Stream<Run> runs() {
      Grid real = grid("real", pes(4, 8), dram(GBps(2)), weightBuffer(KiB(2)), ifmBuffer(KiB(8)));
      return LongStream.range(0, 4)
          .boxed()
          .flatMap(
              seed ->
                  Stream.of(DENSE, BITMASK, BY_SKIP)
                      .map(
                          stored ->
                              simulate(
                                  zoo("lenet5"),
                                  TWN,
                                  real.with(storage(stored)),
                                  synthetic(seed, samples(2)),
                                  training())));
    }

    @ParameterizedTest
    @MethodSource("runs")
    void layersAddUpToTheTotalInEveryTable(Run run) {
      for (Table table : new Table[] {run.memoryTable(), run.energyTable()}) {
        Table layers = table.dropRange(table.rowCount() - 1, table.rowCount());
        for (String name : table.columnNames()) {
          boolean ratio = name.equals("FLOP/byte") || name.equals("pJ/MAC");
          if (table.column(name) instanceof tech.tablesaw.api.NumericColumn<?> && !ratio) {
            double total = table.numberColumn(name).getDouble(table.rowCount() - 1);
            assertThat(layers.numberColumn(name).sum())
                .as(name)
                .isCloseTo(total, within(1e-6 * (1 + total)));
          }
        }
      }
      assertThat(run.totalEnergy().total().value() * 1e6)
          .isCloseTo(last(run.energyTable(), "total uJ"), within(1e-6));
    }

    @ParameterizedTest
    @MethodSource("runs")
    void operandsAddUpToTheBytesOfDram(Run run) {
      for (LayerResult layer : run.samples().get(0)) {
        assertThat(Arrays.stream(Operand.values()).mapToLong(layer::dramBytes).sum())
            .isEqualTo(layer.traffic().dram());
      }
    }

    @ParameterizedTest
    @MethodSource("runs")
    void baselinesAreOneTableWithTheRun(Run run) {
      Table baselines = run.baselines();
      assertThat(baselines.stringColumn("skip").asList())
          .containsExactly("NONE", "WEIGHTS", "ACTIVATIONS", "BOTH");
      double none = baselines.numberColumn("cycles").getDouble(0);
      for (int i = 0; i < 4; i++) {
        assertThat(baselines.numberColumn("TFLOP/s").getDouble(i))
            .as("TFLOP/s follow cycles")
            .isCloseTo(
                baselines.numberColumn("TFLOP/s").getDouble(0)
                    * none
                    / baselines.numberColumn("cycles").getDouble(i),
                within(1e-9));
      }
      assertThat(baselines.numberColumn("cycles").getDouble(3))
          .isEqualTo(last(run.memoryTable(), "cycles"));
      assertThat(baselines.numberColumn("energy uJ").getDouble(3))
          .isCloseTo(last(run.energyTable(), "total uJ"), within(1e-6));
      if (run.grid().storage() != BY_SKIP) {
        assertThat(baselines.numberColumn("DRAM bytes").unique().size()).isEqualTo(1);
      }
    }

    /** Of each of the four machines, only the compared one's operands have a mask. */
    @Test
    void baselinesBySkipAreTheMachinesThatTheyStandFor() {
      Network network = zoo("lenet5");
      Grid bySkip = grid("g", pes(4, 8), dram(GBps(2)), storage(BY_SKIP));
      Table baselines = simulate(network, TWN, bySkip, seed(1)).baselines();
      Run dense = simulate(network, TWN, bySkip.with(skip(NONE), storage(DENSE)), seed(1));
      Run both = simulate(network, TWN, bySkip.with(storage(BITMASK)), seed(1));
      assertThat(baselines.numberColumn("energy uJ").getDouble(0))
          .isCloseTo(dense.totalEnergy().total().value() * 1e6, within(1e-9));
      assertThat(baselines.numberColumn("cycles").getDouble(0))
          .isEqualTo((double) dense.totals().get(0).cycles());
      assertThat(baselines.numberColumn("energy uJ").getDouble(3))
          .isCloseTo(both.totalEnergy().total().value() * 1e6, within(1e-9));
    }

    /** In half the precision, every value has half the bits and every operation costs less. */
    @Test
    void halfPrecisionTakesLessOfEverything() {
      Grid single = grid("g", pes(4, 8));
      Energy full = simulate(zoo("lenet5"), TWN, single, seed(1)).totalEnergy();
      Energy half =
          simulate(zoo("lenet5"), TWN, single.with(precision(FP16)), seed(1)).totalEnergy();
      for (Component component : Component.values()) {
        assertThat(half.of(component).value())
            .as("%s", component)
            .isLessThanOrEqualTo(full.of(component).value());
      }
      assertThat(half.total().value()).isLessThan(full.total().value());
    }

    @Test
    void moreWorkTakesMoreEnergy() {
      Grid grid = grid("g", pes(4, 8));
      Run one = simulate(zoo("lenet5"), TWN, grid, synthetic(1, batch(1)));
      Run two = simulate(zoo("lenet5"), TWN, grid, synthetic(1, batch(2)));
      Run training = simulate(zoo("lenet5"), TWN, grid, synthetic(1, batch(1)), training());
      for (Component component : Component.values()) {
        double less = one.totalEnergy().of(component).value();
        assertThat(two.totalEnergy().of(component).value()).isGreaterThan(less);
        assertThat(training.totalEnergy().of(component).value()).isGreaterThan(less);
      }
    }

    private static double last(Table table, String column) {
      return table.numberColumn(column).getDouble(table.rowCount() - 1);
    }
  }

  @Nested
  class OfAGrid {
    @Test
    void areaIsUnitsAndBuffersTimesTheirCosts() {
      Grid grid =
          grid(
              "g",
              pes(2, 4),
              lanes(3),
              multipliers(2),
              tile(4, 16),
              technology(NM_45),
              weightBuffer(KiB(162)),
              ifmBuffer(KiB(81)));
      assertThat(grid.area().parts().get(Component.ARITHMETIC).value() * 1e6)
          .isCloseTo(8 * (3 * 4184 + 2 * 7700), within(1e-6));
      assertThat(grid.area().parts().get(Component.WEIGHT_BUFFER).value() * 1e6)
          .isCloseTo(594_786, within(1e-3));
      assertThat(grid.area().parts().get(Component.IFM_BUFFER).value() * 1e6)
          .isCloseTo(594_786 / 2.0, within(1e-3));
      assertThat(grid.area().parts().get(Component.OFM_BUFFERS).value() * 1e6)
          .as("64 sums of 4 bytes, twice, in each of 8 PEs")
          .isCloseTo(8.0 * 2 * 256 * 594_786 / (162 * 1024.0), within(1e-3));
      assertThat(grid.with(technology(NM_14)).area().total().value())
          .isCloseTo(0.17 * grid.area().total().value(), within(1e-12));
    }

    @Test
    void ratesAreWorkOverTimeAreaAndPower() {
      Grid grid = grid("g", pes(4, 8), window(5), clock(MHz(500)), dram(GBps(2)));
      Run run = simulate(zoo("lenet5"), TWN, grid, seed(1));
      LayerResult total = run.totals().get(0);
      Rates rates = run.rates();
      double seconds = total.cycles() / 500e6;
      assertThat(rates.teraflops()).isCloseTo(2.0 * total.macs() / seconds / 1e12, within(1e-12));
      assertThat(rates.peakTeraflops()).isCloseTo(2 * 32 * 5 * 500e6 / 1e12, within(1e-12));
      assertThat(rates.teraflopsPerMm2())
          .isCloseTo(rates.teraflops() / grid.area().total().value(), within(1e-9));
      assertThat(rates.watts())
          .isCloseTo(run.totalEnergy().total().value() / seconds, within(1e-9));
      assertThat(rates.chipWatts()).isLessThan(rates.watts());
      assertThat(rates.teraflops()).isLessThan(rates.peakTeraflops());
    }

    @Test
    void aTechnologyOfOnesOwnCounts() {
      Technology cheap = Technology.of(ProcessNode.NM_7).withDram(Joules.pico(1));
      Grid grid = grid("g", pes(4, 8), technology(cheap));
      Energy energy = simulate(zoo("lenet5"), TWN, grid, seed(1)).totalEnergy();
      Energy published =
          simulate(zoo("lenet5"), TWN, grid.with(technology(NM_7)), seed(1)).totalEnergy();
      assertThat(energy.of(Component.DRAM).value() * 20)
          .isCloseTo(published.of(Component.DRAM).value(), within(1e-12));
    }
  }
}
