package org.dlaclab.sim;

import org.dlaclab.grid.Grid;
import org.dlaclab.grid.Skip;
import org.dlaclab.result.Watcher;

/**
 * A product on a grid, told step by step: the same machine as {@link Engine}, in one skip mode and
 * one after another, for who wants to know what each PE does when.
 */
final class Steps {
  private final MaskedProduct product;
  private final Grid grid;
  private final Engine.Tiles tiles;
  private final Memory memory;
  private final Memory.Plan plan;
  private final int units;
  private final String name;
  private final Watcher watcher;
  private final int[] effectual;
  private long now;

  /**
   * @param name of the product, for the watcher
   * @param begin the cycle in which the product begins
   */
  Steps(
      MaskedProduct product,
      Widths widths,
      Footprint footprint,
      Grid grid,
      String name,
      long begin,
      Watcher watcher) {
    Engine.requireCountable(product, grid);
    this.product = product;
    this.grid = grid;
    this.name = name;
    this.watcher = watcher;
    tiles = Engine.tiles(product, grid);
    memory = new Memory(product, widths, footprint, tiles.rows(), tiles.columns(), grid);
    plan = memory.plan(grid.skip());
    units = grid.units(product.multiplierFree());
    effectual = new int[tiles.rows().words];
    now = begin;
  }

  /** Runs the product, and returns the cycle after its last one. */
  long run() {
    int rowPasses = ceil(tiles.rows().tiles, grid.pes().rows());
    int columnPasses = ceil(tiles.columns().tiles, grid.pes().columns());
    long passes = (long) rowPasses * columnPasses;
    long drainBefore = 0;
    long storeBefore = 0;
    tell(0, passes);
    stall(plan.loadCycles(0, 0));
    for (long p = 0; p < passes; p++) {
      int i = (int) (plan.rowsOuter ? p / columnPasses : p % rowPasses);
      int j = (int) (plan.rowsOuter ? p % columnPasses : p / rowPasses);
      if (p > 0) {
        tell(p, passes);
      }
      long begin = now;
      compute(i, j);
      long drain = Engine.drain(product, grid, i, j);
      drain(grid.ofmDoubleBuffered() ? drainBefore - (now - begin) : drain);
      long next = p + 1;
      long load =
          next == passes
              ? 0
              : plan.rowsOuter
                  ? plan.loadCycles((int) (next / columnPasses), (int) (next % columnPasses))
                  : plan.loadCycles((int) (next % rowPasses), (int) (next / rowPasses));
      stall(load + storeBefore - (now - begin));
      drainBefore = drain;
      storeBefore = memory.storeCycles(i, j);
    }
    long tail = grid.ofmDoubleBuffered() ? drainBefore : 0;
    drain(tail);
    stall(storeBefore - tail);
    return now;
  }

  private void tell(long pass, long passes) {
    watcher.tiles(now, name + ", tiles " + (pass + 1) + " of " + passes);
  }

  /** The segments of a pass, at whose ends all PEs meet. */
  private void compute(int i, int j) {
    int blocks = tiles.blocks();
    int segment = grid.syncBlocks() == 0 ? blocks : grid.syncBlocks();
    for (int first = 0; first < blocks; first += segment) {
      long slowest = now;
      for (int y = 0; y < grid.pes().rows(); y++) {
        for (int x = 0; x < grid.pes().columns(); x++) {
          int rowTile = i * grid.pes().rows() + y;
          int columnTile = j * grid.pes().columns() + x;
          if (rowTile < tiles.rows().tiles && columnTile < tiles.columns().tiles) {
            int end = Math.min(blocks, first + segment);
            slowest = Math.max(slowest, pe(y, x, rowTile, columnTile, first, end));
          }
        }
      }
      now = slowest;
    }
  }

  /** One PE in one segment; returns the cycle after its last one. */
  private long pe(int y, int x, int rowTile, int columnTile, int first, int end) {
    long held = tiles.rows().held(rowTile);
    long across = tiles.columns().held(columnTile);
    int steps = product.rows().columns();
    if (grid.skip() == Skip.BOTH) {
      TilePlanes.effectual(
          tiles.rows(),
          rowTile,
          tiles.columns(),
          columnTile,
          first * tiles.blockWords(),
          Math.min(effectual.length, end * tiles.blockWords()),
          effectual);
    }
    long at = now;
    for (int block = first; block < end; block++) {
      long pairs = held * across * Math.min(grid.blockSize(), steps - block * grid.blockSize());
      long issued =
          switch (grid.skip()) {
            case NONE -> pairs;
            case WEIGHTS -> tiles.rows().ones[rowTile * tiles.blocks() + block] * across;
            case ACTIVATIONS -> tiles.columns().ones[columnTile * tiles.blocks() + block] * held;
            case BOTH -> inBlock(block);
          };
      int window = grid.skip() == Skip.NONE ? 1 : grid.window();
      long computing = ceil(issued, units);
      long cycles = Math.max(computing, ceil(pairs, (long) units * window));
      watcher.block(y, x, at, issued, computing, cycles - computing);
      at += cycles;
    }
    return at;
  }

  private long inBlock(int block) {
    long sum = 0;
    int end = Math.min(effectual.length, (block + 1) * tiles.blockWords());
    for (int w = block * tiles.blockWords(); w < end; w++) {
      sum += effectual[w];
    }
    return sum;
  }

  private void drain(long cycles) {
    if (cycles > 0) {
      watcher.drain(now, cycles);
      now += cycles;
    }
  }

  private void stall(long cycles) {
    if (cycles > 0) {
      watcher.stall(now, cycles);
      now += cycles;
    }
  }

  private static int ceil(int dividend, int divisor) {
    return (int) ceil((long) dividend, divisor);
  }

  private static long ceil(long dividend, long divisor) {
    return (dividend + divisor - 1) / divisor;
  }
}
