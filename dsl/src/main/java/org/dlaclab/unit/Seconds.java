package org.dlaclab.unit;

/**
 * A duration.
 *
 * @param value in seconds
 */
public record Seconds(double value) {
  /** For example {@code 1.25 ms}. */
  @Override
  public String toString() {
    return Scaled.decimal(value, "s");
  }
}
