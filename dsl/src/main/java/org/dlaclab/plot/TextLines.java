package org.dlaclab.plot;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.dlaclab.error.Check;
import org.dlaclab.plot.LineChart.Line;
import org.dlaclab.plot.LineChart.Mark;
import org.dlaclab.plot.LineChart.Point;
import org.dlaclab.plot.Numbers.Tick;

/** Lines and points for a terminal: one character per line, other ones for its intervals. */
final class TextLines {
  private static final String POINTS = "●○▲△■□◆◇";
  private static final char BAND = '░';
  private static final char BAR = '│';
  private static final char MARK = '┊';
  private static final int ROWS = 16;
  private static final int TICKS_UP = 5;

  /** Columns per tick of the x axis. */
  private static final int TICK_COLUMNS = 10;

  private final LineChart chart;
  private final Scale across;
  private final Scale up;
  private final int columns;
  private final char[][] cells;

  private TextLines(LineChart chart, int columns, Scale up) {
    this.chart = chart;
    this.up = up;
    this.columns = columns;
    across = chart.across(Math.max(2, columns / TICK_COLUMNS));
    cells = new char[ROWS][columns];
    Arrays.stream(cells).forEach(row -> Arrays.fill(row, ' '));
  }

  static String of(LineChart chart, int columns) {
    Check.atLeast("columns", columns, TextBars.LEAST_COLUMNS);
    Scale up = chart.up(TICKS_UP);
    int label = up.ticks().stream().mapToInt(t -> t.label().length()).max().orElse(0);
    List<String> out = new ArrayList<>();
    if (!chart.title().isBlank()) {
      out.add(chart.title());
    }
    if (!chart.subtitle().isBlank()) {
      out.add(chart.subtitle());
    }
    out.addAll(legend(chart, columns));
    out.addAll(new TextLines(chart, columns - label - 3, up).lines(label));
    return String.join("\n", out);
  }

  private static List<String> legend(LineChart chart, int columns) {
    List<String> entries = new ArrayList<>();
    for (int l = 0; l < chart.lines().size() && chart.hasLegend(); l++) {
      entries.add(point(l) + " " + chart.lines().get(l).name());
    }
    for (Mark mark : chart.marks()) {
      entries.add(MARK + " " + mark.label() + " (" + Numbers.tick(mark.x()) + ")");
    }
    return TextBars.legend(chart.y().title(), entries, columns);
  }

  private List<String> lines(int label) {
    for (Mark mark : chart.marks()) {
      int column = column(mark.x());
      for (char[] row : cells) {
        row[column] = MARK;
      }
    }
    chart.lines().forEach(this::interval);
    for (int l = 0; l < chart.lines().size(); l++) {
      join(chart.lines().get(l), point(l));
    }
    List<String> lines = new ArrayList<>();
    for (int r = 0; r < ROWS; r++) {
      int row = r;
      Optional<Tick> tick = up.ticks().stream().filter(t -> row(t.value()) == row).findFirst();
      String text = tick.map(Tick::label).orElse("");
      lines.add(
          (" ".repeat(label - text.length())
                  + text
                  + (tick.isPresent() ? " ┤" : " │")
                  + new String(cells[r]))
              .stripTrailing());
    }
    StringBuilder axis = new StringBuilder("─".repeat(columns));
    StringBuilder numbers = new StringBuilder(" ".repeat(columns + label + 3));
    int free = 0;
    for (Tick tick : across.ticks()) {
      int column = column(tick.value());
      axis.setCharAt(column, '┬');
      int from =
          Math.min(
              numbers.length() - tick.label().length(),
              Math.max(0, label + 2 + column - tick.label().length() / 2));
      if (from >= free) {
        numbers.replace(from, from + tick.label().length(), tick.label());
        free = from + tick.label().length() + 1;
      }
    }
    lines.add(" ".repeat(label + 1) + "└" + axis);
    lines.add(numbers.toString().stripTrailing());
    if (!chart.x().title().isBlank()) {
      int room = columns + label + 2 - chart.x().title().length();
      lines.add(" ".repeat(Math.max(0, (room + label) / 2)) + chart.x().title());
    }
    return lines;
  }

  private void interval(Line line) {
    if (line.style().marks()) {
      for (Point point : line.points()) {
        if (chart.showsInterval(point)) {
          upright(column(point.x()), row(point.low()), row(point.high()), BAR);
        }
      }
      return;
    }
    for (List<Point> part : chart.bands(line)) {
      for (int i = 1; i < part.size(); i++) {
        int from = column(part.get(i - 1).x());
        int to = column(part.get(i).x());
        for (int c = Math.min(from, to); c <= Math.max(from, to); c++) {
          double share = from == to ? 1 : (double) (c - from) / (to - from);
          upright(
              c,
              between(row(part.get(i - 1).low()), row(part.get(i).low()), share),
              between(row(part.get(i - 1).high()), row(part.get(i).high()), share),
              BAND);
        }
      }
    }
  }

  private static int between(int from, int to, double share) {
    return (int) Math.round(from + share * (to - from));
  }

  private void upright(int column, int bottom, int top, char fill) {
    for (int r = top; r <= bottom; r++) {
      if (cells[r][column] == ' ') {
        cells[r][column] = fill;
      }
    }
  }

  /** In each column of a line stands one point, or as many as it rises there. */
  private void join(Line line, char point) {
    for (List<Point> part : chart.parts(line)) {
      for (int i = 0; i < part.size(); i++) {
        int column = column(part.get(i).x());
        int row = row(part.get(i).y());
        if (i > 0 && line.style().joins()) {
          segment(column(part.get(i - 1).x()), row(part.get(i - 1).y()), column, row, point);
        }
        cells[row][column] = point;
      }
    }
  }

  private void segment(int fromColumn, int fromRow, int toColumn, int toRow, char point) {
    int steps = Math.max(Math.abs(toColumn - fromColumn), Math.abs(toRow - fromRow));
    for (int s = 1; s < steps; s++) {
      double share = (double) s / steps;
      cells[between(fromRow, toRow, share)][between(fromColumn, toColumn, share)] = point;
    }
  }

  private int column(double x) {
    return (int) Math.round(across.at(x) * (columns - 1));
  }

  private int row(double y) {
    return (int) Math.round((1 - up.at(y)) * (ROWS - 1));
  }

  private static char point(int line) {
    return POINTS.charAt(line % POINTS.length());
  }
}
