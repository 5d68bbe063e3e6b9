package org.dlaclab.sim;

import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.dlaclab.error.DlacException;
import org.dlaclab.grid.FilterOrder;
import org.dlaclab.grid.Grid;
import org.dlaclab.grid.Skip;
import org.dlaclab.grid.Storage;
import org.dlaclab.result.Tally;
import org.dlaclab.result.Timing;
import org.dlaclab.result.Traffic;
import org.dlaclab.tensor.BitMatrix;

/**
 * The exact engine: the cycles of a masked product on a grid, in all four skip modes at once,
 * without stepping through them.
 *
 * <p>A PE takes {@code max(ceil(issued / L), ceil(pairs / (L * window)))} cycles for a block of the
 * reduction; all PEs meet at the end of each segment of {@code syncBlocks} blocks; a pass's results
 * drain while the next one computes. What is left to do is to count the issued pairs per PE and
 * block, for which see {@link TilePlanes}.
 */
public final class Engine {
  private static final Skip[] MODES = {Skip.NONE, Skip.WEIGHTS, Skip.ACTIVATIONS, Skip.BOTH};
  private static final int NONE = 0;
  private static final int WEIGHTS = 1;
  private static final int ACTIVATIONS = 2;
  private static final int BOTH = 3;

  /** Passes whose times are held at once: bounds the memory of a huge product on a tiny grid. */
  private static final int CHUNK = 1 << 16;

  /**
   * Words of 64 steps, over all pairs of tiles, below which starting threads costs more than it
   * saves.
   */
  private static final long PARALLEL_FROM = 20_000;

  private final MaskedProduct product;
  private final Grid grid;
  private final TilePlanes rows;
  private final TilePlanes columns;
  private final int blocks;
  private final int blockWords;
  private final int segmentBlocks;
  private final int units;
  private final int rowPasses;
  private final int columnPasses;
  private final Memory memory;

  /** The effectual pairs of each pair of tiles and block; empty if they are to be counted. */
  private final int[] counts;

  private Engine(
      MaskedProduct product,
      Widths widths,
      Footprint footprint,
      Grid grid,
      Tiles tiles,
      int[] counts) {
    requireCountable(product, grid);
    this.product = product;
    this.grid = grid;
    this.blockWords = tiles.blockWords;
    this.blocks = tiles.blocks();
    this.segmentBlocks = grid.syncBlocks() == 0 ? blocks : Math.min(blocks, grid.syncBlocks());
    this.units = grid.units(product.multiplierFree());
    this.rows = tiles.rows;
    this.columns = tiles.columns;
    this.counts = counts;
    this.rowPasses = (int) ceil(rows.tiles, grid.pes().rows());
    this.columnPasses = (int) ceil(columns.tiles, grid.pes().columns());
    this.memory = new Memory(product, widths, footprint, rows, columns, grid);
  }

  /** A product cut into tiles and blocks. */
  record Tiles(TilePlanes rows, TilePlanes columns, int blockWords) {
    int blocks() {
      return (int) ceil(rows.words, blockWords);
    }

    /** Pairs of tiles, times blocks. */
    long counts() {
      return (long) rows.tiles * columns.tiles * blocks();
    }
  }

  /**
   * Cuts a product as {@code grid} does, and any other of the same tile, block and filter order.
   */
  static Tiles tiles(MaskedProduct product, Grid grid) {
    int blockWords = grid.blockSize() / Long.SIZE;
    return new Tiles(
        new TilePlanes(
            product.rows(),
            order(product.rows(), grid.filterOrder()),
            grid.tile().rows(),
            blockWords),
        new TilePlanes(
            product.columns(),
            natural(product.columns().rows()),
            grid.tile().columns(),
            blockWords),
        blockWords);
  }

  /**
   * Times {@code product} on {@code grid}: a mask of ternary weights, and columns of which no two
   * share an element.
   */
  public static Tally run(MaskedProduct product, Grid grid) {
    return run(
        product,
        Widths.of(product, grid.precision()),
        Footprint.ofDistinct(product.columns(), Footprint.Tiling.of(grid)),
        grid);
  }

  /**
   * Times {@code product} on {@code grid}.
   *
   * @param footprint what tiles of {@link Memory#columnsPerPass} columns touch
   */
  static Tally run(MaskedProduct product, Widths widths, Footprint footprint, Grid grid) {
    requireCountable(product, grid);
    return run(product, widths, footprint, grid, tiles(product, grid), new int[0]);
  }

