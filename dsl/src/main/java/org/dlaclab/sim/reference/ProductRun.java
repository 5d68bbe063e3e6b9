package org.dlaclab.sim.reference;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.dlaclab.grid.FilterOrder;
import org.dlaclab.grid.Grid;
import org.dlaclab.grid.LoopOrder;
import org.dlaclab.grid.Skip;
import org.dlaclab.grid.Storage;

/**
 * The grid at work on one product of {@code rows (M x K)} and {@code columns (N x K)}: {@code
 * ofm[m][n] = sum over k of rows[m][k] * columns[n][k]}.
 *
 * <p>From the outside in: the product is cut into passes that fit the PEs' tiles, the reduction of
 * a pass into segments at whose end all PEs meet, and a segment takes as many cycles as its slowest
 * PE. Results leave through the ports while the next pass computes, if the OFM buffer is double.
 *
 * <p>Beside the pass that computes, DRAM brings the operands of the next one and takes the results
 * of the one before; a pass begins when its operands are there and those results are gone.
 */
final class ProductRun {
  private final Grid grid;
  private final Operand rows;
  private final Operand columns;
  private final StorageBits bits;
  private final Integer[] rowOrder;
  private final int reduction;
  private final Tally tally;
  private final Dram dram;

  private final Pe[][] pes;
  private final Port[] ports;
  private final float[][] ofm;

