package org.dlaclab.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.dlaclab.data.Dataset;
import org.dlaclab.network.Layer;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.quant.Policy;

/** What is trained, at which precision, on which images, and how. */
record Job(Network network, Policy policy, Dataset data, Recipe recipe) {

  /** The network at the policy's precision, with these thresholds of its ReLUs. */
  Network at(Map<String, Double> thresholds) {
    List<Node> nodes = new ArrayList<>();
    for (Node node : network.nodes()) {
      Double threshold = thresholds.get(node.name());
      nodes.add(
          threshold == null || !(node.layer() instanceof Layer.Relu relu)
              ? node
              : new Node(
                  node.index(),
                  node.name(),
                  new Layer.Relu(relu.name(), threshold),
                  node.inputs(),
                  node.ifms(),
                  node.ofm()));
    }
    return new Network(network.name(), network.ifm(), nodes);
  }
}
