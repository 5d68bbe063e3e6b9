package org.dlaclab.plot;

import java.awt.Color;
import java.util.List;
import org.dlaclab.plot.Canvas.Anchor;

/** The drawing of a heat map: a cell per value, with the value in it. */
final class HeatDrawing implements Drawing {
  private static final double CELL_HEIGHT = 30;
  private static final double LEAST_CELL = 46;

  /** Above this, colours are so light that text on them is dark. */
  private static final double LIGHT = 0.55;

  private final HeatMap map;
  private final double left;
  private final double cell;
  private final Header header;

  HeatDrawing(HeatMap map) {
    this.map = map;
    double names =
        map.y().values().stream().mapToDouble(n -> Drawing.width(n, SMALL)).max().orElse(0);
    left = PAD + Math.max(names, Drawing.width(map.y().title(), SMALL)) + 10;
    double wanted =
        map.x().values().stream().mapToDouble(n -> Drawing.width(n, SMALL) + 10).max().orElse(0);
    int columns = map.x().values().size();
    cell = Math.max(Math.max(LEAST_CELL, wanted), Math.min(90, PLOT_WIDTH / columns));
    header =
        Header.of(map.title(), map.subtitle(), List.of(), map.valueAxis(), left + cell * columns);
  }

  @Override
  public double width() {
    return Math.ceil(
        Math.max(left + cell * map.x().values().size() + PAD, left + PLOT_WIDTH / 2 + PAD));
  }

  @Override
  public double height() {
    return Math.ceil(header.height() + CELL_HEIGHT * map.y().values().size() + 40 + PAD);
  }

  @Override
  public void paint(Canvas canvas) {
    header.paint(canvas, (on, series, x, y) -> {});
    double top = header.height();
    for (int row = 0; row < map.values().size(); row++) {
      double y = top + CELL_HEIGHT * row;
      canvas.text(left - 8, y + 19, Anchor.END, 0, SMALL, SOFT, map.y().values().get(row));
      for (int column = 0; column < map.x().values().size(); column++) {
        cell(canvas, left + cell * column, y, map.values().get(row).get(column));
      }
    }
    double bottom = top + CELL_HEIGHT * map.values().size();
    for (int column = 0; column < map.x().values().size(); column++) {
      double middle = left + cell * (column + 0.5);
      canvas.text(middle, bottom + 17, Anchor.MIDDLE, 0, SMALL, SOFT, map.x().values().get(column));
    }
    canvas.text(
        left + cell * map.x().values().size() / 2,
        bottom + 36,
        Anchor.MIDDLE,
        0,
        SMALL,
        SOFT,
        map.x().title());
    canvas.text(left - 8, bottom + 17, Anchor.END, 0, SMALL, SOFT, map.y().title());
  }

  private void cell(Canvas canvas, double x, double y, double value) {
    if (!Double.isFinite(value)) {
      canvas.fill(x, y, cell - 1, CELL_HEIGHT - 1, GRID);
      return;
    }
    double share = map.share(value);
    canvas.fill(x, y, cell - 1, CELL_HEIGHT - 1, HeatMap.colour(share));
    Color ink = share > LIGHT ? INK : Color.WHITE;
    canvas.text(x + cell / 2, y + 19, Anchor.MIDDLE, 0, SMALL, ink, text(value));
  }

  private static String text(double value) {
    return (value < 0 ? "-" : "") + Numbers.label(Math.abs(value));
  }
}
