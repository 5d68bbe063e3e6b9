package org.dlaclab.sim;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import org.dlaclab.error.DlacException;
import org.dlaclab.grid.Grid;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.operand.Operands;
import org.dlaclab.operand.Source;
import org.dlaclab.progress.Progress;
import org.dlaclab.quant.Policy;
import org.dlaclab.quant.Quantizer;
import org.dlaclab.result.Density;
import org.dlaclab.result.LayerResult;
import org.dlaclab.result.ProductResult;
import org.dlaclab.result.Run;
import org.dlaclab.result.Tally;
import org.dlaclab.tensor.BitMatrix;

/** Runs a network on a grid, layer by layer and sample by sample. */
public final class Simulator {
  private Simulator() {}

  /** Times one masked product on {@code grid}. */
  public static ProductResult run(MaskedProduct product, Grid grid) {
    return new ProductResult(
        grid,
        product.rows().rows(),
        product.columns().rows(),
        product.rows().columns(),
        Engine.run(product, grid));
  }

  /**
   * Times every grid layer of {@code network} on every sample of {@code source}. The IFM mask of
   * one layer is held at a time. Interrupting the thread cancels.
   *
   * @throws DlacException if the network has no grid layer, if a rule of the policy matches none,
   *     or if the source does not fit the network
   * @throws CancellationException if the thread was interrupted
   */
  public static Run run(Network network, Policy policy, Grid grid, Source source) {
    Map<String, Quantizer> quantizers = policy.assign(network);
    List<Node> layers = network.gridLayers();
    if (layers.isEmpty()) {
      throw new DlacException(
          "network \"" + network.name() + "\" has nothing that runs on a grid",
          "a convolution or a fully connected layer",
          "add conv(...) or fc(...)");
    }
    List<List<LayerResult>> samples = new ArrayList<>();
    // Over many samples weights are asked for once: a bit each, they are small beside what they
    // come from.
    Map<String, BitMatrix> weights = new HashMap<>();
    try (Operands operands = source.bind(network, policy);
        Progress progress =
            Progress.of(
                "simulate " + network.name() + ", layers",
                (long) operands.samples() * layers.size())) {
      for (int i = 0; i < operands.samples(); i++) {
        Operands.Sample sample = operands.sample(i);
        List<LayerResult> results = new ArrayList<>();
        for (Node layer : layers) {
          if (Thread.interrupted()) {
            throw new CancellationException(
                "simulate("
                    + network.name()
                    + ") was cancelled at sample "
                    + (i + 1)
                    + " of "
                    + operands.samples());
          }
          BitMatrix mask =
              operands.samples() == 1
                  ? operands.weights(layer)
                  : weights.computeIfAbsent(layer.name(), name -> operands.weights(layer));
          results.add(
              layer(
                  layer,
                  Objects.requireNonNull(quantizers.get(layer.name())),
                  operands.isMask(layer),
                  grid,
                  operands.batch(),
                  mask,
                  sample));
          progress.step();
        }
        samples.add(results);
      }
      return new Run(
          network.name(), policy.toString(), grid, operands.origin(), operands.batch(), samples);
    }
  }

  private static LayerResult layer(
      Node layer,
      Quantizer quantizer,
      boolean isMask,
      Grid grid,
      int batch,
      BitMatrix weights,
      Operands.Sample sample) {
    Lowering lowering = new Lowering(layer);
    lowering.requireHeap(batch);
    BitMatrix ifm = sample.ifm(layer);
    Tally tally = Tally.none();
    for (int group = 0; group < lowering.groups(); group++) {
      tally =
          tally.plus(
              Engine.run(
                  lowering.product(group, weights, ifm, isMask || quantizer.multiplierFree()),
                  grid));
    }
    return new LayerResult(
        layer.name(),
        isMask ? "mask" : quantizer.toString(),
        density(weights),
        density(ifm),
        Density.of(sample.ofmDensity(layer), (double) batch * layer.ofm().size()),
        grid.skip(),
        tally);
  }

  private static Density density(BitMatrix mask) {
    return new Density(mask.ones(), (double) mask.rows() * mask.columns());
  }
}
