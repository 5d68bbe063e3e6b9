package org.dlaclab.kernel.magic;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.dlaclab.kernel.eval.Completions;
import org.jspecify.annotations.Nullable;

/** Files as users name them: {@code ~} is their home, {@code *} stands for what is there. */
final class UserPath {
  private UserPath() {}

  static Path path(String name) throws MagicException {
    try {
      return Path.of(atHome(name));
    } catch (InvalidPathException e) {
      throw new MagicException(
          name + " cannot be the name of a file", "a path of this machine", "quotes around it");
    }
  }

  private static String atHome(String name) {
    return name.equals("~") || name.startsWith("~/") || name.startsWith("~\\")
        ? System.getProperty("user.home") + name.substring(1)
        : name;
  }

  /** All files and folders that a name with {@code *}, {@code ?}, {@code **} stands for, sorted. */
  static List<Path> glob(String name) throws MagicException {
    if (!name.matches(".*[*?\\[{].*")) {
      Path path = path(name);
      return Files.exists(path) ? List.of(path) : List.of();
    }
    String pattern = atHome(name).replace(File.separatorChar, '/');
    int first = pattern.replaceFirst("[*?\\[{].*", "").lastIndexOf('/');
    String base = first < 0 ? "" : pattern.substring(0, first + 1);
    Path folder = path(base);
    boolean deep = pattern.contains("**");
    int depth = (int) pattern.substring(base.length()).chars().filter(c -> c == '/').count() + 1;
    PathMatcher matcher =
        FileSystems.getDefault().getPathMatcher("glob:" + pattern.substring(base.length()));
    Path start = base.isEmpty() ? Path.of(".") : folder;
    if (!Files.isDirectory(start)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(start, deep ? Integer.MAX_VALUE : depth)) {
      return files
          .filter(file -> !file.equals(start) && matcher.matches(start.relativize(file)))
          .map(file -> base.isEmpty() ? start.relativize(file) : file)
          .sorted()
          .toList();
    } catch (IOException | java.io.UncheckedIOException e) {
      throw unreadable(start);
    }
  }

  static MagicException unreadable(Path file) {
    if (Files.isDirectory(file)) {
      return new MagicException(file + " is a folder", "a file", "one of the files in it");
    }
    if (Files.exists(file)) {
      return new MagicException(file + " cannot be read", "a file you may read", "ls -l " + file);
    }
    Path folder = file.toAbsolutePath().getParent();
    return new MagicException(
        "there is no file " + file,
        "a file; relative names start at " + Path.of("").toAbsolutePath(),
        near(file, folder).map(Path::toString).orElse("the name with its folders"));
  }

  private static Optional<Path> near(Path file, @Nullable Path folder) {
    if (folder == null || file.getFileName() == null || !Files.isDirectory(folder)) {
      return Optional.empty();
    }
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      files.forEach(each -> names.add(String.valueOf(each.getFileName())));
    } catch (IOException e) {
      return Optional.empty();
    }
    return Nearest.to(file.getFileName().toString(), names).map(file::resolveSibling);
  }

  /**
   * Names that a word may become.
   *
   * @param wanted which files; folders always are
   */
  static List<Completions.Item> suggest(String word, Predicate<String> wanted) {
    int slash = Math.max(word.lastIndexOf('/'), word.lastIndexOf(File.separatorChar));
    String prefix = word.substring(0, slash + 1);
    String start = word.substring(slash + 1);
    List<Completions.Item> items = new ArrayList<>();
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(Path.of(prefix.isEmpty() ? "." : atHome(prefix)))) {
      for (Path file : files) {
        String name = String.valueOf(file.getFileName());
        boolean folder = Files.isDirectory(file);
        boolean hidden = name.startsWith(".") && !start.startsWith(".");
        if (name.startsWith(start) && !hidden && (folder || wanted.test(name))) {
          String whole = prefix + name + (folder ? "/" : "");
          String quoted = whole.contains(" ") ? '"' + whole + '"' : whole;
          items.add(new Completions.Item(quoted, "path", "", false));
        }
      }
    } catch (IOException | InvalidPathException e) {
      return List.of();
    }
    items.sort(java.util.Comparator.comparing(Completions.Item::text));
    return items;
  }
}
