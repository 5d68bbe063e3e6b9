package org.dlaclab.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.dlaclab.error.DlacException;
import org.dlaclab.plot.LineChart.Axis;
import org.dlaclab.plot.LineChart.Line;
import org.dlaclab.plot.LineChart.Mark;
import org.dlaclab.plot.LineChart.Point;
import org.dlaclab.plot.LineChart.Style;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xml.sax.InputSource;

class LineChartTest {
  private static final double NAN = Double.NaN;

  /** Errors of a training over five epochs, the third not measured. */
  private static final LineChart ERRORS =
      new LineChart(
              "Error <of> lenet5",
              "seeds 1 & 2",
              Axis.linear("epoch"),
              Axis.linear("error in %"),
              Line.of("train", 40, 20, 10, 5, 4),
              new Line(
                  "validation",
                  Style.LINE,
                  List.of(
                      new Point(1, 42, 40, 45),
                      new Point(2, 24, 23, 25),
                      new Point(3, NAN, NAN, NAN),
                      new Point(4, 8, 7, 9),
                      new Point(5, 6, 5, 8))))
          .withMark(2, "to ternary");

  private static final LineChart GRIDS =
      new LineChart(
          "Grids",
          "",
          Axis.log("area in mm²"),
          Axis.log("cycles"),
          new Line(
              "grids",
              Style.MARKERS,
              List.of(new Point(1, 1e6, 9e5, 1.2e6), new Point(10, 2e5), new Point(100, 3e4))));

  private static JsonNode json(LineChart chart) throws Exception {
    return new ObjectMapper().readTree(chart.json());
  }

  private static List<double[]> polylines(String svg) {
    return shapes(svg, "<polyline points=\"([^\"]*)\"");
  }

  private static List<double[]> shapes(String svg, String pattern) {
    List<double[]> found = new ArrayList<>();
    Matcher matcher = Pattern.compile(pattern).matcher(svg);
    while (matcher.find()) {
      found.add(
          Pattern.compile("[ ,]")
              .splitAsStream(matcher.group(1))
              .mapToDouble(Double::parseDouble)
              .toArray());
    }
    return found;
  }

  @Test
  void aPointThatIsNotANumberLeavesAGapInEveryForm() throws Exception {
    // Two swatches of the legend, the whole line, and the two parts of the other one.
    assertThat(polylines(ERRORS.svg()))
        .extracting(p -> p.length / 2)
        .containsExactly(2, 2, 5, 2, 2);
    JsonNode validation = json(ERRORS).at("/data/2");
    assertThat(validation.at("/y/2").isNull()).isTrue();
    assertThat(validation.at("/y/3").doubleValue()).isEqualTo(8);
    assertThat(validation.at("/connectgaps").booleanValue()).isFalse();
  }

  @ParameterizedTest(name = "log x {0}, log y {1}")
  @CsvSource({"false,false", "true,false", "false,true", "true,true"})
  void thePictureIsProportionalOnEveryScale(boolean logX, boolean logY) {
    Random random = new Random(7);
    List<Point> points =
        IntStream.range(0, 40)
            .mapToObj(
                i ->
                    new Point(Math.exp(6 * random.nextDouble()), Math.exp(9 * random.nextDouble())))
            .toList();
    LineChart chart =
        new LineChart(
            "t", "", new Axis("", logX), new Axis("", logY), new Line("l", Style.LINE, points));
    double[] drawn = polylines(chart.svg()).get(0);
    // Any three points fix no more than offset and factor, which must hold for all others.
    for (int coordinate = 0; coordinate < 2; coordinate++) {
      boolean log = coordinate == 0 ? logX : logY;
      int c = coordinate;
      double[] values =
          points.stream()
              .mapToDouble(p -> c == 0 ? p.x() : p.y())
              .map(v -> log ? Math.log(v) : v)
              .toArray();
      int far = 0;
      for (int i = 0; i < values.length; i++) {
        far = Math.abs(values[i] - values[0]) > Math.abs(values[far] - values[0]) ? i : far;
      }
      double factor = (drawn[2 * far + c] - drawn[c]) / (values[far] - values[0]);
      assertThat(c == 0 ? factor : -factor).as("right and up").isPositive();
      for (int i = 0; i < values.length; i++) {
        assertThat(drawn[2 * i + c])
            .isCloseTo(drawn[c] + factor * (values[i] - values[0]), within(0.05));
      }
    }
  }

