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
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.dlaclab.error.DlacException;
import org.dlaclab.grid.Grid;
import org.dlaclab.grid.Precision;
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
    return runAll(network, policy, List.of(grid), source, passes).get(0);
  }

  /**
   * As {@link #run(Network, Policy, Grid, Source, Passes)}, on several grids: operands are made and
   * layers lowered once for all of them, and pairs counted once for those of equal tile, block size
   * and filter order. Beside what one simulation holds, this takes up to 64 MiB of counts.
   *
   * @return a run per grid, equal to that of the grid alone
   */
  public static List<Run> runAll(
      Network network, Policy policy, List<Grid> grids, Source source, Passes passes) {
    return runAll(network, policy, grids, source, passes, false);
  }

  /**
   * As {@link #runAll}, for who needs nothing but {@link Run#totals}, which are the same: a run has
   * one layer, in which all are taken together, and so takes no more memory for more layers.
   */
  public static List<Run> totals(
      Network network, Policy policy, List<Grid> grids, Source source, Passes passes) {
    return runAll(network, policy, grids, source, passes, true);
  }

  private static List<Run> runAll(
      Network network,
      Policy policy,
      List<Grid> grids,
      Source source,
      Passes passes,
      boolean together) {
    Map<String, Quantizer> quantizers = policy.assign(network);
    if (network.gridLayers().isEmpty()) {
      throw new DlacException(
          "network \"" + network.name() + "\" has nothing that runs on a grid",
          "a convolution or a fully connected layer",
          "add conv(...) or fc(...)");
    }
    Map<Node, Set<Pass>> work = work(network, passes);
    if (work.isEmpty()) {
      throw new DlacException(
          "no layer of \"" + network.name() + "\" has a dgrad",
          "a layer with another one to train before it",
          "simulate training(), of which each layer has a part");
    }
    Map<Precision, Map<String, Policy.Widths>> widths = new EnumMap<>(Precision.class);
    for (Grid grid : grids) {
      widths.computeIfAbsent(grid.precision(), p -> policy.widths(network, p.bits()));
    }
    List<List<List<LayerResult>>> samples = new ArrayList<>();
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
        List<List<LayerResult>> results = new ArrayList<>();
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
          LayerProducts products =
              LayerProducts.of(
                  layer,
                  Objects.requireNonNull(quantizers.get(layer.name())),
                  operands.isMask(layer),
                  of(layer, widths),
                  operands.batch(),
                  mask,
                  sample,
                  entry.getValue());
          List<LayerResult> perGrid =
              layer(products, grids, operands.batch(), sample, entry.getValue());
          if (together && !results.isEmpty()) {
            results.set(0, and(results.get(0), perGrid));
          } else {
            results.add(perGrid);
          }
          progress.step();
        }
        samples.add(results);
      }
      String gradients = passes.equals(Passes.FORWARD) ? "" : operands.gradientOrigin();
      String origin = operands.origin() + (gradients.isEmpty() ? "" : ", " + gradients);
      int batch = operands.batch();
      return IntStream.range(0, grids.size())
          .mapToObj(
              g ->
                  new Run(
                      network.name(),
                      policy.toString(),
                      grids.get(g),
                      origin,
                      batch,
                      samples.stream()
                          .map(
                              sample ->
                                  sample.stream().map(l -> l.get(g)).collect(Collectors.toList()))
                          .collect(Collectors.toList()),
                      together
                          ? Optional.empty()
                          : Optional.of(new Again(network, policy, grids.get(g), source))))
          .collect(Collectors.toList());
    }
  }

  /** The grid layers that have one of these passes, and which of them. */
  static Map<Node, Set<Pass>> work(Network network, Passes passes) {
    BitSet trained = trainedBefore(network);
    Map<Node, Set<Pass>> work = new LinkedHashMap<>();
    for (Node layer : network.gridLayers()) {
      Set<Pass> some = EnumSet.copyOf(passes.all());
      if (!trained.get(layer.index()) || new Lowering(layer).phases().isEmpty()) {
        some.remove(Pass.DGRAD);
      }
      if (!some.isEmpty()) {
        work.put(layer, some);
      }
    }
    return work;
  }

  private static List<LayerResult> and(List<LayerResult> first, List<LayerResult> next) {
    return IntStream.range(0, first.size())
        .mapToObj(g -> first.get(g).and(next.get(g)))
        .collect(Collectors.toList());
  }

  private static Map<Precision, Policy.Widths> of(
      Node layer, Map<Precision, Map<String, Policy.Widths>> widths) {
    Map<Precision, Policy.Widths> of = new EnumMap<>(Precision.class);
    widths.forEach((p, all) -> of.put(p, Objects.requireNonNull(all.get(layer.name()))));
    return of;
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

  /** A result per grid. */
  private static List<LayerResult> layer(
      LayerProducts products,
      List<Grid> grids,
      int batch,
      Operands.Sample sample,
      Set<Pass> passes) {
    Set<Footprint.Tiling> tilings =
        grids.stream().map(Footprint.Tiling::of).collect(Collectors.toSet());
    Tallies tallies = new Tallies(grids, passes);
    products.each(passes, tilings, tallies::add);
    Node layer = products.layer();
    Density weightDensity = density(products.weights());
    Density ifmDensity = density(products.ifm());
    Density gradientDensity = density(products.gradient());
    return IntStream.range(0, grids.size())
        .mapToObj(
            g ->
                new LayerResult(
                    layer.name(),
                    products.isMask() ? "mask" : products.quantizer().toString(),
                    weightDensity,
                    ifmDensity,
                    Density.of(sample.ofmDensity(layer), (double) batch * layer.ofm().size()),
                    gradientDensity,
                    grids.get(g).skip(),
                    tallies.of(g)))
        .collect(Collectors.toList());
  }

  /** A layer's tallies so far, on each grid. */
  private static final class Tallies {
    private final List<Grid> grids;
    private final List<Map<Pass, Tally>> tallies = new ArrayList<>();

    Tallies(List<Grid> grids, Set<Pass> passes) {
      this.grids = grids;
      for (int g = 0; g < grids.size(); g++) {
        Map<Pass, Tally> none = new EnumMap<>(Pass.class);
        passes.forEach(pass -> none.put(pass, Tally.none()));
        tallies.add(none);
      }
    }

    void add(
        Pass pass,
        MaskedProduct product,
        Map<Precision, Widths> widths,
        Function<Footprint.Tiling, Footprint> footprints) {
      List<Tally> added = new Shared(product, footprints).run(grids, widths);
      for (int g = 0; g < grids.size(); g++) {
        tallies.get(g).merge(pass, added.get(g), Tally::plus);
      }
    }

    Map<Pass, Tally> of(int grid) {
      return tallies.get(grid);
    }
  }

  private static Density density(BitMatrix mask) {
    return new Density(mask.ones(), (double) mask.rows() * mask.columns());
  }
}
