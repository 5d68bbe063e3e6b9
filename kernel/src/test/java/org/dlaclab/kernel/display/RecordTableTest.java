package org.dlaclab.kernel.display;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RecordTableTest {
  record Layer(String name, int filters, double load, List<Integer> shape) {}

  record Other(int x) {}

  record Own(int x) {
    @Override
    public String toString() {
      return "own";
    }
  }

  /** One whose component can not be read. */
  record Failing(int x) {
    @Override
    public int x() {
      throw new IllegalStateException("no x");
    }
  }

  private final Displays displays = new Displays();

  private String html(Object value) {
    return (String) displays.bundle(value).data().get("text/html");
  }

  private static final Layer CONV = new Layer("conv<1>", 64, 0.25, List.of(3, 3));

  @Test
  void aListOfRecordsIsATableAndText() {
    List<Layer> layers = Arrays.asList(CONV, new Layer(null, 8, 1, List.of()));
    assertThat(displays.bundle(layers).data().get("text/plain"))
        .asString()
        .contains("Layer[name=\"conv<1>\", filters=64");
    String html = html(layers);
    assertThat(html.replaceAll("</t[hd]>", "|").replaceAll("<[^>]*>", ""))
        .isEqualTo(
            """
            name|filters|load|shape|
            conv&lt;1&gt;|64|0.25|[3, 3]|
            null|8|1.0|[]|
            Layer: 2 rows × 4 columns""");
    assertThat(html(layers.toArray())).as("an array shows alike").isEqualTo(html);
  }

  @Test
  void numbersStandAtTheRight() {
    List<String> aligned =
        Pattern.compile("<td style=\"[^\"]*text-align:(\\w+)")
            .matcher(html(List.of(CONV)))
            .results()
            .map(match -> match.group(1))
            .toList();
    assertThat(aligned).containsExactly("left", "right", "right", "left");
  }

  @Test
  void aLongOneIsCutAndTellsItsShape() {
    List<Other> rows = IntStream.range(0, 1_234).mapToObj(Other::new).toList();
    assertThat(html(rows))
        .contains("<td", ">49</td>", "Other: 1,234 rows × 1 column, the first 50 shown")
        .doesNotContain(">50</td>");
  }

  @Test
  void nothingElseIsATable() {
    for (Object value :
        List.of(
            List.of(),
            List.of(1, 2),
            List.of(CONV, new Other(1)),
            Arrays.asList(CONV, null),
            List.of(new Own(1)),
            new int[] {1})) {
      assertThat(html(value)).as("%s", value).isNull();
    }
    assertThat(html(Set.of(new Other(1)))).isNotNull();
  }

  @Test
  void aRecordThatFailsShowsAsText() {
    List<Object> rows = new ArrayList<>();
    rows.add(new Failing(1));
    assertThat(html(rows)).isNull();
    assertThat(displays.bundle(rows).data().get("text/plain")).asString().contains("Failing[x=1]");
  }

  /** JupyterLab takes scripts and style sheets away from notebooks that are not trusted. */
  @Test
  void itNeedsNoScriptAndNoStyleSheet() {
    assertThat(html(List.of(CONV))).doesNotContain("<script", "<style", "class=", "id=", "http");
  }
}
