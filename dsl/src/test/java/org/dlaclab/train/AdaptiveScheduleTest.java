package org.dlaclab.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.dlaclab.Dlac.*;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.dlaclab.train.Schedule.Phase;
import org.dlaclab.train.Schedule.Probe;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Decisions on recorded histories and on networks whose error is a formula. */
class AdaptiveScheduleTest {
  private static final double BASE = 0.1;

  /** ReLUs of unlike scale. */
  private static final Map<String, Double> SCALES = Map.of("r1", 0.5, "r2", 4.0);

  private static AdaptiveSchedule schedule(int epochs, int preInit, double budget) {
    return new AdaptiveSchedule(
        recipe(epochs(epochs), preInit(preInit), learningRate(BASE), adaptive(budget)));
  }

  /** No one asks. */
  private static final Probe NONE =
      new Probe() {
        @Override
        public Map<String, Double> scales() {
          throw new AssertionError("asked for scales");
        }

        @Override
        public double error(Map<String, Double> thresholds) {
          throw new AssertionError("asked for an error");
        }
      };

  /** An error that grows with the multiple of the ReLUs' scale. */
  private record Growing(double error, double free, double slope) implements Probe {
    @Override
    public Map<String, Double> scales() {
      return SCALES;
    }

    @Override
    public double error(Map<String, Double> thresholds) {
      return error + slope * Math.max(0, multiple(thresholds) - free);
    }
  }

  private static double multiple(Map<String, Double> thresholds) {
    return SCALES.keySet().stream()
        .mapToDouble(relu -> thresholds.getOrDefault(relu, 0.0) / SCALES.get(relu))
        .max()
        .orElseThrow();
  }

  private static List<Epoch> full(double[] drifts, double... rates) {
    List<Epoch> history = new ArrayList<>();
    for (int i = 0; i < drifts.length; i++) {
      double rate = rates.length == 0 ? BASE : rates[i];
      history.add(Epochs.epoch(i + 1, Stage.FULL_PRECISION, 0.5, rate, drifts[i], Map.of()));
    }
    return history;
  }

  /** After an epoch at the highest rate. */
  private static List<Epoch> quantized(double rate, double... errors) {
    List<Epoch> history = new ArrayList<>();
    history.add(Epochs.epoch(1, Stage.QUANTIZED, 1, BASE, 0.1, Map.of()));
    for (double error : errors) {
      history.add(Epochs.epoch(history.size() + 1, Stage.QUANTIZED, error, rate, 0.1, Map.of()));
    }
    return history;
  }

  @Test
  void fullPrecisionGoesOnWhileSignsSettleAndEndsWhenTheyHave() {
    AdaptiveSchedule schedule = schedule(40, 20, 0.01);
    double[] drifts = {0.4, 0.3, 0.2, 0.12, 0.11};
    for (int n = 0; n < drifts.length; n++) {
      double[] seen = java.util.Arrays.copyOf(drifts, n);
      assertThat(schedule.next(full(seen), NONE).stage())
          .as("after %d epochs", n)
          .isEqualTo(Stage.FULL_PRECISION);
    }
    Phase switched = schedule.next(full(drifts), NONE);
    assertThat(switched.stage()).isEqualTo(Stage.QUANTIZED);
    assertThat(switched.thresholds()).isEmpty();
    assertThat(switched.note()).contains("settled");
  }

