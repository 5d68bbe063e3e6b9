package org.dlaclab.result;

import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dlaclab.plot.Block;
import org.dlaclab.plot.Page;
import org.dlaclab.plot.Section;

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
    experiment.put("speedup", run.totalSpeedup().toString());
    return List.of(
        new Section(
            "Experiment", new Block.Text(run.headline() + "."), new Block.Facts(experiment)),
        new Section("Speedup", run.speedup(), run.skipModes()),
        new Section("Cycles", run.breakdown()),
        new Section(
            "Layers",
            new Block.Rows(
                run.listing(
                    "Means over "
                        + run.samples().size()
                        + (run.samples().size() == 1 ? " sample" : " samples")))),
        new Section("Grid", new Block.Code(run.grid().describe())),
        new Section("Stamp", new Block.Facts(stamp())));
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
