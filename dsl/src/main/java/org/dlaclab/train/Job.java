package org.dlaclab.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.dlaclab.data.Dataset;
import org.dlaclab.network.Network;
import org.dlaclab.quant.Policy;

/** What is trained, at which precision, on which images, and how. */
record Job(Network network, Policy policy, Dataset data, Recipe recipe) {

  /** The policy with these thresholds of ReLUs, by name. */
  Policy with(Map<String, Double> thresholds) {
    List<Policy.Activations> activations = new ArrayList<>(policy.activations());
    thresholds.forEach(
        (relu, threshold) ->
            activations.add(
                new Policy.Activations(relu, List.of(new Policy.Threshold(threshold)))));
    return new Policy(policy.name(), policy.weights(), policy.rules(), activations);
  }

  /** The network with what the policy and these thresholds make of its ReLUs. */
  Network at(Map<String, Double> thresholds) {
    return with(thresholds).on(network);
  }
}
