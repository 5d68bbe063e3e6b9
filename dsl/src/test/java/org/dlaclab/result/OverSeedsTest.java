package org.dlaclab.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.dlaclab.Dlac.*;
import static org.dlaclab.error.Refusals.assertRefused;

import java.util.List;
import java.util.stream.LongStream;
import org.dlaclab.grid.Grid;
import org.dlaclab.network.Network;
import org.dlaclab.plot.Series;
import org.dlaclab.quant.Policy;
import org.junit.jupiter.api.Test;
import tech.tablesaw.api.Table;

class OverSeedsTest {
  private static final Network LENET = zoo("lenet5");
  private static final Policy TWN = policy("twn", weights(ternary()));
  private static final Grid DLAC = grid("dlac", pes(2, 4));
  private static final OverSeeds THREE = seeds(1, 2, 3);

  private static Run run(long seed) {
    return simulate(LENET, TWN, DLAC, synthetic(seed, samples(2)));
  }

  private static OverSeeds seeds(long... seeds) {
    return overSeeds(LongStream.of(seeds).mapToObj(OverSeedsTest::run).toArray(Run[]::new));
  }

  @Test
  void aSeedCountsOnceHoweverManySamplesItHas() {
    assertThat(THREE.totalSpeedup())
        .isEqualTo(
            Spread.of(
                run(1).totalSpeedup().mean(),
                run(2).totalSpeedup().mean(),
                run(3).totalSpeedup().mean()));
    assertThat(THREE.layerSpeedup("conv2").mean())
        .isCloseTo(
            LongStream.of(1, 2, 3)
                .mapToDouble(seed -> run(seed).layerSpeedup("conv2").mean())
                .average()
                .orElseThrow(),
            within(1e-12));
  }

  @Test
  void equalSeedsHaveAnIntervalOfNoWidth() {
    Spread same = seeds(7, 7).totalSpeedup();
    assertThat(same.low()).isEqualTo(same.high()).isEqualTo(run(7).totalSpeedup().mean());
    assertThat(seeds(7, 7).table().numberColumn("sd over seeds").asDoubleArray()).containsOnly(0);
  }

  @Test
  void oneSeedHasNoIntervalAndSaysSo() {
    OverSeeds one = seeds(1);
    assertThat(one.headline()).contains("1 seed", "one seed: no interval");
    assertThat(one.table().columnNames()).doesNotContain("95% low", "95% high");
    assertThat(one.speedup().series().get(0).low()).isNull();
  }

  @Test
  void theTableHasWhatSeedsAndWhatImagesChange() {
    Table table = THREE.table();
    assertThat(table.columnNames())
        .containsExactly(
            "layer", "speedup", "95% low", "95% high", "sd over seeds", "sd over images");
    assertThat(table.stringColumn("layer").asList())
        .containsExactly("conv1", "conv2", "fc1", "fc2", "fc3", "total");
    double squares = 0;
    for (long seed : new long[] {1, 2, 3}) {
      squares += Math.pow(run(seed).totalSpeedup().sd(), 2);
    }
    assertThat(table.numberColumn("sd over images").getDouble(5))
        .isCloseTo(Math.sqrt(squares / 3), within(1e-12));
    assertThat(table.numberColumn("sd over seeds").getDouble(5))
        .isEqualTo(THREE.totalSpeedup().sd());
  }

  @Test
  void chartsAndTablesOfTrainingGoPassByPass() {
    Run one = simulate(LENET, TWN, DLAC, seed(1), training());
    Run two = simulate(LENET, TWN, DLAC, seed(2), training());
    OverSeeds both = overSeeds(one, two);
    assertThat(both.table().stringColumn("pass").asList())
        .isEqualTo(one.table().stringColumn("pass").asList());
    List<Series> series = both.speedup().series();
    assertThat(series.stream().map(Series::name))
        .allMatch(name -> name.endsWith("95 % interval over seeds"))
        .hasSize(3);
    assertThat(series.get(1).values().get(0)).as("conv1 has no dgrad").isNaN();
    assertThat(series.get(2).values().get(5))
        .isEqualTo(both.of(Passes.WGRAD).totalSpeedup().mean());
  }

  @Test
  void runsDifferInTheirTensorsAlone() {
    assertRefused(OverSeedsTest::seeds, "no run", "a run per seed");
    assertRefused(
        () -> overSeeds(run(1), simulate(LENET, TWN, grid("other", pes(1, 4)), seed(1))),
        "run 2",
        "not the grid of run 1",
        "tensors alone");
    assertRefused(
        () -> overSeeds(run(1), simulate(zoo("resnet20"), TWN, DLAC, seed(1))),
        "not the network of run 1");
    assertRefused(
        () -> overSeeds(run(1), simulate(LENET, TWN, DLAC, seed(1), training())),
        "not the passes of run 1");
  }
}
