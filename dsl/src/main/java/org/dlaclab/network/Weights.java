package org.dlaclab.network;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;
import org.dlaclab.tensor.Sha256;
import org.dlaclab.tensor.Shape;
import org.dlaclab.tensor.Tensor;

/**
 * The trained values of a network, named as PyTorch names them:
 *
 * <ul>
 *   <li>{@code <layer>.weight}: {@code K x C/groups x R x S} for a convolution, {@code outputs x
 *       inputs} for a fully connected layer;
 *   <li>{@code <layer>.bias}: one per filter or output, unless the layer has none;
 *   <li>for a batch normalization {@code <layer>.weight} (scale), {@code <layer>.bias} (shift),
 *       {@code <layer>.running_mean} and {@code <layer>.running_var}, one per channel;
 *   <li>if training found them, {@code <layer>.scales}: two, which trained ternary quantization
 *       gives to a grid layer's positive and negative weights. Without them, as in {@link #shapes},
 *       it takes those that it starts from.
 * </ul>
 *
 * @param network the network they fit
 * @param tensors by name, in the order of the layers
 */
public record Weights(Network network, Map<String, Tensor> tensors) {
  private static final String SCALES = ".scales";

  /**
   * Checks {@code tensors} against the layers of {@code network}.
   *
   * @throws DlacException naming the layer if a tensor is missing, belongs to no layer, has the
   *     wrong shape (both shapes are named), holds NaN or infinity, or is a negative variance
   */
  public Weights {
    Map<String, Tensor> ordered = new LinkedHashMap<>();
    Map<String, Shape> expected = shapes(network);
    for (Map.Entry<String, Shape> e : expected.entrySet()) {
      Tensor tensor = tensors.get(e.getKey());
      if (tensor == null) {
        throw missing(network, e.getKey(), e.getValue(), tensors, expected);
      }
      check(network, e.getKey(), tensor, e.getValue());
      ordered.put(e.getKey(), tensor);
      // They follow the layer's weights.
      String name = e.getKey().substring(0, e.getKey().lastIndexOf('.'));
      Tensor scales = tensors.get(name + SCALES);
      if (e.getKey().endsWith(".weight") && scales != null && network.node(name).onGrid()) {
        check(network, name + SCALES, scales, Shape.of(2));
        ordered.put(name + SCALES, scales);
      }
    }
    for (String name : tensors.keySet()) {
      if (!ordered.containsKey(name)) {
        throw new DlacException(
            "tensor \"" + name + "\" belongs to no layer of " + network.name(),
            "the " + expected.size() + " tensors of its layers and no other",
            expected.isEmpty()
                ? "leave it out"
                : "leave it out, or rename it: the nearest name is \""
                    + Check.nearest(name, expected.keySet())
                    + "\"");
      }
    }
    tensors = Collections.unmodifiableMap(ordered);
  }

  /** Name and shape of each tensor that {@code network} needs, in the order of its layers. */
  public static Map<String, Shape> shapes(Network network) {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    for (Node node : network.nodes()) {
      int channels = node.ofm().channels();
      if (node.onGrid()) {
        shapes.put(node.name() + ".weight", shape(node));
      } else if (node.layer() instanceof Layer.BatchNorm) {
        for (String part : List.of("weight", "bias", "running_mean", "running_var")) {
          shapes.put(node.name() + "." + part, Shape.of(channels));
        }
      }
      if (node.onGrid() && node.conv().bias()) {
        shapes.put(node.name() + ".bias", Shape.of(channels));
      }
    }
    return Collections.unmodifiableMap(shapes);
  }

  /**
   * Shape of a grid layer's weights: {@code K x C/groups x R x S}, or {@code outputs x inputs} for
   * a fully connected layer.
   */
  public static Shape shape(Node layer) {
    Layer.Conv conv = layer.conv();
    int channels = layer.ifm().channels() / conv.groups();
    return layer.layer() instanceof Layer.FullyConnected
        ? Shape.of(conv.filters(), channels)
        : Shape.of(conv.filters(), channels, conv.kernel().height(), conv.kernel().width());
  }

