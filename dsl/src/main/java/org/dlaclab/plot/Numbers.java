package org.dlaclab.plot;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Numbers as charts print them: short, alike in every locale. */
final class Numbers {
  private static final String[] PREFIXES = {"", "k", "M", "G", "T", "P", "E"};

  private Numbers() {}

  /** Three significant digits or a whole number; from 10,000 on with an SI prefix. */
  static String label(double value) {
    if (value == 0) {
      return "0";
    }
    if (value < 0.001) {
      return format("0.##E0", value).replace('E', 'e');
    }
    int group = group(value);
    double scaled = value / Math.pow(1000, group);
    // 9.996 has as few decimals as the 10.0 that it would print as.
    int decimals = scaled < 0.9995 ? 3 : scaled < 9.995 ? 2 : scaled < 99.95 ? 1 : 0;
    return format(pattern(decimals), scaled) + PREFIXES[group];
  }

  /** A number that someone chose: 1, not 1.00. */
  static String plain(double value) {
    return value == Math.rint(value) && value < 9999.5 ? format("#,##0", value) : label(value);
  }

  /** A number of any size and sign in five significant digits, which hides errors of rounding. */
  static String tick(double value) {
    if (value == 0 || !Double.isFinite(value)) {
      return value == 0 ? "0" : String.valueOf(value);
    }
    double size = Math.abs(value);
    double rounded = new BigDecimal(value).round(new MathContext(5)).doubleValue();
    return size < 1e-4 || size >= 1e9
        ? format("0.####E0", rounded).replace('E', 'e')
        : format("#,##0.########", rounded);
  }

  /** A digit and as many zeros, with an SI prefix: 50k for 5 and 4. */
  static String round(int digit, int zeros) {
    int group = Math.min(PREFIXES.length - 1, zeros / 3);
    return digit + "0".repeat(zeros - 3 * group) + PREFIXES[group];
  }

  /** Thousands to divide by; 999,600 is already 1.00M. */
  private static int group(double value) {
    int group = 0;
    if (value >= 9999.5) {
      while (group < PREFIXES.length - 1 && value >= 999.5) {
        value /= 1000;
        group++;
      }
    }
    return group;
  }

  private static String pattern(int decimals) {
    return decimals == 0 ? "#,##0" : "0." + "0".repeat(decimals);
  }

  private static String format(String pattern, double value) {
    DecimalFormat format =
        new DecimalFormat(pattern, DecimalFormatSymbols.getInstance(Locale.ROOT));
    format.setRoundingMode(RoundingMode.HALF_UP);
    return format.format(value);
  }

  /** A tick of a value axis. */
  record Tick(double value, String label) {}

  /**
   * Round ticks from 0 up to the first that is not below {@code top}: steps of 1, 2 or 5 times a
   * power of ten, about {@code wanted} of them, all with the same decimals and the same prefix.
   */
  static List<Tick> ticks(double top, int wanted) {
    return ticks(0, top > 0 ? top : 1, wanted, 0);
  }

  /**
   * Round ticks from the last that is not above {@code low} to the first that is not below {@code
   * high}, as above.
   *
   * @param leastStep no step is smaller; 0 for no limit
   */
  static List<Tick> ticks(double low, double high, int wanted, double leastStep) {
    double raw = Math.max(leastStep, (high - low) / wanted);
    double power = Math.pow(10, Math.floor(Math.log10(raw)));
    double fraction = raw / power;
    double step =
        (fraction <= 1.001 ? 1 : fraction <= 2.001 ? 2 : fraction <= 5.001 ? 5 : 10) * power;
    long first = (long) Math.floor(low / step + 1e-9);
    long last = (long) Math.ceil(high / step - 1e-9);
    int group = group(Math.max(Math.abs(first), Math.abs(last)) * step);
    double scale = Math.pow(1000, group);
    int decimals = (int) Math.max(0, -Math.floor(Math.log10(step / scale) + 1e-9));
    List<Tick> ticks = new ArrayList<>();
    for (long i = first; i <= last; i++) {
      double value = i * step;
      String size =
          decimals > 6
              ? label(Math.abs(value))
              : format(pattern(decimals), Math.abs(value) / scale) + PREFIXES[group];
      ticks.add(new Tick(value, i == 0 ? "0" : i < 0 ? "-" + size : size));
    }
    return ticks;
  }
}
