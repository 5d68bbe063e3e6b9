package org.dlaclab.plot;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Random charts for the tests, the same for the same seed. */
final class RandomCharts {
  private RandomCharts() {}

  static BarChart of(long seed, int categories, int series, boolean stacked) {
    Random random = new Random(seed);
    double scale = Math.pow(10, random.nextInt(12) - 2);
    boolean intervals = !stacked && random.nextBoolean();
    List<Series> all = new ArrayList<>();
    for (int s = 0; s < series; s++) {
      List<Double> values = new ArrayList<>();
      List<Double> low = new ArrayList<>();
      List<Double> high = new ArrayList<>();
      for (int c = 0; c < categories; c++) {
        double value = random.nextInt(10) == 0 ? 0 : scale * random.nextDouble();
        values.add(value);
        low.add(value * random.nextDouble());
        high.add(value * (1 + random.nextDouble()));
      }
      all.add(new Series("series " + s, values, intervals ? low : null, intervals ? high : null));
    }
    List<String> names =
        IntStream.range(0, categories).mapToObj(c -> "conv" + c / 10 + "_" + c % 10).toList();
    BarChart chart =
        new BarChart("Speedup <per> layer", "of & \"all\"", "speedup", names, all, stacked);
    return random.nextBoolean() ? chart.withReference(scale * random.nextDouble()) : chart;
  }
}
