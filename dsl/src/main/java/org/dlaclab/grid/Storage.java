package org.dlaclab.grid;

/** How operands lie in DRAM and in the weight and IFM buffers. Results are always dense. */
public enum Storage {
  /** Every element at its bits. */
  DENSE,
  /** A bit per element that says whether it is zero, and the bits of each non-zero one. */
  BITMASK,
  /**
   * {@link #BITMASK} for the operands that skip control looks at, {@link #DENSE} for others: what a
   * machine that skips by one operand only would do, and the dense machine. In a run of this
   * storage the skip modes are baselines, each with the memory that it would have.
   */
  BY_SKIP;

  /** Whether row operands have a bit mask in this skip mode. */
  public boolean masksRows(Skip skip) {
    return this == BITMASK || (this == BY_SKIP && (skip == Skip.WEIGHTS || skip == Skip.BOTH));
  }

  /** Whether column operands have a bit mask in this skip mode. */
  public boolean masksColumns(Skip skip) {
    return this == BITMASK || (this == BY_SKIP && (skip == Skip.ACTIVATIONS || skip == Skip.BOTH));
  }
}
