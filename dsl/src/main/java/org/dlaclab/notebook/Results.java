package org.dlaclab.notebook;

import java.util.Locale;
import java.util.stream.Collectors;
import org.dlaclab.grid.Area;
import org.dlaclab.grid.Skip;
import org.dlaclab.kernel.display.Bundle;
import org.dlaclab.plot.BarChart;
import org.dlaclab.result.Energy;
import org.dlaclab.result.LayerResult;
import org.dlaclab.result.Measured;
import org.dlaclab.result.OverSeeds;
import org.dlaclab.result.ProductResult;
import org.dlaclab.result.Rates;
import org.dlaclab.result.Run;
import org.dlaclab.result.Spread;
import org.dlaclab.table.Excerpt;
import org.dlaclab.table.Html;
import org.dlaclab.table.Listing;
import tech.tablesaw.api.Table;

/** What simulations say. */
final class Results {
  private Results() {}

  static Bundle run(Run run) {
    return result(
        run.headline(),
        "tensors: " + run.origin(),
        run.speedup(),
        run.table(),
        run.layers().size());
  }

  static Bundle overSeeds(OverSeeds seeds) {
    String tensors =
        seeds.runs().stream()
            .map(run -> "tensors: " + run.origin())
            .collect(Collectors.joining("\n"));
    return result(
        seeds.headline(),
        tensors,
        seeds.speedup(),
        seeds.table(),
        seeds.runs().get(0).layers().size());
  }

  /** The answer in one line, the chart of it, and the table for who opens it. */
  private static Bundle result(
      String headline, String tensors, BarChart speedup, Table rows, int layers) {
    Excerpt table = new Listing("", rows, true).excerpt();
    Bundle chart = ChartBundles.chart(speedup);
    Bundle bundle =
        Bundle.text(headline + "\n" + tensors + "\n\n" + table.text())
            .with(
                "text/html",
                "<p><b>"
                    + Html.escape(headline)
                    + "</b></p>\n"
                    + chart.data().get("text/html")
                    + "\n<details>\n<summary>All "
                    + layers
                    + " layers as a table</summary>\n"
                    + table.html()
                    + "\n</details>");
    return chart.scripts().stream().reduce(bundle, Bundle::needs, (a, b) -> b);
  }

  static Facts layer(LayerResult layer) {
    Facts facts =
        new Facts("layer " + layer.layer())
            .with("weights", layer.quantizer())
            .withShare("weight density", layer.weightDensity())
            .withShare("IFM density", layer.ifmDensity())
            .withShare("OFM density", layer.ofmDensity())
            .withShare("OFM gradient density", layer.ofmGradientDensity());
    measured(facts, layer);
    if (layer.passes().size() > 1) {
      layer
          .passes()
          .forEach(
              (pass, tally) ->
                  facts.with(
                      pass.toString(),
                      String.format(
                          Locale.ROOT,
                          "speedup %.2f, %,d cycles, %.1f %% of %,d MACs effectual",
                          tally.speedup(layer.skip()),
                          tally.timing(layer.skip()).cycles(),
                          100.0 * tally.effectual() / tally.macs(),
                          tally.macs())));
    }
    return facts;
  }

  static Facts product(ProductResult product) {
    Facts facts =
        new Facts("masked product on " + product.grid().name() + ", skip " + product.skip())
            .with(
                "M × N × K",
                String.format(
                    Locale.ROOT,
                    "%,d × %,d × %,d",
                    product.rows(),
                    product.columns(),
                    product.reduction()));
    return measured(facts, product);
  }

  private static Facts measured(Facts facts, Measured measured) {
    facts
        .with("MACs", measured.macs())
        .with(
            "effectual",
            String.format(
                Locale.ROOT,
                "%,d (%.1f %%)",
                measured.effectual(),
                100 * measured.effectualShare()))
        .with("cycles", measured.cycles())
        .withShare("utilization", measured.utilization())
        .with("DRAM bytes", measured.traffic().dram())
        .with("FLOP per DRAM byte", measured.intensity(), 1);
    if (measured.timing().stall() > 0) {
      facts.with("stall", measured.timing().stall());
    }
    for (Skip skip : Skip.values()) {
      facts.with(
          "skip " + skip,
          String.format(
              Locale.ROOT,
              "speedup %.2f, %,d cycles%s",
              measured.tally().speedup(skip),
              measured.tally().timing(skip).cycles(),
              skip == measured.skip() ? " (this grid)" : ""));
    }
    return facts;
  }

  static Facts energy(Energy energy) {
    Facts facts = new Facts("energy: " + energy.total());
    energy
        .parts()
        .forEach(
            (component, part) ->
                facts.with(
                    component.toString(),
                    part.toString(),
                    share(part.value(), energy.total().value())));
    return facts;
  }

  static Facts area(Area area) {
    Facts facts = new Facts("area: " + area.total());
    area.parts()
        .forEach(
            (component, part) ->
                facts.with(
                    component.toString(),
                    part.toString(),
                    share(part.value(), area.total().value())));
    return facts;
  }

  private static String share(double part, double total) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * part / total);
  }

  static Facts rates(Rates rates) {
    return new Facts(String.format(Locale.ROOT, "%.3g TFLOP/s effective", rates.teraflops()))
        .with("peak", String.format(Locale.ROOT, "%.3g TFLOP/s", rates.peakTeraflops()))
        .with("TFLOP/s per mm2", rates.teraflopsPerMm2(), 3)
        .with("TFLOP/s per W", rates.teraflopsPerWatt(), 3)
        .with("power", String.format(Locale.ROOT, "%.3g W", rates.watts()), "DRAM included")
        .with("chip", String.format(Locale.ROOT, "%.3g W", rates.chipWatts()))
        .with("area", rates.area().toString())
        .with("time", rates.time().toString());
  }

  static Facts spread(Spread spread) {
    Facts facts = new Facts(String.format(Locale.ROOT, "mean %.3f", spread.mean()));
    if (spread.n() > 1) {
      facts
          .with("standard deviation", spread.sd(), 3)
          .with(
              "95 % interval of the mean",
              String.format(Locale.ROOT, "%.3f to %.3f", spread.low(), spread.high()));
    } else {
      facts.with("95 % interval of the mean", "none: it takes two samples");
    }
    return facts.with("samples", spread.n());
  }
}
