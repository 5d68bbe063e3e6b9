package org.dlaclab.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.dlaclab.Dlac.*;
import static org.dlaclab.error.Refusals.assertRefused;

import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.dlaclab.grid.Grid;
import org.dlaclab.grid.Storage;
import org.dlaclab.network.Network;
import org.dlaclab.plot.BarChart;
import org.dlaclab.plot.Film;
import org.dlaclab.plot.Series;
import org.dlaclab.quant.Policy;
import org.dlaclab.testing.RandomCases;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Films of layers. What single cycles hold is the matter of {@code RerunTest}, which has the
 * reference machine for it; here the frames are held against the run that they are of.
 */
class ReplayTest {
  private static final Policy TWN = policy("twn", weights(ternary()));

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
    return LongStream.range(0, 30)
        .mapToObj(seed -> RandomCases.memory(RandomCases.grid(seed), seed, Storage.values()));
  }

  private static Run run(Grid grid, int samples) {
    return simulate(NETWORK, TWN, grid, synthetic(5, samples(samples)), training());
  }

  /** The films' states are the breakdown's parts, and all cycles are in one frame each. */
  @ParameterizedTest
  @MethodSource("grids")
  void framesAddUpToTheBreakdown(Grid grid) {
    Run run = run(grid, 1);
    for (String layer : run.layers()) {
      Film film = run.replay(layer);
      BarChart breakdown = run.breakdown();
      assertThat(film.states()).isEqualTo(breakdown.series().stream().map(Series::name).toList());
      for (int state = 0; state < film.states().size(); state++) {
        double part = breakdown.series().get(state).values().get(run.layers().indexOf(layer));
        assertThat(spent(film, state))
            .as("%s of %s", film.states().get(state), layer)
            .isCloseTo(part, within(1e-9 * run.layer(layer).get(0).cycles()));
      }
      assertThat(film.frames().get(0).from()).isZero();
      assertThat(last(film).end()).isEqualTo(run.layer(layer).get(0).cycles());
    }
  }

  /** Mean over PEs, of all frames. */
  private static double spent(Film film, int state) {
    double all = 0;
    for (Film.Frame frame : film.frames()) {
      all += frame.spent().get(state).stream().mapToInt(Integer::intValue).sum();
    }
    return all / (film.rows() * film.columns());
  }

  private static Film.Frame last(Film film) {
    return film.frames().get(film.frames().size() - 1);
  }

  /** Frames of one cycle, added up, are the frames of many. */
  @ParameterizedTest
  @MethodSource("grids")
  void longFramesAreTheSumOfTheirCycles(Grid grid) {
    Run run = run(grid, 1);
    Film film = run.replay("strided");
    Film.Frame several = film.frames().get(film.frames().size() / 2);
    Film cycles = run.replay("strided", several.from(), several.end());
    for (int state = 0; state < film.states().size(); state++) {
      for (int pe = 0; pe < grid.pes().count(); pe++) {
        int s = state;
        int p = pe;
        assertThat(cycles.frames().stream().mapToInt(f -> f.spent().get(s).get(p)).sum())
            .isEqualTo(several.spent().get(state).get(pe));
      }
    }
  }

  @Test
  void aFrameIsACycleWhereThereAreFewAndSeveralWhereThereAreMany() {
    Run run = run(grid("g", pes(2, 2)), 1);
    long all = run.layer("conv").get(0).cycles();

    assertThat(all).isGreaterThan(240);
    assertThat(run.replay("conv").frames()).hasSizeBetween(120, 240);
    assertThat(run.replay("conv", 10, 110).frames())
        .hasSize(100)
        .allMatch(frame -> frame.length() == 1);
    Run many = run(grid("g", pes(32, 32)), 1);
    assertThat(many.replay("conv").frames()).hasSizeLessThanOrEqualTo(64);
  }

  @Test
  void captionsSayWhichPassAndWhichTiles() {
    Run run = run(grid("g", pes(2, 2), tile(2, 4)), 1);
    List<String> captions =
        run.replay("strided").frames().stream().map(Film.Frame::caption).distinct().toList();

    // 12 filters in 3 passes of 4, 16 pixels in 2 passes of 8.
    assertThat(captions).first().isEqualTo("forward, tiles 1 of 6");
    assertThat(captions)
        .anyMatch(c -> c.startsWith("dgrad, part 4 of 4, tiles "))
        .anyMatch(c -> c.startsWith("wgrad, tiles "));
    assertThat(run.of(WGRAD).replay("strided").frames())
        .allMatch(frame -> frame.caption().startsWith("wgrad, tiles "));
    // A film that begins later knows what goes on.
    assertThat(run.replay("strided", 3, 5).frames().get(0).caption())
        .isEqualTo("forward, tiles 1 of 6");
  }

  @Test
  void ofSeveralSamplesTheFirstIsShown() {
    Grid grid = grid("g", pes(2, 2));
    assertThat(run(grid, 3).replay("fc").frames()).isEqualTo(run(grid, 1).replay("fc").frames());
    assertThat(run(grid, 3).replay("fc").title()).isEqualTo("Each PE in fc, first sample");
  }

  @Test
  void whatCannotBeShownIsAClearError() {
    Run run = run(grid("g", pes(2, 2)), 1);
    long all = run.layer("fc").get(0).cycles();
    assertRefused(() -> run.replay("fc", 5, 5), "cycles 5 to 5", "\"fc\"", "0 <= from < to");
    assertRefused(() -> run.replay("fc", 0, all + 1), "<= " + all);
    assertRefused(() -> run.replay("fd"), "did you mean \"fc\"");
    Run wide = run(grid("wide", pes(128, 128)), 1);
    assertRefused(() -> wide.replay("fc"), "\"wide\" has 16384 PEs", "at most 4096");
  }
}
