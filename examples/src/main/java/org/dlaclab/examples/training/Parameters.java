package org.dlaclab.examples.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.optimizer.Optimizer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.dlaclab.error.DlacException;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.network.Weights;
import org.dlaclab.quant.Policy;
import org.dlaclab.quant.Quantizer;
import org.dlaclab.tensor.Shape;
import org.dlaclab.tensor.Tensor;

/**
 * The values of a network under training, by the tensor names of {@link Weights}.
 *
 * <p>Weights are kept in full precision (the <em>shadow</em> weights). A forward pass with low
 * precision reads quantized copies, and {@link #update} gives the gradient of a copy to its shadow
 * weight: the straight-through estimator, as in Li and Liu, "Ternary Weight Networks" (2016),
 * section 2.3. The copies are leaves of the autograd graph, so the shadow weights never are part of
 * it, and nothing that is derived from them can leak.
 */
final class Parameters {
  private final Map<String, NDArray> values = new LinkedHashMap<>();
  private final NDManager manager;
  private final Map<String, Quantizer> quantizers = new LinkedHashMap<>();

  /**
   * @param policy which layers have low precision. The quantizers are those of the simulator, so
   *     that both agree on what is zero.
   */
  Parameters(Weights weights, Policy policy, NDManager manager) {
    this.manager = manager;
    policy
        .assign(weights.network())
        .forEach(
            (layer, quantizer) -> {
              if (!(quantizer instanceof Quantizer.FullPrecision)) {
                quantizers.put(layer + ".weight", quantizer);
              }
            });
    weights.tensors().forEach((name, tensor) -> values.put(name, array(tensor, isTrained(name))));
  }

  /**
   * Weights to begin with: normally distributed with variance 2 / fan-in (He et al., ICCV 2015,
   * equation 10); biases 0; batch normalization that does nothing yet.
   */
  static Weights initial(Network network, long seed) {
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
    return new Weights(network, tensors);
  }

  /** Copies of all values. */
  Map<String, Tensor> tensors() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    values.forEach((name, array) -> tensors.put(name, tensor(array)));
    return tensors;
  }

  /**
   * What a forward pass reads: the values themselves, but quantized copies where the policy says
   * so. Close the copies with {@link #release}.
   */
  Map<String, NDArray> read(boolean quantized) {
    Map<String, NDArray> read = new LinkedHashMap<>(values);
    if (quantized) {
      quantizers.forEach(
          (name, quantizer) ->
              read.put(name, array(quantizer.quantize(tensor(value(name))), true)));
    }
    return read;
  }

  /** Moves every trained value along the gradient that the backward pass left in {@code read}. */
  void update(Optimizer optimizer, Map<String, NDArray> read) {
    read.forEach(
        (name, array) -> {
          if (isTrained(name)) {
            try (NDArray gradient = array.getGradient()) {
              optimizer.update(name, value(name), gradient);
              // Gradients add up over backward passes unless they are set back.
              gradient.subi(gradient);
            }
          }
        });
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

  private NDArray value(String name) {
    NDArray array = values.get(name);
    if (array == null) {
      throw new DlacException(
          "there is no tensor \"" + name + "\"",
          "one of " + values.keySet(),
          "train the network again");
    }
    return array;
  }

  private NDArray array(Tensor tensor, boolean trained) {
    long[] dims = tensor.shape().dims().stream().mapToLong(Integer::longValue).toArray();
    NDArray array = manager.create(tensor.toArray(), new ai.djl.ndarray.types.Shape(dims));
    array.setRequiresGradient(trained);
    return array;
  }

  private static Tensor tensor(NDArray array) {
    int[] dims = Arrays.stream(array.getShape().getShape()).mapToInt(Math::toIntExact).toArray();
    return Tensor.of(Shape.of(dims), array.toFloatArray());
  }

  /** Running statistics are measured, not trained. */
  private static boolean isTrained(String name) {
    return !name.contains(".running_");
  }
}
