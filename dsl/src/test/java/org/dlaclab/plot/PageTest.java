package org.dlaclab.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.dlaclab.error.DlacException;
import org.dlaclab.table.Columns;
import org.dlaclab.table.Listing;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PageTest {
  private static final BarChart CHART = RandomCharts.of(3, 23, 2, false);

  private static final Listing LISTING =
      new Listing(
          "Layers",
          Columns.table("t", Columns.text("layer", List.of("conv<1>"), name -> name)),
          false);

  private static List<Section> sections() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("seed", "42");
    facts.put("network <x>", "a & b");
    return List.of(
        new Section("Experiment", new Block.Text("One.\n\nTwo <i>."), new Block.Facts(facts)),
        new Section("Charts & more", CHART, RandomCharts.of(4, 6, 5, true)),
        new Section("Layers", new Block.Rows(LISTING)),
        new Section("Program", new Block.Code("var x = y < 3;\n  x;")));
  }

  @Test
  void aPageShowsEachBlockAsItIs() {
    String html = Page.html("Run <1>", sections());
    assertThat(html)
        .startsWith("<!DOCTYPE html>")
        .contains("<title>Run &lt;1&gt;</title>", "<h1>Run &lt;1&gt;</h1>")
        .contains("<p>One.</p>\n<p>Two &lt;i&gt;.</p>")
        .contains("<dt>seed</dt><dd>42</dd>\n<dt>network &lt;x&gt;</dt><dd>a &amp; b</dd>")
        .contains("<h2>Charts &amp; more</h2>")
        .contains("<pre><code>var x = y &lt; 3;\n  x;</code></pre>")
        .contains(LISTING.html())
        .contains("<div id=\"chart-1\"", "<div id=\"chart-2\"")
        .contains("prefers-color-scheme: dark");
  }

  @Test
  void everyTagThatOpensCloses() {
    String html = withoutScripts(Page.html("t", sections()));
    for (String tag : List.of("html", "main", "section", "div", "table", "svg", "dl", "style")) {
      assertThat(count(html, "<" + tag + "[ >]")).as(tag).isEqualTo(count(html, "</" + tag + ">"));
    }
  }

  @Test
  void thePlottingScriptComesOnceAndBeforeTheCharts() {
    String html = Page.html("t", sections());
    int bundle = html.indexOf(Plotly.script());
    assertThat(bundle).isPositive();
    assertThat(html.indexOf(Plotly.script(), bundle + 1)).isNegative();
    assertThat(html.indexOf("Plotly.newPlot(place")).isGreaterThan(bundle);
    assertThat(count(html, "Plotly\\.newPlot\\(place")).isEqualTo(2);
    assertThat(Page.html("t", List.of(new Section("No chart"))).length()).isLessThan(10_000);
  }

  @Test
  void withoutScriptTheStaticPicturesShow() {
    String html = withoutScripts(Page.html("t", sections()));
    assertThat(count(html, "<svg ")).isEqualTo(2);
    CHART.categories().forEach(c -> assertThat(html).contains(">" + c + "</text>"));
  }

  @Test
  void nothingIsAskedOfAnotherMachine() {
    for (String html : List.of(Page.html("t", sections()), CHART.html())) {
      String own = html.replace(Plotly.script(), "");
      assertThat(own.length()).isLessThan(html.length());
      assertThat(own.replace("http://www.w3.org/2000/svg", ""))
          .doesNotContainPattern("(?i)(https?:)?//[a-z0-9]")
          .doesNotContainPattern("(?i)@import|url\\(|<link|<img|<iframe");
      Matcher source = Pattern.compile("(?i)\\s(src|href)\\s*=\\s*\"([^\"]*)\"").matcher(own);
      while (source.find()) {
        assertThat(source.group(2)).startsWith("#");
      }
    }
    assertThat(Plotly.script()).startsWith("<script>").doesNotContain(" src=\"http");
  }

  @Test
  void aLabelCannotEndTheScript() {
    BarChart chart =
        new BarChart(
            "</script><b>", "", "", List.of("</script>"), List.of(new Series("<!--", 1)), false);
    String fragment = chart.fragment("c");
    assertThat(count(fragment, "</script>")).isEqualTo(1);
    assertThat(fragment).endsWith("</script>").doesNotContain("<!--");
  }

  @Test
  void contentsComeWithMoreThanThreeSections() {
    assertThat(Page.html("t", sections()))
        .contains("<nav")
        .contains("<a href=\"#section-2\">Charts &amp; more</a>", "<section id=\"section-2\">");
    assertThat(Page.html("t", sections().subList(0, 3))).doesNotContain("<nav");
  }

  @Test
  void isSavedAsHtmlOnly(@TempDir Path folder) {
    Path file = Page.save(folder.resolve("run.html"), "t", sections());
    assertThat(file).hasContent(Page.html("t", sections()));
    assertThatThrownBy(() -> Page.save(folder.resolve("run.pdf"), "t", sections()))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining(".html");
  }

  private static String withoutScripts(String html) {
    return html.replace(Plotly.script(), "").replaceAll("(?s)<script>.*?</script>", "");
  }

  private static long count(String text, String pattern) {
    return Pattern.compile(pattern).matcher(text).results().count();
  }
}
