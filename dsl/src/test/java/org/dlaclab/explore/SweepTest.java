package org.dlaclab.explore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.dlaclab.Dlac.*;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.dlaclab.Dlac;
import org.dlaclab.error.DlacException;
import org.dlaclab.grid.Grid;
import org.dlaclab.infer.Trained;
import org.dlaclab.network.Network;
import org.dlaclab.operand.Operands;
import org.dlaclab.operand.Source;
import org.dlaclab.quant.Policy;
import org.dlaclab.result.LayerResult;
import org.dlaclab.result.Run;
import org.junit.jupiter.api.Test;

class SweepTest {
  private static final Network NET =
      network(
          "net",
          ifm(5, 8, 8),
          conv("a", filters(20), kernel(3)),
          relu(),
          conv("b", filters(9), kernel(2)));
  private static final Policy TWN = policy("twn", weights(ternary()));
  private static final Grid DLAC = grid("dlac", pes(2, 2), tile(2, 4));
  private static final Setting BASE = new Setting(NET, TWN, DLAC, seed(3), inference());

  private static Exploration sweepOf(Sweep.Option... options) {
    return Sweep.of("s", BASE, options).run();
  }

  private static Map<String, Long> howOften(Exploration sweep, int axis) {
    return sweep.points().stream()
        .collect(Collectors.groupingBy(p -> p.levels().get(axis).text(), Collectors.counting()));
  }

  @Test
  void allCombinationsAreSimulatedOnce() {
    Exploration sweep = sweepOf(over(pes(1, 1), pes(2, 3)), over(window(1), window(2), window(4)));

    assertThat(sweep.complete()).isTrue();
    assertThat(sweep.points().stream().map(p -> p.levels().stream().map(Level::text).toList()))
        .containsExactly(
            List.of("1x1", "1"),
            List.of("1x1", "2"),
            List.of("1x1", "4"),
            List.of("2x3", "1"),
            List.of("2x3", "2"),
            List.of("2x3", "4"));
    assertThat(sweep.points()).extracting(Point::number).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
  }

  @Test
  void aPointHasTheFiguresOfItsSimulation() {
    Exploration sweep =
        sweepOf(
            over(pes(1, 2), pes(3, 2)),
            over(tile(2, 4), tile(4, 4)),
            over(filterOrder(NATURAL), filterOrder(DENSITY_SORTED)),
            over(twn("low"), policy("full")));

    assertThat(sweep.points()).hasSize(16).allMatch(Point::succeeded);
    for (Point point : sweep.points()) {
      Run run = point.settings().simulate();
      LayerResult total = run.totals().get(0);
      assertThat(point.figure(CYCLES)).isEqualTo((double) total.cycles());
      assertThat(point.figure(SPEEDUP)).isEqualTo(total.speedup());
      assertThat(point.figure(UTILIZATION)).isEqualTo(total.utilization());
      assertThat(point.figure(DRAM_BYTES)).isEqualTo((double) total.traffic().dram());
      assertThat(point.figure(ENERGY)).isEqualTo(run.totalEnergy().total().value() * 1e6);
      assertThat(point.figure(AREA)).isEqualTo(run.grid().area().total().value());
      assertThat(point.figure(PES)).isEqualTo(run.grid().pes().count());
    }
  }

  private static Policy twn(String name) {
    return policy(name, weights(ternary()));
  }

  @Test
  void policiesNetworksAndTensorsVaryAsGridsDo() {
    Network other = network("other", ifm(5, 8, 8), conv("a", filters(7), kernel(3)), relu());
    Exploration sweep =
        sweepOf(
            over(NET, other),
            over(ternary(), bits(8)),
            over(threshold(0), threshold(0.5)),
            over(synthetic(1, ifmDensity(0.2)), synthetic(1, ifmDensity(0.9))));

    assertThat(sweep.points()).hasSize(16).allMatch(Point::succeeded);
    for (Point point : sweep.points()) {
      Setting setting = point.settings();
      assertThat(setting.network().name()).isEqualTo(point.levels().get(0).text());
      assertThat(setting.policy().weights()).hasToString(point.levels().get(1).text());
      assertThat(setting.policy().activations().toString())
          .contains("threshold(" + point.levels().get(2).text() + ")");
      assertThat(setting.tensors()).hasToString(point.levels().get(3).text());
    }
  }

