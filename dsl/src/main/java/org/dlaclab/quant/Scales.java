package org.dlaclab.quant;

import java.util.function.DoubleUnaryOperator;
import org.apache.commons.math3.special.Erf;
import org.dlaclab.error.DlacException;
import org.dlaclab.quant.Quantizer.Scale;
import org.dlaclab.tensor.Shape;
import org.dlaclab.tensor.Tensor;

/**
 * What the quantizers share: a scale found per group of weights, then a function of each weight.
 */
final class Scales {
  /** What errors call weights whose layer is not known here. */
  static final String WEIGHTS = "the weight tensor";

  /** Bits of one stored scale. */
  static final long BITS = Float.SIZE;

  /** {@code exp(-gamma)} of Euler's gamma, for the largest of many. */
  static final double EULER = 0.5614;

  private Scales() {}

  /** Finds from the weights of a group what becomes of each. */
  interface Fit {
    DoubleUnaryOperator to(float[] group);
  }

  static Tensor perGroup(Tensor weights, Scale scale, Fit fit) {
    float[] values = weights.requireFinite(WEIGHTS).toArray();
    Shape shape = weights.shape();
    int filters = shape.rank() > 0 && !(scale instanceof Scale.PerLayer) ? shape.dim(0) : 1;
    int perFilter = filters == 0 ? 0 : values.length / filters;
    if (!(scale instanceof Scale.PerGroup group)) {
      for (int k = 0; k < filters; k++) {
        fit(values, k * perFilter, perFilter, 1, fit);
      }
      return Tensor.of(shape, values);
    }
    int channels = channels(shape);
    int taps = channels == 0 ? 0 : perFilter / channels;
    for (int k = 0; k < filters; k++) {
      for (int c = 0; c < channels; c += group.size()) {
        for (int tap = 0; tap < taps; tap++) {
          int first = k * perFilter + c * taps + tap;
          fit(values, first, Math.min(group.size(), channels - c), taps, fit);
        }
      }
    }
    return Tensor.of(shape, values);
  }

  /** Quantizes {@code count} values from {@code first} on, {@code stride} apart, as one group. */
  private static void fit(float[] values, int first, int count, int stride, Fit fit) {
    float[] group = new float[count];
    for (int i = 0; i < count; i++) {
      group[i] = values[first + i * stride];
    }
    DoubleUnaryOperator quantized = fit.to(group);
    for (int i = 0; i < count; i++) {
      values[first + i * stride] = (float) quantized.applyAsDouble(group[i]);
    }
  }

  /** How many scales weights of this shape have. */
  static long groups(Shape weights, Scale scale) {
    if (scale instanceof Scale.PerLayer || weights.rank() == 0) {
      return 1;
    }
    if (!(scale instanceof Scale.PerGroup group)) {
      return weights.dim(0);
    }
    int channels = channels(weights);
    return channels == 0
        ? 0
        : (channels + group.size() - 1L) / group.size() * (weights.size() / channels);
  }

  /** Input channels: the second dimension. A vector or scalar has one. */
  private static int channels(Shape weights) {
    return weights.rank() < 2 ? 1 : weights.dim(1);
  }

  /** What a quantizer's text adds for its scale. */
  static String suffix(Scale scale) {
    return scale instanceof Scale.PerLayer ? "" : " " + scale;
  }

  static void requireSameShape(Tensor weights, Tensor gradient) {
    if (!weights.shape().equals(gradient.shape())) {
      throw new DlacException(
          "weights of shape " + weights.shape() + " get a gradient of shape " + gradient.shape(),
          "one value per weight",
          "take the gradient with respect to the quantized weights");
    }
  }

  /** Refuses what is not 2 to 16 bits; {@code word} is how the user asked. */
  static void requireBits(String word, int bits) {
    if (bits < 2 || bits > 16) {
      throw new DlacException(
          word + "(" + bits + ") asks for " + bits + "-bit weights",
          "2 to 16 bits",
          bits == 1
              ? "use binary()"
              : bits > 16 ? "use fullPrecision()" : "use ternary() or binary()");
    }
  }

  /** Mean of |w| over all weights; 0 if there is none. */
  static double mean(float[] values) {
    return meanAbove(-1, values);
  }

  /** Mean of |w| over the weights with |w| above {@code threshold}; 0 if there is none. */
  static double meanAbove(double threshold, float[] values) {
    double sum = 0;
    int count = 0;
    for (float value : values) {
      double size = Math.abs(value);
      if (size > threshold) {
        sum += size;
        count++;
      }
    }
    return count == 0 ? 0 : sum / count;
  }

  /** Largest |w|; 0 if there is none. */
  static double max(float[] values) {
    float max = 0;
    for (float value : values) {
      max = Math.max(max, Math.abs(value));
    }
    return max;
  }

  /**
   * About the expected largest |w| of n standard normal weights: the quantile {@code 1 -
   * exp(-gamma)/n} of |w| (extreme value theory; gamma is Euler's constant).
   */
  static double expectedMax(long weights) {
    return quantile(1 - EULER / Math.max(1, weights));
  }

  /** The value that |w| of a standard normal weight stays below with this probability. */
  static double quantile(double probability) {
    return Math.sqrt(2) * Erf.erfInv(probability);
  }
}
