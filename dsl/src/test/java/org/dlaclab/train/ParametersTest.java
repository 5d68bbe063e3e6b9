package org.dlaclab.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.dlaclab.Dlac.*;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import ai.djl.training.loss.Loss;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.dlaclab.infer.NaiveForward;
import org.dlaclab.infer.RandomNetworks;
import org.dlaclab.network.Network;
import org.dlaclab.network.Weights;
import org.dlaclab.quant.Policy;
import org.dlaclab.quant.Quantizer;
import org.dlaclab.tensor.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Gradients, and what they do to the values that are trained. */
class ParametersTest {
  private static final Policy FULL = policy("full");

  private static final Network NETWORK =
      network(
          "small",
          ifm(2, 6, 6),
          conv("c1", filters(3), kernel(3), pad(1)),
          batchNorm("bn"),
          relu(),
          conv("c2", filters(4), kernel(3), stride(2)),
          relu(),
          flatten(),
          fc("f", 3));

  private static final int[] LABELS = {0, 2, 1, 2};

  @BeforeAll
  static void engine() {
    NeedsPyTorch.assume();
  }

  private static final Tensor IMAGES = new RandomNetworks(5).images(NETWORK, LABELS.length);

  /** Values under training, with the gradients that their last backward pass left. */
  private static final class Trial implements AutoCloseable {
    private final NDManager manager = NDManager.newBaseManager();
    private final Parameters parameters;
    private final ForwardPass forward;
    private Map<String, NDArray> read = Map.of();

    Trial(Map<String, Tensor> values, Policy policy) {
      parameters = new Parameters(manager, values, Map.of(), policy.assign(NETWORK));
      parameters.beginQuantized();
      forward = new ForwardPass(policy.on(NETWORK));
    }

    /** The gradient of the mean cross-entropy with respect to what the forward pass reads. */
    Map<String, Tensor> backward() {
      read = parameters.readForTraining(true);
      long[] shape = IMAGES.shape().dims().stream().mapToLong(i -> i).toArray();
      NDArray images = manager.create(IMAGES.toArray(), new ai.djl.ndarray.types.Shape(shape));
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        NDArray logits = forward.logits(images, read, false, (node, inputs, result) -> result);
        NDArray labels = manager.create(LABELS);
        collector.backward(
            Loss.softmaxCrossEntropyLoss().evaluate(new NDList(labels), new NDList(logits)));
      }
      Map<String, Tensor> gradients = new LinkedHashMap<>();
      read.forEach(
          (name, array) -> {
            if (array.hasGradient()) {
              gradients.put(name, Parameters.tensor(array.getGradient()));
            }
          });
      return gradients;
    }

    Map<String, Tensor> update(double rate, double momentum, double decay) {
      parameters.update(read, rate, momentum, decay);
      parameters.release(read);
      return parameters.tensors();
    }

