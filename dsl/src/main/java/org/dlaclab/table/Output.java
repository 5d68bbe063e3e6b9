package org.dlaclab.table;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.SortedMap;
import java.util.function.Supplier;
import org.dlaclab.error.DlacException;
import org.dlaclab.file.WholeFile;

/** Files that are written whole or not at all, in the form that their ending names. */
public final class Output {
  private Output() {}

  /**
   * Writes {@code file} in the form of its ending.
   *
   * @param forms per ending, with its dot and in lower case, what to write
   * @return {@code file}
   * @throws DlacException if the ending is not among the forms, if the folder is missing, or if the
   *     file system refuses
   */
  public static Path save(Path file, SortedMap<String, Supplier<byte[]>> forms) {
    WholeFile.requirePlace(file);
    String text = String.valueOf(file.getFileName());
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
    byte[] bytes = form.get();
    WholeFile.write(file, out -> out.write(bytes));
    return file;
  }

  /** A text form, written as UTF-8. */
  public static Supplier<byte[]> utf8(Supplier<String> text) {
    return () -> text.get().getBytes(StandardCharsets.UTF_8);
  }
}
