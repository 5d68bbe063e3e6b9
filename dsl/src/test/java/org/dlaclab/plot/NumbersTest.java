package org.dlaclab.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class NumbersTest {
  static LongStream seeds() {
    return LongStream.range(0, 200);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1, 1.00",
    "2.345, 2.35",
    "9.996, 10.0",
    "12.34, 12.3",
    "99.96, 100",
    "8204, '8,204'",
    "0.5, 0.500",
    "0.0314159, 0.031",
    "0.00012, 1.2e-4",
    "9999.4, '9,999'",
    "9999.6, 10.0k",
    "22500, 22.5k",
    "999600, 1.00M",
    "4.1e9, 4.10G"
  })
  void labelsAreShort(double value, String label) {
    assertThat(Numbers.label(value)).isEqualTo(label);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void ticksAreEvenRoundDifferentAndReachTheTop(long seed) {
    Random random = new Random(seed);
    double top = Math.pow(10, 16 * random.nextDouble() - 4);
    List<Numbers.Tick> ticks = Numbers.ticks(top, 6);
    double step = ticks.get(1).value();
    double mantissa = step / Math.pow(10, Math.floor(Math.log10(step) + 1e-9));
    assertThat(List.of(1.0, 2.0, 5.0))
        .anySatisfy(m -> assertThat(mantissa).isCloseTo(m, within(1e-6)));
    assertThat(ticks.get(0).value()).isZero();
    assertThat(ticks).hasSizeBetween(3, 8);
    for (int i = 1; i < ticks.size(); i++) {
      assertThat(ticks.get(i).value()).isCloseTo(i * step, within(step * 1e-9));
    }
    double last = ticks.get(ticks.size() - 1).value();
    assertThat(last).isGreaterThanOrEqualTo(top * (1 - 1e-9)).isLessThan(top + step);
    assertThat(ticks.stream().map(Numbers.Tick::label)).doesNotHaveDuplicates();
  }
}
