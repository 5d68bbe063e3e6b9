package org.dlaclab.plot;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;
import org.dlaclab.plot.Canvas.Anchor;
import org.dlaclab.plot.Canvas.TextStyle;

/**
 * The static picture of a chart: standing bars on a light ground.
 *
 * <p>The layout measures texts by a table of widths, not by a font, so that a chart has the same
 * picture on every machine; the widths are those of a wide font, so that none overflows.
 *
 * <p>A painter of its own, because a charting library draws what it likes: XChart, which draws the
 * figures of tablesaw in {@link FigurePicture}, turns texts into outlines in SVG, has no intervals
 * with unequal arms, and puts titles in the middle.
 */
final class Picture {
  /** The fonts of the reader's system; also for the interactive chart. */
  static final String FONTS =
      "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'DejaVu Sans',"
          + " sans-serif";

  private static final Color PAPER = Color.WHITE;
  private static final Color INK = new Color(0x1f2328);
  private static final Color SOFT = new Color(0x59636e);
  private static final Color GRID = new Color(0xe4e8ec);
  private static final Color AXIS = new Color(0x8c959f);

  private static final TextStyle TITLE = new TextStyle(17, true);
  private static final TextStyle SUBTITLE = new TextStyle(13, false);
  private static final TextStyle SMALL = new TextStyle(11.5, false);
  private static final TextStyle VALUE = new TextStyle(10.5, false);

  private static final double PAD = 18;
  private static final double PLOT_HEIGHT = 290;
  private static final double LEAST_PLOT_WIDTH = 660;
  private static final double MOST_PLOT_WIDTH = 2400;

  /** So much may a chart grow and still stand in a column of text without scrolling. */
  private static final double WIDER = 1.3;

  /** The part of a category's room that its group of bars fills. */
  private static final double GROUP_SHARE = 0.82;

  private static final double SINGLE_SHARE = 0.72;

  /** Room per category that a slanted label needs. */
  private static final double SLANTED_PITCH = 18;

  /** Room per category that an upright label needs: below it, labels are left out. */
  private static final double UPRIGHT_PITCH = 14.5;

  private static final double LEAST_BAR = 5;
  private static final double WIDEST_BAR = 60;
  private static final int LONGEST_LABEL = 28;

  /** The labels below the bars: shortened texts, their turn in degrees, every how many is shown. */
  record Labels(List<String> texts, int angle, int every) {}

  private final BarChart chart;
  private final Labels labels;
  private final List<Numbers.Tick> ticks;
  private final double plotWidth;
  private final double barWidth;
  private final double left;
  private final double right;
  private final List<String> titles;
  private final List<String> subtitles;
  private final List<List<Integer>> legend;
  private final double plotTop;
  private final double bottom;
  private final boolean showsValues;

  private Picture(BarChart chart) {
    this.chart = chart;
    ticks = Numbers.ticks(chart.top() * (1 + headroom(chart)), 6);
    plotWidth = plotWidth(chart);
    labels = labels(chart);
    double slot = slot();
    int bars = barsPerGroup(chart);
    barWidth = Math.min(WIDEST_BAR, slot * (bars > 1 ? GROUP_SHARE : SINGLE_SHARE) / bars);
    showsValues = showsValues(chart);
    double ticksWidth = ticks.stream().mapToDouble(t -> width(t.label(), SMALL)).max().orElse(0);
    double leftmost = PAD + ticksWidth + 8;
    double reach = 0;
    for (int c = 0; c < labels.texts().size(); c += labels.every()) {
      double length = width(labels.texts().get(c), SMALL);
      double slanted = Math.sin(Math.toRadians(labels.angle()));
      reach = Math.max(reach, labels.angle() == 0 ? 0 : length * slanted);
      if (labels.angle() == 45) {
        leftmost = Math.max(leftmost, PAD / 2 + length * slanted - slot * (c + 0.5));
      }
    }
    left = leftmost;
    right =
        PAD + (chart.reference() == null ? 0 : 6 + width(Numbers.plain(chart.reference()), SMALL));
    double textWidth = left + plotWidth + right - 2 * PAD;
    titles = wrap(chart.title(), TITLE, textWidth);
    subtitles =
        chart.subtitle().isBlank() ? List.of() : wrap(chart.subtitle(), SUBTITLE, textWidth);
    legend = Plotly.hasLegend(chart) ? legendRows(textWidth) : List.of();
    plotTop =
        PAD
            + 23 * titles.size()
            + 19 * subtitles.size()
            + (legend.isEmpty() ? 0 : 6 + 21 * legend.size())
            + (chart.valueAxis().isBlank() ? 10 : 30);
    bottom = plotTop + PLOT_HEIGHT + reach + (labels.angle() == 0 ? 22 : 16) + PAD - 4;
  }

