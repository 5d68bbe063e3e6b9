package org.dlaclab.infer;

import java.nio.FloatBuffer;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.dlaclab.error.DlacException;
import org.dlaclab.network.FeatureMap;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.network.Weights;
import org.dlaclab.operand.Masks;
import org.dlaclab.operand.Operands;
import org.dlaclab.quant.Policy;
import org.dlaclab.tensor.BitMatrix;
import org.dlaclab.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The operands that a network with weights has on images. A sample is one forward pass; of its
 * floats only bits are kept.
 */
final class ImageOperands implements Operands {
  private final Weights weights;
  private final Policy policy;
  private final Function<Collection<String>, Inference> start;
  private final Network network;
  private final Tensor images;
  private final int samples;
  private final int batch;
  private final String origin;

  /** By the index of a grid layer, the index of the node whose result it hands on. */
  private final Map<Integer, Integer> handedOn = new HashMap<>();

  /** Made when the first sample is asked for: weights need no inference. */
  private @Nullable Inference inference;

  /** The operands of a network of the DSL. */
  ImageOperands(
      Weights weights, Policy policy, Tensor images, int samples, int batch, String origin) {
    this(
        weights,
        policy,
        outputs -> Inference.of(weights, policy, outputs),
        images,
        samples,
        batch,
        origin);
  }

  /**
   * @param start makes ready to run the network under the policy, for the results of these layers
   * @param images {@code n x C x H x W}, of which the first {@code samples * batch} are used
   * @param batch images per sample
   */
  ImageOperands(
      Weights weights,
      Policy policy,
      Function<Collection<String>, Inference> start,
      Tensor images,
      int samples,
      int batch,
      String origin) {
    Inference.requireFit(weights.network(), images);
    this.weights = weights;
    this.policy = policy;
    this.start = start;
    this.network = weights.network();
    policy.assign(network);
    this.images = images;
    this.samples = samples;
    this.batch = batch;
    this.origin = origin;
    for (Node layer : network.gridLayers()) {
      handedOn.put(layer.index(), network.handedOn(layer).index());
    }
  }

  @Override
  public String origin() {
    return origin;
  }

  @Override
  public int samples() {
    return samples;
  }

  @Override
  public int batch() {
    return batch;
  }

  @Override
  public BitMatrix weights(Node layer) {
    return Masks.weights(layer, policy.quantized(weights, layer));
  }

  @Override
  public Sample sample(int index) {
    Objects.checkIndex(index, samples);
    ForwardPass pass = new ForwardPass();
    inference().run(images, index * batch, batch, pass);
    return pass.finished(index * batch);
  }

  @Override
  public synchronized void close() {
    if (inference != null) {
      inference.close();
      inference = null;
    }
  }

  private synchronized Inference inference() {
    if (inference == null) {
      Set<String> wanted = new LinkedHashSet<>();
      for (Node layer : network.gridLayers()) {
        if (layer.inputs().get(0) != Node.INPUT) {
          wanted.add(network.nodes().get(layer.inputs().get(0)).name());
        }
        wanted.add(network.nodes().get(handedOn(layer)).name());
      }
      List<String> inOrder =
          network.nodes().stream()
              .map(Node::name)
              .filter(wanted::contains)
              .collect(Collectors.toList());
      inference = start.apply(inOrder);
    }
    return inference;
  }

  private int handedOn(Node layer) {
    return Objects.requireNonNull(handedOn.get(layer.index()), layer.name());
  }

  /** Collects the bits of one sample while its floats come by. */
  private final class ForwardPass implements Inference.Sink {
    private final Map<Integer, long[]> words = new HashMap<>();
    private final Map<Integer, Long> nonZeros = new HashMap<>();
    private final Set<Integer> ifms =
        network.gridLayers().stream().map(node -> node.inputs().get(0)).collect(Collectors.toSet());

    @Override
    public void accept(Node node, int first, int count, FloatBuffer values) {
      if (ifms.contains(node.index())) {
        String what = "the OFM of \"" + node.name() + "\" of " + network.name();
        long[] bits =
            words.computeIfAbsent(node.index(), i -> Masks.allocate(what, node.ofm(), batch));
        Masks.fill(what, node.ofm(), first, count, values, bits);
      } else {
        long found = 0;
        for (int i = 0, end = values.remaining(); i < end; i++) {
          found += values.get(i) != 0 ? 1 : 0;
        }
        nonZeros.merge(node.index(), found, Long::sum);
      }
    }

    Sample finished(int firstImage) {
      Map<Integer, BitMatrix> masks = new HashMap<>();
      words.forEach(
          (index, bits) -> masks.put(index, mask(network.nodes().get(index).ofm(), bits)));
      if (ifms.contains(Node.INPUT)) {
        FeatureMap map = network.ifm();
        int size = (int) map.size();
        FloatBuffer floats = FloatBuffer.allocate(batch * size);
        for (int i = 0; i < batch * size; i++) {
          floats.put(i, images.get(firstImage * size + i));
        }
        long[] bits = Masks.allocate("the images", map, batch);
        Masks.fill("the images", map, 0, batch, floats, bits);
        masks.put(Node.INPUT, mask(map, bits));
      }
      Map<Integer, Double> densities = new HashMap<>();
      nonZeros.forEach(
          (index, found) ->
              densities.put(
                  index, (double) found / (network.nodes().get(index).ofm().size() * batch)));
      return new Activations(masks, densities);
    }

    private BitMatrix mask(FeatureMap map, long[] bits) {
      return BitMatrix.of(batch * map.pixels(), map.channels(), bits);
    }
  }

  /** What is kept of a forward pass. */
  private final class Activations implements Sample {
    private final Map<Integer, BitMatrix> masks;
    private final Map<Integer, Double> densities;

    /**
     * @param masks by the node that made them
     * @param densities of those nodes whose results no grid layer reads
     */
    Activations(Map<Integer, BitMatrix> masks, Map<Integer, Double> densities) {
      this.masks = masks;
      this.densities = densities;
    }

    @Override
    public BitMatrix ifm(Node layer) {
      BitMatrix mask = masks.get(layer.inputs().get(0));
      if (mask == null) {
        throw new DlacException(
            "\"" + layer.name() + "\" is no grid layer of " + network.name(),
            "a convolution or fully connected layer of that network",
            "ask for one of " + network.gridLayers().stream().map(Node::name).limit(6).toList());
      }
      return mask;
    }

    @Override
    public double ofmDensity(Node layer) {
      int node = handedOn(layer);
      BitMatrix mask = masks.get(node);
      return mask != null ? mask.density() : densities.getOrDefault(node, Double.NaN);
    }
  }
}
