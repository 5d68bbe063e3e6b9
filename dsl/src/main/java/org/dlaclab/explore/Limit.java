package org.dlaclab.explore;

import org.dlaclab.error.DlacException;

/**
 * A budget: {@code atMost(CYCLES, 2e6)}.
 *
 * @param atMost whether the figure may be no more than the value; else no less
 */
public record Limit(Metric metric, boolean atMost, double value) {
  public Limit {
    if (Double.isNaN(value)) {
      throw new DlacException(
          "a budget of " + metric.title() + " is NaN", "a number", "try atMost(AREA, 2)");
    }
  }

  boolean holds(Point point) {
    return holds(point.figure(metric));
  }

  boolean holds(double figure) {
    return atMost ? figure <= value : figure >= value;
  }

  /** By which share of the value the figure is beyond it; 0 if it is within. */
  double violation(Point point) {
    if (holds(point)) {
      return 0;
    }
    double beyond = Math.abs(point.figure(metric) - value);
    return Double.isNaN(beyond) ? Double.MAX_VALUE : beyond / Math.max(Math.abs(value), 1e-9);
  }

  /** For example {@code area at most 2.0000 mm2}. */
  @Override
  public String toString() {
    return metric.text((atMost ? "at most " : "at least ") + metric.digits(value));
  }
}