  private static Network wide(int filters) {
    return network("wide", ifm(5, 8, 8), conv("a", filters(filters), kernel(3)), relu());
  }

  @Test
  void aNetworkIsMadeOfEachValueOfItsParameter() {
    Exploration sweep = sweepOf(over("filters", SweepTest::wide, 4, 8, 32), over(pes(1, 1)));

    assertThat(sweep.axes().get(0).name()).isEqualTo("filters");
    assertThat(sweep.points()).hasSize(3).allMatch(Point::succeeded);
    for (Point point : sweep.points()) {
      int filters = Integer.parseInt(point.levels().get(0).text());
      Setting same = new Setting(wide(filters), TWN, point.settings().grid(), seed(3), inference());
      assertThat(point.figure(CYCLES)).isEqualTo((double) same.simulate().totals().get(0).cycles());
    }
    assertThat(sweep.table().column("filters").asList()).isEqualTo(List.of(4L, 8L, 32L));
  }

  @Test
  void aValueThatMakesNoNetworkIsARowWithItsError() {
    Axis sizes =
        over(
            "image",
            size -> network("n", ifm(5, size, size), conv("a", filters(2), kernel(5))),
            4,
            8);

    Exploration sweep = sweepOf(sizes, over(window(1), window(2)));

    assertThat(sweep.succeeded()).extracting(p -> p.levels().get(0).text()).containsOnly("8");
    assertThat(sweep.failed())
        .hasSize(2)
        .allSatisfy(p -> assertThat(p.failure()).contains("conv \"a\" has a window of 5x5"));
    assertThat(sweepOf(sizes, valid()).points()).hasSize(1);
  }

  @Test
  void aPointHasOneNetwork() {
    assertThatThrownBy(() -> Sweep.of("s", BASE, over(NET), over("filters", SweepTest::wide, 4)))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("2 networks per point: [network, filters]");
  }

  @Test
  void parametersOfAGridChangeTogether() {
    // Alone, either would be refused: a tile beyond the buffer, multipliers beyond the lanes.
    Grid small = grid("small", pes(1, 1), lanes(2), multipliers(1), tile(2, 2), ofmEntries(8));
    Exploration sweep =
        Sweep.of(
                "s",
                new Setting(NET, TWN, small, seed(3), inference()),
                over(tile(4, 4)),
                over(ofmEntries(16)),
                over(lanes(4)),
                over(multipliers(4)))
            .run();

    assertThat(sweep.points()).singleElement().matches(Point::succeeded);
  }

  @Test
  void aCombinationThatIsNoMachineIsARowWithItsError() {
    Exploration sweep = sweepOf(over(tile(2, 4), tile(8, 8)), over(ofmEntries(8), ofmEntries(64)));

    assertThat(sweep.complete()).isTrue();
    assertThat(sweep.succeeded()).hasSize(3);
    assertThat(sweep.failed())
        .singleElement()
        .satisfies(p -> assertThat(p.failure()).contains("tile(8, 8)", "ofmEntries is 8"));
    assertThat(sweep.listing().csv()).contains("ofmEntries is 8");
  }

  @Test
  void combinationsThatAreNoMachineCanBeLeftOut() {
    Exploration sweep =
        sweepOf(over(tile(2, 4), tile(8, 8)), over(ofmEntries(8), ofmEntries(64)), valid());

    assertThat(sweep.points()).hasSize(3).allMatch(Point::succeeded);
    assertThat(sweep.excluded()).containsExactly(Map.entry("valid", 1));
  }

