package org.dlaclab.table;

import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.dlaclab.error.DlacException;
import tech.tablesaw.api.Table;

/**
 * A table that displays whole: numbers aligned to the right, every row shown, the total set apart.
 *
 * <p>Two kinds of forms: CSV, JSON and Parquet carry the values as they are, in full precision (a
 * percentage as a fraction); text, Markdown, LaTeX and HTML carry them as printed.
 *
 * @param title one line above the table
 * @param table the values; columns print with their own formatters
 * @param totals whether the last row is a total
 */
public record Listing(String title, Table table, boolean totals) {

  /**
   * @throws DlacException if the table has no columns, or no row although the last one should be a
   *     total
   */
  public Listing {
    if (table.columnCount() == 0) {
      throw new DlacException(
          "the table \"" + title + "\" has no columns", "at least one column", "add a column");
    }
    if (totals && table.rowCount() == 0) {
      throw new DlacException(
          "the table \"" + title + "\" has no rows, but its last row should be the total",
          "at least one row",
          "append the total, or list without totals");
    }
  }

  /**
   * The table as aligned text, with the title above. Where the system property {@code dlac.columns}
   * says how wide the terminal is, as the launcher does, a wider table goes on below itself.
   */
  @Override
  public String toString() {
    return Forms.text(this, Integer.getInteger("dlac.columns", 0));
  }

  /**
   * The values as CSV (RFC 4180): names first, then one line per row, the total included; numbers
   * in full precision with a dot; a missing number is empty.
   */
  public String csv() {
    return Forms.csv(this);
  }

  /**
   * The values as a JSON array with an object per row, the total included; a missing, NaN or
   * infinite number is null.
   */
  public String json() {
    return Forms.json(this);
  }

  /** The printed values as a Markdown table (GitHub's dialect), with the total in bold. */
  public String markdown() {
    return Forms.markdown(this);
  }

  /**
   * The printed values as a LaTeX table for the packages {@code booktabs} and, beyond 40 rows,
   * {@code longtable}; the title is the caption.
   */
  public String latex() {
    return Forms.latex(this);
  }

  /**
   * The printed values as an HTML table, to be put into any page: it takes the page's font and text
   * colour, scrolls in its own frame, and keeps its header in sight.
   */
  public String html() {
    return Forms.html(this);
  }

  /**
   * The table for a notebook, where it stands among other things: of more than 100 rows the first
   * 25 and the last 5, of more than 60 columns the first 40 and the last 5, and of very long cells
   * the beginning.
   */
  public Excerpt excerpt() {
    return Forms.excerpt(this);
  }

  /**
   * Writes the table in the form of the file's ending: .csv, .json, .md, .tex, .html, .txt, or
   * .parquet, which needs a library ({@code ./dlac fetch parquet}).
   *
   * @return {@code file}
   * @throws DlacException if the ending is another, or the file cannot be written
   */
  public Path save(Path file) {
    SortedMap<String, Supplier<byte[]>> forms = new TreeMap<>();
    forms.put(".csv", Output.utf8(this::csv));
    forms.put(".json", Output.utf8(this::json));
    forms.put(".md", Output.utf8(this::markdown));
    forms.put(".tex", Output.utf8(this::latex));
    forms.put(".html", Output.utf8(() -> Html.document(title, html())));
    forms.put(".parquet", () -> Parquet.bytes(this));
    forms.put(".txt", Output.utf8(() -> Forms.text(this, 0) + "\n"));
    return Output.save(file, forms);
  }

  /** As {@link #save(Path)}. */
  public Path save(String file) {
    return save(Path.of(file));
  }
}
