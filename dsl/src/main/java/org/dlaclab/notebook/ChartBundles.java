package org.dlaclab.notebook;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.dlaclab.error.DlacException;
import org.dlaclab.kernel.display.Bundle;
import org.dlaclab.kernel.display.Script;
import org.dlaclab.plot.Chart;
import org.dlaclab.plot.Charts;
import org.dlaclab.plot.FigurePicture;
import org.dlaclab.plot.Film;
import org.dlaclab.plot.Plotly;
import org.dlaclab.plot.PlotlyJson;
import org.dlaclab.table.Html;
import org.jspecify.annotations.Nullable;
import tech.tablesaw.plotly.components.Figure;

/**
 * Charts in every form that a front end may show: as JSON for those with plotly of their own, as
 * HTML that is a picture until plotly has drawn in its place, as that picture alone, and as text.
 */
final class ChartBundles {
  /** plotly.js, which the notebook stores once. */
  static final Script LIBRARY =
      new Script(
          Plotly.NAME,
          () -> DlacDisplays.resource("library.js").replace("$SOURCE", Plotly.source()));

  /** What the bundle of plotly.js that we have can draw. */
  private static final Set<String> DRAWN =
      Set.of(
          "bar",
          "box",
          "contour",
          "heatmap",
          "histogram",
          "histogram2d",
          "histogram2dcontour",
          "pie",
          "scatter",
          "violin");

  /** A figure of more characters is a burden to every page that shows it. */
  private static final int MOST_INTERACTIVE = 8_000_000;

  /** A figure of more characters is in the notebook once, not twice. */
  private static final int MOST_TWICE = 1_000_000;

  private static final int WIDE = 1000;
  private static final ObjectMapper JSON = new ObjectMapper();

  private ChartBundles() {}

  static Bundle chart(Chart chart) {
    if (chart instanceof Charts charts) {
      return charts(charts);
    }
    BufferedImage picture = picture(chart);
    String instead = picture == null ? inline(chart) : "";
    return bundle(chart.toString(), chart.title(), chart.json(), picture, instead, true);
  }

  /** Each chart by itself in HTML, and all in one picture. */
  private static Bundle charts(Charts charts) {
    List<Bundle> parts = charts.charts().stream().map(ChartBundles::chart).toList();
    String title =
        charts.title().isBlank() ? "" : "<p><b>" + Html.escape(charts.title()) + "</b></p>\n";
    Bundle bundle =
        Bundle.text(charts.toString())
            .with(
                "text/html",
                parts.stream()
                    .map(part -> String.valueOf(part.data().get("text/html")))
                    .collect(Collectors.joining("\n", title, "")));
    BufferedImage picture = picture(charts);
    if (picture != null) {
      bundle = Pictures.with(bundle, Pictures.base64(picture), picture, FigurePicture.SCALE);
    }
    Set<Script> scripts = new LinkedHashSet<>();
    parts.forEach(part -> scripts.addAll(part.scripts()));
    for (Script script : scripts) {
      bundle = bundle.needs(script);
    }
    return bundle;
  }

  /** A film with its player, as a picture of one frame, and as text. */
  static Bundle film(Film film) {
    BufferedImage picture = null;
    try {
      picture = film.image();
    } catch (DlacException e) {
      // A JDK without fonts: the picture is drawn by the browser.
    }
    String id = UUID.randomUUID().toString();
    Bundle bundle = Bundle.text(film.toString());
    if (picture == null) {
      return bundle.with("text/html", film.fragment(id, bare(film.svg())));
    }
    String base64 = Pictures.base64(picture);
    String still = Pictures.html(base64, picture, FigurePicture.SCALE, film.title());
    return Pictures.with(
        bundle.with("text/html", film.fragment(id, still)), base64, picture, FigurePicture.SCALE);
  }

  /** The chart as a picture alone: drawn in no time, and without a flicker where it is replaced. */
  static Bundle still(Chart chart) {
    BufferedImage picture = picture(chart);
    if (picture == null) {
      return Bundle.text(chart.toString()).with("text/html", inline(chart));
    }
    String base64 = Pictures.base64(picture);
    String html = Pictures.html(base64, picture, FigurePicture.SCALE, chart.title());
    return Pictures.with(
        Bundle.text(chart.toString()).with("text/html", html),
        base64,
        picture,
        FigurePicture.SCALE);
  }

  /** Nothing on a JDK without fonts. */
  private static @Nullable BufferedImage picture(Chart chart) {
    try {
      return chart.image();
    } catch (DlacException e) {
      return null;
    }
  }