  /** Room for a value above the highest bar. */
  private static double headroom(BarChart chart) {
    return showsValues(chart) ? 0.05 : 0;
  }

  static double width(BarChart chart) {
    Picture picture = new Picture(chart);
    return Math.ceil(picture.left + picture.plotWidth + picture.right);
  }

  static double height(BarChart chart) {
    return Math.ceil(new Picture(chart).bottom);
  }

  /** Whether the chart is too wide to be squeezed into a column of text. */
  static boolean scrolls(BarChart chart) {
    return plotWidth(chart) > WIDER * LEAST_PLOT_WIDTH;
  }

  private static int barsPerGroup(BarChart chart) {
    return chart.stacked() ? 1 : chart.series().size();
  }

  private static double plotWidth(BarChart chart) {
    int categories = chart.categories().size();
    int bars = barsPerGroup(chart);
    double pitch = Math.max(SLANTED_PITCH, bars * (LEAST_BAR + 1) + 6);
    double width = Math.min(MOST_PLOT_WIDTH, Math.max(LEAST_PLOT_WIDTH, categories * pitch));
    double withValues = categories * valuePitch(chart);
    return withValues > width && withValues <= WIDER * LEAST_PLOT_WIDTH ? withValues : width;
  }

  /** Room per category in which a number above each bar touches no neighbour. */
  private static double valuePitch(BarChart chart) {
    int bars = barsPerGroup(chart);
    double widest = 0;
    for (int c = 0; c < chart.categories().size(); c++) {
      for (int s = 0; s < bars; s++) {
        widest = Math.max(widest, width(valueLabel(chart, c, s), VALUE));
      }
    }
    return bars > 1 ? (widest + 2) * bars / GROUP_SHARE : widest + 3;
  }

  private double slot() {
    return plotWidth / chart.categories().size();
  }

  static Labels labels(BarChart chart) {
    List<String> texts =
        chart.categories().stream().map(c -> TextBars.shorten(c, LONGEST_LABEL)).toList();
    double slot = plotWidth(chart) / texts.size();
    double longest = texts.stream().mapToDouble(t -> width(t, SMALL)).max().orElse(0);
    int angle = longest <= slot - 8 ? 0 : slot >= SLANTED_PITCH ? 45 : 90;
    int every = angle == 0 ? 1 : (int) Math.ceil(UPRIGHT_PITCH / slot);
    return new Labels(texts, angle, every);
  }

  static String svg(BarChart chart) {
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + svg(chart, false);
  }

  /** The SVG element alone, which shrinks to the column it stands in. */
  static String inline(BarChart chart) {
    return svg(chart, true);
  }

