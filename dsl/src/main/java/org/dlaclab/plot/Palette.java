package org.dlaclab.plot;

import java.awt.Color;
import java.util.List;

/**
 * The colours of series: those of Okabe and Ito, "Color universal design" (2008), which readers
 * with any kind of colour vision can tell apart, in an order that sets neighbours off by brightness
 * too.
 */
final class Palette {
  private static final List<String> COLORS =
      List.of(
          "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#6B7280");

  static final int SIZE = COLORS.size();

  private Palette() {}

  static String hex(int series) {
    return COLORS.get(series % COLORS.size());
  }

  static Color color(int series) {
    return Color.decode(hex(series));
  }
}
