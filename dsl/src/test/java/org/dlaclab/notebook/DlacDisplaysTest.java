package org.dlaclab.notebook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.dlaclab.Dlac.zoo;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.dlaclab.kernel.display.Bundle;
import org.dlaclab.kernel.display.DisplayProvider;
import org.dlaclab.plot.Plotly;
import org.dlaclab.progress.Progress;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DlacDisplaysTest {
  private static final Collected NOTEBOOK = new Collected();
  private static final Map<String, Object> VALUES = Values.all();
  private static final Map<String, Bundle> BUNDLES =
      VALUES.entrySet().stream()
          .collect(Collectors.toMap(Map.Entry::getKey, e -> NOTEBOOK.bundle(e.getValue())));

  @AfterAll
  static void noMoreProgressHere() {
    Progress.showBy(null);
  }

  static Stream<String> names() {
    return VALUES.keySet().stream();
  }

  /** Names of what is a picture, and of what holds one that a script replaces. */
  static Stream<String> interactive() {
    return names().filter(name -> !bundle(name).scripts().isEmpty());
  }

  static Stream<String> pictures() {
    return names().filter(name -> bundle(name).data().containsKey("image/png"));
  }

  private static Bundle bundle(String name) {
    Bundle bundle = BUNDLES.get(name);
    assertThat(bundle).as(name).isNotNull();
    return bundle;
  }

  private static String html(String name) {
    return (String) bundle(name).data().get("text/html");
  }

  /** What an untrusted notebook leaves of HTML, roughly: no script, no style sheet. */
  private static String untrusted(String name) {
    return html(name).replaceAll("(?s)<(script|style)>.*?</\\1>", "");
  }

  @Test
  void theKernelFindsTheDslByItself() {
    assertThat(ServiceLoader.load(DisplayProvider.class))
        .anyMatch(provider -> provider instanceof DlacDisplays);
  }

  @Test
  void aCellKnowsTheWordsThatTheShellKnows() {
    List<String> imports = new DlacDisplays().imports();
    assertThat(imports)
        .contains("import static org.dlaclab.Dlac.*;", "import tech.tablesaw.api.*;")
        .allMatch(line -> line.matches("import (static )?[\\w.]+\\.\\*;"));
    assertThat(DlacDisplays.resource("/org/dlaclab/shell/startup.jsh")).contains(imports);
  }

  @Test
  void eachTypeThatIsInstalledIsTriedHere() {
    for (Class<?> type : NOTEBOOK.types()) {
      assertThat(VALUES.values()).as(type.getName()).anyMatch(type::isInstance);
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void everyValueHasTextAndHtml(String name) {
    assertThat((String) bundle(name).data().get("text/plain")).isNotBlank();
    assertThat(html(name)).isNotBlank();
  }

  @ParameterizedTest
  @MethodSource("names")
  void nothingIsAskedOfAnotherMachine(String name) {
    assertThat(html(name).replaceAll("base64,[^\"]*", "base64,"))
        .doesNotContainPattern("(?i)(src|href)\\s*=\\s*[\"']?+(?!data:image/png;base64,)")
        .doesNotContainPattern("(?i)https?:")
        .doesNotContainPattern("(?i)@import|url\\(|<link|<iframe");
  }

  @ParameterizedTest
  @MethodSource("names")
  void everyTagThatOpensCloses(String name) {
    String html = untrusted(name);
    for (String tag : List.of("div", "table", "tr", "td", "th", "p", "details", "caption")) {
      assertThat(count(html, "<" + tag + "[ >]")).as(tag).isEqualTo(count(html, "</" + tag + ">"));
    }
  }

  @ParameterizedTest
  @MethodSource("interactive")
  void withoutScriptThePictureIsStillThere(String name) throws IOException {
    Matcher picture =
        Pattern.compile(
                "<img alt=\"[^\"]+\" width=\"(\\d+)\" height=\"(\\d+)\"[^>]*base64,([^\"]+)\">")
            .matcher(untrusted(name));
    assertThat(picture.find()).isTrue();
    var image =
        ImageIO.read(new ByteArrayInputStream(Base64.getDecoder().decode(picture.group(3))));
    // Two pixels for one of the page: sharp on dense screens.
    assertThat(image.getWidth()).isEqualTo(2 * Integer.parseInt(picture.group(1)));
    assertThat(image.getHeight()).isEqualTo(2 * Integer.parseInt(picture.group(2)));
  }

  @ParameterizedTest
  @MethodSource("interactive")
  void thePlottingScriptIsNeededAndNotPartOfTheOutput(String name) {
    assertThat(bundle(name).scripts()).containsExactly(ChartBundles.LIBRARY);
    assertThat(html(name)).contains("window.dlacPlotly").doesNotContain("plotly.js v");
    assertThat(count(html(name), "</script>"))
        .isEqualTo(count(html(name), "<div data-dlac-figure="));
  }

  @ParameterizedTest
  @MethodSource("pictures")
  void aPictureIsThereAloneWithItsSize(String name) throws IOException {
    var bytes = Base64.getDecoder().decode((String) bundle(name).data().get("image/png"));
    var image = ImageIO.read(new ByteArrayInputStream(bytes));
    assertThat(bundle(name).metadata()).containsKey("image/png");
    Map<?, ?> size = (Map<?, ?>) bundle(name).metadata().get("image/png");
    int scale = name.endsWith("mask") ? 1 : 2;
    assertThat((Integer) size.get("width")).isEqualTo(image.getWidth() / scale);
    assertThat((Integer) size.get("height")).isEqualTo(image.getHeight() / scale);
  }

  @Test
  void everyChartIsAPictureAndInteractiveButForTheKindsThatOurPlotlyLacks() {
    assertThat(names().filter(name -> name.matches("figure: .*|.*chart")))
        .filteredOn(name -> !bundle(name).data().containsKey("image/png"))
        .containsExactly("figure: space");
    assertThat(names().filter(name -> name.matches("figure: .*|.*chart")))
        .filteredOn(name -> bundle(name).scripts().isEmpty())
        .containsExactlyInAnyOrder("figure: candles", "figure: prices", "figure: space");
    assertThat(html("figure: space")).contains("Space", "scatter3d of 60 points", "only plotly");
  }

  @Test
  void aFrontEndWithPlotlyOfItsOwnGetsTheFigureAsJson() {
    for (String name : List.of("chart", "figure: time series", "figure: space")) {
      Map<?, ?> json = (Map<?, ?>) bundle(name).data().get("application/vnd.plotly.v1+json");
      assertThat(json.get("data")).isInstanceOf(List.class);
      Map<?, ?> title = (Map<?, ?>) ((Map<?, ?>) json.get("layout")).get("title");
      assertThat(title.get("text")).isInstanceOf(String.class);
      // A width would win over that of the page.
      assertThat(((Map<?, ?>) json.get("layout")).containsKey("width")).isFalse();
    }
  }

  @Test
  void outputsAreToldApartByNamesThatNeverComeTwice() {
    Bundle again = NOTEBOOK.bundle(VALUES.get("chart"));
    assertThat(figureId((String) again.data().get("text/html")))
        .isNotEqualTo(figureId(html("chart")));
    assertThat(html("chart"))
        .contains("querySelectorAll(\"[data-dlac-figure='" + figureId(html("chart")) + "']");
  }

  private static String figureId(String html) {
    Matcher id = Pattern.compile("data-dlac-figure=\"([^\"]+)\"").matcher(html);
    assertThat(id.find()).isTrue();
    return id.group(1);
  }

  @Test
  void theLibraryHidesFromModuleLoadersAndLeavesAnotherPlotlyAlone() {
    String source = ChartBundles.LIBRARY.source().get();
    assertThat(source).contains(Plotly.source()).doesNotContain("</script", "$SOURCE");
    int begin = source.indexOf(Plotly.source());
    assertThat(source.substring(0, begin))
        .contains("function (define, module, exports)", "const other = window.Plotly");
    assertThat(source.substring(begin + Plotly.source().length()))
        .contains("window.dlacPlotly = window.Plotly", "window.Plotly = other");
  }

  @Test
  void aRunIsAnAnswerAChartAndATableToOpen() {
    String html = untrusted("run");
    assertThat(html.indexOf("speedup 1.9")).isPositive().isLessThan(html.indexOf("<img"));
    assertThat(html.indexOf("<img")).isLessThan(html.indexOf("<details>"));
    assertThat(html.substring(html.indexOf("<details>"))).contains(">conv2</td>", "</details>");
    assertThat((String) bundle("run").data().get("text/plain"))
        .contains("conv2", "speedup", "total");
  }

  @Test
  void aRunOfTrainingShowsItsPasses() {
    String html = untrusted("training run");
    assertThat(html).contains("% forward", "% backward", ">pass</th>", ">wgrad</td>");
    assertThat(html("layer of training"))
        .contains("forward", "wgrad", "effectual", "OFM gradient density")
        .doesNotContain("dgrad");
  }

  @Test
  void aNetworkShowsItsLayers() {
    assertThat(untrusted("network")).contains(">conv1</td>", ">416,520</td>");
    assertThat(untrusted("large network"))
        .contains(">conv1</td>", ">fc</td>", "rows and the total");
    assertThat(zoo("lenet5").macs()).isEqualTo(416_520);
  }

  @Test
  void smallValuesSayWhatTheyAre() {
    assertThat(html("activation policy"))
        .contains("threshold(0.01), kBit(4)", "ReLUs &quot;a.relu&quot;", "full precision");
    assertThat(html("policy")).contains("ternary (2 bits)", "except &quot;conv1&quot;", "32 bits");
    assertThat(html("grid")).contains("4x8 = 32", "rows (filters) x columns (pixels)", "500 MHz");
    assertThat(html("layer")).contains("conv1", "117,600", "skip BOTH");
    assertThat(html("product")).contains("6 × 9 × 40", "utilization");
    assertThat(html("spread")).contains("95 % interval of the mean");
    assertThat(html("tensor")).contains("Tensor 2x3", "66.7 %", "-2.000 to 3.500");
    assertThat(html("trained")).contains("accuracy", "<img alt=\"the first images\"");
    assertThat(html("size")).isEqualTo("<p><b>32 KiB</b> (32,768 bytes)</p>");
    assertThat(html("clock")).isEqualTo("<p><b>500 MHz</b> (500,000,000 Hz)</p>");
    assertThat(html("time")).isEqualTo("<p><b>1.25 ms</b> (0.00125 s)</p>");
  }

  @Test
  void longWorkShowsAsTheNotebooksBarAndShortWorkDoesNot() throws InterruptedException {
    int before = NOTEBOOK.displayed.size();
    NOTEBOOK.connect();
    try (Progress progress = Progress.of("short work", 2)) {
      progress.step();
      progress.step();
    }
    assertThat(NOTEBOOK.displayed).hasSize(before);
    long end = System.nanoTime() + 1_100_000_000L;
    try (Progress progress = Progress.of("long work", 5)) {
      while (System.nanoTime() < end) {
        Thread.onSpinWait();
      }
      progress.step();
      progress.step();
    }
    assertThat(NOTEBOOK.displayed.size()).isGreaterThan(before);
    Bundle last = (Bundle) NOTEBOOK.displayed.get(NOTEBOOK.displayed.size() - 1);
    assertThat((String) last.data().get("text/plain")).contains("long work", "2");
  }

  private static long count(String text, String pattern) {
    return Pattern.compile(pattern).matcher(text).results().count();
  }
}
