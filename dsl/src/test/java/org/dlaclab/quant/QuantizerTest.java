package org.dlaclab.quant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;
import static org.dlaclab.error.Refusals.assertRefused;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.dlaclab.quant.Quantizer.Binary;
import org.dlaclab.quant.Quantizer.FullPrecision;
import org.dlaclab.quant.Quantizer.Scale;
import org.dlaclab.quant.Quantizer.Ternary;
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
        new Uniform(16));
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

    @Test
    void aZeroIsPositive() {
      assertThat(
              new Binary(Scale.PER_LAYER).quantize(Tensor.of(Shape.of(4), 0, -0f, 4, -4)).toArray())
          .containsExactly(2, 2, 2, -2);
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
      // Binary is not on a filter of zeros only, where there is nothing to take a sign of.
      for (long seed = 0; seed < 60; seed++) {
        Tensor once = quantizer.quantize(random(seed));
        Tensor twice = quantizer.quantize(once);
        assertThat(twice.toArray()).as("seed %d", seed).containsExactly(once.toArray());
      }
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
      assertThat(quantizer.quantize(Tensor.of(Shape.of(), -2)).get(0)).isEqualTo(-2);
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
          .containsExactly(32, 2, 2, 1, 1, 2, 3, 8, 16);
      assertThat(quantizers().stream().map(Quantizer::multiplierFree))
          .containsExactly(false, true, true, true, true, false, false, false, false);
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
              "16-bit uniform");
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
          List.of(new FullPrecision(), new Binary(Scale.PER_LAYER), new Binary(Scale.PER_FILTER))) {
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