  private static String inline(Chart chart) {
    return bare(chart.svg());
  }

  /** The element without what only a file needs. */
  private static String bare(String svg) {
    return svg.replaceFirst("^<\\?xml.*\\?>\\s*", "");
  }

  static Bundle figure(Figure figure) {
    String json = PlotlyJson.of(figure);
    JsonNode tree = tree(json);
    String title = tree.path("layout").path("title").path("text").asText("Figure");
    String text = describe(title, tree.path("data"));
    BufferedImage picture = null;
    String missing = "no picture: only plotly can draw this figure";
    try {
      picture = FigurePicture.of(figure).orElse(null);
    } catch (DlacException e) {
      missing = "no picture: " + e.getMessage();
    }
    if (picture == null) {
      text += "\n  (" + missing + ")";
    }
    String instead =
        text.lines().map(Html::escape).collect(Collectors.joining("<br>\n", "<p>", "</p>"));
    ObjectNode layout = (ObjectNode) tree.get("layout");
    layout.remove("width");
    return bundle(text, title, tree.toString(), picture, instead, false);
  }

  /** The title, and what is drawn of how many points. */
  private static String describe(String title, JsonNode traces) {
    List<String> parts = new ArrayList<>();
    for (JsonNode trace : traces) {
      String name = trace.path("name").asText("");
      int points =
          Math.max(
              trace.path("values").size(),
              Math.max(trace.path("x").size(), trace.path("y").size()));
      String kind = trace.path("type").asText("scatter");
      parts.add(
          String.format(
              Locale.ROOT,
              "%s%s of %,d %s",
              name.isBlank() ? "" : name + ": ",
              kind,
              trace.has("z") && !kind.equals("scatter3d") ? trace.path("z").size() : points,
              trace.has("z") && !kind.equals("scatter3d") ? "rows" : "points"));
    }
    return title + "\n  " + String.join("\n  ", parts);
  }

  /**
   * All forms.
   *
   * @param instead HTML where there is no picture
   * @param themed whether all colours of the figure but those of its data are those of the page
   */
  private static Bundle bundle(
      String text,
      String title,
      String json,
      @Nullable BufferedImage picture,
      String instead,
      boolean themed) {
    JsonNode tree = tree(json);
    boolean interactive = json.length() <= MOST_INTERACTIVE && isDrawn(tree.path("data"));
    Bundle bundle = Bundle.text(text);
    if (json.length() <= (interactive ? MOST_TWICE : MOST_INTERACTIVE)) {
      bundle =
          bundle.with(
              "application/vnd.plotly.v1+json",
              JSON.convertValue(tree, new TypeReference<Map<String, Object>>() {}));
    }
    String base64 = picture == null ? "" : Pictures.base64(picture);
    String shown =
        picture == null ? instead : Pictures.html(base64, picture, FigurePicture.SCALE, title);
    int width = picture == null ? 0 : picture.getWidth() / FigurePicture.SCALE;
    bundle = bundle.with("text/html", interactive ? html(shown, json, width, themed) : shown);
    if (picture != null) {
      bundle = Pictures.with(bundle, base64, picture, FigurePicture.SCALE);
    }
    return interactive ? bundle.needs(LIBRARY) : bundle;
  }

  private static boolean isDrawn(JsonNode traces) {
    for (JsonNode trace : traces) {
      if (!DRAWN.contains(trace.path("type").asText("scatter"))) {
        return false;
      }
    }
    return true;
  }

  private static String html(String shown, String json, int width, boolean themed) {
    String id = UUID.randomUUID().toString();
    String script =
        DlacDisplays.resource("figure.js")
            .replaceFirst("^//.*\\R", "")
            .replace("$ID", id)
            .replace("$THEMED", String.valueOf(themed))
            .replace("$COLORS", colors())
            // Last, since its labels may hold any of these words.
            .replace("$FIGURE", scriptSafe(json));
    return "<div class=\"dlac-chart\" style=\"overflow-x:auto\">\n<div data-dlac-figure=\""
        + id
        + "\""
        + (width > WIDE ? " style=\"min-width:" + width + "px\"" : "")
        + ">\n"
        + shown
        + "\n</div>\n</div>\n<script>\n"
        + script
        + "</script>";
  }

  private static String colors() {
    return JSON.valueToTree(Plotly.colors()).toString();
  }

  /** Inside a script element, an end tag in a label would end the script. */
  private static String scriptSafe(String json) {
    return json.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029");
  }

  private static JsonNode tree(String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("what was written as JSON can be read", e);
    }
  }
}
