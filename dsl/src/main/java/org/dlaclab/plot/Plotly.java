package org.dlaclab.plot;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.awt.Color;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.dlaclab.error.DlacException;
import org.dlaclab.plot.LineChart.Line;
import org.dlaclab.plot.LineChart.Point;
import org.dlaclab.table.Html;
import tech.tablesaw.plotly.components.Axis;
import tech.tablesaw.plotly.components.Config;
import tech.tablesaw.plotly.components.Figure;
import tech.tablesaw.plotly.components.Layout;
import tech.tablesaw.plotly.components.Marker;
import tech.tablesaw.plotly.traces.BarTrace;
import tech.tablesaw.plotly.traces.ScatterTrace;

/** Interactive charts that need no network. */
public final class Plotly {
  private static final String BUNDLE = "plotly-cartesian-2.35.3.min.js";
  private static final Pattern ID = Pattern.compile("[A-Za-z][A-Za-z0-9_-]*");

  /** Readable on white and on black, until the page's own text colour takes its place. */
  private static final String NEUTRAL = "#7a828c";

  private static final String GRID = "rgba(128,128,128,0.25)";

  private static final int LEGEND_ROW = 19;

  /** The room beside the axis in the column of text of a notebook. */
  private static final double LEGEND_WIDTH = 560;

  /** The markers of lines, as {@link LineDrawing} draws them. */
  private static final List<String> SYMBOLS =
      List.of("circle", "square", "triangle-up", "diamond", "triangle-down");

  private Plotly() {}

  /** The name of plotly.js with its version. */
  public static final String NAME = "plotly-2.35.3";

  /**
   * A script element with plotly.js itself (cartesian bundle, 1.4 MB), to be put into a page once,
   * before the charts.
   */
  public static String script() {
    return "<script>" + source() + "</script>";
  }

