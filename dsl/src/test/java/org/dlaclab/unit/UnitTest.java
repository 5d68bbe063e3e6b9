package org.dlaclab.unit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.dlaclab.error.Refusals.assertRefused;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnitTest {

  @ParameterizedTest
  @CsvSource({
    "500e6, 500 MHz",
    "1.25e9, 1.25 GHz",
    "2e9, 2 GHz",
    "999, 999 Hz",
    "999.4, 999 Hz",
    "999.6, 1 kHz",
    "999999, 1 MHz",
    "1000, 1 kHz",
    "12345, 12.3 kHz",
    "99.94, 99.9 Hz",
    "99.96, 100 Hz",
    "9.994, 9.99 Hz",
    "9.996, 10 Hz",
  })
  void frequenciesHaveThreeDigitsAndAPrefix(double hertz, String text) {
    assertThat(new Hertz(hertz)).hasToString(text);
  }

  @ParameterizedTest
  @CsvSource({"1.25e-3, 1.25 ms", "8.82e-6, 8.82 us", "3e-9, 3 ns", "0, 0 s", "90, 90 s"})
  void durations(double seconds, String text) {
    assertThat(new Seconds(seconds)).hasToString(text);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0 B",
    "1, 1 B",
    "1023, 1023 B",
    "1024, 1 KiB",
    "1536, 1.5 KiB",
    "32768, 32 KiB",
    "1048575, 1 MiB",
    "1048576, 1 MiB",
    "244318208, 233 MiB",
    "1073741823, 1 GiB",
    "1099511627776, 1 TiB",
  })
  void sizesHaveBinaryPrefixes(long bytes, String text) {
    assertThat(new Bytes(bytes)).hasToString(text);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "5, 5",
    "4089184256, 4.09 G",
    "25557032, 25.6 M",
    "-1500, -1.5 k",
    "1e18, 1000 P",
  })
  void numbersWithoutAUnit(double value, String text) {
    assertThat(Scaled.decimal(value, "")).isEqualTo(text);
  }

  @Test
  void whatIsNotANumberIsSaidAsItIs() {
    assertThat(Scaled.decimal(Double.NaN, "s")).isEqualTo("NaN s");
    assertThat(Scaled.decimal(Double.POSITIVE_INFINITY, "B/s")).isEqualTo("Infinity B/s");
    assertThat(Scaled.decimal(Double.NEGATIVE_INFINITY, "B/s")).isEqualTo("-Infinity B/s");
  }

  @ParameterizedTest
  @CsvSource({"1.3e-12, 1.3 pJ", "2.5e-15, 2.5 fJ", "0.00112, 1.12 mJ"})
  void energies(double joules, String text) {
    assertThat(new Joules(joules)).hasToString(text);
  }

  @Test
  void bandwidths() {
    assertThat(BytesPerSecond.giga(25.6)).hasToString("25.6 GB/s");
    assertThat(BytesPerSecond.INFINITE).hasToString("infinite");
    assertRefused(() -> new BytesPerSecond(0), "bandwidth", "above 0");
    assertRefused(() -> new BytesPerSecond(Double.NaN), "bandwidth", "above 0");
  }

  /** 51.2 bytes per cycle have no exact binary fraction, nor has a third. */
  @ParameterizedTest
  @CsvSource({
    "25.6e9, 500e6, 0, 0",
    "25.6e9, 500e6, 1, 1",
    "25.6e9, 500e6, 51, 1",
    "25.6e9, 500e6, 52, 2",
    "25.6e9, 500e6, 256, 5",
    "25.6e9, 500e6, 257, 6",
    "1e9, 3e9, 5, 15",
    "12.8e9, 600e6, 64000, 3000",
    "0.5, 1, 3, 6",
    "0.3, 1, 3, 11",
  })
  void bytesTakeWholeCyclesExactly(double bandwidth, double clock, long bytes, long cycles) {
    assertThat(new BytesPerSecond(bandwidth).cycles(bytes, new Hertz(clock))).isEqualTo(cycles);
  }

  @Test
  void infiniteBandwidthTakesNoTime() {
    assertThat(BytesPerSecond.INFINITE.cycles(1L << 60, Hertz.giga(3))).isZero();
  }

  static LongStream seeds() {
    return LongStream.range(0, 200);
  }

  private static final Map<String, Double> PREFIXES =
      Map.of(
          "n", 1e-9, "u", 1e-6, "m", 1e-3, "", 1.0, "k", 1e3, "M", 1e6, "G", 1e9, "T", 1e12, "P",
          1e15);

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void whatIsReadBackIsWithinHalfAUnitOfTheThirdDigit(long seed) {
    double value = Math.pow(10, -9 + 26 * new Random(seed).nextDouble());
    String[] text = Scaled.decimal(value, "s").split(" ", -1);
    String prefix = text[1].substring(0, text[1].length() - 1);
    double mantissa = Double.parseDouble(text[0]);
    assertThat(mantissa * PREFIXES.get(prefix)).isCloseTo(value, within(0.00501 * value));
    assertThat(mantissa).as("seed %d: %s", seed, value).isBetween(1.0, 999.0);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void bitsTakeTheFewestBytesThatHoldThem(long seed) {
    long bits = new Random(seed).nextInt(1 << 20);
    long bytes = Bytes.ofBits(bits).value();
    assertThat(8 * bytes).isBetween(bits, bits + 7);
  }

  @Test
  void cyclesTakeTheirTime() {
    assertThat(Hertz.mega(500).time(1e6).value()).isCloseTo(2e-3, within(1e-15));
    assertThat(Hertz.giga(2)).isEqualTo(Hertz.mega(2000)).isEqualTo(new Hertz(2e9));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -500, Double.NaN, Double.POSITIVE_INFINITY})
  void aClockIsFiniteAndAboveZero(double hertz) {
    for (Runnable clock :
        List.<Runnable>of(
            () -> new Hertz(hertz), () -> Hertz.mega(hertz), () -> Hertz.giga(hertz))) {
      assertRefused(clock::run, "the clock in hertz is ", "above 0");
    }
  }

  @Test
  void aSizeIsNotNegative() {
    assertRefused(() -> new Bytes(-1), "-1 bytes");
  }
}
