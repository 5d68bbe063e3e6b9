package org.dlaclab.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Collectors;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.network.Weights;
import org.dlaclab.quant.Quantizer;
import org.dlaclab.tensor.Shape;
import org.dlaclab.tensor.Tensor;

/**
 * The values of a network under training, by the tensor names of {@link Weights}, and their
 * velocities.
 *
 * <p>Weights are kept in full precision (the <em>shadow</em> weights). A forward pass in low
 * precision reads quantized copies, and {@link #update} gives a shadow weight what the quantizer
 * makes of the gradient of its copy: the straight-through estimator. The copies are leaves of the
 * autograd graph, so the shadow weights never are part of it, and nothing that is derived from them
 * can leak.
 */
final class Parameters implements AutoCloseable {
  /** The learned scales of a layer's quantizer. */
  static final String SCALES = ".scales";

  private final NDManager manager;
  private final Map<String, NDArray> values = new LinkedHashMap<>();
  private final Map<String, NDArray> velocities = new LinkedHashMap<>();

  /** By the name of a layer; only those with low precision. */
  private final Map<String, Quantizer> quantizers = new LinkedHashMap<>();

  /**
   * @param velocities those that are missing are 0
   * @param quantizers of each grid layer. They are those of the simulator, so that both agree on
   *     what is zero.
   */
  Parameters(
      NDManager manager,
      Map<String, Tensor> values,
      Map<String, Tensor> velocities,
      Map<String, Quantizer> quantizers) {
    this.manager = manager;
    values.forEach((name, tensor) -> this.values.put(name, array(tensor)));
    velocities.forEach((name, tensor) -> this.velocities.put(name, array(tensor)));
    quantizers.forEach(
        (layer, quantizer) -> {
          if (!(quantizer instanceof Quantizer.FullPrecision)) {
            this.quantizers.put(layer, quantizer);
          }
        });
  }

  /**
   * Values to begin with: weights normally distributed with variance 2 / fan-in (He et al., ICCV
   * 2015, equation 10); biases 0; batch normalization that does nothing yet.
   */
  static Map<String, Tensor> initial(Network network, long seed) {
    Random random = new Random(seed);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    Weights.shapes(network)
        .forEach(
            (name, shape) -> {
              Node node = network.node(name.substring(0, name.lastIndexOf('.')));
              boolean one = name.endsWith(".weight") || name.endsWith(".running_var");
              float[] values = new float[Math.toIntExact(shape.size())];
              Arrays.fill(values, one ? 1 : 0);
              if (node.onGrid() && name.endsWith(".weight")) {
                double deviation = Math.sqrt(2.0 * shape.dim(0) / shape.size());
                for (int i = 0; i < values.length; i++) {
                  values[i] = (float) (random.nextGaussian() * deviation);
                }
              }
              tensors.put(name, Tensor.of(shape, values));
            });
    return tensors;
  }

  /** Gives each layer whose quantizer learns scales its first ones, if it has none. */
  void beginQuantized() {
    quantizers.forEach(
        (layer, quantizer) -> {
          if (quantizer.scales() > 0 && !values.containsKey(layer + SCALES)) {
            values.put(
                layer + SCALES, array(quantizer.initialScales(tensor(value(layer + ".weight")))));
          }
        });
  }

  /** Copies of all values. */
  Map<String, Tensor> tensors() {
    return tensors(values);
  }

  /** Copies of all velocities. */
  Map<String, Tensor> velocities() {
    return tensors(velocities);
  }

  /** A copy of one layer's shadow weights. */
  Tensor weight(String layer) {
    return tensor(value(layer + ".weight"));
  }

  /** The weights of one layer as they are used. */
  Tensor weight(String layer, boolean quantized) {
    Tensor shadow = weight(layer);
    Quantizer quantizer = quantizers.get(layer);
    return quantized && quantizer != null
        ? quantizer.quantize(shadow, scales(layer, quantizer))
        : shadow;
  }

  /** Names of the tensors that hold NaN or infinity. */
  List<String> notFinite() {
    return values.entrySet().stream()
        .filter(entry -> !Evaluation.isFinite(entry.getValue()))
        .map(Map.Entry::getKey)
        .collect(Collectors.toList());
  }

  /**
   * What a forward pass reads: the values themselves, but quantized copies where they are asked
   * for. Close the copies with {@link #release}.
   */
  Map<String, NDArray> read(boolean quantized) {
    Map<String, NDArray> read = new LinkedHashMap<>(values);
    if (quantized) {
      quantizers.keySet().forEach(layer -> read.put(layer + ".weight", array(weight(layer, true))));
    }
    return read;
  }

