package org.dlaclab.grid;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;
import org.dlaclab.tech.ProcessNode;
import org.dlaclab.tech.Technology;
import org.dlaclab.unit.Bytes;
import org.dlaclab.unit.BytesPerSecond;
import org.dlaclab.unit.Hertz;
import org.dlaclab.unit.Scaled;

/**
 * A DLAC: a two-dimensional grid of processing elements (PEs) that skip operations on zeros
 * (Venkatesh et al., ICASSP 2017). PE row {@code y} works on filters, PE column {@code x} on output
 * pixels.
 *
 * @param name what results call it
 * @param pes extent of the grid
 * @param lanes arithmetic units per PE that add: they serve ternary and binary weights; 1 or more
 * @param multipliers units per PE that multiply, for all other weights; 1 to {@code lanes}
 * @param tile partial sums that a PE keeps at a time
 * @param ofmEntries partial sums that a PE's OFM buffer holds; at least those of the tile
 * @param window pairs that skip control looks at per unit and cycle; 1 or more
 * @param blockSize reduction steps that a PE works through at a time; a multiple of 64
 * @param syncBlocks after how many blocks all PEs meet; 0 means once per pass
 * @param skip which zeros are skipped
 * @param filterOrder how filters are dealt to PE rows
 * @param loopOrder in which order passes run
 * @param drainWidth results that leave a PE column per cycle; 1 or more
 * @param ofmDoubleBuffered whether a pass's results drain while the next pass computes
 * @param clock for times and rates; cycles depend on it where DRAM has a bandwidth
 * @param weightBuffer capacity of the buffer of row operands
 * @param ifmBuffer capacity of the buffer of column operands
 * @param dram bandwidth between DRAM and the buffers, both directions together
 * @param storage how operands lie in DRAM and buffers
 * @param precision the numbers that the grid computes with
 * @param technology what its parts cost in energy and area
 */
