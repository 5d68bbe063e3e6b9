package org.dlaclab.notebook;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.Pattern;
import org.dlaclab.kernel.display.Bundle;
import org.junit.jupiter.api.Test;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

class TablesTest {
  private static String html(Table table) {
    return (String) Tables.table(table).data().get("text/html");
  }

  private static String text(Table table) {
    return (String) Tables.table(table).data().get("text/plain");
  }

  private static List<String> rows(String html) {
    return Pattern.compile("<tr>(.*)</tr>").matcher(html).results().map(m -> m.group(1)).toList();
  }

  private static String cell(String side, String text) {
    return "<td align=\"" + side + "\" style=\"text-align:" + side + "\">" + text + "</td>";
  }

  @Test
  void numbersStandToTheRightAsTheirColumnPrintsThemAndMissingOnesAreEmpty() {
    List<String> rows = rows(html(Values.table(3)));
    assertThat(rows).hasSize(4);
    assertThat(rows.get(0))
        .contains("<th scope=\"col\" align=\"right\" style=\"text-align:right\">cycles</th>");
    assertThat(rows.get(2))
        .isEqualTo(
            cell("left", "conv1") + cell("right", "1") + cell("right", "") + cell("left", ""));
    assertThat(rows.get(3))
        .isEqualTo(
            cell("left", "conv2")
                + cell("right", "2")
                + cell("right", "2,001.0")
                + cell("left", "2026-01-03"));
    assertThat(text(Values.table(3)).lines())
        .contains(
            "layer  number   cycles  day", "conv2       2  2,001.0  2026-01-03", "conv1       1");
  }

  @Test
  void theShapeIsSaidInBothForms() {
    assertThat(html(Values.table(1000))).contains("1,000 rows × 4 columns");
    assertThat(text(Values.table(1000))).endsWith("\n1,000 rows × 4 columns");
    assertThat(text(Table.create("t", StringColumn.create("a", "x")))).endsWith("1 row × 1 column");
    assertThat(text(Table.create("none"))).isEqualTo("none: 0 rows × 0 columns");
  }

  @Test
  void ofALongTableTheBeginningAndTheEndAreShown() {
    assertThat(rows(html(Values.table(100)))).hasSize(101);
    List<String> rows = rows(html(Values.table(100_000)));
    assertThat(rows).hasSize(1 + 25 + 1 + 5);
    assertThat(rows.get(25)).contains(">conv24</td>");
    assertThat(rows.get(26)).contains(">…</td>").doesNotContain("conv");
    assertThat(rows.get(27)).contains(">conv99995</td>");
    assertThat(rows.get(31)).contains(">conv99999</td>");
  }

  @Test
  void ofAWideTableTheFirstAndTheLastColumnsAreShown() {
    Table wide = Table.create("wide");
    for (int c = 0; c < 1000; c++) {
      wide.addColumns(DoubleColumn.create("c" + c, (double) c));
    }
    assertThat(rows(html(wide)).get(0))
        .contains(">c39</th>", ">…</th>", ">c995</th>", ">c999</th>")
        .doesNotContain(">c40</th>", ">c994</th>");
    assertThat(html(wide)).contains("1 row × 1,000 columns");
  }

  @Test
  void aVeryLongCellIsCutAndMarkupIsText() {
    Table table = Table.create("<b>", StringColumn.create("<i>", "<s>&", "x".repeat(100_000)));
    assertThat(html(table))
        .contains(">&lt;b&gt;</caption>", ">&lt;i&gt;</th>", ">&lt;s&gt;&amp;</td>", "x…</td>")
        .hasSizeLessThan(4000);
  }

  @Test
  void theHeaderStaysInSightInAFrameOfItsOwn() {
    assertThat(html(Values.table(50)))
        .startsWith("<div class=\"dlac-table\" style=\"overflow:auto;max-height:")
        .contains("position: sticky", "<thead>", "var(--jp-layout-color0");
  }

  @Test
  void aListingKeepsItsTotalLast() {
    Bundle bundle = new Collected().bundle(org.dlaclab.Dlac.zoo("resnet152").summary());
    List<String> rows = rows((String) bundle.data().get("text/html"));
    assertThat(rows).hasSize(32);
    assertThat(rows.get(31)).contains(">total</td>");
    assertThat((String) bundle.data().get("text/html")).contains("<tfoot>", "rows and the total");
  }
}
