package org.dlaclab.sim;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
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
import org.dlaclab.result.Pass;
import org.dlaclab.result.Passes;
import org.dlaclab.result.ProductResult;
import org.dlaclab.result.Run;
import org.dlaclab.result.Tally;
import org.dlaclab.tensor.BitMatrix;

/** Runs a network on a grid, layer by layer and sample by sample. */
public final class Simulator {
  private static final BitMatrix NO_GRADIENT = BitMatrix.of(0, 0, new long[0]);

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

  /** Times the forward pass; see {@link #run(Network, Policy, Grid, Source, Passes)}. */
  public static Run run(Network network, Policy policy, Grid grid, Source source) {
    return run(network, policy, grid, source, Passes.FORWARD);
  }

  /**
   * Times these passes of every grid layer of {@code network} on every sample of {@code source}.
   * The masks of one layer are held at a time. Interrupting the thread cancels.
   *
   * <p>A layer has a dgrad if something before it is trained (the gradient of the network's input
   * is of no use) and its windows reach its IFM at all.
   *
   * @throws DlacException if the network has no grid layer, or none with such a pass, if a rule of
   *     the policy matches none, if the source does not fit the network, or if it has no gradients
   *     and a pass needs them
   * @throws CancellationException if the thread was interrupted
   */
  public static Run run(Network network, Policy policy, Grid grid, Source source, Passes passes) {
    Map<String, Quantizer> quantizers = policy.assign(network);
    List<Node> layers = network.gridLayers();
    if (layers.isEmpty()) {
      throw new DlacException(
          "network \"" + network.name() + "\" has nothing that runs on a grid",
          "a convolution or a fully connected layer",
          "add conv(...) or fc(...)");
    }
    BitSet trained = trainedBefore(network);
    Map<Node, Set<Pass>> work = new LinkedHashMap<>();
    for (Node layer : layers) {
      Set<Pass> some = EnumSet.copyOf(passes.all());
      if (!trained.get(layer.index()) || new Lowering(layer).phases().isEmpty()) {
        some.remove(Pass.DGRAD);
      }
      if (!some.isEmpty()) {
        work.put(layer, some);
      }
    }
    if (work.isEmpty()) {
      throw new DlacException(
          "no layer of \"" + network.name() + "\" has a dgrad",
          "a layer with another one to train before it",
          "simulate training(), of which each layer has a part");
    }
    Map<String, Policy.Widths> widths = policy.widths(network, grid.precision().bits());
    List<List<LayerResult>> samples = new ArrayList<>();
    // Over many samples weights are asked for once: a bit each, they are small beside what they
    // come from.
    Map<String, BitMatrix> weights = new HashMap<>();
    try (Operands operands = source.bind(network, policy);
        Progress progress =
            Progress.of(
                "simulate " + network.name() + ", layers",
                (long) operands.samples() * work.size())) {
      for (int i = 0; i < operands.samples(); i++) {
        Operands.Sample sample = operands.sample(i);
        List<LayerResult> results = new ArrayList<>();
        for (Map.Entry<Node, Set<Pass>> entry : work.entrySet()) {
          Node layer = entry.getKey();
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
                  Objects.requireNonNull(widths.get(layer.name())),
                  grid,
                  operands.batch(),
                  mask,
                  sample,
                  entry.getValue()));
          progress.step();
        }
        samples.add(results);
      }
      String gradients = passes.equals(Passes.FORWARD) ? "" : operands.gradientOrigin();
      return new Run(
          network.name(),
          policy.toString(),
          grid,
          operands.origin() + (gradients.isEmpty() ? "" : ", " + gradients),
          operands.batch(),
          samples);
    }
  }

  /** By index of node: whether a node before it has parameters, whose gradients come through it. */
  private static BitSet trainedBefore(Network network) {
    BitSet trained = new BitSet();
    for (Node node : network.nodes()) {
      for (int input : node.inputs()) {
        if (input != Node.INPUT
            && (trained.get(input) || network.nodes().get(input).parameters() > 0)) {
          trained.set(node.index());
        }
      }
    }
    return trained;
  }

  private static LayerResult layer(
      Node layer,
      Quantizer quantizer,
      boolean isMask,
      Policy.Widths widths,
      Grid grid,
      int batch,
      BitMatrix weights,
      Operands.Sample sample,
      Set<Pass> passes) {
    Lowering lowering = new Lowering(layer);
    lowering.requireHeap(batch, passes);
    boolean backward = passes.contains(Pass.DGRAD) || passes.contains(Pass.WGRAD);
    BitMatrix gradient = backward ? sample.ofmGradient(layer) : NO_GRADIENT;
    BitMatrix ifm = sample.ifm(layer);
    boolean multiplierFree = isMask || quantizer.multiplierFree();
    int weightBits = isMask ? Widths.TERNARY : widths.weights();
    int full = grid.precision().bits();
    long width = Memory.columnsPerPass(grid);
    boolean ones = Engine.countsOnes(grid);
    Map<Pass, Tally> tallies = new EnumMap<>(Pass.class);
    passes.forEach(pass -> tallies.put(pass, Tally.none()));
    for (int group = 0; group < lowering.groups(); group++) {
      if (passes.contains(Pass.FORWARD) || passes.contains(Pass.WGRAD)) {
        Lowering.Columns windows = lowering.windows(group, ifm, width, ones);
        if (passes.contains(Pass.FORWARD)) {
          Tally tally =
              Engine.run(
                  lowering.forward(group, weights, windows.bits(), multiplierFree),
                  new Widths(weightBits, widths.ifm(), widths.ofm()),
                  windows.footprint(),
                  grid);
          tallies.merge(Pass.FORWARD, tally, Tally::plus);
        }
        if (passes.contains(Pass.WGRAD)) {
          Tally tally =
              Engine.run(
                  lowering.wgrad(group, gradient, windows.bits()),
                  new Widths(full, widths.ifm(), full),
                  lowering.wgradFootprint(group, ifm, width, ones),
                  grid);
          tallies.merge(Pass.WGRAD, tally, Tally::plus);
        }
      }
      if (passes.contains(Pass.DGRAD)) {
        for (Lowering.Phase phase : lowering.phases()) {
          Lowering.Columns reached = lowering.reached(group, phase, gradient, width, ones);
          Tally tally =
              Engine.run(
                  lowering.dgrad(group, phase, weights, reached.bits(), multiplierFree),
                  new Widths(weightBits, full, full),
                  reached.footprint(),
                  grid);
          tallies.merge(Pass.DGRAD, tally, Tally::plus);
        }
      }
    }
    return new LayerResult(
        layer.name(),
        isMask ? "mask" : quantizer.toString(),
        density(weights),
        density(ifm),
        Density.of(sample.ofmDensity(layer), (double) batch * layer.ofm().size()),
        density(gradient),
        grid.skip(),
        tallies);
  }

  private static Density density(BitMatrix mask) {
    return new Density(mask.ones(), (double) mask.rows() * mask.columns());
  }
}
