package org.dlaclab.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.dlaclab.error.Refusals.assertRefused;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpreadTest {
  @Test
  void isAnIntervalWorkedByHand() {
    Spread spread = Spread.of(1, 2, 3, 4, 5);
    assertThat(spread.n()).isEqualTo(5);
    assertThat(spread.mean()).isEqualTo(3);
    // Squares: 4 + 1 + 0 + 1 + 4 = 10, over n - 1 = 4.
    assertThat(spread.sd()).isCloseTo(Math.sqrt(2.5), within(1e-12));
    // t(0.975, 4) = 2.7764 in any table; 2.7764 * sqrt(2.5) / sqrt(5) = 1.9632.
    assertThat(spread.low()).isCloseTo(1.0368, within(1e-4));
    assertThat(spread.high()).isCloseTo(4.9632, within(1e-4));
  }

  @ParameterizedTest(name = "t(0.975) with {0} samples is {1}")
  @CsvSource({"2, 12.706", "3, 4.303", "10, 2.262", "32, 2.040", "1000, 1.962"})
  void reachesAsFarAsStudentsTable(int n, double t) {
    double[] values = new double[n];
    for (int i = 0; i < n; i++) {
      values[i] = i % 2;
    }
    Spread spread = Spread.of(values);
    double reach = (spread.high() - spread.low()) / 2;
    assertThat(reach / (spread.sd() / Math.sqrt(n))).isCloseTo(t, within(5e-4));
  }

  @ParameterizedTest(name = "{0} samples")
  @ValueSource(ints = {2, 3, 5, 32})
  void holdsTheTrueMeanInNinetyFivePercentOfCases(int n) {
    int trials = 4000;
    int hits = 0;
    Random random = new Random(n);
    for (int trial = 0; trial < trials; trial++) {
      double[] values = new double[n];
      for (int i = 0; i < n; i++) {
        values[i] = 2.4 + 0.3 * random.nextGaussian();
      }
      Spread spread = Spread.of(values);
      hits += spread.low() <= 2.4 && 2.4 <= spread.high() ? 1 : 0;
    }
    // Five standard deviations of a binomial count.
    assertThat((double) hits / trials).isCloseTo(0.95, within(5 * Math.sqrt(0.95 * 0.05 / trials)));
  }

  @Test
  void oneSampleHasNoSpread() {
    Spread spread = Spread.of(2.5);
    assertThat(spread.n()).isEqualTo(1);
    assertThat(spread.mean()).isEqualTo(2.5);
    assertThat(spread.sd()).isNaN();
    assertThat(spread.low()).isNaN();
    assertThat(spread.high()).isNaN();
    assertThat(spread).hasToString("2.500 (n = 1: no interval, which takes two samples)");
  }

  @Test
  void equalSamplesHaveAnIntervalOfNoWidth() {
    assertThat(Spread.of(2, 2, 2)).isEqualTo(new Spread(3, 2, 0, 2, 2));
  }

  /** Ratios 2, 2.5 and 1.25 of 1000; their mean would be 1.917. */
  @Test
  void aRatioIsThatOfTheSumsWorkedByHand() {
    Spread spread = Spread.ofRatio(new double[] {1000, 1000, 1000}, new double[] {500, 400, 800});
    double ratio = 3000 / 1700.0;
    assertThat(spread.mean()).isEqualTo(ratio);
    // Residuals 1000 - ratio * (500, 400, 800) are 117.647, 294.118 and -411.765: s = 367.343 over
    // n - 1.
    // t(0.975, 2) = 4.3027; 4.3027 * 367.343 / sqrt(3) / (1700 / 3) = 1.6103.
    assertThat(spread.high() - ratio).isCloseTo(1.6103, within(1e-4));
    assertThat(ratio - spread.low()).isCloseTo(1.6103, within(1e-4));
    assertThat(spread.sd()).isEqualTo(Spread.of(2, 2.5, 1.25).sd());
  }

  /** Dense cycles that vary with the image, too, as they do where DRAM makes a grid wait. */
  @ParameterizedTest(name = "{0} samples")
  @ValueSource(ints = {2, 3, 5, 32})
  void holdsTheTrueRatioInNinetyFivePercentOfCases(int n) {
    int trials = 4000;
    int hits = 0;
    Random random = new Random(n);
    for (int trial = 0; trial < trials; trial++) {
      double[] dense = new double[n];
      double[] cycles = new double[n];
      for (int i = 0; i < n; i++) {
        double size = 1 + 0.1 * random.nextGaussian();
        dense[i] = 2400 * size;
        cycles[i] = 1000 * (size + 0.05 * random.nextGaussian());
      }
      Spread spread = Spread.ofRatio(dense, cycles);
      hits += spread.low() <= 2.4 && 2.4 <= spread.high() ? 1 : 0;
    }
    // Five standard deviations of a binomial count, and a hundredth that the estimator may be
    // narrow.
    assertThat((double) hits / trials)
        .isCloseTo(0.95, within(0.01 + 5 * Math.sqrt(0.95 * 0.05 / trials)));
  }

  @Test
  void equalRatiosHaveAnIntervalOfNoWidthAlsoWhereTheyAreNoFraction() {
    Spread spread = Spread.ofRatio(new double[] {10, 20, 10}, new double[] {3, 6, 3});
    assertThat(spread.low()).isEqualTo(10 / 3.0).isEqualTo(spread.high());
  }

  @Test
  void aRatioTakesAsManyOfEach() {
    assertRefused(
        () -> Spread.ofRatio(new double[] {1}, new double[] {1, 2}), "1 values over 2", "as many");
  }

  @Test
  void displays() {
    assertThat(Spread.of(1, 2, 3, 4, 5))
        .hasToString("3.000 (sd 1.581, 95 % interval of the mean 1.037 to 4.963, n = 5)");
  }
}
