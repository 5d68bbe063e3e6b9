package org.dlaclab.result;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;
import org.dlaclab.grid.Grid;
import org.dlaclab.grid.Skip;
import org.dlaclab.plot.BarChart;
import org.dlaclab.plot.Film;
import org.dlaclab.plot.HeatMap;
import org.dlaclab.plot.LineChart;
import org.dlaclab.plot.Series;
import org.dlaclab.table.Columns;
import org.dlaclab.table.Listing;
import org.dlaclab.tech.Component;
import org.dlaclab.unit.Joules;
import org.jspecify.annotations.Nullable;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;

/**
 * A network, simulated: what each layer took on each sample. Figures of a run are means over its
 * samples, of all passes that were simulated; {@link #of} picks some: {@code
 * run.of(BACKWARD).speedup()}.
 *
 * @param network name of the network
 * @param policy the quantization policy as text
 * @param grid the machine
 * @param origin which tensors were simulated: synthetic with seed and densities, files, or real
 *     activations
 * @param batch images per sample
 * @param samples the layers' results per sample, in network order; one sample or more
 * @param rerun for views that need more than the results; a run of results alone has none
 */
public record Run(
    String network,
    String policy,
    Grid grid,
    String origin,
    int batch,
    List<List<LayerResult>> samples,
    Optional<Rerun> rerun) {
  public Run {
    if (samples.isEmpty()) {
      throw new DlacException(
          "a run of \"" + network + "\" has no sample",
          "one or more",
          "simulate at least one image");
    }
    samples = samples.stream().map(List::copyOf).collect(Collectors.toUnmodifiableList());
  }

  /** A run of results alone. */
  public Run(
      String network,
      String policy,
      Grid grid,
      String origin,
      int batch,
      List<List<LayerResult>> samples) {
    this(network, policy, grid, origin, batch, samples, Optional.empty());
  }

  /** By results: where they came from is no part of them. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Run that
        && network.equals(that.network)
        && policy.equals(that.policy)
        && grid.equals(that.grid)
        && origin.equals(that.origin)
        && batch == that.batch
        && samples.equals(that.samples);
  }

  @Override
  public int hashCode() {
    return Objects.hash(network, policy, grid, origin, batch, samples);
  }

  /** The passes that were simulated: forward alone for inference. */
  public Passes passes() {
    Set<Pass> all = EnumSet.noneOf(Pass.class);
    samples.get(0).forEach(layer -> all.addAll(layer.passes().keySet()));
    return new Passes(all);
  }

  /**
   * This run as if only these passes had been simulated, of the layers that have one of them.
   *
   * @throws DlacException if no layer has one of them
   */
  public Run of(Passes some) {
    if (passes().all().stream().noneMatch(some::contains)) {
      throw new DlacException(
          "this run has no " + some,
          "one of its passes: " + passes(),
          some.all().equals(Passes.DGRAD.all()) && passes().contains(Pass.WGRAD)
              ? "simulate a network of more than one layer that learns: the first needs no dgrad"
              : "give simulate(...) training() as its last argument");
    }
    return new Run(
        network,
        policy,
        grid,
        origin,
        batch,
        samples.stream()
            .map(
                sample ->
                    sample.stream()
                        .map(layer -> layer.of(some))
                        .filter(layer -> !layer.passes().isEmpty())
                        .collect(Collectors.toList()))
            .collect(Collectors.toList()),
        rerun);
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
    return samples.stream().map(Run::total).collect(Collectors.toList());
  }

  private static LayerResult total(List<LayerResult> sample) {
    return sample.stream().reduce(LayerResult::and).map(LayerResult::total).orElseThrow();
  }

  /**
   * Speedup of the whole network over the same grid with skip {@code NONE}: the cycles of that grid
   * over those of this one, of all samples together, with the 95 % interval of this ratio if there
   * is more than one sample; see {@link Spread#ofRatio}.
   */
  public Spread totalSpeedup() {
    return totalSpeedup(grid.skip());
  }

  /** As {@link #totalSpeedup()}, had the grid this skip mode. */
  public Spread totalSpeedup(Skip skip) {
    return speedup(totals(), skip);
  }

  /** As {@link #totalSpeedup()}, of one layer. */
  public Spread layerSpeedup(String layer) {
    return speedup(layer(layer));
  }

  private Spread speedup(List<LayerResult> results) {
    return speedup(results, grid.skip());
  }

  /** Of a {@link #layer} or the {@link #totals}. NaN if none of them has work. */
  private static Spread speedup(List<LayerResult> results, Skip skip) {
    return Spread.ofRatio(cycles(results, Skip.NONE), cycles(results, skip));
  }

  private static double[] cycles(List<LayerResult> results, Skip skip) {
    return results.stream().mapToDouble(r -> r.tally().timing(skip).cycles()).toArray();
  }

  /**
   * Share of all pairs of these passes whose operands are both non-zero, 0 to 1: {@code
   * run.effectualShare(BACKWARD)}.
   */
  public Spread effectualShare(Passes some) {
    return of(some).effectualShare();
  }

  /** Share of all pairs whose operands are both non-zero, 0 to 1. */
  public Spread effectualShare() {
    return spread(totals(), LayerResult::effectualShare);
  }

  /** How {@code figure} varies over samples, for a {@link #layer} or the {@link #totals}. */
  public static Spread spread(List<LayerResult> results, ToDoubleFunction<LayerResult> figure) {
    return Spread.of(results.stream().mapToDouble(figure).toArray());
  }

  /**
   * A row per layer and one in total: MACs, densities, effectual pairs, cycles and where they went,
   * utilization, and speedup over skip {@code NONE} with its 95 % interval if there is more than
   * one sample. Of training a row per layer and pass. Means over samples, and of speedup the ratio
   * of the means. Leave the last row out before you sum a column: it is the total.
   */
  public Table table() {
    List<LayerResult> totals = totals();
    List<List<LayerResult>> rows = isInference() ? byLayer() : byLayerAndPass();
    List<Column<?>> columns = rowNames(rows);
    columns.add(macs(rows, totals));
    columns.add(density("weights", rows, totals, LayerResult::weightDensity));
    columns.add(density("IFM", rows, totals, LayerResult::ifmDensity));
    columns.add(density("OFM", rows, totals, LayerResult::ofmDensity));
    if (!isInference()) {
      columns.add(density("OFM gradient", rows, totals, LayerResult::ofmGradientDensity));
    }
    columns.addAll(figures(rows, totals));
    return Columns.table(network, columns.toArray(new Column<?>[0]));
  }

  /** All layers together, with a row per pass and one in total; otherwise as {@link #table()}. */
  public Table passTable() {
    List<LayerResult> totals = totals();
    List<List<LayerResult>> rows =
        passes().all().stream().map(pass -> of(totals, pass)).collect(Collectors.toList());
    List<Column<?>> columns = new ArrayList<>();
    columns.add(passes(rows, "total"));
    columns.add(macs(rows, totals));
    columns.addAll(figures(rows, totals));
    return Columns.table(network, columns.toArray(new Column<?>[0]));
  }

  /**
   * Why the speedup is what it is, as factors whose product it is: a row per layer (of training,
   * per layer and pass) and one in total. <em>zeros</em> is what skipping would gain if nothing
   * else cost time. Each other factor is what a part of the cycles does to that, in this machine
   * against the dense one: a part that costs both the same share leaves 1, such as PEs without
   * work. The parts come in the order of the machine: scan limit, imbalance, drain, and stall if
   * DRAM has a bandwidth. All samples together; in the total a layer weighs what it takes the dense
   * machine.
   */
  public Table factors() {
    List<LayerResult> totals = totals();
    List<List<LayerResult>> rows = isInference() ? byLayer() : byLayerAndPass();
    List<List<List<LayerResult>>> all =
        Stream.concat(rows.stream().map(List::of), Stream.of(rows)).collect(Collectors.toList());
    List<Column<?>> columns = rowNames(rows);
    columns.add(effectual(rows, totals));
    columns.add(Columns.decimal("zeros", 2, all, r -> gain(r, Timing::compute)));
    columns.add(factor("scan limit", all, Timing::compute, Timing::busy));
    columns.add(factor("imbalance", all, Timing::busy, Timing::computed));
    columns.add(factor("drain", all, Timing::computed, Timing::unstalled));
    if (waitsForDram()) {
      columns.add(factor("stall", all, Timing::unstalled, Timing::cycles));
    }
    columns.addAll(columns(speedups(rows, totals)));
    return Columns.table(network, columns.toArray(new Column<?>[0]));
  }

  /** What one more part of the cycles makes of the speedup. */
  private Column<?> factor(
      String name,
      List<List<List<LayerResult>>> rows,
      ToDoubleFunction<Timing> without,
      ToDoubleFunction<Timing> with) {
    return Columns.decimal(name, 2, rows, r -> gain(r, with) / gain(r, without));
  }

  /** The speedup of some layers, had cycles these parts alone. */
  private double gain(List<List<LayerResult>> layers, ToDoubleFunction<Timing> parts) {
    double dense = 0;
    double cycles = 0;
    for (List<LayerResult> layer : layers) {
      double all = sum(layer, Skip.NONE, Timing::cycles);
      dense += all;
      cycles += all * sum(layer, grid.skip(), parts) / sum(layer, Skip.NONE, parts);
    }
    return dense / cycles;
  }

  private static double sum(List<LayerResult> results, Skip skip, ToDoubleFunction<Timing> parts) {
    return results.stream().mapToDouble(r -> parts.applyAsDouble(r.tally().timing(skip))).sum();
  }

  /**
   * What moves: a row per layer (of training, per layer and pass) and one in total. Bytes between
   * DRAM and the chip by operand and together, bytes that the PEs read from the weight and the IFM
   * buffer, cycles, those of them that the grid waits for DRAM, and FLOP of the dense machine per
   * byte of DRAM. Means over samples.
   */
  public Table memoryTable() {
    List<LayerResult> totals = totals();
    List<List<LayerResult>> rows = isInference() ? byLayer() : byLayerAndPass();
    List<Column<?>> columns = rowNames(rows);
    for (Operand operand : Operand.values()) {
      if (passes().all().stream()
          .anyMatch(p -> Set.of(p.rows(), p.columns(), p.results()).contains(operand))) {
        columns.add(cycles(operand + " bytes", rows, totals, r -> r.dramBytes(operand)));
      }
    }
    columns.add(cycles("DRAM bytes", rows, totals, r -> r.traffic().dram()));
    columns.add(cycles("weight buffer read", rows, totals, r -> r.traffic().rowReads()));
    columns.add(cycles("IFM buffer read", rows, totals, r -> r.traffic().columnReads()));
    columns.add(cycles("cycles", rows, totals, LayerResult::cycles));
    columns.add(cycles("stall", rows, totals, r -> r.timing().stall()));
    columns.add(decimal("FLOP/byte", 1, rows, totals, LayerResult::intensity));
    return Columns.table(network, columns.toArray(new Column<?>[0]));
  }

  /**
   * The energy of each layer (of training, of each layer and pass) and in total by component, in
   * microjoules, and per MAC of the dense machine in picojoules. Means over samples.
   */
  public Table energyTable() {
    List<LayerResult> totals = totals();
    List<List<LayerResult>> rows = isInference() ? byLayer() : byLayerAndPass();
    List<Column<?>> columns = rowNames(rows);
    for (Component component : Component.values()) {
      columns.add(
          decimal(component + " uJ", 2, rows, totals, r -> energy(r).of(component).value() * 1e6));
    }
    columns.add(decimal("total uJ", 2, rows, totals, r -> energy(r).total().value() * 1e6));
    columns.add(
        decimal(
            "pJ/MAC", 2, rows, totals, r -> energy(r).total().picojoules() / (double) r.macs()));
    return Columns.table(network, columns.toArray(new Column<?>[0]));
  }

  /** The energy of each layer by component. */
  public BarChart energy() {
    return new BarChart(
        "Energy per layer, and where it went",
        subtitle() + "\n" + grid.technology() + ", " + grid.precision(),
        batch == 1 ? "uJ per image" : "uJ per batch of " + batch,
        layers(),
        Arrays.stream(Component.values())
            .map(
                component -> part(component.toString(), r -> energy(r).of(component).value() * 1e6))
            .collect(Collectors.toList()),
        true);
  }

  /** The energy of all layers together: the mean over samples. */
  public Energy totalEnergy() {
    return meanEnergy(totals(), grid.skip());
  }

  private Energy energy(LayerResult layer) {
    return Energy.of(layer.tally(), grid, grid.skip());
  }

  private Energy meanEnergy(List<LayerResult> totals, Skip skip) {
    Map<Component, Joules> mean = new EnumMap<>(Component.class);
    for (LayerResult total : totals) {
      Energy.of(total.tally(), grid, skip)
          .parts()
          .forEach((c, e) -> mean.merge(c, e.times(1.0 / totals.size()), Joules::plus));
    }
    return new Energy(mean);
  }

  /** Work per time, area and energy: means over samples. */
  public Rates rates() {
    return rates(totals(), grid.skip());
  }

  private Rates rates(List<LayerResult> totals, Skip skip) {
    Energy energy = meanEnergy(totals, skip);
    Joules dram = energy.of(Component.DRAM);
    double cycles = mean(totals, r -> r.tally().timing(skip).cycles());
    return new Rates(
        2.0 * totals.get(0).macs(),
        grid.clock().time(cycles),
        grid.with(new Grid.Skipping(skip)).peak() * grid.clock().value(),
        grid.area().total(),
        new Joules(energy.total().value() - dram.value()),
        dram);
  }

  /**
   * This grid beside those that skip less: a dense one, one that skips zero weights only (as
   * Cambricon-X does; Zhang et al., MICRO 2016), and one that skips zero activations only (as
   * Cnvlutin; Albericio et al., ISCA 2016). Work, tensors, PEs, buffers and DRAM are the same. With
   * {@code storage(BY_SKIP)} each of them has a bit mask for what it skips alone; else all have the
   * grid's storage. Area is the grid's: what skip control takes is not known. Means over samples,
   * and the 95 % interval of the speedup if there is more than one.
   */
  public Table baselines() {
    List<LayerResult> totals = totals();
    List<Skip> modes = List.of(Skip.NONE, Skip.WEIGHTS, Skip.ACTIVATIONS, Skip.BOTH);
    double dense = meanEnergy(totals, Skip.NONE).total().value();
    List<Column<?>> columns = new ArrayList<>();
    columns.add(Columns.text("skip", modes, Skip::toString));
    columns.add(
        Columns.decimal("cycles", 0, modes, m -> mean(totals, r -> r.tally().timing(m).cycles())));
    columns.add(
        Columns.decimal("stall", 0, modes, m -> mean(totals, r -> r.tally().timing(m).stall())));
    columns.addAll(
        columns(modes.stream().map(m -> speedup(totals, m)).collect(Collectors.toList())));
    columns.add(
        Columns.decimal(
            "DRAM bytes", 0, modes, m -> mean(totals, r -> r.tally().traffic(m).dram())));
    columns.add(
        Columns.decimal("energy uJ", 2, modes, m -> meanEnergy(totals, m).total().value() * 1e6));
    columns.add(
        Columns.decimal(
            "less energy", 2, modes, m -> dense / meanEnergy(totals, m).total().value()));
    columns.add(Columns.decimal("TFLOP/s", 3, modes, m -> rates(totals, m).teraflops()));
    columns.add(Columns.decimal("TFLOP/s/W", 3, modes, m -> rates(totals, m).teraflopsPerWatt()));
    return Columns.table(network, columns.toArray(new Column<?>[0]));
  }

  /** The first columns of a table with a row per layer, or layer and pass, and one in total. */
  private List<Column<?>> rowNames(List<List<LayerResult>> rows) {
    List<Column<?>> columns = new ArrayList<>();
    columns.add(Columns.text("layer", rows, r -> r.get(0).layer(), "total"));
    if (!isInference()) {
      columns.add(passes(rows, "all"));
    }
    return columns;
  }

  private boolean isInference() {
    return passes().equals(Passes.FORWARD);
  }

  private List<List<LayerResult>> byLayerAndPass() {
    return byLayer().stream()
        .flatMap(layer -> layer.get(0).passes().keySet().stream().map(pass -> of(layer, pass)))
        .collect(Collectors.toList());
  }

  static List<LayerResult> of(List<LayerResult> results, Pass pass) {
    Passes one = new Passes(Set.of(pass));
    return results.stream().map(result -> result.of(one)).collect(Collectors.toList());
  }

  private static Column<?> passes(List<List<LayerResult>> rows, String last) {
    return Columns.text("pass", rows, r -> new Passes(r.get(0).passes().keySet()).toString(), last);
  }

  private static Column<?> macs(List<List<LayerResult>> rows, List<LayerResult> totals) {
    return Columns.count("MACs", rows, r -> r.get(0).macs(), totals.get(0).macs());
  }

  private static Column<?> effectual(List<List<LayerResult>> rows, List<LayerResult> totals) {
    return Columns.percent(
        "effectual",
        rows,
        r -> mean(r, LayerResult::effectualShare),
        mean(totals, LayerResult::effectualShare));
  }

  /** What rows of layers and of passes have in common. */
  private List<Column<?>> figures(List<List<LayerResult>> rows, List<LayerResult> totals) {
    List<Column<?>> columns = new ArrayList<>();
    columns.add(effectual(rows, totals));
    columns.add(cycles("cycles", rows, totals, LayerResult::cycles));
    columns.add(cycles("compute", rows, totals, r -> r.timing().compute()));
    columns.add(cycles("imbalance", rows, totals, r -> r.timing().imbalance()));
    columns.add(cycles("scan limit", rows, totals, r -> r.timing().scanLimit()));
    columns.add(cycles("drain", rows, totals, r -> r.timing().drain()));
    if (waitsForDram()) {
      columns.add(cycles("stall", rows, totals, r -> r.timing().stall()));
    }
    columns.add(
        Columns.percent(
            "utilization",
            rows,
            r -> mean(r, LayerResult::utilization),
            mean(totals, LayerResult::utilization)));
    columns.addAll(columns(speedups(rows, totals)));
    return columns;
  }

  /** The speedup of each row of {@link #table()}. */
  List<Spread> speedups() {
    return speedups(isInference() ? byLayer() : byLayerAndPass(), totals());
  }

  private List<Spread> speedups(List<List<LayerResult>> rows, List<LayerResult> totals) {
    return Stream.concat(rows.stream(), Stream.of(totals))
        .map(this::speedup)
        .collect(Collectors.toList());
  }

  /** The speedup, and the ends of its interval if there is more than one sample. */
  static List<Column<?>> columns(List<Spread> speedups) {
    List<Column<?>> columns = new ArrayList<>();
    columns.add(Columns.decimal("speedup", 2, speedups, Spread::mean));
    if (speedups.get(0).n() > 1) {
      columns.add(Columns.decimal("95% low", 2, speedups, Spread::low));
      columns.add(Columns.decimal("95% high", 2, speedups, Spread::high));
    }
    return columns;
  }

  /** The compute-only view has no stalls, and says nothing of them. */
  private boolean waitsForDram() {
    return !grid.dram().isInfinite();
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
    return decimal(name, 0, rows, totals, cycles);
  }

  private static Column<?> decimal(
      String name,
      int decimals,
      List<List<LayerResult>> rows,
      List<LayerResult> totals,
      ToDoubleFunction<LayerResult> figure) {
    return Columns.decimal(name, decimals, rows, r -> mean(r, figure), mean(totals, figure));
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
        "%s, policy %s, on %s: %,.0f cycles %s (%s)%s, speedup %.2f over skip NONE%s%s",
        network,
        policy,
        grid.name(),
        cycles,
        batch == 1 ? "per image" : "per batch of " + batch,
        grid.clock().time(cycles),
        isInference() ? "" : " for " + passes(),
        speedup.mean(),
        samples.size() == 1
            ? " (one sample: no interval)"
            : String.format(
                Locale.ROOT,
                " (95 %% interval %.2f to %.2f, %d samples)",
                speedup.low(),
                speedup.high(),
                speedup.n()),
        isInference() ? "" : "; effectual pairs: " + effectualShares());
  }

  /** For example {@code 16.2 % forward, 33.0 % backward}. */
  private String effectualShares() {
    List<String> shares = new ArrayList<>();
    if (passes().contains(Pass.FORWARD)) {
      shares.add(percent(effectualShare(Passes.FORWARD)) + " forward");
    }
    if (!passes().equals(Passes.FORWARD)) {
      shares.add(percent(effectualShare(Passes.BACKWARD)) + " backward");
    }
    return String.join(", ", shares);
  }

  private static String percent(Spread share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share.mean());
  }

  /**
   * Speedup per layer and in total over skip {@code NONE}, with its 95 % interval if there is more
   * than one sample. A series for each pass that was simulated; a layer without a dgrad has no bar
   * there.
   */
  public BarChart speedup() {
    boolean one = passes().all().size() == 1;
    return speedupChart(
        one
            ? "Speedup per layer" + (isInference() ? "" : " of " + passes())
            : "Speedup per layer and pass",
        charted().entrySet().stream()
            .map(entry -> series(entry.getKey(), entry.getValue()))
            .collect(Collectors.toList()));
  }

  /** What {@link #speedup()} has a series of: the results of each layer, then in total. */
  private Map<String, List<List<LayerResult>>> charted() {
    Set<Pass> all = passes().all();
    Map<String, List<List<LayerResult>>> charted = new LinkedHashMap<>();
    if (all.size() == 1) {
      charted.put("speedup", byLayerAndTotal());
      return charted;
    }
    for (Pass pass : all) {
      charted.put(
          pass.toString(),
          byLayerAndTotal().stream().map(r -> of(r, pass)).collect(Collectors.toList()));
    }
    return charted;
  }

  /** The speedups that {@link #speedup()} shows. */
  Map<String, List<Spread>> chartedSpeedups() {
    Map<String, List<Spread>> speedups = new LinkedHashMap<>();
    charted()
        .forEach(
            (name, rows) ->
                speedups.put(name, rows.stream().map(this::speedup).collect(Collectors.toList())));
    return speedups;
  }

  private Series series(String name, List<List<LayerResult>> results) {
    return series(name, results, grid.skip());
  }

  private Series series(String name, List<List<LayerResult>> results, Skip skip) {
    List<Spread> speedups =
        results.stream().map(r -> speedup(r, skip)).collect(Collectors.toList());
    return samples.size() == 1
        ? new Series(name, values(speedups, Spread::mean))
        : new Series(
            name + ", with 95 % interval",
            values(speedups, Spread::mean),
            values(speedups, Spread::low),
            values(speedups, Spread::high));
  }

  /**
   * Speedup per layer and in total, had the grid skipped by weights only, by activations only, or
   * by both, with its 95 % interval if there is more than one sample.
   */
  public BarChart skipModes() {
    return speedupChart(
        "Speedup by skip mode",
        Stream.of(Skip.WEIGHTS, Skip.ACTIVATIONS, Skip.BOTH)
            .map(skip -> series("skip " + skip, byLayerAndTotal(), skip))
            .collect(Collectors.toList()));
  }

  private List<List<LayerResult>> byLayerAndTotal() {
    return Stream.concat(byLayer().stream(), Stream.of(totals())).collect(Collectors.toList());
  }

  private BarChart speedupChart(String title, List<Series> series) {
    List<String> categories = new ArrayList<>(layers());
    categories.add("total");
    return new BarChart(title, subtitle(), "speedup over skip NONE", categories, series, false)
        .withReference(1);
  }

  /**
   * Where the cycles of each layer went: compute, imbalance, scan limit, drain, and stall if DRAM
   * has a bandwidth.
   */
  public BarChart breakdown() {
    List<Series> parts = new ArrayList<>();
    parts.add(part("compute", r -> r.timing().compute()));
    parts.add(part("imbalance", r -> r.timing().imbalance()));
    parts.add(part("scan limit", r -> r.timing().scanLimit()));
    parts.add(part("drain", r -> r.timing().drain()));
    if (waitsForDram()) {
      parts.add(part("stall", r -> r.timing().stall()));
    }
    return new BarChart(
        "Cycles per layer, and where they went",
        subtitle(),
        batch == 1 ? "cycles per image" : "cycles per batch of " + batch,
        layers(),
        parts,
        true);
  }

  /**
   * The roofline of the grid (Williams, Waterman and Patterson, CACM 52(4), 2009) with a point per
   * layer and pass: {@link LayerResult#intensity} and {@link LayerResult#effectiveFlopPerCycle},
   * both of which count the work of the dense machine. The roofs are what DRAM delivers, {@link
   * Grid#densePeak}, and {@link Grid#peak}, where skip control sees no more pairs per cycle; no
   * point lies above the last two together. A point above the dense peak is one that skipping
   * brought there. Without a bandwidth of DRAM there is no slope. Means over samples.
   */
  public LineChart roofline() {
    return Roofline.of(this);
  }

  /**
   * The utilization of each PE over all layers: the mean over PEs is the utilization of the table's
   * last row. The layers are simulated once more, an eye on each PE.
   *
   * @throws DlacException if the tensors are not the same any more, such as of files that changed
   */
  public HeatMap utilization() {
    return PeUtilization.of(this, "all layers", Set.copyOf(layers()), totals());
  }

  /** The utilization of each PE in one layer; see {@link #utilization()}. */
  public HeatMap utilization(String layer) {
    return PeUtilization.of(this, layer, Set.of(layer), layer(layer));
  }

  /**
   * One layer's first sample on the grid, to be watched: what each PE does from cycle to cycle. The
   * parts are those of {@link #breakdown}, and over all frames and PEs they add up to it. Passes
   * run one after another; {@code run.of(WGRAD).replay("conv1")} shows one of them. The layer is
   * simulated once more.
   *
   * <p>At most 240 frames are kept, fewer of more than 273 PEs: of a longer layer each frame is
   * several cycles, of which it says how many a PE spent with what.
   *
   * @throws DlacException if the grid has more than 4,096 PEs, or the tensors are not the same any
   *     more, such as of files that changed
   */
  public Film replay(String layer) {
    return replay(layer, 0, layer(layer).get(0).cycles());
  }

  /** As {@link #replay(String)}, from a cycle up to, not including, another one. */
  public Film replay(String layer, long from, long to) {
    return Frames.of(this, layer, from, to);
  }

  /** What simulates this run's layers again. */
  Rerun again() {
    return rerun.orElseThrow(
        () ->
            new DlacException(
                "this run of \"" + network + "\" holds results alone, not what they are of",
                "a run that simulate(...) returned",
                "simulate again"));
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

  String subtitle() {
    return network
        + ", policy "
        + policy
        + ", on "
        + grid.name()
        + " ("
        + grid.pes()
        + " PEs, skip "
        + grid.skip()
        + ")"
        + (isInference() ? "" : ", " + passes())
        + "\n"
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
