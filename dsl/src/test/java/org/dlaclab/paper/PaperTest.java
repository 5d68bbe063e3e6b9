package org.dlaclab.paper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.dlaclab.Dlac.*;
import static org.dlaclab.error.Refusals.assertRefused;

import java.util.Map;
import java.util.stream.Collectors;
import org.dlaclab.grid.Precision;
import org.dlaclab.paper.Reproduction.Figure;
import org.dlaclab.quant.Policy;
import org.dlaclab.result.Run;
import org.junit.jupiter.api.Test;

class PaperTest {
  private static final Paper PAPER = Paper.icassp2017();
  private static final Policy TWN = policy("twn", weights(ternary()));

  /** Process, clock and both precisions are the paper's; the peak is the one thing fitted. */
  @Test
  void theGridIsThePapersAsFarAsItSays() {
    assertThat(PAPER.single().clock()).isEqualTo(MHz(500));
    assertThat(PAPER.single().technology().node()).isEqualTo(NM_14);
    assertThat(PAPER.single().precision()).isEqualTo(Precision.FP32);
    assertThat(PAPER.half().precision()).isEqualTo(Precision.FP16);
    assertThat((double) PAPER.single().peak()).isCloseTo(5000, within(150.0));
    assertThat(PAPER.half().with(precision(FP32)).named(PAPER.single().name()))
        .isEqualTo(PAPER.single());
  }

  @Test
  void everyFigureSaysWhatItIsWorth() {
    Run run = simulate(zoo("lenet5"), TWN, PAPER.single(), seed(1), training());
    Map<String, Figure> figures =
        PAPER.against(run).figures().stream()
            .collect(Collectors.toMap(Figure::name, figure -> figure));
    assertThat(figures.values())
        .filteredOn(figure -> figure.standing() == Standing.FITTED)
        .extracting(Figure::name)
        .as("what PEs x window was chosen for, and what only rescales it")
        .containsExactlyInAnyOrder("peak, FLOP/cycle", "peak, TFLOP/s");
    assertThat(figures.values())
        .filteredOn(figure -> figure.standing() == Standing.TENSORS)
        .extracting(Figure::name)
        .containsExactlyInAnyOrder("effectual operations forward", "effectual operations backward");
    assertThat(figures.get("average, FLOP/cycle").ours())
        .isCloseTo(run.totals().get(0).effectiveFlopPerCycle(), within(1e-9));
    assertThat(figures.get("area in half precision, mm2").ours())
        .isEqualTo(PAPER.half().area().total().value())
        .isLessThan(figures.get("area in single precision, mm2").ours());
  }

  @Test
  void aDifferenceIsOfThePapersValueAndABoundHasNone() {
    Figure figure = new Figure("f", "2", 2, 3, Standing.PREDICTED, "");
    assertThat(figure.difference()).isEqualTo(0.5);
    assertThat(new Figure("f", "> 1", Double.NaN, 3, Standing.PREDICTED, "").difference()).isNaN();
  }

  @Test
  void aRunOnAnotherGridIsNoReproduction() {
    Run other = simulate(zoo("lenet5"), TWN, PAPER.single().with(window(6)), seed(1));
    assertRefused(() -> PAPER.against(other), "Venkatesh", "single");
  }
}
