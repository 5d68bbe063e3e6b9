package org.dlaclab.file;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import org.dlaclab.error.DlacException;

/** Writing a file so that readers see the old one or the new one, never a part. */
public final class WholeFile {
  private WholeFile() {}

  /** Writes the content to a stream, which the caller closes. */
  public interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Refuses a place where no file can be, before its content is made.
   *
   * @throws DlacException if the folder is missing or {@code file} is a folder
   */
  public static void requirePlace(Path file) {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || Files.isDirectory(file)) {
      throw new DlacException(
          "\"" + file + "\" is a folder", "the name of a file", "add a name, such as result.csv");
    }
    if (!Files.isDirectory(folder)) {
      throw new DlacException(
          "the folder \"" + folder + "\" for \"" + file.getFileName() + "\" does not exist",
          "a folder that exists",
          "create it first, or save elsewhere");
    }
  }

  /**
   * Writes {@code file}, through a hidden file beside it that is then moved.
   *
   * @throws DlacException as {@link #requirePlace}, or if the file system refuses
   */
  public static void write(Path file, Content content) {
    requirePlace(file);
    Path target = file.toAbsolutePath();
    // Not Files.createTempFile: its files are readable by their owner alone, and the move keeps
    // that.
    Path part =
        target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".part");
    try {
      try (OutputStream out =
          new BufferedOutputStream(
              Files.newOutputStream(
                  part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE))) {
        content.writeTo(out);
      }
      move(part, target);
    } catch (IOException e) {
      throw new DlacException(
          "\"" + file + "\" cannot be written: " + e,
          "a folder with room and the right to write",
          "save elsewhere",
          e);
    } finally {
      deleteQuietly(part);
    }
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
