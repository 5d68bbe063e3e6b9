package org.dlaclab.quant;

import java.util.function.DoubleUnaryOperator;
import org.dlaclab.quant.Quantizer.Scale;
import org.dlaclab.tensor.Tensor;

/**
 * What the quantizers share: a scale found per group of weights, then a function of each weight.
 */
final class Scales {
  /** What errors call weights whose layer is not known here. */
  static final String WEIGHTS = "the weight tensor";

  private Scales() {}

  interface Fit {
    DoubleUnaryOperator to(float[] values, int from, int to);
  }

  static Tensor perGroup(Tensor weights, Scale scale, Fit fit) {
    float[] values = weights.requireFinite(WEIGHTS).toArray();
    int groups =
        scale == Scale.PER_FILTER && weights.shape().rank() > 0 ? weights.shape().dim(0) : 1;
    int length = groups == 0 ? 0 : values.length / groups;
    for (int g = 0; g < groups; g++) {
      DoubleUnaryOperator quantized = fit.to(values, g * length, (g + 1) * length);
      for (int i = g * length; i < (g + 1) * length; i++) {
        values[i] = (float) quantized.applyAsDouble(values[i]);
      }
    }
    return Tensor.of(weights.shape(), values);
  }

  /** Mean of |w| over all weights of the range; 0 if there is none. */
  static double mean(float[] values, int from, int to) {
    return meanAbove(-1, values, from, to);
  }

  /**
   * Mean of |w| over the weights of the range with |w| above {@code threshold}; 0 if there is none.
   */
  static double meanAbove(double threshold, float[] values, int from, int to) {
    double sum = 0;
    int count = 0;
    for (int i = from; i < to; i++) {
      double size = Math.abs(values[i]);
      if (size > threshold) {
        sum += size;
        count++;
      }
    }
    return count == 0 ? 0 : sum / count;
  }
}