  /**
   * Times {@code product} on {@code grid}.
   *
   * @param tiles the product, cut as the grid does
   * @param counts the effectual pairs {@code [row tile][column tile][block]}; empty if they are not
   *     counted yet
   */
  static Tally run(
      MaskedProduct product,
      Widths widths,
      Footprint footprint,
      Grid grid,
      Tiles tiles,
      int[] counts) {
    return new Engine(product, widths, footprint, grid, tiles, counts).run();
  }

  /** Whether a footprint needs to know its non-zeros. */
  static boolean countsOnes(Grid grid) {
    return grid.storage() != Storage.DENSE;
  }

  /** Pairs are counted in ints within a PE's block, and in longs beyond it. */
  static void requireCountable(MaskedProduct product, Grid grid) {
    long entries =
        (long) Math.min(grid.tile().rows(), product.rows().rows())
            * Math.min(grid.tile().columns(), product.columns().rows());
    long pairs = entries * Math.min(grid.blockSize(), product.rows().columns());
    if (pairs > Integer.MAX_VALUE) {
      throw new DlacException(
          "a PE of grid \"" + grid.name() + "\" holds " + pairs + " pairs per block",
          "at most 2^31 - 1: tile rows * tile columns * blockSize, as far as there is work",
          "use a smaller tile or blockSize");
    }
  }

  private static int[] natural(int rows) {
    return IntStream.range(0, rows).toArray();
  }

