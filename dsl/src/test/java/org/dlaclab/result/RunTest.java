package org.dlaclab.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.dlaclab.error.Refusals.assertRefused;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.dlaclab.grid.Grid;
import org.dlaclab.grid.Skip;
import org.dlaclab.plot.BarChart;
import org.dlaclab.plot.Series;
import org.dlaclab.unit.Hertz;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import tech.tablesaw.api.Table;

class RunTest {
  private static final Grid GRID =
      Grid.of("dlac", new Grid.Pes(2, 2), new Grid.Clock(Hertz.mega(500)));

  /** A tally whose cycles in mode BOTH split as given; NONE takes {@code none} cycles. */
  private static Tally tally(
      long macs, long none, double compute, double imbalance, double scan, long drain) {
    long cycles = Math.round(compute + imbalance + scan) + drain;
    Map<Skip, Timing> timings = new EnumMap<>(Skip.class);
    timings.put(Skip.NONE, new Timing(none, macs, 0, 4 * none, none, 0, 0, 0, 0));
    timings.put(Skip.WEIGHTS, new Timing(none / 2, macs / 2, 0, 2 * none, none / 2.0, 0, 0, 0, 0));
    timings.put(Skip.ACTIVATIONS, new Timing(none, macs, 0, 4 * none, none, 0, 0, 0, 0));
    timings.put(
        Skip.BOTH,
        new Timing(
            cycles, Math.round(4 * compute), 0, 4 * cycles, compute, imbalance, scan, drain, 0));
    return new Tally(macs, Math.round(4 * compute), timings, Tally.none().traffics());
  }

  private static LayerResult layer(String name, double ifmDensity, Tally tally) {
    return new LayerResult(
        name,
        "ternary",
        new Density(50, 100),
        Density.of(ifmDensity, name.equals("conv") ? 300 : 100),
        Density.of(Double.NaN, 10),
        Skip.BOTH,
        tally);
  }

  /** Two layers on three samples. */
  private static final Run RUN =
      new Run(
          "net",
          "twn: ternary",
          GRID,
          "synthetic(seed 1)",
          1,
          List.of(
              List.of(
                  layer("conv", 1.0, tally(4000, 1000, 300, 100, 50, 50)),
                  layer("fc", 0.4, tally(400, 100, 10, 5, 5, 5))),
              List.of(
                  layer("conv", 1.0, tally(4000, 1000, 250, 100, 25, 25)),
                  layer("fc", 0.5, tally(400, 100, 20, 10, 5, 5))),
              List.of(
                  layer("conv", 1.0, tally(4000, 1000, 400, 200, 100, 100)),
                  layer("fc", 0.6, tally(400, 100, 30, 10, 5, 5)))));

  @Nested
  class Layers {
    @Test
    void areNamedInOrder() {
      assertThat(RUN.layers()).containsExactly("conv", "fc");
    }

    @Test
    void haveAResultPerSample() {
      assertThat(RUN.layer("fc").stream().map(LayerResult::ifmDensity))
          .containsExactly(0.4, 0.5, 0.6);
      assertThat(RUN.layer("conv").stream().map(LayerResult::cycles))
          .containsExactly(500L, 400L, 800L);
    }

    @Test
    void anUnknownOneSuggestsTheNearest() {
      assertRefused(
          () -> RUN.layer("conv1"), "no layer \"conv1\"", "its 2 layers", "did you mean \"conv\"");
    }

    @Test
    void speedUpOverTheSameGridWithoutSkipping() {
      assertThat(RUN.layerSpeedup("conv"))
          .isEqualTo(Spread.ofRatio(new double[] {1000, 1000, 1000}, new double[] {500, 400, 800}));
    }
  }

  @Nested
  class Totals {
    @Test
    void addUpTheLayersOfASample() {
      List<LayerResult> totals = RUN.totals();
      assertThat(totals).hasSize(3);
      assertThat(totals.stream().map(LayerResult::cycles)).containsExactly(525L, 440L, 850L);
      assertThat(totals.stream().map(LayerResult::macs)).containsOnly(4400L);
      assertThat(totals.get(0).timing().compute()).isEqualTo(310);
      assertThat(totals.get(0).timing().imbalance()).isEqualTo(105);
      assertThat(totals.get(0).timing().scanLimit()).isEqualTo(55);
      assertThat(totals.get(0).timing().drain()).isEqualTo(55);
      assertThat(totals.get(0).utilization()).isEqualTo(310.0 / 525);
    }

