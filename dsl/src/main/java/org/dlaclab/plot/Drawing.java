package org.dlaclab.plot;

import java.awt.Color;
import java.util.ArrayList;
import java.util.List;
import org.dlaclab.plot.Canvas.TextStyle;

/**
 * A chart laid out on a light ground: how large it is, and what is where.
 *
 * <p>The layout measures texts by a table of widths, not by a font, so that a chart has the same
 * picture on every machine; the widths are those of a wide font, so that none overflows.
 *
 * <p>A painter of its own, because a charting library draws what it likes: XChart, which draws the
 * figures of tablesaw in {@link FigurePicture}, turns texts into outlines in SVG, has no intervals
 * with unequal arms, and puts titles in the middle.
 */
interface Drawing {
  Color PAPER = Color.WHITE;
  Color INK = new Color(0x1f2328);
  Color SOFT = new Color(0x59636e);
  Color GRID = new Color(0xe4e8ec);
  Color AXIS = new Color(0x8c959f);

  TextStyle SMALL = new TextStyle(11.5, false);

  /** Room around everything. */
  double PAD = 18;

  double PLOT_WIDTH = 660;
  double PLOT_HEIGHT = 290;

  double width();

  double height();

  /** Paints all but the paper. */
  void paint(Canvas canvas);

  static Drawing of(Chart chart) {
    if (chart instanceof BarChart bars) {
      return new BarDrawing(bars);
    }
    if (chart instanceof LineChart lines) {
      return new LineDrawing(lines, PLOT_HEIGHT, 0);
    }
    if (chart instanceof HeatMap map) {
      return new HeatDrawing(map);
    }
    return new StackDrawing((Charts) chart);
  }

  /** An interval around a value, with arms that reach {@code arm} to both sides. */
  static void interval(Canvas canvas, double x, double low, double high, double arm, Color color) {
    canvas.line(x, low, x, high, color, 1.2, false);
    canvas.line(x - arm, low, x + arm, low, color, 1.2, false);
    canvas.line(x - arm, high, x + arm, high, color, 1.2, false);
  }

  /** Lines of at most {@code room}, broken between words. */
  static List<String> wrap(String text, TextStyle type, double room) {
    List<String> lines = new ArrayList<>();
    for (String given : text.split("\\R", -1)) {
      StringBuilder line = new StringBuilder();
      for (String word : given.split(" ", -1)) {
        if (line.length() > 0 && width(line + " " + word, type) > room) {
          lines.add(line.toString());
          line.setLength(0);
        }
        line.append(line.length() == 0 ? "" : " ").append(word);
      }
      lines.add(line.toString());
    }
    return lines;
  }

  /** The width of a text, as in DejaVu Sans, rounded up. */
  static double width(String text, TextStyle type) {
    double em = text.codePoints().mapToDouble(Drawing::advance).sum();
    return em * type.size() * (type.bold() ? 1.1 : 1);
  }

  private static double advance(int c) {
    if (c > 0x2E80) {
      return 1;
    }
    if ("iIjl|'.,:;!()[]/\\ ftrJ-".indexOf(c) >= 0) {
      return 0.42;
    }
    if ("mMwW@%".indexOf(c) >= 0) {
      return 0.98;
    }
    return Character.isUpperCase(c) || c == '+' || c == '=' || c == '~' ? 0.76 : 0.64;
  }
}
