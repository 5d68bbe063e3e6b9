package org.dlaclab.paper;

import java.util.List;
import java.util.Locale;
import org.dlaclab.table.Columns;
import org.dlaclab.table.Listing;

/**
 * Published figures with ours beside them.
 *
 * @param title what was reproduced, with which tensors
 * @param figures one or more
 */
public record Reproduction(String title, List<Figure> figures) {
  /**
   * A published figure.
   *
   * @param name what it says, with its unit
   * @param published as the paper prints it
   * @param value the paper's value; NaN if it prints a bound or a range
   * @param ours our value
   * @param standing what our value is worth
   * @param remark how it came about
   */
  public record Figure(
      String name, String published, double value, double ours, Standing standing, String remark) {
    /** How far ours is off, as a share of the paper's value; NaN if that is no single value. */
    public double difference() {
      return ours / value - 1;
    }
  }

  public Reproduction {
    figures = List.copyOf(figures);
  }

  /** A row per figure: the paper's, ours, the difference, and what ours is worth. */
  public Listing listing() {
    return new Listing(
        title,
        Columns.table(
            title,
            Columns.text("figure", figures, Figure::name),
            Columns.text("paper", figures, Figure::published),
            Columns.text("ours", figures, f -> String.format(Locale.ROOT, "%.4g", f.ours())),
            Columns.percent("difference", figures, Figure::difference),
            Columns.text("standing", figures, f -> f.standing().toString()),
            Columns.text("remark", figures, Figure::remark)),
        false);
  }

  /** As {@link #listing()}. */
  @Override
  public String toString() {
    return listing().toString();
  }
}