    @Test
    void haveTheRatioOfTheSumsForSpeedup() {
      assertThat(RUN.totalSpeedup())
          .isEqualTo(Spread.ofRatio(new double[] {1100, 1100, 1100}, new double[] {525, 440, 850}));
      assertThat(RUN.totalSpeedup().mean()).isEqualTo(3 * 1100.0 / (525 + 440 + 850));
    }

    @Test
    void canBeSeenInAnotherSkipMode() {
      assertThat(RUN.totalSpeedup(Skip.NONE)).isEqualTo(Spread.of(1, 1, 1));
      assertThat(RUN.totalSpeedup(Skip.WEIGHTS)).isEqualTo(Spread.of(2, 2, 2));
      assertThat(RUN.totalSpeedup(Skip.BOTH)).isEqualTo(RUN.totalSpeedup());
    }
  }

  @Nested
  class Tables {
    private final Table table = RUN.table();

    private double cell(String column, int row) {
      return table.numberColumn(column).getDouble(row);
    }

    private double mean(List<LayerResult> results, ToDoubleFunction<LayerResult> figure) {
      return results.stream().mapToDouble(figure).average().orElseThrow();
    }

    @Test
    void haveARowPerLayerAndATotal() {
      assertThat(table.stringColumn("layer").asList()).containsExactly("conv", "fc", "total");
      assertThat(table.columnNames())
          .containsExactly(
              "layer",
              "MACs",
              "weights",
              "IFM",
              "OFM",
              "effectual",
              "cycles",
              "compute",
              "imbalance",
              "scan limit",
              "drain",
              "utilization",
              "speedup",
              "95% low",
              "95% high");
    }

    @Test
    void showMeansOverTheSamples() {
      List<List<LayerResult>> rows = List.of(RUN.layer("conv"), RUN.layer("fc"), RUN.totals());
      for (int row = 0; row < rows.size(); row++) {
        List<LayerResult> results = rows.get(row);
        assertThat(cell("MACs", row)).isEqualTo((double) results.get(0).macs());
        assertThat(cell("cycles", row)).isEqualTo(mean(results, LayerResult::cycles));
        assertThat(cell("compute", row)).isEqualTo(mean(results, r -> r.timing().compute()));
        assertThat(cell("imbalance", row)).isEqualTo(mean(results, r -> r.timing().imbalance()));
        assertThat(cell("scan limit", row)).isEqualTo(mean(results, r -> r.timing().scanLimit()));
        assertThat(cell("drain", row)).isEqualTo(mean(results, r -> r.timing().drain()));
        assertThat(cell("utilization", row)).isEqualTo(mean(results, LayerResult::utilization));
        assertThat(cell("speedup", row))
            .as("what a stream of such images gains")
            .isCloseTo(
                mean(results, r -> r.tally().timing(Skip.NONE).cycles()) / cell("cycles", row),
                within(1e-12));
        assertThat(cell("effectual", row))
            .isEqualTo(mean(results, r -> (double) r.effectual() / r.macs()));
        Spread spread = row < 2 ? RUN.layerSpeedup(RUN.layers().get(row)) : RUN.totalSpeedup();
        assertThat(cell("95% low", row)).isEqualTo(spread.low());
        assertThat(cell("95% high", row)).isEqualTo(spread.high());
      }
      assertThat(cell("IFM", 1)).isCloseTo(0.5, within(1e-12));
    }

    @Test
    void splitCyclesIntoPartsThatAddUp() {
      for (int row = 0; row < table.rowCount(); row++) {
        assertThat(
                cell("compute", row)
                    + cell("imbalance", row)
                    + cell("scan limit", row)
                    + cell("drain", row))
            .isCloseTo(cell("cycles", row), within(1e-9));
      }
    }

    @Test
    void totalTheColumnsThatAreCounts() {
      for (String column :
          List.of("MACs", "cycles", "compute", "imbalance", "scan limit", "drain")) {
        assertThat(cell(column, 2))
            .as(column)
            .isCloseTo(cell(column, 0) + cell(column, 1), within(1e-9));
      }
    }

