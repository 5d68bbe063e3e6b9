package org.dlaclab.kernel.magic;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.dlaclab.kernel.eval.Evaluator;

/** Where the classes that cells can use come from. */
final class ClassPath {
  private final Evaluator evaluator;
  private final Runnable newClasses;

  /** Each with who added it. */
  private final Map<Path, String> entries = new LinkedHashMap<>();

  /**
   * @param newClasses called when there are more
   */
  ClassPath(Evaluator evaluator, Runnable newClasses) {
    this.evaluator = evaluator;
    this.newClasses = newClasses;
    for (String entry : System.getProperty("java.class.path", "").split(File.pathSeparator, -1)) {
      if (!entry.isEmpty()) {
        entries.put(real(Path.of(entry)), "kernel");
      }
    }
  }

  synchronized Map<Path, String> entries() {
    return new LinkedHashMap<>(entries);
  }

  synchronized boolean has(Path entry) {
    return entries.containsKey(real(entry));
  }

  /** An entry that is the same library, in the same or another version. */
  synchronized Optional<Path> sameLibrary(String group, String artifact, String classifier) {
    for (Path entry : entries.keySet()) {
      String name = String.valueOf(entry.getFileName());
      String start = artifact + "-";
      String end = (classifier.isEmpty() ? "" : "-" + classifier) + ".jar";
      if (!name.startsWith(start) || !name.endsWith(end)) {
        continue;
      }
      String version =
          name.substring(start.length(), Math.max(start.length(), name.length() - end.length()));
      if (version.matches("\\d.*") && isOf(group, artifact, version, entry)) {
        return Optional.of(entry);
      }
    }
    return Optional.empty();
  }

  /** Artifacts of several groups may share a name. */
  private static boolean isOf(String group, String artifact, String version, Path jar) {
    Path folder = jar.getParent();
    if (folder != null && folder.endsWith(Path.of(artifact, version))) {
      return folder.endsWith(Path.of(group.replace('.', '/'), artifact, version));
    }
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      ZipEntry about = zip.getEntry("META-INF/maven/" + group + "/" + artifact + "/pom.properties");
      if (about == null) {
        return false;
      }
      Properties properties = new Properties();
      try (InputStream in = zip.getInputStream(about)) {
        properties.load(in);
      }
      return version.equals(properties.getProperty("version"));
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Adds what is not there yet.
   *
   * @param by which magic adds them
   * @return those that were added
   */
  List<Path> add(List<Path> more, String by) {
    List<Path> added = new ArrayList<>();
    synchronized (this) {
      for (Path entry : more) {
        if (entries.putIfAbsent(real(entry), by) == null) {
          added.add(real(entry));
        }
      }
    }
    if (!added.isEmpty()) {
      evaluator.addToClassPath(added);
      newClasses.run();
    }
    return added;
  }

  /** Their sources have come, after the jars themselves. */
  void sourcesCame(List<Path> jars) {
    evaluator.addSources(jars.stream().map(ClassPath::real).toList());
  }

  private static Path real(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException e) {
      return path.toAbsolutePath().normalize();
    }
  }

  /** The jars and folders that names stand for. */
  static List<Path> named(Help help, List<String> names, boolean onlyJars) throws MagicException {
    List<Path> found = new ArrayList<>();
    for (String name : names) {
      List<Path> some = new ArrayList<>();
      // On Unix a list is written with colons; on Windows a colon follows the drive.
      for (String part : name.split(Pattern.quote(File.pathSeparator), -1)) {
        if (!part.isEmpty()) {
          some.addAll(UserPath.glob(part));
        }
      }
      List<Path> usable =
          some.stream()
              .filter(path -> isJar(path) || (!onlyJars && Files.isDirectory(path)))
              .toList();
      if (onlyJars && usable.isEmpty() && some.stream().anyMatch(Files::isDirectory)) {
        usable = jarsIn(some);
      }
      if (usable.isEmpty()) {
        throw Invocation.wrong(
            help,
            some.isEmpty()
                ? "nothing is named " + name + " in " + Path.of("").toAbsolutePath()
                : name + " is no jar" + (onlyJars ? "" : " and no folder"),
            onlyJars
                ? "jars, or a pattern such as lib/*.jar"
                : "jars, folders of classes, or a pattern such as lib/*.jar");
      }
      found.addAll(usable);
    }
    return found;
  }

  private static List<Path> jarsIn(List<Path> folders) {
    List<Path> jars = new ArrayList<>();
    for (Path folder : folders) {
      try (Stream<Path> files = Files.walk(folder, 1, FileVisitOption.FOLLOW_LINKS)) {
        files.filter(ClassPath::isJar).sorted().forEach(jars::add);
      } catch (IOException e) {
        // Counts as a folder without jars.
      }
    }
    return jars;
  }

  private static boolean isJar(Path path) {
    String name = String.valueOf(path.getFileName());
    return Files.isRegularFile(path) && (name.endsWith(".jar") || name.endsWith(".zip"));
  }
}
