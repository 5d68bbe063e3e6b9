package org.dlaclab.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.IntStream;
import org.dlaclab.error.DlacException;
import org.junit.jupiter.api.Test;

/** Rules on recorded histories of the training error. */
class LearningRateTest {
  private static final LearningRate PLATEAU = new LearningRate.Plateau(0.1, 2, 0.5, 0.2, 0);

  @Test
  void aFallingErrorKeepsTheRate() {
    assertThat(PLATEAU.share(0.5, List.of(0.5, 0.4, 0.3, 0.29, 0.28))).isEqualTo(1);
  }

  @Test
  void anErrorThatHasNotGoneDownForAsManyWindowsAsThePatienceLowersIt() {
    assertThat(PLATEAU.share(0.5, List.of(0.5, 0.5))).isEqualTo(1);
    assertThat(PLATEAU.share(0.5, List.of(0.5, 0.5, 0.6))).isEqualTo(0.5);
    assertThat(PLATEAU.share(0.5, List.of(0.5, 0.5, 0.6, 0.4, 0.5))).isEqualTo(0.5);
    assertThat(PLATEAU.share(0.5, List.of(0.5, 0.5, 0.6, 0.7, 0.8))).isEqualTo(0.25);
  }

  @Test
  void theRateStopsAtItsFloor() {
    assertThat(PLATEAU.share(0.5, IntStream.range(0, 50).mapToObj(i -> 0.5).toList()))
        .isEqualTo(0.2);
  }

  @Test
  void aLongerHistoryNeverRaisesTheRate() {
    List<Double> errors = List.of(0.5, 0.6, 0.4, 0.4, 0.5, 0.3, 0.35, 0.31, 0.4, 0.2, 0.2, 0.2);
    for (int n = 1; n < errors.size(); n++) {
      assertThat(PLATEAU.share(0.5, errors.subList(0, n + 1)))
          .isLessThanOrEqualTo(PLATEAU.share(0.5, errors.subList(0, n)));
    }
  }

  @Test
  void everyRuleRisesFirstAndNeverExceedsItsBase() {
    for (LearningRate rule :
        List.of(
            new LearningRate.Constant(0.1),
            new LearningRate.Cosine(0.1),
            new LearningRate.Steps(0.1, List.of(0.5, 0.75)),
            PLATEAU)) {
      assertThat(rule.at(0, 10_000, List.of())).isCloseTo(0.1 / 200, within(1e-9));
      for (long step = 0; step < 10_000; step += 37) {
        assertThat(rule.at(step, 10_000, List.of())).isBetween(0.0, 0.1);
      }
    }
  }

  @Test
  void aCosineFallsToNothingAndStepsToTenths() {
    assertThat(new LearningRate.Cosine(0.1).at(9_999, 10_000, List.of()))
        .isCloseTo(0, within(1e-6));
    assertThat(new LearningRate.Cosine(0.1).at(5_000, 10_000, List.of()))
        .isCloseTo(0.05, within(1e-9));
    assertThat(new LearningRate.Steps(0.1, List.of(0.5, 0.75)).at(8_000, 10_000, List.of()))
        .isCloseTo(0.001, within(1e-9));
  }

  @Test
  void aWrongValueIsNamed() {
    assertThatThrownBy(() -> new LearningRate.Plateau(0.1, 2, 1.5, 0.2, 0))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("1.5");
    assertThatThrownBy(() -> new LearningRate.Cosine(-1))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("-1");
  }
}
