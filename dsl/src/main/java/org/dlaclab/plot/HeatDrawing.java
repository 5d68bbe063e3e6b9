package org.dlaclab.plot;

import java.awt.Color;
import java.util.List;
import org.dlaclab.plot.Canvas.Anchor;

/**
 * The drawing of a heat map: a cell per value with the value in it, or if there is no room for
 * numbers, small cells and a scale of their colours.
 */
final class HeatDrawing implements Drawing {
  private static final double CELL_HEIGHT = 30;
  private static final double LEAST_CELL = 46;
  private static final double LEAST_SMALL_CELL = 3;

  /** So much may a map with numbers be wider than other charts. */
  private static final double WIDER = 1.3;

  private static final int MOST_ROWS_OF_NUMBERS = 32;

  /** Above this, colours are so light that text on them is dark. */
  private static final double LIGHT = 0.55;

  /** A map of more cells has no tips: they would be most of its file. */
  private static final int MOST_TIPS = 4096;

  private static final double SCALE_WIDTH = 160;
  private static final int SCALE_STEPS = 40;

  private final HeatMap map;
  private final boolean numbers;
  private final double left;
  private final double cell;
  private final double cellHeight;
  private final Header header;
  private final double low;
  private final double high;

  HeatDrawing(HeatMap map) {
    this.map = map;
    low = map.low();
    high = map.high();
    double names =
        map.y().values().stream().mapToDouble(n -> Drawing.width(n, SMALL)).max().orElse(0);
    left = PAD + Math.max(names, Drawing.width(map.y().title(), SMALL)) + 10;
    int columns = map.x().values().size();
    numbers = hasNumbers(map);
    cell =
        numbers
            ? Math.max(numberCell(map), Math.min(90, PLOT_WIDTH / columns))
            : Math.max(LEAST_SMALL_CELL, Math.min(CELL_HEIGHT, PLOT_WIDTH / columns));
    cellHeight = numbers ? CELL_HEIGHT : cell;
    header = Header.of(map.title(), map.subtitle(), List.of(), map.valueAxis(), width());
  }

  /** Whether each cell has room for its number. */
  static boolean hasNumbers(HeatMap map) {
    return numberCell(map) * map.x().values().size() <= WIDER * PLOT_WIDTH
        && map.y().values().size() <= MOST_ROWS_OF_NUMBERS;
  }

  private static double numberCell(HeatMap map) {
    double wanted =
        map.x().values().stream().mapToDouble(n -> Drawing.width(n, SMALL) + 10).max().orElse(0);
    return Math.max(LEAST_CELL, wanted);
  }

  @Override
  public double width() {
    return Math.ceil(
        Math.max(left + cell * map.x().values().size() + PAD, left + PLOT_WIDTH / 2 + PAD));
  }

  @Override
  public double height() {
    double scale = numbers ? 0 : 24;
    return Math.ceil(header.height() + scale + cellHeight * map.y().values().size() + 40 + PAD);
  }

  @Override
  public void paint(Canvas canvas) {
    header.paint(canvas, (on, series, x, y) -> {});
    double top = header.height();
    if (!numbers) {
      scale(canvas, top);
      top += 24;
    }
    int everyRow = every(16, cellHeight);
    for (int row = 0; row < map.values().size(); row++) {
      double y = top + cellHeight * row;
      if (row % everyRow == 0) {
        String name = map.y().values().get(row);
        canvas.text(left - 8, y + cellHeight / 2 + 4, Anchor.END, 0, SMALL, SOFT, name);
      }
      for (int column = 0; column < map.x().values().size(); column++) {
        cell(canvas, left + cell * column, y, map.values().get(row).get(column));
      }
    }
    double bottom = top + cellHeight * map.values().size();
    double widest =
        map.x().values().stream().mapToDouble(n -> Drawing.width(n, SMALL)).max().orElse(0);
    int everyColumn = numbers ? 1 : every(widest + 6, cell);
    for (int column = 0; column < map.x().values().size(); column += everyColumn) {
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
    tips(canvas, top);
  }

  /** Every how many cells have a name, so that names of this size do not touch. */
  private static int every(double room, double size) {
    return (int) Math.ceil(room / size);
  }

  private void cell(Canvas canvas, double x, double y, double value) {
    // Between large cells a hairline of paper; small ones would be lines alone.
    double gap = numbers ? 1 : cell > 8 ? 0.6 : 0;
    if (!Double.isFinite(value)) {
      canvas.fill(x, y, cell - gap, cellHeight - gap, GRID);
      return;
    }
    double share = HeatMap.share(value, low, high);
    canvas.fill(x, y, cell - gap, cellHeight - gap, HeatMap.colour(share));
    if (numbers) {
      Color ink = share > LIGHT ? INK : Color.WHITE;
      canvas.text(x + cell / 2, y + 19, Anchor.MIDDLE, 0, SMALL, ink, text(value));
    }
  }

  private void scale(Canvas canvas, double y) {
    double from = left + Drawing.width(text(low), SMALL) + 6;
    canvas.text(left, y + 9, Anchor.START, 0, SMALL, SOFT, text(low));
    double step = SCALE_WIDTH / SCALE_STEPS;
    for (int s = 0; s < SCALE_STEPS; s++) {
      Color colour = HeatMap.colour(s / (SCALE_STEPS - 1.0));
      canvas.fill(from + step * s, y, step + 0.5, 11, colour);
    }
    canvas.text(from + SCALE_WIDTH + 6, y + 9, Anchor.START, 0, SMALL, SOFT, text(high));
  }

  private void tips(Canvas canvas, double top) {
    int columns = map.x().values().size();
    if (numbers || map.values().size() * columns > MOST_TIPS) {
      return;
    }
    for (int row = 0; row < map.values().size(); row++) {
      for (int column = 0; column < columns; column++) {
        double value = map.values().get(row).get(column);
        canvas.tip(
            left + cell * column,
            top + cellHeight * row,
            cell,
            cellHeight,
            map.y().title()
                + " "
                + map.y().values().get(row)
                + ", "
                + map.x().title()
                + " "
                + map.x().values().get(column)
                + ": "
                + (Double.isFinite(value) ? Numbers.tick(value) : "none"));
      }
    }
  }

  private static String text(double value) {
    return (value < 0 ? "-" : "") + Numbers.label(Math.abs(value));
  }
}
