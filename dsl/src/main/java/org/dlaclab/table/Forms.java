package org.dlaclab.table;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.univocity.parsers.csv.CsvWriter;
import com.univocity.parsers.csv.CsvWriterSettings;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tech.tablesaw.api.BooleanColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.NumericColumn;
import tech.tablesaw.api.ShortColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.columns.Column;

/** The forms in which a listing is written. */
final class Forms {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /** Rows that fit one printed page; LaTeX's plain table does not break. */
  private static final int PAGE_ROWS = 40;

  private static final Map<Integer, String> LATEX =
      Map.ofEntries(
          Map.entry((int) '\\', "\\textbackslash{}"),
          Map.entry((int) '{', "\\{"),
          Map.entry((int) '}', "\\}"),
          Map.entry((int) '$', "\\$"),
          Map.entry((int) '&', "\\&"),
          Map.entry((int) '#', "\\#"),
          Map.entry((int) '%', "\\%"),
          Map.entry((int) '_', "\\_"),
          Map.entry((int) '~', "\\textasciitilde{}"),
          Map.entry((int) '^', "\\textasciicircum{}"),
          Map.entry((int) '<', "\\textless{}"),
          Map.entry((int) '>', "\\textgreater{}"),
          Map.entry((int) '|', "\\textbar{}"),
          Map.entry((int) '"', "''"),
          Map.entry((int) '\n', " "),
          Map.entry((int) '\r', ""),
          Map.entry((int) '×', "$\\times$"),
          Map.entry((int) '·', "$\\cdot$"),
          Map.entry((int) '±', "$\\pm$"),
          Map.entry((int) '−', "$-$"),
          Map.entry((int) '≤', "$\\leq$"),
          Map.entry((int) '≥', "$\\geq$"),
          Map.entry((int) '→', "$\\rightarrow$"),
          Map.entry((int) '∞', "$\\infty$"),
          Map.entry((int) 'µ', "$\\mu$"),
          Map.entry((int) 'μ', "$\\mu$"),
          Map.entry((int) '²', "$^2$"),
          Map.entry((int) '–', "--"),
          Map.entry((int) '—', "---"),
          Map.entry((int) '…', "\\dots{}"));

  /** Stands among indices for rows or columns that are left out. */
  private static final int GAP = -1;

  private static final String MORE = "…";

  private static final Pattern NUMBER =
      Pattern.compile(
          "[-+\u2212]?(\\d[\\d,]*(\\.\\d+)?|\\.\\d+)([eE][-+]?\\d+)?"
              + "( ?(%|x|[kKMGT]?i?B|[num\u00b5]?s|[kMG]?Hz))?");

  private Forms() {}

  /** How much of a table is shown. */
  private enum Part {
    WHOLE(Integer.MAX_VALUE, 0, 0, Integer.MAX_VALUE, 0, 0, Integer.MAX_VALUE, "92vh"),
    EXCERPT(100, 25, 5, 60, 40, 5, 200, "36em");

    private final int mostRows;
    private final int firstRows;
    private final int lastRows;
    private final int mostColumns;
    private final int firstColumns;
    private final int lastColumns;
    private final int longest;
    private final String height;

    Part(
        int mostRows,
        int firstRows,
        int lastRows,
        int mostColumns,
        int firstColumns,
        int lastColumns,
        int longest,
        String height) {
      this.mostRows = mostRows;
      this.firstRows = firstRows;
      this.lastRows = lastRows;
      this.mostColumns = mostColumns;
      this.firstColumns = firstColumns;
      this.lastColumns = lastColumns;
      this.longest = longest;
      this.height = height;
    }

    IntStream rows(Listing listing) {
      return indices(listing.table().rowCount(), mostRows, firstRows, lastRows);
    }

    IntStream columns(Listing listing) {
      return indices(listing.table().columnCount(), mostColumns, firstColumns, lastColumns);
    }

    boolean holds(Listing listing) {
      return listing.table().rowCount() <= mostRows && listing.table().columnCount() <= mostColumns;
    }

    private static IntStream indices(int count, int most, int first, int last) {
      return count <= most
          ? IntStream.range(0, count)
          : IntStream.concat(
              IntStream.concat(IntStream.range(0, first), IntStream.of(GAP)),
              IntStream.range(count - last, count));
    }

    String cut(String text) {
      return text.length() <= longest
          ? text
          : text.substring(0, text.offsetByCodePoints(0, longest / 2)) + MORE;
    }
  }

