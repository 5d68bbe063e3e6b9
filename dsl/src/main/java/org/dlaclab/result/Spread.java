package org.dlaclab.result;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.IntStream;
import org.apache.commons.math3.distribution.TDistribution;
import org.dlaclab.error.DlacException;

/**
 * How a figure varies over samples.
 *
 * @param n number of samples
 * @param mean arithmetic mean; of a ratio, the ratio of the means
 * @param sd standard deviation of the samples (n - 1 in the denominator), of a ratio that of each
 *     sample's own; NaN for one sample
 * @param low lower end of the 95 % confidence interval of the mean (Student's t); NaN for one
 *     sample
 * @param high upper end of that interval; NaN for one sample
 */
public record Spread(int n, double mean, double sd, double low, double high) {

  /** The spread of these values, of which there is at least one. */
  public static Spread of(double... values) {
    int n = values.length;
    double mean = Arrays.stream(values).average().orElse(Double.NaN);
    if (n < 2) {
      return new Spread(n, mean, Double.NaN, Double.NaN, Double.NaN);
    }
    double sd = sd(mean, values);
    double reach = reach(n, sd);
    return new Spread(n, mean, sd, mean - reach, mean + reach);
  }

  /**
   * The spread of a ratio, such as a speedup: the sum of the first values over that of the second,
   * which is what all samples one after another come to. The mean of the samples' own ratios would
   * be another figure, and a higher one where the second values vary.
   *
   * <p>The interval is that of the ratio estimator (Cochran, Sampling Techniques, 3rd edition,
   * 1977, equation 6.13), by the residuals {@code first - ratio * second}, with Student's t. It is
   * narrow by the order of the second values' squared relative deviation.
   *
   * @throws DlacException if there are not as many of each
   */
  public static Spread ofRatio(double[] first, double[] second) {
    int n = first.length;
    if (n != second.length) {
      throw new DlacException(
          "a ratio over samples has " + n + " values over " + second.length,
          "as many of each",
          "give both for each sample");
    }
    double sum = Arrays.stream(second).sum();
    double ratio = Arrays.stream(first).sum() / sum;
    double[] own = IntStream.range(0, n).mapToDouble(i -> first[i] / second[i]).toArray();
    if (n < 2) {
      return new Spread(n, ratio, Double.NaN, Double.NaN, Double.NaN);
    }
    double[] residuals =
        IntStream.range(0, n).mapToDouble(i -> second[i] * (own[i] - ratio)).toArray();
    double reach = reach(n, sd(0, residuals)) / (sum / n);
    return new Spread(
        n, ratio, sd(Arrays.stream(own).sum() / n, own), ratio - reach, ratio + reach);
  }

  private static double sd(double about, double... values) {
    double squares = Arrays.stream(values).map(v -> (v - about) * (v - about)).sum();
    return Math.sqrt(squares / (values.length - 1));
  }

  /** Half of the interval. The normal distribution would be too narrow for few images. */
  private static double reach(int n, double sd) {
    return new TDistribution(n - 1).inverseCumulativeProbability(0.975) * sd / Math.sqrt(n);
  }

  /**
   * For example {@code 2.41 (sd 0.08, 95 % interval of the mean 2.38 to 2.44, n = 32)}, or {@code
   * 2.41 (n = 1: no interval, which takes two samples)}.
   */
  @Override
  public String toString() {
    return n < 2
        ? String.format(Locale.ROOT, "%.3f (n = %d: no interval, which takes two samples)", mean, n)
        : String.format(
            Locale.ROOT,
            "%.3f (sd %.3f, 95 %% interval of the mean %.3f to %.3f, n = %d)",
            mean,
            sd,
            low,
            high,
            n);
  }
}