  @Test
  void aSimulationThatFailsIsARowAndTheOthersGoOn() {
    // So many pairs per block are not countable, which only the engine knows.
    Exploration sweep =
        Sweep.of(
                "s",
                new Setting(
                    network("n", ifm(64, 300, 300), conv("c", filters(400), kernel(1))),
                    TWN,
                    DLAC,
                    synthetic(1, ifmDensity(0.01)),
                    inference()),
                over(tile(2, 4), tile(400, 90_000)),
                over(window(1), window(2)))
            .run();

    assertThat(sweep.succeeded()).hasSize(2);
    assertThat(sweep.failed())
        .hasSize(2)
        .allSatisfy(p -> assertThat(p.failure()).contains("pairs per block"));
  }

  @Test
  void constraintsLeaveCombinationsOutAndSayHowMany() {
    Exploration sweep =
        sweepOf(
            over(pes(1, 1), pes(2, 2), pes(4, 4)),
            over(window(1), window(2)),
            where("few PEs", p -> p.grid().pes().count() <= 4),
            where("wide window", p -> p.grid().window() > 1));

    assertThat(sweep.points()).hasSize(2);
    assertThat(sweep.excluded()).isEqualTo(Map.of("few PEs", 2, "wide window", 2));
    assertThatThrownBy(() -> sweepOf(over(window(1)), where("none", p -> false)))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("no combination")
        .hasMessageContaining("none=1");
  }

  @Test
  void budgetsOfAreaAndPesNeedNoSimulation() {
    Axis pes = over(pes(1, 1), pes(2, 2), pes(4, 4));
    double area = grid("two", DLAC, pes(2, 2)).area().total().value();

    assertThat(sweepOf(pes, where(atMost(AREA, area))).points())
        .extracting(p -> p.levels().get(0).text())
        .containsExactly("1x1", "2x2");
    assertThat(sweepOf(pes, where(atLeast(PES, 4))).points())
        .extracting(p -> p.levels().get(0).text())
        .containsExactly("2x2", "4x4");
    assertThatThrownBy(() -> where(atMost(CYCLES, 1e6)))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("where(cycles at most 1,000,000)")
        .hasMessageContaining("best(CYCLES, budget)");
  }

  @Test
  void aConstraintThatFailsMakesARowWithItsError() {
    Exploration sweep =
        sweepOf(
            over(window(1), window(2)),
            where(
                "mine",
                p -> {
                  if (p.grid().window() == 2) {
                    throw new IllegalStateException("oops");
                  }
                  return true;
                }));

    assertThat(sweep.succeeded()).hasSize(1);
    assertThat(sweep.failed())
        .singleElement()
        .satisfies(p -> assertThat(p.failure()).contains("where(\"mine\", ...) fails", "oops"));
  }

  @Test
  void aRandomSampleHasNoCombinationTwiceAndIsTheSameForItsSeed() {
    Sweep sweep =
        Sweep.of(
            "s",
            BASE,
            over(window(1), window(2), window(3), window(4), window(5)),
            over(drainWidth(1), drainWidth(2), drainWidth(3), drainWidth(4)),
            over(sync(0), sync(1)),
            randomSample(15, 9));

    List<Long> numbers = sweep.points().points().stream().map(Point::number).toList();

    assertThat(numbers).hasSize(15).doesNotHaveDuplicates();
    assertThat(sweep.points().points().stream().map(Point::number)).isEqualTo(numbers);
    assertThat(
            Sweep.of("s", BASE, over(window(1), window(2)), randomSample(9, 1)).points().points())
        .as("as many as there are")
        .hasSize(2);
  }

  @Test
  void aLatinHypercubeMeetsEachStratumOnce() {
    for (int seed = 0; seed < 20; seed++) {
      for (int[] sizes : new int[][] {{12, 12, 12}, {3, 4, 12}, {5, 7, 1}}) {
        List<int[]> drawn = new Sampling.LatinHypercube(12, seed).draw(sizes);
        for (int axis = 0; axis < sizes.length; axis++) {
          int[] met = new int[sizes[axis]];
          for (int[] point : drawn) {
            met[point[axis]]++;
          }
          for (int count : met) {
            assertThat(count).isBetween(12 / sizes[axis], (12 + sizes[axis] - 1) / sizes[axis]);
          }
        }
      }
    }
  }

