package org.dlaclab.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.stream.IntStream;
import org.dlaclab.error.DlacException;
import org.junit.jupiter.api.Test;

class HeatMapTest {
  private static final HeatMap MAP =
      new HeatMap(
          "cycles",
          "of <something>",
          new HeatMap.Axis("window", List.of("2", "4", "8")),
          new HeatMap.Axis("pes", List.of("4x8", "8x16")),
          "cycles per image",
          List.of(List.of(400_000.0, 300.0, 250.0), List.of(200.0, Double.NaN, 120.0)));

  @Test
  void theDataAreTheValuesByTheirNames() throws Exception {
    JsonNode trace = new ObjectMapper().readTree(MAP.json()).path("data").path(0);

    assertThat(trace.path("type").asText()).isEqualTo("heatmap");
    assertThat(trace.path("x")).extracting(JsonNode::asText).containsExactly("2", "4", "8");
    assertThat(trace.path("y")).extracting(JsonNode::asText).containsExactly("4x8", "8x16");
    assertThat(trace.path("z").path(0).path(0).asDouble()).isEqualTo(400_000);
    assertThat(trace.path("z").path(1).path(1).isNull()).isTrue();
    assertThat(trace.path("z").path(1).path(2).asDouble()).isEqualTo(120);
  }

  @Test
  void thePictureHasEachNameAndValue() {
    assertThat(MAP.svg())
        .contains(">400k<", ">300<", ">120<", ">4x8<", ">window<", ">cycles per image<");
    assertThat(MAP.toString()).contains("pes \\ window", "400,000", "4x8", "cycles per image");
  }

  @Test
  void coloursGoFromTheLowestToTheHighestValue() {
    assertThat(HeatMap.hex(HeatMap.colour(share(120)))).isEqualTo("#440154");
    assertThat(HeatMap.hex(HeatMap.colour(share(400_000)))).isEqualTo("#fde725");
    assertThat(MAP.svg()).contains("#440154", "#fde725");
  }

  private static double share(double value) {
    return HeatMap.share(value, MAP.low(), MAP.high());
  }

  /** 64 x 128 values from 0 to 8191: no screen has room for as many numbers. */
  private static final HeatMap LARGE =
      new HeatMap(
          "PEs",
          "",
          new HeatMap.Axis("column", names(128)),
          new HeatMap.Axis("row", names(64)),
          "cycles",
          IntStream.range(0, 64)
              .mapToObj(y -> IntStream.range(0, 128).mapToObj(x -> 128.0 * y + x).toList())
              .toList());

  private static List<String> names(int count) {
    return IntStream.range(0, count).mapToObj(String::valueOf).toList();
  }

  @Test
  void manyCellsAreColoursWithAScaleAndNoNumbers() {
    String svg = LARGE.svg();
    assertThat(HeatDrawing.hasNumbers(LARGE)).isFalse();
    assertThat(HeatDrawing.hasNumbers(MAP)).isTrue();
    assertThat(new HeatDrawing(LARGE).width()).isLessThan(1000);
    assertThat(svg).contains(">0<", ">8,191<", ">cycles<").doesNotContain(">4,096<");
  }

  @Test
  void ofManyCellsTheTextIsADigitEach() {
    List<String> lines = LARGE.toString().lines().toList();
    assertThat(lines).hasSize(2 + 64);
    assertThat(lines.get(1))
        .isEqualTo("cycles, from 0 (0) to 9 (8,191); row down, column to the right");
    assertThat(lines.get(2)).matches(" 0  0{128}");
    assertThat(lines.get(65)).matches("63  9{128}");
  }

  @Test
  void whoPointsAtACellSeesItsNamesAndItsValue() throws Exception {
    assertThat(new ObjectMapper().readTree(LARGE.json()).at("/data/0/hovertemplate").asText())
        .startsWith("row %{y}, column %{x}: %{z");
    HeatMap few =
        new HeatMap(
            "m",
            "",
            LARGE.x(),
            new HeatMap.Axis("row", List.of("a")),
            "v",
            List.of(LARGE.values().get(1)));
    assertThat(few.svg()).contains("row a, column 7: 135");
  }

  @Test
  void rowsThatDoNotFitTheNamesAreRefused() {
    assertThatThrownBy(
            () ->
                new HeatMap(
                    "m",
                    "",
                    MAP.x(),
                    MAP.y(),
                    "v",
                    List.of(List.of(1.0, 2.0, 3.0), List.of(1.0, 2.0))))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("heat map \"m\"")
        .hasMessageContaining("2 rows of 3 values");
  }
}
