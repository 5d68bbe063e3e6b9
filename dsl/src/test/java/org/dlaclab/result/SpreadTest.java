package org.dlaclab.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

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
    assertThat(spread).hasToString("2.500 (n = 1)");
  }

  @Test
  void equalSamplesHaveAnIntervalOfNoWidth() {
    assertThat(Spread.of(2, 2, 2)).isEqualTo(new Spread(3, 2, 0, 2, 2));
  }

  @Test
  void displays() {
    assertThat(Spread.of(1, 2, 3, 4, 5))
        .hasToString("3.000 (sd 1.581, 95 % interval of the mean 1.037 to 4.963, n = 5)");
  }
}