  /** As {@link #read}, for a backward pass: what is trained gathers gradients. */
  Map<String, NDArray> readForTraining(boolean quantized) {
    Map<String, NDArray> read = read(quantized);
    read.forEach((name, array) -> array.setRequiresGradient(isTrained(name)));
    return read;
  }

  /**
   * One step of stochastic gradient descent with momentum, as PyTorch defines it: {@code v = m v +
   * (g + d w); w = w - r v}. DJL's own optimizer hides its velocities, which a checkpoint needs.
   *
   * @param read what {@link #read} gave, with the gradients that a backward pass left
   * @param rate the learning rate {@code r}
   * @param momentum {@code m}
   * @param decay weight decay {@code d}, of all trained values but scales, as PyTorch's optimizer
   *     does it. Shadow weights are not clipped; scales stop at 0.
   */
  void update(Map<String, NDArray> read, double rate, double momentum, double decay) {
    for (Map.Entry<String, NDArray> entry : read.entrySet()) {
      String name = entry.getKey();
      if (!isTrained(name)) {
        continue;
      }
      try (NDArray gradient = entry.getValue().getGradient()) {
        // From here on no operation is part of an autograd graph, on whatever thread.
        entry.getValue().setRequiresGradient(false);
        Quantizer quantizer =
            entry.getValue() == values.get(name)
                ? null
                : quantizers.get(name.substring(0, name.lastIndexOf('.')));
        if (quantizer == null || quantizer.straightThrough()) {
          step(name, gradient, rate, momentum, decay);
        } else {
          String layer = name.substring(0, name.lastIndexOf('.'));
          Quantizer.Gradient passed =
              quantizer.backward(tensor(value(name)), scales(layer, quantizer), tensor(gradient));
          step(name, passed.weights(), rate, momentum, decay);
          if (quantizer.scales() > 0) {
            // The gradient of a scale is a sum over all weights: at their rate it would overshoot.
            // Esser et al. (arXiv:1902.08153, section 2.2) divide by the root of their number.
            double share = 1 / Math.sqrt(passed.weights().size());
            step(layer + SCALES, passed.scales(), rate * share, momentum, 0);
            NDArray learned = value(layer + SCALES);
            try (NDArray below = learned.minimum(0f)) {
              learned.subi(below);
            }
          }
        }
        if (entry.getValue() == values.get(name)) {
          // Gradients add up over backward passes unless they are set back.
          gradient.subi(gradient);
        }
      }
    }
  }

  private void step(String name, Tensor gradient, double rate, double momentum, double decay) {
    try (NDArray array = array(gradient)) {
      step(name, array, rate, momentum, decay);
    }
  }

  private void step(String name, NDArray gradient, double rate, double momentum, double decay) {
    NDArray value = value(name);
    NDArray velocity = velocities.get(name);
    if (velocity == null) {
      velocity = manager.zeros(value.getShape());
      velocities.put(name, velocity);
    }
    velocity.muli((float) momentum);
    velocity.addi(gradient);
    if (decay != 0) {
      try (NDArray decayed = value.mul((float) decay)) {
        velocity.addi(decayed);
      }
    }
    try (NDArray moved = velocity.mul((float) rate)) {
      value.subi(moved);
    }
  }

  /** Frees the copies that {@link #read} made. */
  void release(Map<String, NDArray> read) {
    read.forEach(
        (name, array) -> {
          if (array != values.get(name)) {
            array.close();
          }
        });
  }

  private Tensor scales(String layer, Quantizer quantizer) {
    return quantizer.scales() == 0 ? Tensor.of(Shape.of(0)) : tensor(value(layer + SCALES));
  }

  private NDArray value(String name) {
    return Objects.requireNonNull(values.get(name), name);
  }

  private NDArray array(Tensor tensor) {
    long[] dims = tensor.shape().dims().stream().mapToLong(Integer::longValue).toArray();
    return manager.create(tensor.toArray(), new ai.djl.ndarray.types.Shape(dims));
  }

  private static Map<String, Tensor> tensors(Map<String, NDArray> arrays) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    arrays.forEach((name, array) -> tensors.put(name, tensor(array)));
    return tensors;
  }

  static Tensor tensor(NDArray array) {
    int[] dims = Arrays.stream(array.getShape().getShape()).mapToInt(Math::toIntExact).toArray();
    return Tensor.of(Shape.of(dims), array.toFloatArray());
  }

  /** Running statistics are measured, and scales get their gradient from their layer's weights. */
  private static boolean isTrained(String name) {
    return !name.contains(".running_") && !name.endsWith(SCALES);
  }

  @Override
  public void close() {
    values.values().forEach(NDArray::close);
    velocities.values().forEach(NDArray::close);
  }
}
