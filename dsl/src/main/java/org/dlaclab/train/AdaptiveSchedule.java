package org.dlaclab.train;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A schedule that decides by what it sees, within the same number of epochs.
 *
 * <p><b>When full precision has done enough.</b> Pre-initialization serves to find which weights
 * are negative, zero and positive. So the signal is the <em>drift</em>: the share of weights whose
 * quantized sign differs from that of the epoch before, divided by the learning rate. It falls
 * while training settles on signs, and then stays at what the learning rate shakes. When it has not
 * fallen by a fifth from one epoch to the next, more full precision mostly trades one set of signs
 * for another, and the policy's precision begins. You et al. (arXiv:1909.11957, section 3) stop
 * dense training by the like distance of pruning masks; that a share of the budget fixed in advance
 * is not best is shown by Dremov et al. (arXiv:2509.22935).
 *
 * <p><b>When thresholds are raised.</b> When the learning rate has come down to a tenth of its
 * highest, or three quarters of the epochs are over: before, training would undo what they do.
 *
 * <p><b>How far.</b> Each ReLU's threshold is the same multiple of the root mean square of its OFM,
 * so that one number fits layers of all scales. Before each epoch the highest multiple of a ladder
 * is taken that keeps the error on the held-out images within the budget over the lowest that the
 * policy's precision has reached so far; training then recovers some of it, and the next epoch may
 * go on. What is kept is the epoch with the highest thresholds whose error is within the budget
 * after all, or the best one before thresholds were raised.
 *
 * @param recipe with a budget
 */
record AdaptiveSchedule(Recipe recipe) implements Schedule {
  /** A drift that falls by less than this share has settled. */
  static final double SETTLED = 0.2;

  /** Share of the highest learning rate at which thresholds may rise. */
  static final double CALM = 0.1;

  /** Share of all epochs after which they rise in any case. */
  static final double LATEST = 0.75;

  /** Multiples of a ReLU's root mean square. */
  static final List<Double> LADDER =
      List.of(0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0);

  private double budget() {
    return recipe.adaptive().orElseThrow();
  }

  @Override
  public Phase next(List<Epoch> history, Probe probe) {
    if (history.isEmpty()) {
      return new Phase(
          recipe.preInit() == 0 ? Stage.QUANTIZED : Stage.FULL_PRECISION, Map.of(), "");
    }
    Epoch last = history.get(history.size() - 1);
    if (last.stage() == Stage.FULL_PRECISION) {
      return fullPrecisionOrNot(history, last);
    }
    double quiet = CALM * recipe.learningRate().base() * (1 + 1e-9);
    // A rate that still warms up is low, too.
    boolean rising =
        history.size() < 2 || last.learningRate() > history.get(history.size() - 2).learningRate();
    boolean calm =
        (last.learningRate() <= quiet && !rising)
            || history.size() >= Math.round(LATEST * recipe.epochs());
    if (last.stage() == Stage.QUANTIZED && !calm) {
      return new Phase(Stage.QUANTIZED, Map.of(), "");
    }
    return raised(history, probe);
  }

  private Phase fullPrecisionOrNot(List<Epoch> history, Epoch last) {
    if (history.size() >= recipe.preInit()) {
      return new Phase(
          Stage.QUANTIZED, Map.of(), "switched: the most epochs in full precision are over");
    }
    if (history.size() >= 2) {
      double before = perRate(history.get(history.size() - 2));
      if (perRate(last) > (1 - SETTLED) * before) {
        return new Phase(
            Stage.QUANTIZED,
            Map.of(),
            String.format(
                Locale.ROOT,
                "switched: signs have settled (drift per learning rate %.3g after %.3g)",
                perRate(last),
                before));
      }
    }
    return new Phase(Stage.FULL_PRECISION, Map.of(), "");
  }

  private static double perRate(Epoch epoch) {
    return epoch.drift() / epoch.learningRate();
  }

  /** The highest rung that the held-out images allow, not below the one reached. */
  private Phase raised(List<Epoch> history, Probe probe) {
    Map<String, Double> scales = probe.scales();
    double allowed = allowed(history);
    Map<String, Double> reached = history.get(history.size() - 1).thresholds();
    int low = 0;
    int high = LADDER.size() - 1;
    // Error grows with thresholds, but for noise: half the ladder each time.
    while (low < high) {
      int middle = (low + high + 1) / 2;
      if (probe.error(thresholds(LADDER.get(middle), scales, reached)) <= allowed) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    Map<String, Double> thresholds = thresholds(LADDER.get(low), scales, reached);
    return new Phase(
        Stage.THRESHOLDS,
        thresholds,
        String.format(
            Locale.ROOT,
            "thresholds: %s of each ReLU's root mean square, up to %.3f",
            LADDER.get(low),
            thresholds.values().stream().mapToDouble(t -> t).max().orElse(0)));
  }

  /** Never lower than what was reached. */
  private static Map<String, Double> thresholds(
      double multiple, Map<String, Double> scales, Map<String, Double> reached) {
    Map<String, Double> thresholds = new LinkedHashMap<>();
    scales.forEach(
        (relu, scale) ->
            thresholds.put(relu, Math.max(multiple * scale, reached.getOrDefault(relu, 0.0))));
    return thresholds;
  }

  /**
   * The highest error that the budget allows. It counts from the lowest one seen, with or without
   * thresholds: single epochs are noisy while the learning rate is high, and what training at a low
   * rate still gains is not for thresholds to spend.
   */
  private double allowed(List<Epoch> history) {
    return budget()
        + history.stream()
            .filter(epoch -> epoch.stage() != Stage.FULL_PRECISION)
            .mapToDouble(Epoch::error)
            .min()
            .orElseThrow();
  }

  @Override
  public boolean isBetter(Epoch last, Epoch best, List<Epoch> history) {
    if (last.stage() != Stage.THRESHOLDS) {
      return last.stage() != best.stage() || last.error() < best.error();
    }
    if (last.error() > allowed(history)) {
      return false;
    }
    double step = last.highestThreshold() - best.highestThreshold();
    return step > 0 || (step == 0 && last.error() < best.error());
  }
}
