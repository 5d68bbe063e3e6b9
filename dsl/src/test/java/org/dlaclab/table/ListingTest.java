package org.dlaclab.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.dlaclab.error.DlacException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import tech.tablesaw.api.ColumnType;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;
import tech.tablesaw.io.csv.CsvReadOptions;

class ListingTest {
  private record Layer(String name, long macs, double density, double speedup) {}

  private static final String[] NASTY = {
    "conv1_1",
    "a,b",
    "say \"hi\"",
    "two\nlines",
    " ends ",
    "50% & $3 #1 {x} ~^\\",
    "<b>|*_",
    "größe ×"
  };

  /** A listing with a total of random layers; names from the nasty ones. */
  private static Listing random(long seed) {
    Random random = new Random(seed);
    List<Layer> layers = new ArrayList<>();
    for (int i = 1 + random.nextInt(60); i > 0; i--) {
      layers.add(
          new Layer(
              NASTY[random.nextInt(NASTY.length)] + i,
              random.nextLong() >>> random.nextInt(64),
              random.nextDouble(),
              random.nextInt(8) == 0 ? Double.NaN : Math.exp(20 * random.nextGaussian())));
    }
    return listing(layers);
  }

  private static Listing listing(List<Layer> layers) {
    return new Listing(
        "Layers & <totals>",
        Columns.table(
            "layers",
            Columns.text("layer", layers, Layer::name, "total"),
            Columns.count("MACs", layers, Layer::macs, 123_456_789L),
            Columns.percent("density", layers, Layer::density, 0.5),
            Columns.decimal("speedup", 2, layers, Layer::speedup, Double.NaN)),
        true);
  }

  static LongStream seeds() {
    return LongStream.range(0, 40);
  }

  private static final Listing SMALL =
      listing(
          List.of(
              new Layer("conv1_1", 1_234_567, 0.125, 2.125), new Layer("fc", 10, 1, Double.NaN)));

  @Test
  void theTextAlignsNumbersToTheRightAndSetsTheTotalApart() {
    assertThat(SMALL)
        .hasToString(
            """
            Layers & <totals>
            layer           MACs  density  speedup
            --------------------------------------
            conv1_1    1,234,567    12.5%     2.13
            fc                10   100.0%
            --------------------------------------
            total    123,456,789    50.0%""");
  }