  @Test
  void aLatinHypercubeOfASweepMeetsItsValuesEvenly() {
    Exploration sweep =
        sweepOf(
            over(window(1), window(2), window(3), window(4), window(5), window(6)),
            over(drainWidth(1), drainWidth(2), drainWidth(3)),
            over(sync(0), sync(1)),
            latinHypercube(6, 4));

    assertThat(howOften(sweep, 0).values()).hasSize(6).containsOnly(1L);
    assertThat(howOften(sweep, 1).values()).hasSize(3).containsOnly(2L);
    assertThat(howOften(sweep, 2).values()).hasSize(2).containsOnly(3L);
  }

  @Test
  void whatAnOverMayHoldIsSaid() {
    assertThatThrownBy(() -> over(window(1), lanes(2)))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("over(...) mixes parameters");
    assertThatThrownBy(() -> over(window(1), window(1)))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("window has 1 twice");
    assertThatThrownBy(() -> Sweep.of("s", BASE, over(window(1)), over(window(2))))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("varies window twice");
    assertThatThrownBy(
            () -> Sweep.of("s", BASE, over(window(1)), randomSample(1, 1), latinHypercube(1, 1)))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("two samples");
  }

  @Test
  void tooManyCombinationsAskForASample() {
    Grid.Option[] windows = new Grid.Option[1001];
    Grid.Option[] drains = new Grid.Option[1000];
    for (int i = 0; i < 1000; i++) {
      windows[i] = window(i + 1);
      drains[i] = drainWidth(i + 1);
    }
    windows[1000] = window(1001);

    assertThatThrownBy(() -> sweepOf(over(windows), over(drains)))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("1001000 combinations")
        .hasMessageContaining("randomSample");
    assertThat(sweepOf(over(windows), over(drains), randomSample(3, 1)).points()).hasSize(3);
  }

  @Test
  void aNameThatAColumnOfTheTableHasIsRefusedBeforeTheSweep() {
    for (String name : List.of("cycles", "Cycles", "point", "ERROR", "accuracy", "area (mm2)")) {
      assertThatThrownBy(() -> Sweep.of("s", BASE, over(name, SweepTest::wide, 4, 8)))
          .isInstanceOf(DlacException.class)
          .hasMessageContaining("varies \"" + name + "\"")
          .hasMessageContaining("over(\"" + name + " wanted\", ...)");
    }
    assertThatThrownBy(
            () -> Sweep.of("s", BASE, over(window(1)), over("Window", SweepTest::wide, 4)))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("varies Window twice");
  }

  @Test
  void tensorsDifferInNameWhereTheyDiffer() {
    Axis tensors =
        over(
            seed(1),
            synthetic(1, batch(4)),
            synthetic(1, samples(4)),
            synthetic(1, ifmDensity(0.3)),
            synthetic(1, ifmDensity(0.3001)),
            synthetic(1, weightDensity(0.3)),
            synthetic(1, weightDensity(0.3001)),
            synthetic(1, gradientDensity(0.3)),
            synthetic(1, gradientDensity(0.4)));
    Trained lenet = trained("lenet5");

    assertThat(tensors.levels()).hasSize(9);
    assertThat(over(lenet.images(8), lenet.images(8).batch(4)).levels()).hasSize(2);
  }

  @Test
  void tensorsThatBreakTheJvmsLimitsAreRows() {
    for (Error thrown : List.of(new StackOverflowError("x"), new NoClassDefFoundError("x"))) {
      Source broken =
          (network, policy) -> {
            throw thrown;
          };

      Exploration sweep =
          Sweep.of(
                  "s", new Setting(NET, TWN, DLAC, broken, inference()), over(window(1), window(2)))
              .run();

      assertThat(sweep.failed())
          .hasSize(2)
          .allSatisfy(p -> assertThat(p.failure()).contains(thrown.toString()));
    }
  }

