package org.dlaclab.result;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.dlaclab.error.DlacException;
import org.dlaclab.grid.Grid;
import org.dlaclab.plot.HeatMap;

/** Counts the pairs that each PE issues. */
final class PeUtilization implements Watcher {
  private final Grid.Pes pes;

  /** {@code [sample][row][column]}. */
  private final long[][][] issued;

  private int sample;

  private PeUtilization(Grid.Pes pes, int samples) {
    this.pes = pes;
    this.issued = new long[samples][pes.rows()][pes.columns()];
  }

  /**
   * Of some layers together.
   *
   * @param what they are, for the title
   * @param results theirs, one per sample
   */
  static HeatMap of(Run run, String what, Set<String> layers, List<LayerResult> results) {
    PeUtilization counts = new PeUtilization(run.grid().pes(), results.size());
    run.again().watch(layers, run.passes(), results.size(), counts);
    counts.requireSame(run, results);
    return new HeatMap(
        "Utilization of each PE, " + what,
        run.subtitle(),
        new HeatMap.Axis("PE column", names(counts.pes.columns())),
        new HeatMap.Axis("PE row", names(counts.pes.rows())),
        "% of slots in use",
        counts.means(results));
  }

  private static List<String> names(int count) {
    return IntStream.range(0, count).mapToObj(String::valueOf).toList();
  }

  private void requireSame(Run run, List<LayerResult> results) {
    for (int s = 0; s < issued.length; s++) {
      long now = Arrays.stream(issued[s]).flatMapToLong(Arrays::stream).sum();
      requireSame(run, now, results.get(s).issued());
    }
  }

  /** Refuses to show what is not of this run. */
  static void requireSame(Run run, long issued, long before) {
    if (issued != before) {
      throw new DlacException(
          "\""
              + run.network()
              + "\" issues "
              + issued
              + " pairs now, and "
              + before
              + " in this run",
          "the tensors that were simulated: " + run.origin(),
          "simulate again, if files changed");
    }
  }

  private List<List<Double>> means(List<LayerResult> results) {
    List<List<Double>> rows = new ArrayList<>();
    for (int y = 0; y < pes.rows(); y++) {
      List<Double> row = new ArrayList<>();
      for (int x = 0; x < pes.columns(); x++) {
        double sum = 0;
        for (int s = 0; s < issued.length; s++) {
          double slots = (double) results.get(s).timing().unitCycles() / pes.count();
          sum += issued[s][y][x] / slots;
        }
        row.add(100 * sum / issued.length);
      }
      rows.add(row);
    }
    return rows;
  }

  @Override
  public void layer(int number, String layer) {
    sample = number;
  }

  @Override
  public void tiles(long at, String which) {
    // All tiles count alike.
  }

  @Override
  public void block(int row, int column, long at, long pairs, long computing, long scanning) {
    issued[sample][row][column] += pairs;
  }

  @Override
  public void drain(long at, long cycles) {
    // Nothing is issued.
  }

  @Override
  public void stall(long at, long cycles) {
    // Nothing is issued.
  }
}
