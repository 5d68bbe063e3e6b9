package org.dlaclab.shell;

import java.awt.Font;
import java.awt.font.FontRenderContext;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The half of {@code dlac doctor} that only a JVM can answer; the launcher checks what starts one.
 */
final class Doctor {
  private static final double GIB = 1L << 30;

  private final PrintStream out;

  private Doctor(PrintStream out) {
    this.out = out;
  }

  /**
   * Prints one line per check.
   *
   * @return 0, or 1 if something required is missing
   */
  static int run(PrintStream out) {
    return new Doctor(out).check();
  }

  private int check() {
    Runtime runtime = Runtime.getRuntime();
    double heap = runtime.maxMemory() / GIB;
    line(
        heap < 0.9 ? "note" : "ok",
        "heap",
        String.format(
            Locale.ROOT,
            "%.1f GiB at most, %d processor%s%s",
            heap,
            runtime.availableProcessors(),
            runtime.availableProcessors() == 1 ? "" : "s",
            heap < 0.9 ? "; ResNet-152 wants 1 GiB: DLAC_JAVA_OPTS=-Xmx1g" : ""));
    String fontProblem = fontProblem();
    line(
        fontProblem == null ? "ok" : "note",
        "fonts",
        fontProblem == null
            ? "PNG pictures can be drawn"
            : "no PNG pictures ("
                + fontProblem
                + "): install fontconfig and a font, such as fonts-dejavu-core");
    List<String> weights = weights();
    line(
        weights.isEmpty() ? "MISSING" : "ok",
        "weights",
        weights.isEmpty()
            ? "no trained weights in the jar: ./dlac build"
            : String.join(", ", weights));
    return weights.isEmpty() ? 1 : 0;
  }

  private void line(String state, String what, String text) {
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

  /** The names of the trained networks that lie beside this class. */
  private static List<String> weights() {
    try {
      Path place =
          Path.of(Doctor.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      if (Files.isDirectory(place)) {
        return weights(place);
      }
      try (FileSystem jar = FileSystems.newFileSystem(place)) {
        return weights(jar.getPath("/"));
      }
    } catch (IOException | java.net.URISyntaxException e) {
      return List.of();
    }
  }

  private static List<String> weights(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .map(file -> String.valueOf(file.getFileName()))
          .filter(file -> file.endsWith(".safetensors"))
          .sorted()
          .toList();
    }
  }
}
