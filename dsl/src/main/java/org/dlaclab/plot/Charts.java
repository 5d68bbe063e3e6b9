package org.dlaclab.plot;

import java.util.List;
import java.util.stream.Collectors;
import org.dlaclab.error.DlacException;

/**
 * Several charts, one below another, as one value: for example the error, the learning rate and the
 * densities of a training.
 *
 * @param title what they show together; may be empty
 * @param charts at least one
 */
public record Charts(String title, List<Chart> charts) implements Chart {
  /**
   * @throws DlacException if there is no chart
   */
  public Charts {
    charts = List.copyOf(charts);
    if (charts.isEmpty()) {
      throw new DlacException(
          "charts \"" + title + "\" has no chart", "at least one chart", "give it a chart");
    }
  }

  /** Several charts, one below another. */
  public Charts(String title, Chart... charts) {
    this(title, List.of(charts));
  }

  /** The charts as text, 100 columns wide. */
  @Override
  public String toString() {
    return text(TEXT_COLUMNS);
  }

  /** The charts as text. */
  @Override
  public String text(int columns) {
    return charts.stream()
        .map(chart -> chart.text(columns))
        .collect(Collectors.joining("\n\n", title.isBlank() ? "" : title + "\n\n", ""));
  }

  /** An array of what each chart gives. */
  @Override
  public String json() {
    return charts.stream().map(Chart::json).collect(Collectors.joining(",", "[", "]"));
  }
}