  static Excerpt excerpt(Listing listing) {
    return new Excerpt(
        text(listing, Part.EXCERPT, 0), html(listing, Part.EXCERPT), Part.EXCERPT.holds(listing));
  }

  /** The printed cells: a list of texts per row. */
  private record Printed(List<String> names, List<List<String>> rows, List<Boolean> numeric) {

    static Printed of(Listing listing, UnaryOperator<String> escape) {
      return of(listing, Part.WHOLE, escape);
    }

    static Printed of(Listing listing, Part part, UnaryOperator<String> escape) {
      List<@Nullable Column<?>> columns =
          part.columns(listing)
              .<@Nullable Column<?>>mapToObj(c -> c == GAP ? null : listing.table().column(c))
              .collect(Collectors.toCollection(ArrayList::new));
      List<List<String>> rows = new ArrayList<>();
      part.rows(listing)
          .forEach(
              r -> {
                List<String> row = new ArrayList<>();
                for (Column<?> column : columns) {
                  row.add(
                      r == GAP || column == null
                          ? MORE
                          : escape.apply(part.cut(column.getString(r))));
                }
                rows.add(row);
              });
      return new Printed(
          columns.stream().map(c -> c == null ? MORE : escape.apply(part.cut(c.name()))).toList(),
          rows,
          columns.stream().map(c -> c instanceof NumericColumn<?> || isOfNumbers(c)).toList());
    }

    /** Whether a column of texts has numbers alone, such as those that have units. */
    private static boolean isOfNumbers(@Nullable Column<?> column) {
      return column instanceof StringColumn texts
          && texts.size() > texts.countMissing()
          && texts.asList().stream().allMatch(t -> t.isEmpty() || NUMBER.matcher(t).matches());
    }

    List<Integer> widths(int least) {
      return IntStream.range(0, names.size())
          .mapToObj(
              c ->
                  IntStream.concat(
                          IntStream.of(least, length(names.get(c))),
                          rows.stream().mapToInt(row -> length(row.get(c))))
                      .max()
                      .getAsInt())
          .toList();
    }

    /** One line: numbers to the right, all else to the left. */
    String line(List<String> cells, List<Integer> widths, String between) {
      return line(cells, widths, IntStream.range(0, cells.size()).boxed().toList(), between);
    }

    /** As the other one, of these columns only. */
    String line(List<String> cells, List<Integer> widths, List<Integer> columns) {
      return line(cells, widths, columns, "  ");
    }

    private String line(
        List<String> cells, List<Integer> widths, List<Integer> columns, String between) {
      return columns.stream()
          .map(c -> pad(cells.get(c), widths.get(c), numeric.get(c)))
          .collect(Collectors.joining(between));
    }

    private static int length(String text) {
      return text.codePointCount(0, text.length());
    }

    private static String pad(String text, int width, boolean right) {
      String space = " ".repeat(Math.max(0, width - length(text)));
      return right ? space + text : text + space;
    }
  }

  /**
   * Aligned text.
   *
   * @param most columns of characters to stay within, by parting a wide table into several below
   *     each other that repeat the first column; 0 for no limit
   */
  static String text(Listing listing, int most) {
    return text(listing, Part.WHOLE, most);
  }

  private static String text(Listing listing, Part shown, int most) {
    Printed printed = Printed.of(listing, shown, cell -> cell.replaceAll("\\R", " "));
    List<Integer> widths = printed.widths(0);
    List<String> lines = new ArrayList<>();
    if (!listing.title().isBlank()) {
      lines.add(listing.title());
    }
    boolean first = true;
    for (List<Integer> part : parts(widths, most)) {
      if (!first) {
        lines.add("");
      }
      first = false;
      String rule = "-".repeat(part.stream().mapToInt(widths::get).sum() + 2 * (part.size() - 1));
      lines.add(printed.line(printed.names(), widths, part));
      lines.add(rule);
      for (int r = 0; r < printed.rows().size(); r++) {
        if (isTotal(listing, printed, r)) {
          lines.add(rule);
        }
        lines.add(printed.line(printed.rows().get(r), widths, part));
      }
    }
    return lines.stream().map(String::stripTrailing).collect(Collectors.joining("\n"));
  }

  /** Which columns stand side by side: as many as fit, the first one always among them. */
  private static List<List<Integer>> parts(List<Integer> widths, int most) {
    List<List<Integer>> parts = new ArrayList<>();
    List<Integer> part = new ArrayList<>();
    int width = 0;
    for (int c = 0; c < widths.size(); c++) {
      if (most > 0 && part.size() > 1 && width + 2 + widths.get(c) > most) {
        parts.add(part);
        part = new ArrayList<>(List.of(0));
        width = widths.get(0);
      }
      part.add(c);
      width += (part.size() == 1 ? 0 : 2) + widths.get(c);
    }
    parts.add(part);
    return parts;
  }

