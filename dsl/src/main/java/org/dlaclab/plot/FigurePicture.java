package org.dlaclab.plot;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Date;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TimeZone;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.dlaclab.error.DlacException;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.BoxChart;
import org.knowm.xchart.BoxChartBuilder;
import org.knowm.xchart.BubbleChart;
import org.knowm.xchart.BubbleChartBuilder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategorySeries;
import org.knowm.xchart.CategorySeries.CategorySeriesRenderStyle;
import org.knowm.xchart.HeatMapChart;
import org.knowm.xchart.OHLCChart;
import org.knowm.xchart.OHLCSeries.OHLCSeriesRenderStyle;
import org.knowm.xchart.PieChart;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.PieStyler;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;
import tech.tablesaw.plotly.components.Figure;

/**
 * The static picture of a figure of tablesaw's plotting library, for where no script runs: its data
 * and titles, not each of its settings.
 *
 * <p>XChart draws it: one small library (Apache-2.0, 0.4 MB, no other behind it) that knows all the
 * kinds of charts that tablesaw makes, but for those in space.
 */
public final class FigurePicture {
  /** Pixels of the picture per pixel of the figure. */
  public static final int SCALE = 2;

  private static final Color INK = new Color(0x1f2328);
  private static final Color SOFT = new Color(0x59636e);
  private static final Color GRID = new Color(0xe4e8ec);
  private static final int MOST_PIXELS = 2000;
  private static final int LEAST_PIXELS = 200;

  private static final Pattern HEX = Pattern.compile("#[0-9a-fA-F]{6}");

  /** Labels below an axis beyond which some are left out. */
  private static final int LABELS = 24;

  /** From dark to light, as plotly's and matplotlib's viridis. */
  private static final Color[] RAMP = {
    new Color(0x440154),
    new Color(0x3b528b),
    new Color(0x21918c),
    new Color(0x5ec962),
    new Color(0xfde725)
  };

  private final JsonNode layout;
  private final List<JsonNode> traces;
  private final int width;
  private final int height;

  private FigurePicture(ObjectNode tree) {
    layout = tree.path("layout");
    traces = new ArrayList<>();
    for (JsonNode trace : tree.path("data")) {
      if (trace.path("visible").asBoolean(true)) {
        traces.add(trace);
      }
    }
    width = pixels("width", 800);
    height = pixels("height", 500);
  }

  private int pixels(String key, int otherwise) {
    int pixels = layout.path(key).asInt(0);
    return pixels <= 0 ? otherwise : Math.max(LEAST_PIXELS, Math.min(MOST_PIXELS, pixels));
  }

  /**
   * The figure in two pixels for one of its own, in both directions; nothing for a figure that
   * cannot be drawn: one in space, of several plots, or of kinds that do not go together.
   *
   * @throws DlacException if this Java has no font to write with
   */
  public static Optional<BufferedImage> of(Figure figure) {
    FigurePicture picture = new FigurePicture(PlotlyJson.tree(figure));
    Chart<?, ?> chart;
    try {
      chart = picture.chart();
      if (chart == null) {
        return Optional.empty();
      }
      return Optional.of(Png.draw(() -> picture.paint(chart)));
    } catch (IllegalArgumentException
        | IndexOutOfBoundsException
        | NullPointerException
        | ArithmeticException e) {
      // Figures come from anyone: XChart refuses, for example, a logarithmic axis with a zero.
      return Optional.empty();
    }
  }

