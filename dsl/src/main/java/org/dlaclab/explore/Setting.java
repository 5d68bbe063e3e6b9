package org.dlaclab.explore;

import org.dlaclab.grid.Grid;
import org.dlaclab.network.Network;
import org.dlaclab.operand.Source;
import org.dlaclab.quant.Policy;
import org.dlaclab.result.Passes;
import org.dlaclab.result.Run;
import org.dlaclab.sim.Simulator;

/** What one simulation takes. */
public record Setting(Network network, Policy policy, Grid grid, Source tensors, Passes passes) {

  /** Simulates it, layer by layer: what a sweep keeps of it are totals. */
  public Run simulate() {
    return Simulator.run(network, policy, grid, tensors, passes);
  }

  /** All but the grid: settings that share it share the counting. */
  Workload workload() {
    return new Workload(network, policy, tensors, passes);
  }

  /** For example {@code resnet50, policy twn: ..., on dlac}. */
  @Override
  public String toString() {
    return network.name() + ", policy " + policy.name() + ", on " + grid.name();
  }
}