  /**
   * Not tablesaw's own CSV writer: it leaves a cell with a quotation mark unquoted and cuts spaces
   * at its ends, against RFC 4180. This is the writer beneath it, set as the RFC wants.
   */
  static String csv(Listing listing) {
    CsvWriterSettings settings = new CsvWriterSettings();
    settings.getFormat().setLineSeparator("\r\n");
    settings.getFormat().setQuoteEscape('"');
    settings.setQuoteEscapingEnabled(true);
    settings.setNormalizeLineEndingsWithinQuotes(false);
    settings.setIgnoreLeadingWhitespaces(false);
    settings.setIgnoreTrailingWhitespaces(false);
    settings.setEmptyValue("");
    settings.setNullValue("");
    settings.setSkipEmptyLines(false);
    settings.setMaxCharsPerColumn(-1);
    StringWriter out = new StringWriter();
    CsvWriter writer = new CsvWriter(out, settings);
    List<Column<?>> columns = listing.table().columns();
    writer.writeHeaders(columns.stream().map(Column::name).toList());
    for (int r = 0; r < listing.table().rowCount(); r++) {
      int row = r;
      writer.writeRow(columns.stream().map(c -> c.getUnformattedString(row)).toList());
    }
    writer.close();
    return out.toString();
  }

  static String json(Listing listing) {
    ArrayNode rows = JSON.createArrayNode();
    for (int r = 0; r < listing.table().rowCount(); r++) {
      ObjectNode row = rows.addObject();
      for (Column<?> column : listing.table().columns()) {
        put(row, column, r);
      }
    }
    try {
      return JSON.writeValueAsString(rows) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of values is always JSON", e);
    }
  }

  private static void put(ObjectNode object, Column<?> column, int row) {
    String name = column.name();
    boolean number = column instanceof NumericColumn<?>;
    if (column.isMissing(row) && (number || column instanceof BooleanColumn)) {
      object.putNull(name);
    } else if (column instanceof LongColumn longs) {
      object.put(name, longs.getLong(row));
    } else if (column instanceof IntColumn || column instanceof ShortColumn) {
      object.put(name, ((Number) column.get(row)).intValue());
    } else if (column instanceof NumericColumn<?> numbers) {
      double value = numbers.getDouble(row);
      if (Double.isFinite(value)) {
        object.put(name, value);
      } else {
        object.putNull(name);
      }
    } else if (column instanceof BooleanColumn flags) {
      object.put(name, flags.get(row));
    } else {
      object.put(name, column.getUnformattedString(row));
    }
  }

  static String markdown(Listing listing) {
    Printed printed = Printed.of(listing, Forms::escapeMarkdown);
    if (listing.totals()) {
      List<String> total = printed.rows().get(printed.rows().size() - 1);
      total.replaceAll(cell -> cell.isBlank() ? cell : "**" + cell + "**");
    }
    List<Integer> widths = printed.widths(4);
    StringBuilder out = new StringBuilder();
    out.append("**").append(escapeMarkdown(caption(listing))).append("**\n\n");
    row(out, printed.line(printed.names(), widths, " | "));
    row(
        out,
        IntStream.range(0, widths.size())
            .mapToObj(
                c ->
                    printed.numeric().get(c)
                        ? "-".repeat(widths.get(c) - 1) + ":"
                        : ":" + "-".repeat(widths.get(c) - 1))
            .collect(Collectors.joining(" | ")));
    for (List<String> cells : printed.rows()) {
      row(out, printed.line(cells, widths, " | "));
    }
    return out.toString();
  }

  /** The title as one line: where lines flow together, two of them would read as one sentence. */
  private static String caption(Listing listing) {
    return listing.title().lines().collect(Collectors.joining("; "));
  }

  private static void row(StringBuilder out, String cells) {
    out.append("| ").append(cells).append(" |\n");
  }

  /** An underscore inside a word, as in conv1_1, is plain text to GitHub and stays readable. */
  private static String escapeMarkdown(String text) {
    return text.replaceAll("\\R", " ")
        .replaceAll("[\\\\|*`<\\[~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])", "\\\\$0");
  }