  @Test
  void intervalsAreABandAroundALineAndBarsAtMarkers() throws Exception {
    List<double[]> bands =
        shapes(ERRORS.svg(), "<polygon points=\"([^\"]*)\" fill=\"#[0-9a-f]*\" fill-opacity");
    assertThat(bands).extracting(p -> p.length / 2).containsExactly(4, 4);
    JsonNode band = json(ERRORS).at("/data/0");
    assertThat(band.at("/fill").textValue()).isEqualTo("toself");
    assertThat(band.at("/showlegend").booleanValue()).isFalse();
    assertThat(band.at("/y").toString()).isEqualTo("[45.0,25.0,23.0,40.0,null,9.0,8.0,5.0,7.0]");
    JsonNode markers = json(GRIDS).at("/data/0");
    assertThat(markers.at("/mode").textValue()).isEqualTo("markers");
    assertThat(markers.at("/error_y/array/0").doubleValue()).isEqualTo(2e5);
    assertThat(markers.at("/error_y/arrayminus/0").doubleValue()).isEqualTo(1e5);
    assertThat(markers.at("/error_y/array/1").isNull()).isTrue();
    assertThat(GRIDS.svg()).doesNotContain("<polyline");
  }

  @Test
  void theJsonIsWhatPlotlyOfTodayReads() throws Exception {
    JsonNode layout = json(ERRORS).get("layout");
    assertThat(layout.at("/title/text").textValue()).isEqualTo("<b>Error &lt;of&gt; lenet5</b>");
    assertThat(layout.at("/xaxis/title/text").textValue()).isEqualTo("epoch");
    assertThat(layout.at("/yaxis/title/text").textValue()).isEqualTo("error in %");
    assertThat(layout.at("/shapes/0/x0").doubleValue()).isEqualTo(2);
    assertThat(layout.at("/annotations/0/text").textValue()).isEqualTo("to ternary");
    JsonNode log = json(GRIDS.withMark(10, "here")).get("layout");
    assertThat(log.at("/yaxis/type").textValue()).isEqualTo("log");
    assertThat(log.at("/yaxis/range/1").doubleValue()).isBetween(Math.log10(1.2e6), 7.0);
    assertThat(log.at("/shapes/0/x0").doubleValue()).isEqualTo(10);
    assertThat(log.at("/annotations/0/x").doubleValue()).isCloseTo(1, within(1e-9));
  }

