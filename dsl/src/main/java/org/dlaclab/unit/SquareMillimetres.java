package org.dlaclab.unit;

import java.util.Locale;

/**
 * An area of silicon.
 *
 * @param value in square millimetres
 */
public record SquareMillimetres(double value) {
  /** No area. */
  public static final SquareMillimetres NONE = new SquareMillimetres(0);

  /** {@code squareMicrometres * 10^-6} square millimetres. */
  public static SquareMillimetres ofMicro(double squareMicrometres) {
    return new SquareMillimetres(squareMicrometres * 1e-6);
  }

  /** Both together. */
  public SquareMillimetres plus(SquareMillimetres other) {
    return new SquareMillimetres(value + other.value);
  }

  /** This area, {@code factor} times. */
  public SquareMillimetres times(double factor) {
    return new SquareMillimetres(value * factor);
  }

  /** For example {@code 1.09 mm2}. */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%.3g mm2", value);
  }
}