  private BufferedImage paint(Chart<?, ?> chart) {
    style(chart);
    BufferedImage image =
        new BufferedImage(width * SCALE, height * SCALE, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    graphics.scale(SCALE, SCALE);
    chart.paint(graphics, width, height);
    graphics.dispose();
    return image;
  }

  private void style(Chart<?, ?> chart) {
    Styler styler = chart.getStyler();
    styler.setChartBackgroundColor(Color.WHITE).setChartFontColor(INK).setChartPadding(12);
    styler.setChartTitleBoxVisible(false).setChartTitleFont(font(Font.BOLD, 16));
    styler.setChartTitlePadding(10).setPlotBackgroundColor(Color.WHITE);
    styler.setPlotBorderVisible(false).setLegendBorderColor(Color.WHITE).setAntiAlias(true);
    styler.setLegendBackgroundColor(Color.WHITE).setLegendFont(font(Font.PLAIN, 12));
    styler.setBaseFont(font(Font.PLAIN, 12));
    styler.setSeriesColors(
        IntStream.range(0, Palette.SIZE).mapToObj(Palette::color).toArray(Color[]::new));
    styler.setLegendVisible(hasLegend());
    if (styler instanceof AxesChartStyler axes) {
      axes.setAxisTitleFont(font(Font.PLAIN, 13)).setAxisTickLabelsFont(font(Font.PLAIN, 12));
      axes.setAxisTickLabelsColor(SOFT).setAxisTickMarksColor(GRID).setPlotGridLinesColor(GRID);
      axes.setPlotGridLinesStroke(new BasicStroke(1));
      axes.setAxisTicksLineVisible(false).setLocale(Locale.ROOT);
      axes.setTimezone(TimeZone.getTimeZone(ZoneOffset.UTC));
      if (chart instanceof BubbleChart
          || (chart instanceof XYChart && numeric(traces.get(0).path("x")))) {
        axes.setxAxisTickLabelsFormattingFunction(Numbers::tick);
      }
      if (!(chart instanceof HeatMapChart)) {
        axes.setyAxisTickLabelsFormattingFunction(Numbers::tick);
      }
      axes.setXAxisLogarithmic(isLog("xaxis")).setYAxisLogarithmic(isLog("yaxis"));
    }
  }

  /** The trace's own colour where it is one that can be read, or that of its place. */
  private Color color(JsonNode trace) {
    for (JsonNode own :
        List.of(trace.path("marker").path("color"), trace.path("line").path("color"))) {
      if (HEX.matcher(own.asText()).matches()) {
        return Color.decode(own.asText());
      }
    }
    return Palette.color(traces.indexOf(trace));
  }

  private static Color pale(Color color) {
    return new Color(color.getRed(), color.getGreen(), color.getBlue(), 100);
  }

  private static Font font(int style, int size) {
    return new Font(Font.SANS_SERIF, style, size);
  }

  private boolean isLog(String axis) {
    return layout.path(axis).path("type").asText().equals("log");
  }

  private boolean hasLegend() {
    return type(traces.get(0)).equals("heatmap")
        || isIn(traces.get(0), "contour", "histogram2d", "histogram2dcontour")
        || (layout.path("showlegend").asBoolean(true)
            && (isIn(traces.get(0), "pie") || traces.size() > 1));
  }

  private @Nullable Chart<?, ?> chart() {
    if (traces.isEmpty() || traces.stream().anyMatch(FigurePicture::isInSubplot)) {
      return null;
    }
    JsonNode first = traces.get(0);
    if (all("scatter", "scattergl")) {
      if (traces.stream().allMatch(t -> t.path("marker").path("size").isArray())) {
        return bubbles();
      }
      return traces.stream().allMatch(t -> numeric(t.path("x")) || dates(t.path("x")))
          ? lines()
          : categories(false);
    }
    if (all("bar", "scatter") && traces.stream().filter(t -> isIn(t, "bar")).count() > 0) {
      return categories(first.path("orientation").asText().equals("h"));
    }
    if (all("histogram")) {
      return histogram();
    }
    if (all("box", "violin")) {
      return boxes();
    }
    if (traces.size() > 1) {
      return null;
    }
    return switch (type(first)) {
      case "pie" -> pie(first);
      case "heatmap", "contour" -> heat(first);
      case "histogram2d", "histogram2dcontour" -> counts(first);
      case "candlestick", "ohlc" -> prices(first);
      default -> null;
    };
  }

  private static boolean isInSubplot(JsonNode trace) {
    return !trace.path("xaxis").asText("x").equals("x")
        || !Set.of("y", "y2").contains(trace.path("yaxis").asText("y"));
  }

  private boolean all(String... types) {
    return traces.stream().allMatch(t -> isIn(t, types));
  }

  private static boolean isIn(JsonNode trace, String... types) {
    return List.of(types).contains(type(trace));
  }

  private static String type(JsonNode trace) {
    return trace.path("type").asText("scatter");
  }

  // --- charts

  private Chart<?, ?> lines() {
    XYChart chart = titled(new XYChart(width, height), false);
    Set<String> names = new LinkedHashSet<>();
    for (JsonNode trace : traces) {
      Color color = color(trace);
      boolean dates = !numeric(trace.path("x"));
      List<Object> x = new ArrayList<>();
      List<Number> y = new ArrayList<>();
      for (int i = 0; i < Math.min(trace.path("x").size(), trace.path("y").size()); i++) {
        JsonNode at = trace.path("x").get(i);
        if (!at.isNull()) {
          x.add(dates ? date(at.asText()) : (Object) at.asDouble());
          y.add(number(trace.path("y").get(i)));
        }
      }
      if (y.stream().allMatch(v -> Double.isNaN(v.doubleValue()))) {
        continue;
      }
      XYSeries series = chart.addSeries(name(trace, names), x, y);
      String mode = trace.path("mode").asText("lines");
      boolean filled = !trace.path("fill").asText("none").equals("none");
      series.setXYSeriesRenderStyle(
          filled
              ? XYSeriesRenderStyle.Area
              : mode.contains("lines") ? XYSeriesRenderStyle.Line : XYSeriesRenderStyle.Scatter);
      series.setLineColor(color);
      series.setMarkerColor(color);
      series.setFillColor(pale(color));
      series.setMarker(
          mode.contains("markers") || mode.contains("text")
              ? SeriesMarkers.CIRCLE
              : SeriesMarkers.NONE);
      series.setLineWidth(2);
      secondAxis(chart, trace, () -> series.setYAxisGroup(1));
    }
    chart.getStyler().setMarkerSize(6);
    return chart.getSeriesMap().isEmpty() ? titled(empty(chart), false) : chart;
  }

  /** Axes without data, as an empty selection gives. */
  private static XYChart empty(XYChart chart) {
    XYSeries nothing = chart.addSeries(" ", new double[] {0, 1}, new double[] {0, 1});
    nothing.setLineWidth(0);
    nothing.setMarker(SeriesMarkers.NONE);
    nothing.setLineColor(new Color(0, 0, 0, 0));
    return chart;
  }

  private void secondAxis(Chart<?, ?> chart, JsonNode trace, Runnable move) {
    if (trace.path("yaxis").asText().equals("y2")) {
      move.run();
      chart.setYAxisGroupTitle(1, title(layout.path("yaxis2")));
      chart.getStyler().setYAxisGroupPosition(1, Styler.YAxisPosition.Right);
    }
  }

  private @Nullable Chart<?, ?> bubbles() {
    BubbleChart chart = titled(new BubbleChartBuilder().width(width).height(height).build(), false);
    Set<String> names = new LinkedHashSet<>();
    for (JsonNode trace : traces) {
      if (!numeric(trace.path("x")) || !numeric(trace.path("y"))) {
        return null;
      }
      List<double[]> points = new ArrayList<>();
      for (int i = 0; i < trace.path("x").size(); i++) {
        double[] point = {
          value(trace.path("x").get(i)),
          value(trace.path("y").get(i)),
          value(trace.path("marker").path("size").path(i))
        };
        if (Double.isFinite(point[0] + point[1] + point[2])) {
          points.add(point);
        }
      }
      chart.addSeries(name(trace, names), column(points, 0), column(points, 1), column(points, 2));
    }
    return chart;
  }

  private static double[] column(List<double[]> points, int index) {
    return points.stream().mapToDouble(p -> p[index]).toArray();
  }

  /**
   * Bars, with lines over them where there are any. Bars that lie stand up here: XChart has no
   * lying ones.
   */
  private Chart<?, ?> categories(boolean lying) {
    CategoryChart chart = titled(new CategoryChart(width, height), lying);
    String names = lying ? "y" : "x";
    String values = lying ? "x" : "y";
    Set<String> all = new LinkedHashSet<>();
    traces.forEach(t -> t.path(names).forEach(n -> all.add(label(n))));
    List<String> categories = List.copyOf(all);
    Set<String> used = new LinkedHashSet<>();
    for (JsonNode trace : traces) {
      Map<String, Number> byName = new LinkedHashMap<>();
      for (int i = 0; i < Math.min(trace.path(names).size(), trace.path(values).size()); i++) {
        byName.put(label(trace.path(names).get(i)), value(trace.path(values).get(i)));
      }
      List<@Nullable Number> y = new ArrayList<>();
      for (String category : categories) {
        Number value = byName.get(category);
        y.add(value == null || Double.isNaN(value.doubleValue()) ? null : value);
      }
      CategorySeries series = chart.addSeries(name(trace, used), categories, y);
      String mode = trace.path("mode").asText("lines");
      series.setChartCategorySeriesRenderStyle(
          isIn(trace, "bar")
              ? CategorySeriesRenderStyle.Bar
              : mode.contains("lines")
                  ? CategorySeriesRenderStyle.Line
                  : CategorySeriesRenderStyle.Scatter);
      Color color = color(trace);
      series.setLineColor(color);
      series.setMarkerColor(color);
      series.setFillColor(color);
      if (!mode.contains("markers")) {
        series.setMarker(SeriesMarkers.NONE);
      }
      secondAxis(chart, trace, () -> series.setYAxisGroup(1));
    }
    String mode = layout.path("barmode").asText("group");
    chart.getStyler().setStacked(mode.equals("stack") || mode.equals("relative"));
    chart.getStyler().setOverlapped(mode.equals("overlay"));
    chart.getStyler().setAvailableSpaceFill(0.76).setPlotGridVerticalLinesVisible(false);
    labels(chart.getStyler(), categories);
    return chart;
  }

  /** As steps over a numeric axis, so that each bin begins and ends where it says. */
  private @Nullable Chart<?, ?> histogram() {
    XYChart chart = titled(new XYChart(width, height), traces.get(0).path("x").isMissingNode());
    Bins bins =
        Bins.of(
            traces.stream()
                .flatMapToDouble(t -> finite(own(t)).stream().mapToDouble(v -> v))
                .toArray(),
            traces.get(0).path("nbinsx").asInt(0));
    if (bins == null) {
      return null;
    }
    Set<String> names = new LinkedHashSet<>();
    for (JsonNode trace : traces) {
      double[] heights = heights(trace, bins);
      double[] x = new double[2 * bins.count() + 2];
      double[] y = new double[x.length];
      for (int b = 0; b < bins.count(); b++) {
        x[2 * b + 1] = bins.edge(b);
        x[2 * b + 2] = bins.edge(b + 1);
        y[2 * b + 1] = heights[b];
        y[2 * b + 2] = heights[b];
      }
      x[0] = bins.edge(0);
      x[x.length - 1] = bins.edge(bins.count());
      XYSeries series = chart.addSeries(name(trace, names), x, y);
      series.setXYSeriesRenderStyle(XYSeriesRenderStyle.Area).setMarker(SeriesMarkers.NONE);
      series.setLineColor(color(trace));
      series.setFillColor(pale(color(trace)));
      series.setLineWidth(1.5f);
    }
    chart.getStyler().setYAxisMin(0.0);
    return chart;
  }

  private static JsonNode own(JsonNode trace) {
    return trace.path("x").isMissingNode() ? trace.path("y") : trace.path("x");
  }

  private static double[] heights(JsonNode trace, Bins bins) {
    List<DoubleSummaryStatistics> filled =
        IntStream.range(0, bins.count()).mapToObj(b -> new DoubleSummaryStatistics()).toList();
    JsonNode at = own(trace);
    boolean counts = trace.path("histfunc").asText("count").equals("count");
    int all = 0;
    for (int i = 0; i < at.size(); i++) {
      double value = value(at.get(i));
      if (Double.isFinite(value)) {
        filled.get(bins.of(value)).accept(counts ? 1 : value(trace.path("y").path(i)));
        all++;
      }
    }
    double total = Math.max(1, all);
    String norm = trace.path("histnorm").asText();
    double scale =
        switch (norm) {
          case "percent" -> 100 / total;
          case "probability" -> 1 / total;
          case "density" -> 1 / bins.step();
          case "probability density" -> 1 / (total * bins.step());
          default -> 1;
        };
    return filled.stream()
        .mapToDouble(
            bin ->
                scale
                    * (bin.getCount() == 0
                        ? 0
                        : switch (trace.path("histfunc").asText("count")) {
                          case "avg" -> bin.getAverage();
                          case "min" -> bin.getMin();
                          case "max" -> bin.getMax();
                          default -> bin.getSum();
                        }))
        .toArray();
  }

  private @Nullable Chart<?, ?> boxes() {
    BoxChart chart = titled(new BoxChartBuilder().width(width).height(height).build(), false);
    Map<String, List<Double>> groups = new LinkedHashMap<>();
    for (int t = 0; t < traces.size(); t++) {
      JsonNode trace = traces.get(t);
      String own = trace.path("name").asText();
      for (int i = 0; i < trace.path("y").size(); i++) {
        double value = value(trace.path("y").get(i));
        String group = trace.path("x").has(i) ? label(trace.path("x").get(i)) : "";
        String name = traces.size() > 1 && !own.isEmpty() ? (own + " " + group).strip() : group;
        if (Double.isFinite(value)) {
          groups
              .computeIfAbsent(name.isEmpty() ? " ".repeat(t + 1) : name, g -> new ArrayList<>())
              .add(value);
        }
      }
    }
    if (groups.isEmpty()) {
      return null;
    }
    groups.forEach(chart::addSeries);
    chart.getStyler().setPlotGridVerticalLinesVisible(false);
    labels(chart.getStyler(), List.copyOf(groups.keySet()));
    return chart;
  }

  private Chart<?, ?> pie(JsonNode trace) {
    PieChart chart = new PieChart(width, height);
    chart.setTitle(title(layout));
    Map<String, Double> slices = new LinkedHashMap<>();
    for (int i = 0; i < trace.path("values").size(); i++) {
      double value = value(trace.path("values").get(i));
      if (value > 0) {
        slices.merge(label(trace.path("labels").path(i)), value, Double::sum);
      }
    }
    slices.entrySet().stream()
        .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
        .forEach(slice -> chart.addSeries(slice.getKey(), slice.getValue()));
    chart.getStyler().setLabelType(PieStyler.LabelType.Percentage).setSliceBorderWidth(1.5);
    return chart;
  }

  private @Nullable Chart<?, ?> heat(JsonNode trace) {
    JsonNode z = trace.path("z");
    int columns = IntStream.range(0, z.size()).map(r -> z.get(r).size()).max().orElse(0);
    List<Number[]> cells = new ArrayList<>();
    for (int r = 0; r < z.size(); r++) {
      for (int c = 0; c < z.get(r).size(); c++) {
        double value = value(z.get(r).get(c));
        if (Double.isFinite(value)) {
          cells.add(new Number[] {c, r, value});
        }
      }
    }
    return heat(names(trace.path("x"), columns), names(trace.path("y"), z.size()), cells);
  }

  private static List<String> names(JsonNode names, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> names.has(i) ? label(names.get(i)) : String.valueOf(i))
        .toList();
  }