  @Test
  void aTableWiderThanTheTerminalGoesOnBelowItself() {
    assertThat(Forms.text(SMALL, 30))
        .isEqualTo(
            """
            Layers & <totals>
            layer           MACs  density
            -----------------------------
            conv1_1    1,234,567    12.5%
            fc                10   100.0%
            -----------------------------
            total    123,456,789    50.0%

            layer    speedup
            ----------------
            conv1_1     2.13
            fc
            ----------------
            total""");
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void aPartedTableStaysWithinTheTerminalAndLosesNoCell(long seed) {
    Listing listing = random(seed);
    // Room for the first column and the widest other one.
    int most = 64;
    List<String> lines = Forms.text(listing, most).lines().skip(1).toList();
    assertThat(lines).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(most));
    String all = String.join(" ", lines);
    for (Column<?> column : listing.table().columns()) {
      for (int r = 0; r < listing.table().rowCount(); r++) {
        assertThat(all).contains(column.getString(r).replaceAll("\\R", " ").strip());
      }
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void theTextShowsEveryRowAndEndsEachNumberBelowTheLastLetterOfItsName(long seed) {
    Listing listing = random(seed);
    List<String> lines = listing.toString().lines().toList();
    String head = lines.get(1);
    // Title, names, two rules.
    assertThat(lines).hasSize(listing.table().rowCount() + 4);
    for (String name : List.of("MACs", "density", "speedup")) {
      int end = head.indexOf(name) + name.length();
      int column = listing.table().columnIndex(name);
      int line = 3;
      for (int r = 0; r < listing.table().rowCount(); r++, line++) {
        line += r == listing.table().rowCount() - 1 ? 1 : 0;
        String cell = listing.table().column(column).getString(r);
        String upToEnd = lines.get(line) + " ".repeat(head.length());
        assertThat(upToEnd.substring(0, end)).endsWith(cell);
      }
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void csvHoldsEveryValueInFullAsRfc4180Says(long seed) {
    Listing listing = random(seed);
    List<List<String>> rows = parseCsv(listing.csv());
    Table table = listing.table();
    assertThat(rows).hasSize(table.rowCount() + 1);
    assertThat(rows.get(0)).isEqualTo(table.columnNames());
    for (int r = 0; r < table.rowCount(); r++) {
      List<String> row = rows.get(r + 1);
      assertThat(row.get(0)).isEqualTo(table.stringColumn(0).get(r));
      assertThat(Long.parseLong(row.get(1))).isEqualTo(table.longColumn(1).getLong(r));
      assertThat(Double.parseDouble(row.get(2))).isEqualTo(table.doubleColumn(2).getDouble(r));
      double speedup = table.doubleColumn(3).getDouble(r);
      if (Double.isNaN(speedup)) {
        assertThat(row.get(3)).isEmpty();
      } else {
        assertThat(Double.parseDouble(row.get(3))).isEqualTo(speedup);
      }
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void csvReadBackByTablesawIsTheSameTable(long seed) {
    Listing listing = random(seed);
    ColumnType[] types = {ColumnType.STRING, ColumnType.LONG, ColumnType.DOUBLE, ColumnType.DOUBLE};
    Table read =
        Table.read()
            .usingOptions(
                CsvReadOptions.builder(new StringReader(listing.csv())).columnTypes(types));
    assertThat(read.columnNames()).isEqualTo(listing.table().columnNames());
    for (int c = 1; c < 4; c++) {
      assertThat(read.column(c).asList()).isEqualTo(listing.table().column(c).asList());
    }
    // The reader strips spaces around texts.
    assertThat(read.stringColumn(0).asList().stream().map(String::strip))
        .containsExactlyElementsOf(
            listing.table().stringColumn(0).asList().stream().map(String::strip).toList());
  }

  /** RFC 4180 by the letter, to check the writer with: quotes doubled, CRLF between records. */
  private static List<List<String>> parseCsv(String csv) {
    List<List<String>> rows = new ArrayList<>(List.of(new ArrayList<>()));
    StringBuilder cell = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < csv.length(); i++) {
      char c = csv.charAt(i);
      if (quoted && c == '"' && i + 1 < csv.length() && csv.charAt(i + 1) == '"') {
        cell.append('"');
        i++;
      } else if (c == '"') {
        assertThat(quoted || cell.isEmpty()).as("a quote opens a cell, at " + i).isTrue();
        quoted = !quoted;
      } else if (!quoted && (c == ',' || c == '\r')) {
        rows.get(rows.size() - 1).add(cell.toString());
        cell.setLength(0);
        if (c == '\r') {
          assertThat(csv.charAt(++i)).isEqualTo('\n');
          rows.add(new ArrayList<>());
        }
      } else {
        cell.append(c);
      }
    }
    assertThat(rows.remove(rows.size() - 1)).as("the last line ends").isEmpty();
    return rows;
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void jsonHasNumbersAsNumbersAndMissingOnesAsNull(long seed) throws Exception {
    Listing listing = random(seed);
    Table table = listing.table();
    JsonNode rows = new ObjectMapper().readTree(listing.json());
    assertThat(rows).hasSize(table.rowCount());
    for (int r = 0; r < table.rowCount(); r++) {
      JsonNode row = rows.get(r);
      assertThat(row.get("layer").textValue()).isEqualTo(table.stringColumn(0).get(r));
      assertThat(row.get("MACs").isIntegralNumber()).isTrue();
      assertThat(row.get("MACs").longValue()).isEqualTo(table.longColumn(1).getLong(r));
      assertThat(row.get("density").doubleValue()).isEqualTo(table.doubleColumn(2).getDouble(r));
      double speedup = table.doubleColumn(3).getDouble(r);
      if (Double.isNaN(speedup)) {
        assertThat(row.get("speedup").isNull()).isTrue();
      } else {
        assertThat(row.get("speedup").doubleValue()).isEqualTo(speedup);
      }
    }
  }

  @Test
  void markdownAlignsNumbersAndKeepsNamesReadable() {
    assertThat(SMALL.markdown())
        .isEqualTo(
            """
            **Layers & \\<totals>**

            | layer     |            MACs |   density | speedup |
            | :-------- | --------------: | --------: | ------: |
            | conv1_1   |       1,234,567 |     12.5% |    2.13 |
            | fc        |              10 |    100.0% |         |
            | **total** | **123,456,789** | **50.0%** |         |
            """);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void everyMarkdownLineHasTheSameCells(long seed) {
    Listing listing = random(seed);
    List<String> lines = listing.markdown().lines().skip(2).toList();
    assertThat(lines).hasSize(listing.table().rowCount() + 2);
    assertThat(lines)
        .allSatisfy(line -> assertThat(line.replaceAll("\\\\.", "").split("\\|", -1)).hasSize(6));
  }

  @Test
  void aTitleOfTwoLinesIsOneCaptionWithASemicolonBetween() {
    Listing two = new Listing("a\nb", random(1).table(), false);
    assertThat(two.markdown()).startsWith("**a; b**\n\n");
    assertThat(two.latex()).contains("\\caption{a; b}");
    assertThat(two.html()).contains(">a; b</caption>");
    assertThat(two.toString()).startsWith("a\nb\n");
  }

  @Test
  void latexEscapesWhatLatexReadsAsCommands() {
    Listing listing =
        listing(List.of(new Layer("50% & $3 #1 {x} ~^\\ conv_1 3×3", 1, 0.1, 1), SMALL_LAYER));
    assertThat(listing.latex())
        .contains(
            "50\\% \\& \\$3 \\#1 \\{x\\} \\textasciitilde{}\\textasciicircum{}\\textbackslash{}"
                + " conv\\_1 3$\\times$3")
        .contains("\\caption{Layers \\& \\textless{}totals\\textgreater{}}")
        .contains("\\begin{tabular}{lrrr}\n\\toprule\n")
        .contains(" & speedup \\\\\n\\midrule\n")
        .contains("\\midrule\ntotal ")
        .endsWith("\\bottomrule\n\\end{tabular}\n\\end{table}\n");
  }

  private static final Layer SMALL_LAYER = new Layer("fc", 10, 1, 1);

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void everyLatexRowHasOneCellPerColumnAndTheBracesBalance(long seed) {
    Listing listing = random(seed);
    String latex = listing.latex();
    List<String> rows = latex.lines().filter(line -> line.endsWith("\\\\")).toList();
    boolean pages = listing.table().rowCount() > 40;
    // The caption of a table that breaks over pages ends like a row.
    assertThat(rows).hasSize(listing.table().rowCount() + (pages ? 2 : 1));
    assertThat(latex.contains("longtable")).isEqualTo(pages);
    assertThat(rows.subList(pages ? 1 : 0, rows.size()))
        .allSatisfy(row -> assertThat(row.replace("\\&", "").split("&", -1)).hasSize(4));
    String commands = latex.replaceAll("\\\\[{}]", "");
    assertThat(commands.chars().filter(c -> c == '{').count())
        .isEqualTo(commands.chars().filter(c -> c == '}').count());
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void htmlIsWellFormedAndShowsEveryCellAsPrinted(long seed) throws Exception {
    Listing listing = random(seed);
    Document document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader(listing.html())));
    NodeList rows = document.getElementsByTagName("tr");
    assertThat(rows.getLength()).isEqualTo(listing.table().rowCount() + 1);
    for (int r = 0; r < listing.table().rowCount(); r++) {
      NodeList cells = ((Element) rows.item(r + 1)).getElementsByTagName("td");
      for (int c = 0; c < 4; c++) {
        Element cell = (Element) cells.item(c);
        assertThat(cell.getTextContent()).isEqualTo(listing.table().column(c).getString(r));
        assertThat(cell.getAttribute("style"))
            .isEqualTo("text-align:" + (c == 0 ? "left" : "right"));
      }
    }
    assertThat(document.getElementsByTagName("tfoot").getLength()).isEqualTo(1);
    assertThat(document.getElementsByTagName("caption").item(0).getTextContent())
        .isEqualTo(listing.title());
  }

  @Test
  void noFormDependsOnTheLocale() {
    Listing listing = random(7);
    Locale before = Locale.getDefault();
    List<String> english = forms(listing);
    try {
      Locale.setDefault(Locale.GERMANY);
      assertThat(forms(random(7))).isEqualTo(english);
      Locale.setDefault(new Locale("ar", "EG"));
      assertThat(forms(random(7))).isEqualTo(english);
    } finally {
      Locale.setDefault(before);
    }
  }

  private static List<String> forms(Listing listing) {
    return List.of(
        listing.toString(),
        listing.csv(),
        listing.json(),
        listing.markdown(),
        listing.latex(),
        listing.html());
  }

  @Test
  void columnsWithoutTotalHaveOneRowPerElement() {
    List<Layer> layers = List.of(SMALL_LAYER, new Layer("x", 5, 0.25, 0.125));
    Listing listing =
        new Listing(
            "t",
            Columns.table(
                "t",
                Columns.text("layer", layers, Layer::name),
                Columns.count("MACs", layers, Layer::macs),
                Columns.percent("density", layers, Layer::density),
                Columns.decimal("speedup", 2, layers, Layer::speedup)),
            false);
    assertThat(listing)
        .hasToString(
            """
            t
            layer  MACs  density  speedup
            -----------------------------
            fc       10   100.0%     1.00
            x         5    25.0%     0.13""");
  }

  @ParameterizedTest
  @ValueSource(strings = {"t.csv", "t.json", "t.md", "t.tex", "t.html", "t.txt", "T.CSV"})
  void savesTheFormOfTheEnding(String name, @TempDir Path folder) throws Exception {
    Path file = folder.resolve(name);
    assertThat(SMALL.save(file)).isEqualTo(file);
    assertThat(SMALL.save(file.toString())).isEqualTo(file);
    String expected =
        switch (name.toLowerCase(Locale.ROOT).substring(2)) {
          case "csv" -> SMALL.csv();
          case "json" -> SMALL.json();
          case "md" -> SMALL.markdown();
          case "tex" -> SMALL.latex();
          case "html" -> Html.document(SMALL.title(), SMALL.html());
          default -> SMALL + "\n";
        };
    assertThat(file).hasContent(expected);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).as("nothing else is left").containsExactly(file);
    }
    // The rights of any other new file, not those of a temporary one.
    Path other = Files.createFile(folder.resolve("other"));
    assertThat(Files.getPosixFilePermissions(file)).isEqualTo(Files.getPosixFilePermissions(other));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "0.2 0.05; right",
        "1,024 -3; right",
        "8_KiB 128_KiB; right",
        "5.1% 12%; right",
        "2.5x 1e-3; right",
        "8x16 4x16; left",
        "conv1 3; left",
        "1.2.3 1; left",
        "3_banks 4_banks; left"
      })
  void textsThatAreNumbersStandAsNumbers(String texts, String side) {
    List<String> column = Stream.of(texts.split(" ")).map(c -> c.replace('_', ' ')).toList();
    Listing listing = new Listing("", Columns.table("t", Columns.text("c", column, c -> c)), false);

    assertThat(listing.html()).contains("<td align=\"" + side + "\"");
  }

  @Test
  void refusesAnUnknownEndingAndListsTheKnownOnes(@TempDir Path folder) {
    assertThatThrownBy(() -> SMALL.save(folder.resolve("t.xlsx")))
        .isInstanceOf(DlacException.class)
        .hasMessageContainingAll(
            ".xlsx", "t.xlsx", ".csv, .html, .json, .md, .parquet, .tex, .txt");
    assertThatThrownBy(() -> SMALL.save(folder.resolve("table")))
        .isInstanceOf(DlacException.class)
        .hasMessageContainingAll("\"table\" has no ending", ".csv");
  }

  @Test
  void saysWhichFolderIsMissing(@TempDir Path folder) {
    assertThatThrownBy(() -> SMALL.save(folder.resolve("results/t.csv")))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining(folder.resolve("results") + "\"")
        .hasMessageContaining("does not exist");
    assertThatThrownBy(() -> SMALL.save(folder))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("is a folder");
  }

  @Test
  void refusesTablesThatCannotBeListed() {
    assertThatThrownBy(() -> new Listing("empty", Table.create("t"), false))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("\"empty\" has no columns");
    Table noRows = Columns.table("t", Columns.text("layer", List.<Layer>of(), Layer::name));
    assertThatThrownBy(() -> new Listing("empty", noRows, true))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("\"empty\" has no rows");
    assertThat(new Listing("empty", noRows, false)).hasToString("empty\nlayer\n-----");
  }

  @Test
  void aLongTableShowsEveryRowInEveryForm() {
    List<Layer> layers =
        IntStream.range(0, 500).mapToObj(i -> new Layer("layer" + i + "!", i, 0.5, i)).toList();
    Listing listing = listing(layers);
    assertThat(forms(listing))
        .allSatisfy(form -> layers.forEach(layer -> assertThat(form).contains(layer.name())));
  }
}
