package org.dlaclab.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.dlaclab.error.DlacException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TextBarsTest {
  static LongStream seeds() {
    return LongStream.range(0, 60);
  }

  @Test
  void aChartReadsInATerminal() {
    BarChart chart =
        new BarChart(
                "Speedup per layer",
                "LeNet-5",
                "speedup",
                List.of("conv1", "fc"),
                List.of(
                    new Series("both", List.of(4.0, 0.5), List.of(3.9, 0.5), List.of(4.0, 0.6))),
                false)
            .withReference(1);
    assertThat(chart.text(60))
        .isEqualTo(
            """
            Speedup per layer
            LeNet-5
            speedup:  ┊ 1
            conv1 █████████████████████████████████ 4.00 [3.90, 4.00]
            fc    ████▏   ┊                         0.500 [0.500, 0.600]""");
  }

  /** The eighths of a cell that a bar of the first fill covers. */
  private static int eighths(String bar) {
    return bar.chars().map(c -> " ▏▎▍▌▋▊▉█".indexOf(c)).map(i -> Math.max(0, i)).sum();
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void barsAreAsLongAsTheirValuesToAnEighthOfACell(long seed) {
    Random random = new Random(seed);
    int width = 10 + random.nextInt(100);
    double fraction = random.nextDouble();
    String bar = TextBars.bar(fraction, width, '█');
    assertThat(bar).hasSize(width);
    assertThat(eighths(bar) / 8.0).isCloseTo(fraction * width, within(1 / 16.0 + 1e-9));
    String coarse = TextBars.bar(fraction, width, '▒');
    assertThat(coarse).hasSize(width);
    assertThat((double) coarse.chars().filter(c -> c == '▒').count())
        .isCloseTo(fraction * width, within(0.5 + 1e-9));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void everyCategoryHasALineWithItsValueAndNoLineIsTooLong(long seed) {
    Random random = new Random(seed);
    boolean stacked = random.nextBoolean();
    BarChart chart = RandomCharts.of(seed, 1 + random.nextInt(60), 1 + random.nextInt(5), stacked);
    List<String> lines = chart.toString().lines().toList();
    assertThat(lines).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(100));
    for (int c = 0; c < chart.categories().size(); c++) {
      String category = chart.categories().get(c);
      String line =
          lines.stream().filter(l -> l.startsWith(category + " ")).findFirst().orElseThrow();
      double value = stacked ? chart.total(c) : chart.series().get(0).values().get(c);
      assertThat(line).contains(" " + Numbers.label(value));
    }
    if (stacked || chart.series().size() > 1) {
      chart.series().forEach(s -> assertThat(chart.toString()).contains(" " + s.name()));
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void theWholeOfAStackIsAsLongAsItsTotal(long seed) {
    BarChart chart = RandomCharts.of(seed, 12, 5, true);
    List<String> lines = chart.toString().lines().toList();
    List<String> bars = lines.subList(lines.size() - 12, lines.size());
    int label = chart.categories().stream().mapToInt(String::length).max().orElseThrow();
    int value =
        java.util.stream.IntStream.range(0, 12)
            .map(c -> Numbers.label(chart.total(c)).length())
            .max()
            .orElseThrow();
    int width = 100 - label - value - 2;
    for (int c = 0; c < 12; c++) {
      String bar = bars.get(c).substring(label + 1);
      long cells = bar.chars().filter(ch -> "█▒▚░▓".indexOf(ch) >= 0).count();
      assertThat((double) cells)
          .isCloseTo(chart.total(c) / chart.top() * width, within(0.5 + 1e-9));
    }
  }

  @Test
  void longNamesKeepBothEnds() {
    assertThat(TextBars.shorten("inception_3a/branch_3x3_reduce/convolution", 20))
        .hasSize(20)
        .isEqualTo("inception…onvolution");
    assertThat(TextBars.shorten("conv1", 20)).isEqualTo("conv1");
  }

  @Test
  void aTerminalTooNarrowIsRefused() {
    assertThatThrownBy(() -> RandomCharts.of(1, 3, 1, false).text(20))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("columns is 20");
  }
}
