package org.dlaclab.kernel.eval;

import java.util.List;

/**
 * An error as Jupyter shows it.
 *
 * @param name the exception's class, or {@code CompilationError}, {@code Interrupted}
 * @param value its message
 * @param traceback lines as a reader sees them, with ANSI colours
 */
public record ErrorReport(String name, String value, List<String> traceback) {
  /** A copy of the lines. */
  public ErrorReport {
    traceback = List.copyOf(traceback);
  }
}
