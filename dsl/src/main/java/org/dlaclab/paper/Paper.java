package org.dlaclab.paper;

import java.util.ArrayList;
import java.util.List;
import org.dlaclab.error.DlacException;
import org.dlaclab.grid.Grid;
import org.dlaclab.grid.Precision;
import org.dlaclab.result.Pass;
import org.dlaclab.result.Passes;
import org.dlaclab.result.Run;
import org.dlaclab.table.Columns;
import org.dlaclab.table.Listing;
import org.dlaclab.tech.ProcessNode;
import org.dlaclab.tech.Technology;
import org.dlaclab.unit.Hertz;

/**
 * The accelerator of a paper, as far as the paper describes it.
 *
 * @param citation the paper
 * @param single the grid in single precision
 * @param half the grid in half precision
 */
public record Paper(String citation, Grid single, Grid half) {
  /** What the paper calls 5 K and 2.78 K FLOP per cycle. */
  private static final double PEAK = 5000;

  private static final double AVERAGE = 2780;

  /**
   * Venkatesh, Nurvitadhi, Marr, "Accelerating Deep Convolutional Networks using low-precision and
   * sparsity" (ICASSP 2017, arXiv:1610.00324).
   *
   * <p>The paper gives process, clock, area and rates, but neither the number of PEs nor any size
   * inside. One published figure, the peak of 5 K effective FLOP per cycle, fixes the product of
   * PEs and window: 512 PEs of one unit with a window of 5 give 5,120. That split is ours, and so
   * are buffers and tiles; {@link #choices} lists them. Areas, average rates and rates per area are
   * predictions.
   */
  public static Paper icassp2017() {
    Grid single =
        Grid.of(
            "icassp2017-fp32",
            new Grid.Pes(16, 32),
            new Grid.Window(5),
            new Grid.Clock(Hertz.mega(500)),
            new Grid.Costs(Technology.of(ProcessNode.NM_14)),
            new Grid.Arithmetic(Precision.FP32));
    return new Paper(
        "Venkatesh et al., ICASSP 2017",
        single,
        single.with(new Grid.Arithmetic(Precision.FP16)).named("icassp2017-fp16"));
  }

  /** One parameter of the grid, and where it is from. */
  private record Choice(String parameter, Object value, Standing standing, String remark) {}

  /** What went into the grid: what the paper says, what was fitted to it, and what was assumed. */
  public Listing choices() {
    List<Choice> choices =
        List.of(
            new Choice("process", single.technology().node(), Standing.TAKEN, ""),
            new Choice("clock", single.clock(), Standing.TAKEN, ""),
            new Choice("precision", "FP32 and FP16", Standing.TAKEN, ""),
            new Choice("zeros skipped", single.skip(), Standing.TAKEN, ""),
            new Choice(
                "PEs x window",
                single.pes() + " x " + single.window(),
                Standing.FITTED,
                "to the peak of 5 K FLOP/cycle; how it divides is assumed"),
            new Choice("lanes per PE", single.lanes(), Standing.ASSUMED, "with a multiplier each"),
            new Choice("partial sums per PE", single.tile(), Standing.ASSUMED, "filters x pixels"),
            new Choice("weight buffer", single.weightBuffer(), Standing.ASSUMED, ""),
            new Choice("IFM buffer", single.ifmBuffer(), Standing.ASSUMED, ""),
            new Choice("DRAM", single.dram(), Standing.ASSUMED, "the paper speaks of no stalls"));
    return new Listing(
        citation + ": the grid",
        Columns.table(
            citation,
            Columns.text("parameter", choices, Choice::parameter),
            Columns.text("value", choices, c -> c.value().toString()),
            Columns.text("standing", choices, c -> c.standing().toString()),
            Columns.text("remark", choices, Choice::remark)),
        false);
  }

  /**
   * The paper's figures for the machine beside those of a run on one of its grids: of ResNets on
   * ImageNet, if they are to be compared. Accuracies and model sizes are no figures of a run.
   *
   * @throws DlacException if the run is on another grid
   */
  public Reproduction against(Run run) {
    if (!run.grid().equals(single) && !run.grid().equals(half)) {
      throw new DlacException(
          "the run is on grid \"" + run.grid().name() + "\", which is not one of " + citation,
          "a run on its grid in single or half precision, as they are",
          "simulate on Paper.icassp2017().single()");
    }
    double peak = single.peak();
    double flop = run.rates().flop() / Run.spread(run.totals(), r -> r.cycles()).mean();
    List<Reproduction.Figure> figures = new ArrayList<>();
    figures.add(figure("peak, FLOP/cycle", "5 K", PEAK, peak, Standing.FITTED, "by PEs x window"));
    figures.add(
        figure(
            "peak, TFLOP/s",
            "2.5",
            2.5,
            run.rates().peakTeraflops(),
            Standing.FITTED,
            "peak x clock"));
    figures.add(
        figure(
            "average, FLOP/cycle",
            "2.78 K",
            AVERAGE,
            flop,
            Standing.PREDICTED,
            run.batch() == 1
                ? "of these tensors; one image leaves PE columns idle where maps are small"
                : "of these tensors, in batches of " + run.batch()));
    figures.add(
        figure(
            "average, TFLOP/s",
            "1.34",
            1.34,
            run.rates().teraflops(),
            Standing.PREDICTED,
            "2.78 K at 500 MHz would be 1.39"));
    area(figures, single, "single", "2.2", 2.2, "> 1");
    area(figures, half, "half", "1.09", 1.09, "about 2");
    if (run.passes().contains(Pass.FORWARD)) {
      effectual(figures, run, Passes.FORWARD, "forward", "16 %", 0.16);
    }
    if (!run.passes().equals(Passes.FORWARD)) {
      effectual(figures, run, Passes.BACKWARD, "backward", "33 %", 0.33);
    }
    return new Reproduction(
        citation + ", by " + run.network() + " (" + run.origin() + ")", figures);
  }

  private static void area(
      List<Reproduction.Figure> figures,
      Grid grid,
      String precision,
      String published,
      double value,
      String density) {
    double ours = grid.area().total().value();
    figures.add(
        figure(
            "area in " + precision + " precision, mm2",
            published,
            value,
            ours,
            Standing.PREDICTED,
            "arithmetic and buffers; control and wires have no source"));
    figures.add(
        figure(
            "peak TFLOP/s per mm2, " + precision,
            density,
            Double.NaN,
            grid.peak() * grid.clock().value() / 1e12 / ours,
            Standing.PREDICTED,
            "too high by the area that is left out"));
  }

  private static void effectual(
      List<Reproduction.Figure> figures,
      Run run,
      Passes passes,
      String name,
      String published,
      double value) {
    figures.add(
        figure(
            "effectual operations " + name,
            published,
            value,
            run.effectualShare(passes).mean(),
            Standing.TENSORS,
            "share of all"));
  }

  private static Reproduction.Figure figure(
      String name, String published, double value, double ours, Standing standing, String remark) {
    return new Reproduction.Figure(name, published, value, ours, standing, remark);
  }

  /** The {@link #choices}. */
  @Override
  public String toString() {
    return choices().toString();
  }
}
