package org.dlaclab.result;

/**
 * The cycles of some work on a grid in one skip mode, and where they went: {@code cycles = compute
 * + imbalance + scanLimit + drain + stall}. Parts are means over all PEs and may be fractions.
 *
 * @param cycles from the first byte loaded to the last result out of the OFM buffers and in DRAM
 * @param issued pairs that took an arithmetic unit
 * @param multiplied of these, the pairs that took a multiplier and not only an adder
 * @param unitCycles arithmetic units of the grid that serve the work, times cycles: what
 *     utilization is a share of
 * @param compute mean cycles in which a PE's units work
 * @param imbalance mean cycles in which a PE waits for the slowest one
 * @param scanLimit mean cycles lost because skip control sees {@code window} pairs per unit and
 *     cycle only
 * @param drain cycles in which results leave and nothing computes
 * @param stall cycles in which the grid waits for DRAM: 0 if its bandwidth is infinite
 */
public record Timing(
    long cycles,
    long issued,
    long multiplied,
    long unitCycles,
    double compute,
    double imbalance,
    double scanLimit,
    long drain,
    long stall) {

  /** No work. */
  public static final Timing NONE = new Timing(0, 0, 0, 0, 0, 0, 0, 0, 0);

  /** This work, then {@code next}. */
  public Timing plus(Timing next) {
    return new Timing(
        cycles + next.cycles,
        issued + next.issued,
        multiplied + next.multiplied,
        unitCycles + next.unitCycles,
        compute + next.compute,
        imbalance + next.imbalance,
        scanLimit + next.scanLimit,
        drain + next.drain,
        stall + next.stall);
  }

  /** Mean cycles in which a PE is busy: with perfect balance and a free drain all that is left. */
  double busy() {
    return compute + scanLimit;
  }

  /** Cycles until the slowest PE is done. */
  double computed() {
    return busy() + imbalance;
  }

  /** Cycles with infinite bandwidth. */
  double unstalled() {
    return computed() + drain;
  }

  /**
   * {@code issued / (cycles * rows * cols * L)}: the share of arithmetic slots in use; NaN without
   * work.
   */
  public double utilization() {
    return (double) issued / unitCycles;
  }
}
