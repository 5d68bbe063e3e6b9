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
import org.dlaclab.network.FeatureMap;
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
    NDArray after(Node node, List<NDArray> inputs, NDArray result);
  }

  ForwardPass(Network network) {
    this.network = network;
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
    long batch = images.getShape().get(0);
    List<NDArray> results = new ArrayList<>();
    for (Node node : network.nodes()) {
      List<NDArray> inputs = new ArrayList<>();
      for (int input : node.inputs()) {
        inputs.add(input == Node.INPUT ? images : results.get(input));
      }
      FeatureMap ofm = node.ofm();
      NDArray result =
          apply(node, inputs, values, training)
              .reshape(batch, ofm.channels(), ofm.height(), ofm.width());
      results.add(tap.after(node, inputs, result));
    }
    NDArray last = results.get(results.size() - 1);
    return last.reshape(batch, network.ofm().size());
  }

  /** Inputs are {@code batch x C x H x W}, the result is in that order, of whatever rank. */
  private NDArray apply(
      Node node, List<NDArray> inputs, Map<String, NDArray> values, boolean training) {
    NDArray x = inputs.get(0);
    Layer layer = node.layer();
    String name = node.name();
    @Nullable NDArray weight = values.get(name + ".weight");
    @Nullable NDArray bias = values.get(name + ".bias");
    if (layer instanceof Layer.Conv conv) {
      boolean symmetric = isSymmetric(conv.padding());
      return Conv2d.conv2d(
              symmetric ? x : pad(x, conv.padding(), 0),
              Objects.requireNonNull(weight),
              bias,
              new Shape(conv.stride().height(), conv.stride().width()),
              symmetric ? symmetric(conv.padding()) : new Shape(0, 0),
              new Shape(conv.dilation().height(), conv.dilation().width()),
              conv.groups())
          .head();
    }
    if (layer instanceof Layer.FullyConnected) {
      return Linear.linear(x.flatten(1, -1), Objects.requireNonNull(weight), bias).head();
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
      return pool(x, pool, node);
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
      return x.mul(inputs.get(1));
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
      return x;
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
    throw new IllegalStateException("no forward pass of " + layer.kind());
  }

  /**
   * PyTorch pads both sides alike and by at most half a kernel, and DJL's average counts padded
   * positions whatever it is told: other padding is made before, and an average divided by that of
   * ones.
   */
  private static NDArray pool(NDArray x, Layer.Pool pool, Node node) {
    Shape kernel = new Shape(pool.kernel().height(), pool.kernel().width());
    Shape stride = new Shape(pool.stride().height(), pool.stride().width());
    Padding given = pool.padding();
    boolean made =
        !isSymmetric(given)
            || 2 * given.top() > pool.kernel().height()
            || 2 * given.left() > pool.kernel().width();
    if (pool.max() && !made) {
      return Pool.maxPool2d(x, kernel, stride, symmetric(given), pool.ceilMode());
    }
    Shape none = new Shape(0, 0);
    if (given.equals(new Padding(0, 0, 0, 0))) {
      return Pool.avgPool2d(x, kernel, stride, none, pool.ceilMode(), true);
    }
    Padding padding = pool.endPadded(node.ifm(), node.ofm());
    if (pool.max()) {
      NDArray padded = pad(x, padding, Float.NEGATIVE_INFINITY);
      return Pool.maxPool2d(padded, kernel, stride, none, false);
    }
    if (pool.countPadding()) {
      return Pool.avgPool2d(pad(x, padding, 0), kernel, stride, none, false, true);
    }
    NDArray ones = x.getManager().ones(new Shape(1, 1, node.ifm().height(), node.ifm().width()));
    NDArray share = Pool.avgPool2d(pad(ones, padding, 0), kernel, stride, none, false, true);
    return Pool.avgPool2d(pad(x, padding, 0), kernel, stride, none, false, true).div(share);
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
    NDArray bounded = relu.max() == 0 ? y : y.minimum(scalar(y, relu.max()));
    if (relu.bits() == 0) {
      return bounded;
    }
    NDArray levels = bounded.mul(scalar(y, relu.scale())).round().mul(scalar(y, relu.step()));
    return training ? bounded.add(levels.sub(bounded).stopGradient()) : levels;
  }

  private static NDArray function(NDArray x, Layer.Function function) {
    if (function instanceof Layer.Function.Clip clip) {
      return bounded(x, clip.min(), clip.max());
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
      return bounded(x.mul(scalar(x, hard.alpha())).add(scalar(x, hard.beta())), 0, 1);
    }
    if (function instanceof Layer.Function.HardSwish) {
      return x.mul(bounded(x.div(scalar(x, 6)).add(scalar(x, 0.5)), 0, 1));
    }
    return x.mul(Activation.sigmoid(x)); // swish
  }

  private static NDArray bounded(NDArray x, double min, double max) {
    return x.maximum(scalar(x, min)).minimum(scalar(x, max));
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
    NDArray divisor =
        mean.mul(scalar(x, norm.alpha())).add(scalar(x, norm.k())).pow(scalar(x, norm.beta()));
    return x.div(divisor.reshape(shape));
  }

  /**
   * A number as an array, which lives as long as the pass. DJL's operations that take a Java number
   * close the array that they make of it at once; where the backward pass still reads it, the
   * garbage collector may have given its memory away by then.
   */
  static NDArray scalar(NDArray like, double value) {
    return like.getManager().create((float) value);
  }

  private static NDArray pad(NDArray x, Padding padding, float value) {
    return x.pad(
        new Shape(padding.left(), padding.right(), padding.top(), padding.bottom()), value);
  }

  /** DJL's layers pad both sides alike. */
  private static boolean isSymmetric(Padding padding) {
    return padding.top() == padding.bottom() && padding.left() == padding.right();
  }

  private static Shape symmetric(Padding padding) {
    return new Shape(padding.top(), padding.left());
  }
}