  @Test
  void aGridThatFailsIsFoundByHalves() {
    AtomicInteger simulations = new AtomicInteger();
    Source counted =
        (network, policy) -> {
          simulations.incrementAndGet();
          return synthetic(1, ifmDensity(0.01)).bind(network, policy);
        };
    Network large = network("n", ifm(1300, 36, 37), conv("c", filters(1300), kernel(1)));
    Grid blocks = grid("g", pes(1, 1), blockSize(1344), ofmEntries(1 << 21), tile(100, 100));
    List<Grid> grids = new ArrayList<>();
    for (int i = 0; i < 32; i++) {
      // So many pairs per block are not countable, which only the engine knows.
      grids.add(grid("g", blocks, i == 21 ? tile(1300, 1332) : window(1 + i)));
    }

    List<Result> results =
        Work.Batch.simulate(new Workload(large, TWN, counted, inference()), grids);

    assertThat(results).hasSize(32);
    for (int i = 0; i < 32; i++) {
      assertThat(results.get(i).figures().isEmpty()).isEqualTo(i == 21);
    }
    // A whole, and two of each size down to one.
    assertThat(simulations).hasValueLessThanOrEqualTo(1 + 2 * 5);
  }

  private static Grid.Option[] windows(int count) {
    return IntStream.rangeClosed(1, count).mapToObj(Dlac::window).toArray(Grid.Option[]::new);
  }

  @Test
  void eachWorkloadHasBatchesOfItsOwnSize() {
    Network other = network("other", ifm(5, 8, 8), conv("a", filters(7), kernel(3)), relu());
    Map<String, List<Integer>> sizes = new HashMap<>();
    Cluster recorded =
        work -> {
          for (Work.Batch batch = work.next(); batch != null; batch = work.next()) {
            sizes
                .computeIfAbsent(batch.workload().network().name(), n -> new ArrayList<>())
                .add(batch.points().size());
            work.done(batch, batch.simulate());
          }
        };

    sweepOf(over(NET, other), over(windows(40)), on(recorded));

    assertThat(sizes.get("net")).startsWith(8);
    assertThat(sizes.get("other")).startsWith(8);
  }

  @Test
  void theTimeOfAnAccuracyMakesNoBatchSmaller() {
    List<Integer> sizes = new ArrayList<>();
    Cluster recorded =
        work -> {
          for (Work.Batch batch = work.next(); batch != null; batch = work.next()) {
            sizes.add(batch.points().size());
            work.done(batch, batch.simulate());
          }
        };

    sweepOf(
        over(windows(40)),
        accuracy(
            "slow",
            policy -> {
              LockSupport.parkNanos(2_500_000_000L);
              return 0.5;
            }),
        on(recorded));

    assertThat(sizes).startsWith(8, 16);
  }

  /** Tensors whose equality would look at all of their values. */
  private static final class Large implements Source {
    @Override
    public Operands bind(Network network, Policy policy) {
      return seed(1).bind(network, policy);
    }

    @Override
    public int hashCode() {
      throw new IllegalStateException("all weights are hashed");
    }

    @Override
    public boolean equals(Object other) {
      throw new IllegalStateException("all weights are compared");
    }
  }

  @Test
  void noPointLooksAtAllValuesOfItsTensors() {
    Exploration sweep =
        Sweep.of(
                "s",
                new Setting(NET, TWN, DLAC, new Large(), inference()),
                over(windows(40)),
                over(ternary(), bits(8)))
            .run();

    assertThat(sweep.succeeded()).hasSize(80);
  }

  @Test
  void aRandomSampleThatConstraintsMakeTooRareIsRefused() {
    Sweep rare =
        Sweep.of(
            "s",
            BASE,
            over(windows(200)),
            where("one", p -> p.grid().window() == 50),
            randomSample(2, 1));

    assertThat(rare.points(200).points()).as("all that there are").hasSize(1);
    assertThatThrownBy(() -> rare.points(199))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("randomSample(2, 1) of sweep \"s\" has found")
        .hasMessageContaining("the first 199 combinations")
        .hasMessageContaining("loosen a constraint");
  }
}
