package org.dlaclab.sim;

import java.util.Arrays;
import org.dlaclab.grid.Grid;
import org.dlaclab.grid.LoopOrder;
import org.dlaclab.grid.Skip;
import org.dlaclab.result.Traffic;

/**
 * What the passes over one product load from DRAM, and what they store: section "Memory" of the
 * machine model. Pass {@code (i, j)} needs row tile {@code i} and column tile {@code j}, here those
 * of the whole grid.
 */
final class Memory {
  private final Grid grid;
  private final Widths widths;
  private final Side rows;
  private final Side columns;
  private final int rowCount;
  private final int columnCount;
  private final long rowsPerPass;
  private final long columnsPerPass;

  /**
   * One operand's tiles, in bytes: {@code touched} to load a tile on its own, {@code fresh} to load
   * it when all tiles before it are there, and {@code read} by a pass from the buffer.
   */
  private static final class Bytes {
    final long[] touched;
    final long[] fresh;
    final long[] read;

    Bytes(long[] touched, long[] fresh, long[] read) {
      this.touched = touched;
      this.fresh = fresh;
      this.read = read;
    }
  }

  /** One operand, in both forms of storage. */
  private record Side(Bytes dense, Bytes masked, long buffer) {
    Bytes stored(boolean mask) {
      return mask ? masked : dense;
    }

    /** Whether all of it fits its buffer. */
    boolean fits(boolean mask) {
      return Arrays.stream(stored(mask).fresh).sum() <= buffer;
    }
  }

  Memory(
      MaskedProduct product,
      Widths widths,
      Footprint columns,
      TilePlanes rowTiles,
      TilePlanes columnTiles,
      Grid grid) {
    this.grid = grid;
    this.widths = widths;
    this.rowCount = product.rows().rows();
    this.columnCount = product.columns().rows();
    this.rowsPerPass = rowsPerPass(grid);
    this.columnsPerPass = columnsPerPass(grid);
    int reduction = product.rows().columns();
    long[] rowOnes = rowTiles.onesPer(grid.pes().rows());
    long[] elements = new long[rowOnes.length];
    for (int i = 0; i < elements.length; i++) {
      elements[i] = held(rowCount, i, rowsPerPass) * reduction;
    }
    long[] dense = bytes(elements, rowOnes, widths.rows(), false);
    long[] masked = bytes(elements, rowOnes, widths.rows(), true);
    this.rows =
        new Side(
            new Bytes(dense, dense, dense),
            new Bytes(masked, masked, masked),
            grid.weightBuffer().value());
    this.columns =
        new Side(
            columns(columns, widths.columns(), false, columns.read),
            columns(columns, widths.columns(), true, columnTiles.onesPer(grid.pes().columns())),
            grid.ifmBuffer().value());
  }

  private static Bytes columns(Footprint columns, int bits, boolean mask, long[] readOnes) {
    return new Bytes(
        bytes(columns.touched, columns.touchedOnes, bits, mask),
        bytes(columns.fresh, columns.freshOnes, bits, mask),
        bytes(columns.read, readOnes, bits, mask));
  }

  /** Rows that a pass holds, if there are as many. */
  static long rowsPerPass(Grid grid) {
    return (long) grid.pes().rows() * grid.tile().rows();
  }

  /** Columns that a pass holds, if there are as many. */
  static long columnsPerPass(Grid grid) {
    return (long) grid.pes().columns() * grid.tile().columns();
  }

  private static long held(int count, int tile, long perTile) {
    return Math.min(perTile, count - tile * perTile);
  }

  private static long[] bytes(long[] elements, long[] ones, int bits, boolean mask) {
    long[] bytes = new long[elements.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = wholeBytes(mask ? elements[i] + ones[i] * bits : elements[i] * bits);
    }
    return bytes;
  }

  private static long wholeBytes(long bits) {
    return (bits + 7) / 8;
  }

  /**
   * Where operands come from in a skip mode: what follows from the grid, and an order of passes.
   */
  Plan plan(Skip skip) {
    boolean maskRows = grid.storage().masksRows(skip);
    boolean maskColumns = grid.storage().masksColumns(skip);
    if (grid.loopOrder() != LoopOrder.AUTO) {
      return new Plan(maskRows, maskColumns, grid.loopOrder() == LoopOrder.ROWS_OUTER);
    }
    Plan rowsOuter = new Plan(maskRows, maskColumns, true);
    Plan columnsOuter = new Plan(maskRows, maskColumns, false);
    return columnsOuter.traffic().dram() < rowsOuter.traffic().dram() ? columnsOuter : rowsOuter;
  }

  /** Cycles in which the results of pass {@code (i, j)} are written. */
  long storeCycles(int i, int j) {
    return grid.dram().cycles(storeBytes(i, j), grid.clock());
  }

  private long storeBytes(int i, int j) {
    return wholeBytes(
        held(rowCount, i, rowsPerPass) * held(columnCount, j, columnsPerPass) * widths.results());
  }

  /** The loads of all passes, in one form of storage and one order. */
  final class Plan {
    /** Whether passes over one row tile come one after another. */
    final boolean rowsOuter;

    private final Bytes row;
    private final Bytes column;
    private final boolean allRows;
    private final boolean allColumns;

    Plan(boolean maskRows, boolean maskColumns, boolean rowsOuter) {
      this.rowsOuter = rowsOuter;
      this.row = rows.stored(maskRows);
      this.column = columns.stored(maskColumns);
      this.allRows = rows.fits(maskRows);
      this.allColumns = columns.fits(maskColumns);
    }

    private boolean staysRow(int i) {
      return allRows || (rowsOuter && row.touched[i] <= rows.buffer);
    }

    private boolean staysColumn(int j) {
      return !rowsOuter && column.touched[j] <= columns.buffer;
    }

    private long loadBytes(int i, int j) {
      long bytes = j == 0 || !staysRow(i) ? row.touched[i] : 0;
      if (allColumns) {
        return bytes + (i == 0 ? column.fresh[j] : 0);
      }
      return bytes + (i == 0 || !staysColumn(j) ? column.touched[j] : 0);
    }

    /** Cycles in which the operands of pass {@code (i, j)} are loaded. */
    long loadCycles(int i, int j) {
      return grid.dram().cycles(loadBytes(i, j), grid.clock());
    }

    Traffic traffic() {
      int rowTiles = row.touched.length;
      int columnTiles = column.touched.length;
      long rowBytes = 0;
      for (int i = 0; i < rowTiles; i++) {
        rowBytes += row.touched[i] * (staysRow(i) ? 1 : columnTiles);
      }
      long columnBytes = 0;
      for (int j = 0; j < columnTiles; j++) {
        columnBytes +=
            allColumns ? column.fresh[j] : column.touched[j] * (staysColumn(j) ? 1 : rowTiles);
      }
      return new Traffic(
          rowBytes,
          columnBytes,
          results(),
          Arrays.stream(row.read).sum() * columnTiles,
          Arrays.stream(column.read).sum() * rowTiles,
          (long) rowCount * columnCount);
    }

    /** Tiles of results are of four sizes at most: whole, and cut at one edge or both. */
    private long results() {
      int lastRow = row.touched.length - 1;
      int lastColumn = column.touched.length - 1;
      return (long) lastRow * lastColumn * storeBytes(0, 0)
          + lastRow * storeBytes(0, lastColumn)
          + lastColumn * storeBytes(lastRow, 0)
          + storeBytes(lastRow, lastColumn);
    }
  }
}
