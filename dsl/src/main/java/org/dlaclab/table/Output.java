package org.dlaclab.table;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.SortedMap;
import java.util.UUID;
import java.util.function.Supplier;
import org.dlaclab.error.DlacException;

/** Files that are written whole or not at all, in the form that their ending names. */
public final class Output {
  private Output() {}

  /**
   * Writes {@code file} in the form of its ending. Readers see the old file or the new one, never a
   * part: the bytes go to a hidden file beside it, which is then moved.
   *
   * @param forms per ending, with its dot and in lower case, what to write
   * @return {@code file}
   * @throws DlacException if the ending is not among the forms, if the folder is missing, or if the
   *     file system refuses
   */
  public static Path save(Path file, SortedMap<String, Supplier<byte[]>> forms) {
    Path target = file.toAbsolutePath();
    Path name = target.getFileName();
    Path folder = target.getParent();
    if (name == null || folder == null || Files.isDirectory(target)) {
      throw new DlacException(
          "\"" + file + "\" is a folder", "the name of a file", "add a name, such as result.csv");
    }
    String text = name.toString();
    int dot = text.lastIndexOf('.');
    String ending = dot < 0 ? "" : text.substring(dot).toLowerCase(Locale.ROOT);
    Supplier<byte[]> form = forms.get(ending);
    if (form == null) {
      throw new DlacException(
          ending.isEmpty()
              ? "the file name \"" + text + "\" has no ending"
              : "the ending " + ending + " of \"" + text + "\" names no known form",
          "one of " + String.join(", ", forms.keySet()),
          "save as \"" + (dot < 0 ? text : text.substring(0, dot)) + forms.firstKey() + "\"");
    }
    if (!Files.isDirectory(folder)) {
      throw new DlacException(
          "the folder \"" + folder + "\" for \"" + text + "\" does not exist",
          "a folder that exists",
          "create it first, or save elsewhere");
    }
    byte[] bytes = form.get();
    // Not Files.createTempFile: its files are readable by their owner alone, and the move keeps
    // that.
    Path part = folder.resolve("." + text + "." + UUID.randomUUID() + ".part");
    try {
      Files.write(part, bytes, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      move(part, target);
    } catch (IOException e) {
      throw new DlacException(
          "\"" + file + "\" cannot be written: " + e,
          "a folder with the right to write and room for " + bytes.length + " bytes",
          "save elsewhere",
          e);
    } finally {
      deleteQuietly(part);
    }
    return file;
  }

  /** A text form, written as UTF-8. */
  public static Supplier<byte[]> utf8(Supplier<String> text) {
    return () -> text.get().getBytes(StandardCharsets.UTF_8);
  }

  private static void move(Path part, Path target) throws IOException {
    try {
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static void deleteQuietly(Path part) {
    try {
      Files.deleteIfExists(part);
    } catch (IOException e) {
      // The reason why the write failed matters more than a file left over.
    }
  }
}
