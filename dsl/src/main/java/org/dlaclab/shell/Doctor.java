package org.dlaclab.shell;

import java.awt.Font;
import java.awt.font.FontRenderContext;
import java.io.PrintStream;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The half of {@code dlac doctor} that only a JVM can answer; the launcher checks what starts one.
 */
final class Doctor {
  private static final double GIB = 1L << 30;

  private Doctor() {}

  /** Prints one line per check. Nothing here is required: what is, the launcher has found. */
  static void run(PrintStream out) {
    Runtime runtime = Runtime.getRuntime();
    double heap = runtime.maxMemory() / GIB;
    line(
        out,
        "ok",
        "heap",
        String.format(
            Locale.ROOT,
            "%.1f GiB at most, %d processor%s",
            heap,
            runtime.availableProcessors(),
            runtime.availableProcessors() == 1 ? "" : "s"));
    String fontProblem = fontProblem();
    line(
        out,
        fontProblem == null ? "ok" : "note",
        "fonts",
        fontProblem == null
            ? "PNG pictures can be drawn"
            : "no PNG pictures ("
                + fontProblem
                + "): install fontconfig and a font, such as fonts-dejavu-core");
  }

  private static void line(PrintStream out, String state, String what, String text) {
    out.printf("%-8s%-13s%s%n", state, what, text);
  }

  /** What keeps text from being drawn, or null. */
  private static @Nullable String fontProblem() {
    try {
      Font font = new Font(Font.SANS_SERIF, Font.PLAIN, 12);
      double width =
          font.getStringBounds("dlac", new FontRenderContext(null, true, true)).getWidth();
      return width > 0 ? null : "text has no width";
    } catch (RuntimeException | LinkageError e) {
      // The JDK says so in several ways: a missing libfreetype, libfontconfig or font.
      return e.toString();
    }
  }
}
