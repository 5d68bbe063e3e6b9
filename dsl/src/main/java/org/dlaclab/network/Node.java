package org.dlaclab.network;

import java.io.Serializable;
import java.util.List;

/**
 * A layer in its place in a network.
 *
 * @param index position in {@link Network#nodes()}, which is a topological order
 * @param name unique in the network
 * @param inputs indices of the nodes that feed this one; {@link #INPUT} is the network's own input
 * @param ifms shape per input
 * @param ofm shape of the result
 */
public record Node(
    int index,
    String name,
    Layer layer,
    List<Integer> inputs,
    List<FeatureMap> ifms,
    FeatureMap ofm)
    implements Serializable {
  /** Stands for the network's input in {@link #inputs()}. */
  public static final int INPUT = -1;

  public Node {
    inputs = List.copyOf(inputs);
    ifms = List.copyOf(ifms);
  }

  /** The same place with another layer, which must give an OFM of the same shape. */
  public Node with(Layer other) {
    return new Node(index, name, other, inputs, ifms, other.ofm(name, ifms));
  }

  /** Shape of the first input, for most layers the only one. */
  public FeatureMap ifm() {
    return ifms.get(0);
  }

  /**
   * Whether this layer's multiply-accumulates run on the grid: a convolution or a fully connected
   * layer.
   */
  public boolean onGrid() {
    return layer instanceof Layer.OnGrid;
  }

  /** This layer's work as a convolution. Only for a layer {@link #onGrid()}. */
  public Layer.Conv conv() {
    return ((Layer.OnGrid) layer).asConv();
  }

  /** Multiply-accumulates of one image; 0 for a layer that does not run on the grid. */
  public long macs() {
    return layer instanceof Layer.OnGrid work ? work.macs(ifm(), ofm) : 0;
  }

  /** Weights without biases; 0 for a layer that does not run on the grid. */
  public long weights() {
    return layer instanceof Layer.OnGrid work ? work.weights(ifm()) : 0;
  }

  /** Trainable values. */
  public long parameters() {
    return layer.parameters(ifms);
  }
}
