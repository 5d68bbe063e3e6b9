package org.dlaclab.sim.reference;

import java.util.ArrayDeque;
import java.util.Queue;
import org.dlaclab.grid.Grid;
import org.dlaclab.grid.Skip;

/**
 * One processing element. It holds a tile of the product's rows and columns and one partial sum for
 * each pairing of the two, and works through the reduction block by block.
 *
 * <p>A block is a set of pairs {@code (row, column, k)}. Skip control parts it into pairs to issue
 * and pairs to discard. In one cycle a PE with {@code L} units
 *
 * <ul>
 *   <li>issues at most {@code L} pairs, and
 *   <li>disposes of at most {@code L * window} pairs, issued and discarded ones together,
 * </ul>
 *
 * <p>and may take them from anywhere in the block: the look-ahead is ideal. It issues all it can,
 * and fills the rest of its window with discards. This takes exactly
 *
 * <pre>max(ceil(issued / L), ceil(pairs / (L * window)))</pre>
 *
 * cycles. It cannot take fewer, because of the two limits. It does not take more: if pairs to issue
 * remain in the last cycle, then every cycle before it issued {@code L} of them, which makes {@code
 * ceil(issued / L)} cycles; if only discards remain in the last cycle, then every cycle before it
 * disposed of {@code L * window} pairs, as there was always a zero left to fill up with, which
 * makes {@code ceil(pairs / (L * window))} cycles. A PE thus issues in {@code ceil(issued / L)}
 * cycles and spends the others on zeros alone: what the model calls the scan limit.
 */
final class Pe {
  /** What a PE does in a cycle in which some PE of the grid computes. */
  enum Activity {
    /** It issues at least one pair. */
    ISSUING('i'),
    /** It has work, but sees only zeros. */
    SCANNING('z'),
    /** It has finished its part, or never had one, and waits for the other PEs. */
    WAITING('w');

    final char letter;

    Activity(char letter) {
      this.letter = letter;
    }
  }

  /** One multiply-accumulate: row and column within the tile, and the reduction index. */
  private record Pair(int row, int column, int k) {}

  private final int units;
  private final long windowPairs;
  private final int blockSize;
  private final Skip skip;
  private final Tally tally;

  private float[][] rows = new float[0][];
  private float[][] columns = new float[0][];
  private double[][] partialSums = new double[0][];

  /** The pairs that are left of the current block. */
  private final Queue<Pair> toIssue = new ArrayDeque<>();

  private long toDiscard;
  private int nextBlock;
  private int endBlock;

  Pe(Grid grid, int units, Tally tally) {
    this.units = units;
    // A machine that skips nothing needs no skip control: it takes the pairs as they come.
    this.windowPairs = (long) units * (grid.skip() == Skip.NONE ? 1 : grid.window());
    this.blockSize = grid.blockSize();
    this.skip = grid.skip();
    this.tally = tally;
  }

  /**
   * Begins a pass on these rows and columns of the product, each of length K; either may be none.
   */
  void load(float[][] newRows, float[][] newColumns) {
    rows = newRows;
    columns = newColumns;
    partialSums = new double[rows.length][columns.length];
  }

  /** Allows the PE to work on the blocks from {@code first} up to, not including, {@code end}. */
  void release(int first, int end) {
    nextBlock = first;
    endBlock = end;
    openNextBlock();
  }

  /** Whether any pair of the released blocks is left. */
  boolean hasWork() {
    return !toIssue.isEmpty() || toDiscard > 0;
  }

  /** One clock cycle. */
  Activity step() {
    if (!hasWork()) {
      return Activity.WAITING;
    }
    int issuedNow = 0;
    while (issuedNow < units && !toIssue.isEmpty()) {
      issue(toIssue.remove());
      issuedNow++;
    }
    toDiscard -= Math.min(toDiscard, windowPairs - issuedNow);
    if (!hasWork()) {
      openNextBlock(); // its pairs wait for the next cycle: no cycle works on two blocks
    }
    return issuedNow > 0 ? Activity.ISSUING : Activity.SCANNING;
  }

  private void issue(Pair pair) {
    float row = rows[pair.row()][pair.k()];
    float column = columns[pair.column()][pair.k()];
    partialSums[pair.row()][pair.column()] += (double) row * column;
    tally.issued++;
    if (row != 0 && column != 0) {
      tally.effectual++;
    }
  }

  /** Skip control: parts the next block that has any pairs into those to issue and to discard. */
  private void openNextBlock() {
    while (!hasWork() && nextBlock < endBlock) {
      int block = nextBlock++;
      for (int m = 0; m < rows.length; m++) {
        for (int n = 0; n < columns.length; n++) {
          int end = (int) Math.min((block + 1L) * blockSize, rows[m].length);
          for (int k = block * blockSize; k < end; k++) {
            tally.macs++;
            if (survives(rows[m][k], columns[n][k])) {
              toIssue.add(new Pair(m, n, k));
            } else {
              toDiscard++;
            }
          }
        }
      }
    }
  }

  private boolean survives(float row, float column) {
    return switch (skip) {
      case NONE -> true;
      case WEIGHTS -> row != 0;
      case ACTIVATIONS -> column != 0;
      case BOTH -> row != 0 && column != 0;
    };
  }

  /** The finished sum of a row and a column of the tile. */
  float result(int row, int column) {
    return (float) partialSums[row][column];
  }
}
