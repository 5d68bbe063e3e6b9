package org.dlaclab.result;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;
import org.dlaclab.grid.Grid;
import org.dlaclab.grid.Skip;
import org.dlaclab.plot.BarChart;
import org.dlaclab.plot.Series;
import org.dlaclab.table.Columns;
import org.dlaclab.table.Listing;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;

/**
 * A network, simulated: what each layer took on each sample. Figures of a run are means over its
 * samples.
 *
 * @param network name of the network
 * @param policy the quantization policy as text
 * @param grid the machine
 * @param origin which tensors were simulated: synthetic with seed and densities, files, or real
 *     activations
 * @param batch images per sample
 * @param samples the layers' results per sample, in network order; one sample or more
 */
public record Run(
    String network,
    String policy,
    Grid grid,
    String origin,
    int batch,
    List<List<LayerResult>> samples) {
  public Run {
    if (samples.isEmpty()) {
      throw new DlacException(
          "a run of \"" + network + "\" has no sample",
          "one or more",
          "simulate at least one image");
    }
    samples = samples.stream().map(List::copyOf).collect(Collectors.toUnmodifiableList());
  }

  /** Names of the layers, in order. */
  public List<String> layers() {
    return samples.get(0).stream().map(LayerResult::layer).collect(Collectors.toList());
  }

  /** One layer's results, a sample each. */
  public List<LayerResult> layer(String name) {
    int index = layers().indexOf(name);
    if (index < 0) {
      throw new DlacException(
          "this run has no layer \"" + name + "\"",
          "one of its " + layers().size() + " layers",
          "did you mean \"" + Check.nearest(name, layers()) + "\"?");
    }
    return byLayer().get(index);
  }

  /** The results of each layer, a sample each, in network order. */
  private List<List<LayerResult>> byLayer() {
    return IntStream.range(0, samples.get(0).size())
        .mapToObj(i -> samples.stream().map(s -> s.get(i)).collect(Collectors.toList()))
        .collect(Collectors.toList());
  }

  /**
   * All layers of a sample taken together, a result per sample; densities are over all elements.
   */
  public List<LayerResult> totals() {
    return samples.stream().map(this::total).collect(Collectors.toList());
  }

  private LayerResult total(List<LayerResult> sample) {
    Tally tally = sample.stream().map(LayerResult::tally).reduce(Tally.none(), Tally::plus);
    return new LayerResult(
        "total",
        "",
        sum(sample, LayerResult::weights),
        sum(sample, LayerResult::ifm),
        sum(sample, LayerResult::ofm),
        grid.skip(),
        tally);
  }

  private static Density sum(List<LayerResult> sample, Function<LayerResult, Density> density) {
    return sample.stream().map(density).reduce(new Density(0, 0), Density::plus);
  }

  /** Speedup of the whole network over the same grid with skip {@code NONE}. */
  public Spread totalSpeedup() {
    return totalSpeedup(grid.skip());
  }

  /** As {@link #totalSpeedup()}, had the grid this skip mode. */
  public Spread totalSpeedup(Skip skip) {
    return spread(totals(), result -> result.tally().speedup(skip));
  }

  /** Speedup of one layer over the same grid with skip {@code NONE}. */
  public Spread layerSpeedup(String layer) {
    return spread(layer(layer), LayerResult::speedup);
  }

  /** How {@code figure} varies over samples, for a {@link #layer} or the {@link #totals}. */
  public static Spread spread(List<LayerResult> results, ToDoubleFunction<LayerResult> figure) {
    return Spread.of(results.stream().mapToDouble(figure).toArray());
  }

  /**
   * A row per layer and one in total: MACs, densities, effectual pairs, cycles and where they went,
   * utilization, and speedup over skip {@code NONE} with its 95 % interval if there is more than
   * one sample. Means over samples. Leave the last row out before you sum a column: it is the
   * total.
   */
  public Table table() {
    List<List<LayerResult>> rows = byLayer();
    List<LayerResult> totals = totals();
    List<Column<?>> columns = new ArrayList<>();
    columns.add(Columns.text("layer", rows, r -> r.get(0).layer(), "total"));
    columns.add(Columns.count("MACs", rows, r -> r.get(0).macs(), totals.get(0).macs()));
    columns.add(density("weights", rows, totals, LayerResult::weightDensity));
    columns.add(density("IFM", rows, totals, LayerResult::ifmDensity));
    columns.add(density("OFM", rows, totals, LayerResult::ofmDensity));
    columns.add(
        Columns.percent(
            "effectual",
            rows,
            r -> mean(r, Run::effectualShare),
            mean(totals, Run::effectualShare)));
    columns.add(cycles("cycles", rows, totals, LayerResult::cycles));
    columns.add(cycles("compute", rows, totals, r -> r.timing().compute()));
    columns.add(cycles("imbalance", rows, totals, r -> r.timing().imbalance()));
    columns.add(cycles("scan limit", rows, totals, r -> r.timing().scanLimit()));
    columns.add(cycles("drain", rows, totals, r -> r.timing().drain()));
    columns.add(
        Columns.percent(
            "utilization",
            rows,
            r -> mean(r, LayerResult::utilization),
            mean(totals, LayerResult::utilization)));
    columns.add(
        Columns.decimal(
            "speedup",
            2,
            rows,
            r -> mean(r, LayerResult::speedup),
            mean(totals, LayerResult::speedup)));
    if (samples.size() > 1) {
      columns.add(interval("95% low", rows, totals, Spread::low));
      columns.add(interval("95% high", rows, totals, Spread::high));
    }
    return Columns.table(network, columns.toArray(new Column<?>[0]));
  }

  private static Column<?> density(
      String name,
      List<List<LayerResult>> rows,
      List<LayerResult> totals,
      ToDoubleFunction<LayerResult> density) {
    return Columns.percent(name, rows, r -> mean(r, density), mean(totals, density));
  }

  private static Column<?> cycles(
      String name,
      List<List<LayerResult>> rows,
      List<LayerResult> totals,
      ToDoubleFunction<LayerResult> cycles) {
    return Columns.decimal(name, 0, rows, r -> mean(r, cycles), mean(totals, cycles));
  }

  private static Column<?> interval(
      String name,
      List<List<LayerResult>> rows,
      List<LayerResult> totals,
      ToDoubleFunction<Spread> end) {
    return Columns.decimal(
        name,
        2,
        rows,
        r -> end.applyAsDouble(spread(r, LayerResult::speedup)),
        end.applyAsDouble(spread(totals, LayerResult::speedup)));
  }

  private static double effectualShare(LayerResult result) {
    return (double) result.effectual() / result.macs();
  }

  private static double mean(List<LayerResult> results, ToDoubleFunction<LayerResult> figure) {
    return spread(results, figure).mean();
  }

  /** One line: what was simulated, and the speedup. */
  public String headline() {
    List<LayerResult> totals = totals();
    double cycles = mean(totals, LayerResult::cycles);
    Spread speedup = totalSpeedup();
    return String.format(
        Locale.ROOT,
        "%s, policy %s, on %s: %,.0f cycles %s (%s), speedup %.2f over skip NONE%s",
        network,
        policy,
        grid.name(),
        cycles,
        batch == 1 ? "per image" : "per batch of " + batch,
        grid.clock().time(cycles),
        speedup.mean(),
        samples.size() == 1
            ? ""
            : String.format(
                Locale.ROOT,
                " (95 %% interval %.2f to %.2f, %d samples)",
                speedup.low(),
                speedup.high(),
                speedup.n()));
  }

  /**
   * Speedup per layer and in total over skip {@code NONE}, with its 95 % interval if there is more
   * than one sample.
   */
  public BarChart speedup() {
    List<Spread> speedups = speedups(grid.skip());
    Series series =
        samples.size() == 1
            ? new Series("speedup", values(speedups, Spread::mean))
            : new Series(
                "speedup, with 95 % interval of the mean",
                values(speedups, Spread::mean),
                values(speedups, Spread::low),
                values(speedups, Spread::high));
    return speedupChart("Speedup per layer", List.of(series));
  }

  /**
   * Speedup per layer and in total, had the grid skipped by weights only, by activations only, or
   * by both.
   */
  public BarChart skipModes() {
    return speedupChart(
        "Speedup by skip mode",
        Stream.of(Skip.WEIGHTS, Skip.ACTIVATIONS, Skip.BOTH)
            .map(skip -> new Series("skip " + skip, values(speedups(skip), Spread::mean)))
            .collect(Collectors.toList()));
  }

  /** Of each layer, then in total. */
  private List<Spread> speedups(Skip skip) {
    return Stream.concat(byLayer().stream(), Stream.of(totals()))
        .map(results -> spread(results, r -> r.tally().speedup(skip)))
        .collect(Collectors.toList());
  }

  private BarChart speedupChart(String title, List<Series> series) {
    List<String> categories = new ArrayList<>(layers());
    categories.add("total");
    return new BarChart(title, subtitle(), "speedup over skip NONE", categories, series, false)
        .withReference(1);
  }

  /** Where the cycles of each layer went: compute, imbalance, scan limit, drain. */
  public BarChart breakdown() {
    return new BarChart(
        "Cycles per layer, and where they went",
        subtitle(),
        batch == 1 ? "cycles per image" : "cycles per batch of " + batch,
        layers(),
        List.of(
            part("compute", r -> r.timing().compute()),
            part("imbalance", r -> r.timing().imbalance()),
            part("scan limit", r -> r.timing().scanLimit()),
            part("drain", r -> r.timing().drain())),
        true);
  }

  private Series part(String name, ToDoubleFunction<LayerResult> cycles) {
    // A mean over PEs less another one can miss zero by a rounding error.
    return new Series(
        name,
        byLayer().stream()
            .map(results -> Math.max(0, mean(results, cycles)))
            .collect(Collectors.toList()));
  }

  private static List<Double> values(List<Spread> spreads, ToDoubleFunction<Spread> value) {
    return spreads.stream().map(value::applyAsDouble).collect(Collectors.toList());
  }

  private String subtitle() {
    return network
        + ", policy "
        + policy
        + ", on "
        + grid.name()
        + " ("
        + grid.pes()
        + " PEs, skip "
        + grid.skip()
        + ")\n"
        + origin;
  }

  /** The table, with what was simulated above it. */
  public Listing listing() {
    return listing(headline() + "\ntensors: " + origin);
  }

  Listing listing(String title) {
    return new Listing(title, table(), true);
  }

  /**
   * Writes one self-contained page with the experiment, its charts and its table.
   *
   * @param file where to; its ending is .html
   * @return the file
   */
  public Path report(String file) {
    return Report.save(this, Path.of(file));
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
