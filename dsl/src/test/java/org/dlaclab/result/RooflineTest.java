package org.dlaclab.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.dlaclab.Dlac.*;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.dlaclab.grid.Grid;
import org.dlaclab.grid.Storage;
import org.dlaclab.network.Network;
import org.dlaclab.plot.LineChart;
import org.dlaclab.plot.LineChart.Line;
import org.dlaclab.plot.LineChart.Point;
import org.dlaclab.quant.Policy;
import org.dlaclab.testing.RandomCases;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tech.tablesaw.api.Table;

class RooflineTest {
  private static final Policy TWN =
      policy("twn", weights(ternary()), except(first(), fullPrecision()));

  private static final Network NETWORK =
      network(
          "net",
          ifm(3, 9, 9),
          conv("conv", filters(10), kernel(3), pad(1)),
          relu(),
          conv("strided", filters(12), kernel(3), stride(2)),
          relu(),
          flatten(),
          fc("fc", 5));

  static Stream<Grid> grids() {
    return LongStream.range(0, 40)
        .mapToObj(seed -> RandomCases.memory(RandomCases.grid(seed), seed, Storage.values()));
  }

  private static Run run(Grid grid) {
    return simulate(NETWORK, TWN, grid, synthetic(5, samples(2)), training());
  }

  private static List<Line> points(LineChart chart) {
    return chart.lines().stream().filter(l -> l.style() == LineChart.Style.MARKERS).toList();
  }

  private static List<Line> roofs(LineChart chart) {
    return chart.lines().stream().filter(l -> l.style() == LineChart.Style.LINE).toList();
  }

  /** The law of the model: no more than DRAM delivers, and no more than the PEs can take. */
  @ParameterizedTest
  @MethodSource("grids")
  void noPointLiesAboveTheRoofs(Grid grid) {
    double bytesPerCycle = grid.dram().value() / grid.clock().value();
    for (Line line : points(run(grid).roofline())) {
      assertThat(line.points()).isNotEmpty();
      for (Point point : line.points()) {
        assertThat(point.y())
            .as("%s of %s", line.name(), point.name())
            .isPositive()
            .isLessThanOrEqualTo(grid.peak() * (1 + 1e-9))
            .isLessThanOrEqualTo(point.x() * bytesPerCycle * (1 + 1e-9));
      }
    }
  }

  @Test
  void aPointIsWorkPerByteAndWorkPerCycle() {
    Grid grid = grid("g", pes(2, 2), dram(GBps(2)), ifmBuffer(KiB(1)));
    Run run = simulate(NETWORK, TWN, grid, seed(5), training());
    Table work = run.table();
    Table memory = run.memoryTable();
    for (int row = 0; row < work.rowCount() - 1; row++) {
      int r = row;
      Point point =
          points(run.roofline()).stream()
              .filter(line -> line.name().equals(work.stringColumn("pass").get(r)))
              .flatMap(line -> line.points().stream())
              .filter(p -> p.name().equals(work.stringColumn("layer").get(r)))
              .findFirst()
              .orElseThrow();
      double flop = 2 * number(work, "MACs", row);
      assertThat(point.x() * number(memory, "DRAM bytes", row)).isCloseTo(flop, within(1e-6));
      assertThat(point.y() * number(work, "cycles", row)).isCloseTo(flop, within(1e-6));
    }
  }

  private static double number(Table table, String column, int row) {
    return ((Number) table.column(column).get(row)).doubleValue();
  }

  @Test
  void roofsMeetWhereDramIsJustFastEnough() {
    // 8 PEs: 16 FLOP per cycle if dense, 64 with a window of 4; 2 bytes per cycle.
    Grid grid = grid("g", pes(2, 4), window(4), clock(MHz(500)), dram(GBps(1)));
    List<Line> roofs = roofs(run(grid).roofline());

    assertThat(roofs)
        .extracting(Line::name)
        .containsExactly("DRAM: 2.00 B/cycle", "dense peak: 16", "peak with skipping: 64");
    assertThat(end(roofs.get(0), 1)).isEqualTo(new Point(32, 64));
    assertThat(end(roofs.get(0), 0).y() / end(roofs.get(0), 0).x()).isEqualTo(2);
    assertThat(end(roofs.get(1), 0)).isEqualTo(new Point(8, 16));
    assertThat(end(roofs.get(2), 0)).isEqualTo(new Point(32, 64));
    assertThat(end(roofs.get(2), 1).y()).isEqualTo(64);
  }

  private static Point end(Line line, int index) {
    assertThat(line.points()).hasSize(2);
    return line.points().get(index);
  }

  @Test
  void withoutABandwidthOrSkippingThereIsOneFlatRoof() {
    List<Line> roofs = roofs(run(grid("g", pes(2, 4), skip(NONE))).roofline());

    assertThat(roofs).extracting(Line::name).containsExactly("dense peak: 16");
    assertThat(roofs.get(0).points()).extracting(Point::y).containsOnly(16.0);
  }

  @Test
  void aPassHasAPointForEachLayerThatHasIt() {
    List<Line> lines = points(run(grid("g", pes(2, 2))).roofline());

    assertThat(lines)
        .extracting(Line::name)
        .containsExactly("forward", "dgrad", "wgrad", "all layers");
    assertThat(lines.get(0).points())
        .extracting(Point::name)
        .containsExactly("conv", "strided", "fc");
    assertThat(lines.get(1).points()).extracting(Point::name).containsExactly("strided", "fc");
    assertThat(lines.get(3).points()).hasSize(1);
  }

  @Test
  void whoPointsAtAPointSeesItsLayer() throws Exception {
    LineChart chart = run(grid("g", pes(2, 2))).roofline();
    JsonNode trace = new ObjectMapper().readTree(chart.json()).at("/data/0");

    assertThat(IntStream.range(0, 3).mapToObj(i -> trace.at("/text/" + i).asText()))
        .containsExactly("conv", "strided", "fc");
    assertThat(trace.at("/hovertemplate").asText()).startsWith("%{text}");
    assertThat(chart.svg()).contains("strided, forward");
  }
}
