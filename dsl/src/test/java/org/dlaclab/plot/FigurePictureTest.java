package org.dlaclab.plot;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.plotly.components.Axis;
import tech.tablesaw.plotly.components.Figure;
import tech.tablesaw.plotly.components.Layout;
import tech.tablesaw.plotly.components.Marker;
import tech.tablesaw.plotly.traces.HistogramTrace;
import tech.tablesaw.plotly.traces.ScatterTrace;

class FigurePictureTest {
  private static final int WHITE = 0xffffff;

  static Stream<String> drawn() {
    return Figures.all().keySet().stream().filter(name -> !name.equals("space"));
  }

  private static BufferedImage draw(Figure figure) {
    return FigurePicture.of(figure).orElseThrow();
  }

  private static Set<Integer> colors(BufferedImage image) {
    Set<Integer> colors = new HashSet<>();
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        colors.add(image.getRGB(x, y) & WHITE);
      }
    }
    return colors;
  }

  /** How many pixels of the part are not white. */
  private static int ink(BufferedImage image, double top, double bottom) {
    int ink = 0;
    for (int y = (int) (top * image.getHeight()); y < bottom * image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        ink += (image.getRGB(x, y) & WHITE) == WHITE ? 0 : 1;
      }
    }
    return ink;
  }

  @ParameterizedTest
  @MethodSource("drawn")
  void everyKindOfFigureIsDrawnWithItsTitleAndItsData(String name) {
    BufferedImage image = draw(Figures.all().get(name));
    assertThat(ink(image, 0, 0.08)).as("title").isGreaterThan(100);
    assertThat(ink(image, 0.1, 0.9)).as("data").isGreaterThan(2000);
    assertThat(image.getRGB(0, 0) & WHITE).isEqualTo(WHITE);
  }

  @Test
  void aFigureInSpaceIsNotDrawn() {
    assertThat(FigurePicture.of(Figures.all().get("space"))).isEmpty();
  }

  @Test
  void aFigureThatXchartRefusesIsNotDrawnAndNothingIsThrown() {
    Layout layout = Layout.builder("T").yAxis(Axis.builder().type(Axis.Type.LOG).build()).build();
    Figure figure =
        new Figure(layout, ScatterTrace.builder(new double[] {1, 2}, new double[] {0, -1}).build());
    assertThat(FigurePicture.of(figure)).isEmpty();
  }

  @Test
  void thePictureHasTheSizeOfTheFigureTwoPixelsForOne() {
    Figure figure =
        new Figure(
            Layout.builder("T").width(500).height(300).build(),
            ScatterTrace.builder(new double[] {1, 2}, new double[] {1, 2}).build());
    assertThat(draw(figure).getWidth()).isEqualTo(1000);
    assertThat(draw(figure).getHeight()).isEqualTo(600);
  }

  @Test
  void coloursOfTracesAreKept() {
    Figure figure =
        new Figure(
            HistogramTrace.builder(new double[] {1, 2, 2, 3})
                .marker(Marker.builder().color("#aa0033").build())
                .build());
    assertThat(colors(draw(figure))).contains(0xaa0033).doesNotContain(0x0072b2);
  }

  @Test
  void missingValuesAndEmptyTracesAreDrawnAsNothing() {
    DoubleColumn x = DoubleColumn.create("x", 1, Double.NaN, 3, 4);
    DoubleColumn y = DoubleColumn.create("y", 1, 2, Double.NaN, 4);
    assertThat(FigurePicture.of(new Figure(ScatterTrace.builder(x, y).build()))).isPresent();
    Figure none =
        new Figure(
            Layout.builder("none").build(),
            ScatterTrace.builder(DoubleColumn.create("x"), DoubleColumn.create("y")).build());
    assertThat(FigurePicture.of(none)).isPresent();
  }

  @Test
  void aDrawingIsStoredInFewColoursThatLookTheSame() {
    BufferedImage image = draw(Figures.all().get("lines"));
    BufferedImage stored = read(Png.of(image));
    assertThat(colors(image)).hasSizeGreaterThan(256);
    assertThat(colors(stored)).hasSizeLessThanOrEqualTo(256).contains(WHITE, 0x0072b2);
    int visible = 0;
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        visible += difference(image.getRGB(x, y), stored.getRGB(x, y)) > 24 ? 1 : 0;
      }
    }
    assertThat(visible).isLessThan(image.getWidth() * image.getHeight() / 1000);
  }

  private static int difference(int one, int other) {
    int most = 0;
    for (int shift = 0; shift <= 16; shift += 8) {
      most = Math.max(most, Math.abs((one >> shift & 0xff) - (other >> shift & 0xff)));
    }
    return most;
  }

  private static BufferedImage read(byte[] png) {
    try {
      return javax.imageio.ImageIO.read(new java.io.ByteArrayInputStream(png));
    } catch (java.io.IOException e) {
      throw new AssertionError(e);
    }
  }
}
