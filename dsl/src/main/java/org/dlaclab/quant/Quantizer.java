package org.dlaclab.quant;

import java.util.stream.DoubleStream;
import org.apache.commons.math3.special.Erf;
import org.dlaclab.error.DlacException;
import org.dlaclab.tensor.Shape;
import org.dlaclab.tensor.Tensor;

/**
 * What low precision makes of a layer's weights. The result is exact: a weight that the quantizer
 * drops is 0, and the simulator skips nothing else.
 *
 * <p>Training keeps full-precision shadow weights, runs the network with what {@link
 * #quantize(Tensor, Tensor)} makes of them, and moves them by what {@link #backward} makes of the
 * gradient: rounding has no useful derivative, so that each paper defines an estimate of it
 * (straight-through estimator; Bengio et al., arXiv:1308.3432).
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

  /**
   * How many values per layer are learned beside the weights; 0 for all quantizers but {@link
   * TrainedTernary}.
   */
  default int scales() {
    return 0;
  }

  /**
   * Where training starts from for the learned values.
   *
   * @return shape {@code scales()}
   */
  default Tensor initialScales(Tensor weights) {
    return Tensor.of(Shape.of(0));
  }

  /**
   * The quantized weights under learned values. {@link #quantize(Tensor)} is this with the initial
   * ones.
   *
   * @param scales shape {@code scales()}; not looked at where that is 0
   * @return the shape of {@code weights}
   * @throws DlacException if a weight or a scale is NaN or infinite, or {@code scales} has another
   *     shape
   */
  default Tensor quantize(Tensor weights, Tensor scales) {
    return quantize(weights);
  }

  /** Whether {@link #backward} hands the gradient on as it is, so that training need not ask. */
  default boolean straightThrough() {
    return true;
  }

  /**
   * What the quantizer's paper makes of the gradient with respect to the quantized weights.
   *
   * @param weights the full-precision weights
   * @param scales as {@link #quantize(Tensor, Tensor)} got them
   * @param gradient of the loss with respect to each quantized weight; the shape of {@code weights}
   * @throws DlacException if the shapes differ
   */
  default Gradient backward(Tensor weights, Tensor scales, Tensor gradient) {
    Scales.requireSameShape(weights, gradient);
    return new Gradient(gradient, Tensor.of(Shape.of(0)));
  }

  /**
   * A gradient of the loss.
   *
   * @param weights with respect to each full-precision weight
   * @param scales with respect to each learned scale; empty if there are none
   */
  record Gradient(Tensor weights, Tensor scales) {}

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

  /**
   * Bits of the scales that are stored beside the weights, at 32 bits per scale.
   *
   * @param weights shape {@code K x ...}
   */
  long scaleBits(Shape weights);

  /** Which weights share one scale. */
  sealed interface Scale {
    /** All weights of a layer. */
    Scale PER_LAYER = new PerLayer();

    /** The weights of a filter, or of an output of a fully connected layer. */
    Scale PER_FILTER = new PerFilter();

    /** One scale per layer: {@link #PER_LAYER}. */
    record PerLayer() implements Scale {
      @Override
      public String toString() {
        return "per layer";
      }
    }

    /** One scale per filter: {@link #PER_FILTER}. */
    record PerFilter() implements Scale {
      @Override
      public String toString() {
        return "per filter";
      }
    }

    /**
     * One scale per {@code size} weights of a filter, as in fine-grained quantization (FGQ;
     * Mellempudi et al., arXiv:1705.01462), whose static groups lie along the input channels: the
     * weights at one position of the kernel, of neighbouring channels. The grid reduces over
     * channels first, so that a group is also what it adds up one after another. The last group has
     * what is left of the channels; a layer of fewer channels has groups of all of them.
     *
     * <p>The groups are FGQ's; thresholds stay the quantizer's own, where FGQ searches each group
     * for two.
     *
     * @param size 2 or more; the paper studies 4 to 64
     */
    record PerGroup(int size) implements Scale {
      public PerGroup {
        if (size < 2) {
          throw new DlacException(
              "perGroup(" + size + ") asks for groups of " + size + " weights",
              "a whole number of at least 2",
              size == 1
                  ? "use fullPrecision(): a weight with a scale of its own is one"
                  : "use perGroup(64)");
        }
      }

      @Override
      public String toString() {
        return "per group of " + size;
      }
    }
  }

  /** Weights as they are, 32-bit floats; activations, too. */
  record FullPrecision() implements Quantizer, Policy.Activation {
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
    public long scaleBits(Shape weights) {
      return 0;
    }

    @Override
    public String toString() {
      return "full precision";
    }
  }

  /**
   * Ternary weight networks (Li and Liu, arXiv:1605.04711, equations 4 to 6): {@code {-a, 0, +a}}
   * with threshold {@code d = 0.7 * mean|w|} and {@code a = mean of |w| over |w| > d}; 0 where
   * {@code |w| <= d}. The gradient passes as it is (their algorithm 1).
   *
   * <p>With a scale per group each pair is still an addition; the multiplication of a group's sum
   * by its scale, one per group, is not counted.
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
          values -> {
            double threshold = THRESHOLD * Scales.mean(values);
            float a = (float) Scales.meanAbove(threshold, values);
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
     * sqrt(2 / pi)}. In a small group a weight moves its own threshold, and the others' sum is
     * taken as normally distributed.
     */
    @Override
    public double gaussianDensity(long weights) {
      if (!(scale instanceof Scale.PerGroup group) || weights < 2) {
        return Erf.erfc(THRESHOLD / Math.sqrt(Math.PI));
      }
      long others = Math.min(group.size(), weights) - 1;
      double factor = THRESHOLD / (others + 1 - THRESHOLD);
      double mean = others * Math.sqrt(2 / Math.PI);
      double deviation = Math.sqrt(others * (1 - 2 / Math.PI));
      // Gauss and Hermite's rule of three points.
      return DoubleStream.of(0, 0, 0, 0, -Math.sqrt(3), Math.sqrt(3))
          .map(z -> Erf.erfc(factor * Math.max(0, mean + z * deviation) / Math.sqrt(2)))
          .average()
          .orElseThrow();
    }

    @Override
    public long scaleBits(Shape weights) {
      return Scales.BITS * Scales.groups(weights, scale);
    }

    @Override
    public String toString() {
      return "ternary" + Scales.suffix(scale);
    }
  }

  /**
   * Trained ternary quantization (Zhu et al., ICLR 2017, arXiv:1612.01064): {@code {-n, 0, +p}}
   * with threshold {@code d = 0.05 * max|w|} (equation 9) and two learned scales per layer, p and
   * n; 0 where {@code |w| <= d}.
   *
   * <p>Scales are a tensor of two: p and n. They start as the mean of |w| over the weights that get
   * them; the paper leaves that open. Training stops them at 0: below, a weight would have the
   * opposite sign of its shadow weight. A product with such a weight counts as an addition: a PE
   * adds up the activations under +p and those under -n apart, and multiplies once per result.
   */
  record TrainedTernary() implements Quantizer {
    /** The paper's t, from max |w| to the threshold. */
    public static final double THRESHOLD = 0.05;

    @Override
    public int scales() {
      return 2;
    }

    @Override
    public Tensor initialScales(Tensor weights) {
      float[] values = weights.requireFinite(Scales.WEIGHTS).toArray();
      double threshold = threshold(values);
      double[] sums = new double[2];
      int[] counts = new int[2];
      for (float w : values) {
        if (Math.abs(w) > threshold) {
          int side = w > 0 ? 0 : 1;
          sums[side] += Math.abs(w);
          counts[side]++;
        }
      }
      float[] scales = new float[2];
      for (int side = 0; side < 2; side++) {
        // Where no weight has a sign, the other one's scale is the best guess for later.
        int from = counts[side] > 0 ? side : 1 - side;
        scales[side] = counts[from] == 0 ? 0 : (float) (sums[from] / counts[from]);
      }
      return Tensor.of(Shape.of(2), scales);
    }

    @Override
    public Tensor quantize(Tensor weights) {
      return quantize(weights, initialScales(weights));
    }

    @Override
    public Tensor quantize(Tensor weights, Tensor scales) {
      float[] values = weights.requireFinite(Scales.WEIGHTS).toArray();
      requireScales(scales);
      double threshold = threshold(values);
      for (int i = 0; i < values.length; i++) {
        values[i] =
            values[i] > threshold ? scales.get(0) : values[i] < -threshold ? -scales.get(1) : 0;
      }
      return Tensor.of(weights.shape(), values);
    }

    @Override
    public boolean straightThrough() {
      return false;
    }

    /**
     * Equations 7 and 8: the gradient of a scale is the sum over the weights that have it, and that
     * of a weight is scaled by p, 1 or n. Since the quantized weight is {@code -n}, its sum counts
     * negatively for n, which equation 7 does not print.
     */
    @Override
    public Gradient backward(Tensor weights, Tensor scales, Tensor gradient) {
      Scales.requireSameShape(weights, gradient);
      requireScales(scales);
      float[] values = weights.toArray();
      float[] toWeights = gradient.toArray();
      double threshold = threshold(values);
      double p = 0;
      double n = 0;
      for (int i = 0; i < values.length; i++) {
        if (values[i] > threshold) {
          p += toWeights[i];
          toWeights[i] *= scales.get(0);
        } else if (values[i] < -threshold) {
          n -= toWeights[i];
          toWeights[i] *= scales.get(1);
        }
      }
      return new Gradient(
          Tensor.of(weights.shape(), toWeights), Tensor.of(Shape.of(2), (float) p, (float) n));
    }

    private static double threshold(float[] values) {
      return THRESHOLD * Scales.max(values);
    }

    private static void requireScales(Tensor scales) {
      if (!scales.shape().equals(Shape.of(2))) {
        throw new DlacException(
            "trained ternary weights get scales of shape " + scales.shape(),
            "two, for positive and negative weights",
            "use initialScales(weights), or those of the training");
      }
      scales.requireFinite("the tensor of a layer's two scales");
    }

    @Override
    public int bits() {
      return 2;
    }

    @Override
    public boolean multiplierFree() {
      return true;
    }

    /** What exceeds 0.05 of the expected largest of n normal weights, as for {@link Uniform}. */
    @Override
    public double gaussianDensity(long weights) {
      return Erf.erfc(THRESHOLD * Scales.expectedMax(weights) / Math.sqrt(2));
    }

    @Override
    public long scaleBits(Shape weights) {
      return 2 * Scales.BITS;
    }

    @Override
    public String toString() {
      return "trained ternary";
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
          values -> {
            float a = (float) Scales.mean(values);
            return w -> w < 0 ? -a : a;
          });
    }

    @Override
    public boolean straightThrough() {
      return false;
    }

    /**
     * The estimate of sign's derivative that XNOR-Net takes from Hubara et al. (NIPS 2016,
     * arXiv:1602.02830, equation 4): 1 where {@code |w| <= 1}, else 0. XNOR-Net also multiplies by
     * the scale and adds {@code 1/n}: that is one factor for all weights in reach, and is left to
     * the learning rate.
     */
    @Override
    public Gradient backward(Tensor weights, Tensor scales, Tensor gradient) {
      Scales.requireSameShape(weights, gradient);
      float[] values = gradient.toArray();
      for (int i = 0; i < values.length; i++) {
        if (Math.abs(weights.get(i)) > 1) {
          values[i] = 0;
        }
      }
      return new Gradient(Tensor.of(weights.shape(), values), Tensor.of(Shape.of(0)));
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
    public long scaleBits(Shape weights) {
      return Scales.BITS * Scales.groups(weights, scale);
    }

    @Override
    public String toString() {
      return "binary" + Scales.suffix(scale);
    }
  }

  /**
   * DoReFa-Net (Zhou et al., arXiv:1606.06160, equation 9): {@code 2 * q(tanh(w) / (2 *
   * max|tanh(w)|) + 1/2) - 1} with {@code q(x) = round((2^bits - 1) * x) / (2^bits - 1)}, so that
   * weights become odd multiples of {@code 1 / (2^bits - 1)} from -1 to 1, whatever their size was.
   * Zero is not among these levels: a weight of 0 becomes the smallest positive one. Only where all
   * weights are 0, which the paper leaves undefined, all stay 0.
   *
   * @param bits 2 to 16
   */
  record DoReFa(int bits) implements Quantizer {
    public DoReFa {
      Scales.requireBits("doReFa", bits);
    }

    @Override
    public Tensor quantize(Tensor weights) {
      return Scales.perGroup(
          weights,
          Scale.PER_LAYER,
          values -> {
            double max = Math.tanh(Scales.max(values));
            int top = (1 << bits) - 1;
            return max == 0
                ? w -> 0
                : w -> 2 * Math.rint(top * (Math.tanh(w) / (2 * max) + 0.5)) / top - 1;
          });
    }

    @Override
    public boolean straightThrough() {
      return false;
    }

    /**
     * The rounding lets the gradient pass as it is (section 2.2); what is left to derive is {@code
     * tanh(w) / max|tanh(w)|}. The largest weight also moves all others; several of one size share
     * that part. Where all weights are 0 the gradient passes as it is.
     */
    @Override
    public Gradient backward(Tensor weights, Tensor scales, Tensor gradient) {
      Scales.requireSameShape(weights, gradient);
      float[] values = gradient.toArray();
      float[] w = weights.toArray();
      double largest = Scales.max(w);
      double max = Math.tanh(largest);
      if (max != 0) {
        double pull = 0;
        int ties = 0;
        for (int i = 0; i < w.length; i++) {
          pull += values[i] * Math.tanh(w[i]);
          ties += Math.abs(w[i]) == largest ? 1 : 0;
        }
        for (int i = 0; i < w.length; i++) {
          double t = Math.tanh(w[i]);
          double slope = values[i] / max;
          if (Math.abs(w[i]) == largest) {
            slope -= Math.signum(t) * pull / (max * max) / ties;
          }
          values[i] = (float) (slope * (1 - t * t));
        }
      }
      return new Gradient(Tensor.of(weights.shape(), values), Tensor.of(Shape.of(0)));
    }

    @Override
    public boolean multiplierFree() {
      return false;
    }

    /** 1: zero is not among the levels. */
    @Override
    public double gaussianDensity(long weights) {
      return 1;
    }

    @Override
    public long scaleBits(Shape weights) {
      return 0;
    }

    @Override
    public String toString() {
      return bits + "-bit DoReFa";
    }
  }

  /**
   * Affine integers (Jacob et al., arXiv:1712.05877, equations 1 and 12): {@code s * (q - z)} with
   * {@code q} from 0 to {@code 2^bits - 1}, {@code s = (max - min) / (2^bits - 1)} over a range
   * that is widened to hold 0, and an integer zero point {@code z = round(-min / s)}, so that 0 is
   * exact. Rounding z moves the range by up to half a step; weights beyond are clamped. The paper's
   * tweak for ARM (level 0 unused) is left out.
   *
   * <p>The gradient passes as it is: the range follows the weights, so that clamping is no more
   * than rounding.
   *
   * @param bits 2 to 16
   */
  record Affine(int bits) implements Quantizer {
    public Affine {
      Scales.requireBits("integer", bits);
    }

    @Override
    public Tensor quantize(Tensor weights) {
      return Scales.perGroup(
          weights,
          Scale.PER_LAYER,
          values -> {
            double min = 0;
            double max = 0;
            for (float w : values) {
              min = Math.min(min, w);
              max = Math.max(max, w);
            }
            int top = (1 << bits) - 1;
            double step = (max - min) / top;
            if (step == 0) {
              return w -> 0;
            }
            double zero = Math.rint(-min / step);
            return w -> step * (Math.max(0, Math.min(top, Math.rint(w / step) + zero)) - zero);
          });
    }

    @Override
    public boolean multiplierFree() {
      return false;
    }

    /**
     * As for {@link Uniform}, with a step from the expected least to the expected largest of n
     * normal weights.
     */
    @Override
    public double gaussianDensity(long weights) {
      double range = weights < 2 ? 0 : 2 * Scales.quantile(1 - 2 * Scales.EULER / weights);
      return Erf.erfc(range / ((1 << bits) - 1) / 2 / Math.sqrt(2));
    }

    @Override
    public long scaleBits(Shape weights) {
      return Scales.BITS + bits;
    }

    @Override
    public String toString() {
      return bits + "-bit integer";
    }
  }

  /**
   * Symmetric uniform integers (Krishnamoorthi, arXiv:1806.08342, section 2.2): {@code s * round(w
   * / s)} with {@code s = max|w| / (2^(bits-1) - 1)}. The gradient passes as it is (section 2.4):
   * no weight lies beyond the range, where the paper stops it.
   *
   * @param bits 2 to 16
   */
  record Uniform(int bits) implements Quantizer {
    public Uniform {
      Scales.requireBits("bits", bits);
    }

    private int levels() {
      return (1 << (bits - 1)) - 1;
    }

    @Override
    public Tensor quantize(Tensor weights) {
      return Scales.perGroup(
          weights,
          Scale.PER_LAYER,
          values -> {
            double step = Scales.max(values) / levels();
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
      return Erf.erfc(Scales.expectedMax(weights) / levels() / 2 / Math.sqrt(2));
    }

    @Override
    public long scaleBits(Shape weights) {
      return Scales.BITS;
    }

    @Override
    public String toString() {
      return bits + "-bit uniform";
    }
  }
}
