package org.dlaclab.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.dlaclab.error.DlacException;
import org.dlaclab.network.Layer;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.network.Option.Padding;
import org.jspecify.annotations.Nullable;

/**
 * The forward pass of a {@link Network} on DJL arrays, node by node, so that what is trained has
 * exactly the structure of what is simulated.
 */
final class ForwardPass {
  /**
   * Share that an old running mean or variance keeps at each step; PyTorch calls 1 - 0.9 its
   * momentum.
   */
  private static final float KEEP = 0.9f;

  private final Network network;

  /** Sees the result of each node, and may put another in its place. */
  interface Tap {
    /** Changes nothing. */
    Tap NONE = (node, inputs, result) -> result;

    NDArray after(Node node, List<NDArray> inputs, NDArray result);
  }

  ForwardPass(Network network) {
    this.network = network;
  }

  /** Refuses a network of which a layer cannot be trained. */
  static void requireTrainable(Network network) {
    for (Node node : network.nodes()) {
      if (node.layer() instanceof Layer.Pool pool && !pool.max() && !isSymmetric(pool.padding())) {
        throw refused(network, node, pool.padding().toString());
      }
      if (node.layer() instanceof Layer.Pool pool
          && pool.dilation().height() * pool.dilation().width() != 1) {
        throw refused(network, node, "a dilated pooling");
      }
      if (node.layer() instanceof Layer.Operator operator) {
        throw refused(network, node, "ONNX operator " + operator.type());
      }
    }
  }

  /**
   * The logits of a batch: a last softmax is left out, because the loss takes logits and the class
   * stays the same.
   *
   * @param images batch x channels x height x width
   * @param values by tensor name
   * @param training whether batch normalization uses the batch's statistics, and updates the
   *     running ones in place
   * @return batch x classes
   */
  NDArray logits(NDArray images, Map<String, NDArray> values, boolean training, Tap tap) {
    List<NDArray> results = new ArrayList<>();
    for (Node node : network.nodes()) {
      List<NDArray> inputs = new ArrayList<>();
      for (int input : node.inputs()) {
        inputs.add(input == Node.INPUT ? images : results.get(input));
      }
      results.add(tap.after(node, inputs, apply(node, inputs, values, training)));
    }
    NDArray last = results.get(results.size() - 1);
    return last.reshape(images.getShape().get(0), network.ofm().size());
  }

  private NDArray apply(
      Node node, List<NDArray> inputs, Map<String, NDArray> values, boolean training) {
    NDArray x = inputs.get(0);
    Layer layer = node.layer();
    String name = node.name();
    @Nullable NDArray weight = values.get(name + ".weight");
    @Nullable NDArray bias = values.get(name + ".bias");
    if (layer instanceof Layer.Conv conv) {
      NDArray map = x.getShape().dimension() == 2 ? x.reshape(x.getShape().get(0), -1, 1, 1) : x;
      return Conv2d.conv2d(
              padded(map, conv.padding(), 0),
              Objects.requireNonNull(weight),
              bias,
              new Shape(conv.stride().height(), conv.stride().width()),
              symmetric(conv.padding()),
              new Shape(conv.dilation().height(), conv.dilation().width()),
              conv.groups())
          .head();
    }
    if (layer instanceof Layer.FullyConnected) {
      return Linear.linear(x, Objects.requireNonNull(weight), bias).head();
    }
    if (layer instanceof Layer.BatchNorm norm) {
      return BatchNorm.batchNorm(
              x,
              values.get(name + ".running_mean"),
              values.get(name + ".running_var"),
              weight,
              bias,
              1,
              KEEP,
              norm.epsilon(),
              training)
          .head();
    }
    if (layer instanceof Layer.Relu relu) {
      return relu(x, relu, training);
    }
    if (layer instanceof Layer.Pool pool) {
      Shape kernel = new Shape(pool.kernel().height(), pool.kernel().width());
      Shape stride = new Shape(pool.stride().height(), pool.stride().width());
      NDArray in = padded(x, pool.padding(), Float.NEGATIVE_INFINITY);
      Shape padding = symmetric(pool.padding());
      if (pool.max()) {
        return Pool.maxPool2d(in, kernel, stride, padding, pool.ceilMode());
      }
      NDArray mean = Pool.avgPool2d(in, kernel, stride, padding, pool.ceilMode(), true);
      if (pool.countPadding()) {
        return mean;
      }
      // DJL counts padded positions whatever it is told: the share of others is divided out.
      Shape map = new Shape(1, 1, in.getShape().get(2), in.getShape().get(3));
      NDArray ones = in.getManager().ones(map);
      return mean.div(Pool.avgPool2d(ones, kernel, stride, padding, pool.ceilMode(), true));
    }
    if (layer instanceof Layer.GlobalAvgPool) {
      return Pool.globalAvgPool2d(x);
    }
    if (layer instanceof Layer.LocalResponseNorm norm) {
      return localResponseNorm(x, norm);
    }
    if (layer instanceof Layer.Activation activation) {
      return function(x, activation.function());
    }
    if (layer instanceof Layer.Multiply) {
      NDArray by = inputs.get(1);
      boolean perChannel = by.getShape().dimension() < x.getShape().dimension();
      return x.mul(perChannel ? by.reshape(by.getShape().get(0), -1, 1, 1) : by);
    }
    if (layer instanceof Layer.ChannelShuffle shuffle) {
      Shape shape = x.getShape();
      return x.reshape(shape.get(0), shuffle.groups(), shape.get(1) / shuffle.groups(), -1)
          .swapAxes(1, 2)
          .reshape(shape);
    }
    if (layer instanceof Layer.ChannelSlice slice) {
      return x.get(
          new NDIndex().addAllDim().addSliceDim(slice.first(), slice.first() + slice.count()));
    }
    if (layer instanceof Layer.Flatten) {
      return x.reshape(x.getShape().get(0), -1);
    }
    if (layer instanceof Layer.Add) {
      return inputs.stream().reduce(NDArray::add).orElseThrow();
    }
    if (layer instanceof Layer.Concat) {
      return NDArrays.concat(new NDList(inputs), 1);
    }
    if (layer instanceof Layer.Softmax) {
      return node.index() == network.nodes().size() - 1 ? x : x.softmax(1);
    }
    throw refused(network, node, layer.kind());
  }

