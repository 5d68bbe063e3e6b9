package org.dlaclab.unit;

import java.util.Locale;

/** Numbers with the prefix that keeps them short: 500 MHz, 1.25 ms, 32 KiB, 4.09 G. */
public final class Scaled {
  private static final String[] DECIMAL = {"f", "p", "n", "u", "m", "", "k", "M", "G", "T", "P"};
  private static final int UNSCALED = 5;
  private static final String[] BINARY = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};

  private Scaled() {}

  /** {@code value} with an SI prefix and {@code unit}, three significant digits. */
  public static String decimal(double value, String unit) {
    if (value == 0 || Double.isNaN(value) || Double.isInfinite(value)) {
      return ((value == 0 ? "0" : String.valueOf(value)) + " " + unit).trim();
    }
    int power = (int) Math.floor(Math.log10(Math.abs(value)) / 3 + 1e-12);
    int index = Math.max(0, Math.min(DECIMAL.length - 1, power + UNSCALED));
    double scaled = value / Math.pow(1000, index - UNSCALED);
    if (Math.abs(scaled) >= 999.5 && index < DECIMAL.length - 1) {
      scaled /= 1000; // It would be rounded to 1000.
      index++;
    }
    return (digits(scaled) + " " + DECIMAL[index] + unit).trim();
  }

  /** {@code bytes} with a binary prefix, three significant digits or four. */
  public static String binary(long bytes) {
    double value = bytes;
    int index = 0;
    while (value >= 1023.5 && index < BINARY.length - 1) {
      value /= 1024;
      index++;
    }
    return digits(value) + " " + BINARY[index];
  }

  private static String digits(double value) {
    double size = Math.abs(value);
    String text =
        String.format(Locale.ROOT, size >= 99.95 ? "%.0f" : size >= 9.995 ? "%.1f" : "%.2f", value);
    return text.contains(".") ? text.replaceAll("\\.?0+$", "") : text;
  }
}
