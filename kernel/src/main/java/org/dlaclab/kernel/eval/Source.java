package org.dlaclab.kernel.eval;

/**
 * The text of a cell and its number.
 *
 * @param count the number, as in {@code In [3]}; 0 for what sessions start with
 */
record Source(int count, String text) {
  /** The line of an offset, from 1. */
  int line(int offset) {
    return 1 + (int) text.substring(0, clip(offset)).chars().filter(c -> c == '\n').count();
  }

  /** The column of an offset, from 1. */
  int column(int offset) {
    return clip(offset) - text.lastIndexOf('\n', clip(offset) - 1);
  }

  int lines() {
    return line(text.length());
  }

  /** A line's text without its end; empty for a line that does not exist. */
  String lineText(int line) {
    return text.lines().skip(Math.max(0, line - 1L)).findFirst().orElse("");
  }

  /** The offset where the line of an offset begins. */
  int lineStart(int offset) {
    return text.lastIndexOf('\n', clip(offset) - 1) + 1;
  }

  private int clip(int offset) {
    return Math.max(0, Math.min(offset, text.length()));
  }

  /** How errors name it. */
  String name() {
    return count == 0 ? "Startup" : "Cell In [" + count + "]";
  }
}
