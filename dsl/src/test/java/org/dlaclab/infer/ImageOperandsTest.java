package org.dlaclab.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.dlaclab.network.Layers.*;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.dlaclab.error.DlacException;
import org.dlaclab.network.FeatureMap;
import org.dlaclab.network.Layer;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.network.Weights;
import org.dlaclab.operand.Operands;
import org.dlaclab.quant.Policy;
import org.dlaclab.quant.Quantizer;
import org.dlaclab.tensor.BitMatrix;
import org.dlaclab.tensor.Shape;
import org.dlaclab.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ImageOperandsTest {
  private static final Policy FULL = new Policy("full", new Quantizer.FullPrecision(), List.of());

  static java.util.stream.LongStream seeds() {
    return java.util.stream.LongStream.range(1000, 1060);
  }

  /**
   * Weights -1, 0 and 1 and pixels 0 to 2 make sums exact, so that the engine and the textbook must
   * agree on every zero, until a layer leaves the whole numbers.
   */
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void everyBitIsANonZeroOfTheTextbooksForwardPass(long seed) {
    RandomNetworks random = new RandomNetworks(seed);
    Network network = random.network();
    Weights weights = whole(network, seed);
    Tensor images = whole(random.images(network, 4));
    Operands operands = new ImageOperands(weights, FULL, images, 2, 2, "test");
    NaiveForward naive = new NaiveForward(weights, FULL);

    for (int sample = 0; sample < 2; sample++) {
      Operands.Sample actual = operands.sample(sample);
      for (int b = 0; b < 2; b++) {
        double[][][] image = RandomNetworks.image(images, sample * 2 + b);
        List<double[][][]> results = naive.run(image);
        Map<Integer, Boolean> exact = exact(network, results);
        for (Node layer : network.gridLayers()) {
          int from = layer.inputs().get(0);
          if (exact.get(from)) {
            assertBits(layer, actual.ifm(layer), b, from == Node.INPUT ? image : results.get(from));
          }
        }
      }
    }
  }

  private static void assertBits(Node layer, BitMatrix mask, int image, double[][][] expected) {
    FeatureMap map = layer.ifm();
    assertThat(mask.rows()).isEqualTo(2 * map.height() * map.width());
    assertThat(mask.columns()).isEqualTo(map.channels());
    for (int c = 0; c < map.channels(); c++) {
      for (int h = 0; h < map.height(); h++) {
        for (int w = 0; w < map.width(); w++) {
          assertThat(mask.get((image * map.height() + h) * map.width() + w, c))
              .describedAs("IFM of %s at %d, %d, %d", layer, c, h, w)
              .isEqualTo(expected[c][h][w] != 0);
        }
      }
    }
  }

  /** Nodes whose values are whole numbers that floats hold. */
  private static Map<Integer, Boolean> exact(Network network, List<double[][][]> results) {
    Map<Integer, Boolean> exact = new HashMap<>(Map.of(Node.INPUT, true));
    for (Node node : network.nodes()) {
      boolean whole = node.inputs().stream().allMatch(exact::get);
      for (double[][] channel : results.get(node.index())) {
        for (double[] row : channel) {
          for (double value : row) {
            whole &= value == Math.rint(value) && Math.abs(value) < 1 << 20;
          }
        }
      }
      exact.put(
          node.index(),
          whole
              && !(node.layer() instanceof Layer.BatchNorm)
              && !(node.layer() instanceof Layer.Softmax)
              && !(node.layer() instanceof Layer.Relu relu && relu.threshold() > 0));
    }
    return exact;
  }

  private static Weights whole(Network network, long seed) {
    Map<String, Tensor> tensors = new HashMap<>();
    Weights.random(network, seed)
        .tensors()
        .forEach(
            (name, tensor) -> {
              float[] values = tensor.toArray();
              for (int i = 0; i < values.length; i++) {
                values[i] = name.endsWith("var") ? 1 : Math.signum(Math.round(2 * values[i]));
              }
              tensors.put(name, Tensor.of(tensor.shape(), values));
            });
    return new Weights(network, tensors);
  }

  private static Tensor whole(Tensor images) {
    float[] values = images.toArray();
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.min(2, Math.abs(Math.round(values[i])));
    }
    return Tensor.of(images.shape(), values);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void weightMasksAreTransposedNonZerosOfTheQuantizedWeights(long seed) {
    RandomNetworks random = new RandomNetworks(seed);
    Network network = random.network();
    Policy policy = random.policy(network);
    Weights weights = Weights.random(network, seed);
    Operands operands = new ImageOperands(weights, policy, random.images(network, 1), 1, 1, "test");

    for (Node layer : network.gridLayers()) {
      Layer.Conv conv = layer.conv();
      Tensor quantized =
          policy.assign(network).get(layer.name()).quantize(weights.get(layer, "weight"));
      int channels = layer.ifm().channels() / conv.groups();
      int height = conv.kernel().height();
      int width = conv.kernel().width();
      BitMatrix mask = operands.weights(layer);
      assertThat(mask.rows()).isEqualTo(conv.filters());
      assertThat(mask.columns()).isEqualTo(height * width * channels);
      int i = 0;
      for (int k = 0; k < conv.filters(); k++) {
        for (int c = 0; c < channels; c++) {
          for (int r = 0; r < height; r++) {
            for (int s = 0; s < width; s++) {
              assertThat(mask.get(k, (r * width + s) * channels + c))
                  .isEqualTo(quantized.get(i++) != 0);
            }
          }
        }
      }
    }
  }

  private static final Network BLOCK =
      network(
          "block",
          ifm(2, 6, 6),
          conv("conv1", filters(4), kernel(3), pad(1)),
          batchNorm(),
          relu(),
          residual(
              conv("conv2", filters(4), kernel(3), pad(1)),
              batchNorm(),
              relu(),
              conv("conv3", filters(4), kernel(3), pad(1)),
              batchNorm()),
          relu(0.1),
          maxPool(kernel(2)),
          conv("conv4", filters(3), kernel(1)),
          localResponseNorm(),
          branches(
              "split",
              branch(conv("left", filters(2), kernel(1)), relu()),
              branch(conv("right", filters(1), kernel(1)))),
          globalAvgPool(),
          fc("fc", 5),
          softmax());

  @ParameterizedTest
  @CsvSource({
    "conv1, conv1.relu",
    "conv2, conv2.relu",
    "conv3, conv3.relu",
    "conv4, conv4",
    "left, left.relu",
    "right, right",
    "fc, fc"
  })
  void aLayerHandsOnWhatIsBehindItsNormalizationAdditionAndActivation(String layer, String last) {
    assertThat(BLOCK.handedOn(BLOCK.node(layer)).name()).isEqualTo(last);
  }

  @Test
  void ofmDensityIsThatOfWhatALayerHandsOn() {
    Weights weights = Weights.random(BLOCK, 4);
    Tensor images = new RandomNetworks(4).images(BLOCK, 3);
    Operands operands = new ImageOperands(weights, FULL, images, 1, 3, "test");
    Map<String, Tensor> results;
    try (Inference inference =
        Inference.of(weights, FULL, BLOCK.nodes().stream().map(Node::name).toList())) {
      results = inference.run(images);
    }

    Operands.Sample sample = operands.sample(0);
    for (Node layer : BLOCK.gridLayers()) {
      Tensor handedOn = results.get(BLOCK.handedOn(layer).name());
      assertThat(sample.ofmDensity(layer)).isCloseTo(handedOn.density(), within(1e-12));
    }
    // Half of what a ReLU gets is negative, roughly; a convolution gives hardly any zeros.
    assertThat(sample.ofmDensity(BLOCK.node("conv1"))).isBetween(0.1, 0.9);
    assertThat(sample.ofmDensity(BLOCK.node("conv4"))).isGreaterThan(0.99);
  }

  @Test
  void samplesAreTheSameWheneverTheyAreAskedFor() {
    Tensor images = new RandomNetworks(5).images(BLOCK, 4);
    Operands operands = new ImageOperands(Weights.random(BLOCK, 5), FULL, images, 4, 1, "test");
    BitMatrix first = operands.sample(2).ifm(BLOCK.node("conv3"));
    operands.sample(0);
    assertThat(operands.sample(2).ifm(BLOCK.node("conv3"))).isEqualTo(first);
    assertThatThrownBy(() -> operands.sample(4)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void activationsThatOverflowNameTheLayer() {
    Network network =
        network(
            "big",
            ifm(1, 2, 2),
            conv("a", filters(1), kernel(1)),
            conv("b", filters(1), kernel(1)));
    Map<String, Tensor> tensors = new HashMap<>(Weights.random(network, 1).tensors());
    tensors.put("a.weight", Tensor.of(Shape.of(1, 1, 1, 1), 3e38f));
    Operands operands =
        new ImageOperands(
            new Weights(network, tensors),
            FULL,
            Tensor.of(Shape.of(1, 1, 2, 2), 9, 9, 9, 9),
            1,
            1,
            "test");
    assertThatThrownBy(() -> operands.sample(0))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("the OFM of \"a\" of big holds NaN or infinity");
  }
}
