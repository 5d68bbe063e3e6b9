package org.dlaclab.plot;

import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.dlaclab.table.Html;
import org.dlaclab.table.Output;

/**
 * A page in one file: text, tables and interactive charts, in the reader's light or dark theme. No
 * request leaves the reader's machine, and without script the static pictures show.
 */
public final class Page {
  /** Up to this many sections are seen at a glance. */
  private static final int SECTIONS_WITHOUT_CONTENTS = 3;

  private Page() {}

  /** The page as HTML. */
  public static String html(String title, List<Section> sections) {
    StringBuilder body = new StringBuilder();
    StringBuilder starts = new StringBuilder();
    body.append("<main>\n<h1>").append(Html.escape(title)).append("</h1>\n");
    if (sections.size() > SECTIONS_WITHOUT_CONTENTS) {
      body.append("<nav aria-label=\"Contents\">\n<ol>\n");
      for (int s = 0; s < sections.size(); s++) {
        body.append("<li><a href=\"#section-").append(s + 1).append("\">");
        body.append(Html.escape(sections.get(s).heading())).append("</a></li>\n");
      }
      body.append("</ol>\n</nav>\n");
    }
    int charts = 0;
    int films = 0;
    for (int s = 0; s < sections.size(); s++) {
      body.append("<section id=\"section-").append(s + 1).append("\">\n<h2>");
      body.append(Html.escape(sections.get(s).heading())).append("</h2>\n");
      for (Block block : sections.get(s).blocks()) {
        if (block instanceof Chart chart) {
          String id = "chart-" + ++charts;
          body.append(Plotly.frame(chart, id));
          starts.append(Plotly.start(chart, id)).append('\n');
        } else if (block instanceof Film film) {
          String picture = Picture.inline(new FilmDrawing(film), film.title());
          body.append(film.fragment("film-" + ++films, picture));
        } else {
          body.append(html(block));
        }
        body.append('\n');
      }
      body.append("</section>\n");
    }
    body.append("</main>");
    if (charts > 0) {
      body.append('\n').append(Plotly.script()).append('\n').append(starts);
    }
    return Html.document(title, body.toString());
  }

  /**
   * Writes the page.
   *
   * @param file its ending is .html
   * @return {@code file}
   */
  public static Path save(Path file, String title, List<Section> sections) {
    SortedMap<String, Supplier<byte[]>> forms = new TreeMap<>();
    forms.put(".html", Output.utf8(() -> html(title, sections)));
    return Output.save(file, forms);
  }

  private static String html(Block block) {
    StringBuilder out = new StringBuilder();
    if (block instanceof Block.Text text) {
      for (String paragraph : text.text().strip().split("\\R\\s*\\R", -1)) {
        out.append("<p>").append(Html.escape(paragraph)).append("</p>\n");
      }
    } else if (block instanceof Block.Code code) {
      out.append("<pre><code>").append(Html.escape(code.text())).append("</code></pre>");
    } else if (block instanceof Block.Facts facts) {
      out.append("<dl>\n");
      facts
          .values()
          .forEach(
              (name, value) ->
                  out.append("<dt>")
                      .append(Html.escape(name))
                      .append("</dt><dd>")
                      .append(Html.escape(value))
                      .append("</dd>\n"));
      out.append("</dl>");
    } else if (block instanceof Block.Rows rows) {
      out.append(rows.listing().html());
    }
    return out.toString();
  }
}
