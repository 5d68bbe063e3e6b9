package org.dlaclab.result;

import java.util.Arrays;
import java.util.Locale;
import org.apache.commons.math3.distribution.TDistribution;

/**
 * How a figure varies over samples.
 *
 * @param n number of samples
 * @param mean arithmetic mean
 * @param sd standard deviation of the samples (n - 1 in the denominator); NaN for one sample
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
    double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
    double sd = Math.sqrt(squares / (n - 1));
    // The normal distribution would be too narrow for the few images that people simulate.
    double reach = new TDistribution(n - 1).inverseCumulativeProbability(0.975) * sd / Math.sqrt(n);
    return new Spread(n, mean, sd, mean - reach, mean + reach);
  }

  /** For example {@code 2.41 (sd 0.08, 95 % of the mean: 2.38 to 2.44, n = 32)}. */
  @Override
  public String toString() {
    return n < 2
        ? String.format(Locale.ROOT, "%.3f (n = 1)", mean)
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