  /**
   * @param bits of the operands and results in storage
   * @param reduction K, which the operands do not tell if there are none
   * @param units L: arithmetic units per PE that can work on these operands
   * @param tally counters, which go on from where they are
   */
  ProductRun(
      Grid grid,
      Operand rows,
      Operand columns,
      StorageBits bits,
      int reduction,
      int units,
      Tally tally) {
    this.grid = grid;
    this.rows = rows;
    this.columns = columns;
    this.bits = bits;
    this.dram = new Dram(grid);
    this.reduction = reduction;
    this.tally = tally;
    this.rowOrder = rowOrder(grid.filterOrder(), rows.values);
    this.ofm = new float[rows.count()][columns.count()];
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

  /** The tiles of a pass: rows {@code i} and columns {@code j}. */
  private record Pass(int i, int j) {}

  /** Runs all passes and returns the OFM, {@code [m][n]}. */
  float[][] run() {
    Loads loads = loads();
    List<Pass> passes = passes(loads.rowsOuter);
    dram.transfer(loads.ofPass.isEmpty() ? 0 : loads.ofPass.get(0));
    waitForDram();
    for (int p = 0; p < passes.size(); p++) {
      if (p + 1 < passes.size()) {
        dram.transfer(loads.ofPass.get(p + 1));
      }
      if (p > 0) {
        dram.transfer(store(passes.get(p - 1)));
      }
      pass(passes.get(p));
    }
    if (!passes.isEmpty()) {
      dram.transfer(store(passes.get(passes.size() - 1)));
    }
    finishDraining(); // the results of the last pass
    waitForDram();
    return ofm;
  }

  private List<Pass> passes(boolean rowsOuter) {
    int rowPasses = rowTiles().size();
    int columnPasses = columnTiles().size();
    List<Pass> passes = new ArrayList<>();
    if (rowsOuter) {
      for (int i = 0; i < rowPasses; i++) {
        for (int j = 0; j < columnPasses; j++) {
          passes.add(new Pass(i, j));
        }
      }
    } else {
      for (int j = 0; j < columnPasses; j++) {
        for (int i = 0; i < rowPasses; i++) {
          passes.add(new Pass(i, j));
        }
      }
    }
    return passes;
  }

  /** The rows of the product that all PE rows hold together, for each {@code i}. */
  private List<int[]> rowTiles() {
    int passes = ceilDiv(rows.count(), (long) grid.pes().rows() * grid.tile().rows());
    return IntStream.range(0, passes)
        .mapToObj(i -> IntStream.range(0, pes.length).flatMap(y -> rowsOf(i, y)).toArray())
        .toList();
  }

  /** The columns of the product that all PE columns hold together, for each {@code j}. */
  private List<int[]> columnTiles() {
    int passes = ceilDiv(columns.count(), (long) grid.pes().columns() * grid.tile().columns());
    return IntStream.range(0, passes)
        .mapToObj(j -> IntStream.range(0, ports.length).flatMap(x -> columnsOf(j, x)).toArray())
        .toList();
  }

  /** What is loaded for each pass, if passes run in one order. */
  private static final class Loads {
    final boolean rowsOuter;
    final List<Long> ofPass = new ArrayList<>();
    long rowBytes;
    long columnBytes;
    long rowReads;
    long columnReads;

    Loads(boolean rowsOuter) {
      this.rowsOuter = rowsOuter;
    }

    long bytes() {
      return rowBytes + columnBytes;
    }
  }

  /** Walks through the passes, and notes in the tally what moves. */
  private Loads loads() {
    Loads chosen = loads(grid.loopOrder() != LoopOrder.COLS_OUTER);
    if (grid.loopOrder() == LoopOrder.AUTO) {
      Loads other = loads(false);
      chosen = other.bytes() < chosen.bytes() ? other : chosen;
    }
    tally.rowBytes += chosen.rowBytes;
    tally.columnBytes += chosen.columnBytes;
    tally.rowReadBytes += chosen.rowReads;
    tally.columnReadBytes += chosen.columnReads;
    return chosen;
  }

  private Loads loads(boolean rowsOuter) {
    boolean maskRows = grid.storage() != Storage.DENSE;
    boolean maskColumns = grid.storage() != Storage.DENSE;
    if (grid.storage() == Storage.BY_SKIP) {
      maskRows = grid.skip() == Skip.WEIGHTS || grid.skip() == Skip.BOTH;
      maskColumns = grid.skip() == Skip.ACTIVATIONS || grid.skip() == Skip.BOTH;
    }
    List<int[]> rowTiles = rowTiles();
    List<int[]> columnTiles = columnTiles();
    Buffer weightBuffer =
        new Buffer(grid.weightBuffer().value(), bits.rows(), maskRows, rowsOuter, rows, rowTiles);
    Buffer ifmBuffer =
        new Buffer(
            grid.ifmBuffer().value(),
            bits.columns(),
            maskColumns,
            !rowsOuter,
            columns,
            columnTiles);
    Loads loads = new Loads(rowsOuter);
    for (Pass pass : passes(rowsOuter)) {
      int[] rowTile = rowTiles.get(pass.i());
      int[] columnTile = columnTiles.get(pass.j());
      long rowBytes = weightBuffer.load(pass.i(), Buffer.elements(rows, rowTile));
      long columnBytes = ifmBuffer.load(pass.j(), Buffer.elements(columns, columnTile));
      loads.ofPass.add(rowBytes + columnBytes);
      loads.rowBytes += rowBytes;
      loads.columnBytes += columnBytes;
      loads.rowReads += weightBuffer.read(rows, rowTile);
      loads.columnReads += ifmBuffer.read(columns, columnTile);
    }
    return loads;
  }

  /** Whole bytes of a pass's results, noted in the tally. */
  private long store(Pass pass) {
    long results = (long) rowTiles().get(pass.i()).length * columnTiles().get(pass.j()).length;
    long bytes = (results * bits.results() + 7) / 8;
    tally.resultBytes += bytes;
    return bytes;
  }

  /** Nothing of the chip moves until DRAM has done what it was asked for. */
  private void waitForDram() {
    while (dram.isBusy()) {
      tally.cycles++;
      tally.stallCycles++;
      tally.stood("s");
      dram.step();
    }
  }

  private void pass(Pass pass) {
    load(pass.i(), pass.j());
    int blocks = ceilDiv(reduction, grid.blockSize());
    int segment = grid.syncBlocks() == 0 ? Math.max(1, blocks) : grid.syncBlocks();
    for (int first = 0; first < blocks; first += segment) {
      segment(first, Math.min(first + segment, blocks));
    }
    // With a double buffer, the results of the pass before may still be on their way out: the half
    // of the buffer that they occupy is needed now. Without one, nothing is left to wait for.
    finishDraining();
    if (!grid.ofmDoubleBuffered()) {
      handOver(pass.i(), pass.j());
      finishDraining(); // the PEs need this buffer for the next pass
    }
    waitForDram();
    if (grid.ofmDoubleBuffered()) {
      handOver(pass.i(), pass.j());
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
      tally.computed();
    } else {
      tally.stood("d");
    }
    for (Port port : ports) {
      port.step();
    }
    dram.step();
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
            rowsOf(i, y).mapToObj(m -> rows.values[m]).toArray(float[][]::new),
            columnsOf(j, x).mapToObj(n -> columns.values[n]).toArray(float[][]::new));
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
    return share(i * (long) grid.pes().rows() + y, grid.tile().rows(), rows.count())
        .map(m -> rowOrder[m]);
  }

  /**
   * Indices of the columns that PE column {@code x} holds in a pass with column index {@code j}.
   */
  private IntStream columnsOf(int j, int x) {
    return share(j * (long) grid.pes().columns() + x, grid.tile().columns(), columns.count());
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
