package org.dlaclab.result;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.dlaclab.grid.Grid;
import org.dlaclab.plot.LineChart;
import org.dlaclab.plot.LineChart.Line;
import org.dlaclab.plot.LineChart.Point;
import org.dlaclab.plot.LineChart.Style;

/**
 * The roofline model (Williams, Waterman and Patterson, CACM 52(4), 2009): how much work per cycle
 * a layer may reach, given how much it does per byte of DRAM, and what it reaches.
 */
final class Roofline {
  /** The part of the chart beyond the outermost point or corner, as a factor. */
  private static final double BEYOND = 1.5;

  private final Run run;
  private final Grid grid;

  private Roofline(Run run) {
    this.run = run;
    this.grid = run.grid();
  }

  static LineChart of(Run run) {
    return new Roofline(run).chart();
  }

  private LineChart chart() {
    List<Line> lines = new ArrayList<>();
    run.passes()
        .all()
        .forEach(pass -> lines.add(new Line(pass.toString(), Style.MARKERS, points(pass))));
    lines.add(new Line("all layers", Style.MARKERS, List.of(point("all layers", run.totals()))));
    lines.addAll(roofs(lines.stream().flatMap(line -> line.points().stream()).toList()));
    return new LineChart(
        "Roofline",
        run.subtitle(),
        LineChart.Axis.log("FLOP per byte of DRAM, those of skipped pairs included"),
        LineChart.Axis.log("FLOP per cycle, those of skipped pairs included"),
        lines,
        List.of());
  }

  private List<Point> points(Pass pass) {
    return run.layers().stream()
        .filter(name -> run.layer(name).get(0).passes().containsKey(pass))
        .map(name -> point(name, Run.of(run.layer(name), pass)))
        .toList();
  }

  private static Point point(String name, List<LayerResult> results) {
    return new Point(
        name,
        mean(results, LayerResult::intensity),
        mean(results, LayerResult::effectiveFlopPerCycle));
  }

  private static double mean(List<LayerResult> results, ToDoubleFunction<LayerResult> figure) {
    return Run.spread(results, figure).mean();
  }

  private List<Line> roofs(List<Point> points) {
    double perCycle = grid.dram().value() / grid.clock().value();
    double corner = grid.dram().isInfinite() ? 0 : grid.peak() / perCycle;
    double left = points.stream().mapToDouble(Point::x).min().orElseThrow();
    double right = Math.max(corner, points.stream().mapToDouble(Point::x).max().orElseThrow());
    left /= BEYOND;
    right *= BEYOND;
    List<Line> roofs = new ArrayList<>();
    if (!grid.dram().isInfinite()) {
      double from = Math.min(left, grid.densePeak() / perCycle / BEYOND);
      roofs.add(
          Line.of(
              String.format(Locale.ROOT, "DRAM: %.3g B/cycle", perCycle),
              Style.LINE,
              new double[] {from, corner},
              new double[] {from * perCycle, grid.peak()}));
    }
    roofs.add(flat("dense peak", grid.densePeak(), left, right, perCycle));
    if (grid.peak() > grid.densePeak()) {
      roofs.add(flat("peak with skipping", grid.peak(), left, right, perCycle));
    }
    return roofs;
  }

  /** From where the slope of DRAM meets it, if DRAM has one. */
  private static Line flat(String name, long peak, double left, double right, double perCycle) {
    return Line.of(
        String.format(Locale.ROOT, "%s: %,d", name, peak),
        Style.LINE,
        new double[] {Math.max(left, peak / perCycle), right},
        new double[] {peak, peak});
  }
}
