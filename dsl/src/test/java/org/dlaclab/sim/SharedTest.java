package org.dlaclab.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.dlaclab.Dlac.*;

import java.util.ArrayList;
import java.util.List;
import org.dlaclab.grid.Grid;
import org.dlaclab.network.Network;
import org.dlaclab.quant.Policy;
import org.dlaclab.result.Run;
import org.dlaclab.testing.RandomCases;
import org.junit.jupiter.api.Test;

/** Many grids at once, against each grid alone, which counts for itself. */
class SharedTest {
  private static final Network NETWORK =
      network(
          "net",
          ifm(6, 11, 9),
          conv("strided", filters(12), kernel(3), stride(2), pad(1)),
          relu(),
          conv("grouped", filters(8), kernel(3, 1), pad(1, 0), groups(2)),
          batchNorm(),
          relu(),
          conv("pointwise", filters(70), kernel(1)),
          relu(),
          flatten(),
          fc("fc", 10));

  private static final Policy POLICY =
      policy("mixed", weights(ternary()), except(last(), bits(4)), activations(kBit(4)));

  @Test
  void manyGridsTakeWhatEachTakesAlone() {
    List<Grid> grids = new ArrayList<>();
    for (int seed = 0; seed < 60; seed++) {
      // Twice in a row the same cut, so that counts are shared.
      Grid grid = RandomCases.conv(seed).grid();
      grids.add(grid);
      grids.add(grid.with(pes(1 + seed % 3, 2), window(1 + seed % 5), sync(seed % 4)));
    }
    var tensors = synthetic(7, samples(2), batch(2), weightDensity(0.6), ifmDensity(0.4));

    List<Run> together = Simulator.runAll(NETWORK, POLICY, grids, tensors, training());
    List<Run> totals = Simulator.totals(NETWORK, POLICY, grids, tensors, training());

    for (int g = 0; g < grids.size(); g++) {
      assertThat(together.get(g))
          .as("%s", grids.get(g))
          .isEqualTo(simulate(NETWORK, POLICY, grids.get(g), tensors, training()));
      assertThat(totals.get(g).totals()).isEqualTo(together.get(g).totals());
      assertThat(totals.get(g).layers()).hasSize(1);
    }
  }
}