  @Test
  void theSvgNamesEverything() throws Exception {
    var document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader(ERRORS.svg())));
    var nodes = document.getElementsByTagName("text");
    List<String> texts =
        IntStream.range(0, nodes.getLength())
            .mapToObj(i -> nodes.item(i).getTextContent())
            .toList();
    assertThat(texts)
        .contains(
            "Error <of> lenet5",
            "seeds 1 & 2",
            "epoch",
            "error in %",
            "train",
            "validation",
            "to ternary")
        .contains("1", "2", "3", "4", "5", "0", "10", "40");
    assertThat(document.getElementsByTagName("title").getLength())
        .as("a tip per point")
        .isEqualTo(9);
  }

  @Test
  void thePngShowsEveryLine() {
    BufferedImage image = ERRORS.image();
    for (int line = 0; line < 2; line++) {
      int wanted = Palette.color(line).getRGB();
      boolean found = false;
      for (int y = 0; y < image.getHeight() && !found; y++) {
        for (int x = 0; x < image.getWidth() && !found; x++) {
          found = image.getRGB(x, y) == wanted;
        }
      }
      assertThat(found).as("line " + line).isTrue();
    }
  }

  @Test
  void theTextIsAPlotWithAxesAndLegend() {
    String text =
        new LineChart(
                "Error",
                "",
                Axis.linear("epoch"),
                Axis.linear("error in %"),
                Line.of("train", 100, 50, 0),
                new Line("test", Style.MARKERS, List.of(new Point(2, 80, 60, 100))))
            .withMark(3, "end")
            .text(40);
    assertThat(text)
        .isEqualTo(
            """
            Error
            error in %:  ● train  ○ test  ┊ end (3)
            100 ┤ ●               │              ┊
                │  ●●             │              ┊
                │    ●●           │              ┊
             80 ┤      ●●         ○              ┊
                │        ●●       │              ┊
                │          ●●     │              ┊
             60 ┤            ●●   │              ┊
                │              ●●                ┊
                │                ●●●             ┊
             40 ┤                   ●●           ┊
                │                     ●●         ┊
                │                       ●●       ┊
             20 ┤                         ●●     ┊
                │                           ●●   ┊
                │                             ●● ┊
              0 ┤                               ●●
                └─┬───────────────┬──────────────┬─
                  1               2              3
                              epoch""");
  }

  @ParameterizedTest
  @ValueSource(ints = {40, 63, 100, 200})
  void noLineOfTheTextIsWiderThanTheTerminal(int columns) {
    for (LineChart chart : List.of(ERRORS, GRIDS)) {
      assertThat(chart.text(columns).lines().toList())
          .allSatisfy(line -> assertThat(line.length()).as(line).isLessThanOrEqualTo(columns));
    }
  }

  @Test
  void nothingToShowYetIsAnEmptyPlot() {
    for (boolean log : List.of(false, true)) {
      LineChart empty =
          new LineChart(
              "t",
              "",
              Axis.linear("epoch"),
              new Axis("loss", log),
              Line.of("l"),
              Line.of("m", NAN, -1.0 / 0));
      assertThat(empty.text(60)).contains("┤");
      assertThat(empty.svg()).contains("<svg").doesNotContain("NaN");
      assertThat(empty.json()).doesNotContain("NaN");
    }
  }

  @Test
  void aLegendOfSeveralRowsPushesThePlotDownAndTakesNothingFromIt() throws Exception {
    Line[] lines =
        IntStream.range(0, 9).mapToObj(i -> Line.of("a long name " + i, 1, 2)).toArray(Line[]::new);
    LineChart few = new LineChart("t", "s", Axis.linear("x"), Axis.linear("y"), lines[0], lines[1]);
    LineChart many = new LineChart("t", "s", Axis.linear("x"), Axis.linear("y"), lines);

    assertThat(Plotly.legendRows(List.of())).isZero();
    assertThat(Plotly.legendRows(few.lines().stream().map(Line::name).toList())).isEqualTo(1);
    int more =
        json(many).at("/layout/margin/t").intValue() - json(few).at("/layout/margin/t").intValue();
    assertThat(more).isPositive();
    assertThat(json(many).at("/layout/height").intValue())
        .isGreaterThanOrEqualTo(json(few).at("/layout/height").intValue() + more);
  }

  @Test
  void whatALogarithmicAxisCanNotShowIsAGapUpAndAnErrorAcross() throws Exception {
    LineChart chart =
        new LineChart("t", "", Axis.linear("x"), Axis.log("y"), Line.of("l", 1, 0, 100));
    assertThat(json(chart).at("/data/0/y/1").isNull()).isTrue();
    assertThatThrownBy(() -> new LineChart("t", "", Axis.log("x"), Axis.linear("y"), line(0, 1)))
        .isInstanceOf(DlacException.class)
        .hasMessageContainingAll("line \"l\"", "x of point 1 is 0.0", "logarithmic");
  }

  private static Line line(double x, double y) {
    return new Line("l", Style.LINE, List.of(new Point(x, y)));
  }

  @Test
  void refusesWhatDoesNotFitTogether() {
    Axis axis = Axis.linear("");
    assertThatThrownBy(() -> new LineChart("t", "", axis, axis))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("has no lines");
    assertThatThrownBy(() -> new LineChart("t", "", axis, axis, line(1, 1), line(2, 2)))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("line \"l\" comes twice");
    assertThatThrownBy(() -> new LineChart("t", "", axis, axis, line(NAN, 1)))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("x of point 1 is NaN");
    assertThatThrownBy(() -> ERRORS.withMark(1.0 / 0, "never"))
        .isInstanceOf(DlacException.class)
        .hasMessageContainingAll("mark \"never\"", "Infinity");
    assertThatThrownBy(
            () ->
                new LineChart(
                    "t", "", axis, axis, new Line("l", Style.LINE, List.of(new Point(1, 5, 1, 4)))))
        .isInstanceOf(DlacException.class)
        .hasMessageContainingAll("point 1", "5.0 outside its interval 1.0 to 4.0");
    assertThatThrownBy(() -> Line.of("l", Style.LINE, new double[2], new double[3]))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("2 x, but 3 y");
  }

  @Test
  void labelsOfMarksThatAreNearStandInRows() {
    LineChart chart = ERRORS.withMark(2.1, "raised thresholds").withMark(4.5, "ended");
    assertThat(new LineDrawing(chart, 100, 0).labels())
        .extracting(label -> label.mark().label() + " in " + label.row())
        .containsExactly("to ternary in 0", "raised thresholds in 1", "ended in 0");
  }

  @Test
  void noFormDependsOnTheLocale() {
    Locale before = Locale.getDefault();
    List<String> english = List.of(GRIDS.svg(), GRIDS.json(), GRIDS.toString());
    try {
      Locale.setDefault(new Locale("ar", "EG"));
      assertThat(List.of(GRIDS.svg(), GRIDS.json(), GRIDS.toString())).isEqualTo(english);
    } finally {
      Locale.setDefault(before);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"svg", "png", "html", "json", "txt"})
  void everyFormCanBeSaved(String ending, @TempDir Path folder) {
    for (Chart chart : List.of(ERRORS, new Charts("both", ERRORS, GRIDS))) {
      assertThat(chart.save(folder.resolve("chart." + ending))).isNotEmptyFile();
    }
  }

  @Test
  void chartsStandOneBelowAnotherInEveryForm() throws Exception {
    Charts charts = new Charts("Training", ERRORS, GRIDS);
    assertThat(charts.text(80))
        .isEqualTo("Training\n\n" + ERRORS.text(80) + "\n\n" + GRIDS.text(80));
    JsonNode all = new ObjectMapper().readTree(charts.json());
    assertThat(all.get(1)).isEqualTo(json(GRIDS));
    assertThat(charts.fragment("c"))
        .contains("id=\"c-1\"", "id=\"c-2\"", "getElementById(\"c-2\")");
    // The plots begin at the same place, and the second one lies below the first.
    Drawing first = new LineDrawing(ERRORS, 170, 0);
    assertThat(Drawing.of(charts).height()).isGreaterThan(first.height() * 1.8);
    Matcher groups = Pattern.compile("translate\\(0 ([0-9.]+)\\)").matcher(charts.svg());
    assertThat(groups.find()).isTrue();
    double top = Double.parseDouble(groups.group(1));
    assertThat(groups.find()).isTrue();
    assertThat(Double.parseDouble(groups.group(1))).isCloseTo(top + first.height(), within(1.0));
    assertThatThrownBy(() -> new Charts("none"))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("has no chart");
  }

  @Test
  void aPageShowsChartsOfAllKinds() {
    String page = Page.html("t", List.of(new Section("s", new Charts("both", ERRORS, GRIDS))));
    assertThat(page).contains("chart-1-1", "chart-1-2", "to ternary");
  }

  @ParameterizedTest(name = "{0} to {1}")
  @CsvSource({"0.0001,0.1", "0.9,1.1", "1,1e12", "5,5", "1e-7,1e7", "3,4"})
  void aLogarithmicAxisHoldsItsValuesBetweenAFewTicks(double low, double high) {
    for (boolean tight : List.of(true, false)) {
      Scale scale = Scale.of(Axis.log(""), new double[] {low, high}, 6, tight);
      assertThat(scale.low()).isLessThanOrEqualTo(low);
      assertThat(scale.high()).isGreaterThanOrEqualTo(high);
      assertThat(scale.ticks()).hasSizeBetween(1, 14);
      assertThat(scale.at(Math.sqrt(scale.low() * scale.high()))).isCloseTo(0.5, within(1e-9));
    }
  }

  @ParameterizedTest(name = "{0} to {1}")
  @CsvSource({"0,1", "-3,5", "0.997,0.999", "7,7", "0,0", "-1e-9,1e-9", "1e6,5e9", "-7,-2"})
  void aLinearAxisHoldsItsValuesBetweenAFewTicks(double low, double high) {
    for (boolean tight : List.of(true, false)) {
      Scale scale = Scale.of(Axis.linear(""), new double[] {low, high}, 6, tight);
      assertThat(scale.low()).isLessThanOrEqualTo(low);
      assertThat(scale.high()).isGreaterThanOrEqualTo(high);
      assertThat(scale.ticks()).hasSizeBetween(1, 12);
      assertThat(scale.ticks()).extracting(Numbers.Tick::label).doesNotHaveDuplicates();
    }
  }

  @Test
  void listsGivenInAreCopied() {
    List<Mark> marks = new ArrayList<>();
    LineChart chart =
        new LineChart("t", "", Axis.linear(""), Axis.linear(""), List.of(Line.of("l", 1)), marks);
    marks.add(new Mark(1, "late"));
    assertThat(chart.marks()).isEmpty();
  }
}
