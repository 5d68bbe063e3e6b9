package org.dlaclab.kernel.app;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.Charset;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
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
  private static final String SPEC = "kernel.json";
  private static final String LIBRARIES = "lib";
  private static final List<String> PICTURES =
      List.of("logo-32x32.png", "logo-64x64.png", "logo-svg.svg");

  /** All that an installation makes. */
  private static final Set<String> OWN =
      Stream.concat(Stream.of(SPEC, OPTIONS, ARCHIVE, LIBRARIES), PICTURES.stream())
          .collect(Collectors.toUnmodifiableSet());

  private Installation() {}

  static int install(Options options, PrintStream out) {
    Path folder = options.folder();
    long begin = System.nanoTime();
    try {
      clear(folder);
      Path libraries = Files.createDirectories(folder.resolve(LIBRARIES));
      List<Path> classPath = copyClassPath(libraries);
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
      Files.writeString(folder.resolve(SPEC), kernelJson(options, folder));
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
              + reason(e)
              + "; --user and --prefix FOLDER install elsewhere",
          e);
    }
  }

  static int uninstall(Options options, PrintStream out) {
    Path folder = options.folder();
    if (!Files.exists(folder.resolve(SPEC))) {
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
      throw new UserError(1, "cannot remove " + folder + ": " + reason(e), e);
    }
    out.println("removed " + folder);
    return 0;
  }

  /** Removes what an installation made; a folder that holds anything else is left alone. */
  private static void clear(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    if (Files.exists(folder.resolve(SPEC)) && !isOurs(folder)) {
      throw new IOException("it holds another kernel; --name NAME names one that is free");
    }
    try (Stream<Path> content = Files.list(folder)) {
      Optional<Path> foreign =
          content.filter(path -> !OWN.contains(path.getFileName().toString())).sorted().findFirst();
      if (foreign.isPresent()) {
        throw new IOException(
            "it holds " + foreign.get().getFileName() + ", which is not this kernel's; move it");
      }
    }
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** Whether the kernel of a folder is this one. */
  static boolean isOurs(Path folder) throws IOException {
    return Files.readString(folder.resolve(SPEC)).contains('"' + Main.class.getName() + '"');
  }

  private static String reason(Exception e) {
    return e instanceof AccessDeniedException denied
        ? denied.getFile() + " is not yours to write"
        : String.valueOf(e.getMessage());
  }

  private static List<Path> copyClassPath(Path lib) throws IOException {
    List<Path> copies = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      Path path = Path.of(entry).toAbsolutePath();
      if (Files.isRegularFile(path)) {
        String stem = String.valueOf(path.getFileName()).replaceFirst("\\.jar$", "");
        String free = stem;
        // Jars of one name from two folders are two jars.
        for (int i = 2; Files.exists(lib.resolve(free + ".jar")); i++) {
          free = stem + "-" + i;
        }
        copies.add(Files.copy(path, lib.resolve(free + ".jar")));
        Path sources = path.resolveSibling(stem + "-sources.jar");
        if (Files.isRegularFile(sources)) {
          Files.copy(sources, lib.resolve(free + "-sources.jar"));
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

  /**
   * The classes of a start, loaded and checked once; a JVM that cannot make it starts without. What
   * does not start at all is an error.
   */
  private static boolean archive(Path folder, Path archive) throws IOException {
    String flag = (isAot() ? "-XX:AOTCacheOutput=" : "-XX:ArchiveClassesAtExit=") + archive;
    if (run(folder, Redirect.DISCARD, flag, Main.class.getName(), "rehearse") == 0) {
      return Files.isRegularFile(archive);
    }
    Path said = Files.createTempFile("dlac-install", ".txt");
    try {
      if (run(folder, Redirect.to(said.toFile()), Main.class.getName(), "--help") != 0) {
        String text = new String(Files.readAllBytes(said), Charset.defaultCharset()).strip();
        throw new IOException("Java does not start with these options: " + text);
      }
      return false;
    } finally {
      Files.delete(said);
    }
  }

  private static int run(Path folder, Redirect output, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(List.of(java().toString(), "@" + folder.resolve(OPTIONS)));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output).start();
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** The Java that runs this program. */
  static Path java() {
    return Path.of(
        System.getProperty("java.home"), "bin", Folders.here().isWindows() ? "java.exe" : "java");
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
    if (!options.environment().isEmpty()) {
      JsonObject environment = new JsonObject();
      options.environment().forEach(environment::addProperty);
      spec.add("env", environment);
    }
    JsonObject metadata = new JsonObject();
    metadata.addProperty("debugger", false);
    spec.add("metadata", metadata);
    return new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create().toJson(spec) + "\n";
  }
}
