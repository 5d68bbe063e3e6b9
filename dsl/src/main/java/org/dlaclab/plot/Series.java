package org.dlaclab.plot;

import java.util.Arrays;
import java.util.List;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;
import org.jspecify.annotations.Nullable;

/**
 * One value per category of a chart, and where known the interval that holds it.
 *
 * @param name the name in the legend
 * @param values finite numbers of at least 0, one per category; NaN where there is nothing to show,
 *     which leaves a gap between bars side by side
 * @param low the lower ends of the intervals (for example 95 % of a mean), as many as values
 * @param high the upper ends
 */
public record Series(
    String name, List<Double> values, @Nullable List<Double> low, @Nullable List<Double> high) {

  /**
   * @throws DlacException if only one end of the intervals is given, or as many as there are values
   *     are not
   */
  public Series {
    Check.named("a series", name);
    values = List.copyOf(values);
    low = low == null ? null : List.copyOf(low);
    high = high == null ? null : List.copyOf(high);
    if ((low == null) != (high == null)) {
      throw new DlacException(
          "series \"" + name + "\" has only the " + (low == null ? "upper" : "lower") + " ends",
          "both ends of each interval, or neither",
          "give low and high");
    }
    if (low != null && high != null) {
      sameLength(name, "low", low, values);
      sameLength(name, "high", high, values);
    }
  }

  /** A series without intervals. */
  public Series(String name, List<Double> values) {
    this(name, values, null, null);
  }

  /** A series without intervals. */
  public Series(String name, double... values) {
    this(name, Arrays.stream(values).boxed().toList());
  }

  /** Whether there is a value to show in this category. */
  boolean hasBar(int category) {
    return !Double.isNaN(values.get(category));
  }

  private static void sameLength(String name, String what, List<Double> ends, List<Double> values) {
    if (ends.size() != values.size()) {
      throw new DlacException(
          "series \""
              + name
              + "\" has "
              + values.size()
              + " values, but "
              + ends.size()
              + " "
              + what,
          "as many of each",
          "give one " + what + " per value");
    }
  }
}