  /**
   * Untrained weights, the same for the same seed: normally distributed with variance {@code 2 /
   * fan-in} (He et al., ICCV 2015, equation 10), biases 0, and batch norm statistics near those of
   * a normalized map, so that deep networks neither die out nor overflow.
   *
   * @throws DlacException if they do not fit the heap
   */
  public static Weights random(Network network, long seed) {
    Check.fitsHeap("the weights of " + network.name(), (double) network.parameters() * Float.BYTES);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    shapes(network)
        .forEach(
            (name, shape) -> {
              // One generator per tensor: a change of one layer leaves the others as they were.
              Random random = new Random(seed * 0x9E3779B97F4A7C15L + name.hashCode());
              Node node = network.node(name.substring(0, name.lastIndexOf('.')));
              tensors.put(name, random(node, name, shape, random));
            });
    return new Weights(network, tensors);
  }

  private static Tensor random(Node node, String name, Shape shape, Random random) {
    float[] values = new float[Math.toIntExact(shape.size())];
    if (node.onGrid() && name.endsWith(".weight")) {
      double deviation = Math.sqrt(2.0 * shape.dim(0) / Math.max(1, values.length));
      fill(values, () -> random.nextGaussian() * deviation);
    } else if (!node.onGrid()) {
      boolean around1 = name.endsWith(".weight") || name.endsWith(".running_var");
      fill(
          values,
          around1 ? () -> 0.8 + 0.4 * random.nextDouble() : () -> 0.1 * random.nextGaussian());
    }
    return Tensor.of(shape, values);
  }

  private static void fill(float[] values, java.util.function.DoubleSupplier from) {
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) from.getAsDouble();
    }
  }

  /** The tensor {@code <layer>.<part>}, for example part {@code weight}. */
  public Tensor get(Node layer, String part) {
    Tensor tensor = tensors.get(layer.name() + "." + part);
    if (tensor == null) {
      throw new DlacException(
          layer.layer().kind() + " \"" + layer.name() + "\" has no " + part,
          "one of " + tensors.keySet(),
          "ask for another tensor");
    }
    return tensor;
  }

  /** The learned scales of a grid layer, if it has any: shape 2, for positive and negative. */
  public Optional<Tensor> scales(Node layer) {
    return Optional.ofNullable(tensors.get(layer.name() + SCALES));
  }

  private static DlacException missing(
      Network network,
      String name,
      Shape shape,
      Map<String, Tensor> tensors,
      Map<String, Shape> expected) {
    List<String> unused = new ArrayList<>(tensors.keySet());
    unused.removeAll(expected.keySet());
    return new DlacException(
        layer(network, name) + " has no tensor \"" + name + "\"",
        "one of shape " + shape,
        unused.isEmpty()
            ? "take the weights from the network they were trained with"
            : "rename \"" + Check.nearest(name, unused) + "\", if that is it");
  }

  private static void check(Network network, String name, Tensor tensor, Shape expected) {
    if (!tensor.shape().equals(expected)) {
      throw new DlacException(
          layer(network, name) + ": tensor \"" + name + "\" has shape " + tensor.shape(),
          "shape " + expected,
          sameSizes(tensor.shape(), expected)
              ? "transpose it: the order is filters, channels, height, width (fc: outputs, inputs)"
              : "take the weights from the network they were trained with");
    }
    tensor.requireFinite(layer(network, name) + ": tensor \"" + name + "\"");
    if (name.endsWith(".running_var")) {
      for (int i = 0; i < tensor.size(); i++) {
        if (tensor.get(i) < 0) {
          throw new DlacException(
              layer(network, name) + ": variance " + i + " is " + tensor.get(i),
              "0 or more",
              "check that running_mean and running_var are not exchanged");
        }
      }
    }
  }

  private static boolean sameSizes(Shape a, Shape b) {
    int[] sizesA = a.dims().stream().mapToInt(Integer::intValue).sorted().toArray();
    int[] sizesB = b.dims().stream().mapToInt(Integer::intValue).sorted().toArray();
    return Arrays.equals(sizesA, sizesB);
  }

  private static String layer(Network network, String tensor) {
    Node node = network.node(tensor.substring(0, tensor.lastIndexOf('.')));
    return node.layer().kind() + " \"" + node.name() + "\" of " + network.name();
  }

  /** SHA-256 over the names and contents of the tensors, in hex. */
  public String sha256() {
    return Sha256.of(
        tensors.entrySet().stream()
            .map(tensor -> tensor.getKey() + " " + tensor.getValue().sha256())
            .sorted()
            .collect(Collectors.joining("\n")));
  }

  /** For example {@code weights of lenet5: 10 tensors}. */
  @Override
  public String toString() {
    return "weights of " + network.name() + ": " + tensors.size() + " tensors";
  }
}
