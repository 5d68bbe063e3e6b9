package org.dlaclab.notebook;

import java.util.Locale;
import org.dlaclab.kernel.display.Bundle;
import org.dlaclab.table.Excerpt;
import org.dlaclab.table.Html;
import org.dlaclab.table.Listing;
import tech.tablesaw.api.Table;

/** Tables: numbers to the right, of a long one the beginning and the end. */
final class Tables {
  private Tables() {}

  static Bundle listing(Listing listing) {
    Excerpt excerpt = listing.excerpt();
    return excerpt.whole()
        ? bundle(excerpt, "")
        : bundle(excerpt, shape(listing.table(), listing.totals()));
  }

  static Bundle table(Table table) {
    String name = table.name() == null ? "" : table.name();
    String shape = shape(table, false);
    if (table.columnCount() == 0) {
      String text = (name + ": " + shape).replaceFirst("^: ", "");
      return Bundle.text(text).with("text/html", "<p>" + Html.escape(text) + "</p>");
    }
    return bundle(new Listing(name, table, false).excerpt(), shape);
  }

  private static Bundle bundle(Excerpt excerpt, String shape) {
    if (shape.isEmpty()) {
      return Bundle.text(excerpt.text()).with("text/html", excerpt.html());
    }
    return Bundle.text(excerpt.text() + "\n" + shape)
        .with("text/html", excerpt.html() + "\n<p style=\"opacity:0.7\">" + shape + "</p>");
  }

  private static String shape(Table table, boolean totals) {
    int rows = table.rowCount() - (totals ? 1 : 0);
    return count(rows, "row")
        + (totals ? " and the total" : "")
        + " × "
        + count(table.columnCount(), "column");
  }

  private static String count(int count, String what) {
    return String.format(Locale.ROOT, "%,d %s%s", count, what, count == 1 ? "" : "s");
  }
}
