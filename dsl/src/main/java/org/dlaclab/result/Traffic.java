package org.dlaclab.result;

/**
 * What some work moves in one skip mode, in bytes. What rows, columns and results are is a matter
 * of the {@link Pass}.
 *
 * @param rows row operands, from DRAM into the weight buffer
 * @param columns column operands, from DRAM into the IFM buffer
 * @param results results, from the OFM buffers to DRAM
 * @param rowReads read from the weight buffer: the row operands of each pass over the tiles, once
 * @param columnReads read from the IFM buffer: the column operands of each pass over the tiles,
 *     once for each column that needs them, padding not among them
 * @param drained partial sums, not bytes, that left the OFM buffers as results
 */
public record Traffic(
    long rows, long columns, long results, long rowReads, long columnReads, long drained) {
  /** Nothing moved. */
  public static final Traffic NONE = new Traffic(0, 0, 0, 0, 0, 0);

  /** Bytes between DRAM and the chip, both directions together. */
  public long dram() {
    return rows + columns + results;
  }

  /** This work, then {@code next}. */
  public Traffic plus(Traffic next) {
    return new Traffic(
        rows + next.rows,
        columns + next.columns,
        results + next.results,
        rowReads + next.rowReads,
        columnReads + next.columnReads,
        drained + next.drained);
  }
}
