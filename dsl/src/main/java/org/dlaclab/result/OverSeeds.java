package org.dlaclab.result;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.dlaclab.error.DlacException;
import org.dlaclab.plot.BarChart;
import org.dlaclab.plot.Series;
import org.dlaclab.table.Columns;
import org.dlaclab.table.Listing;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;

/**
 * One experiment, repeated with other seeds: of trainings, whose weights differ, or of synthetic
 * masks. The interval of a run says what other images would change; this one, what other weights
 * would. A seed counts with the speedup of all its samples together, and the 95 % interval is that
 * of the mean over seeds, with Student's t: of two seeds it is very wide.
 *
 * @param runs a run per seed, one or more, of the same layers and passes on the same grid
 */
public record OverSeeds(List<Run> runs) {
  /**
   * @throws DlacException if there is no run, or if they differ in more than tensors and policy
   */
  public OverSeeds {
    runs = List.copyOf(runs);
    if (runs.isEmpty()) {
      throw new DlacException(
          "overSeeds() gets no run", "a run per seed", "give it a simulate(...) for each seed");
    }
    requireEqual("network", runs, Run::network);
    requireEqual("layers", runs, Run::layers);
    requireEqual("passes", runs, Run::passes);
    requireEqual("grid", runs, Run::grid);
  }

  private static void requireEqual(String what, List<Run> runs, Function<Run, Object> part) {
    for (int i = 1; i < runs.size(); i++) {
      if (!part.apply(runs.get(i)).equals(part.apply(runs.get(0)))) {
        throw new DlacException(
            "run " + (i + 1) + " of overSeeds(...) has not the " + what + " of run 1",
            "runs that differ in their tensors alone",
            "take together what was simulated alike, seed by seed");
      }
    }
  }

  /** As if only these passes had been simulated; see {@link Run#of}. */
  public OverSeeds of(Passes some) {
    return new OverSeeds(runs.stream().map(run -> run.of(some)).toList());
  }

  /** Speedup of the whole network over the same grid with skip {@code NONE}. */
  public Spread totalSpeedup() {
    return spread(Run::totalSpeedup);
  }

  /** Speedup of one layer over the same grid with skip {@code NONE}. */
  public Spread layerSpeedup(String layer) {
    return spread(run -> run.layerSpeedup(layer));
  }

  private Spread spread(Function<Run, Spread> speedup) {
    return over(runs.stream().map(speedup).toList());
  }

  private static Spread over(List<Spread> seeds) {
    return Spread.of(seeds.stream().mapToDouble(Spread::mean).toArray());
  }

  /**
   * A row per layer (of training, per layer and pass) and one in total: the mean speedup over skip
   * {@code NONE} with its 95 % interval, the standard deviation from seed to seed, and that from
   * image to image under one seed, which is a root mean square over seeds.
   */
  public Table table() {
    List<List<Spread>> rows = transposed(runs.stream().map(Run::speedups).toList());
    Table first = runs.get(0).table();
    List<Column<?>> columns = new ArrayList<>();
    columns.add(first.column("layer"));
    if (first.containsColumn("pass")) {
      columns.add(first.column("pass"));
    }
    columns.addAll(Run.columns(rows.stream().map(OverSeeds::over).toList()));
    columns.add(Columns.decimal("sd over seeds", 3, rows, row -> over(row).sd()));
    columns.add(Columns.decimal("sd over images", 3, rows, OverSeeds::within));
    return Columns.table(runs.get(0).network(), columns.toArray(new Column<?>[0]));
  }

  private static double within(List<Spread> seeds) {
    return Math.sqrt(seeds.stream().mapToDouble(s -> s.sd() * s.sd()).average().orElseThrow());
  }

  /**
   * Speedup per layer and in total, the mean over seeds, with its 95 % interval if there are two or
   * more; a series per pass.
   */
  public BarChart speedup() {
    BarChart one = runs.get(0).speedup();
    return new BarChart(
            one.title() + ", over seeds",
            headline(),
            one.valueAxis(),
            one.categories(),
            runs.get(0).chartedSpeedups().keySet().stream().map(this::series).toList(),
            false)
        .withReference(1);
  }

  private Series series(String name) {
    List<List<Spread>> bySeed =
        runs.stream().map(run -> Objects.requireNonNull(run.chartedSpeedups().get(name))).toList();
    List<Spread> speedups = transposed(bySeed).stream().map(OverSeeds::over).toList();
    List<Double> means = speedups.stream().map(Spread::mean).toList();
    return runs.size() == 1
        ? new Series(name, means)
        : new Series(
            name + ", with 95 % interval over seeds",
            means,
            speedups.stream().map(Spread::low).toList(),
            speedups.stream().map(Spread::high).toList());
  }

  /** For each row what the seeds have there. */
  private static List<List<Spread>> transposed(List<List<Spread>> bySeed) {
    return IntStream.range(0, bySeed.get(0).size())
        .mapToObj(row -> bySeed.stream().map(seed -> seed.get(row)).toList())
        .toList();
  }

  /** One line: what was simulated, and the speedup over seeds. */
  public String headline() {
    Run run = runs.get(0);
    Spread speedup = totalSpeedup();
    return String.format(
        Locale.ROOT,
        "%s on %s, %s, %d %s: speedup %.2f over skip NONE%s",
        run.network(),
        run.grid().name(),
        run.passes(),
        runs.size(),
        runs.size() == 1 ? "seed" : "seeds",
        speedup.mean(),
        runs.size() == 1
            ? " (one seed: no interval)"
            : String.format(
                Locale.ROOT,
                " (95 %% interval over seeds %.2f to %.2f)",
                speedup.low(),
                speedup.high()));
  }

  /** The table, with what was simulated above it. */
  public Listing listing() {
    StringBuilder title = new StringBuilder(headline());
    runs.forEach(run -> title.append("\ntensors: ").append(run.origin()));
    return new Listing(title.toString(), table(), true);
  }

  /**
   * Writes the table.
   *
   * @param file where to; its ending is .csv, .json, .md, .tex, .html or .txt
   * @return the file
   */
  public Path save(String file) {
    return listing().save(file);
  }

  /** The whole table as text. */
  @Override
  public String toString() {
    return listing().toString();
  }
}