  static String latex(Listing listing) {
    Printed printed = Printed.of(listing, Forms::escapeLatex);
    List<Integer> widths = printed.widths(0);
    boolean pages = printed.rows().size() > PAGE_ROWS;
    String alignment =
        printed.numeric().stream().map(right -> right ? "r" : "l").collect(Collectors.joining());
    String caption = "\\caption{" + escapeLatex(caption(listing)) + "}";
    StringBuilder out = new StringBuilder();
    if (pages) {
      out.append("% \\usepackage{booktabs,longtable}\n\\begin{longtable}{" + alignment + "}\n");
      out.append(caption).append(" \\\\\n");
    } else {
      out.append("% \\usepackage{booktabs}\n\\begin{table}\n\\centering\n").append(caption);
      out.append("\n\\begin{tabular}{" + alignment + "}\n");
    }
    out.append("\\toprule\n").append(printed.line(printed.names(), widths, " & "));
    out.append(" \\\\\n\\midrule\n").append(pages ? "\\endhead\n" : "");
    for (int r = 0; r < printed.rows().size(); r++) {
      if (isTotal(listing, printed, r)) {
        out.append("\\midrule\n");
      }
      out.append(printed.line(printed.rows().get(r), widths, " & ")).append(" \\\\\n");
    }
    out.append("\\bottomrule\n");
    out.append(pages ? "\\end{longtable}\n" : "\\end{tabular}\n\\end{table}\n");
    return out.toString();
  }

  private static String escapeLatex(String text) {
    StringBuilder out = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              String escaped = LATEX.get(c);
              if (escaped == null) {
                out.appendCodePoint(c);
              } else {
                out.append(escaped);
              }
            });
    return out.toString();
  }

  static String html(Listing listing) {
    return html(listing, Part.WHOLE);
  }

  private static String html(Listing listing, Part part) {
    Printed printed = Printed.of(listing, part, Html::escape);
    StringBuilder out = new StringBuilder();
    out.append("<div class=\"dlac-table\" style=\"overflow:auto;max-height:");
    out.append(part.height).append("\">\n<style>");
    out.append(
        """

        .dlac-table table { border-collapse: separate; border-spacing: 0; font-size: 13.5px; line-height: 1.45; font-variant-numeric: tabular-nums; color: inherit; background: transparent; margin: 0; }
        .dlac-table caption { text-align: left; font-weight: 600; padding: 0 0 .5em; caption-side: top; color: inherit; }
        .dlac-table th, .dlac-table td { padding: .3em .6em; white-space: nowrap; border: 0; border-bottom: 1px solid rgba(128,128,128,.28); background: transparent; }
        .dlac-table thead th { position: sticky; top: 0; font-weight: 600; color: var(--ink, var(--jp-content-font-color1, var(--vscode-editor-foreground, CanvasText))); background: var(--paper, var(--jp-layout-color0, var(--vscode-editor-background, Canvas))); border-bottom: 2px solid rgba(128,128,128,.6); }
        .dlac-table tbody tr:hover td { background: rgba(128,128,128,.12); }
        .dlac-table tfoot td { font-weight: 600; border-top: 2px solid rgba(128,128,128,.6); border-bottom: 0; }
        """);
    out.append("</style>\n<table style=\"margin:0\">\n");
    if (!listing.title().isBlank()) {
      out.append("<caption style=\"text-align:left\">")
          .append(Html.escape(caption(listing)))
          .append("</caption>\n");
    }
    out.append("<thead>\n");
    cells(out, printed, printed.names(), "th");
    out.append("</thead>\n<tbody>\n");
    for (int r = 0; r < printed.rows().size(); r++) {
      if (isTotal(listing, printed, r)) {
        out.append("</tbody>\n<tfoot>\n");
      }
      cells(out, printed, printed.rows().get(r), "td");
    }
    out.append(listing.totals() ? "</tfoot>" : "</tbody>").append("\n</table>\n</div>");
    return out.toString();
  }

  /**
   * Alignment as an attribute: notebooks and mail readers that drop a style sheet keep it. Twice:
   * GitHub drops style attributes as well.
   */
  private static void cells(StringBuilder out, Printed printed, List<String> cells, String tag) {
    out.append("<tr>");
    for (int c = 0; c < cells.size(); c++) {
      out.append('<').append(tag).append(tag.equals("th") ? " scope=\"col\"" : "");
      String side = printed.numeric().get(c) ? "right" : "left";
      out.append(" align=\"").append(side).append("\" style=\"text-align:").append(side);
      out.append("\">").append(cells.get(c)).append("</").append(tag).append('>');
    }
    out.append("</tr>\n");
  }

  private static boolean isTotal(Listing listing, Printed printed, int row) {
    return listing.totals() && row == printed.rows().size() - 1;
  }
}