    @Test
    void leaveUnknownDensitiesEmpty() {
      assertThat(table.column("OFM").getString(0)).isEmpty();
      assertThat(table.column("OFM").getString(2)).isEmpty();
      assertThat(table.column("IFM").getString(0)).isEqualTo("100.0%");
    }

    @Test
    void weighTotalDensitiesByElements() {
      // 300 of 300 elements, and on average half of 100.
      assertThat(table.column("IFM").getString(2)).isEqualTo("87.5%");
    }

    @Test
    void haveNoIntervalForOneSample() {
      Run one = new Run("net", "twn", GRID, "a file", 1, RUN.samples().subList(0, 1));
      assertThat(one.table().columnNames()).doesNotContain("95% low", "95% high");
      assertThat(one.baselines().columnNames()).doesNotContain("95% low", "95% high");
      assertThat(one.headline()).contains("speedup 2.10 over skip NONE (one sample: no interval)");
      assertThat(one.skipModes().series().get(0).low()).isNull();
    }

    /** Each image alike, so that nothing is left to chance. */
    @Test
    void haveAnIntervalOfNoWidthForEqualSamples() {
      List<LayerResult> sample = RUN.samples().get(1);
      Table same =
          new Run("net", "twn", GRID, "a file", 1, List.of(sample, sample, sample)).table();
      for (String end : List.of("95% low", "95% high")) {
        assertThat(same.numberColumn(end).asDoubleArray())
            .isEqualTo(same.numberColumn("speedup").asDoubleArray());
      }
    }

    @Test
    void haveAnIntervalForEverySpeedup() {
      Table baselines = RUN.baselines();
      for (int row = 0; row < 4; row++) {
        Spread spread = RUN.totalSpeedup(Skip.valueOf(baselines.column("skip").getString(row)));
        assertThat(baselines.numberColumn("speedup").getDouble(row)).isEqualTo(spread.mean());
        assertThat(baselines.numberColumn("95% low").getDouble(row)).isEqualTo(spread.low());
        assertThat(baselines.numberColumn("95% high").getDouble(row)).isEqualTo(spread.high());
      }
      for (Series series : RUN.skipModes().series()) {
        assertThat(series.low()).as(series.name()).hasSize(3);
      }
    }
  }

  /** Why a speedup is what it is. */
  @Nested
  class Factors {
    private double[] row(Table table, int row) {
      return Stream.of("zeros", "scan limit", "imbalance", "drain")
          .mapToDouble(name -> table.numberColumn(name).getDouble(row))
          .toArray();
    }

    @Test
    void haveTheSpeedupAsTheirProduct() {
      Table table = RUN.factors();
      assertThat(table.stringColumn("layer").asList()).containsExactly("conv", "fc", "total");
      for (int row = 0; row < 3; row++) {
        assertThat(Arrays.stream(row(table, row)).reduce(1, (a, b) -> a * b))
            .isCloseTo(table.numberColumn("speedup").getDouble(row), within(1e-12));
      }
    }

    @Test
    void areWhatEachPartLeavesOfTheSpeedup() {
      Run one = new Run("net", "twn", GRID, "a file", 1, RUN.samples().subList(0, 1));
      // 1000 dense cycles, all compute, over 300 + 50 + 100 + 50.
      assertThat(row(one.factors(), 0))
          .containsExactly(
              new double[] {1000 / 300.0, 300 / 350.0, 350 / 450.0, 450 / 500.0}, within(1e-12));
    }

    @Test
    void weighLayersInTheTotalByTheirDenseCycles() {
      Run one = new Run("net", "twn", GRID, "a file", 1, RUN.samples().subList(0, 1));
      // 1000 cycles that the zeros would make 300, and 100 that they would make 10.
      assertThat(row(one.factors(), 2)[0]).isCloseTo(1100 / 310.0, within(1e-12));
      assertThat(row(one.factors(), 2)[1]).isCloseTo(310 / 365.0, within(1e-12));
    }

    @Test
    void leaveOutWhatCostsTheDenseMachineTheSameShare() {
      Map<Skip, Timing> timings = new EnumMap<>(Skip.class);
      timings.put(Skip.NONE, new Timing(200, 1, 0, 200, 100, 100, 0, 0, 0));
      timings.put(Skip.BOTH, new Timing(50, 1, 0, 50, 25, 25, 0, 0, 0));
      Tally halfIdle = new Tally(1, 1, timings, Tally.none().traffics());
      Run run =
          new Run("net", "twn", GRID, "a file", 1, List.of(List.of(layer("conv", 1, halfIdle))));
      assertThat(row(run.factors(), 0)).containsExactly(4, 1, 1, 1);
    }
  }

