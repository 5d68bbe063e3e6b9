package org.dlaclab.sim.reference;

import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.Deque;
import org.dlaclab.grid.Grid;

/**
 * The channel between DRAM and the chip. It works off one transfer after another; each begins with
 * a cycle of its own.
 */
final class Dram {
  private final boolean infinite;
  private final BigDecimal bytesPerSecond;
  private final BigDecimal hertz;

  /** What is left of each transfer, in bytes times the clock, so that no rounding comes in. */
  private final Deque<BigDecimal> transfers = new ArrayDeque<>();

  Dram(Grid grid) {
    infinite = grid.dram().isInfinite();
    bytesPerSecond = infinite ? BigDecimal.ZERO : new BigDecimal(grid.dram().value());
    hertz = new BigDecimal(grid.clock().value());
  }

  void transfer(long bytes) {
    if (!infinite && bytes > 0) {
      transfers.add(hertz.multiply(BigDecimal.valueOf(bytes)));
    }
  }

  boolean isBusy() {
    return !transfers.isEmpty();
  }

  /** One clock cycle. */
  void step() {
    if (isBusy()) {
      BigDecimal left = transfers.remove().subtract(bytesPerSecond);
      if (left.signum() > 0) {
        transfers.addFirst(left);
      }
    }
  }
}
