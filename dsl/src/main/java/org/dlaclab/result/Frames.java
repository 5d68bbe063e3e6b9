package org.dlaclab.result;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.dlaclab.error.DlacException;
import org.dlaclab.grid.Grid;
import org.dlaclab.plot.Film;

/** Parts some cycles of a layer into frames, and in each of them the time of each PE. */
final class Frames implements Watcher {
  /** More frames are no smoother, and a burden to the notebook that keeps them. */
  private static final int MOST_FRAMES = 240;

  /** PEs times frames: some 200 kB of a notebook. */
  private static final int MOST_CELLS = 1 << 16;

  /** More PEs would leave too few frames. */
  private static final int MOST_PES = 1 << 12;

  private final int pes;
  private final int columns;
  private final long from;
  private final long end;
  private final int length;

  /** {@code [frame][PE]}. */
  private final int[][] computing;

  private final int[][] scanning;

  /** Per frame, the same for all PEs. */
  private final int[] draining;

  private final int[] stalled;
  private final String[] captions;
  private long issued;

  private Frames(Grid.Pes pes, long from, long end) {
    this.pes = pes.count();
    this.columns = pes.columns();
    this.from = from;
    this.end = end;
    int most = Math.min(MOST_FRAMES, MOST_CELLS / this.pes);
    length = (int) ((end - from + most - 1) / most);
    int frames = (int) ((end - from + length - 1) / length);
    computing = new int[frames][this.pes];
    scanning = new int[frames][this.pes];
    draining = new int[frames];
    stalled = new int[frames];
    captions = new String[frames];
    Arrays.fill(captions, "");
  }

  /** The cycles from {@code from} up to, not including, {@code end} of a layer's first sample. */
  static Film of(Run run, String layer, long from, long end) {
    LayerResult result = run.layer(layer).get(0);
    require(run.grid(), result, from, end);
    Frames frames = new Frames(run.grid().pes(), from, end);
    run.again().watch(Set.of(layer), run.passes(), 1, frames);
    PeUtilization.requireSame(run, frames.issued, result.issued());
    return frames.film(run, layer);
  }

  private static void require(Grid grid, LayerResult result, long from, long end) {
    if (grid.pes().count() > MOST_PES) {
      throw new DlacException(
          "grid \"" + grid.name() + "\" has " + grid.pes().count() + " PEs to replay",
          "at most " + MOST_PES,
          "replay on a smaller grid, such as pes(16, 32)");
    }
    if (from < 0 || end <= from || end > result.cycles()) {
      throw new DlacException(
          "cycles " + from + " to " + end + " of layer \"" + result.layer() + "\"",
          "0 <= from < to <= " + result.cycles() + ", which are all cycles of its first sample",
          "use replay(\"" + result.layer() + "\") for all of them");
    }
  }

  private Film film(Run run, String layer) {
    boolean waits = !run.grid().dram().isInfinite();
    List<String> states =
        waits
            ? List.of("compute", "imbalance", "scan limit", "drain", "stall")
            : List.of("compute", "imbalance", "scan limit", "drain");
    List<Film.Frame> frames = new ArrayList<>();
    String caption = "";
    for (int f = 0; f < captions.length; f++) {
      caption = captions[f].isEmpty() ? caption : captions[f];
      long begin = from + (long) f * length;
      int time = (int) Math.min(length, end - begin);
      int frame = f;
      int shared = draining[f] + stalled[f];
      List<List<Integer>> spent = new ArrayList<>();
      spent.add(Arrays.stream(computing[f]).boxed().toList());
      spent.add(
          IntStream.range(0, pes)
              .map(pe -> time - shared - computing[frame][pe] - scanning[frame][pe])
              .boxed()
              .toList());
      spent.add(Arrays.stream(scanning[f]).boxed().toList());
      spent.add(Collections.nCopies(pes, draining[f]));
      if (waits) {
        spent.add(Collections.nCopies(pes, stalled[f]));
      }
      frames.add(new Film.Frame(caption, begin, time, spent));
    }
    String samples = run.samples().size() == 1 ? "" : ", first sample";
    return new Film(
        "Each PE in " + layer + samples,
        run.subtitle(),
        "PE",
        "cycle",
        pes / columns,
        columns,
        states,
        frames);
  }

  @Override
  public void layer(int sample, String layer) {
    // There is only one.
  }

  @Override
  public void tiles(long at, String which) {
    // Of several in a frame the first one; what began before all frames goes on in them.
    int frame = (int) Math.max(0, Math.floorDiv(at - from, (long) length));
    if (at <= from || (frame < captions.length && captions[frame].isEmpty())) {
      captions[frame] = which;
    }
  }

  @Override
  public void block(int row, int column, long at, long pairs, long computed, long scanned) {
    issued += pairs;
    int pe = row * columns + column;
    spread(at, computed, (frame, cycles) -> computing[frame][pe] += cycles);
    spread(at + computed, scanned, (frame, cycles) -> scanning[frame][pe] += cycles);
  }

  @Override
  public void drain(long at, long cycles) {
    spread(at, cycles, (frame, some) -> draining[frame] += some);
  }

  @Override
  public void stall(long at, long cycles) {
    spread(at, cycles, (frame, some) -> stalled[frame] += some);
  }

  private interface Adding {
    void add(int frame, int cycles);
  }

  /** Gives each frame the cycles that fall into it. */
  private void spread(long at, long cycles, Adding adding) {
    long now = Math.max(at, from);
    long last = Math.min(at + cycles, end);
    while (now < last) {
      int frame = (int) ((now - from) / length);
      long next = Math.min(last, from + (frame + 1L) * length);
      adding.add(frame, (int) (next - now));
      now = next;
    }
  }
}
