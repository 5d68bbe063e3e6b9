package org.dlaclab.plot;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tech.tablesaw.api.DateColumn;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.plotly.components.Axis;
import tech.tablesaw.plotly.components.ColorBar;
import tech.tablesaw.plotly.components.Config;
import tech.tablesaw.plotly.components.Figure;
import tech.tablesaw.plotly.components.Font;
import tech.tablesaw.plotly.components.Layout;
import tech.tablesaw.plotly.components.Margin;
import tech.tablesaw.plotly.components.Marker;
import tech.tablesaw.plotly.components.TickSettings;
import tech.tablesaw.plotly.components.threeD.Scene;
import tech.tablesaw.plotly.traces.BarTrace;
import tech.tablesaw.plotly.traces.BoxTrace;
import tech.tablesaw.plotly.traces.ContourTrace;
import tech.tablesaw.plotly.traces.HeatmapTrace;
import tech.tablesaw.plotly.traces.Histogram2DTrace;
import tech.tablesaw.plotly.traces.HistogramTrace;
import tech.tablesaw.plotly.traces.PieTrace;
import tech.tablesaw.plotly.traces.Scatter3DTrace;
import tech.tablesaw.plotly.traces.ScatterTrace;
import tech.tablesaw.plotly.traces.Trace;
import tech.tablesaw.plotly.traces.ViolinTrace;

class PlotlyJsonTest {
  private static final double[] NUMBERS = {1, 2.5, Double.NaN};