public record Grid(
    String name,
    Pes pes,
    int lanes,
    int multipliers,
    Tile tile,
    int ofmEntries,
    int window,
    int blockSize,
    int syncBlocks,
    Skip skip,
    FilterOrder filterOrder,
    LoopOrder loopOrder,
    int drainWidth,
    boolean ofmDoubleBuffered,
    Hertz clock,
    Bytes weightBuffer,
    Bytes ifmBuffer,
    BytesPerSecond dram,
    Storage storage,
    Precision precision,
    Technology technology) {

  /** What {@code grid(...)} takes. Every option has a default but {@link Pes}. */
  public sealed interface Option {}

  /**
   * Extent of the grid.
   *
   * @param rows PEs along the filters, 1 or more
   * @param columns PEs along the pixels, 1 or more
   */
  public record Pes(int rows, int columns) implements Option {
    public Pes {
      Check.positive("the rows of pes(rows, columns)", rows);
      Check.positive("the columns of pes(rows, columns)", columns);
      requireCountable("pes", rows, columns);
    }

    /** Number of PEs. */
    public int count() {
      return rows * columns;
    }

    @Override
    public String toString() {
      return rows + "x" + columns;
    }
  }

  /**
   * Partial sums per PE.
   *
   * @param rows filters, 1 or more
   * @param columns pixels, 1 or more
   */
  public record Tile(int rows, int columns) implements Option {
    public Tile {
      Check.positive("the rows of tile(rows, columns)", rows);
      Check.positive("the columns of tile(rows, columns)", columns);
      requireCountable("tile", rows, columns);
    }

    /** Partial sums of the tile. */
    public int entries() {
      return rows * columns;
    }

    @Override
    public String toString() {
      return rows + "x" + columns;
    }
  }

  /** Adders per PE. */
  public record Lanes(int count) implements Option {}

  /** Multipliers per PE. Default: as many as lanes. */
  public record Multipliers(int count) implements Option {}

  /** Capacity of a PE's OFM buffer. Default: the tile's partial sums. */
  public record OfmEntries(int count) implements Option {}

  /** Pairs that skip control looks at per unit and cycle. */
  public record Window(int pairs) implements Option {}

  /** Reduction steps per block. */
  public record BlockSize(int steps) implements Option {}

  /** Blocks between two meetings of all PEs; 0 for one meeting per pass. */
  public record Sync(int blocks) implements Option {}

  /** Which zeros are skipped. */
  public record Skipping(Skip mode) implements Option {}

  /** How filters are dealt to PE rows. */
  public record Filters(FilterOrder order) implements Option {}

  /** In which order passes run. */
  public record Loops(LoopOrder order) implements Option {}

  /** Results that leave a PE column per cycle. */
  public record Drain(int width) implements Option {}

  /** Whether draining overlaps the next pass. */
  public record DoubleBuffer(boolean on) implements Option {}

  /** The clock. */
  public record Clock(Hertz frequency) implements Option {}

  /** Capacity of the buffer of row operands. */
  public record WeightBuffer(Bytes size) implements Option {}

  /** Capacity of the buffer of column operands. */
  public record IfmBuffer(Bytes size) implements Option {}

  /** DRAM bandwidth. */
  public record Dram(BytesPerSecond bandwidth) implements Option {}

  /** How operands are stored. */
  public record Stored(Storage storage) implements Option {}

  /** The numbers that the grid computes with. */
  public record Arithmetic(Precision precision) implements Option {}

  /** What the grid's parts cost. */
  public record Costs(Technology technology) implements Option {}

  /** What the DSL calls each option, for errors. */
  private static final Map<Class<?>, String> WORDS =
      Map.ofEntries(
          Map.entry(Pes.class, "pes"),
          Map.entry(Tile.class, "tile"),
          Map.entry(Lanes.class, "lanes"),
          Map.entry(Multipliers.class, "multipliers"),
          Map.entry(OfmEntries.class, "ofmEntries"),
          Map.entry(Window.class, "window"),
          Map.entry(BlockSize.class, "blockSize"),
          Map.entry(Sync.class, "sync"),
          Map.entry(Skipping.class, "skip"),
          Map.entry(Filters.class, "filterOrder"),
          Map.entry(Loops.class, "loopOrder"),
          Map.entry(Drain.class, "drainWidth"),
          Map.entry(DoubleBuffer.class, "ofmDoubleBuffered"),
          Map.entry(Clock.class, "clock"),
          Map.entry(WeightBuffer.class, "weightBuffer"),
          Map.entry(IfmBuffer.class, "ifmBuffer"),
          Map.entry(Dram.class, "dram"),
          Map.entry(Stored.class, "storage"),
          Map.entry(Arithmetic.class, "precision"),
          Map.entry(Costs.class, "technology"));

  public Grid {
    Check.named("a grid", name);
    Check.positive("lanes", lanes);
    Check.positive("multipliers", multipliers);
    Check.positive("ofmEntries", ofmEntries);
    Check.positive("window", window);
    Check.atLeast("sync", syncBlocks, 0);
    Check.positive("drainWidth", drainWidth);
    if (multipliers > lanes) {
      throw new DlacException(
          "multipliers(" + multipliers + ") exceeds lanes(" + lanes + ") of grid \"" + name + "\"",
          "1 <= multipliers <= lanes: every multiplier is part of a lane",
          "raise lanes or lower multipliers");
    }
    if (blockSize < 64 || blockSize % 64 != 0) {
      int near = Math.max(64, Math.round(blockSize / 64f) * 64);
      throw new DlacException(
          "blockSize is " + blockSize, "a multiple of 64", "use blockSize(" + near + ")");
    }
    if (tile.entries() > ofmEntries) {
      throw new DlacException(
          "tile("
              + tile.rows()
              + ", "
              + tile.columns()
              + ") of grid \""
              + name
              + "\" needs "
              + tile.entries()
              + " partial sums per PE, but ofmEntries is "
              + ofmEntries,
          "tile rows * tile columns <= ofmEntries",
          "use a smaller tile, or ofmEntries(" + tile.entries() + ")");
    }
  }

  /**
   * A grid of these options. Defaults: lanes 1, multipliers as lanes, tile 4x16, ofmEntries as the
   * tile, window 8, blockSize 64, sync 1, skip BOTH, filters NATURAL, loops ROWS_OUTER, drainWidth
   * 1, double-buffered, 500 MHz (the paper's clock), a weight buffer of 32 KiB, an IFM buffer of 64
   * KiB, DRAM of infinite bandwidth, storage DENSE, precision FP32, 14 nm (the paper's process).
   *
   * @throws DlacException if an option is out of range, given twice, or does not fit the others
   */
  public static Grid of(String name, Option... options) {
    requireDistinct(options);
    if (Arrays.stream(options).noneMatch(Pes.class::isInstance)) {
      throw new DlacException(
          "grid \"" + name + "\" has no number of PEs",
          "one, because there is no sensible default",
          "add pes(16, 32)");
    }
    Grid base =
        new Grid(
            name,
            new Pes(1, 1),
            1,
            1,
            new Tile(4, 16),
            64,
            8,
            64,
            1,
            Skip.BOTH,
            FilterOrder.NATURAL,
            LoopOrder.ROWS_OUTER,
            1,
            true,
            Hertz.mega(500),
            Bytes.kibi(32),
            Bytes.kibi(64),
            BytesPerSecond.INFINITE,
            Storage.DENSE,
            Precision.FP32,
            Technology.of(ProcessNode.NM_14));
    return base.with(options);
  }

  /**
   * This grid with some options changed. Multipliers follow the lanes, and OFM entries the tile,
   * unless they are given or were different before.
   */
  public Grid with(Option... options) {
    requireDistinct(options);
    Pes newPes = pes;
    int newLanes = lanes;
    int newMultipliers = 0;
    Tile newTile = tile;
    int newEntries = 0;
    int newWindow = window;
    int newBlock = blockSize;
    int newSync = syncBlocks;
    Skip newSkip = skip;
    FilterOrder newFilters = filterOrder;
    LoopOrder newLoops = loopOrder;
    int newDrain = drainWidth;
    boolean newDouble = ofmDoubleBuffered;
    Hertz newClock = clock;
    Bytes newWeightBuffer = weightBuffer;
    Bytes newIfmBuffer = ifmBuffer;
    BytesPerSecond newDram = dram;
    Storage newStorage = storage;
    Precision newPrecision = precision;
    Technology newTechnology = technology;
    for (Option option : options) {
      if (option instanceof Pes o) {
        newPes = o;
      } else if (option instanceof Lanes o) {
        newLanes = Check.positive("lanes", o.count());
      } else if (option instanceof Multipliers o) {
        newMultipliers = Check.positive("multipliers", o.count());
      } else if (option instanceof Tile o) {
        newTile = o;
      } else if (option instanceof OfmEntries o) {
        newEntries = Check.positive("ofmEntries", o.count());
      } else if (option instanceof Window o) {
        newWindow = o.pairs();
      } else if (option instanceof BlockSize o) {
        newBlock = o.steps();
      } else if (option instanceof Sync o) {
        newSync = o.blocks();
      } else if (option instanceof Skipping o) {
        newSkip = o.mode();
      } else if (option instanceof Filters o) {
        newFilters = o.order();
      } else if (option instanceof Loops o) {
        newLoops = o.order();
      } else if (option instanceof Drain o) {
        newDrain = o.width();
      } else if (option instanceof DoubleBuffer o) {
        newDouble = o.on();
      } else if (option instanceof Clock o) {
        newClock = o.frequency();
      } else if (option instanceof WeightBuffer o) {
        newWeightBuffer = o.size();
      } else if (option instanceof IfmBuffer o) {
        newIfmBuffer = o.size();
      } else if (option instanceof Dram o) {
        newDram = o.bandwidth();
      } else if (option instanceof Stored o) {
        newStorage = o.storage();
      } else if (option instanceof Arithmetic o) {
        newPrecision = o.precision();
      } else if (option instanceof Costs o) {
        newTechnology = o.technology();
      }
    }
    if (newMultipliers == 0) {
      newMultipliers = multipliers == lanes ? newLanes : multipliers;
    }
    if (newEntries == 0) {
      newEntries = ofmEntries == tile.entries() ? newTile.entries() : ofmEntries;
    }
    return new Grid(
        name,
        newPes,
        newLanes,
        newMultipliers,
        newTile,
        newEntries,
        newWindow,
        newBlock,
        newSync,
        newSkip,
        newFilters,
        newLoops,
        newDrain,
        newDouble,
        newClock,
        newWeightBuffer,
        newIfmBuffer,
        newDram,
        newStorage,
        newPrecision,
        newTechnology);
  }

  /** This grid under another name, so that results can tell the two apart. */
  public Grid named(String newName) {
    return new Grid(
        newName,
        pes,
        lanes,
        multipliers,
        tile,
        ofmEntries,
        window,
        blockSize,
        syncBlocks,
        skip,
        filterOrder,
        loopOrder,
        drainWidth,
        ofmDoubleBuffered,
        clock,
        weightBuffer,
        ifmBuffer,
        dram,
        storage,
        precision,
        technology);
  }

  private static void requireCountable(String what, int rows, int columns) {
    long count = (long) rows * columns;
    if (count > Integer.MAX_VALUE) {
      throw new DlacException(
          what + "(" + rows + ", " + columns + ") has a product of " + count,
          "at most " + Integer.MAX_VALUE,
          "use fewer rows or columns");
    }
  }

  private static void requireDistinct(Option... options) {
    Check.distinct("a grid", type -> String.valueOf(WORDS.get(type)), (Object[]) options);
  }

  /**
   * The units of a PE that work on a product: L of the machine model.
   *
   * @param multiplierFree whether the row operand is ternary or binary
   */
  public int units(boolean multiplierFree) {
    return multiplierFree ? lanes : multipliers;
  }

  /** FLOP per cycle if nothing is skipped and no lane idles: 2 per lane. */
  public long densePeak() {
    return 2L * pes.count() * lanes;
  }

  /**
   * Effective FLOP per cycle, those of skipped pairs included, that no network exceeds: {@link
   * #densePeak} times the window, if anything is skipped.
   */
  public long peak() {
    return densePeak() * (skip == Skip.NONE ? 1 : window);
  }

  /** The size of a PE's OFM buffer: its partial sums, twice if a drain overlaps the next pass. */
  public Bytes ofmBuffer() {
    return Bytes.ofBits((long) ofmEntries * precision.sumBits() * (ofmDoubleBuffered ? 2 : 1));
  }

  /** What the grid's arithmetic and buffers take. */
  public Area area() {
    return Area.of(this);
  }

  /**
   * One thing to know about a grid.
   *
   * @param name of a parameter, or of what follows from them
   * @param value with its unit
   * @param meaning what it means; may be empty
   */
  public record Fact(String name, String value, String meaning) {}

  /** Every parameter with its unit, and what follows from them. */
  public List<Fact> facts() {
    return List.of(
        new Fact("PEs", pes + " = " + pes.count(), "rows (filters) x columns (pixels)"),
        new Fact("lanes", String.valueOf(lanes), "adders per PE, for ternary and binary weights"),
        new Fact("multipliers", String.valueOf(multipliers), "per PE, for other weights"),
        new Fact("tile", tile + " = " + tile.entries(), "partial sums per PE: filters x pixels"),
        new Fact(
            "ofmEntries", String.valueOf(ofmEntries), "partial sums that a PE's OFM buffer holds"),
        new Fact("window", String.valueOf(window), "pairs looked at per unit and cycle"),
        new Fact("blockSize", String.valueOf(blockSize), "reduction steps per block"),
        new Fact(
            "sync",
            String.valueOf(syncBlocks),
            syncBlocks == 0
                ? "all PEs meet once per pass"
                : "blocks between two meetings of all PEs"),
        new Fact("skip", skip.toString(), "which zeros are skipped"),
        new Fact("filters", filterOrder.toString(), "order in which filters are dealt to PE rows"),
        new Fact("loops", loopOrder.toString(), "order of passes"),
        new Fact("drainWidth", String.valueOf(drainWidth), "results per PE column and cycle"),
        new Fact(
            "double buffer",
            ofmDoubleBuffered ? "yes" : "no",
            "whether a drain overlaps the next pass"),
        new Fact("clock", clock.toString(), ""),
        new Fact("dense peak", densePeak() + " FLOP/cycle", "2 per unit, nothing skipped"),
        new Fact(
            "peak", peak() + " FLOP/cycle", "effective, if all that the window shows is skipped"),
        new Fact("weightBuffer", weightBuffer.toString(), "for row operands"),
        new Fact("ifmBuffer", ifmBuffer.toString(), "for column operands"),
        new Fact(
            "dram",
            dram.toString(),
            dram.isInfinite()
                ? "compute-only view: nothing waits for DRAM"
                : Scaled.decimal(dram.value() / clock.value(), "B")
                    + " per cycle, both directions"),
        new Fact("storage", storage.toString(), "of operands in DRAM and buffers"),
        new Fact("precision", precision.toString(), "of activations, gradients and full weights"),
        new Fact("technology", technology.node().toString(), technology.toString()),
        new Fact(
            "area", area().total().toString(), "arithmetic and buffers; no control, no wires"));
  }

  /** The {@link #facts}, a line each. */
  public String describe() {
    StringBuilder out = new StringBuilder("grid ").append(name).append('\n');
    for (Fact fact : facts()) {
      out.append(
              String.format(
                      java.util.Locale.ROOT,
                      "  %-14s %-18s %s",
                      fact.name(),
                      fact.value(),
                      fact.meaning())
                  .stripTrailing())
          .append('\n');
    }
    return out.toString().stripTrailing();
  }

  /** As {@link #describe()}. */
  @Override
  public String toString() {
    return describe();
  }
}
