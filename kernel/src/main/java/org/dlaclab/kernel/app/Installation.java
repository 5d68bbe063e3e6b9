package org.dlaclab.kernel.app;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The kernel where Jupyter finds it: {@code kernel.json}, the pictures, a copy of the jars, the
 * JVM's options in a file that can be edited, and an archive of the classes of a start.
 */
final class Installation {
  /** The JVM's options, one a line, for {@code java @FILE}. */
  static final String OPTIONS = "jvm.options";

  private static final String ARCHIVE = "classes.archive";
  private static final List<String> PICTURES =
      List.of("logo-32x32.png", "logo-64x64.png", "logo-svg.svg");

  private Installation() {}

  static int install(Options options, PrintStream out) {
    Path folder = options.folder();
    long begin = System.nanoTime();
    try {
      clear(folder);
      Files.createDirectories(folder.resolve("lib"));
      List<Path> classPath = copyClassPath(folder.resolve("lib"));
      Path archive = folder.resolve(ARCHIVE);
      List<String> flags = new ArrayList<>(flags(options.jvmArgs()));
      flags.add("-cp");
      flags.add(join(classPath));
      write(folder.resolve(OPTIONS), flags);
      boolean archived = archive(folder, archive);
      if (archived) {
        flags.add(0, (isAot() ? "-XX:AOTCache=" : "-XX:SharedArchiveFile=") + archive);
        write(folder.resolve(OPTIONS), flags);
      }
      for (String picture : PICTURES) {
        try (InputStream in =
            Objects.requireNonNull(Installation.class.getResourceAsStream(picture), picture)) {
          Files.copy(in, folder.resolve(picture), StandardCopyOption.REPLACE_EXISTING);
        }
      }
      // Last: without it, Jupyter sees no kernel, and not half of one.
      Files.writeString(folder.resolve("kernel.json"), kernelJson(options, folder));
      out.printf(
          "installed the kernel '%s' in %s (%.1f s%s)%n",
          options.displayName(),
          folder,
          (System.nanoTime() - begin) / 1e9,
          archived ? "" : "; without an archive of classes, starts take longer");
      return 0;
    } catch (IOException | UncheckedIOException e) {
      throw new UserError(
          1,
          "cannot install to "
              + folder
              + ": "
              + e.getMessage()
              + "; is it yours to write? --user and --prefix FOLDER install elsewhere",
          e);
    }
  }

  static int uninstall(Options options, PrintStream out) {
    Path folder = options.folder();
    if (!Files.exists(folder.resolve("kernel.json"))) {
      throw new UserError(
          1,
          "there is no kernel '"
              + options.name()
              + "' in "
              + folder.getParent()
              + "; jupyter kernelspec list shows where kernels are");
    }
    try {
      clear(folder);
    } catch (IOException | UncheckedIOException e) {
      throw new UserError(1, "cannot remove " + folder + ": " + e.getMessage(), e);
    }
    out.println("removed " + folder);
    return 0;
  }

  /** Removes what an installation made; a folder that holds anything else is left alone. */
  private static void clear(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    if (!Files.exists(folder.resolve("kernel.json")) && !Files.exists(folder.resolve(OPTIONS))) {
      try (Stream<Path> content = Files.list(folder)) {
        if (content.findAny().isPresent()) {
          throw new IOException("it holds files that are not this kernel's");
        }
      }
    }
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private static List<Path> copyClassPath(Path lib) throws IOException {
    List<Path> copies = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      Path path = Path.of(entry).toAbsolutePath();
      if (Files.isRegularFile(path)) {
        Path copy = lib.resolve(path.getFileName());
        Files.copy(path, copy, StandardCopyOption.REPLACE_EXISTING);
        copies.add(copy);
        String stem = String.valueOf(path.getFileName()).replaceFirst("\\.jar$", "");
        Path sources = path.resolveSibling(stem + "-sources.jar");
        if (Files.isRegularFile(sources)) {
          Files.copy(
              sources, lib.resolve(sources.getFileName()), StandardCopyOption.REPLACE_EXISTING);
        }
      } else if (Files.isDirectory(path)) {
        // A build's folder of classes: used where it is.
        copies.add(path);
      }
    }
    return copies;
  }

  private static String join(List<Path> paths) {
    return paths.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }

  private static List<String> flags(List<String> jvmArgs) {
    int java = Runtime.version().feature();
    List<String> flags = new ArrayList<>();
    flags.add("-XX:+UseSerialGC");
    // By default the first heap is a 64th of the machine's memory, which a small session never
    // fills.
    flags.add("-Xms32m");
    flags.add("-XX:-UsePerfData");
    flags.add("-Xlog:disable");
    flags.add("-Djava.awt.headless=true");
    flags.add("-Dfile.encoding=UTF-8");
    if (java >= 22) {
      flags.add("--enable-native-access=ALL-UNNAMED");
    }
    if (java >= 24) {
      // protobuf, which writes ONNX, still uses the old way to memory.
      flags.add("--sun-misc-unsafe-memory-access=allow");
    }
    flags.addAll(jvmArgs);
    return flags;
  }

  private static boolean isAot() {
    return Runtime.version().feature() >= 25;
  }

  private static void write(Path file, List<String> options) throws IOException {
    // An argument file takes backslashes and quotes as Java strings do.
    String text =
        options.stream()
            .map(o -> "\"" + o.replace("\\", "\\\\").replace("\"", "\\\"") + "\"\n")
            .collect(Collectors.joining());
    Files.writeString(file, text);
  }

  /** The classes of a start, loaded and checked once; a JVM that cannot make it starts without. */
  private static boolean archive(Path folder, Path archive) throws IOException {
    ProcessBuilder rehearsal =
        new ProcessBuilder(
            java().toString(),
            "@" + folder.resolve(OPTIONS),
            (isAot() ? "-XX:AOTCacheOutput=" : "-XX:ArchiveClassesAtExit=") + archive,
            Main.class.getName(),
            "rehearse");
    rehearsal.redirectErrorStream(true);
    rehearsal.redirectOutput(ProcessBuilder.Redirect.DISCARD);
    try {
      return rehearsal.start().waitFor() == 0 && Files.isRegularFile(archive);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** The Java that runs this program. */
  static Path java() {
    return Path.of(
        System.getProperty("java.home"), "bin", Folders.isWindows() ? "java.exe" : "java");
  }

  private static String kernelJson(Options options, Path folder) {
    JsonArray argv = new JsonArray();
    argv.add(java().toString());
    argv.add("@" + folder.resolve(OPTIONS));
    argv.add(Main.class.getName());
    argv.add("{connection_file}");
    JsonObject spec = new JsonObject();
    spec.add("argv", argv);
    spec.addProperty("display_name", options.displayName());
    spec.addProperty("language", "java");
    spec.addProperty("interrupt_mode", "message");
    JsonObject metadata = new JsonObject();
    metadata.addProperty("debugger", false);
    spec.add("metadata", metadata);
    return new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create().toJson(spec) + "\n";
  }
}