  private static String svg(BarChart chart, boolean inline) {
    Picture picture = new Picture(chart);
    String width = String.valueOf((int) width(chart));
    String height = String.valueOf((int) height(chart));
    StringWriter text = new StringWriter();
    try {
      XMLStreamWriter out = XMLOutputFactory.newInstance().createXMLStreamWriter(text);
      out.writeStartElement("svg");
      out.writeDefaultNamespace("http://www.w3.org/2000/svg");
      out.writeAttribute("width", width);
      out.writeAttribute("height", height);
      out.writeAttribute("viewBox", "0 0 " + width + " " + height);
      out.writeAttribute("role", "img");
      out.writeAttribute("aria-label", Canvas.Svg.printable(chart.title()));
      out.writeAttribute("font-family", FONTS);
      if (inline) {
        out.writeAttribute("style", "max-width:100%;height:auto;border-radius:6px");
      }
      picture.paint(new Canvas.Svg(out));
      out.writeEndElement();
      out.writeEndDocument();
      out.close();
    } catch (XMLStreamException e) {
      throw new IllegalStateException("writing to memory", e);
    }
    return text + "\n";
  }

  static BufferedImage image(BarChart chart, int scale) {
    Picture picture = new Picture(chart);
    int width = (int) (width(chart) * scale);
    int height = (int) (height(chart) * scale);
    return Png.draw(
        () -> {
          BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
          Graphics2D graphics = image.createGraphics();
          graphics.scale(scale, scale);
          picture.paint(new Canvas.Pixels(graphics));
          graphics.dispose();
          return image;
        });
  }

  private void paint(Canvas canvas) {
    canvas.fill(0, 0, Math.ceil(left + plotWidth + right), Math.ceil(bottom), PAPER);
    header(canvas);
    for (Numbers.Tick tick : ticks) {
      double y = y(tick.value());
      canvas.line(left, y, left + plotWidth, y, GRID, 1, false);
      canvas.text(left - 8, y + 4, Anchor.END, 0, SMALL, SOFT, tick.label());
    }
    if (chart.stacked()) {
      stacks(canvas);
    } else {
      groups(canvas);
    }
    canvas.line(left, y(0), left + plotWidth, y(0), AXIS, 1, false);
    if (chart.reference() != null) {
      double y = y(chart.reference());
      canvas.line(left, y, left + plotWidth, y, INK, 1.2, true);
      canvas.text(
          left + plotWidth + 6,
          y + 4,
          Anchor.START,
          0,
          SMALL,
          INK,
          Numbers.plain(chart.reference()));
    }
    if (showsValues) {
      values(canvas);
    }
    categories(canvas);
  }

  private void header(Canvas canvas) {
    double y = PAD;
    for (String line : titles) {
      canvas.text(PAD, y + 14, Anchor.START, 0, TITLE, INK, line);
      y += 23;
    }
    for (String line : subtitles) {
      canvas.text(PAD, y + 11, Anchor.START, 0, SUBTITLE, SOFT, line);
      y += 19;
    }
    y += 6;
    for (List<Integer> row : legend) {
      double x = PAD;
      for (int s : row) {
        canvas.fill(x, y + 2, 11, 11, Palette.color(s));
        String name = chart.series().get(s).name();
        canvas.text(x + 17, y + 12, Anchor.START, 0, SMALL, INK, name);
        x += legendWidth(name);
      }
      y += 21;
    }
    if (!chart.valueAxis().isBlank()) {
      canvas.text(PAD, plotTop - 14, Anchor.START, 0, SMALL, SOFT, chart.valueAxis());
    }
  }

  private void groups(Canvas canvas) {
    for (int c = 0; c < chart.categories().size(); c++) {
      for (int s = 0; s < chart.series().size(); s++) {
        double value = chart.series().get(s).values().get(c);
        double x = barLeft(c, s);
        // A hairline between neighbours.
        double gap = s < chart.series().size() - 1 && barWidth > 4 ? 1 : 0;
        canvas.fill(x, y(value), barWidth - gap, y(0) - y(value), Palette.color(s));
        interval(canvas, chart.series().get(s), c, x + (barWidth - gap) / 2, barWidth);
      }
    }
  }

