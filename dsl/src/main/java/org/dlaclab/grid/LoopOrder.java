package org.dlaclab.grid;

/**
 * In which order passes run: it decides which operand stays in its buffer, and which drains meet
 * which computations.
 */
public enum LoopOrder {
  /** Blocks of rows (filters) outside, blocks of columns (pixels) inside. */
  ROWS_OUTER,
  /** Blocks of columns (pixels) outside, blocks of rows (filters) inside. */
  COLS_OUTER,
  /**
   * Of each masked product the order that moves fewer bytes between DRAM and buffers; {@link
   * #ROWS_OUTER} on a tie.
   */
  AUTO
}
