package org.dlaclab.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
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
    assertThat(HeatMap.hex(HeatMap.colour(MAP.share(120)))).isEqualTo("#440154");
    assertThat(HeatMap.hex(HeatMap.colour(MAP.share(400_000)))).isEqualTo("#fde725");
    assertThat(MAP.svg()).contains("#440154", "#fde725");
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
