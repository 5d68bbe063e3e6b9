package org.dlaclab.quant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.dlaclab.error.Refusals.assertRefused;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.dlaclab.quant.Quantizer.Affine;
import org.dlaclab.quant.Quantizer.Binary;
import org.dlaclab.quant.Quantizer.DoReFa;
import org.dlaclab.quant.Quantizer.FullPrecision;
import org.dlaclab.quant.Quantizer.Gradient;
import org.dlaclab.quant.Quantizer.Scale;
import org.dlaclab.quant.Quantizer.Scale.PerGroup;
import org.dlaclab.quant.Quantizer.Ternary;
import org.dlaclab.quant.Quantizer.TrainedTernary;
import org.dlaclab.quant.Quantizer.Uniform;
import org.dlaclab.tensor.Shape;
import org.dlaclab.tensor.Tensor;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantizerTest {
  private static final List<Scale> SCALES = List.of(Scale.PER_LAYER, Scale.PER_FILTER);

  static LongStream seeds() {
    return LongStream.range(0, 60);
  }

  static List<Quantizer> quantizers() {
    return List.of(
        new FullPrecision(),
        new Ternary(Scale.PER_LAYER),
        new Ternary(Scale.PER_FILTER),
        new Binary(Scale.PER_LAYER),
        new Binary(Scale.PER_FILTER),
        new Uniform(2),
        new Uniform(3),
        new Uniform(8),
        new Uniform(16),
        new Ternary(new PerGroup(2)),
        new Binary(new PerGroup(3)),
        new TrainedTernary(),
        new DoReFa(2),
        new DoReFa(8),
        new Affine(2),
        new Affine(8));
  }

  /** Weights of {@code K x C x R x S} in which filters differ in size, with some exact zeros. */
  private static Tensor random(long seed) {
    Random random = new Random(seed);
    Shape shape =
        Shape.of(
            1 + random.nextInt(6),
            1 + random.nextInt(5),
            1 + random.nextInt(3),
            1 + random.nextInt(3));
    float[] values = new float[(int) shape.size()];
    int perFilter = values.length / shape.dim(0);
    double size = 1;
    for (int i = 0; i < values.length; i++) {
      if (i % perFilter == 0) {
        size = Math.pow(10, 3 * random.nextDouble() - 2);
      }
      values[i] = random.nextInt(8) == 0 ? 0 : (float) (size * random.nextGaussian());
    }
    return Tensor.of(shape, values);
  }

  private static Tensor like(Tensor weights, Random random) {
    float[] values = new float[weights.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.of(weights.shape(), values);
  }

  private static Gradient backward(Quantizer quantizer, Tensor weights, Tensor gradient) {
    return quantizer.backward(weights, quantizer.initialScales(weights), gradient);
  }

  private static float[] filter(Tensor weights, int filter) {
    int length = weights.size() / weights.shape().dim(0);
    return Arrays.copyOfRange(weights.toArray(), filter * length, (filter + 1) * length);
  }

  /** The weights that share a scale, each group with what became of it. */
  private static Stream<float[][]> groups(Tensor before, Tensor after, Scale scale) {
    if (scale.equals(Scale.PER_LAYER)) {
      return Stream.<float[][]>of(new float[][] {before.toArray(), after.toArray()});
    }
    return Stream.iterate(0, f -> f < before.shape().dim(0), f -> f + 1)
        .map(f -> new float[][] {filter(before, f), filter(after, f)});
  }

  @Nested
  class TernaryWeights {
    static LongStream seeds() {
      return QuantizerTest.seeds();
    }

    /** Li and Liu, arXiv:1605.04711, equations 5 and 6, written down once more. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void areThoseOfThePaper(long seed) {
      for (Scale scale : SCALES) {
        Tensor before = random(seed);
        Tensor after = new Ternary(scale).quantize(before);
        assertThat(after.shape()).isEqualTo(before.shape());
        groups(before, after, scale)
            .forEach(
                group -> {
                  float[] w = group[0];
                  double sum = 0;
                  for (float x : w) {
                    sum += Math.abs(x);
                  }
                  double delta = 0.7 / w.length * sum;
                  double above = 0;
                  int count = 0;
                  for (float x : w) {
                    if (Math.abs(x) > delta) {
                      above += Math.abs(x);
                      count++;
                    }
                  }
                  double alpha = count == 0 ? 0 : above / count;
                  for (int i = 0; i < w.length; i++) {
                    double expected = w[i] > delta ? alpha : w[i] < -delta ? -alpha : 0;
                    assertThat((double) group[1][i])
                        .as("seed %d, %s, weight %d = %s", seed, scale, i, w[i])
                        .isCloseTo(expected, within(1e-6 * alpha));
                    assertThat(group[1][i] == 0).isEqualTo(expected == 0);
                  }
                });
      }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void noOtherScaleIsNearerToTheWeights(long seed) {
      // Equation 4: the scale minimizes the squared distance for the signs that the threshold left.
      for (Scale scale : SCALES) {
        Tensor before = random(seed);
        groups(before, new Ternary(scale).quantize(before), scale)
            .forEach(
                group -> {
                  double best = distance(group[0], group[1], 1);
                  assertThat(best).isLessThanOrEqualTo(distance(group[0], group[1], 1.01));
                  assertThat(best).isLessThanOrEqualTo(distance(group[0], group[1], 0.99));
                });
      }
    }

    private double distance(float[] weights, float[] quantized, double stretch) {
      double sum = 0;
      for (int i = 0; i < weights.length; i++) {
        sum += Math.pow(weights[i] - stretch * quantized[i], 2);
      }
      return sum;
    }

    @Test
    void aWeightAtTheThresholdIsZero() {
      // mean|w| = 10, so that the threshold is exactly 7.
      Tensor weights = Tensor.of(Shape.of(1, 4), 7, -7, 13, -13);
      assertThat(new Ternary(Scale.PER_LAYER).quantize(weights).toArray())
          .containsExactly(0, 0, 13, -13);
    }

    @Test
    void perFilterEachFilterHasAScaleOfItsOwn() {
      Tensor weights = Tensor.of(Shape.of(2, 3), 1, -1, 0.1f, 100, 100, -10);
      assertThat(new Ternary(Scale.PER_FILTER).quantize(weights).toArray())
          .containsExactly(1, -1, 0, 100, 100, 0);
      assertThat(new Ternary(Scale.PER_LAYER).quantize(weights).toArray())
          .containsExactly(0, 0, 0, 100, 100, 0);
    }

    @Test
    void ofAllZerosAreAllZeros() {
      Tensor zeros = Tensor.of(Shape.of(2, 2), 0, 0, -0f, 0);
      assertThat(new Ternary(Scale.PER_FILTER).quantize(zeros).density()).isZero();
    }
  }

  @Nested
  class WeightsInGroups {
    static LongStream seeds() {
      return QuantizerTest.seeds();
    }

    /** Mellempudi et al., arXiv:1705.01462: neighbours along the input channels share a scale. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void areEachQuantizedAsALayerOfTheirOwn(long seed) {
      Tensor before = random(seed);
      int filters = before.shape().dim(0);
      int channels = before.shape().dim(1);
      int taps = before.shape().dim(2) * before.shape().dim(3);
      for (int size = 2; size <= 6; size++) {
        Tensor ternary = new Ternary(new PerGroup(size)).quantize(before);
        Tensor binary = new Binary(new PerGroup(size)).quantize(before);
        int groups = 0;
        for (int k = 0; k < filters; k++) {
          for (int tap = 0; tap < taps; tap++) {
            for (int c = 0; c < channels; c += size) {
              int n = Math.min(size, channels - c);
              float[] w = new float[n];
              float[] t = new float[n];
              float[] b = new float[n];
              for (int i = 0; i < n; i++) {
                int index = (k * channels + c + i) * taps + tap;
                w[i] = before.get(index);
                t[i] = ternary.get(index);
                b[i] = binary.get(index);
              }
              Tensor layer = Tensor.of(Shape.of(1, n), w);
              assertThat(new Ternary(Scale.PER_LAYER).quantize(layer).toArray()).containsExactly(t);
              assertThat(new Binary(Scale.PER_LAYER).quantize(layer).toArray()).containsExactly(b);
              groups++;
            }
          }
        }
        assertThat(new Ternary(new PerGroup(size)).scaleBits(before.shape()))
            .isEqualTo(32L * groups);
      }
    }

    @Test
    void haveTheScaleOfTheFilterWhereItHasOneTap() {
      Tensor fc = Tensor.of(Shape.of(2, 4), 1, -1, 0.1f, 2, 100, 100, -10, 5);
      assertThat(new Ternary(new PerGroup(4)).quantize(fc))
          .isEqualTo(new Ternary(Scale.PER_FILTER).quantize(fc));
      assertThat(new Ternary(new PerGroup(1000)).quantize(fc))
          .isEqualTo(new Ternary(Scale.PER_FILTER).quantize(fc));
    }

    @ParameterizedTest
    @CsvSource({"1, fullPrecision()", "0, perGroup(64)", "-4, perGroup(64)"})
    void areTwoOrMore(int size, String instead) {
      assertRefused(() -> new PerGroup(size), "perGroup(" + size + ")", instead);
    }
  }

  @Nested
  class TrainedTernaryWeights {
    static LongStream seeds() {
      return QuantizerTest.seeds();
    }

    private final Quantizer quantizer = new TrainedTernary();

    /** Zhu et al., arXiv:1612.01064, equations 6 and 9. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void areThoseOfThePaper(long seed) {
      Tensor before = random(seed);
      Tensor scales = Tensor.of(Shape.of(2), 1.25f, 0.5f);
      float[] after = quantizer.quantize(before, scales).toArray();
      double max = 0;
      for (float w : before.toArray()) {
        max = Math.max(max, Math.abs(w));
      }
      for (int i = 0; i < after.length; i++) {
        float w = before.get(i);
        float expected = w > 0.05 * max ? 1.25f : w < -0.05 * max ? -0.5f : 0;
        assertThat(after[i]).as("seed %d, weight %d = %s", seed, i, w).isEqualTo(expected);
      }
    }

    @Test
    void startFromTheMeanOfThoseWithTheScale() {
      Tensor weights = Tensor.of(Shape.of(1, 6), 4, 2, 0.1f, -0.1f, -1, -10);
      assertThat(quantizer.initialScales(weights).toArray()).containsExactly(3, 5.5f);
      assertThat(quantizer.quantize(weights).toArray()).containsExactly(3, 3, 0, 0, -5.5f, -5.5f);
    }

    @Test
    void withoutWeightsOfASignHaveTheOthersScale() {
      Tensor equal = Tensor.of(Shape.of(1, 3), -2, -2, -2);
      assertThat(quantizer.initialScales(equal).toArray()).containsExactly(2, 2);
      assertThat(quantizer.quantize(equal).toArray()).containsExactly(-2, -2, -2);
      Tensor zeros = Tensor.of(Shape.of(1, 3), 0, 0, 0);
      assertThat(quantizer.initialScales(zeros).toArray()).containsExactly(0, 0);
      assertThat(quantizer.quantize(zeros).density()).isZero();
    }

    /** Equation 7: the quantized weights are linear in the scales. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void scalesHaveTheTrueGradient(long seed) {
      Tensor weights = random(seed);
      Tensor gradient = like(weights, new Random(seed));
      float[] actual =
          quantizer
              .backward(weights, Tensor.of(Shape.of(2), 0.75f, 0.5f), gradient)
              .scales()
              .toArray();
      double p = loss(weights, gradient, 1.75f, 0.5f) - loss(weights, gradient, 0.75f, 0.5f);
      double n = loss(weights, gradient, 0.75f, 1.5f) - loss(weights, gradient, 0.75f, 0.5f);
      assertThat((double) actual[0]).isCloseTo(p, within(1e-5));
      assertThat((double) actual[1]).isCloseTo(n, within(1e-5));
    }

    private double loss(Tensor weights, Tensor gradient, float p, float n) {
      float[] q = quantizer.quantize(weights, Tensor.of(Shape.of(2), p, n)).toArray();
      double sum = 0;
      for (int i = 0; i < q.length; i++) {
        sum += (double) q[i] * gradient.get(i);
      }
      return sum;
    }

    /** Equation 8. */
    @Test
    void gradientsOfWeightsAreScaledByTheScaleTheyHave() {
      Tensor weights = Tensor.of(Shape.of(1, 4), 1, 0.01f, -0.04f, -0.5f);
      Gradient gradient =
          quantizer.backward(
              weights, Tensor.of(Shape.of(2), 3, 5), Tensor.of(Shape.of(1, 4), 2, 7, 11, 13));
      assertThat(gradient.weights().toArray()).containsExactly(6, 7, 11, 65);
      assertThat(gradient.scales().toArray()).containsExactly(2, -13);
    }

    @Test
    void needTwoFiniteScales() {
      Tensor weights = Tensor.of(Shape.of(1, 2), 1, -1);
      assertRefused(
          () -> quantizer.quantize(weights, Tensor.of(Shape.of(0))), "scales of shape 0", "two");
      assertRefused(
          () -> quantizer.backward(weights, Tensor.of(Shape.of(3), 1, 1, 1), weights),
          "scales of shape 3");
      assertRefused(
          () -> quantizer.quantize(weights, Tensor.of(Shape.of(2), 1, Float.NaN)),
          "NaN at index 1");
    }
  }

  @Nested
  class BinaryWeights {
    static LongStream seeds() {
      return QuantizerTest.seeds();
    }

    /** Rastegari et al., ECCV 2016, equation 6: the sign times the mean magnitude. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void areThoseOfThePaper(long seed) {
      for (Scale scale : SCALES) {
        Tensor before = random(seed);
        groups(before, new Binary(scale).quantize(before), scale)
            .forEach(
                group -> {
                  double sum = 0;
                  for (float x : group[0]) {
                    sum += Math.abs(x);
                  }
                  double alpha = sum / group[0].length;
                  for (int i = 0; i < group[0].length; i++) {
                    assertThat((double) group[1][i])
                        .as("seed %d, %s, weight %d = %s", seed, scale, i, group[0][i])
                        .isCloseTo(group[0][i] < 0 ? -alpha : alpha, within(1e-6 * alpha));
                  }
                });
      }
    }

    /** Hubara et al., NIPS 2016, equation 4. */
    @Test
    void beyondOneHaveNoGradient() {
      Tensor weights = Tensor.of(Shape.of(1, 6), 0.5f, -1, 1, 1.5f, -1.01f, 0);
      Tensor gradient = Tensor.of(Shape.of(1, 6), 1, 2, 3, 4, 5, 6);
      assertThat(backward(new Binary(Scale.PER_LAYER), weights, gradient).weights().toArray())
          .containsExactly(1, 2, 3, 0, 0, 6);
    }

    @Test
    void aZeroIsPositive() {
      assertThat(
              new Binary(Scale.PER_LAYER).quantize(Tensor.of(Shape.of(4), 0, -0f, 4, -4)).toArray())
          .containsExactly(2, 2, 2, -2);
    }
  }

  @Nested
  class DoReFaWeights {
    static LongStream seeds() {
      return QuantizerTest.seeds();
    }

    /** Zhou et al., arXiv:1606.06160, equation 9. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void areThoseOfThePaper(long seed) {
      Tensor before = random(seed);
      double max = 0;
      for (float w : before.toArray()) {
        max = Math.max(max, Math.abs(Math.tanh(w)));
      }
      for (int bits = 2; bits <= 16; bits++) {
        float[] after = new DoReFa(bits).quantize(before).toArray();
        double n = Math.pow(2, bits) - 1;
        for (int i = 0; i < after.length; i++) {
          double x = max == 0 ? 0.5 : Math.tanh(before.get(i)) / (2 * max) + 0.5;
          // Math.round takes ties up, as a weight of 0 is one.
          double expected = max == 0 ? 0 : 2 * (Math.round(n * x) / n) - 1;
          assertThat((double) after[i])
              .as("seed %d, %d bits, weight %d", seed, bits, i)
              .isCloseTo(expected, within(1e-6));
        }
      }
    }

    @Test
    void areNeverZeroButInALayerOfZeros() {
      Tensor weights = Tensor.of(Shape.of(1, 5), 0, -0f, 1e-9f, -1e-9f, 2);
      assertThat(new DoReFa(2).quantize(weights).toArray())
          .containsExactly(1 / 3f, 1 / 3f, 1 / 3f, -1 / 3f, 1);
      assertThat(new DoReFa(2).quantize(Tensor.of(Shape.of(1, 2), 0, -0f)).density()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 8})
    void takeAllLevels(int bits) {
      TreeSet<Float> levels = new TreeSet<>();
      for (float q : new DoReFa(bits).quantize(ramp()).toArray()) {
        levels.add(q);
      }
      assertThat(levels).hasSize(1 << bits).startsWith(-1f).endsWith(1f);
    }

    /** The rounding's gradient is 1, and the rest is derived as it is. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void haveTheGradientOfTheFunctionWithoutRounding(long seed) {
      Random random = new Random(seed);
      double[] w = new double[1 + random.nextInt(12)];
      float[] floats = new float[w.length];
      for (int i = 0; i < w.length; i++) {
        floats[i] = (float) random.nextGaussian();
        w[i] = floats[i];
      }
      Tensor weights = Tensor.of(Shape.of(1, w.length), floats);
      Tensor gradient = like(weights, random);
      float[] actual = backward(new DoReFa(4), weights, gradient).weights().toArray();
      for (int i = 0; i < w.length; i++) {
        double step = 1e-6;
        w[i] += step;
        double above = unrounded(w, gradient);
        w[i] -= 2 * step;
        double below = unrounded(w, gradient);
        w[i] += step;
        assertThat((double) actual[i])
            .as("seed %d, weight %d", seed, i)
            .isCloseTo((above - below) / (2 * step), within(1e-4));
      }
    }

    private double unrounded(double[] w, Tensor gradient) {
      double max = 0;
      for (double x : w) {
        max = Math.max(max, Math.abs(Math.tanh(x)));
      }
      double sum = 0;
      for (int i = 0; i < w.length; i++) {
        sum += gradient.get(i) * (2 * (Math.tanh(w[i]) / (2 * max) + 0.5) - 1);
      }
      return sum;
    }

    @Test
    void ofAllZerosPassTheGradient() {
      Tensor zeros = Tensor.of(Shape.of(1, 2), 0, 0);
      Tensor gradient = Tensor.of(Shape.of(1, 2), 3, -4);
      assertThat(backward(new DoReFa(3), zeros, gradient).weights()).isEqualTo(gradient);
    }

    @Test
    void ofOneSizeShareWhatTheLargestMoves() {
      // tanh(w) / max is 1 or -1 for all of them: no common step moves it.
      Tensor equal = Tensor.of(Shape.of(1, 3), 0.5f, 0.5f, -0.5f);
      float[] actual =
          backward(new DoReFa(3), equal, Tensor.of(Shape.of(1, 3), 1, 1, -1)).weights().toArray();
      assertThat(actual).containsExactly(new float[3], within(1e-6f));
    }

    @ParameterizedTest
    @CsvSource({"1, binary()", "17, fullPrecision()"})
    void haveTwoToSixteenBits(int bits, String instead) {
      assertRefused(() -> new DoReFa(bits), "doReFa(" + bits + ")", "2 to 16", instead);
    }
  }

  private static Tensor ramp() {
    float[] values = new float[4001];
    for (int i = 0; i < values.length; i++) {
      values[i] = (i - 2000) / 1000f;
    }
    return Tensor.of(Shape.of(1, values.length), values);
  }

  @Nested
  class IntegerWeights {
    static LongStream seeds() {
      return QuantizerTest.seeds();
    }

    /** Jacob et al., arXiv:1712.05877, equation 1: levels S(q - Z) of a range that holds 0. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void areTheNearestLevelsWithAnExactZero(long seed) {
      Tensor before = random(seed);
      double min = 0;
      double max = 0;
      for (float w : before.toArray()) {
        min = Math.min(min, w);
        max = Math.max(max, w);
      }
      for (int bits = 2; bits <= 16; bits++) {
        float[] after = new Affine(bits).quantize(before).toArray();
        int top = (int) Math.pow(2, bits) - 1;
        double s = (max - min) / top;
        if (s == 0) {
          assertThat(after).containsOnly(0);
          continue;
        }
        double z = Math.rint(-min / s);
        assertThat(z).isBetween(0.0, (double) top);
        for (int i = 0; i < after.length; i++) {
          double w = before.get(i);
          double nearest = 0;
          double distance = Double.POSITIVE_INFINITY;
          for (double level : new double[] {Math.floor(w / s), Math.ceil(w / s)}) {
            double inside = Math.max(-z, Math.min(top - z, level));
            if (Math.abs(inside * s - w) < distance) {
              distance = Math.abs(inside * s - w);
              nearest = inside;
            }
          }
          boolean tie = Math.abs(Math.abs(w / s - Math.floor(w / s)) - 0.5) < 1e-9;
          if (!tie) {
            assertThat((double) after[i])
                .as("seed %d, %d bits, weight %d", seed, bits, i)
                .isCloseTo(nearest * s, within(1e-6 * (max - min)));
          }
          assertThat((double) after[i]).isCloseTo(w, within(s / 2 + 1e-6 * (max - min)));
          if (w == 0) {
            assertThat(after[i]).isZero();
          }
        }
      }
    }

    @ParameterizedTest
    @ValueSource(floats = {3, -3, 0.1f, -1e-30f})
    void ofOneValueAreThatValue(float value) {
      Tensor equal = Tensor.of(Shape.of(1, 3), value, value, value);
      for (int bits = 2; bits <= 16; bits++) {
        assertThat(new Affine(bits).quantize(equal)).isEqualTo(equal);
      }
    }

    @Test
    void takeAllLevels() {
      for (int bits : new int[] {2, 3, 4, 8}) {
        TreeSet<Float> levels = new TreeSet<>();
        for (float q : new Affine(bits).quantize(ramp()).toArray()) {
          levels.add(q + 0f);
        }
        assertThat(levels).hasSize(1 << bits).contains(0f);
      }
    }
  }

  @Nested
  class UniformWeights {
    static LongStream seeds() {
      return QuantizerTest.seeds();
    }

    /** Krishnamoorthi, arXiv:1806.08342, section 2.2: the symmetric quantizer. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void areMultiplesOfOneStepAndNearestToTheWeights(long seed) {
      for (int bits = 2; bits <= 16; bits++) {
        Tensor before = random(seed);
        float[] w = before.toArray();
        float[] q = new Uniform(bits).quantize(before).toArray();
        double max = 0;
        for (float x : w) {
          max = Math.max(max, Math.abs(x));
        }
        if (max == 0) {
          assertThat(q).containsOnly(0);
          continue;
        }
        int top = (int) Math.pow(2, bits - 1) - 1;
        double step = max / top;
        for (int i = 0; i < w.length; i++) {
          double level = q[i] / step;
          assertThat(level).as("seed %d, %d bits", seed, bits).isBetween(-top - 1e-3, top + 1e-3);
          assertThat(level).isCloseTo(Math.rint(level), within(1e-6 * top + 1e-6));
          assertThat((double) q[i]).isCloseTo(w[i], within(step / 2 + 1e-6 * max));
          if (Math.abs(Math.abs(w[i]) - step / 2) > 1e-6 * max) {
            assertThat(q[i] == 0).isEqualTo(Math.abs(w[i]) < step / 2);
          }
        }
      }
    }

    @Test
    void twoBitsHaveThreeLevels() {
      Tensor weights = Tensor.of(Shape.of(5), -1, -0.4f, 0, 0.6f, 1);
      TreeSet<Float> levels = new TreeSet<>();
      for (float value : new Uniform(2).quantize(weights).toArray()) {
        levels.add(value + 0f);
      }
      assertThat(levels).containsExactly(-1f, 0f, 1f);
    }

    @ParameterizedTest
    @CsvSource({
      "1, binary()",
      "0, ternary()",
      "-3, ternary()",
      "17, fullPrecision()",
      "32, fullPrecision()"
    })
    void haveTwoToSixteenBits(int bits, String instead) {
      assertRefused(() -> new Uniform(bits), "bits(" + bits + ")", "2 to 16", instead);
    }
  }

  @Nested
  class Every {
    static List<Quantizer> quantizers() {
      return QuantizerTest.quantizers();
    }

    @ParameterizedTest
    @MethodSource("quantizers")
    void isIdempotent(Quantizer quantizer) {
      // DoReFa's tanh is taken again, and an integer range may lose its last level to the zero
      // point.
      assumeThat(quantizer).isNotInstanceOfAny(DoReFa.class, Affine.class);
      for (long seed = 0; seed < 60; seed++) {
        Tensor once = quantizer.quantize(random(seed));
        Tensor twice = quantizer.quantize(once);
        assertThat(twice.toArray()).as("seed %d", seed).containsExactly(once.toArray());
      }
    }

    @ParameterizedTest
    @MethodSource("quantizers")
    void leavesAtMostTheLevelsThatItsBitsCanName(Quantizer quantizer) {
      assumeThat(quantizer).isNotInstanceOf(FullPrecision.class);
      for (long seed = 0; seed < 60; seed++) {
        Tensor before = random(seed);
        int scales = (int) Math.max(1, quantizer.scaleBits(before.shape()) / 32);
        Set<Float> levels = new TreeSet<>();
        for (float value : quantizer.quantize(before).toArray()) {
          levels.add(value + 0f);
        }
        assertThat(levels.size()).isLessThanOrEqualTo(scales << quantizer.bits());
      }
    }

    @ParameterizedTest
    @MethodSource("quantizers")
    void givesZerosForALayerOfZeros(Quantizer quantizer) {
      Tensor zeros = Tensor.of(Shape.of(3, 4, 1, 1), new float[12]);
      assertThat(quantizer.quantize(zeros).density()).isZero();
      assertThat(backward(quantizer, zeros, ones(zeros.shape())).weights())
          .isEqualTo(ones(zeros.shape()));
    }

    @ParameterizedTest
    @MethodSource("quantizers")
    void keepsALayerOfEqualWeightsUniform(Quantizer quantizer) {
      for (float value : new float[] {0.5f, -0.5f, Float.MIN_VALUE, 1e30f}) {
        float[] equal = new float[12];
        Arrays.fill(equal, value);
        float[] after = quantizer.quantize(Tensor.of(Shape.of(3, 4, 1, 1), equal)).toArray();
        assertThat(after).containsOnly(after[0]);
        if (!(quantizer instanceof DoReFa)) {
          assertThat((double) after[0]).isCloseTo(value, withinPercentage(1e-5));
        }
      }
    }

    @ParameterizedTest
    @MethodSource("quantizers")
    void saysWhetherItsGradientPassesAsItIs(Quantizer quantizer) {
      boolean passes = true;
      for (long seed = 0; seed < 60; seed++) {
        Tensor weights = random(seed);
        Tensor gradient = like(weights, new Random(seed));
        Gradient actual = backward(quantizer, weights, gradient);
        assertThat(actual.scales().shape()).isEqualTo(Shape.of(quantizer.scales()));
        passes &= actual.weights().equals(gradient);
      }
      assertThat(passes).isEqualTo(quantizer.straightThrough());
    }

    @ParameterizedTest
    @MethodSource("quantizers")
    void startsFromTheScalesThatItQuantizesWith(Quantizer quantizer) {
      for (long seed = 0; seed < 60; seed++) {
        Tensor weights = random(seed);
        Tensor scales = quantizer.initialScales(weights);
        assertThat(scales.shape()).isEqualTo(Shape.of(quantizer.scales()));
        assertThat(quantizer.quantize(weights, scales)).isEqualTo(quantizer.quantize(weights));
      }
    }

    @ParameterizedTest
    @MethodSource("quantizers")
    void refusesAGradientOfAnotherShape(Quantizer quantizer) {
      Tensor weights = Tensor.of(Shape.of(2, 2), 1, 2, 3, 4);
      assertRefused(
          () -> backward(quantizer, weights, Tensor.of(Shape.of(4), 1, 2, 3, 4)),
          "shape 2x2",
          "shape 4");
    }

    private Tensor ones(Shape shape) {
      float[] values = new float[(int) shape.size()];
      Arrays.fill(values, 1);
      return Tensor.of(shape, values);
    }

    @Test
    void saysHowManyBitsItsScalesTake() {
      Shape shape = Shape.of(8, 10, 3, 3);
      assertThat(quantizers().stream().map(q -> q.scaleBits(shape)))
          .containsExactly(
              0L,
              32L,
              256L,
              32L,
              256L,
              32L,
              32L,
              32L,
              32L,
              32L * 8 * 5 * 9,
              32L * 8 * 4 * 9,
              64L,
              0L,
              0L,
              34L,
              40L);
    }

    @ParameterizedTest
    @MethodSource("quantizers")
    void keepsSigns(Quantizer quantizer) {
      for (long seed = 0; seed < 60; seed++) {
        Tensor before = random(seed);
        float[] after = quantizer.quantize(before).toArray();
        for (int i = 0; i < after.length; i++) {
          assertThat(Math.signum(after[i]) * Math.signum(before.get(i)))
              .as("seed %d, weight %d", seed, i)
              .isGreaterThanOrEqualTo(0);
        }
      }
    }

    @ParameterizedTest
    @MethodSource("quantizers")
    void doesNotCareForTheSizeOfTheWeights(Quantizer quantizer) {
      assumeThat(quantizer).isNotInstanceOf(DoReFa.class);
      for (long seed = 0; seed < 60; seed++) {
        Tensor before = random(seed);
        float[] scaled = before.toArray();
        for (int i = 0; i < scaled.length; i++) {
          scaled[i] *= 64; // a power of two: exact
        }
        float[] expected = quantizer.quantize(before).toArray();
        float[] actual = quantizer.quantize(Tensor.of(before.shape(), scaled)).toArray();
        for (int i = 0; i < expected.length; i++) {
          assertThat(actual[i]).as("seed %d", seed).isEqualTo(64 * expected[i]);
        }
      }
    }

    @ParameterizedTest
    @MethodSource("quantizers")
    void leavesItsInputAlone(Quantizer quantizer) {
      Tensor before = random(1);
      float[] copy = before.toArray();
      assertThat(quantizer.quantize(before)).isNotNull();
      assertThat(before.toArray()).containsExactly(copy);
    }

    @ParameterizedTest
    @MethodSource("quantizers")
    void takesEmptyTensorsAndScalars(Quantizer quantizer) {
      assertThat(quantizer.quantize(Tensor.of(Shape.of(0, 3))).size()).isZero();
      assertThat(quantizer.quantize(Tensor.of(Shape.of(4, 0))).size()).isZero();
      assertThat(quantizer.quantize(Tensor.of(Shape.of(), -2)).get(0))
          .isEqualTo(quantizer instanceof DoReFa ? -1 : -2);
    }

    @ParameterizedTest
    @MethodSource("quantizers")
    void refusesWeightsThatAreNotFinite(Quantizer quantizer) {
      // A NaN would make every ternary weight 0, and a simulation of that very fast.
      for (float value : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
        Tensor weights = Tensor.of(Shape.of(1, 3), 1, value, -2);
        assertRefused(() -> quantizer.quantize(weights), value + " at index 1 of 1x3");
      }
    }

    @Test
    void saysItsBitsAndWhetherItNeedsMultipliers() {
      assertThat(quantizers().stream().map(Quantizer::bits))
          .containsExactly(32, 2, 2, 1, 1, 2, 3, 8, 16, 2, 1, 2, 2, 8, 2, 8);
      assertThat(quantizers().stream().map(Quantizer::multiplierFree))
          .containsExactly(
              false, true, true, true, true, false, false, false, false, true, true, true, false,
              false, false, false);
    }

    @Test
    void displays() {
      assertThat(quantizers().stream().map(Quantizer::toString))
          .containsExactly(
              "full precision",
              "ternary",
              "ternary per filter",
              "binary",
              "binary per filter",
              "2-bit uniform",
              "3-bit uniform",
              "8-bit uniform",
              "16-bit uniform",
              "ternary per group of 2",
              "binary per group of 3",
              "trained ternary",
              "2-bit DoReFa",
              "8-bit DoReFa",
              "2-bit integer",
              "8-bit integer");
    }
  }

  @Nested
  class GaussianDensity {
    /** A million weights, as layers of this many: the density that the quantizer really leaves. */
    private double sampled(Quantizer quantizer, int filters, int perFilter) {
      Random random = new Random(20161010);
      long nonZeros = 0;
      int perLayer = filters * perFilter;
      for (int layer = 0; layer < 1_000_000 / perLayer; layer++) {
        float[] values = new float[perLayer];
        for (int i = 0; i < perLayer; i++) {
          values[i] = (float) (0.02 * random.nextGaussian());
        }
        Tensor weights = quantizer.quantize(Tensor.of(Shape.of(filters, perFilter), values));
        nonZeros += Math.round(weights.density() * perLayer);
      }
      return nonZeros / 1e6;
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 10_000, 1_000_000})
    void ofTernaryWeightsIsWhatAMillionLeave(int perLayer) {
      Quantizer ternary = new Ternary(Scale.PER_LAYER);
      assertThat(ternary.gaussianDensity(perLayer))
          .isCloseTo(0.5764, within(1e-4))
          .isCloseTo(sampled(ternary, 10, perLayer / 10), within(0.003));
      Quantizer perFilter = new Ternary(Scale.PER_FILTER);
      assertThat(perFilter.gaussianDensity(perLayer))
          .isCloseTo(sampled(perFilter, perLayer / 100, 100), within(0.003));
    }

    @ParameterizedTest
    @CsvSource({"2, 0.03", "4, 0.005", "50, 0.002"})
    void ofTernaryWeightsInGroupsIsAboutWhatAMillionLeave(int size, double tolerance) {
      Quantizer ternary = new Ternary(new PerGroup(size));
      assertThat(ternary.gaussianDensity(10_000))
          .isCloseTo(sampled(ternary, 10, 50 * size), within(tolerance));
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 100_000})
    void ofTrainedTernaryWeightsIsWhatAMillionLeave(int perLayer) {
      Quantizer ternary = new TrainedTernary();
      assertThat(ternary.gaussianDensity(perLayer))
          .isCloseTo(sampled(ternary, 10, perLayer / 10), within(0.01));
    }

    @ParameterizedTest
    @CsvSource({"2, 1000", "4, 10000", "8, 100000"})
    void ofIntegerWeightsIsAboutWhatAMillionLeave(int bits, int perLayer) {
      Quantizer integer = new Affine(bits);
      assertThat(integer.gaussianDensity(perLayer))
          .isCloseTo(sampled(integer, 10, perLayer / 10), withinPercentage(10));
    }

    @ParameterizedTest
    @CsvSource({
      "2, 1000",
      "2, 10000",
      "3, 1000",
      "3, 10000",
      "4, 10000",
      "8, 1000",
      "8, 100000",
      "16, 1000"
    })
    void ofUniformWeightsIsAboutWhatAMillionLeave(int bits, int perLayer) {
      Quantizer uniform = new Uniform(bits);
      assertThat(uniform.gaussianDensity(perLayer))
          .isCloseTo(sampled(uniform, 10, perLayer / 10), withinPercentage(10));
    }

    @Test
    void ofOtherWeightsIsOne() {
      for (Quantizer quantizer :
          List.of(
              new FullPrecision(),
              new Binary(Scale.PER_LAYER),
              new Binary(Scale.PER_FILTER),
              new DoReFa(4))) {
        assertThat(quantizer.gaussianDensity(1000)).isOne();
        assertThat(sampled(quantizer, 10, 1000)).isOne();
      }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 10, 1_000_000_000L, Long.MAX_VALUE})
    void isADensityForAnyNumberOfWeights(long weights) {
      for (Quantizer quantizer : quantizers()) {
        assertThat(quantizer.gaussianDensity(weights)).as("%s", quantizer).isBetween(0.0, 1.0);
      }
    }
  }
}
