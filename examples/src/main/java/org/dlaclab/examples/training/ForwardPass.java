package org.dlaclab.examples.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
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
  NDArray logits(NDArray images, Map<String, NDArray> values, boolean training) {
    List<NDArray> results = new ArrayList<>();
    for (Node node : network.nodes()) {
      List<NDArray> inputs =
          node.inputs().stream()
              .map(i -> i == Node.INPUT ? images : results.get(i))
              .collect(Collectors.toList());
      results.add(apply(node, inputs, values, training));
    }
    NDArray last = results.get(results.size() - 1);
    return last.reshape(images.getShape().get(0), network.ofm().size());
  }

  private NDArray apply(
      Node node, List<NDArray> inputs, Map<String, NDArray> values, boolean training) {
    NDArray x = inputs.get(0);
    Layer layer = node.layer();
    String name = node.name();
    NDArray weight = values.get(name + ".weight");
    @Nullable NDArray bias = values.get(name + ".bias");
    if (layer instanceof Layer.Conv conv) {
      return Conv2d.conv2d(
              x,
              weight,
              bias,
              new Shape(conv.stride().height(), conv.stride().width()),
              symmetric(name, conv.padding()),
              new Shape(conv.dilation().height(), conv.dilation().width()),
              conv.groups())
          .head();
    }
    if (layer instanceof Layer.FullyConnected) {
      return Linear.linear(x, weight, bias).head();
    }
    if (layer instanceof Layer.BatchNorm) {
      return BatchNorm.batchNorm(
              x,
              values.get(name + ".running_mean"),
              values.get(name + ".running_var"),
              weight,
              bias,
              1,
              KEEP,
              Layer.BatchNorm.EPSILON,
              training)
          .head();
    }
    if (layer instanceof Layer.Relu relu) {
      return relu.threshold() == 0
          ? Activation.relu(x)
          : x.mul(x.gt(relu.threshold()).toType(x.getDataType(), false));
    }
    if (layer instanceof Layer.Pool pool) {
      Shape kernel = new Shape(pool.kernel().height(), pool.kernel().width());
      Shape stride = new Shape(pool.stride().height(), pool.stride().width());
      Shape padding = symmetric(name, pool.padding());
      return pool.max()
          ? Pool.maxPool2d(x, kernel, stride, padding, pool.ceilMode())
          : Pool.avgPool2d(x, kernel, stride, padding, pool.ceilMode(), false);
    }
    if (layer instanceof Layer.GlobalAvgPool) {
      return Pool.globalAvgPool2d(x);
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
    if (layer instanceof Layer.Softmax && node.index() == network.nodes().size() - 1) {
      return x;
    }
    throw new DlacException(
        "layer \"" + name + "\" of " + network.name() + " is a " + layer.kind(),
        "a layer that this example trains: conv, fc, bn, relu, pooling, add, concat, flatten, a last softmax",
        "add it to ForwardPass");
  }

  /** DJL pads both sides alike. */
  private static Shape symmetric(String layer, Padding padding) {
    if (padding.top() != padding.bottom() || padding.left() != padding.right()) {
      throw new DlacException(
          "layer \"" + layer + "\" has " + padding,
          "the same padding on opposite sides",
          "pad in ForwardPass before the layer");
    }
    return new Shape(padding.top(), padding.left());
  }
}
