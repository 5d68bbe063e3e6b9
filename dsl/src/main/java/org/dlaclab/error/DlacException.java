package org.dlaclab.error;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * An input that cannot be used. The message has three parts: what was wrong (name and value), what
 * was expected, and what to try.
 *
 * <p>The stack trace starts at the caller's own code: frames of DLAC Lab are left out, because they
 * tell a user nothing. The system property {@code dlac.debug=true} keeps them.
 */
public class DlacException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /**
   * @param problem what was wrong, with the name and the value, as a sentence without the final
   *     full stop
   * @param expected what would have been accepted
   * @param hint what to try next, in the words of the DSL or of the command line
   */
  @SuppressWarnings("this-escape") // A stack trace and a cause, which no subclass overrides.
  public DlacException(String problem, String expected, String hint) {
    super(problem + "\n  expected: " + expected + "\n  try:      " + hint);
    hideOwnFrames();
  }

  /**
   * As the main constructor, with the exception of a library or of the file system that led to it.
   */
  @SuppressWarnings("this-escape") // A stack trace and a cause, which no subclass overrides.
  public DlacException(String problem, String expected, String hint, Throwable cause) {
    this(problem, expected, hint);
    initCause(cause);
  }

  /**
   * A file that cannot be read.
   *
   * @param file as the user named it
   * @param expected what it should be, for example {@code a .npy file}
   * @param cause what the file system said
   */
  public static DlacException unreadable(String file, String expected, IOException cause) {
    return cause instanceof NoSuchFileException
        ? new DlacException(
            file + " does not exist",
            expected,
            "check the path; relative ones start at " + Path.of("").toAbsolutePath())
        : new DlacException(
            file + " cannot be read: " + cause,
            expected,
            "check the path and the rights; copy the file again if it is damaged",
            cause);
  }

  private void hideOwnFrames() {
    if (Boolean.getBoolean("dlac.debug")) {
      return;
    }
    StackTraceElement[] frames = getStackTrace();
    int first = 0;
    for (int i = 0; i < frames.length; i++) {
      String type = frames[i].getClassName();
      if (type.startsWith("org.dlaclab.")) {
        first = i + 1;
      } else if (!type.startsWith("java.")) {
        break; // The user's code. What lies between two own frames is a stream or a map of ours.
      }
    }
    setStackTrace(Arrays.copyOfRange(frames, first, frames.length));
  }
}
