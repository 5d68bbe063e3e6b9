package org.dlaclab.plot;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.dlaclab.error.DlacException;
import org.dlaclab.table.Html;
import tech.tablesaw.plotly.components.Axis;
import tech.tablesaw.plotly.components.Config;
import tech.tablesaw.plotly.components.Figure;
import tech.tablesaw.plotly.components.Layout;
import tech.tablesaw.plotly.components.Marker;
import tech.tablesaw.plotly.traces.BarTrace;

/** Interactive charts that need no network. */
public final class Plotly {
  private static final String BUNDLE = "plotly-cartesian-2.35.3.min.js";
  private static final Pattern ID = Pattern.compile("[A-Za-z][A-Za-z0-9_-]*");

  /** Readable on white and on black, until the page's own text colour takes its place. */
  private static final String NEUTRAL = "#7a828c";

  private static final String GRID = "rgba(128,128,128,0.25)";

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
            .showLegend(hasLegend(chart))
            .height((int) Math.ceil(Picture.height(chart)))
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

  static boolean hasLegend(BarChart chart) {
    return chart.series().size() > 1 || chart.stacked();
  }

  static String json(BarChart chart) {
    return PlotlyJson.write(tree(chart));
  }

  /** The figure, and what tablesaw cannot say: intervals, the reference line, and the looks. */
  private static ObjectNode tree(BarChart chart) {
    ObjectNode tree = PlotlyJson.tree(figure(chart));
    ArrayNode data = tree.withArray("data");
    for (int s = 0; s < data.size(); s++) {
      trace((ObjectNode) data.get(s), chart, chart.series().get(s));
    }
    ObjectNode layout = (ObjectNode) tree.get("layout");
    layout.put("paper_bgcolor", "rgba(0,0,0,0)").put("plot_bgcolor", "rgba(0,0,0,0)");
    layout.put("barmode", chart.stacked() ? "stack" : "group");
    layout.put("bargap", 0.24).put("bargroupgap", 0.03).remove("width");
    layout.put("hovermode", chart.series().size() > 1 ? "x unified" : "x");
    layout.putObject("hoverlabel").put("namelength", -1);
    layout.putObject("modebar").put("bgcolor", "rgba(0,0,0,0)").put("color", NEUTRAL);
    ObjectNode config = (ObjectNode) tree.get("config");
    config.putArray("modeBarButtonsToRemove").add("select2d").add("lasso2d").add("autoScale2d");
    ObjectNode font = layout.putObject("font");
    font.put("color", NEUTRAL).put("size", 12);
    font.put("family", Picture.FONTS.replace("'", ""));
    boolean subtitle = !chart.subtitle().isBlank();
    ObjectNode title = layout.putObject("title");
    title.put("text", "<b>" + markup(chart.title()) + "</b>");
    title.put("x", 0).put("xanchor", "left").put("y", 1).put("yanchor", "top");
    title.put("xref", "paper").put("yref", "container").putObject("pad").put("t", 16);
    title.putObject("font").put("size", 17);
    if (subtitle) {
      ObjectNode below = title.putObject("subtitle");
      below.put("text", markup(chart.subtitle()).replace("\n", "<br>"));
      below.putObject("font").put("size", 13);
    }
    long extra = chart.subtitle().lines().skip(1).count() + chart.title().lines().skip(1).count();
    ObjectNode margin = layout.putObject("margin");
    margin.put("t", 48 + (subtitle ? 24 : 0) + 20 * extra + (hasLegend(chart) ? 30 : 0));
    margin.put("l", 64).put("r", chart.reference() == null ? 24 : 56).put("b", 40);
    ObjectNode legend = layout.putObject("legend");
    legend.put("orientation", "h").put("traceorder", "normal");
    legend.put("x", 0).put("xanchor", "left").put("y", 1).put("yanchor", "bottom");
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

  private static void trace(ObjectNode trace, BarChart chart, Series series) {
    trace.put("yhoverformat", chart.top() >= 10_000 ? ",.0f" : ",.4~r");
    if (chart.series().size() == 1 && !chart.stacked()) {
      trace.put("hoverinfo", "x+y");
    }
    if (series.low() != null && series.high() != null) {
      ObjectNode error = trace.putObject("error_y");
      error.put("type", "data").put("symmetric", false);
      error.put("thickness", 1.3).put("width", 3).put("color", NEUTRAL);
      ArrayNode above = error.putArray("array");
      ArrayNode below = error.putArray("arrayminus");
      for (int c = 0; c < series.values().size(); c++) {
        above.add(series.high().get(c) - series.values().get(c));
        below.add(series.values().get(c) - series.low().get(c));
      }
    }
  }

  private static void categoryAxis(ObjectNode axis, BarChart chart) {
    Picture.Labels labels = Picture.labels(chart);
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
  static String frame(BarChart chart, String id) {
    if (!ID.matcher(id).matches()) {
      throw new DlacException(
          "the id \"" + id + "\" of a chart is not usable",
          "a letter, then letters, digits, hyphens and underscores",
          "write chart1");
    }
    return "<div class=\"dlac-chart\" style=\"overflow-x:auto\">\n<div id=\""
        + id
        + "\" role=\"figure\" aria-label=\""
        + Html.escape(chart.title())
        + "\" style=\"min-width:"
        + (Picture.scrolls(chart) ? (int) Picture.width(chart) + "px" : "0")
        + "\">\n"
        + Picture.inline(chart)
        + "</div>\n</div>";
  }

  /** The script that puts the interactive chart in the picture's place. */
  static String start(BarChart chart, String id) {
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
  private static String scriptSafe(String json) {
    return json.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029");
  }
}
