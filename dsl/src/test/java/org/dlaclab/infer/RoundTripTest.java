package org.dlaclab.infer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.network.Weights;
import org.dlaclab.onnx.OnnxModel;
import org.dlaclab.quant.Policy;
import org.dlaclab.tensor.Tensor;
import org.dlaclab.zoo.Zoo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Networks of the DSL, written as ONNX and read again. */
class RoundTripTest {
  @TempDir Path folder;

  static LongStream seeds() {
    return LongStream.range(0, 400);
  }

  private static void assertSameWeights(OnnxModel back, Weights weights, Policy policy) {
    for (Node node : back.network().nodes()) {
      for (String name : back.weights().tensors().keySet()) {
        if (name.startsWith(node.name() + ".")) {
          String part = name.substring(node.name().length() + 1);
          boolean quantized = node.onGrid() && part.equals("weight");
          Tensor expected =
              quantized ? policy.quantized(weights, node) : weights.tensors().get(name);
          assertThat(back.weights().tensors().get(name)).as(name).isEqualTo(expected);
        }
      }
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void aNetworkComesBackEqualWithTheActivationsOfThePolicy(long seed) {
    RandomNetworks random = new RandomNetworks(seed);
    Network network = random.network();
    Policy policy = random.withActivations(random.policy(network), network);
    Weights weights = Weights.random(network, seed);

    OnnxModel back = OnnxModel.of(network.name(), OnnxExport.model(weights, policy));

    assertThat(back.network().nodes()).isEqualTo(policy.on(network).nodes());
    assertThat(back.network()).isEqualTo(policy.on(network));
    assertThat(back.isDescribed()).isTrue();
    assertThat(back.batches()).isTrue();
    assertSameWeights(back, weights, policy);
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"alexnet", "googlenet", "resnet18", "resnet50"})
  void aPublishedNetworkComesBackEqual(String name) {
    Network network = Zoo.network(name);
    Weights weights = Weights.random(network, 1);
    Policy policy = Policy.of("full");
    OnnxModel back = OnnxModel.of(name, OnnxExport.model(weights, policy));
    assertThat(back.network()).isEqualTo(network);
    assertThat(back.weights()).isEqualTo(weights);
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"lenet5", "resnet20"})
  void aTrainedNetworkIsTheSameFromItsFile(String name) {
    Trained trained = Trained.load(name);
    String file = folder.resolve(name + ".onnx").toString();
    trained.save(file);

    Trained back = Trained.onnx(Path.of(file)).withImages(trained.images(), trained.labels());

    assertThat(back.network()).isEqualTo(trained.network());
    for (Node node : back.network().gridLayers()) {
      assertThat(back.weights().get(node, "weight"))
          .isEqualTo(trained.policy().quantized(trained.weights(), node));
    }
    String last = back.network().nodes().get(back.network().nodes().size() - 1).name();
    try (Inference one = Inference.of(trained.weights(), trained.policy(), List.of(last));
        Inference other = back.inference(back.weights(), back.policy(), List.of(last))) {
      assertThat(other.run(trained.images())).isEqualTo(one.run(trained.images()));
    }
    assertThat(back.predict(trained.images())).isEqualTo(trained.predict(trained.images()));
  }

  @Test
  void aFileThatWasReadIsWrittenWithThePolicy() {
    Trained trained = Trained.load("lenet5");
    String file = folder.resolve("full.onnx").toString();
    trained.withPolicy(Policy.of("full")).save(file);
    Trained back = Trained.onnx(Path.of(file)).withPolicy(trained.policy());
    String ternary = folder.resolve("ternary.onnx").toString();
    back.save(ternary);
    Trained again = Trained.onnx(Path.of(ternary));
    assertThat(again.predict(trained.images())).isEqualTo(trained.predict(trained.images()));
    for (Node node : again.network().gridLayers()) {
      assertThat(again.weights().get(node, "weight"))
          .isEqualTo(trained.policy().quantized(trained.weights(), node));
    }
  }
}
