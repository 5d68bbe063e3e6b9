package org.dlaclab.explore;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.dlaclab.result.LayerResult;
import org.dlaclab.result.Run;

/** A figure of a simulated point: the mean over the samples of its run. */
public enum Metric {
  /** Cycles of the whole network for a sample. */
  CYCLES("cycles", "", false, 0),

  /** The same in milliseconds, by the clock of the grid. */
  TIME("time", "ms", false, 3),

  /** Over the same grid with skip {@code NONE}: {@link Run#totalSpeedup()}. */
  SPEEDUP("speedup", "", true, 2),

  /** Share of arithmetic slots in use, 0 to 1. */
  UTILIZATION("utilization", "", true, 3),

  /** Share of all pairs whose operands are both non-zero, 0 to 1. */
  EFFECTUAL("effectual share", "", false, 3),

  /** Dense multiply-accumulates per cycle that the grid does, those of skipped pairs included. */
  MACS_PER_CYCLE("MACs/cycle", "", true, 1),

  /** Bytes between DRAM and the chip for a sample. */
  DRAM_BYTES("DRAM bytes", "", false, 0),

  /** Microjoules for a sample: arithmetic, buffers and DRAM. */
  ENERGY("energy", "uJ", false, 2),

  /** Square millimetres of the grid's arithmetic and buffers. */
  AREA("area", "mm2", false, 4),

  /** TFLOP/s per mm2 of {@link #AREA}, in FLOP of the dense machine. */
  TFLOPS_PER_MM2("TFLOP/s/mm2", "", true, 3),

  /** What {@code accuracy(...)} gives for the policy; NaN without it. */
  ACCURACY("accuracy", "", true, 4),

  /** How many PEs the grid has: what it costs, at its simplest. */
  PES("PE count", "", false, 0);

  private final String name;
  private final String unit;
  private final boolean higherIsBetter;
  private final int decimals;

  Metric(String name, String unit, boolean higherIsBetter, int decimals) {
    this.name = name;
    this.unit = unit;
    this.higherIsBetter = higherIsBetter;
    this.decimals = decimals;
  }

  /** All figures of a run. */
  static Map<Metric, Double> all(Run run) {
    List<LayerResult> totals = run.totals();
    Map<Metric, Double> figures = new EnumMap<>(Metric.class);
    for (Metric metric : values()) {
      figures.put(metric, metric.of(run, totals));
    }
    return figures;
  }

  private double of(Run run, List<LayerResult> totals) {
    return switch (this) {
      case CYCLES -> mean(totals, LayerResult::cycles);
      case TIME -> 1000 * run.grid().clock().time(mean(totals, LayerResult::cycles)).value();
      case SPEEDUP -> run.totalSpeedup().mean();
      case UTILIZATION -> mean(totals, LayerResult::utilization);
      case EFFECTUAL -> mean(totals, LayerResult::effectualShare);
      case MACS_PER_CYCLE -> mean(totals, r -> (double) r.macs() / r.cycles());
      case DRAM_BYTES -> mean(totals, r -> r.traffic().dram());
      case ENERGY -> run.totalEnergy().total().value() * 1e6;
      case AREA -> run.grid().area().total().value();
      case TFLOPS_PER_MM2 ->
          mean(totals, r -> 2.0 * r.macs() / run.grid().clock().time((double) r.cycles()).value())
              / 1e12
              / run.grid().area().total().value();
      case ACCURACY -> Double.NaN;
      case PES -> run.grid().pes().count();
    };
  }

  private static double mean(List<LayerResult> totals, ToDoubleFunction<LayerResult> figure) {
    return Run.spread(totals, figure).mean();
  }

  /** Its name with the unit, as tables and charts have it. */
  public String title() {
    return unit.isEmpty() ? name : name + " (" + unit + ")";
  }

  /** Whether more of it is better. */
  public boolean higherIsBetter() {
    return higherIsBetter;
  }

  /** How many decimals say something. */
  public int decimals() {
    return decimals;
  }

  /** The value as a cost: the lower, the better. */
  double cost(double value) {
    return higherIsBetter ? -value : value;
  }

  /** For example {@code cycles 1,234} or {@code area 0.1346 mm2}. */
  String text(double value) {
    return text(digits(value));
  }

  /** What it says about this metric: {@code area at most 2.0000 mm2}. */
  String text(String said) {
    return name + " " + said + (unit.isEmpty() ? "" : " " + unit);
  }

  /** The value as far as its decimals say something. */
  String digits(double value) {
    return String.format(Locale.ROOT, "%,." + decimals + "f", value);
  }

  /** The {@link #title}. */
  @Override
  public String toString() {
    return title();
  }
}
