package org.dlaclab.plot;

import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import tech.tablesaw.api.DateColumn;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.plotly.api.AreaPlot;
import tech.tablesaw.plotly.api.BoxPlot;
import tech.tablesaw.plotly.api.BubblePlot;
import tech.tablesaw.plotly.api.CandlestickPlot;
import tech.tablesaw.plotly.api.Heatmap;
import tech.tablesaw.plotly.api.Histogram;
import tech.tablesaw.plotly.api.Histogram2D;
import tech.tablesaw.plotly.api.HorizontalBarPlot;
import tech.tablesaw.plotly.api.LinePlot;
import tech.tablesaw.plotly.api.OHLCPlot;
import tech.tablesaw.plotly.api.ParetoPlot;
import tech.tablesaw.plotly.api.PiePlot;
import tech.tablesaw.plotly.api.QQPlot;
import tech.tablesaw.plotly.api.QuantilePlot;
import tech.tablesaw.plotly.api.Scatter3DPlot;
import tech.tablesaw.plotly.api.ScatterPlot;
import tech.tablesaw.plotly.api.TimeSeriesPlot;
import tech.tablesaw.plotly.api.TukeyMeanDifferencePlot;
import tech.tablesaw.plotly.api.VerticalBarPlot;
import tech.tablesaw.plotly.api.ViolinPlot;
import tech.tablesaw.plotly.components.Axis;
import tech.tablesaw.plotly.components.Figure;
import tech.tablesaw.plotly.components.Layout;
import tech.tablesaw.plotly.traces.ContourTrace;
import tech.tablesaw.plotly.traces.ScatterTrace;

/** A figure of every kind that tablesaw's plotting library makes, by name. */
public final class Figures {
  private Figures() {}

  public static Map<String, Figure> all() {
    Random random = new Random(1);
    int n = 60;
    StringColumn kind = StringColumn.create("kind");
    DateColumn day = DateColumn.create("day");
    DoubleColumn time = DoubleColumn.create("time");
    DoubleColumn cost = DoubleColumn.create("cost");
    IntColumn size = IntColumn.create("size");
    DoubleColumn open = DoubleColumn.create("open");
    DoubleColumn high = DoubleColumn.create("high");
    DoubleColumn low = DoubleColumn.create("low");
    DoubleColumn close = DoubleColumn.create("close");
    String[] kinds = {"ternary", "binary", "8 bits"};
    double price = 20;
    for (int i = 0; i < n; i++) {
      kind.append(kinds[i % 3]);
      day.append(LocalDate.of(2026, 1, 1).plusDays(i));
      time.append(i);
      cost.append(10 + 0.3 * i + 4 * random.nextGaussian() + 3 * (i % 3));
      size.append(1 + random.nextInt(40));
      open.append(price);
      double end = price + random.nextGaussian();
      high.append(Math.max(price, end) + random.nextDouble());
      low.append(Math.min(price, end) - random.nextDouble());
      close.append(end);
      price = end;
    }
    Table table = Table.create("measured", kind, day, time, cost, size, open, high, low, close);
    Table sums =
        Table.create(
            "sums",
            StringColumn.create("layer", "conv1", "conv2", "conv3", "fc"),
            DoubleColumn.create("cycles", 1200, 3400, 2100, 300),
            DoubleColumn.create("stalls", 100, 700, 250, 90));
    Table pairs =
        Table.create(
            "pairs",
            StringColumn.create("row", "a", "a", "b", "b", "c", "c", "c"),
            StringColumn.create("column", "x", "y", "x", "x", "y", "y", "z"));
    double[] numbers = cost.asDoubleArray();
    double[] others = open.asDoubleArray();
    Map<String, Figure> all = new LinkedHashMap<>();
    all.put("vertical bars", VerticalBarPlot.create("Cycles", sums, "layer", "cycles"));
    all.put(
        "grouped bars",
        VerticalBarPlot.create("Cycles", sums, "layer", Layout.BarMode.GROUP, "cycles", "stalls"));
    all.put(
        "stacked bars",
        HorizontalBarPlot.create(
            "Cycles", sums, "layer", Layout.BarMode.STACK, "cycles", "stalls"));
    all.put("horizontal bars", HorizontalBarPlot.create("Cycles", sums, "layer", "cycles"));
    all.put("pareto", ParetoPlot.createVertical("Cycles", sums, "layer", "cycles"));
    all.put("pie", PiePlot.create("Cycles", sums, "layer", "cycles"));
    all.put("scatter", ScatterPlot.create("Cost over time", table, "time", "cost"));
    all.put("grouped scatter", ScatterPlot.create("Cost", table, "time", "cost", "kind"));
    all.put("line", LinePlot.create("Cost over time", table, "time", "cost"));
    all.put("lines", LinePlot.create("Cost over time", table, "time", "cost", "kind"));
    all.put("area", AreaPlot.create("Cost over time", table, "time", "cost"));
    all.put("time series", TimeSeriesPlot.create("Cost by day", table, "day", "cost"));
    all.put("bubbles", BubblePlot.create("Cost", table, "time", "cost", "size"));
    all.put("histogram", Histogram.create("Cost", table, "cost"));
    all.put("histogram in two dimensions", Histogram2D.create("Cost", table, "time", "cost"));
    all.put("box", BoxPlot.create("Cost by kind", table, "kind", "cost"));
    all.put("violin", ViolinPlot.create("Cost by kind", table, "kind", "cost", true, true));
    all.put("heat map", Heatmap.create("Pairs", pairs, "row", "column"));
    all.put(
        "contour",
        new Figure(
            Layout.builder("Contour", "x", "y").build(),
            ContourTrace.builder(
                    new Object[] {"a", "b", "c"},
                    new Object[] {"u", "v"},
                    new double[][] {{1, 2, 3}, {2, 4, 5}})
                .build()));
    all.put(
        "candles", CandlestickPlot.create("Price", table, "day", "open", "high", "low", "close"));
    all.put("prices", OHLCPlot.create("Price", table, "day", "open", "high", "low", "close"));
    all.put("quantiles", QuantilePlot.create("Cost", table, "cost"));
    all.put("quantiles of two", QQPlot.create("QQ", "cost", numbers, "open", others));
    all.put("differences", TukeyMeanDifferencePlot.create("Difference", "cost", numbers, others));
    all.put(
        "two axes",
        new Figure(
            Layout.builder("Two axes", "time", "cost")
                .yAxis2(
                    Axis.builder()
                        .title("price")
                        .side(Axis.Side.right)
                        .overlaying(ScatterTrace.YAxis.Y)
                        .build())
                .build(),
            ScatterTrace.builder(time, cost).mode(ScatterTrace.Mode.LINE).name("cost").build(),
            ScatterTrace.builder(time, open)
                .mode(ScatterTrace.Mode.LINE_AND_MARKERS)
                .yAxis(ScatterTrace.YAxis.Y2)
                .name("price")
                .build()));
    all.put("space", Scatter3DPlot.create("Space", table, "time", "cost", "open"));
    return all;
  }
}