    @Override
    public void close() {
      parameters.close();
      manager.close();
    }
  }

  private static Map<String, Tensor> values(long seed) {
    return new LinkedHashMap<>(Weights.random(NETWORK, seed).tensors());
  }

  @ParameterizedTest(name = "momentum {0}")
  @ValueSource(doubles = {0, 0.9})
  void severalStepsAreThoseOfPlainSgd(double momentum) {
    double rate = 0.1;
    double decay = 0.01;
    try (Trial trial = new Trial(values(1), FULL)) {
      Map<String, double[]> expected = new LinkedHashMap<>();
      Map<String, double[]> velocities = new LinkedHashMap<>();
      values(1).forEach((name, tensor) -> expected.put(name, doubles(tensor)));
      Map<String, Tensor> actual = Map.of();
      for (int step = 0; step < 5; step++) {
        Map<String, Tensor> gradients = trial.backward();
        actual = trial.update(rate, momentum, decay);
        gradients.forEach(
            (name, gradient) -> {
              double[] w = expected.get(name);
              double[] v = velocities.computeIfAbsent(name, n -> new double[w.length]);
              for (int i = 0; i < w.length; i++) {
                v[i] = momentum * v[i] + gradient.get(i) + decay * w[i];
                w[i] -= rate * v[i];
              }
            });
      }
      for (String name : expected.keySet()) {
        assertClose(name, actual.get(name), expected.get(name), 1e-5);
      }
      // Every trained value decays, as PyTorch's optimizer does it; statistics are only measured.
      assertThat(velocities.keySet())
          .containsExactlyInAnyOrder(
              "c1.weight",
              "c1.bias",
              "bn.weight",
              "bn.bias",
              "c2.weight",
              "c2.bias",
              "f.weight",
              "f.bias");
      assertThat(actual.get("bn.running_mean")).isEqualTo(values(1).get("bn.running_mean"));
    }
  }

  @Test
  void shadowWeightsAreNotClipped() {
    Map<String, Tensor> values = values(2);
    Tensor weights = values.get("c2.weight");
    float[] large = weights.toArray();
    large[0] = 3;
    values.put("c2.weight", Tensor.of(weights.shape(), large));
    try (Trial trial = new Trial(values, policy("binary", weights(binary())))) {
      trial.backward();
      Map<String, Tensor> after = trial.update(0.1, 0, 0.5);
      // Beyond 1 the estimator lets no gradient through: only the decay moves it.
      assertThat(after.get("c2.weight").get(0)).isCloseTo(3 - 0.1f * 0.5f * 3, within(1e-6f));
    }
  }

  static Stream<String> inFullPrecision() {
    return Stream.of("c1.weight", "c1.bias", "bn.weight", "bn.bias", "c2.bias", "f.bias");
  }

  /** The textbook's forward pass in doubles, moved a little to both sides. */
  @ParameterizedTest
  @MethodSource("inFullPrecision")
  void whatIsInFullPrecisionHasTheSlopeOfTheLoss(String name) {
    Policy policy =
        policy("ternary behind", weights(ternary(PER_FILTER)), except(first(), fullPrecision()));
    Map<String, Tensor> values = values(3);
    Tensor gradient;
    try (Trial trial = new Trial(values, policy)) {
      gradient = trial.backward().get(name);
    }
    double size = 1e-3;
    for (int i = 0; i < gradient.size(); i++) {
      size = Math.max(size, Math.abs(gradient.get(i)));
    }
    for (int i = 0; i < gradient.size(); i += 1 + gradient.size() / 12) {
      float value = values.get(name).get(i);
      float up = value + 1e-3f;
      float down = value - 1e-3f;
      double slope =
          (loss(values, policy, name, i, up) - loss(values, policy, name, i, down))
              / ((double) up - down);
      assertThat((double) gradient.get(i))
          .as("%s[%d]", name, i)
          .isCloseTo(slope, within(3e-3 * size));
    }
  }

  private static double loss(
      Map<String, Tensor> values, Policy policy, String name, int index, float value) {
    float[] moved = values.get(name).toArray();
    moved[index] = value;
    Map<String, Tensor> all = new LinkedHashMap<>(values);
    all.put(name, Tensor.of(values.get(name).shape(), moved));
    NaiveForward naive = new NaiveForward(new Weights(NETWORK, all), policy);
    double loss = 0;
    for (int b = 0; b < LABELS.length; b++) {
      List<double[][][]> results = naive.run(RandomNetworks.image(IMAGES, b));
      double[] logits =
          Arrays.stream(results.get(results.size() - 1)).mapToDouble(c -> c[0][0]).toArray();
      double sum = Arrays.stream(logits).map(Math::exp).sum();
      loss += (Math.log(sum) - logits[LABELS[b]]) / LABELS.length;
    }
    return loss;
  }

  /** What a paper makes of the gradient with respect to the quantized weights. */
  private interface Rule {
    double[] apply(double[] shadow, double[] gradient, Tensor scales);
  }

  private record Estimator(Quantizer quantizer, Rule rule) {
    @Override
    public String toString() {
      return quantizer.toString();
    }
  }

  static Stream<Estimator> estimators() {
    Rule asItIs = (w, g, scales) -> g;
    Rule trained =
        (w, g, scales) -> {
          double threshold = 0.05 * max(w);
          double[] result = g.clone();
          for (int i = 0; i < w.length; i++) {
            result[i] *= w[i] > threshold ? scales.get(0) : w[i] < -threshold ? scales.get(1) : 1;
          }
          return result;
        };
    Rule upToOne =
        (w, g, scales) -> {
          double[] result = g.clone();
          for (int i = 0; i < w.length; i++) {
            result[i] *= Math.abs(w[i]) <= 1 ? 1 : 0;
          }
          return result;
        };
    return Stream.of(
        new Estimator(ternary(), asItIs),
        new Estimator(ternary(PER_FILTER), asItIs),
        new Estimator(ternary(perGroup(2)), asItIs),
        new Estimator(trainedTernary(), trained),
        new Estimator(binary(), upToOne),
        new Estimator(doReFa(3), ParametersTest::withoutRounding),
        new Estimator(integer(4), asItIs),
        new Estimator(bits(4), asItIs));
  }

  /** The slope of {@code sum of g * tanh(w) / max|tanh(w)|} for each w, by differences. */
  private static double[] withoutRounding(double[] w, double[] g, Tensor scales) {
    double[] result = new double[w.length];
    for (int i = 0; i < w.length; i++) {
      for (int side = -1; side <= 1; side += 2) {
        double[] moved = w.clone();
        moved[i] += side * 1e-6;
        double max = Math.tanh(max(moved));
        double sum = 0;
        for (int j = 0; j < w.length; j++) {
          sum += g[j] * Math.tanh(moved[j]) / max;
        }
        result[i] += side * sum / 2e-6;
      }
    }
    return result;
  }

  /** A twin has as weights what the quantizer makes of the shadow weights. */
  @ParameterizedTest
  @MethodSource("estimators")
  void aShadowWeightGetsWhatThePaperMakesOfItsCopysGradient(Estimator estimator) {
    Policy policy = policy("low", weights(estimator.quantizer()));
    double rate = 0.5;
    Map<String, Tensor> before = values(4);
    // Some beyond 1, so that clipping estimators show.
    before.replaceAll((name, tensor) -> name.equals("c2.weight") ? scaled(tensor, 3) : tensor);
    Map<String, Tensor> twin = new LinkedHashMap<>(before);
    List<String> low = List.of("c1", "c2", "f");
    for (String layer : low) {
      twin.computeIfPresent(
          layer + ".weight", (name, shadow) -> estimator.quantizer().quantize(shadow));
    }
    Map<String, Tensor> gradients;
    try (Trial trial = new Trial(twin, FULL)) {
      gradients = trial.backward();
    }
    try (Trial trial = new Trial(before, policy)) {
      Map<String, Tensor> reached = trial.backward();
      Map<String, Tensor> after = trial.update(rate, 0, 0);
      for (String layer : low) {
        String name = layer + ".weight";
        Tensor shadow = before.get(name);
        assertClose(name, reached.get(name), doubles(gradients.get(name)), 1e-5);
        Tensor scales = estimator.quantizer().initialScales(shadow);
        double[] expected =
            estimator.rule().apply(doubles(shadow), doubles(gradients.get(name)), scales);
        for (int i = 0; i < expected.length; i++) {
          expected[i] = shadow.get(i) - rate * expected[i];
        }
        assertClose(name, after.get(name), expected, 1e-5);
        if (estimator.quantizer().scales() > 0) {
          double[] sums = sums(doubles(shadow), doubles(gradients.get(name)));
          double share = rate / Math.sqrt(shadow.size());
          assertClose(
              layer + ".scales",
              after.get(layer + ".scales"),
              new double[] {
                Math.max(0, scales.get(0) - share * sums[0]),
                Math.max(0, scales.get(1) - share * sums[1])
              },
              1e-5);
        }
      }
    }
  }

  /** With a negative one, what should be a positive weight would be negative. */
  @Test
  void aLearnedScaleStopsAtZero() {
    double rate = 50;
    boolean below = false;
    try (Trial trial = new Trial(values(4), policy("ttq", weights(trainedTernary())))) {
      Map<String, Tensor> before = trial.parameters.tensors();
      Map<String, Tensor> gradients = trial.backward();
      Map<String, Tensor> after = trial.update(rate, 0, 0);
      for (String layer : List.of("c1", "c2", "f")) {
        double[] shadow = doubles(before.get(layer + ".weight"));
        double[] expected = sums(shadow, doubles(gradients.get(layer + ".weight")));
        for (int side = 0; side < 2; side++) {
          double free =
              before.get(layer + ".scales").get(side)
                  - rate / Math.sqrt(shadow.length) * expected[side];
          below |= free < 0;
          expected[side] = Math.max(0, free);
        }
        assertClose(layer, after.get(layer + ".scales"), expected, 1e-5);
      }
    }
    assertThat(below).isTrue();
  }

  /** The slope of the loss along each scale: the copies are +p and -n. */
  private static double[] sums(double[] w, double[] g) {
    double threshold = 0.05 * max(w);
    double[] sums = new double[2];
    for (int i = 0; i < w.length; i++) {
      sums[0] += w[i] > threshold ? g[i] : 0;
      sums[1] -= w[i] < -threshold ? g[i] : 0;
    }
    return sums;
  }

  /** Levels of a k-bit ReLU: the gradient passes between threshold and max. */
  @Test
  void theGradientOfAQuantizedReluPassesBetweenItsThresholdAndItsMax() {
    Network network = network("one", ifm(8), relu(), fc("f", 2));
    Policy policy = policy("4 bits", activations(threshold(0.25), kBit(4, 2)));
    float[] x = {-1, 0, 0.1f, 0.25f, 0.26f, 1.03f, 1.97f, 2.5f};
    Map<String, Tensor> values = Weights.random(network, 1).tensors();
    try (NDManager manager = NDManager.newBaseManager();
        Parameters parameters = new Parameters(manager, values, Map.of(), policy.assign(network))) {
      NDArray images = manager.create(x, new ai.djl.ndarray.types.Shape(1, 8, 1, 1));
      images.setRequiresGradient(true);
      double[] logits = new double[2];
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        NDArray out =
            new ForwardPass(policy.on(network))
                .logits(images, parameters.read(true), true, (node, inputs, result) -> result);
        logits[0] = out.getFloat(0, 0);
        logits[1] = out.getFloat(0, 1);
        collector.backward(
            Loss.softmaxCrossEntropyLoss()
                .evaluate(new NDList(manager.create(new int[] {0})), new NDList(out)));
      }
      // The slope of cross-entropy along logit 1 is its probability.
      double p = 1 / (1 + Math.exp(logits[0] - logits[1]));
      Tensor w = values.get("f.weight");
      double[] expected = new double[8];
      for (int i = 0; i < 8; i++) {
        expected[i] = x[i] > 0.25f && x[i] < 2 ? p * (w.get(8 + i) - w.get(i)) : 0;
      }
      assertClose("input", Parameters.tensor(images.getGradient()), expected, 1e-5);
    }
  }

  private static Tensor scaled(Tensor tensor, float by) {
    float[] values = tensor.toArray();
    for (int i = 0; i < values.length; i++) {
      values[i] *= by;
    }
    return Tensor.of(tensor.shape(), values);
  }

  private static double max(double[] values) {
    return Arrays.stream(values).map(Math::abs).max().orElseThrow();
  }

  private static double[] doubles(Tensor tensor) {
    double[] values = new double[tensor.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = tensor.get(i);
    }
    return values;
  }

  private static void assertClose(String name, Tensor actual, double[] expected, double share) {
    assertThat(actual.size()).isEqualTo(expected.length);
    double size = Math.max(1e-3, max(expected));
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) actual.get(i))
          .as("%s[%d]", name, i)
          .isCloseTo(expected[i], within(share * size));
    }
  }
}