  private void interval(Canvas canvas, Series series, int c, double x, double width) {
    if (series.low() == null || series.high() == null) {
      return;
    }
    double low = y(Math.max(0, series.low().get(c)));
    double high = y(series.high().get(c));
    double arm = Math.min(4, width / 3);
    canvas.line(x, low, x, high, INK, 1.2, false);
    canvas.line(x - arm, low, x + arm, low, INK, 1.2, false);
    canvas.line(x - arm, high, x + arm, high, INK, 1.2, false);
  }

  private void stacks(Canvas canvas) {
    for (int c = 0; c < chart.categories().size(); c++) {
      double below = 0;
      for (int s = 0; s < chart.series().size(); s++) {
        double above = below + chart.series().get(s).values().get(c);
        canvas.fill(barLeft(c, 0), y(above), barWidth, y(below) - y(above), Palette.color(s));
        below = above;
      }
    }
  }

  private void values(Canvas canvas) {
    for (int c = 0; c < chart.categories().size(); c++) {
      for (int s = 0; s < barsPerGroup(chart); s++) {
        String text = valueLabel(chart, c, s);
        Series series = chart.series().get(s);
        double top =
            chart.stacked()
                ? chart.total(c)
                : series.high() == null ? series.values().get(c) : series.high().get(c);
        double x = barLeft(c, s) + barWidth / 2;
        double y = y(top) - 4;
        double width = width(text, VALUE);
        // Paper behind the number, so that no line runs through it.
        canvas.fill(x - width / 2, y - 9, width, 10.5, PAPER);
        canvas.text(x, y, Anchor.MIDDLE, 0, VALUE, INK, text);
      }
    }
  }

  private void categories(Canvas canvas) {
    double slot = slot();
    for (int c = 0; c < chart.categories().size(); c++) {
      double x = left + slot * (c + 0.5);
      if (c % labels.every() == 0) {
        String text = labels.texts().get(c);
        double y = y(0);
        switch (labels.angle()) {
          case 0 -> canvas.text(x, y + 17, Anchor.MIDDLE, 0, SMALL, INK, text);
          case 45 -> canvas.text(x + 4, y + 13, Anchor.END, 45, SMALL, INK, text);
          default -> canvas.text(x + 4, y + 8, Anchor.END, 90, SMALL, INK, text);
        }
      }
      canvas.tip(left + slot * c, plotTop, slot, bottom - plotTop, tip(c));
    }
  }

  private String tip(int c) {
    String name = chart.categories().get(c);
    return chart.series().stream()
        .map(s -> s.name() + ": " + Numbers.label(s.values().get(c)))
        .collect(Collectors.joining("\n", name + "\n", ""));
  }

  private double y(double value) {
    double top = ticks.get(ticks.size() - 1).value();
    return plotTop + PLOT_HEIGHT * (1 - value / top);
  }

  private double barLeft(int category, int bar) {
    double center = left + slot() * (category + 0.5);
    return center + barWidth * (bar - barsPerGroup(chart) / 2.0);
  }

  private static String valueLabel(BarChart chart, int category, int series) {
    return Numbers.label(
        chart.stacked()
            ? chart.total(category)
            : chart.series().get(series).values().get(category));
  }

  private static boolean showsValues(BarChart chart) {
    return chart.categories().size() * valuePitch(chart) <= plotWidth(chart) + 1e-6;
  }

  private List<List<Integer>> legendRows(double textWidth) {
    List<List<Integer>> rows = new ArrayList<>();
    double x = Double.POSITIVE_INFINITY;
    for (int s = 0; s < chart.series().size(); s++) {
      double entry = legendWidth(chart.series().get(s).name());
      if (x + entry > textWidth) {
        rows.add(new ArrayList<>());
        x = 0;
      }
      rows.get(rows.size() - 1).add(s);
      x += entry;
    }
    return rows;
  }

  private static double legendWidth(String name) {
    return 17 + width(name, SMALL) + 20;
  }

  /** Lines of at most {@code room}, broken between words. */
  private static List<String> wrap(String text, TextStyle type, double room) {
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
  private static double width(String text, TextStyle type) {
    double em = text.codePoints().mapToDouble(Picture::advance).sum();
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
