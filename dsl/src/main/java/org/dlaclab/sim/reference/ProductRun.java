package org.dlaclab.sim.reference;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.dlaclab.grid.FilterOrder;
import org.dlaclab.grid.Grid;
import org.dlaclab.grid.LoopOrder;

/**
 * The grid at work on one product of {@code rows (M x K)} and {@code columns (N x K)}: {@code
 * ofm[m][n] = sum over k of rows[m][k] * columns[n][k]}.
 *
 * <p>From the outside in: the product is cut into passes that fit the PEs' tiles, the reduction of
 * a pass into segments at whose end all PEs meet, and a segment takes as many cycles as its slowest
 * PE. Results leave through the ports while the next pass computes, if the OFM buffer is double.
 */
final class ProductRun {
  private final Grid grid;
  private final float[][] rows;
  private final float[][] columns;
  private final Integer[] rowOrder;
  private final int reduction;
  private final Tally tally;

  private final Pe[][] pes;
  private final Port[] ports;
  private final float[][] ofm;

  /**
   * @param reduction K, which the operands do not tell if there are none
   * @param units L: arithmetic units per PE that can work on these operands
   * @param tally counters, which go on from where they are
   */
  ProductRun(Grid grid, float[][] rows, float[][] columns, int reduction, int units, Tally tally) {
    this.grid = grid;
    this.rows = rows;
    this.columns = columns;
    this.reduction = reduction;
    this.tally = tally;
    this.rowOrder = rowOrder(grid.filterOrder(), rows);
    this.ofm = new float[rows.length][columns.length];
    this.pes = new Pe[grid.pes().rows()][grid.pes().columns()];
    for (Pe[] peRow : pes) {
      Arrays.setAll(peRow, x -> new Pe(grid, units, tally));
    }
    this.ports = new Port[grid.pes().columns()];
    Arrays.setAll(ports, x -> new Port(grid.drainWidth(), ofm));
  }

  /** Row indices in the order in which rows are dealt to PE rows. */
  private static Integer[] rowOrder(FilterOrder order, float[][] rows) {
    Integer[] indices = IntStream.range(0, rows.length).boxed().toArray(Integer[]::new);
    if (order == FilterOrder.DENSITY_SORTED) {
      // Arrays.sort of objects is stable: rows of equal density stay in the order of their index.
      Arrays.sort(indices, Comparator.comparingInt((Integer m) -> nonZeros(rows[m])).reversed());
    }
    return indices;
  }

  private static int nonZeros(float[] row) {
    int count = 0;
    for (float value : row) {
      count += value != 0 ? 1 : 0;
    }
    return count;
  }

  /** Runs all passes and returns the OFM, {@code [m][n]}. */
  float[][] run() {
    int rowPasses = ceilDiv(rows.length, (long) grid.pes().rows() * grid.tile().rows());
    int columnPasses = ceilDiv(columns.length, (long) grid.pes().columns() * grid.tile().columns());
    if (grid.loopOrder() == LoopOrder.ROWS_OUTER) {
      for (int i = 0; i < rowPasses; i++) {
        for (int j = 0; j < columnPasses; j++) {
          pass(i, j);
        }
      }
    } else {
      for (int j = 0; j < columnPasses; j++) {
        for (int i = 0; i < rowPasses; i++) {
          pass(i, j);
        }
      }
    }
    finishDraining(); // the results of the last pass
    return ofm;
  }

  private void pass(int i, int j) {
    load(i, j);
    int blocks = ceilDiv(reduction, grid.blockSize());
    int segment = grid.syncBlocks() == 0 ? Math.max(1, blocks) : grid.syncBlocks();
    for (int first = 0; first < blocks; first += segment) {
      segment(first, Math.min(first + segment, blocks));
    }
    // With a double buffer, the results of the pass before may still be on their way out: the half
    // of the buffer that they occupy is needed now. Without one, nothing is left to wait for.
    finishDraining();
    handOver(i, j);
    if (!grid.ofmDoubleBuffered()) {
      finishDraining(); // the PEs need this buffer for the next pass
    }
  }

  /** All PEs start together, and the segment ends when the last one has finished. */
  private void segment(int first, int end) {
    for (Pe[] peRow : pes) {
      for (Pe pe : peRow) {
        pe.release(first, end);
      }
    }
    while (anyPeHasWork()) {
      cycle();
    }
  }

  private void finishDraining() {
    while (anyPortIsDraining()) {
      tally.drainOnlyCycles++;
      cycle();
    }
  }

  /** One clock cycle of the whole machine. */
  private void cycle() {
    tally.cycles++;
    if (anyPeHasWork()) {
      for (int y = 0; y < pes.length; y++) {
        for (int x = 0; x < pes[y].length; x++) {
          tally.note(y, x, pes[y][x].step());
        }
      }
    }
    for (Port port : ports) {
      port.step();
    }
  }

  private boolean anyPeHasWork() {
    return Arrays.stream(pes).flatMap(Arrays::stream).anyMatch(Pe::hasWork);
  }

  private boolean anyPortIsDraining() {
    return Arrays.stream(ports).anyMatch(Port::isDraining);
  }

  /** Gives every PE its rows and columns of pass {@code (i, j)}; at the edges, fewer or none. */
  private void load(int i, int j) {
    for (int y = 0; y < pes.length; y++) {
      for (int x = 0; x < pes[y].length; x++) {
        pes[y][x].load(
            rowsOf(i, y).mapToObj(m -> rows[m]).toArray(float[][]::new),
            columnsOf(j, x).mapToObj(n -> columns[n]).toArray(float[][]::new));
      }
    }
  }

  /** Moves the finished sums of pass {@code (i, j)} to the ports of their PE columns. */
  private void handOver(int i, int j) {
    for (int y = 0; y < pes.length; y++) {
      for (int x = 0; x < pes[y].length; x++) {
        int[] heldRows = rowsOf(i, y).toArray();
        int[] heldColumns = columnsOf(j, x).toArray();
        for (int m = 0; m < heldRows.length; m++) {
          for (int n = 0; n < heldColumns.length; n++) {
            ports[x].accept(heldRows[m], heldColumns[n], pes[y][x].result(m, n));
          }
        }
      }
    }
  }

  /** Indices of the rows that PE row {@code y} holds in a pass with row index {@code i}. */
  private IntStream rowsOf(int i, int y) {
    return share(i * (long) grid.pes().rows() + y, grid.tile().rows(), rows.length)
        .map(m -> rowOrder[m]);
  }

  /**
   * Indices of the columns that PE column {@code x} holds in a pass with column index {@code j}.
   */
  private IntStream columnsOf(int j, int x) {
    return share(j * (long) grid.pes().columns() + x, grid.tile().columns(), columns.length);
  }

  /** The indices of tile number {@code index}, cut at {@code extent}. */
  private static IntStream share(long index, int tile, int extent) {
    long first = Math.min(index * tile, extent);
    return IntStream.range((int) first, (int) Math.min(first + tile, extent));
  }

  private static int ceilDiv(int a, long b) {
    return (int) -Math.floorDiv(-a, b);
  }
}
