package org.dlaclab.plot;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.dlaclab.table.Html;
import org.dlaclab.table.Output;

/** A chart, and the forms that every chart has. */
public sealed interface Chart extends Block permits BarChart, LineChart, HeatMap, Charts {
  /** The columns of a chart as a string. */
  int TEXT_COLUMNS = 100;

  /** What the chart shows. */
  String title();

  /** The chart as data, layout and config of plotly.js 2.34 or later, and 3. */
  default String json() {
    return Plotly.json(this);
  }

  /** A page with the interactive chart that needs no network. */
  default String html() {
    return Html.document(title(), Plotly.script() + "\n" + fragment("chart"));
  }

  /**
   * The interactive chart for a page that holds {@link Plotly#script()} before it. Without script,
   * the static picture stays in its place.
   *
   * @param id unique in the page: a letter, then letters, digits, hyphens and underscores
   */
  default String fragment(String id) {
    return Plotly.frame(this, id) + "\n" + Plotly.start(this, id);
  }

  /** The static picture as SVG; its text is text. */
  default String svg() {
    return Picture.svg(this);
  }

  /** The static picture as pixels, two for each unit of the SVG in both directions. */
  default BufferedImage image() {
    return Picture.image(this);
  }

  /** {@link #image()} as PNG. */
  default byte[] png() {
    return Png.of(image());
  }

  /**
   * The chart as text.
   *
   * @param columns the width of the terminal, at least 40
   */
  String text(int columns);

  /**
   * Writes the chart in the form of the file's ending: .svg, .png, .html, .json or .txt.
   *
   * @return {@code file}
   * @throws org.dlaclab.error.DlacException if the ending is another, or the file cannot be written
   */
  default Path save(Path file) {
    SortedMap<String, Supplier<byte[]>> forms = new TreeMap<>();
    forms.put(".svg", Output.utf8(this::svg));
    forms.put(".png", this::png);
    forms.put(".html", Output.utf8(this::html));
    forms.put(".json", Output.utf8(this::json));
    forms.put(".txt", Output.utf8(() -> this + "\n"));
    return Output.save(file, forms);
  }

  /** As {@link #save(Path)}. */
  default Path save(String file) {
    return save(Path.of(file));
  }
}
