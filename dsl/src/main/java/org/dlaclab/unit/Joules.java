package org.dlaclab.unit;

/**
 * An energy.
 *
 * @param value in joules
 */
public record Joules(double value) {
  /** No energy. */
  public static final Joules NONE = new Joules(0);

  /** {@code picojoules * 10^-12} J. */
  public static Joules pico(double picojoules) {
    return new Joules(picojoules * 1e-12);
  }

  /** In picojoules. */
  public double picojoules() {
    return value * 1e12;
  }

  /** Both together. */
  public Joules plus(Joules other) {
    return new Joules(value + other.value);
  }

  /** This energy, {@code factor} times. */
  public Joules times(double factor) {
    return new Joules(value * factor);
  }

  /** For example {@code 1.25 mJ}. */
  @Override
  public String toString() {
    return Scaled.decimal(value, "J");
  }
}
