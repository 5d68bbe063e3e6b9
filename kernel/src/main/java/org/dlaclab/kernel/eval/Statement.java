package org.dlaclab.kernel.eval;

/**
 * A part of a cell that JShell takes at once: a statement, a declaration, an import.
 *
 * @param cell where it stands
 * @param start its offset in the cell
 * @param code what JShell gets; it may end with a semicolon that the cell lacks
 * @param provisional whether it declares a type only for those that come next, and the type as it
 *     is comes after them
 */
record Statement(Source cell, int start, String code, boolean provisional) {
  Statement(Source cell, int start, String code) {
    this(cell, start, code, false);
  }

  /** The offset of the code itself, after blank space and comments. */
  int codeStart() {
    return start + Code.start(code);
  }
}
