package org.dlaclab.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.dlaclab.network.Layers.*;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.dlaclab.error.DlacException;
import org.dlaclab.network.Layer;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.network.Weights;
import org.dlaclab.quant.Policy;
import org.dlaclab.quant.Quantizer;
import org.dlaclab.tensor.Shape;
import org.dlaclab.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class InferenceTest {
  private static final Policy FULL = new Policy("full", new Quantizer.FullPrecision(), List.of());

  static LongStream seeds() {
    return LongStream.range(0, 200);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void everyLayerOfARandomNetworkGivesWhatTheTextbookSays(long seed) {
    RandomNetworks random = new RandomNetworks(seed);
    Network network = random.network();
    Policy policy = random.policy(network);
    Weights weights = Weights.random(network, seed);
    Tensor images = random.images(network, 3);

    Map<String, Tensor> actual;
    try (Inference inference = Inference.of(weights, policy, names(network), 1)) {
      actual = inference.run(images);
    }

    NaiveForward naive = new NaiveForward(weights, policy);
    for (int i = 0; i < 3; i++) {
      List<double[][][]> expected = naive.run(RandomNetworks.image(images, i));
      for (Node node : network.nodes()) {
        Tensor result = actual.get(node.name());
        assertThat(result.shape())
            .isEqualTo(Shape.of(3, node.ofm().channels(), node.ofm().height(), node.ofm().width()));
        assertClose(node, result, i, expected.get(node.index()));
      }
    }
  }

  /**
   * Each layer is compared on the engine's own IFMs: a difference in the last bit may move a result
   * to the next level, and all that follows.
   */
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void activationsHaveTheThresholdsAndLevelsOfThePolicy(long seed) {
    RandomNetworks random = new RandomNetworks(seed);
    Network network = random.network();
    Policy policy = random.withActivations(random.policy(network), network);
    Weights weights = Weights.random(network, seed);
    Tensor images = random.images(network, 1);

    Map<String, Tensor> actual;
    try (Inference inference = Inference.of(weights, policy, names(network), 1)) {
      actual = inference.run(images);
    }

    NaiveForward naive = new NaiveForward(weights, policy);
    for (Node node : network.nodes()) {
      List<double[][][]> inputs = NaiveForward.ifms(network, node, images, actual);
      double[][][] expected = naive.apply(node, inputs);
      if (policy.on(network).nodes().get(node.index()).layer() instanceof Layer.Relu relu) {
        takeTiesAs(actual.get(node.name()), relu, inputs.get(0), expected);
      }
      assertClose(node, actual.get(node.name()), 0, expected);
      if (node.layer() instanceof Layer.Relu) {
        int i = 0; // zeros are exact
        for (double[][] channel : expected) {
          for (double[] row : channel) {
            for (double value : row) {
              assertThat(actual.get(node.name()).get(i++) == 0).isEqualTo(value == 0);
            }
          }
        }
      }
    }
  }

  /** An average of two levels may lie between two others: floats decide, and either is right. */
  private static void takeTiesAs(
      Tensor actual, Layer.Relu relu, double[][][] ifm, double[][][] expected) {
    int i = 0;
    for (int c = 0; c < ifm.length; c++) {
      for (int h = 0; h < ifm[c].length; h++) {
        for (int w = 0; w < ifm[c][h].length; w++, i++) {
          double level = ifm[c][h][w] * relu.scale();
          boolean tie = Math.abs(level - Math.floor(level) - 0.5) < 1e-5;
          if (relu.bits() > 0 && tie && Math.abs(actual.get(i) / relu.step() - level) < 0.5001) {
            expected[c][h][w] = actual.get(i);
          }
        }
      }
    }
  }

  private static float[] results(Policy.Activations rule, float... values) {
    Network network = network("relu", ifm(values.length), relu(), fc("fc", 1));
    Policy policy = Policy.of("p", rule);
    Weights weights = Weights.random(network, 1);
    try (Inference inference = Inference.of(weights, policy, List.of("input.relu"))) {
      return inference
          .run(Tensor.of(Shape.of(1, values.length, 1, 1), values))
          .get("input.relu")
          .toArray();
    }
  }

  private static Policy.Activations all(Policy.Activation... does) {
    return new Policy.Activations(Policy.Activations.ALL, List.of(does));
  }

  @Test
  void aTieBetweenLevelsGoesToTheEvenOne() {
    // Levels 0, 1, 2, 3.
    assertThat(
            results(all(new Policy.KBit(2, 3)), -4, 0, 0.25f, 0.5f, 0.75f, 1.5f, 2.5f, 2.75f, 99))
        .containsExactly(0, 0, 0, 0, 1, 2, 2, 3, 3);
  }

  @Test
  void theThresholdComesBeforeTheLevels() {
    assertThat(
            results(
                all(new Policy.KBit(2, 3), new Policy.Threshold(1.75)),
                -4,
                1.5f,
                1.75f,
                1.8f,
                2.6f,
                4))
        .containsExactly(0, 0, 0, 2, 3, 3);
    assertThat(results(all(new Policy.Threshold(0.01)), 0.0099f, 0.01f, 0.0101f, 7))
        .containsExactly(0, 0, 0.0101f, 7);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 8, 16})
  void levelsAreMultiplesOfTheStep(int bits) {
    float[] values = new float[1000];
    for (int i = 0; i < values.length; i++) {
      values[i] = i * 0.007f - 0.5f;
    }
    Layer.Relu relu = new Layer.Relu("", 0, bits, 6);
    float[] actual = results(all(new Policy.KBit(bits, 6)), values);
    for (int i = 0; i < values.length; i++) {
      // The definition in floats, to the last bit: training computes the same.
      float inside = Math.min(Math.max(values[i], 0), 6);
      assertThat(actual[i]).isEqualTo((float) Math.rint(inside * relu.scale()) * relu.step());
    }
  }

  @Test
  void aReluHandsNaNOnUnlessItHasAThreshold() {
    float nan = Float.NaN;
    assertThat(results(all(new Policy.Threshold(0)), nan, -1, 1)).containsExactly(nan, 0, 1);
    assertThat(results(all(new Policy.KBit(4, 6)), nan, -1, 6)).containsExactly(nan, 0, 6);
    assertThat(results(all(new Policy.Threshold(0.5)), nan, -1, 1)).containsExactly(0, 0, 1);
  }

  @Test
  void learnedScalesAreThoseOfTheGraph() {
    Network network = network("ttq", ifm(3), fc("fc", 1));
    Policy policy = new Policy("ttq", new Quantizer.TrainedTernary(), List.of());
    Weights weights =
        new Weights(
            network,
            Map.of(
                "fc.weight", Tensor.of(Shape.of(1, 3), 1, -1, 0.01f),
                "fc.bias", Tensor.of(Shape.of(1), 0),
                "fc.scales", Tensor.of(Shape.of(2), 0.5f, 4)));
    try (Inference inference = Inference.of(weights, policy, List.of("fc"))) {
      assertThat(inference.run(Tensor.of(Shape.of(1, 3, 1, 1), 10, 1, 100)).get("fc").get(0))
          .isEqualTo(0.5f * 10 - 4);
    }
  }

  @Test
  void theRandomNetworksHoldEveryKindOfLayer() {
    Set<String> kinds = new HashSet<>();
    seeds()
        .forEach(
            seed ->
                new RandomNetworks(seed)
                    .network()
                    .nodes()
                    .forEach(node -> kinds.add(node.layer().kind())));
    assertThat(kinds)
        .containsExactlyInAnyOrder(
            "conv",
            "fc",
            "bn",
            "relu",
            "maxPool",
            "avgPool",
            "globalAvgPool",
            "lrn",
            "flatten",
            "softmax",
            "add",
            "concat",
            "clip",
            "leakyRelu",
            "sigmoid",
            "tanh",
            "hardSigmoid",
            "hardSwish",
            "swish",
            "multiply",
            "channelShuffle",
            "channels");
  }

  private static void assertClose(Node node, Tensor actual, int image, double[][][] expected) {
    double size = 1;
    for (double[][] channel : expected) {
      for (double[] row : channel) {
        for (double value : row) {
          size = Math.max(size, Math.abs(value));
        }
      }
    }
    int i = image * (int) node.ofm().size();
    for (double[][] channel : expected) {
      for (double[] row : channel) {
        for (double value : row) {
          assertThat((double) actual.get(i++))
              .describedAs("%s of image %d", node, image)
              .isCloseTo(value, within(1e-4 * size));
        }
      }
    }
  }

  private static List<String> names(Network network) {
    return network.nodes().stream().map(Node::name).toList();
  }

  /** Values of a hundred, where the constants of the normalization show. */
  @Test
  void localResponseNormalizationHasThePapersConstants() {
    Network network = network("lrn", ifm(7, 1, 1), localResponseNorm(), fc("fc", 1));
    Tensor images = Tensor.of(Shape.of(1, 7, 1, 1), 90, -110, 70, 130, -100, 85, 120);
    Weights weights = Weights.random(network, 1);
    String name = network.nodes().get(0).name();
    try (Inference inference = Inference.of(weights, FULL, List.of(name))) {
      double[][][] expected =
          new NaiveForward(weights, FULL).run(RandomNetworks.image(images, 0)).get(0);
      for (int c = 0; c < 7; c++) {
        assertThat((double) inference.run(images).get(name).get(c))
            .isCloseTo(expected[c][0][0], within(1e-3));
      }
    }
  }

  @Test
  void resultsThatExceedTheBoundComeInPartsAndAreTheSame() {
    Network network =
        network(
            "parts",
            ifm(3, 8, 8),
            conv("a", filters(4), kernel(3)),
            relu(),
            conv("b", filters(2), kernel(3)));
    Weights weights = Weights.random(network, 1);
    Tensor images = new RandomNetworks(1).images(network, 10);
    List<String> names = names(network);
    float[] expected;
    try (Inference whole = Inference.of(weights, FULL, names)) {
      expected = whole.run(images).get("a").toArray();
    }
    // An image needs 4 * (144 + 144 + 32) = 1280 bytes for results and 4 * 576 for the engine.
    for (long bound : new long[] {1, 600, 1280, 3 * 3584, 1 << 20}) {
      List<String> calls = new ArrayList<>();
      float[] a = new float[10 * 144];
      try (Inference inference = Inference.bounded(weights, FULL, names, bound)) {
        inference.run(
            images,
            (node, first, count, values) -> {
              calls.add(node.name() + " " + first + "+" + count);
              assertThat(values.remaining()).isEqualTo(count * (int) node.ofm().size());
              if (node.name().equals("a")) {
                values.get(a, first * 144, count * 144);
              }
            });
        assertThat(a).containsExactly(expected);
        assertThat(inference.run(images).get("a").toArray()).containsExactly(expected);
      }
      if (bound < 3 * 3584) {
        assertThat(calls).hasSize(30).contains("a 0+1", "b 9+1");
      } else if (bound == 3 * 3584) {
        assertThat(calls).startsWith("a 0+3", "a.relu 0+3", "b 0+3").endsWith("b 9+1");
      } else {
        assertThat(calls).containsExactly("a 0+10", "a.relu 0+10", "b 0+10");
      }
    }
  }

  @Test
  void imagesOfAnotherShapeAreRefusedWithBothShapes() {
    Network network = network("n", ifm(1, 4, 4), conv("a", filters(1), kernel(3)));
    try (Inference inference = Inference.of(Weights.random(network, 1), FULL, List.of("a"))) {
      assertThatThrownBy(() -> inference.run(Tensor.of(Shape.of(2, 1, 4, 5), new float[40])))
          .isInstanceOf(DlacException.class)
          .hasMessageContaining("2x1x4x5")
          .hasMessageContaining("n x 1 x 4 x 4")
          .hasMessageContaining("ifm(1, 4, 5)");
      assertThatThrownBy(() -> inference.run(Tensor.of(Shape.of(16), new float[16])))
          .isInstanceOf(DlacException.class);
    }
  }

  @Test
  void aLayerThatIsNotThereIsRefused() {
    Network network = network("n", ifm(1, 4, 4), conv("conv1", filters(1), kernel(3)));
    assertThatThrownBy(() -> Inference.of(Weights.random(network, 1), FULL, List.of("conv2")))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("did you mean \"conv1\"?");
  }

  @Test
  void namesThatLookLikeTensorsDoNotCollide() {
    Network network =
        network(
            "names",
            ifm(2),
            fc("input", 3),
            fc("input.weight", 2),
            fc("input.flat", 2),
            conv("x", filters(1), kernel(1)),
            conv("x.spatial", filters(1), kernel(1)));
    Weights weights = Weights.random(network, 3);
    Tensor images = Tensor.of(Shape.of(1, 2, 1, 1), 1, -2);
    try (Inference inference = Inference.of(weights, FULL, List.of("x.spatial"))) {
      double[][][] expected =
          new NaiveForward(weights, FULL).run(new double[][][] {{{1}}, {{-2}}}).get(4);
      assertThat((double) inference.run(images).get("x.spatial").get(0))
          .isCloseTo(expected[0][0][0], within(1e-5));
    }
  }
}
