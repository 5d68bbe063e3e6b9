package org.dlaclab.notebook;

import java.util.ArrayList;
import java.util.List;
import org.dlaclab.data.Dataset;
import org.dlaclab.kernel.display.Bundle;
import org.dlaclab.plot.Chart;
import org.dlaclab.study.Comparison;
import org.dlaclab.study.Outcome;
import org.dlaclab.study.PolicySearch;
import org.dlaclab.table.Html;
import org.dlaclab.table.Listing;
import org.dlaclab.train.Recipe;
import org.dlaclab.train.Training;

/** What trainings take and say. */
final class Trainings {
  private static final int PICTURES = 16;

  private Trainings() {}

  static Bundle dataset(Dataset data) {
    Facts facts =
        new Facts(data.name())
            .with("training images", data.train().count())
            .with("test images", data.test().count())
            .with("IFM", data.ifm().toString())
            .with("classes", String.join(", ", data.classes()))
            .with("normalization", data.normalization().toString());
    Facts rest = new Facts("");
    data.provenance().forEach(rest::with);
    int shown = Math.min(PICTURES, data.train().count());
    return Bundle.text(data.toString())
        .with(
            "text/html",
            facts.html()
                + "\n"
                + Pictures.html(
                    Inputs.images(data.tensor(data.train().first(shown))),
                    1,
                    "the first training images")
                + details("Where they are from", rest.table()));
  }

  static Facts recipe(Recipe recipe) {
    Facts facts = new Facts("training recipe");
    for (String part : recipe.toString().split(", ", -1)) {
      facts.with(part, "");
    }
    return facts;
  }

  /** What came out in one line, the curves, and the epochs for who opens them. */
  static Bundle training(Training training) {
    if (training.history().isEmpty()) {
      return Bundle.text(training.toString());
    }
    return of(
        training.toString(),
        training.charts(),
        List.of(
            details("All " + training.history().size() + " epochs", html(training.table())),
            details("Recipe", "<p>" + Html.escape(training.recipe().toString()) + "</p>")));
  }

  static Bundle search(PolicySearch search) {
    Bundle trials = Tables.listing(search.table());
    return Bundle.text(search.table() + "\n" + search.layersTable())
        .with(
            "text/html",
            trials.data().get("text/html")
                + details("The order of the layers", html(search.layersTable())));
  }

  /** The variants, charts of them, and each training for who opens them. */
  static Bundle comparison(Comparison comparison) {
    Bundle variants = Tables.listing(comparison.table());
    String runs = details("All trainings", html(comparison.runs()));
    if (comparison.outcomes().stream().noneMatch(Outcome::succeeded)) {
      return Bundle.text(comparison.toString())
          .with("text/html", variants.data().get("text/html") + runs);
    }
    Bundle charts = ChartBundles.chart(comparison.charts());
    Bundle bundle =
        Bundle.text(comparison.toString())
            .with(
                "text/html",
                String.join(
                    "\n",
                    String.valueOf(variants.data().get("text/html")),
                    String.valueOf(charts.data().get("text/html")),
                    runs));
    return charts.scripts().stream().reduce(bundle, Bundle::needs, (a, b) -> b);
  }

  private static Bundle of(String headline, Chart chart, List<String> after) {
    Bundle shown = ChartBundles.chart(chart);
    List<String> parts = new ArrayList<>();
    parts.add("<p><b>" + Html.escape(headline) + "</b></p>");
    parts.add(String.valueOf(shown.data().get("text/html")));
    parts.addAll(after);
    Bundle bundle =
        Bundle.text(String.valueOf(shown.data().get("text/plain")))
            .with("text/html", String.join("\n", parts));
    return shown.scripts().stream().reduce(bundle, Bundle::needs, (a, b) -> b);
  }

  private static String html(Listing listing) {
    return listing.excerpt().html();
  }

  private static String details(String summary, String html) {
    return "\n<details>\n<summary>" + Html.escape(summary) + "</summary>\n" + html + "\n</details>";
  }
}
