package org.dlaclab.unit;

import java.math.BigDecimal;
import java.math.RoundingMode;
import org.dlaclab.error.DlacException;

/**
 * A bandwidth.
 *
 * @param value in bytes per second; above 0, and infinite where nothing ever waits for it
 */
public record BytesPerSecond(double value) {
  /** What nothing ever waits for. */
  public static final BytesPerSecond INFINITE = new BytesPerSecond(Double.POSITIVE_INFINITY);

  public BytesPerSecond {
    if (!(value > 0)) {
      throw new DlacException(
          "a bandwidth is " + value + " bytes per second", "above 0", "correct the bandwidth");
    }
  }

  /** {@code gigabytes * 10^9} bytes per second. */
  public static BytesPerSecond giga(double gigabytes) {
    return new BytesPerSecond(gigabytes * 1e9);
  }

  /** Whether nothing ever waits for it. */
  public boolean isInfinite() {
    return Double.isInfinite(value);
  }

  /**
   * Whole cycles of {@code clock} that {@code bytes} take, rounded up: {@code ceil(bytes * clock /
   * bandwidth)}, exactly. 0 if the bandwidth is infinite.
   */
  public long cycles(long bytes, Hertz clock) {
    if (isInfinite() || bytes == 0) {
      return 0;
    }
    long perSecond = (long) value;
    long hertz = (long) clock.value();
    // Beyond these, products of whole numbers do not fit a long, or the numbers are not whole.
    boolean plain = perSecond == value && hertz == clock.value() && bytes < Long.MAX_VALUE / hertz;
    return plain && hertz > 0 && perSecond > 0
        ? (bytes * hertz - 1) / perSecond + 1
        : BigDecimal.valueOf(bytes)
            .multiply(new BigDecimal(clock.value()))
            .divide(new BigDecimal(value), 0, RoundingMode.CEILING)
            .longValueExact();
  }

  /** For example {@code 25.6 GB/s}. */
  @Override
  public String toString() {
    return isInfinite() ? "infinite" : Scaled.decimal(value, "B/s");
  }
}
