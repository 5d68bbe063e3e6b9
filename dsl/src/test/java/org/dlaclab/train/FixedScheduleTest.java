package org.dlaclab.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.dlaclab.Dlac.*;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.dlaclab.error.DlacException;
import org.dlaclab.network.Network;
import org.dlaclab.train.Schedule.Phase;
import org.junit.jupiter.api.Test;

class FixedScheduleTest {
  private static final Network NETWORK =
      network("two", ifm(4), fc("a", 3), relu(), fc("b", 3), relu(), fc("c", 2));

  /** The phases of all epochs; the schedule asks nothing of the training. */
  private static List<Phase> phases(TrainOption... options) {
    Recipe recipe = recipe(options);
    FixedSchedule schedule = new FixedSchedule(NETWORK, recipe);
    List<Phase> phases = new ArrayList<>();
    List<Epoch> history = new ArrayList<>();
    for (int e = 0; e < recipe.epochs(); e++) {
      Phase phase = schedule.next(List.copyOf(history), null);
      phases.add(phase);
      history.add(Epochs.epoch(e + 1, phase.stage(), 0.5, 0.1, 0, phase.thresholds()));
    }
    return phases;
  }

  @Test
  void fifteenOfNinetyEpochsAreFullPrecisionAsInThePaper() {
    List<Phase> phases = phases(epochs(90), preInit(15));
    assertThat(phases.subList(0, 15))
        .allSatisfy(phase -> assertThat(phase.stage()).isEqualTo(Stage.FULL_PRECISION));
    assertThat(phases.subList(15, 90))
        .allSatisfy(phase -> assertThat(phase.stage()).isEqualTo(Stage.QUANTIZED));
  }

  @Test
  void ofThresholdsWhoseTimeHasComeTheLastOneThatMeansAReluWins() {
    List<Phase> phases =
        phases(
            epochs(10),
            new TrainOption.ReluThreshold("*", 0.01, 0.5),
            new TrainOption.ReluThreshold("b.*", 0.1, 0.8));
    for (int e = 0; e < 10; e++) {
      Map<String, Double> expected =
          e < 5
              ? Map.of()
              : e < 8
                  ? Map.of("a.relu", 0.01, "b.relu", 0.01)
                  : Map.of("a.relu", 0.01, "b.relu", 0.1);
      assertThat(phases.get(e).thresholds()).isEqualTo(expected);
      assertThat(phases.get(e).stage()).isEqualTo(e < 5 ? Stage.QUANTIZED : Stage.THRESHOLDS);
    }
  }

  @Test
  void thresholdsDoNotRiseInFullPrecision() {
    assertThat(phases(epochs(4), preInit(2), new TrainOption.ReluThreshold("*", 0.01, 0)))
        .extracting(Phase::stage)
        .containsExactly(
            Stage.FULL_PRECISION, Stage.FULL_PRECISION, Stage.THRESHOLDS, Stage.THRESHOLDS);
  }

  @Test
  void theLowestErrorUnderTheLastThresholdsIsKept() {
    FixedSchedule schedule = new FixedSchedule(NETWORK, recipe(epochs(5)));
    Epoch full = Epochs.epoch(1, Stage.FULL_PRECISION, 0.1, 0.1, 0, Map.of());
    Epoch low = Epochs.epoch(2, Stage.QUANTIZED, 0.3, 0.1, 0, Map.of());
    Epoch raised = Epochs.epoch(3, Stage.THRESHOLDS, 0.5, 0.1, 0, Map.of("a.relu", 0.1));
    Epoch better = Epochs.epoch(4, Stage.THRESHOLDS, 0.4, 0.1, 0, Map.of("a.relu", 0.1));
    Epoch higher = Epochs.epoch(5, Stage.THRESHOLDS, 0.6, 0.1, 0, Map.of("a.relu", 0.2));
    assertThat(schedule.isBetter(low, full, List.of(full, low))).isTrue();
    assertThat(schedule.isBetter(raised, low, List.of(full, low, raised))).isTrue();
    assertThat(schedule.isBetter(better, raised, List.of(full, low, raised, better))).isTrue();
    assertThat(schedule.isBetter(raised, better, List.of(full, low, better, raised))).isFalse();
    assertThat(schedule.isBetter(higher, better, List.of(full, better, higher))).isTrue();
  }

  @Test
  void aThresholdForNoReluIsRefusedAndNamesThem() {
    assertThatThrownBy(() -> phases(epochs(2), new TrainOption.ReluThreshold("c*", 0.1, 0.5)))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("c*")
        .hasMessageContaining("a.relu, b.relu");
  }
}
