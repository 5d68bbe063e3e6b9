package org.dlaclab.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.dlaclab.error.Refusals.assertRefused;
import static org.dlaclab.network.Layers.*;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.dlaclab.infer.Inference;
import org.dlaclab.network.FeatureMap;
import org.dlaclab.network.Layer;
import org.dlaclab.network.Network;
import org.dlaclab.network.Part;
import org.dlaclab.network.Weights;
import org.dlaclab.quant.Policy;
import org.dlaclab.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What training computes is what inference computes. */
class ForwardPassTest {
  private static final FeatureMap IFM = ifm(3, 6, 6);

  static Stream<Part> parts() {
    return Stream.of(
        relu6(),
        relu(0.2),
        new Layer.Relu("", 0.1, 3, 1),
        clip(-0.5, 0.4),
        leakyRelu(0.1),
        sigmoid(),
        tanh(),
        hardSigmoid(),
        hardSwish(),
        swish(),
        new Layer.BatchNorm("", 0.1f),
        localResponseNorm(),
        new Layer.LocalResponseNorm("", 3, 0.5f, 1.5f, 1),
        gate(sigmoid()),
        gate(globalAvgPool(), fc("excite", 6), sigmoid()),
        gate(globalAvgPool(), conv("excite", filters(6), kernel(1)), hardSigmoid()),
        channelShuffle(3),
        channels(2, 3),
        avgPool(kernel(3), stride(2), pad(1)),
        avgPool(kernel(3), stride(2), pad(1), countPadding()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("parts")
  void trainingAndInferenceGiveTheSame(Part part) {
    Network network =
        network("n", IFM, conv("c", filters(6), kernel(3)), part, flatten(), fc("f", 4));
    Weights weights = Weights.random(network, 1);
    float[] pixels = new float[2 * (int) IFM.size()];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) (3 * Math.sin(i));
    }
    float[] expected;
    try (Inference inference = Inference.of(weights, Policy.of("full"), List.of("f"))) {
      expected =
          inference
              .run(Tensor.of(org.dlaclab.tensor.Shape.of(2, 3, 6, 6), pixels))
              .get("f")
              .toArray();
    }
    try (NDManager manager = NDManager.newBaseManager()) {
      Map<String, NDArray> values = new HashMap<>();
      weights
          .tensors()
          .forEach(
              (name, tensor) ->
                  values.put(
                      name,
                      manager.create(
                          tensor.toArray(),
                          new Shape(tensor.shape().dims().stream().mapToLong(d -> d).toArray()))));
      float[] actual =
          new ForwardPass(network)
              .logits(
                  manager.create(pixels, new Shape(2, 3, 6, 6)),
                  values,
                  false,
                  ForwardPass.Tap.NONE)
              .toFloatArray();
      for (int i = 0; i < expected.length; i++) {
        assertThat(actual[i]).isCloseTo(expected[i], within(1e-4f));
      }
    }
  }

  @Test
  void layersThatOnlyAFileKnowsAreRefused() {
    Network network =
        network(
            "n", IFM, new Layer.Operator("up", "Resize", ifm(3, 12, 12)), flatten(), fc("f", 2));
    assertRefused(() -> ForwardPass.requireTrainable(network), "\"up\"", "Resize");
  }
}
