package org.dlaclab.train;

import java.util.List;
import java.util.Map;

/** When a training changes its stage, and which thresholds its ReLUs have. */
sealed interface Schedule permits FixedSchedule, AdaptiveSchedule {

  /** The stage of an epoch, and the thresholds of its ReLUs. */
  record Phase(Stage stage, Map<String, Double> thresholds, String note) {}

  /** What a schedule may ask of the training. */
  interface Probe {
    /** Root mean square of each ReLU's OFM on the held-out images, by name, thresholds at 0. */
    Map<String, Double> scales();

    /** Error on the held-out images with these thresholds, with the weights as they are. */
    double error(Map<String, Double> thresholds);
  }

  /**
   * The phase of the epoch after {@code history}.
   *
   * @param history of all epochs so far; empty for the first
   */
  Phase next(List<Epoch> history, Probe probe);

  /**
   * Whether the result of the last epoch of {@code history} is to be kept in place of the best one
   * so far.
   *
   * @param best epoch whose result is kept; one of {@code history}
   */
  boolean isBetter(Epoch last, Epoch best, List<Epoch> history);
}
