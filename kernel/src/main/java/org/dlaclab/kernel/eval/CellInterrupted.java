package org.dlaclab.kernel.eval;

/** Ends the threads of a cell that a user interrupted. An error, so that few programs catch it. */
final class CellInterrupted extends Error {
  private static final long serialVersionUID = 1L;

  CellInterrupted() {
    super("the cell was interrupted", null, false, false);
  }
}