  /** Two layers on two samples: the first has nothing to train before it, and so no dgrad. */
  @Nested
  class Trainings {
    private final Run run = new Run("net", "twn", GRID, "a file", 1, List.of(sample(1), sample(2)));

    private List<LayerResult> sample(int scale) {
      return List.of(
          trained(
              "conv",
              Map.of(
                  Pass.WGRAD, tally(4000, 1000, 100 * scale, 100, 50, 50),
                  Pass.FORWARD, tally(4000, 1000, 300, 100, 50, 50))),
          trained(
              "fc",
              Map.of(
                  Pass.FORWARD, tally(400, 100, 10, 5, 5, 5),
                  Pass.DGRAD, tally(800, 200, 20, 10, 10, 10L * scale),
                  Pass.WGRAD, tally(400, 100, 30, 5, 10, 5))));
    }

    private static LayerResult trained(String name, Map<Pass, Tally> passes) {
      return new LayerResult(
          name,
          "ternary",
          new Density(50, 100),
          Density.of(0.5, 300),
          Density.of(Double.NaN, 10),
          Density.of(0.25, 10),
          Skip.BOTH,
          passes);
    }

    @Test
    void haveAColumnThatSaysThePassAndTheDensityOfGradients() {
      Table table = run.table();
      assertThat(table.stringColumn("layer").asList())
          .containsExactly("conv", "conv", "fc", "fc", "fc", "total");
      assertThat(table.stringColumn("pass").asList())
          .containsExactly("forward", "wgrad", "forward", "dgrad", "wgrad", "all");
      assertThat(table.column("OFM gradient").getString(0)).isEqualTo("25.0%");
      for (String column : List.of("MACs", "cycles", "compute", "imbalance", "drain")) {
        double[] cells = table.numberColumn(column).asDoubleArray();
        assertThat(cells[0] + cells[1] + cells[2] + cells[3] + cells[4])
            .as(column)
            .isCloseTo(cells[5], within(1e-9));
      }
    }

    /** What readers of tables of inference have written stays true. */
    @Test
    void haveTheColumnsOfInferenceIfOnlyTheForwardPassIsLookedAt() {
      Run forward = run.of(Passes.FORWARD);
      assertThat(forward.table().columnNames()).isEqualTo(RUN.table().columnNames());
      assertThat(forward.headline()).doesNotContain("forward", "effectual");
      assertThat(run.of(Passes.TRAINING)).isEqualTo(run);
    }

    @Test
    void haveARowPerPassOfAllLayersTogether() {
      Table table = run.passTable();
      assertThat(table.stringColumn("pass").asList())
          .containsExactly("forward", "dgrad", "wgrad", "total");
      assertThat(table.numberColumn("MACs").asDoubleArray()).containsExactly(4400, 800, 4400, 9600);
      // 500 and 25; 50 and 60; 300 and 400, and 50 twice.
      assertThat(table.numberColumn("cycles").asDoubleArray()).containsExactly(525, 55, 400, 980);
    }

    @Test
    void sayWhichShareOfForwardAndBackwardPairsIsEffectual() {
      assertThat(run.effectualShare(Passes.FORWARD))
          .isEqualTo(Spread.of(1240 / 4400.0, 1240 / 4400.0));
      // 4 * 100, 4 * 20 and 4 * 30 of 5200; then 4 * 200 in place of the first.
      assertThat(run.effectualShare(Passes.BACKWARD))
          .isEqualTo(Spread.of(600 / 5200.0, 1000 / 5200.0));
      assertThat(run.effectualShare()).isEqualTo(Spread.of(1840 / 9600.0, 2240 / 9600.0));
      assertThat(run.headline()).contains("28.2 % forward, 15.4 % backward");
    }

