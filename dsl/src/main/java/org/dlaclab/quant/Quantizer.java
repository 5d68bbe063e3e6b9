package org.dlaclab.quant;

import org.apache.commons.math3.special.Erf;
import org.dlaclab.error.DlacException;
import org.dlaclab.tensor.Tensor;

/**
 * What low precision makes of a layer's weights. The result is exact: a weight that the quantizer
 * drops is 0, and the simulator skips nothing else.
 */
public sealed interface Quantizer {

  /**
   * The quantized weights, in the scale of the original ones.
   *
   * @param weights shape {@code K x ...}, filters slowest; finite
   * @return the same shape
   * @throws DlacException if a weight is NaN or infinite
   */
  Tensor quantize(Tensor weights);

  /** Bits that one weight takes in storage, scales not counted. */
  int bits();

  /**
   * Whether a product with such a weight is an addition, so that an adder lane of a PE serves for
   * it.
   */
  boolean multiplierFree();

  /**
   * The share of non-zeros that is left of {@code weights} independent normally distributed
   * weights: what a synthetic layer has where no density is declared.
   */
  double gaussianDensity(long weights);

  /** How many weights share one scale. */
  enum Scale {
    PER_LAYER,
    PER_FILTER
  }

  /** Weights as they are, 32-bit floats. */
  record FullPrecision() implements Quantizer {
    @Override
    public Tensor quantize(Tensor weights) {
      return weights.requireFinite(Scales.WEIGHTS);
    }

    @Override
    public int bits() {
      return 32;
    }

    @Override
    public boolean multiplierFree() {
      return false;
    }

    @Override
    public double gaussianDensity(long weights) {
      return 1;
    }

    @Override
    public String toString() {
      return "full precision";
    }
  }

  /**
   * Ternary weight networks (Li and Liu, arXiv:1605.04711, equations 4 to 6): {@code {-a, 0, +a}}
   * with threshold {@code d = 0.7 * mean|w|} and {@code a = mean of |w| over |w| > d}; 0 where
   * {@code |w| <= d}.
   *
   * @param scale over which weights the means are taken
   */
  record Ternary(Scale scale) implements Quantizer {
    /** The paper's factor between mean |w| and the threshold. */
    public static final double THRESHOLD = 0.7;

    @Override
    public Tensor quantize(Tensor weights) {
      return Scales.perGroup(
          weights,
          scale,
          (values, from, to) -> {
            double threshold = THRESHOLD * Scales.mean(values, from, to);
            float a = (float) Scales.meanAbove(threshold, values, from, to);
            return w -> Math.abs(w) > threshold ? Math.copySign(a, w) : 0;
          });
    }

    @Override
    public int bits() {
      return 2;
    }

    @Override
    public boolean multiplierFree() {
      return true;
    }

    /**
     * {@code erfc(0.7 * sqrt(2 / pi) / sqrt(2)) = 0.577}: E|w| of a normal weight is {@code s *
     * sqrt(2 / pi)}.
     */
    @Override
    public double gaussianDensity(long weights) {
      return Erf.erfc(THRESHOLD / Math.sqrt(Math.PI));
    }

    @Override
    public String toString() {
      return scale == Scale.PER_LAYER ? "ternary" : "ternary per filter";
    }
  }

  /**
   * Binary weights (Rastegari et al., XNOR-Net, ECCV 2016, equation 6): {@code sign(w) * mean|w|},
   * with {@code sign(0) = +1}.
   *
   * @param scale over which weights the mean is taken
   */
  record Binary(Scale scale) implements Quantizer {
    @Override
    public Tensor quantize(Tensor weights) {
      return Scales.perGroup(
          weights,
          scale,
          (values, from, to) -> {
            float a = (float) Scales.mean(values, from, to);
            return w -> w < 0 ? -a : a;
          });
    }

    @Override
    public int bits() {
      return 1;
    }

    @Override
    public boolean multiplierFree() {
      return true;
    }

    @Override
    public double gaussianDensity(long weights) {
      return 1;
    }

    @Override
    public String toString() {
      return scale == Scale.PER_LAYER ? "binary" : "binary per filter";
    }
  }

  /**
   * Symmetric uniform integers (Krishnamoorthi, arXiv:1806.08342, section 2.2): {@code s * round(w
   * / s)} with {@code s = max|w| / (2^(bits-1) - 1)}.
   *
   * @param bits 2 to 16
   */
  record Uniform(int bits) implements Quantizer {
    public Uniform {
      if (bits < 2 || bits > 16) {
        throw new DlacException(
            "bits(" + bits + ") asks for " + bits + "-bit weights",
            "2 to 16 bits",
            bits == 1
                ? "use binary()"
                : bits > 16 ? "use fullPrecision()" : "use ternary() or binary()");
      }
    }

    private int levels() {
      return (1 << (bits - 1)) - 1;
    }

    @Override
    public Tensor quantize(Tensor weights) {
      return Scales.perGroup(
          weights,
          Scale.PER_LAYER,
          (values, from, to) -> {
            double max = 0;
            for (int i = from; i < to; i++) {
              max = Math.max(max, Math.abs(values[i]));
            }
            double step = max / levels();
            return step == 0 ? w -> w : w -> Math.rint(w / step) * step;
          });
    }

    @Override
    public boolean multiplierFree() {
      return false;
    }

    /**
     * Zero is what rounds to it, {@code |w| < s/2}, with the expected largest of n normal weights
     * in {@code s}: about the quantile {@code 1 - exp(-gamma)/n} of |w| (extreme value theory;
     * gamma is Euler's constant).
     */
    @Override
    public double gaussianDensity(long weights) {
      double max = Math.sqrt(2) * Erf.erfInv(1 - 0.5614 / Math.max(1, weights));
      return Erf.erfc(max / levels() / 2 / Math.sqrt(2));
    }

    @Override
    public String toString() {
      return bits + "-bit uniform";
    }
  }
}
