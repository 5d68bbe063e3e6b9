package org.dlaclab.explore;

/**
 * A budget: {@code atMost(CYCLES, 2e6)}.
 *
 * @param atMost whether the figure may be no more than the value; else no less
 */
public record Limit(Metric metric, boolean atMost, double value) {
  boolean holds(Point point) {
    double figure = point.figure(metric);
    return atMost ? figure <= value : figure >= value;
  }

  /** For example {@code at most 512 PEs}. */
  @Override
  public String toString() {
    return (atMost ? "at most " : "at least ") + metric.text(value);
  }
}