  @Test
  void aDriftThatFallsWithTheLearningRateHasSettled() {
    AdaptiveSchedule schedule = schedule(40, 20, 0.01);
    double[] drifts = {0.4, 0.2};
    assertThat(schedule.next(full(drifts, 0.1, 0.1), NONE).stage()).isEqualTo(Stage.FULL_PRECISION);
    assertThat(schedule.next(full(drifts, 0.1, 0.05), NONE).stage()).isEqualTo(Stage.QUANTIZED);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 5})
  void fullPrecisionEndsAfterPreInitAtTheLatest(int preInit) {
    AdaptiveSchedule schedule = schedule(20, preInit, 0.01);
    double[] drifts = {0.4, 0.2, 0.1, 0.05, 0.02};
    for (int n = 0; n <= preInit; n++) {
      Stage stage = schedule.next(full(java.util.Arrays.copyOf(drifts, n)), NONE).stage();
      assertThat(stage).isEqualTo(n < preInit ? Stage.FULL_PRECISION : Stage.QUANTIZED);
    }
  }

  @Test
  void thresholdsWaitUntilTheRateIsLowOrTheTrainingIsLate() {
    AdaptiveSchedule schedule = schedule(8, 0, 0.01);
    Probe probe = new Growing(0.1, 0, 1);
    double[] errors = {0.3, 0.2, 0.1, 0.1};
    assertThat(schedule.next(quantized(0.5 * BASE, errors), NONE).stage())
        .isEqualTo(Stage.QUANTIZED);
    assertThat(schedule.next(quantized(0.1 * BASE, errors), probe).stage())
        .isEqualTo(Stage.THRESHOLDS);
    double[] late = {0.3, 0.2, 0.1, 0.1, 0.1};
    assertThat(schedule.next(quantized(BASE, late), probe).stage()).isEqualTo(Stage.THRESHOLDS);
  }

  @Test
  void aRateThatWarmsUpIsNotTakenForOneThatHasCooled() {
    List<Epoch> history = new ArrayList<>();
    for (double rate : new double[] {0.02 * BASE, 0.05 * BASE, 0.1 * BASE}) {
      history.add(Epochs.epoch(history.size() + 1, Stage.QUANTIZED, 0.5, rate, 0.1, Map.of()));
      assertThat(schedule(20, 0, 0.01).next(history, NONE).stage()).isEqualTo(Stage.QUANTIZED);
    }
  }

  @Test
  void theHighestMultipleWithinTheBudgetIsTakenAndIsTheSameForAllRelus() {
    // Error is over by 0.02 at a multiple of 0.4 and by 0.03 at 0.5.
    Phase phase =
        schedule(8, 0, 0.025).next(quantized(0.01 * BASE, 0.1), new Growing(0.1, 0.2, 0.1));
    assertThat(phase.thresholds().get("r1")).isCloseTo(0.4 * 0.5, within(1e-12));
    assertThat(phase.thresholds().get("r2")).isCloseTo(0.4 * 4, within(1e-12));
  }

  @Test
  void theBudgetCountsFromTheLowestErrorOfLowPrecision() {
    AdaptiveSchedule schedule = schedule(8, 2, 0.02);
    List<Epoch> history = full(new double[] {0.4, 0.2});
    history.add(Epochs.epoch(3, Stage.QUANTIZED, 0.10, 0.001, 0.1, Map.of()));
    history.add(Epochs.epoch(4, Stage.QUANTIZED, 0.16, 0.001, 0.1, Map.of()));
    // Full precision was better still: it is not what is spent from.
    history.set(1, Epochs.epoch(2, Stage.FULL_PRECISION, 0.01, 0.1, 0.2, Map.of()));
    Growing probe = new Growing(0.10, 0, 0.1);
    Phase phase = schedule.next(history, probe);
    assertThat(multiple(phase.thresholds())).isCloseTo(0.2, within(1e-12));
  }

  @Test
  void aBudgetOfNothingTakesWhatCostsNothing() {
    List<Epoch> history = quantized(0.01 * BASE, 0.1);
    assertThat(multiple(schedule(8, 0, 0).next(history, new Growing(0.1, 0, 1)).thresholds()))
        .isZero();
    assertThat(multiple(schedule(8, 0, 0).next(history, new Growing(0.1, 0.3, 1)).thresholds()))
        .isCloseTo(0.3, within(1e-12));
  }

  @Test
  void aLargerBudgetNeverGivesLowerThresholds() {
    double before = -1;
    for (double budget : new double[] {0, 0.001, 0.01, 0.02, 0.05, 0.2, 1}) {
      double now =
          multiple(
              schedule(8, 0, budget)
                  .next(quantized(0.01 * BASE, 0.1), new Growing(0.1, 0.01, 0.15))
                  .thresholds());
      assertThat(now).isGreaterThanOrEqualTo(before);
      before = now;
    }
    assertThat(before).isCloseTo(1, within(1e-12)); // the top of the ladder
  }

  static LongStream seeds() {
    return LongStream.range(0, 50);
  }

  /** A training whose errors are noise about a falling line that thresholds raise. */
  private static List<Epoch> training(AdaptiveSchedule schedule, long seed, List<Epoch> kept) {
    Random random = new Random(seed);
    double slope = 0.3 * random.nextDouble();
    List<Epoch> history = new ArrayList<>();
    Epoch best = null;
    int epochs = schedule.recipe().epochs();
    for (int e = 0; e < epochs; e++) {
      double clean = 0.1 + 0.3 / (e + 1);
      Phase phase =
          schedule.next(List.copyOf(history), new Growing(clean, 0, slope * random.nextDouble()));
      double error =
          clean + slope * multiple(phase.thresholds()) / 2 + 0.02 * random.nextGaussian();
      double rate = BASE * (1 - (double) e / epochs);
      history.add(
          Epochs.epoch(
              e + 1,
              phase.stage(),
              error,
              rate,
              0.5 * Math.exp(-e) + 0.1 * random.nextDouble(),
              phase.thresholds()));
      Epoch last = history.get(e);
      if (best == null || schedule.isBetter(last, best, List.copyOf(history))) {
        best = last;
      }
    }
    kept.add(best);
    return history;
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void stagesAndThresholdsOnlyRiseAndTheSameHistoryDecidesTheSame(long seed) {
    AdaptiveSchedule schedule = schedule(20, 8, 0.02);
    List<Epoch> history = training(schedule, seed, new ArrayList<>());
    for (int i = 1; i < history.size(); i++) {
      Epoch before = history.get(i - 1);
      Epoch now = history.get(i);
      assertThat(now.stage()).isGreaterThanOrEqualTo(before.stage());
      for (String relu : SCALES.keySet()) {
        assertThat(now.thresholds().getOrDefault(relu, 0.0))
            .isGreaterThanOrEqualTo(before.thresholds().getOrDefault(relu, 0.0));
      }
    }
    assertThat(history.get(19).stage()).isEqualTo(Stage.THRESHOLDS);
    assertThat(training(schedule, seed, new ArrayList<>())).isEqualTo(history);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void whatIsKeptIsWithinTheBudgetOfTheLowestError(long seed) {
    double budget = 0.02;
    List<Epoch> kept = new ArrayList<>();
    List<Epoch> history = training(schedule(20, 8, budget), seed, kept);
    double lowest =
        history.stream()
            .filter(epoch -> epoch.stage() != Stage.FULL_PRECISION)
            .mapToDouble(Epoch::error)
            .min()
            .orElseThrow();
    Epoch best = kept.get(0);
    assertThat(best.error()).isLessThanOrEqualTo(lowest + budget);
    // No other epoch within the budget has higher thresholds.
    assertThat(history)
        .filteredOn(epoch -> epoch.highestThreshold() > best.highestThreshold())
        .allSatisfy(epoch -> assertThat(epoch.error()).isGreaterThan(lowest + budget));
  }
}