  private static int[] order(BitMatrix mask, FilterOrder order) {
    if (order == FilterOrder.NATURAL) {
      return natural(mask.rows());
    }
    int[] ones = IntStream.range(0, mask.rows()).map(mask::ones).toArray();
    // Sorting objects is stable: ties stay in the order of their index.
    return IntStream.range(0, mask.rows())
        .boxed()
        .sorted(Comparator.comparingInt((Integer row) -> -ones[row]))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private Tally run() {
    Memory.Plan[] plans = new Memory.Plan[MODES.length];
    Arrays.setAll(plans, m -> memory.plan(MODES[m]));
    long passes = (long) rowPasses * columnPasses;
    long[][] compute = new long[MODES.length][(int) Math.min(passes, CHUNK)];
    boolean atOnce = passes <= CHUNK;
    Sums sums = atOnce ? chunk(0, (int) passes, true, compute) : new Sums();
    Map<Skip, Timing> timings = new EnumMap<>(Skip.class);
    for (boolean rowsOuter : new boolean[] {true, false}) {
      // The order of passes is one for all modes but if it is chosen by what the modes load.
      if (Arrays.stream(plans).anyMatch(plan -> plan.rowsOuter == rowsOuter)) {
        Clock clock = new Clock(plans);
        if (atOnce) {
          for (long p = 0; p < passes; p++) {
            int i = rowPass(p, rowsOuter);
            int j = columnPass(p, rowsOuter);
            clock.pass(compute, i * columnPasses + j, i, j);
          }
        } else {
          sums = inChunks(passes, rowsOuter, compute, clock);
        }
        clock.finish();
        for (int m = 0; m < MODES.length; m++) {
          if (plans[m].rowsOuter == rowsOuter) {
            timings.put(MODES[m], timing(m, sums, clock));
          }
        }
      }
    }
    Map<Skip, Traffic> traffics = new EnumMap<>(Skip.class);
    for (int m = 0; m < MODES.length; m++) {
      traffics.put(MODES[m], plans[m].traffic());
    }
    return new Tally(sums.issued[NONE], sums.issued[BOTH], timings, traffics);
  }

  /** More passes than are held at once: in the order in which the clock needs them. */
  private Sums inChunks(long passes, boolean rowsOuter, long[][] compute, Clock clock) {
    Sums sums = new Sums();
    for (long first = 0; first < passes; first += CHUNK) {
      int count = (int) Math.min(CHUNK, passes - first);
      sums.add(chunk(first, count, rowsOuter, compute));
      for (int p = 0; p < count; p++) {
        clock.pass(compute, p, rowPass(first + p, rowsOuter), columnPass(first + p, rowsOuter));
      }
    }
    return sums;
  }

  private Timing timing(int mode, Sums sums, Clock clock) {
    long pes = grid.pes().count();
    double busy = (double) sums.units[mode] / pes;
    double scanning = (double) sums.pes[mode] / pes;
    long cycles = clock.time[mode];
    return new Timing(
        cycles,
        sums.issued[mode],
        product.multiplierFree() ? 0 : sums.issued[mode],
        cycles * pes * units,
        busy,
        clock.computed[mode] - scanning,
        scanning - busy,
        clock.unstalled[mode] - clock.computed[mode],
        cycles - clock.unstalled[mode]);
  }

  /**
   * Computes {@code count} passes from {@code first} on, side by side, into {@code
   * compute[mode][pass - first]}.
   */
  private Sums chunk(long first, int count, boolean rowsOuter, long[][] compute) {
    long work = (long) count * grid.pes().count() * rows.words;
    int tasks =
        work < PARALLEL_FROM ? 1 : Math.min(count, 8 * Runtime.getRuntime().availableProcessors());
    IntStream range = IntStream.range(0, tasks);
    return (tasks == 1 ? range : range.parallel())
        .mapToObj(
            task -> {
              Sums sums = new Sums();
              Scratch scratch =
                  new Scratch(rows.words, (blocks + segmentBlocks - 1) / segmentBlocks);
              int end = (int) ((long) count * (task + 1) / tasks);
              for (int p = (int) ((long) count * task / tasks); p < end; p++) {
                pass(
                    rowPass(first + p, rowsOuter), columnPass(first + p, rowsOuter), scratch, sums);
                scratch.sumSegments(compute, p);
              }
              return sums;
            })
        .reduce(new Sums(), Sums::plus);
  }

  private int rowPass(long pass, boolean rowsOuter) {
    return (int) (rowsOuter ? pass / columnPasses : pass % rowPasses);
  }

  private int columnPass(long pass, boolean rowsOuter) {
    return (int) (rowsOuter ? pass % columnPasses : pass / rowPasses);
  }

  /**
   * The longest time of any PE per segment goes to {@code scratch}; what PEs did in total goes to
   * {@code sums}.
   */
  private void pass(int i, int j, Scratch scratch, Sums sums) {
    scratch.clear();
    int firstRow = i * grid.pes().rows();
    int firstColumn = j * grid.pes().columns();
    int lastRow = Math.min(rows.tiles, firstRow + grid.pes().rows());
    int lastColumn = Math.min(columns.tiles, firstColumn + grid.pes().columns());
    for (int rowTile = firstRow; rowTile < lastRow; rowTile++) {
      for (int columnTile = firstColumn; columnTile < lastColumn; columnTile++) {
        if (counts.length == 0) {
          TilePlanes.effectual(rows, rowTile, columns, columnTile, scratch.effectual);
        }
        pe(rowTile, columnTile, scratch, sums);
      }
    }
  }

  /** One PE, block by block. */
  private void pe(int rowTile, int columnTile, Scratch scratch, Sums sums) {
    int held = rows.held(rowTile);
    int across = columns.held(columnTile);
    long none = 0;
    long weights = 0;
    long activations = 0;
    long both = 0;
    int steps = product.rows().columns();
    int counted = counts.length == 0 ? -1 : (rowTile * columns.tiles + columnTile) * blocks;
    for (int block = 0, segment = 0; block < blocks; segment++) {
      int end = Math.min(blocks, block + segmentBlocks);
      long noneCycles = 0;
      long weightCycles = 0;
      long activationCycles = 0;
      long bothCycles = 0;
      long weightUnits = 0;
      long activationUnits = 0;
      long bothUnits = 0;
      for (; block < end; block++) {
        int length = Math.min(grid.blockSize(), steps - block * grid.blockSize());
        long pairs = (long) held * across * length;
        long scan = ceil(pairs, (long) units * grid.window());
        long byWeight = (long) rows.ones[rowTile * blocks + block] * across;
        long byActivation = (long) columns.ones[columnTile * blocks + block] * held;
        long effectual = counted < 0 ? scratch.inBlock(block, blockWords) : counts[counted + block];
        none += pairs;
        weights += byWeight;
        activations += byActivation;
        both += effectual;
        noneCycles += ceil(pairs, units);
        long busy = ceil(byWeight, units);
        weightUnits += busy;
        weightCycles += Math.max(busy, scan);
        busy = ceil(byActivation, units);
        activationUnits += busy;
        activationCycles += Math.max(busy, scan);
        busy = ceil(effectual, units);
        bothUnits += busy;
        bothCycles += Math.max(busy, scan);
      }
      scratch.meet(NONE, segment, noneCycles);
      scratch.meet(WEIGHTS, segment, weightCycles);
      scratch.meet(ACTIVATIONS, segment, activationCycles);
      scratch.meet(BOTH, segment, bothCycles);
      sums.time(NONE, noneCycles, noneCycles);
      sums.time(WEIGHTS, weightUnits, weightCycles);
      sums.time(ACTIVATIONS, activationUnits, activationCycles);
      sums.time(BOTH, bothUnits, bothCycles);
    }
    sums.issue(NONE, none);
    sums.issue(WEIGHTS, weights);
    sums.issue(ACTIVATIONS, activations);
    sums.issue(BOTH, both);
  }

  /** Cycles for the results of a pass to leave through one port per PE column. */
  static long drain(MaskedProduct product, Grid grid, int i, int j) {
    long rowsPerPass = Memory.rowsPerPass(grid);
    long held = Math.min(rowsPerPass, product.rows().rows() - i * rowsPerPass);
    // The first PE column holds the most: only the last one that holds any is cut.
    long across =
        Math.min(grid.tile().columns(), product.columns().rows() - j * Memory.columnsPerPass(grid));
    return ceil(held * across, grid.drainWidth());
  }

  private static long ceil(long dividend, long divisor) {
    return divisor == 1 ? dividend : (dividend + divisor - 1) / divisor;
  }

  /** Totals over PEs, blocks and passes, per skip mode. */
  private static final class Sums {
    final long[] issued = new long[MODES.length];
    final long[] units = new long[MODES.length];
    final long[] pes = new long[MODES.length];

    void issue(int mode, long pairs) {
      issued[mode] += pairs;
    }

    void time(int mode, long unitCycles, long peCycles) {
      units[mode] += unitCycles;
      pes[mode] += peCycles;
    }

    void add(Sums other) {
      for (int m = 0; m < MODES.length; m++) {
        issued[m] += other.issued[m];
        units[m] += other.units[m];
        pes[m] += other.pes[m];
      }
    }

    Sums plus(Sums other) {
      Sums sum = new Sums();
      sum.add(this);
      sum.add(other);
      return sum;
    }
  }

  /** What one thread needs for one pass. */
  private static final class Scratch {
    final int[] effectual;
    private final long[][] slowest;

    Scratch(int words, int segments) {
      effectual = new int[words];
      slowest = new long[MODES.length][segments];
    }

    void clear() {
      for (long[] segments : slowest) {
        Arrays.fill(segments, 0);
      }
    }

    long inBlock(int block, int blockWords) {
      long sum = 0;
      int end = Math.min(effectual.length, (block + 1) * blockWords);
      for (int w = block * blockWords; w < end; w++) {
        sum += effectual[w];
      }
      return sum;
    }

    void meet(int mode, int segment, long cycles) {
      long[] segments = slowest[mode];
      segments[segment] = Math.max(segments[segment], cycles);
    }

    void sumSegments(long[][] compute, int pass) {
      for (int m = 0; m < MODES.length; m++) {
        long sum = 0;
        for (long segment : slowest[m]) {
          sum += segment;
        }
        compute[m][pass] = sum;
      }
    }
  }

  /**
   * Puts passes one after another. In the step of a pass the next one's operands are loaded, and
   * the results of the one before it are stored: the step takes the longer of the two.
   */
  private final class Clock {
    final long[] computed = new long[MODES.length];

    /** Time if DRAM had no limit. */
    final long[] unstalled = new long[MODES.length];

    final long[] time = new long[MODES.length];
    private final Memory.Plan[] plans;
    private final boolean waits = !grid.dram().isInfinite();
    private final boolean doubleBuffered = grid.ofmDoubleBuffered();

    /** Of the last pass, whose time in DRAM is known only when the next one's loads are. */
    private final long[] step = new long[MODES.length];

    private final long[] last = new long[MODES.length];
    private long lastDrain;
    private long lastStore;
    private long storeBefore;

    Clock(Memory.Plan[] plans) {
      this.plans = plans;
    }

    void pass(long[][] compute, int pass, int i, int j) {
      long drain = drain(product, grid, i, j);
      for (int m = 0; m < MODES.length; m++) {
        long cycles = compute[m][pass];
        computed[m] += cycles;
        step[m] = doubleBuffered ? Math.max(cycles, lastDrain) : cycles + drain;
        unstalled[m] += step[m];
        if (waits) {
          close(m, plans[m].loadCycles(i, j));
        }
        last[m] = step[m];
      }
      lastDrain = drain;
      if (waits) {
        storeBefore = lastStore;
        lastStore = memory.storeCycles(i, j);
      }
    }

    /** Ends the step of the last pass, in which the loads of the next one took so long. */
    private void close(int m, long load) {
      time[m] += Math.max(last[m], load + storeBefore);
    }

    void finish() {
      for (int m = 0; m < MODES.length; m++) {
        long tail = doubleBuffered ? lastDrain : 0;
        unstalled[m] += tail;
        if (waits) {
          close(m, 0);
          time[m] += Math.max(tail, lastStore);
        } else {
          time[m] = unstalled[m];
        }
      }
    }
  }
}
