package org.dlaclab.notebook;

import static org.dlaclab.Dlac.*;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.dlaclab.data.Dataset;
import org.dlaclab.data.Images;
import org.dlaclab.data.Normalization;
import org.dlaclab.grid.Grid;
import org.dlaclab.infer.Agreement;
import org.dlaclab.network.Network;
import org.dlaclab.paper.Paper;
import org.dlaclab.plot.Charts;
import org.dlaclab.plot.Figures;
import org.dlaclab.plot.LineChart;
import org.dlaclab.quant.Policy;
import org.dlaclab.tensor.BitMatrix;
import org.dlaclab.tensor.Shape;
import org.dlaclab.tensor.Tensor;
import org.dlaclab.train.Recipe;
import org.dlaclab.unit.Bytes;
import org.dlaclab.unit.BytesPerSecond;
import org.dlaclab.unit.Joules;
import org.dlaclab.unit.Seconds;
import org.dlaclab.unit.SquareMillimetres;
import tech.tablesaw.api.DateColumn;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** A value of each type that a notebook shows, by what it is. */
final class Values {
  private Values() {}

  static Map<String, Object> all() {
    var twn = policy("twn", weights(ternary()), except("conv1", fullPrecision()));
    var dlac = grid("dlac", pes(4, 8));
    var network = zoo("lenet5");
    var run = simulate(network, twn, dlac, synthetic(42, samples(3)));
    var masks = masks(checks(6, 40), checks(9, 40));
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("run", run);
    var training = simulate(network, twn, dlac, synthetic(42, samples(2)), training());
    all.put("training run", training);
    all.put("layer of training", training.layer("conv1").get(0));
    all.put("listing", run.listing());
    all.put("table", run.table());
    all.put("long table", table(100_000));
    all.put("column", table(5).column("cycles"));
    all.put("table without columns", Table.create("none"));
    all.put("chart", run.speedup());
    all.put("grouped chart", run.skipModes());
    all.put("stacked chart", run.breakdown());
    LineChart lines =
        new LineChart(
                "Error",
                "lenet5 & more",
                LineChart.Axis.linear("epoch"),
                LineChart.Axis.log("error in %"),
                LineChart.Line.of("train", 40, 20, Double.NaN, 5),
                LineChart.Line.of("validation", 44, 25, 18, 9))
            .withMark(2, "to <ternary>");
    all.put("line chart", lines);
    all.put("charts", new Charts("Training", lines, run.speedup()));
    all.put("layer", run.layer("conv1").get(0));
    all.put("product", simulate(masks, dlac));
    all.put("spread", run.totalSpeedup());
    all.put("spread of one", simulate(network, twn, dlac, seed(1)).totalSpeedup());
    all.put(
        "over seeds",
        overSeeds(simulate(network, twn, dlac, seed(1)), simulate(network, twn, dlac, seed(2))));
    var memory = simulate(network, twn, grid("real", dlac, dram(GBps(1))), synthetic(42));
    all.put("memory table", memory.memoryTable());
    all.put("energy table", memory.energyTable());
    all.put("energy chart", memory.energy());
    all.put("energy", memory.totalEnergy());
    all.put("roofline chart", memory.roofline());
    all.put("utilization chart", memory.utilization("conv2"));
    all.put(
        "utilization of many PEs chart",
        simulate(network, twn, grid("wide", pes(16, 32)), synthetic(42)).utilization());
    all.put("film", memory.replay("conv2"));
    all.put("baselines", memory.baselines());
    all.put("rates", memory.rates());
    all.put("area", dlac.area());
    var paper = Paper.icassp2017();
    all.put("paper", paper);
    all.put("reproduction", paper.against(simulate(network, twn, paper.half(), synthetic(42))));
    all.put("network", network);
    all.put("large network", zoo("resnet152"));
    all.put("policy", twn);
    all.put(
        "activation policy",
        policy(
            "low", activations(threshold(0.01), kBit(4)), activations("a.relu", fullPrecision())));
    all.put("grid", dlac);
    all.put("trained", trained("lenet5"));
    String file = Values.class.getResource("/org/dlaclab/onnx/light_densenet121.onnx").getPath();
    all.put("imported", onnx(file));
    all.put("agreement", new Agreement("resnet20", "full", "twn", 31, 32));
    all.put("tensor", Tensor.of(Shape.of(2, 3), 0, 1, -2, 3.5f, 0, 1));
    all.put("small mask", BitMatrix.of("a mask", checks(6, 10)));
    all.put("large mask", BitMatrix.of("a mask", checks(700, 3000)));
    all.put("empty mask", BitMatrix.of("a mask", new boolean[0][0]));
    all.put("masks", masks);
    all.put("saved masks", saveMasks(temporary("lenet5.masks"), network, twn, seed(1)));
    all.put("size", new Bytes(32 * 1024));
    all.put("clock", MHz(500));
    all.put("bandwidth", GBps(25.6));
    all.put("no bandwidth", BytesPerSecond.INFINITE);
    all.put("picojoules", Joules.pico(1.3));
    all.put("silicon", new SquareMillimetres(2.2));
    all.put("time", new Seconds(0.00125));
    addSweeps(all, network, twn, dlac);
    all.put("image files", images(photograph(), resize(150), grey()));
    all.put("image files that cannot be used", images(photograph(), centreCrop(500)));
    addTrainings(all);
    Figures.all().forEach((name, figure) -> all.put("figure: " + name, figure));
    return all;
  }

