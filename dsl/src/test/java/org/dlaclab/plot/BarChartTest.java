package org.dlaclab.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.dlaclab.error.DlacException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tech.tablesaw.plotly.traces.BarTrace;

class BarChartTest {
  private static final BarChart SPEEDUP =
      new BarChart(
              "Speedup per layer",
              "LeNet-5",
              "speedup",
              List.of("1", "2"),
              List.of(
                  new Series("both", List.of(2.0, 4.0), List.of(1.9, 3.5), List.of(2.2, 4.1)),
                  new Series("weights", 1.5, 1.25)),
              false)
          .withReference(1);

  @Test
  void theJsonIsWhatPlotlyOfTodayReads() throws Exception {
    JsonNode json = new ObjectMapper().readTree(SPEEDUP.json());
    JsonNode layout = json.get("layout");
    assertThat(layout.at("/title/text").textValue()).isEqualTo("<b>Speedup per layer</b>");
    assertThat(layout.at("/title/subtitle/text").textValue()).isEqualTo("LeNet-5");
    assertThat(layout.at("/yaxis/title/text").textValue()).isEqualTo("speedup");
    // Layer names may be digits: the axis must not count them.
    assertThat(layout.at("/xaxis/type").textValue()).isEqualTo("category");
    assertThat(layout.at("/barmode").textValue()).isEqualTo("group");
    assertThat(layout.at("/shapes/0/y0").doubleValue()).isEqualTo(1);
    JsonNode first = json.at("/data/0");
    assertThat(first.get("name").textValue()).isEqualTo("both");
    assertThat(first.get("x")).allMatch(JsonNode::isTextual);
    assertThat(first.get("y")).allMatch(JsonNode::isNumber);
    assertThat(first.at("/y/1").doubleValue()).isEqualTo(4);
    assertThat(first.at("/error_y/array/0").doubleValue()).isEqualTo(2.2 - 2.0);
    assertThat(first.at("/error_y/arrayminus/1").doubleValue()).isEqualTo(0.5);
    assertThat(json.at("/data/1").has("error_y")).isFalse();
    assertThat(json.at("/config/responsive").booleanValue()).isTrue();
  }

  @ParameterizedTest(name = "{0} categories, {1} series, stacked {2}")
  @CsvSource({"1,1,false", "23,2,false", "60,4,true", "156,5,true", "400,1,false"})
  void theJsonHoldsEveryValue(int categories, int series, boolean stacked) throws Exception {
    BarChart chart = RandomCharts.of(categories, categories, series, stacked);
    JsonNode json = new ObjectMapper().readTree(chart.json());
    assertThat(json.at("/layout/barmode").textValue()).isEqualTo(stacked ? "stack" : "group");
    for (int s = 0; s < series; s++) {
      for (int c = 0; c < categories; c++) {
        assertThat(json.at("/data/" + s + "/y/" + c).doubleValue())
            .isEqualTo(chart.series().get(s).values().get(c));
        assertThat(json.at("/data/" + s + "/x/" + c).textValue())
            .isEqualTo(chart.categories().get(c));
      }
    }
    assertThat(json.at("/layout/shapes").isMissingNode()).isEqualTo(chart.reference() == null);
  }

  @Test
  void theFigureIsTablesaws() {
    assertThat(SPEEDUP.figure().getTraces()).hasSize(2).allMatch(t -> t instanceof BarTrace);
    assertThat(SPEEDUP.figure().getLayout().getTitle()).isEqualTo("Speedup per layer");
  }

  @ParameterizedTest
  @ValueSource(strings = {"svg", "html", "json", "txt"})
  void savesTheFormOfTheEnding(String ending, @TempDir Path folder) {
    String expected =
        switch (ending) {
          case "svg" -> SPEEDUP.svg();
          case "html" -> SPEEDUP.html();
          case "json" -> SPEEDUP.json();
          default -> SPEEDUP + "\n";
        };
    assertThat(SPEEDUP.save(folder.resolve("chart." + ending).toString())).hasContent(expected);
  }

  @Test
  void savesPixels(@TempDir Path folder) {
    assertThat(SPEEDUP.save(folder.resolve("chart.png"))).hasBinaryContent(SPEEDUP.png());
    assertThatThrownBy(() -> SPEEDUP.save(folder.resolve("chart.gif")))
        .isInstanceOf(DlacException.class)
        .hasMessageContainingAll(".gif", ".html, .json, .png, .svg, .txt");
  }

