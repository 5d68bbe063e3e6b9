package org.dlaclab.kernel.magic;

import java.util.Locale;

/** Numbers with units, as a reader wants them: three digits. */
final class Amount {
  private Amount() {}

  static String time(double nanos) {
    if (nanos < 1e3) {
      return digits(nanos) + " ns";
    }
    if (nanos < 1e6) {
      return digits(nanos / 1e3) + " µs";
    }
    if (nanos < 1e9) {
      return digits(nanos / 1e6) + " ms";
    }
    if (nanos < 120e9) {
      return digits(nanos / 1e9) + " s";
    }
    long seconds = Math.round(nanos / 1e9);
    return seconds / 60 + " min " + seconds % 60 + " s";
  }

  static String time(long nanos) {
    return time((double) nanos);
  }

  static String bytes(long count) {
    double bytes = count;
    if (bytes < 1024) {
      return count + " B";
    }
    if (bytes < 1024 * 1024) {
      return digits(bytes / 1024) + " KiB";
    }
    if (bytes < 1024 * 1024 * 1024) {
      return digits(bytes / 1024 / 1024) + " MiB";
    }
    return digits(bytes / 1024 / 1024 / 1024) + " GiB";
  }

  static String digits(double value) {
    if (value == 0 || value >= 99.95) {
      return String.format(Locale.ROOT, "%.0f", value);
    }
    return String.format(Locale.ROOT, value >= 9.995 ? "%.1f" : "%.2f", value);
  }
}
