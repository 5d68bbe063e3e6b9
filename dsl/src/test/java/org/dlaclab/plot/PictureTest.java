package org.dlaclab.plot;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class PictureTest {
  private static Document parse(String svg) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setNamespaceAware(true);
    return factory.newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
  }

  private static List<Element> elements(Document document, String name) {
    NodeList nodes = document.getElementsByTagNameNS("http://www.w3.org/2000/svg", name);
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      elements.add((Element) nodes.item(i));
    }
    return elements;
  }

  private static List<String> texts(Document document, String name) {
    return elements(document, name).stream().map(Element::getTextContent).toList();
  }

  @ParameterizedTest(name = "{0} categories, {1} series, stacked {2}")
  @CsvSource({
    "1,1,false",
    "6,1,false",
    "6,4,false",
    "6,5,true",
    "23,2,false",
    "60,1,false",
    "60,4,false",
    "156,1,false",
    "156,4,false",
    "156,5,true"
  })
  void theSvgIsWellFormedAndNamesEveryCategoryAndSeries(int categories, int series, boolean stacked)
      throws Exception {
    BarChart chart = RandomCharts.of(31 * categories + series, categories, series, stacked);
    Document svg = parse(chart.svg());
    assertThat(texts(svg, "text")).contains(chart.title(), chart.subtitle(), chart.valueAxis());
    assertThat(texts(svg, "text")).containsAll(chart.categories());
    assertThat(texts(svg, "title")).hasSize(categories);
    if (series > 1) {
      assertThat(texts(svg, "text"))
          .containsAll(chart.series().stream().map(Series::name).toList());
    }
  }

  @Test
  void beyondWhatFitsLabelsAreThinnedButPointingAtABarNamesIt() throws Exception {
    BarChart chart = RandomCharts.of(1, 400, 1, false);
    Document svg = parse(chart.svg());
    long shown = texts(svg, "text").stream().filter(chart.categories()::contains).count();
    assertThat(shown).isBetween(80L, 200L);
    List<String> tips = texts(svg, "title");
    assertThat(tips).hasSize(400);
    for (int c = 0; c < 400; c++) {
      assertThat(tips.get(c)).startsWith(chart.categories().get(c) + "\n");
    }
  }

  @ParameterizedTest(name = "{0} categories, {1} series, stacked {2}")
  @CsvSource({"6,4,false", "23,1,false", "60,2,false", "156,5,true"})
  void barsAreAsHighAsTheirValuesAndStayInsideThePicture(
      int categories, int series, boolean stacked) throws Exception {
    BarChart chart = RandomCharts.of(categories, categories, series, stacked);
    Document svg = parse(chart.svg());
    double width = Double.parseDouble(svg.getDocumentElement().getAttribute("width"));
    double height = Double.parseDouble(svg.getDocumentElement().getAttribute("height"));
    double perUnit = Double.NaN;
    for (int s = 0; s < series; s++) {
      String color = Palette.hex(s).toLowerCase(java.util.Locale.ROOT);
      List<Element> bars =
          elements(svg, "rect").stream()
              .filter(r -> r.getAttribute("fill").equals(color))
              .filter(r -> number(r, "height") != 11 || number(r, "width") != 11)
              .toList();
      assertThat(bars).hasSize(categories);
      for (int c = 0; c < categories; c++) {
        Element bar = bars.get(c);
        assertThat(number(bar, "x")).isPositive();
        assertThat(number(bar, "x") + number(bar, "width")).isLessThan(width);
        assertThat(number(bar, "y")).isPositive();
        assertThat(number(bar, "y") + number(bar, "height")).isLessThan(height);
        double value = chart.series().get(s).values().get(c);
        if (Double.isNaN(perUnit) && value > chart.top() / 4) {
          perUnit = number(bar, "height") / value;
        } else if (!Double.isNaN(perUnit)) {
          assertThat(number(bar, "height"))
              .isCloseTo(perUnit * value, org.assertj.core.api.Assertions.within(0.1));
        }
      }
    }
    assertThat(perUnit).isPositive();
  }

  private static double number(Element element, String attribute) {
    return Double.parseDouble(element.getAttribute(attribute));
  }

  @ParameterizedTest(name = "{0} categories, {1} series, stacked {2}")
  @CsvSource({"6,1,false", "23,4,false", "60,5,true"})
  void thePngHasTwiceTheSizeOfTheSvgAndShowsEverySeries(int categories, int series, boolean stacked)
      throws Exception {
    BarChart chart = RandomCharts.of(categories, categories, series, stacked);
    Element svg = parse(chart.svg()).getDocumentElement();
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(chart.png()));
    assertThat((double) image.getWidth()).isEqualTo(2 * number(svg, "width"));
    assertThat((double) image.getHeight()).isEqualTo(2 * number(svg, "height"));
    Set<Integer> colors = new HashSet<>();
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        colors.add(image.getRGB(x, y));
      }
    }
    for (int s = 0; s < series; s++) {
      assertThat(colors).contains(Palette.color(s).getRGB());
    }
    // Text leaves the tones of its edges.
    assertThat(colors.size()).isGreaterThan(50);
    for (int x = 0; x < image.getWidth(); x++) {
      assertThat(image.getRGB(x, 0)).as("the edge is paper").isEqualTo(0xFFFFFFFF);
      assertThat(image.getRGB(x, image.getHeight() - 1)).isEqualTo(0xFFFFFFFF);
    }
    for (int y = 0; y < image.getHeight(); y++) {
      assertThat(image.getRGB(0, y)).isEqualTo(0xFFFFFFFF);
      assertThat(image.getRGB(image.getWidth() - 1, y))
          .as("nothing is cut off")
          .isEqualTo(0xFFFFFFFF);
    }
  }

  @Test
  void labelsThatXmlForbidsAreMadePrintable() throws Exception {
    BarChart chart =
        new BarChart(
            "a\u0000b",
            "",
            "",
            List.of("<&>\u0007\"'", "]]>"),
            List.of(new Series("s", 0, 0)),
            false);
    assertThat(texts(parse(chart.svg()), "text")).contains("a b", "<&> \"'", "]]>");
  }
}
