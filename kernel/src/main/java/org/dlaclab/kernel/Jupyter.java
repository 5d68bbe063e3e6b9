package org.dlaclab.kernel;

import java.net.URL;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Iterator;
import java.util.function.Function;
import org.dlaclab.kernel.display.Bundle;
import org.dlaclab.kernel.display.Displays;
import org.dlaclab.kernel.display.Html;
import org.dlaclab.kernel.display.Image;
import org.dlaclab.kernel.display.Latex;
import org.dlaclab.kernel.display.Markdown;
import org.dlaclab.kernel.display.Notebook;
import org.dlaclab.kernel.display.ProgressBar;
import org.dlaclab.kernel.display.Svg;
import org.jspecify.annotations.Nullable;

/**
 * What a cell can do with its notebook. Every session imports these words. Where there is no
 * notebook, such as in a plain JShell, they work as text.
 */
public final class Jupyter {
  private static volatile Notebook notebook = Notebook.terminal();

  private static final Displays BUILT_IN = new Displays();

  private Jupyter() {}

  /** For the kernel: from now on, all words go to this notebook. */
  public static void connect(Notebook notebook) {
    Jupyter.notebook = notebook;
  }

  /** Shows a value below the cell. */
  public static void display(@Nullable Object value) {
    notebook.display(value);
  }

  /**
   * Shows a value below the cell, under a name.
   *
   * <pre>{@code
   * var shown = display("waiting", "state");
   * shown.update("ready");
   * }</pre>
   *
   * @return with which it can be changed in place
   */
  public static Notebook.Handle display(@Nullable Object value, String id) {
    return notebook.display(value, id);
  }

  /** Shows another value wherever something of this name is shown, by whichever cell. */
  public static void updateDisplay(@Nullable Object value, String id) {
    notebook.update(value, id);
  }

  /**
   * From now on, values of a type and of its subtypes show like this.
   *
   * <pre>{@code
   * showAs(Point.class, p -> html("<b>" + p.x() + "</b>, " + p.y()));
   * }</pre>
   *
   * @param how another value that shows instead: html, markdown, an image, a {@link Bundle}, a text
   */
  public static <T> void showAs(Class<T> type, Function<? super T, ?> how) {
    notebook.show(type, value -> bundle(how.apply(value)));
  }

  private static Bundle bundle(@Nullable Object shown) {
    return shown instanceof CharSequence text
        ? Bundle.text(text.toString())
        : BUILT_IN.bundle(shown);
  }

  /** Takes away what the cell has shown so far. */
  public static void clearOutput() {
    clearOutput(false);
  }

  /**
   * Takes away what the cell has shown so far.
   *
   * @param waitForNext only when there is something new to show, so that nothing flickers
   */
  public static void clearOutput(boolean waitForNext) {
    notebook.clearOutput(waitForNext);
  }

  /**
   * A bar that tells how far long work is.
   *
   * <pre>{@code
   * try (var bar = progress("Training", epochs)) {
   *   for (int i = 0; i < epochs; i++) {
   *     train();
   *     bar.step();
   *   }
   * }
   * }</pre>
   *
   * @param what the work
   * @param total steps; -1 if it is not known
   */
  public static ProgressBar progress(String what, long total) {
    return notebook.progress(what, total);
  }

  /**
   * The same values, with a bar that steps with each.
   *
   * <pre>{@code
   * for (Path file : progress("Reading", files)) {
   *   read(file);
   * }
   * }</pre>
   */
  public static <T> Iterable<T> progress(String what, Iterable<T> values) {
    return () -> {
      long total = values instanceof Collection<?> known ? known.size() : -1;
      return new Stepping<>(values.iterator(), progress(what, total));
    };
  }

  /** Asks the user for a line. */
  public static String input(String prompt) {
    return notebook.input(prompt, false);
  }

  /** Asks the user for a line that stays hidden while it is typed, and is not stored. */
  public static String password(String prompt) {
    return notebook.input(prompt, true);
  }

  /** HTML, to be shown. */
  public static Html html(String source) {
    return new Html(source);
  }

  /** Markdown, to be shown. */
  public static Markdown markdown(String source) {
    return new Markdown(source);
  }

  /** A formula, to be shown; the dollars around it may be left out. */
  public static Latex latex(String source) {
    return new Latex(source);
  }

  /** A drawing, to be shown. */
  public static Svg svg(String source) {
    return new Svg(source);
  }

  /** A PNG, JPEG or GIF file, to be shown. It is stored in the notebook. */
  public static Image image(Path file) {
    return Image.read(file);
  }

  /** A PNG, JPEG or GIF picture, to be shown. It is read now and stored in the notebook. */
  public static Image image(URL address) {
    return Image.read(address);
  }

  /** A PNG, JPEG or GIF picture, to be shown. */
  public static Image image(byte[] bytes) {
    return Image.of(bytes);
  }

  /** A bar that is closed when nothing is left. */
  private record Stepping<T>(Iterator<T> values, ProgressBar bar) implements Iterator<T> {
    @Override
    public boolean hasNext() {
      boolean more = values.hasNext();
      if (!more) {
        bar.close();
      }
      return more;
    }

    @Override
    public T next() {
      T value = values.next();
      bar.step();
      return value;
    }
  }
}
