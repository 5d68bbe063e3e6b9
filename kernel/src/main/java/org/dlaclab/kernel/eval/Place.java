package org.dlaclab.kernel.eval;

/**
 * Where a stack frame stands in a cell.
 *
 * @param cell the cell
 * @param line its line, from 1
 * @param in the method that the frame is in, such as {@code in f()}; empty for the cell itself
 */
record Place(Source cell, int line, String in) {
  @Override
  public String toString() {
    return cell.name() + ", line " + line + (in.isEmpty() ? "" : ", " + in);
  }
}
