package org.dlaclab.result;

import org.dlaclab.grid.Skip;

/** Work that was timed, seen in the skip mode of its grid. */
public sealed interface Measured permits ProductResult, LayerResult {
  /** The counts, and the timing in every skip mode. */
  Tally tally();

  /** The skip mode of the grid: the one that the other methods speak of. */
  Skip skip();

  /** Pairs of the dense machine: its multiply-accumulates. */
  default long macs() {
    return tally().macs();
  }

  /** Pairs with two non-zero operands. */
  default long effectual() {
    return tally().effectual();
  }

  /** Share of pairs with two non-zero operands, 0 to 1; NaN without work. */
  default double effectualShare() {
    return (double) effectual() / macs();
  }

  /** Cycles, and where they went. */
  default Timing timing() {
    return tally().timing(skip());
  }

  /** The bytes that move between DRAM, buffers and PEs. */
  default Traffic traffic() {
    return tally().traffic(skip());
  }

  /**
   * {@code 2 * MACs} over the bytes between DRAM and the chip: the arithmetic intensity of the
   * roofline model (Williams et al., CACM 2009), in FLOP of the dense machine per byte.
   */
  default double intensity() {
    return 2.0 * macs() / traffic().dram();
  }

  /** Total cycles. */
  default long cycles() {
    return timing().cycles();
  }

  /** Pairs that took an arithmetic unit. */
  default long issued() {
    return timing().issued();
  }

  /** Share of the grid's arithmetic slots in use, 0 to 1. */
  default double utilization() {
    return timing().utilization();
  }

  /** Cycles of the same grid with skip {@code NONE}, over cycles. */
  default double speedup() {
    return tally().speedup(skip());
  }

  /** {@code 2 * MACs / cycles}: what a dense machine would have to do per cycle to keep up. */
  default double effectiveFlopPerCycle() {
    return 2.0 * macs() / cycles();
  }
}