  private static JsonNode json(Figure figure) {
    try {
      return new ObjectMapper().readTree(PlotlyJson.of(figure));
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  static List<Trace> traces() {
    double[][] z = {{1, 2}, {3, 4}};
    Object[] names = {"a", "b"};
    return List.of(
        BarTrace.builder(new String[] {"a", "b", "c"}, NUMBERS).build(),
        ScatterTrace.builder(NUMBERS, NUMBERS).mode(ScatterTrace.Mode.LINE_AND_MARKERS).build(),
        Scatter3DTrace.builder(NUMBERS, NUMBERS, NUMBERS).build(),
        HistogramTrace.builder(NUMBERS).build(),
        Histogram2DTrace.builder(NUMBERS, NUMBERS).build(),
        BoxTrace.builder(new String[] {"a", "b", "c"}, NUMBERS).build(),
        ViolinTrace.builder(new Object[] {"a", "b", "c"}, NUMBERS).boxPlot(true).build(),
        HeatmapTrace.builder(names, names, z).build(),
        ContourTrace.builder(names, names, z).build(),
        PieTrace.builder(names, new double[] {1, 2}).build());
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("traces")
  void everyTraceBecomesStrictJsonWithTitlesAsObjects(Trace trace) {
    JsonNode json = json(new Figure(Layout.builder("Title", "x title", "y title").build(), trace));
    assertThat(json.at("/layout/title/text").textValue()).isEqualTo("Title");
    assertThat(json.at("/layout/xaxis/title/text").textValue()).isEqualTo("x title");
    assertThat(json.at("/layout/yaxis/title/text").textValue()).isEqualTo("y title");
    assertThat(json.at("/data/0/type").isTextual()).isTrue();
    assertThat(json.findValues("title")).allMatch(JsonNode::isObject);
    for (String key : List.of("z", "values")) {
      json.findValues(key).forEach(v -> assertThat(leaves(v)).allMatch(PlotlyJsonTest::isNumeric));
    }
  }

  private static boolean isNumeric(JsonNode node) {
    return node.isNumber() || node.isNull();
  }

  private static List<JsonNode> leaves(JsonNode node) {
    List<JsonNode> leaves = new ArrayList<>();
    if (node.isArray()) {
      node.forEach(child -> leaves.addAll(leaves(child)));
    } else {
      leaves.add(node);
    }
    return leaves;
  }

  @Test
  void scattersAndHistogramsHaveNumbersThoughTablesawQuotesThem() {
    JsonNode scatter =
        json(
            new Figure(
                ScatterTrace.builder(new double[] {1, 2.5}, new double[] {-1e-7, 3}).build()));
    assertThat(scatter.at("/data/0/x").toString()).isEqualTo("[1.0,2.5]");
    assertThat(scatter.at("/data/0/y").toString()).isEqualTo("[-1.0E-7,3.0]");
    JsonNode histogram = json(new Figure(HistogramTrace.builder(new double[] {1, 2, 2}).build()));
    assertThat(histogram.at("/data/0/x").toString()).isEqualTo("[1.0,2.0,2.0]");
    assertThat(histogram.at("/data/0/opacity").isNumber()).isTrue();
  }

  @Test
  void namesStayNamesEvenIfTheyAreDigits() {
    String[] depths = {"18", "34", "50"};
    double[] values = {1, 2, 3};
    assertThat(json(new Figure(BarTrace.builder(depths, values).build())).at("/data/0/x"))
        .allMatch(JsonNode::isTextual);
    assertThat(json(new Figure(BoxTrace.builder(depths, values).build())).at("/data/0/x"))
        .allMatch(JsonNode::isTextual);
    assertThat(json(new Figure(PieTrace.builder(depths, values).build())).at("/data/0/labels"))
        .allMatch(JsonNode::isTextual);
    JsonNode scatter = json(new Figure(ScatterTrace.builder(values, values).text(depths).build()));
    assertThat(scatter.at("/data/0/text")).allMatch(JsonNode::isTextual);
    JsonNode mixed =
        json(
            new Figure(
                ScatterTrace.builder(
                        DateColumn.create(
                            "day", LocalDate.of(2026, 11, 1), LocalDate.of(2026, 11, 2)),
                        DoubleColumn.create("v", 1, 2))
                    .build()));
    assertThat(mixed.at("/data/0/x/0").textValue()).isEqualTo("2026-11-01");
    assertThat(mixed.at("/data/0/y/1").doubleValue()).isEqualTo(2);
  }

  @Test
  void settingsAreCarriedOverInTodaysSpelling() {
    Axis x =
        Axis.builder()
            .title("A")
            .titleFont(Font.builder().size(12).build())
            .tickSettings(
                TickSettings.builder()
                    .arrayTicks(new double[] {1, 2}, new String[] {"1", "two"})
                    .showExponent(TickSettings.DisplayRules.NONE)
                    .build())
            .autoRange(Axis.AutoRange.FALSE)
            .range(1.0, 2.0)
            .build();
    Axis y =
        Axis.builder()
            .title("B")
            .tickSettings(TickSettings.builder().dTick(0.25).nTicks(4).build())
            .build();
    Layout layout =
        Layout.builder("T")
            .titleFont(Font.builder().size(20).build())
            .xAxis(x)
            .yAxis(y)
            .margin(Margin.builder().top(3).build())
            .build();
    Marker marker =
        Marker.builder()
            .color(new double[] {1, 2})
            .colorScale(Marker.Palette.VIRIDIS)
            .colorBar(ColorBar.builder().build())
            .build();
    Config config = Config.builder().responsive(true).displayModeBar(false).build();
    JsonNode json =
        json(
            new Figure(
                layout,
                config,
                ScatterTrace.builder(new double[] {1, 2}, new double[] {1, 2})
                    .marker(marker)
                    .opacity(0.5)
                    .visible(ScatterTrace.Visibility.FALSE)
                    .build()));
    assertThat(json.at("/layout/title/font/size").intValue()).isEqualTo(20);
    assertThat(json.at("/layout/xaxis/title/font/size").intValue()).isEqualTo(12);
    assertThat(json.at("/layout/xaxis/title/text").textValue()).isEqualTo("A");
    assertThat(json.at("/layout/xaxis/range").toString()).isEqualTo("[1.0,2.0]");
    assertThat(json.at("/layout/xaxis/autorange").isBoolean()).isTrue();
    assertThat(json.at("/layout/xaxis/tickvals").toString()).isEqualTo("[1.0,2.0]");
    assertThat(json.at("/layout/xaxis/ticktext/0").isTextual()).isTrue();
    assertThat(json.at("/layout/xaxis/showexponent").textValue()).isEqualTo("none");
    assertThat(json.at("/layout/yaxis/dtick").doubleValue()).isEqualTo(0.25);
    assertThat(json.at("/layout/yaxis/nticks").doubleValue()).isEqualTo(4);
    assertThat(json.at("/layout/margin/t").intValue()).isEqualTo(3);
    assertThat(json.at("/data/0/marker/color").toString()).isEqualTo("[1.0,2.0]");
    assertThat(json.at("/data/0/marker/colorscale").textValue()).isEqualTo("Viridis");
    assertThat(json.at("/data/0/opacity").doubleValue()).isEqualTo(0.5);
    assertThat(json.at("/data/0/visible").toString()).isEqualTo("false");
    assertThat(json.at("/config/responsive").booleanValue()).isTrue();
    assertThat(json.toString()).doesNotContain("titlefont", "showExponent");
  }

  @Test
  void settingsThatATraceDoesNotHaveAreLeftOut() {
    Marker marker = Marker.builder().color("#0072B2").build();
    JsonNode bar =
        json(
            new Figure(
                BarTrace.builder(new String[] {"a"}, new double[] {1}).marker(marker).build()));
    assertThat(bar.at("/data/0/marker").toString()).isEqualTo("{\"color\":\"#0072B2\"}");
    JsonNode space = json(new Figure(Scatter3DTrace.builder(NUMBERS, NUMBERS, NUMBERS).build()));
    assertThat(space.at("/data/0").has("xaxis")).isFalse();
  }

  @Test
  void titlesInsideAScene() {
    Axis axis = Axis.builder().title("depth").build();
    Layout layout = Layout.builder("3d").scene(Scene.sceneBuilder().zAxis(axis).build()).build();
    JsonNode json =
        json(new Figure(layout, Scatter3DTrace.builder(NUMBERS, NUMBERS, NUMBERS).build()));
    assertThat(json.at("/layout/scene/zaxis/title/text").textValue()).isEqualTo("depth");
    assertThat(json.at("/data/0/z").toString()).isEqualTo("[1.0,2.5,null]");
  }

  @Test
  void wordsInLabelsAreNotTakenForTheScriptsOwn() {
    String[] names = {"var layout = {", "it's \"x\"", "</script>", "a\\b", "two\nlines", "ü×"};
    double[] values = {1, 2, 3, 4, 5, 6};
    Figure figure =
        new Figure(
            Layout.builder("var trace0 = { \"it's\" & <b>").build(),
            BarTrace.builder(names, values).name("var config = {").build(),
            BarTrace.builder(names, values).name("second").build());
    JsonNode json = json(figure);
    assertThat(json.get("data")).hasSize(2);
    for (int i = 0; i < names.length; i++) {
      assertThat(json.at("/data/0/x/" + i).textValue()).isEqualTo(names[i]);
    }
    assertThat(json.at("/data/0/name").textValue()).isEqualTo("var config = {");
    // The bracket stays escaped, so that plotly shows it instead of obeying it.
    assertThat(json.at("/layout/title/text").textValue())
        .isEqualTo("var trace0 = { \"it's\" & &lt;b&gt;");
  }

  @Test
  void everyTraceIsKeptThoughTablesawGivesContoursOneName() {
    double[][] z = {{1, 2}, {3, 4}};
    Object[] names = {"a", "b"};
    Figure figure =
        new Figure(
            ContourTrace.builder(names, names, z).build(),
            ContourTrace.builder(names, names, z).build());
    assertThat(json(figure).get("data")).hasSize(2);
  }
}