  @Test
  void noFormDependsOnTheLocale() {
    Locale before = Locale.getDefault();
    List<String> english = List.of(SPEEDUP.svg(), SPEEDUP.json(), SPEEDUP.toString());
    try {
      Locale.setDefault(Locale.GERMANY);
      assertThat(List.of(SPEEDUP.svg(), SPEEDUP.json(), SPEEDUP.toString())).isEqualTo(english);
      Locale.setDefault(new Locale("ar", "EG"));
      assertThat(List.of(SPEEDUP.svg(), SPEEDUP.json(), SPEEDUP.toString())).isEqualTo(english);
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void listsGivenInAreCopied() {
    List<Double> values = new java.util.ArrayList<>(List.of(1.0, 2.0));
    Series series = new Series("s", values);
    values.set(0, 9.0);
    assertThat(series.values()).containsExactly(1.0, 2.0);
    assertThatThrownBy(() -> series.values().set(0, 9.0))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.POSITIVE_INFINITY, -1})
  void refusesValuesThatNoBarShowsAndSaysWhere(double value) {
    assertThatThrownBy(() -> chart(List.of("a", "conv7"), new Series("both", 1, value)))
        .isInstanceOf(DlacException.class)
        .hasMessageContainingAll("series \"both\"", "category \"conv7\"", " is " + value);
    assertThatThrownBy(() -> SPEEDUP.withReference(value))
        .isInstanceOf(DlacException.class)
        .hasMessageContainingAll("reference", " is " + value);
  }

  /** Not a number is not zero: it has no bar, no value, and no part in the axis. */
  @Test
  void aGapBetweenBarsIsShownAsOne() throws Exception {
    Series gap =
        new Series(
            "gap", List.of(Double.NaN, 3.0), List.of(Double.NaN, 2.5), List.of(Double.NaN, 3.5));
    BarChart chart = chart(List.of("a", "b"), new Series("full", 1, 2), gap);
    JsonNode trace = new ObjectMapper().readTree(chart.json()).at("/data/1");
    assertThat(trace.at("/y/0").isNull()).isTrue();
    assertThat(trace.at("/y/1").doubleValue()).isEqualTo(3);
    assertThat(trace.at("/error_y/array/0").isNull()).isTrue();
    assertThat(trace.at("/error_y/array/1").doubleValue()).isEqualTo(0.5);
    assertThat(chart.top()).isEqualTo(3.5);
    assertThat(chart.toString().lines().filter(line -> line.endsWith(" -"))).hasSize(1);
    assertThat(chart.svg()).doesNotContain("NaN");
    assertThatThrownBy(
            () ->
                new BarChart("t", "", "", List.of("a"), List.of(new Series("s", Double.NaN)), true))
        .isInstanceOf(DlacException.class)
        .hasMessageContainingAll("series \"s\"", "is NaN");
    assertThatThrownBy(() -> SPEEDUP.withReference(Double.NaN)).isInstanceOf(DlacException.class);
  }

  @Test
  void refusesWhatDoesNotFitTogether() {
    Series two = new Series("both", 1, 2);
    assertThatThrownBy(() -> chart(List.of("a", "b", "c"), two))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("series \"both\" has 2 values for 3 categories");
    assertThatThrownBy(() -> chart(List.of()))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("has no categories");
    assertThatThrownBy(() -> chart(List.of("a")))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("has no series");
    assertThatThrownBy(() -> chart(List.of("a", "a"), two))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("category \"a\" comes twice");
    assertThatThrownBy(() -> chart(List.of("a", "b"), two, two))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("series \"both\" comes twice");
    assertThatThrownBy(
            () -> chart(List.of("a"), new Series("s", List.of(3.0), List.of(1.0), List.of(2.0))))
        .isInstanceOf(DlacException.class)
        .hasMessageContainingAll("category \"a\"", "3.0 outside its interval 1.0 to 2.0");
    assertThatThrownBy(() -> new Series("s", List.of(3.0), List.of(1.0), null))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("only the lower ends");
    assertThatThrownBy(() -> new Series("s", List.of(3.0), List.of(1.0), List.of(4.0, 5.0)))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("1 values, but 2 high");
    assertThatThrownBy(() -> new BarChart("t", "", "", List.of("a", "b"), SPEEDUP.series(), true))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("intervals, but the chart is stacked");
    assertThatThrownBy(() -> SPEEDUP.fragment("x\"><script>"))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("the id");
  }

  private static BarChart chart(List<String> categories, Series... series) {
    return new BarChart("t", "", "", categories, List.of(series), false);
  }
}