  private static void addSweeps(
      Map<String, Object> all, Network network, Policy policy, Grid grid) {
    var sweep =
        sweep(
            "grids & more",
            network,
            policy,
            grid,
            seed(1),
            over(pes(1, 2), pes(4, 4)),
            over(window(1), window(4)),
            over(tile(4, 16), tile(1, 64)));
    all.put("sweep", sweep);
    all.put("front", sweep.pareto(CYCLES, AREA));
    all.put("front of three metrics", sweep.pareto(CYCLES, AREA, ENERGY));
    all.put("heat map", sweep.heatmap("window", "pes", CYCLES));
    all.put("parallel coordinates", sweep.parallelCoordinates(CYCLES));
    all.put("sensitivity", sweep.sensitivity(CYCLES));
    all.put("point", sweep.best(CYCLES));
    var refused = sweep("none", network, policy, grid, seed(1), over(blockSize(1), blockSize(2)));
    all.put("sweep of nothing that works", refused);
    all.put("point that is no machine", refused.points().get(0));
  }

  /** On images of two classes, a bright and a dark one. */
  private static void addTrainings(Map<String, Object> all) {
    byte[] pixels = new byte[60 * 16];
    int[] labels = new int[60];
    for (int i = 0; i < 60; i++) {
      labels[i] = i % 2;
      Arrays.fill(pixels, 16 * i, 16 * (i + 1), (byte) (labels[i] == 1 ? 100 + i : 10 + i));
    }
    Images images = Images.of(ifm(1, 4, 4), pixels, labels);
    Dataset data =
        new Dataset(
            "brightness", images, images, List.of("dark", "bright"), Normalization.PLAIN, Map.of());
    Network net =
        network(
            "tiny", ifm(1, 4, 4), conv("c", filters(4), kernel(3)), relu(), flatten(), fc("f", 2));
    Policy twn = policy("twn", weights(ternary()));
    all.put("data set", data);
    all.put("recipe", Recipe.of(epochs(3), reluThreshold(0.01)));
    all.put("training", train(net, twn, data, epochs(2), batchSize(9), threads(1)));
    all.put(
        "search",
        searchPolicy(
            net,
            twn,
            fullPrecision(),
            data,
            grid("g", pes(2, 2)),
            1,
            epochs(1),
            batchSize(9),
            threads(1)));
    var study =
        study(
            net,
            twn,
            data,
            recipe(epochs(2), batchSize(9), threads(1)),
            seeds(1),
            on(grid("g", pes(2, 2))));
    all.put("comparison", study.preInit(0, 1));
    all.put(
        "comparison of nothing",
        study(net, twn, data, recipe(epochs(1), batchSize(9), threads(1)), seeds(1))
            .compare(variant("wild", twn, recipe(epochs(1), batchSize(9), learningRate(1e30)))));
  }

  private static String photograph() {
    try {
      String file = temporary("photo.png");
      ImageIO.write(
          new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB), "png", Path.of(file).toFile());
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String temporary(String name) {
    try {
      Path folder = Files.createTempDirectory("values");
      folder.toFile().deleteOnExit();
      Path file = folder.resolve(name);
      file.toFile().deleteOnExit();
      return file.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Table table(int rows) {
    StringColumn name = StringColumn.create("layer");
    IntColumn number = IntColumn.create("number");
    DoubleColumn cycles = DoubleColumn.create("cycles");
    DateColumn day = DateColumn.create("day");
    for (int r = 0; r < rows; r++) {
      name.append("conv" + r);
      number.append(r);
      if (r % 3 == 1) {
        cycles.appendMissing();
        day.appendMissing();
      } else {
        cycles.append(r * 1000.5);
        day.append(LocalDate.of(2026, 1, 1).plusDays(r % 1000));
      }
    }
    cycles.setPrintFormatter(
        tech.tablesaw.columns.numbers.NumberColumnFormatter.fixedWithGrouping(1));
    return Table.create("measured", name, number, cycles, day);
  }

  private static boolean[][] checks(int rows, int columns) {
    boolean[][] mask = new boolean[rows][columns];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        mask[r][c] = (r * 7 + c * c) % 3 == 0;
      }
    }
    return mask;
  }
}