    @Test
    void chartTheirSpeedupsPassByPass() {
      BarChart chart = run.speedup();
      assertThat(chart.categories()).containsExactly("conv", "fc", "total");
      assertThat(chart.series().stream().map(Series::name))
          .containsExactly(
              "forward, with 95 % interval",
              "dgrad, with 95 % interval", "wgrad, with 95 % interval");
      Series dgrad = chart.series().get(1);
      assertThat(dgrad.values().get(0)).as("a pass that the layer does not have").isNaN();
      assertThat(dgrad.values().get(1)).isEqualTo(400 / 110.0);
      assertThat(dgrad.values().get(2)).isEqualTo(dgrad.values().get(1));
      assertThat(run.of(Passes.WGRAD).speedup().title()).isEqualTo("Speedup per layer of wgrad");
      assertThat(run.breakdown().categories()).contains("conv", "fc");
    }

    @Test
    void canBeLookedAtOnePassAtATime() {
      assertThat(run.passes()).isEqualTo(Passes.TRAINING);
      assertThat(run.of(Passes.DGRAD).layers()).containsExactly("fc");
      assertThat(run.of(Passes.BACKWARD).totals().get(0).cycles()).isEqualTo(300 + 50 + 50);
      assertThat(run.layer("conv").get(0).toString())
          .startsWith("conv (forward + wgrad): 800 cycles");
      assertRefused(() -> RUN.of(Passes.BACKWARD), "no dgrad + wgrad", "forward", "training()");
      assertRefused(() -> new Passes(java.util.Set.of()), "no pass");
    }
  }

  @Nested
  class Display {
    @Test
    void aHeadlineSaysWhatWasSimulatedAndHowFastItIs() {
      // (525 + 440 + 850) / 3 = 605 cycles at 500 MHz are 1.21 us; 1100 / 605 is 1.818.
      assertThat(RUN.headline())
          .contains(
              "net",
              "twn: ternary",
              "dlac",
              "605 cycles per image",
              "1.21 us",
              "speedup 1.82 over skip NONE")
          .contains("95 % interval", "3 samples");
    }

    @Test
    void aBatchIsNotAnImage() {
      Run batch = new Run("net", "twn", GRID, "a file", 8, RUN.samples());
      assertThat(batch.headline()).contains("per batch of 8").doesNotContain("per image");
    }

    @Test
    void everyResultSaysWhichTensorsItUsed() {
      assertThat(RUN.toString()).contains("tensors: synthetic(seed 1)", "conv", "fc", "total");
    }
  }

  @Nested
  class Values {
    @Test
    void doNotChangeWithTheListTheyWereMadeFrom() {
      List<LayerResult> sample = new ArrayList<>(RUN.samples().get(0));
      List<List<LayerResult>> samples = new ArrayList<>(List.of(sample));
      Run run = new Run("net", "twn", GRID, "a file", 1, samples);
      sample.clear();
      samples.clear();
      assertThat(run.layers()).containsExactly("conv", "fc");
    }

    @Test
    void aRunHasASample() {
      assertRefused(() -> new Run("net", "twn", GRID, "a file", 1, List.of()), "net", "sample");
    }

    @Test
    void workAddsUpInEverySkipMode() {
      Tally a = tally(4000, 1000, 300, 100, 50, 50);
      Tally b = tally(400, 100, 10, 5, 5, 5);
      Tally sum = a.plus(b);
      assertThat(sum.macs()).isEqualTo(4400);
      assertThat(sum.effectual()).isEqualTo(1240);
      for (Skip skip : Skip.values()) {
        assertThat(sum.timing(skip)).isEqualTo(a.timing(skip).plus(b.timing(skip)));
        assertThat(sum.timing(skip).cycles())
            .isEqualTo(a.timing(skip).cycles() + b.timing(skip).cycles());
      }
      assertThat(a.plus(Tally.none())).isEqualTo(a).isEqualTo(Tally.none().plus(a));
    }

    @Test
    void ratesComeFromTheGridsOwnSkipMode() {
      LayerResult conv = RUN.layer("conv").get(0);
      assertThat(conv.speedup()).isEqualTo(2);
      assertThat(conv.utilization()).isEqualTo(1200.0 / 2000);
      assertThat(conv.effectiveFlopPerCycle()).isEqualTo(2 * 4000.0 / 500);
      assertThat(conv.issued()).isEqualTo(1200);
      ProductResult product =
          new ProductResult(GRID.with(new Grid.Skipping(Skip.NONE)), 4, 10, 100, conv.tally());
      assertThat(product.speedup()).isOne();
      assertThat(product.cycles()).isEqualTo(1000);
      assertThat(product.toString()).contains("4 x 10 x 100", "dlac", "skip NONE", "1,000");
    }
  }
}
