package org.dlaclab.unit;

import java.io.Serializable;
import org.dlaclab.error.Check;

/**
 * A clock frequency.
 *
 * @param value in hertz (cycles per second); above 0
 */
public record Hertz(double value) implements Serializable {
  public Hertz {
    Check.positive("the clock in hertz", value);
  }

  /** {@code megahertz * 10^6} Hz. */
  public static Hertz mega(double megahertz) {
    return new Hertz(megahertz * 1e6);
  }

  /** {@code gigahertz * 10^9} Hz. */
  public static Hertz giga(double gigahertz) {
    return new Hertz(gigahertz * 1e9);
  }

  /** How long {@code cycles} cycles of this clock take. */
  public Seconds time(double cycles) {
    return new Seconds(cycles / value);
  }

  /** For example {@code 500 MHz}. */
  @Override
  public String toString() {
    return Scaled.decimal(value, "Hz");
  }
}
