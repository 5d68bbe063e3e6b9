package org.dlaclab.notebook;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.dlaclab.data.Dataset;
import org.dlaclab.data.ImageFiles;
import org.dlaclab.explore.Exploration;
import org.dlaclab.explore.Front;
import org.dlaclab.explore.Point;
import org.dlaclab.explore.Sensitivity;
import org.dlaclab.grid.Area;
import org.dlaclab.grid.Grid;
import org.dlaclab.infer.Agreement;
import org.dlaclab.infer.Trained;
import org.dlaclab.kernel.display.Bundle;
import org.dlaclab.kernel.display.DisplayProvider;
import org.dlaclab.kernel.display.Notebook;
import org.dlaclab.network.Network;
import org.dlaclab.operand.SavedMasks;
import org.dlaclab.paper.Paper;
import org.dlaclab.paper.Reproduction;
import org.dlaclab.plot.Chart;
import org.dlaclab.plot.Film;
import org.dlaclab.progress.Live;
import org.dlaclab.progress.Progress;
import org.dlaclab.progress.Stop;
import org.dlaclab.quant.Policy;
import org.dlaclab.result.Energy;
import org.dlaclab.result.LayerResult;
import org.dlaclab.result.OverSeeds;
import org.dlaclab.result.ProductResult;
import org.dlaclab.result.Rates;
import org.dlaclab.result.Run;
import org.dlaclab.result.Spread;
import org.dlaclab.sim.MaskedProduct;
import org.dlaclab.study.Comparison;
import org.dlaclab.study.PolicySearch;
import org.dlaclab.table.Listing;
import org.dlaclab.tensor.BitMatrix;
import org.dlaclab.tensor.Tensor;
import org.dlaclab.train.Recipe;
import org.dlaclab.train.Training;
import org.dlaclab.unit.Bytes;
import org.dlaclab.unit.BytesPerSecond;
import org.dlaclab.unit.Hertz;
import org.dlaclab.unit.Joules;
import org.dlaclab.unit.Seconds;
import org.dlaclab.unit.SquareMillimetres;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;
import tech.tablesaw.plotly.components.Figure;

/**
 * What the DSL adds to a notebook: its words without an import, how its values and those of
 * tablesaw show, and where its progress shows. The kernel finds it by {@link
 * java.util.ServiceLoader}.
 */
public final class DlacDisplays implements DisplayProvider {
  /** For the service loader. */
  public DlacDisplays() {}

  /** The same as in {@code ./dlac shell}. */
  @Override
  public List<String> imports() {
    return resource("/org/dlaclab/shell/startup.jsh")
        .lines()
        .filter(line -> line.startsWith("import "))
        .toList();
  }

  @Override
  public void install(Notebook notebook) {
    notebook.show(Listing.class, Tables::listing);
    notebook.show(Table.class, Tables::table);
    notebook.show(Column.class, column -> Tables.table(Table.create("", (Column<?>) column)));

    notebook.show(Chart.class, ChartBundles::chart);
    notebook.show(Figure.class, ChartBundles::figure);
    notebook.show(Film.class, ChartBundles::film);

    notebook.show(Run.class, Results::run);
    notebook.show(OverSeeds.class, Results::overSeeds);
    show(notebook, LayerResult.class, Results::layer);
    show(notebook, ProductResult.class, Results::product);
    show(notebook, Spread.class, Results::spread);
    show(notebook, Energy.class, Results::energy);
    show(notebook, Area.class, Results::area);
    show(notebook, Rates.class, Results::rates);
    notebook.show(Paper.class, paper -> Tables.listing(paper.choices()));
    notebook.show(Reproduction.class, figures -> Tables.listing(figures.listing()));

    notebook.show(Network.class, network -> Tables.listing(network.summary()));
    show(notebook, Policy.class, Inputs::policy);
    show(notebook, Grid.class, Inputs::grid);
    notebook.show(Trained.class, Inputs::trained);
    show(notebook, Agreement.class, Inputs::agreement);

    notebook.show(Dataset.class, Trainings::dataset);
    notebook.show(ImageFiles.class, Inputs::files);
    show(notebook, Recipe.class, Trainings::recipe);
    notebook.show(Training.class, Trainings::training);
    notebook.show(PolicySearch.class, Trainings::search);
    notebook.show(Comparison.class, Trainings::comparison);

    notebook.show(Exploration.class, Explorations::exploration);
    notebook.show(Front.class, Explorations::front);
    notebook.show(Sensitivity.class, Explorations::sensitivity);
    show(notebook, Point.class, Explorations::point);

    show(notebook, Tensor.class, Inputs::tensor);
    notebook.show(BitMatrix.class, Masks::mask);
    notebook.show(SavedMasks.class, masks -> Tables.listing(masks.densities()));
    notebook.show(MaskedProduct.class, Masks::product);

    notebook.show(Bytes.class, bytes -> Facts.quantity(bytes, (double) bytes.value(), "bytes"));
    notebook.show(Hertz.class, hertz -> Facts.quantity(hertz, hertz.value(), "Hz"));
    notebook.show(Seconds.class, seconds -> Facts.quantity(seconds, seconds.value(), "s"));
    notebook.show(
        BytesPerSecond.class, rate -> Facts.quantity(rate, rate.value(), "bytes per second"));
    notebook.show(Joules.class, energy -> Facts.quantity(energy, energy.value(), "J"));
    notebook.show(SquareMillimetres.class, area -> Facts.quantity(area, area.value(), "mm2"));

    Places places = new Places(notebook);
    Progress.showBy(places::progress);
    Live.showBy(places::live);
    Stop.hearBy(
        ask ->
            notebook.onInterrupt(
                () -> {
                  System.err.println(Stop.STOPPING);
                  ask.run();
                }));
  }

  private static <T> void show(Notebook notebook, Class<T> type, Function<? super T, Facts> facts) {
    notebook.show(
        type, (Function<T, Bundle>) value -> facts.apply(value).bundle(String.valueOf(value)));
  }

  static String resource(String name) {
    try (InputStream in =
        Objects.requireNonNull(DlacDisplays.class.getResourceAsStream(name), name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