  /**
   * As {@link Layer.Relu} defines it. Rounding passes gradients on as they are (Zhou et al.,
   * arXiv:1606.06160, equation 5); what is at zero or above the largest level has none.
   */
  private static NDArray relu(NDArray x, Layer.Relu relu, boolean training) {
    NDArray y =
        relu.threshold() == 0
            ? Activation.relu(x)
            : x.mul(x.gt((float) relu.threshold()).toType(DataType.FLOAT32, false));
    NDArray bounded = relu.max() == 0 ? y : y.minimum((float) relu.max());
    if (relu.bits() == 0) {
      return bounded;
    }
    NDArray levels = bounded.mul(relu.scale()).round().mul(relu.step());
    return training ? bounded.add(levels.sub(bounded).stopGradient()) : levels;
  }

  private static NDArray function(NDArray x, Layer.Function function) {
    if (function instanceof Layer.Function.Clip clip) {
      return x.clip(clip.min(), clip.max());
    }
    if (function instanceof Layer.Function.LeakyRelu leaky) {
      return Activation.leakyRelu(x, leaky.alpha());
    }
    if (function instanceof Layer.Function.Sigmoid) {
      return Activation.sigmoid(x);
    }
    if (function instanceof Layer.Function.Tanh) {
      return Activation.tanh(x);
    }
    if (function instanceof Layer.Function.HardSigmoid hard) {
      return x.mul(hard.alpha()).add(hard.beta()).clip(0, 1);
    }
    if (function instanceof Layer.Function.HardSwish) {
      return x.mul(x.div(6).add(0.5f).clip(0, 1));
    }
    return x.mul(Activation.sigmoid(x)); // swish
  }

  /** The sum over neighbouring channels as a pooling. */
  private static NDArray localResponseNorm(NDArray x, Layer.LocalResponseNorm norm) {
    Shape shape = x.getShape();
    long pixels = shape.get(2) * shape.get(3);
    NDArray rows = x.square().reshape(shape.get(0), 1, shape.get(1), pixels);
    NDArray mean =
        Pool.avgPool2d(
            rows,
            new Shape(norm.channels(), 1),
            new Shape(1, 1),
            new Shape(norm.channels() / 2, 0),
            false, /* padding counts */
            true);
    return x.div(mean.mul(norm.alpha()).add(norm.k()).pow(norm.beta()).reshape(shape));
  }

  /** DJL's layers pad both sides alike: other padding is made before. */
  private static NDArray padded(NDArray x, Padding padding, float value) {
    return isSymmetric(padding)
        ? x
        : x.pad(new Shape(padding.left(), padding.right(), padding.top(), padding.bottom()), value);
  }

  private static Shape symmetric(Padding padding) {
    return isSymmetric(padding) ? new Shape(padding.top(), padding.left()) : new Shape(0, 0);
  }

  private static boolean isSymmetric(Padding padding) {
    return padding.top() == padding.bottom() && padding.left() == padding.right();
  }

  private static DlacException refused(Network network, Node node, String what) {
    return new DlacException(
        "layer \"" + node.name() + "\" of " + network.name() + " (" + what + ") cannot be trained",
        "the layers of the DSL; average pooling with the same padding on opposite sides",
        "change the layer");
  }
}
