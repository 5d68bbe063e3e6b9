package org.dlaclab.sim;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CancellationException;
import org.dlaclab.grid.Grid;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.operand.Operands;
import org.dlaclab.operand.Source;
import org.dlaclab.progress.Progress;
import org.dlaclab.quant.Policy;
import org.dlaclab.quant.Quantizer;
import org.dlaclab.result.Pass;
import org.dlaclab.result.Passes;
import org.dlaclab.result.Rerun;
import org.dlaclab.result.Watcher;
import org.dlaclab.tensor.BitMatrix;

/** A run's inputs, from which its layers are made and simulated again. */
record Again(Network network, Policy policy, Grid grid, Source source) implements Rerun {
  @Override
  public void watch(Set<String> layers, Passes passes, int samples, Watcher watcher) {
    Map<String, Quantizer> quantizers = policy.assign(network);
    Map<String, Policy.Widths> widths = policy.widths(network, grid.precision().bits());
    Map<Node, Set<Pass>> work = new LinkedHashMap<>(Simulator.work(network, passes));
    work.keySet().removeIf(layer -> !layers.contains(layer.name()));
    Map<String, BitMatrix> weights = new HashMap<>();
    try (Operands operands = source.bind(network, policy);
        Progress progress =
            Progress.of(
                "watch the PEs of " + network.name() + ", layers", (long) samples * work.size())) {
      for (int i = 0; i < samples; i++) {
        Operands.Sample sample = operands.sample(i);
        for (Map.Entry<Node, Set<Pass>> entry : work.entrySet()) {
          if (Thread.interrupted()) {
            throw new CancellationException("watching " + network.name() + " was cancelled");
          }
          Node layer = entry.getKey();
          watcher.layer(i, layer.name());
          LayerProducts products =
              LayerProducts.of(
                  layer,
                  Objects.requireNonNull(quantizers.get(layer.name())),
                  operands.isMask(layer),
                  Map.of(grid.precision(), Objects.requireNonNull(widths.get(layer.name()))),
                  operands.batch(),
                  weights.computeIfAbsent(layer.name(), name -> operands.weights(layer)),
                  sample,
                  entry.getValue());
          watch(products, entry.getValue(), watcher);
          progress.step();
        }
      }
    }
  }

  /** Pass after pass, and in each of them group after group. */
  private void watch(LayerProducts products, Set<Pass> passes, Watcher watcher) {
    Footprint.Tiling tiling = Footprint.Tiling.of(grid);
    long[] now = {0};
    for (Pass of : passes) {
      int all = new Lowering(products.layer()).products(of);
      int[] number = {0};
      products.each(
          Set.of(of),
          Set.of(tiling),
          (pass, product, widths, footprints) -> {
            number[0]++;
            String name = pass + (all == 1 ? "" : ", part " + number[0] + " of " + all);
            now[0] =
                new Steps(
                        product,
                        Objects.requireNonNull(widths.get(grid.precision())),
                        footprints.apply(tiling),
                        grid,
                        name,
                        now[0],
                        watcher)
                    .run();
          });
    }
  }
}
