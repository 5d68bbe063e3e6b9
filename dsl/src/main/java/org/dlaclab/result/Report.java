package org.dlaclab.result;

import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dlaclab.plot.Block;
import org.dlaclab.plot.Page;
import org.dlaclab.plot.Section;
import org.dlaclab.table.Listing;

/**
 * A run as one page that can be sent to somebody: experiment, charts, table, and the stamp to run
 * it again.
 */
final class Report {
  private Report() {}

  static Path save(Run run, Path file) {
    return Page.save(file, run.network() + " on " + run.grid().name(), sections(run));
  }

  private static List<Section> sections(Run run) {
    Map<String, String> experiment = new LinkedHashMap<>();
    experiment.put("network", run.network());
    experiment.put("policy", run.policy());
    experiment.put("grid", run.grid().name());
    experiment.put("tensors", run.origin());
    experiment.put(
        "samples",
        run.samples().size()
            + (run.batch() == 1 ? " of one image" : " of " + run.batch() + " images"));
    boolean inference = run.passes().equals(Passes.FORWARD);
    if (!inference) {
      experiment.put("passes", run.passes().toString());
    }
    experiment.put("speedup", run.totalSpeedup().toString());
    List<Section> sections = new ArrayList<>();
    sections.add(
        new Section(
            "Experiment", new Block.Text(run.headline() + "."), new Block.Facts(experiment)));
    sections.add(new Section("Speedup", run.speedup(), run.skipModes()));
    String means =
        "Means over " + run.samples().size() + (run.samples().size() == 1 ? " sample" : " samples");
    if (!inference) {
      sections.add(
          new Section("Passes", new Block.Rows(new Listing(means, run.passTable(), true))));
    }
    sections.add(new Section("Cycles", run.breakdown(), run.roofline()));
    sections.add(new Section("Energy", run.energy()));
    sections.add(new Section("Layers", new Block.Rows(run.listing(means))));
    sections.add(new Section("Grid", new Block.Code(run.grid().describe())));
    sections.add(new Section("Stamp", new Block.Facts(stamp())));
    return sections;
  }

  private static Map<String, String> stamp() {
    Map<String, String> stamp = new LinkedHashMap<>();
    String version = Report.class.getPackage().getImplementationVersion();
    stamp.put("DLAC Lab", version == null ? "development build" : version);
    stamp.put("Java", System.getProperty("java.vendor") + " " + System.getProperty("java.version"));
    stamp.put("made", ZonedDateTime.now(ZoneOffset.UTC).format(DateTimeFormatter.ISO_INSTANT));
    return stamp;
  }
}