  /** The text of plotly.js, which may stand in a script element. */
  public static String source() {
    try (InputStream in =
        Objects.requireNonNull(Plotly.class.getResourceAsStream(BUNDLE), BUNDLE)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .replace("</script", "<\\/script");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The colours of series, as CSS writes them, which readers with any colour vision can tell apart.
   */
  public static List<String> colors() {
    return IntStream.range(0, Palette.SIZE).mapToObj(Palette::hex).toList();
  }

  static Figure figure(BarChart chart) {
    Layout layout =
        Layout.builder(chart.title())
            .barMode(chart.stacked() ? Layout.BarMode.STACK : Layout.BarMode.GROUP)
            .xAxis(Axis.builder().type(Axis.Type.CATEGORY).build())
            .yAxis(Axis.builder().title(chart.valueAxis()).build())
            .showLegend(chart.hasLegend())
            .height((int) Drawing.of(chart).height())
            .build();
    Config config = Config.builder().responsive(true).displayLogo(false).build();
    String[] categories = chart.categories().toArray(String[]::new);
    BarTrace[] traces = new BarTrace[chart.series().size()];
    for (int s = 0; s < traces.length; s++) {
      Series series = chart.series().get(s);
      traces[s] =
          BarTrace.builder(
                  categories, series.values().stream().mapToDouble(Double::doubleValue).toArray())
              .name(series.name())
              .marker(Marker.builder().color(Palette.hex(s)).build())
              .build();
    }
    return new Figure(layout, config, traces);
  }

  static Figure figure(LineChart chart) {
    Layout layout =
        Layout.builder(chart.title())
            .xAxis(axis(chart.x()))
            .yAxis(axis(chart.y()))
            .showLegend(chart.hasLegend())
            .height((int) Drawing.of(chart).height())
            .build();
    Config config = Config.builder().responsive(true).displayLogo(false).build();
    ScatterTrace[] traces = new ScatterTrace[chart.lines().size()];
    for (int l = 0; l < traces.length; l++) {
      Line line = chart.lines().get(l);
      traces[l] =
          ScatterTrace.builder(
                  line.points().stream().mapToDouble(Point::x).toArray(),
                  line.points().stream().mapToDouble(Point::y).toArray())
              .name(line.name())
              .mode(
                  switch (line.style()) {
                    case LINE -> ScatterTrace.Mode.LINE;
                    case MARKERS -> ScatterTrace.Mode.MARKERS;
                    case LINE_AND_MARKERS -> ScatterTrace.Mode.LINE_AND_MARKERS;
                  })
              .marker(Marker.builder().color(Palette.hex(l)).build())
              .build();
    }
    return new Figure(layout, config, traces);
  }

  private static Axis axis(LineChart.Axis axis) {
    return Axis.builder()
        .title(axis.title())
        .type(axis.log() ? Axis.Type.LOG : Axis.Type.LINEAR)
        .build();
  }

  static String json(Chart chart) {
    if (chart instanceof HeatMap map) {
      return PlotlyJson.write(tree(map));
    }
    return PlotlyJson.write(chart instanceof BarChart bars ? tree(bars) : tree((LineChart) chart));
  }

  /** The figure, and what tablesaw cannot say: intervals, the reference line, and the looks. */
  private static ObjectNode tree(BarChart chart) {
    ObjectNode tree = PlotlyJson.tree(figure(chart));
    ArrayNode data = tree.withArray("data");
    for (int s = 0; s < data.size(); s++) {
      trace((ObjectNode) data.get(s), chart, chart.series().get(s));
    }
    ObjectNode layout = (ObjectNode) tree.get("layout");
    layout.put("barmode", chart.stacked() ? "stack" : "group");
    layout.put("bargap", 0.24).put("bargroupgap", 0.03);
    layout.put("hovermode", chart.series().size() > 1 ? "x unified" : "x");
    List<String> legend =
        chart.hasLegend() ? chart.series().stream().map(Series::name).toList() : List.of();
    dress(tree, chart.title(), chart.subtitle(), legend);
    ObjectNode margin = (ObjectNode) layout.get("margin");
    margin.put("r", chart.reference() == null ? 24 : 56).put("b", 40);
    categoryAxis((ObjectNode) layout.get("xaxis"), chart);
    ObjectNode value = (ObjectNode) layout.get("yaxis");
    value.put("rangemode", "tozero").put("automargin", true).put("gridcolor", GRID);
    value.put("zeroline", true).put("zerolinecolor", NEUTRAL).put("nticks", 7);
    if (chart.top() >= 10_000) {
      value.put("tickformat", "~s");
    }
    if (chart.reference() != null) {
      reference(layout, chart.reference());
    }
    return tree;
  }

  /**
   * The looks that all charts share: colours of the page, titles at the left, legend above.
   *
   * @param legend names of the series; none for no legend
   */
  private static void dress(
      ObjectNode tree, String heading, String subheading, List<String> legend) {
    ObjectNode layout = (ObjectNode) tree.get("layout");
    layout.put("paper_bgcolor", "rgba(0,0,0,0)").put("plot_bgcolor", "rgba(0,0,0,0)");
    layout.remove("width");
    layout.putObject("hoverlabel").put("namelength", -1);
    layout.putObject("modebar").put("bgcolor", "rgba(0,0,0,0)").put("color", NEUTRAL);
    ObjectNode config = (ObjectNode) tree.get("config");
    config.putArray("modeBarButtonsToRemove").add("select2d").add("lasso2d").add("autoScale2d");
    ObjectNode font = layout.putObject("font");
    font.put("color", NEUTRAL).put("size", 12);
    font.put("family", Picture.FONTS.replace("'", ""));
    boolean subtitle = !subheading.isBlank();
    ObjectNode title = layout.putObject("title");
    title.put("text", "<b>" + markup(heading) + "</b>");
    title.put("x", 0).put("xanchor", "left").put("y", 1).put("yanchor", "top");
    title.put("xref", "paper").put("yref", "container").putObject("pad").put("t", 16);
    title.putObject("font").put("size", 17);
    if (subtitle) {
      ObjectNode below = title.putObject("subtitle");
      below.put("text", markup(subheading).replace("\n", "<br>"));
      below.putObject("font").put("size", 13);
    }
    long extra = subheading.lines().skip(1).count() + heading.lines().skip(1).count();
    ObjectNode margin = layout.putObject("margin");
    int rows = legendRows(legend);
    int below = rows == 0 ? 0 : 30 + LEGEND_ROW * (rows - 1);
    margin.put("t", 48 + (subtitle ? 24 : 0) + 20 * extra + below).put("l", 64);
    if (rows > 1) {
      // The plot keeps its height.
      layout.put("height", layout.path("height").asInt() + LEGEND_ROW * (rows - 1));
    }
    ObjectNode box = layout.putObject("legend");
    box.put("orientation", "h").put("traceorder", "normal");
    box.put("x", 0).put("xanchor", "left").put("y", 1).put("yanchor", "bottom");
  }

  /** In plotly's legends all names of several rows get the room of the longest one. */
  static int legendRows(List<String> names) {
    double all = names.stream().mapToDouble(Plotly::legendEntry).sum();
    double widest = names.stream().mapToDouble(Plotly::legendEntry).max().orElse(1);
    int perRow = all <= LEGEND_WIDTH ? names.size() : (int) (LEGEND_WIDTH / widest);
    return names.isEmpty() ? 0 : (names.size() - 1) / Math.max(1, perRow) + 1;
  }

  private static double legendEntry(String name) {
    return Drawing.width(name, Drawing.SMALL) + 45;
  }

  /** The figure, and what tablesaw cannot say: gaps, intervals, marks, and the looks. */
  private static ObjectNode tree(LineChart chart) {
    ObjectNode tree = PlotlyJson.tree(figure(chart));
    ArrayNode data = tree.withArray("data");
    List<ObjectNode> bands = new ArrayList<>();
    for (int l = 0; l < data.size(); l++) {
      Line line = chart.lines().get(l);
      ObjectNode trace = (ObjectNode) data.get(l);
      points(trace, chart, line, l);
      if (line.style().marks()) {
        errorBars(trace, chart, line);
      } else if (!chart.bands(line).isEmpty()) {
        bands.add(band(chart, line, l));
      }
    }
    // Below the lines.
    for (int b = 0; b < bands.size(); b++) {
      data.insert(b, bands.get(b));
    }
    ObjectNode layout = (ObjectNode) tree.get("layout");
    boolean scatter = chart.lines().stream().noneMatch(line -> line.style().joins());
    boolean byPoint = scatter || chart.hasNames();
    layout.put("hovermode", byPoint ? "closest" : chart.lines().size() > 1 ? "x unified" : "x");
    List<String> legend =
        chart.hasLegend() ? chart.lines().stream().map(Line::name).toList() : List.of();
    dress(tree, chart.title(), chart.subtitle(), legend);
    LineDrawing drawing = new LineDrawing(chart, Drawing.PLOT_HEIGHT, 0);
    double above = LineDrawing.MARK_ROW * drawing.rows();
    ObjectNode margin = (ObjectNode) layout.get("margin");
    margin.put("t", margin.get("t").asInt() + (int) above).put("r", 24).put("b", 48);
    ((ObjectNode) layout.get("legend")).put("y", 1 + above / Drawing.PLOT_HEIGHT);
    axis((ObjectNode) layout.get("xaxis"), chart.across(8));
    axis((ObjectNode) layout.get("yaxis"), chart.up(6));
    chart.marks().forEach(mark -> line(layout, mark));
    drawing.labels().forEach(label -> label(layout, chart.x(), label));
    return tree;
  }

  /** Tablesaw's figures have no heat maps with named axes: all of it is written here. */
  private static ObjectNode tree(HeatMap map) {
    ObjectNode tree = PlotlyJson.JSON.createObjectNode();
    ObjectNode trace = tree.putArray("data").addObject();
    double gap = HeatDrawing.hasNumbers(map) ? 1 : 0.5;
    trace.put("type", "heatmap").put("hoverongaps", false).put("xgap", gap).put("ygap", gap);
    trace.put(
        "hovertemplate",
        markup(map.y().title())
            + " %{y}, "
            + markup(map.x().title())
            + " %{x}: %{z:,.4~r}<extra></extra>");
    map.x().values().forEach(trace.putArray("x")::add);
    map.y().values().forEach(trace.putArray("y")::add);
    ArrayNode z = trace.putArray("z");
    for (List<Double> row : map.values()) {
      ArrayNode cells = z.addArray();
      row.forEach(value -> add(cells, value));
    }
    ArrayNode colours = trace.putArray("colorscale");
    for (int step = 0; step <= 10; step++) {
      colours.addArray().add(step / 10.0).add(HeatMap.hex(HeatMap.colour(step / 10.0)));
    }
    trace
        .putObject("colorbar")
        .putObject("title")
        .put("text", markup(map.valueAxis()))
        .put("side", "right");
    ObjectNode layout = tree.putObject("layout");
    tree.putObject("config").put("responsive", true).put("displaylogo", false);
    dress(tree, map.title(), map.subtitle(), List.of());
    ((ObjectNode) layout.get("margin")).put("r", 24).put("b", 48);
    for (String name : List.of("xaxis", "yaxis")) {
      ObjectNode axis = layout.putObject(name);
      // Named values: 8 is a name too, and stands beside 16 as 4 does.
      axis.put("type", "category").put("automargin", true).put("showgrid", false);
      axis.putObject("title")
          .put("text", markup(name.equals("xaxis") ? map.x().title() : map.y().title()));
    }
    ((ObjectNode) layout.get("yaxis")).put("autorange", "reversed");
    layout.put("height", (int) Drawing.of(map).height());
    return tree;
  }

  private static void points(ObjectNode trace, LineChart chart, Line line, int number) {
    ArrayNode x = trace.putArray("x");
    ArrayNode y = trace.putArray("y");
    for (Point point : line.points()) {
      x.add(point.x());
      add(y, chart.y().shows(point.y()) ? point.y() : Double.NaN);
    }
    trace.put("connectgaps", false).put("cliponaxis", false).put("legendgroup", line.name());
    trace.put("yhoverformat", ",.4~r");
    if (line.points().stream().anyMatch(point -> !point.name().isEmpty())) {
      line.points().forEach(point -> trace.withArray("text").add(markup(point.name())));
      trace.put("hovertemplate", "%{text}<br>%{x:,.4~r}, %{y:,.4~r}");
    }
    trace.putObject("line").put("color", Palette.hex(number)).put("width", 2);
    ObjectNode marker = trace.putObject("marker");
    marker.put("color", Palette.hex(number)).put("size", 7);
    marker.put("symbol", SYMBOLS.get(number % SYMBOLS.size()));
  }

  private static void add(ArrayNode array, double value) {
    if (Double.isNaN(value)) {
      array.addNull();
    } else {
      array.add(value);
    }
  }

  private static void errorBars(ObjectNode trace, LineChart chart, Line line) {
    if (line.points().stream().noneMatch(chart::showsInterval)) {
      return;
    }
    ObjectNode error = errorBars(trace);
    ArrayNode above = error.putArray("array");
    ArrayNode below = error.putArray("arrayminus");
    for (Point point : line.points()) {
      boolean shown = chart.showsInterval(point);
      add(above, shown ? point.high() - point.y() : Double.NaN);
      add(below, shown ? point.y() - point.low() : Double.NaN);
    }
  }

  /** An area around each part of the line, in the colour of the line, which it goes with. */
  private static ObjectNode band(LineChart chart, Line line, int number) {
    ObjectNode band = PlotlyJson.JSON.createObjectNode();
    band.put("type", "scatter").put("mode", "lines").put("fill", "toself");
    Color color = Palette.color(number);
    band.put(
        "fillcolor",
        "rgba(" + color.getRed() + "," + color.getGreen() + "," + color.getBlue() + ",0.2)");
    band.put("hoverinfo", "skip").put("showlegend", false).put("legendgroup", line.name());
    band.put("name", line.name() + ", interval").putObject("line").put("width", 0);
    ArrayNode x = band.putArray("x");
    ArrayNode y = band.putArray("y");
    for (List<Point> part : chart.bands(line)) {
      if (x.size() > 0) {
        x.addNull();
        y.addNull();
      }
      for (Point point : part) {
        x.add(point.x());
        y.add(point.high());
      }
      for (int i = part.size() - 1; i >= 0; i--) {
        x.add(part.get(i).x());
        y.add(part.get(i).low());
      }
    }
    return band;
  }

  /** The axis begins as the picture's, and moves as the reader likes. */
  private static void axis(ObjectNode axis, Scale scale) {
    axis.put("automargin", true).put("gridcolor", GRID).put("zeroline", false);
    axis.put("exponentformat", scale.high() >= 10_000 ? "SI" : "none");
    axis.remove("autorange");
    ArrayNode range = axis.putArray("range");
    for (double end : new double[] {scale.low(), scale.high()}) {
      range.add(scale.log() ? Math.log10(end) : end);
    }
    if (scale.log() && !scale.hasPowersAlone()) {
      axis.put("dtick", "D2");
    } else if (!scale.log() && scale.stepsByOne()) {
      axis.put("dtick", 1);
    }
  }

  private static void line(ObjectNode layout, LineChart.Mark mark) {
    ObjectNode line = layout.withArray("shapes").addObject();
    line.put("type", "line").put("yref", "paper").put("y0", 0).put("y1", 1);
    line.put("x0", mark.x()).put("x1", mark.x());
    line.putObject("line").put("color", NEUTRAL).put("width", 1.5).put("dash", "dash");
  }

  private static void label(ObjectNode layout, LineChart.Axis axis, LineDrawing.Label label) {
    double x = label.mark().x();
    ObjectNode text = layout.withArray("annotations").addObject();
    text.put("text", markup(label.mark().label())).put("showarrow", false);
    // Here, unlike in shapes, plotly wants the logarithm itself.
    text.put("x", axis.log() ? Math.log10(x) : x).put("yshift", LineDrawing.MARK_ROW * label.row());
    text.put("yref", "paper").put("y", 1).put("yanchor", "bottom");
  }

  private static void trace(ObjectNode trace, BarChart chart, Series series) {
    trace.put("yhoverformat", chart.top() >= 10_000 ? ",.0f" : ",.4~r");
    ArrayNode y = trace.putArray("y");
    series.values().forEach(value -> add(y, value));
    if (chart.series().size() == 1 && !chart.stacked()) {
      trace.put("hoverinfo", "x+y");
    }
    if (series.low() != null && series.high() != null) {
      ObjectNode error = errorBars(trace);
      ArrayNode above = error.putArray("array");
      ArrayNode below = error.putArray("arrayminus");
      for (int c = 0; c < series.values().size(); c++) {
        boolean shown = series.hasBar(c);
        add(above, shown ? series.high().get(c) - series.values().get(c) : Double.NaN);
        add(below, shown ? series.values().get(c) - series.low().get(c) : Double.NaN);
      }
    }
  }

  private static ObjectNode errorBars(ObjectNode trace) {
    ObjectNode error = trace.putObject("error_y");
    error.put("type", "data").put("symmetric", false);
    return error.put("thickness", 1.3).put("width", 3).put("color", NEUTRAL);
  }

  private static void categoryAxis(ObjectNode axis, BarChart chart) {
    BarDrawing.Labels labels = BarDrawing.labels(chart);
    axis.put("automargin", true).put("showgrid", false).put("tickangle", -labels.angle());
    axis.put("tickmode", "array");
    ArrayNode values = axis.putArray("tickvals");
    ArrayNode texts = axis.putArray("ticktext");
    for (int c = 0; c < chart.categories().size(); c += labels.every()) {
      values.add(chart.categories().get(c));
      texts.add(markup(labels.texts().get(c)));
    }
  }

  private static void reference(ObjectNode layout, double value) {
    ObjectNode line = layout.putArray("shapes").addObject();
    line.put("type", "line").put("xref", "paper").put("x0", 0).put("x1", 1);
    line.put("y0", value).put("y1", value);
    line.putObject("line").put("color", NEUTRAL).put("width", 1.5).put("dash", "dash");
    ObjectNode label = layout.putArray("annotations").addObject();
    label.put("text", Numbers.plain(value)).put("showarrow", false);
    label.put("xref", "paper").put("x", 1).put("xanchor", "left").put("y", value).put("xshift", 4);
  }

  /** plotly.js reads a little HTML in texts; ours are plain. */
  private static String markup(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  /** The place of the chart, in which the static picture stands until the script has run. */
  static String frame(Chart chart, String id) {
    if (!ID.matcher(id).matches()) {
      throw new DlacException(
          "the id \"" + id + "\" of a chart is not usable",
          "a letter, then letters, digits, hyphens and underscores",
          "write chart1");
    }
    if (chart instanceof Charts charts) {
      return IntStream.range(0, charts.charts().size())
          .mapToObj(i -> frame(charts.charts().get(i), id + "-" + (i + 1)))
          .collect(
              Collectors.joining(
                  "\n",
                  charts.title().isBlank()
                      ? ""
                      : "<p><b>" + Html.escape(charts.title()) + "</b></p>\n",
                  ""));
    }
    return "<div class=\"dlac-chart\" style=\"overflow-x:auto\">\n<div id=\""
        + id
        + "\" role=\"figure\" aria-label=\""
        + Html.escape(chart.title())
        + "\" style=\"min-width:"
        + (chart instanceof BarChart bars && BarDrawing.scrolls(bars)
            ? (int) Drawing.of(chart).width() + "px"
            : "0")
        + "\">\n"
        + Picture.inline(chart)
        + "</div>\n</div>";
  }

  /** The script that puts the interactive chart in the picture's place. */
  static String start(Chart chart, String id) {
    if (chart instanceof Charts charts) {
      return IntStream.range(0, charts.charts().size())
          .mapToObj(i -> start(charts.charts().get(i), id + "-" + (i + 1)))
          .collect(Collectors.joining("\n"));
    }
    return """
        <script>
        (() => {
          const place = document.getElementById("%s");
          if (!place || !window.Plotly) return;
          const chart = %s;
          const ink = () => getComputedStyle(place).color;
          const colour = () => {
            chart.layout.font.color = ink();
            chart.data.forEach(trace => { if (trace.error_y) trace.error_y.color = ink(); });
            (chart.layout.shapes || []).forEach(shape => { shape.line.color = ink(); });
          };
          colour();
          place.replaceChildren();
          Plotly.newPlot(place, chart.data, chart.layout, chart.config);
          matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
            colour();
            Plotly.react(place, chart.data, chart.layout, chart.config);
          });
        })();
        </script>"""
        .formatted(id, scriptSafe(json(chart)));
  }

  /** Inside a script element, an end tag in a label would end the script. */
  static String scriptSafe(String json) {
    return json.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029");
  }
}
