package org.dlaclab.infer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.dlaclab.network.FeatureMap;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.network.Weights;
import org.dlaclab.quant.Policy;
import org.dlaclab.quant.Quantizer;
import org.dlaclab.tensor.Tensor;
import org.dlaclab.zoo.Zoo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Networks of the zoo, exported and run by ONNX Runtime, each layer against the textbook. */
class ZooInferenceTest {
  private static final Policy FULL = new Policy("full", new Quantizer.FullPrecision(), List.of());

  @ParameterizedTest
  @CsvSource({
    "mobilenet-v1, 32",
    "mobilenet-v2, 32",
    "efficientnet-b0, 32",
    "shufflenet-v1, 32",
    "shufflenet-v2, 32",
    "squeezenet-1.0, 33",
    "squeezenet-1.1, 33",
    "densenet121, 32",
    "inception-v3, 75",
  })
  void givesWhatTheTextbookSays(String name, int extent) {
    Network network = Zoo.network(name, new FeatureMap(3, extent, extent), 10);
    Weights weights = Weights.random(network, 1);
    Tensor images = new RandomNetworks(1).images(network, 1);
    Map<String, Tensor> actual;
    List<String> names = network.nodes().stream().map(Node::name).toList();
    try (Inference inference = Inference.of(weights, FULL, names, 1)) {
      actual = inference.run(images);
    }
    NaiveForward naive = new NaiveForward(weights, FULL);
    for (Node node : network.nodes()) {
      List<double[][][]> inputs = NaiveForward.ifms(network, node, images, actual);
      double[][][] expected = naive.apply(node, inputs);
      Tensor result = actual.get(node.name());
      double largest = 1e-3;
      double difference = 0;
      int i = 0;
      for (double[][] channel : expected) {
        for (double[] row : channel) {
          for (double value : row) {
            largest = Math.max(largest, Math.abs(value));
            double here = Math.abs(result.get(i++) - value);
            difference = Math.max(difference, here); // NaN stays
          }
        }
      }
      assertThat(difference).as(node.name()).isLessThan(1e-5 * largest);
      assertThat(i).isEqualTo(result.size());
    }
  }
}
