package org.dlaclab.train;

import java.util.Locale;

/**
 * How many images a network puts into the right class.
 *
 * @param right images whose largest output is that of their label
 * @param images all of them
 */
public record Accuracy(int right, int images) {

  /** Share of right ones, 0 to 1. */
  public double share() {
    return (double) right / images;
  }

  /** For example {@code 91.54 % (9154 of 10000)}. */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%.2f %% (%d of %d)", 100 * share(), right, images);
  }
}
