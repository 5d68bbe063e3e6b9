package org.dlaclab.plot;

import java.util.ArrayList;
import java.util.List;

/** Charts one below another, with their plots aligned; lines are lower than alone. */
final class StackDrawing implements Drawing {
  private static final double LOWER = 170;

  private final Header header;
  private final double top;
  private final List<Drawing> parts = new ArrayList<>();

  StackDrawing(Charts charts) {
    double left = 0;
    for (Chart chart : charts.charts()) {
      left = chart instanceof LineChart lines ? Math.max(left, LineDrawing.left(lines)) : left;
    }
    for (Chart chart : charts.charts()) {
      parts.add(
          chart instanceof LineChart lines
              ? new LineDrawing(lines, LOWER, left)
              : Drawing.of(chart));
    }
    header = Header.of(charts.title(), "", List.of(), "", width());
    top = charts.title().isBlank() ? 0 : header.height() - 10;
  }

  @Override
  public double width() {
    return parts.stream().mapToDouble(Drawing::width).max().orElse(0);
  }

  @Override
  public double height() {
    return top + parts.stream().mapToDouble(Drawing::height).sum();
  }

  @Override
  public void paint(Canvas canvas) {
    header.paint(canvas, (on, series, x, y) -> {});
    double y = top;
    for (Drawing part : parts) {
      canvas.at(0, y, part::paint);
      y += part.height();
    }
  }
}