  private @Nullable Chart<?, ?> counts(JsonNode trace) {
    Bins across = Bins.of(toArray(trace.path("x")), 0);
    Bins up = Bins.of(toArray(trace.path("y")), 0);
    if (across == null || up == null) {
      return null;
    }
    int[][] counts = new int[up.count()][across.count()];
    for (int i = 0; i < Math.min(trace.path("x").size(), trace.path("y").size()); i++) {
      double x = value(trace.path("x").get(i));
      double y = value(trace.path("y").get(i));
      if (Double.isFinite(x + y)) {
        counts[up.of(y)][across.of(x)]++;
      }
    }
    List<Number[]> cells = new ArrayList<>();
    for (int r = 0; r < counts.length; r++) {
      for (int c = 0; c < counts[r].length; c++) {
        cells.add(new Number[] {c, r, counts[r][c]});
      }
    }
    return heat(across.middles(), up.middles(), cells);
  }

  private static double[] toArray(JsonNode values) {
    return finite(values).stream().mapToDouble(v -> v).toArray();
  }

  private @Nullable Chart<?, ?> heat(List<String> x, List<String> y, List<Number[]> cells) {
    if (cells.isEmpty()) {
      return null;
    }
    HeatMapChart chart = titled(new HeatMapChart(width, height, Styler.ChartTheme.XChart), false);
    chart.addSeries("z", x, y, cells);
    chart.getStyler().setRangeColors(RAMP).setShowValue(false);
    chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideE);
    chart.getStyler().setPlotGridLinesVisible(false);
    labels(chart.getStyler(), x);
    return chart;
  }

  private Chart<?, ?> prices(JsonNode trace) {
    OHLCChart chart = titled(new OHLCChart(width, height), false);
    Map<Date, List<Double>> days = new TreeMap<>();
    for (int i = 0; i < trace.path("x").size(); i++) {
      List<Double> day = new ArrayList<>();
      for (String key : List.of("open", "high", "low", "close")) {
        day.add(value(trace.path(key).path(i)));
      }
      if (day.stream().allMatch(Double::isFinite)) {
        days.put(date(trace.path("x").get(i).asText()), day);
      }
    }
    List<List<Double>> values = List.copyOf(days.values());
    chart
        .addSeries(
            name(trace, new LinkedHashSet<>()),
            List.copyOf(days.keySet()),
            part(values, 0),
            part(values, 1),
            part(values, 2),
            part(values, 3))
        .setOhlcSeriesRenderStyle(
            isIn(trace, "ohlc") ? OHLCSeriesRenderStyle.HiLo : OHLCSeriesRenderStyle.Candle)
        .setUpColor(Palette.color(2))
        .setDownColor(Palette.color(5));
    return chart;
  }

  private static List<Double> part(List<List<Double>> days, int index) {
    return days.stream().map(day -> day.get(index)).toList();
  }

  // --- titles and labels

  private <C extends Chart<?, ?>> C titled(C chart, boolean swapped) {
    chart.setTitle(title(layout));
    chart.setXAxisTitle(title(layout.path(swapped ? "yaxis" : "xaxis")));
    chart.setYAxisTitle(title(layout.path(swapped ? "xaxis" : "yaxis")));
    return chart;
  }

  private static String title(JsonNode owner) {
    return owner.path("title").path("text").asText("").replace("&lt;", "<").replace("&gt;", ">");
  }

  private static void labels(AxesChartStyler styler, List<String> labels) {
    int longest = labels.stream().mapToInt(String::length).max().orElse(0);
    if (longest * labels.size() > 90) {
      styler.setXAxisLabelRotation(45);
    }
    if (labels.size() > LABELS) {
      styler.setXAxisMaxLabelCount(LABELS);
    }
  }

  /** XChart wants a name for each series, and each another one. */
  private static String name(JsonNode trace, Set<String> used) {
    String name = trace.path("name").asText();
    String free = name.isBlank() ? "series " + (used.size() + 1) : name;
    for (int i = 2; !used.add(free); i++) {
      free = name + " (" + i + ")";
    }
    return free;
  }

  private static String label(JsonNode node) {
    return node.isNumber() && node.doubleValue() == Math.rint(node.doubleValue())
        ? String.format(Locale.ROOT, "%.0f", node.doubleValue())
        : node.asText();
  }

  // --- values

  private static double value(@Nullable JsonNode node) {
    return node != null && node.isNumber() ? node.doubleValue() : Double.NaN;
  }

  private static Number number(@Nullable JsonNode node) {
    return value(node);
  }

  private static List<Double> finite(JsonNode values) {
    List<Double> finite = new ArrayList<>();
    for (JsonNode node : values) {
      if (Double.isFinite(value(node))) {
        finite.add(value(node));
      }
    }
    return finite;
  }

  private static boolean numeric(JsonNode values) {
    return IntStream.range(0, values.size())
        .mapToObj(values::get)
        .allMatch(v -> v.isNumber() || v.isNull());
  }

  private static boolean dates(JsonNode values) {
    try {
      values.forEach(v -> date(v.asText()));
      return values.size() > 0;
    } catch (DateTimeParseException e) {
      return false;
    }
  }

  private static Date date(String text) {
    String iso = text.strip().replace(' ', 'T');
    LocalDateTime time =
        iso.length() <= 10
            ? LocalDate.parse(iso).atStartOfDay()
            : LocalDateTime.parse(iso, DateTimeFormatter.ISO_DATE_TIME);
    return Date.from(time.toInstant(ZoneOffset.UTC));
  }

  /** Bins of equal width that begin at a round number. */
  private record Bins(double from, double step, int count) {
    private static final int MOST = 200;

    /**
     * @param wanted how many; 0 to let their number grow with the root of that of the values
     */
    static @Nullable Bins of(double[] values, int wanted) {
      if (values.length == 0) {
        return null;
      }
      DoubleSummaryStatistics all = java.util.Arrays.stream(values).summaryStatistics();
      double range = all.getMax() - all.getMin();
      if (range == 0) {
        return new Bins(all.getMin() - 0.5, 1, 1);
      }
      int many =
          wanted > 0 ? Math.min(MOST, wanted) : (int) Math.ceil(Math.sqrt(values.length)) + 1;
      double raw = range / many;
      double power = Math.pow(10, Math.floor(Math.log10(raw)));
      double step =
          power * (raw / power <= 1 ? 1 : raw / power <= 2 ? 2 : raw / power <= 5 ? 5 : 10);
      double from = Math.floor(all.getMin() / step) * step;
      return new Bins(from, step, (int) Math.floor((all.getMax() - from) / step) + 1);
    }

    double edge(int bin) {
      return from + bin * step;
    }

    int of(double value) {
      return Math.max(0, Math.min(count - 1, (int) Math.floor((value - from) / step)));
    }

    List<String> middles() {
      return IntStream.range(0, count)
          .mapToObj(b -> Numbers.tick(edge(b) + step / 2))
          .collect(Collectors.toList());
    }
  }
}
