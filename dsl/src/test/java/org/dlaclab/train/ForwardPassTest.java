package org.dlaclab.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.dlaclab.Dlac.*;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.dlaclab.infer.Inference;
import org.dlaclab.infer.NaiveForward;
import org.dlaclab.infer.RandomNetworks;
import org.dlaclab.network.FeatureMap;
import org.dlaclab.network.Layer;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.network.Option;
import org.dlaclab.network.Weights;
import org.dlaclab.quant.Policy;
import org.dlaclab.tensor.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What training computes is what the textbook says, and what inference computes. */
class ForwardPassTest {
  private static final double TOLERANCE = 1e-4;

  @BeforeAll
  static void engine() {
    NeedsPyTorch.assume();
  }

  static LongStream seeds() {
    return LongStream.range(1000, 1150);
  }

  /** The result of each node, and the logits under the name "". */
  private static Map<String, Tensor> run(
      Weights weights, Policy policy, Tensor images, boolean training) {
    try (NDManager manager = NDManager.newBaseManager();
        Parameters parameters =
            new Parameters(
                manager, weights.tensors(), Map.of(), policy.assign(weights.network()))) {
      parameters.beginQuantized();
      Map<String, NDArray> read = parameters.read(true);
      Map<String, Tensor> results = new LinkedHashMap<>();
      long[] shape = images.shape().dims().stream().mapToLong(i -> i).toArray();
      NDArray logits =
          new ForwardPass(policy.on(weights.network()))
              .logits(
                  manager.create(images.toArray(), new ai.djl.ndarray.types.Shape(shape)),
                  read,
                  training,
                  (node, inputs, result) -> {
                    results.put(node.name(), Parameters.tensor(result));
                    return result;
                  });
      results.put("", Parameters.tensor(logits));
      return results;
    }
  }

  /** The next random network without what training refuses. */
  private static Network trainable(RandomNetworks random) {
    Network network = random.network();
    while (network.nodes().stream()
        .anyMatch(
            node ->
                node.layer() instanceof Layer.Pool pool
                    && !pool.dilation().equals(new Option.Dilation(1, 1)))) {
      network = random.network();
    }
    return network;
  }

  /**
   * Each layer is compared on the engine's own IFMs: a difference in the last bit may move an
   * activation to its next level, and all that follows.
   */
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void everyLayerOfARandomNetworkGivesWhatTheTextbookSays(long seed) {
    RandomNetworks random = new RandomNetworks(seed);
    Network network = trainable(random);
    Policy policy = random.withActivations(random.policy(network), network);
    Weights weights = Weights.random(network, seed);
    int batch = 1 + (int) (seed % 3);
    Tensor images = random.images(network, batch);
    Map<String, Tensor> actual = run(weights, policy, images, false);

    NaiveForward naive = new NaiveForward(weights, policy);
    for (Node node : policy.on(network).nodes()) {
      if (isLastSoftmax(network, node)) {
        continue; // left to the loss
      }
      for (int b = 0; b < batch; b++) {
        List<double[][][]> inputs = new ArrayList<>();
        for (int input : node.inputs()) {
          inputs.add(
              input == Node.INPUT
                  ? image(images, network.ifm(), b)
                  : image(
                      actual.get(network.nodes().get(input).name()),
                      network.nodes().get(input).ofm(),
                      b));
        }
        assertClose(
            node,
            inputs.get(0),
            image(actual.get(node.name()), node.ofm(), b),
            naive.apply(node, inputs));
      }
    }
  }

  /** Thresholds and levels are left out: they make jumps of last bits. */
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void aRandomNetworkGivesTheLogitsOfInference(long seed) {
    RandomNetworks random = new RandomNetworks(seed);
    Network network = trainable(random);
    Policy policy = random.policy(network);
    Weights weights = Weights.random(network, seed);
    Tensor images = random.images(network, 2);
    Node last = network.nodes().get(network.nodes().size() - 1);
    Node logits = isLastSoftmax(network, last) ? network.nodes().get(last.index() - 1) : last;

    Tensor actual = run(weights, policy, images, false).get("");

    Tensor expected;
    try (Inference inference = Inference.of(weights, policy, List.of(logits.name()), 1)) {
      expected = inference.run(images).get(logits.name());
    }
    assertThat(actual.shape().dims()).containsExactly(2, (int) network.ofm().size());
    double size = 1;
    for (int i = 0; i < expected.size(); i++) {
      size = Math.max(size, Math.abs(expected.get(i)));
    }
    for (int i = 0; i < expected.size(); i++) {
      assertThat((double) actual.get(i)).isCloseTo(expected.get(i), within(TOLERANCE * size));
    }
  }

  private static boolean isLastSoftmax(Network network, Node node) {
    return node.layer() instanceof Layer.Softmax && node.index() == network.nodes().size() - 1;
  }

  private static double[][][] image(Tensor tensor, FeatureMap map, int index) {
    double[][][] image = new double[map.channels()][map.height()][map.width()];
    int i = index * (int) map.size();
    for (double[][] channel : image) {
      for (double[] row : channel) {
        for (int w = 0; w < row.length; w++) {
          row[w] = tensor.get(i++);
        }
      }
    }
    return image;
  }

  private static void assertClose(
      Node node, double[][][] ifm, double[][][] actual, double[][][] expected) {
    double size = 1;
    for (double[][] channel : expected) {
      for (double[] row : channel) {
        for (double value : row) {
          size = Math.max(size, Math.abs(value));
        }
      }
    }
    for (int c = 0; c < expected.length; c++) {
      for (int h = 0; h < expected[c].length; h++) {
        for (int w = 0; w < expected[c][h].length; w++) {
          double tolerance = TOLERANCE * size;
          if (node.layer() instanceof Layer.Relu relu && relu.bits() > 0) {
            double level = ifm[c][h][w] * relu.scale();
            boolean tie = Math.abs(level - Math.floor(level) - 0.5) < 1e-4;
            tolerance += tie ? relu.step() : 0; // floats decide, and either is right
          }
          assertThat(actual[c][h][w])
              .describedAs("%s at %d, %d, %d", node, c, h, w)
              .isCloseTo(expected[c][h][w], within(tolerance));
        }
      }
    }
  }
}
