package org.dlaclab.notebook;

import java.util.ArrayList;
import java.util.List;
import org.dlaclab.explore.Exploration;
import org.dlaclab.explore.Front;
import org.dlaclab.explore.Metric;
import org.dlaclab.explore.Point;
import org.dlaclab.explore.Sensitivity;
import org.dlaclab.kernel.display.Bundle;
import org.dlaclab.plot.Chart;
import org.dlaclab.table.Html;
import org.dlaclab.table.Listing;

/** What sweeps say. */
final class Explorations {
  private static final int BEST = 10;

  private Explorations() {}

  /** The trade-off between time and area, and all points for who opens them. */
  static Bundle exploration(Exploration sweep) {
    if (sweep.succeeded().isEmpty()) {
      return Tables.listing(sweep.listing());
    }
    Front front = sweep.pareto(Metric.CYCLES, Metric.AREA);
    return of(
        sweep.headline(),
        front.chart(),
        sweep.top(BEST, Metric.CYCLES),
        List.of(
            details("The Pareto front", front.listing()),
            details("All " + sweep.points().size() + " points", sweep.listing())));
  }

  static Bundle front(Front front) {
    return of(front.listing().title(), front.chart(), front.listing(), List.of());
  }

  static Bundle sensitivity(Sensitivity sensitivity) {
    return of(sensitivity.listing().title(), sensitivity.chart(), sensitivity.listing(), List.of());
  }

  static Facts point(Point point) {
    Facts facts = new Facts("point " + point.number());
    point.setting().ifPresent(setting -> facts.with("is", setting.toString()));
    point.figures().keySet().stream()
        .filter(metric -> !Double.isNaN(point.figure(metric)))
        .sorted()
        .forEach(metric -> facts.with(metric.title(), point.figure(metric), metric.decimals()));
    return point.failure().isEmpty() ? facts : facts.with("error", point.failure());
  }

  private static Bundle of(String headline, Chart chart, Listing table, List<String> after) {
    Bundle shown = ChartBundles.chart(chart);
    List<String> parts = new ArrayList<>();
    parts.add("<p><b>" + Html.escape(headline) + "</b></p>");
    parts.add(String.valueOf(shown.data().get("text/html")));
    parts.add(table.excerpt().html());
    parts.addAll(after);
    Bundle bundle = Bundle.text(table.excerpt().text()).with("text/html", String.join("\n", parts));
    return shown.scripts().stream().reduce(bundle, Bundle::needs, (a, b) -> b);
  }

  private static String details(String summary, Listing listing) {
    return "<details>\n<summary>"
        + Html.escape(summary)
        + "</summary>\n"
        + listing.excerpt().html()
        + "\n</details>";
  }
}
