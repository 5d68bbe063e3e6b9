package org.dlaclab.notebook;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.dlaclab.kernel.display.Bundle;
import org.dlaclab.table.Html;

/** A title, and names with their values below. */
final class Facts {
  private record Fact(String name, String value, String meaning) {}

  private final String title;
  private final List<Fact> facts = new ArrayList<>();

  Facts(String title) {
    this.title = title;
  }

  Facts with(String name, String value) {
    return with(name, value, "");
  }

  Facts with(String name, String value, String meaning) {
    facts.add(new Fact(name, value, meaning));
    return this;
  }

  Facts with(String name, long count) {
    return with(name, String.format(Locale.ROOT, "%,d", count));
  }

  Facts with(String name, double value, int decimals) {
    return with(name, String.format(Locale.ROOT, "%,." + decimals + "f", value));
  }

  Facts withShare(String name, double share) {
    return Double.isNaN(share)
        ? this
        : with(name, String.format(Locale.ROOT, "%.1f %%", 100 * share));
  }

  Bundle bundle(String text) {
    return Bundle.text(text).with("text/html", html());
  }

  /** Styled by attributes alone: no front end takes them away. */
  String html() {
    StringBuilder out = new StringBuilder("<div class=\"dlac-facts\">\n<p><b>");
    out.append(Html.escape(title)).append("</b></p>\n");
    return out.append(table()).append("\n</div>").toString();
  }

  /** The facts without their title. */
  String table() {
    StringBuilder out = new StringBuilder("<table style=\"margin:0\">\n<tbody>\n");
    boolean meanings = facts.stream().anyMatch(fact -> !fact.meaning().isEmpty());
    for (Fact fact : facts) {
      out.append("<tr>");
      cell(out, fact.name(), "opacity:0.7;");
      cell(out, fact.value(), "font-variant-numeric:tabular-nums;");
      if (meanings) {
        cell(out, fact.meaning(), "opacity:0.7;");
      }
      out.append("</tr>\n");
    }
    return out.append("</tbody>\n</table>").toString();
  }

  private static void cell(StringBuilder out, String text, String style) {
    out.append("<td align=\"left\" style=\"text-align:left;").append(style).append("\">");
    out.append(Html.escape(text)).append("</td>");
  }

  /** A value in its short form, and in plain units where that says more. */
  static Bundle quantity(Object quantity, double value, String unit) {
    String plain =
        value == Math.rint(value) && Math.abs(value) < 1e15
            ? String.format(Locale.ROOT, "%,.0f %s", value, unit)
            : value + " " + unit;
    String text = quantity.toString();
    String html = "<p><b>" + Html.escape(text) + "</b>";
    boolean same = plain.equals(text) || value == 1;
    return Bundle.text(text)
        .with("text/html", html + (same ? "" : " (" + Html.escape(plain) + ")") + "</p>");
  }
}
