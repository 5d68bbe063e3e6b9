package org.dlaclab.train;

import java.util.Map;

/** Epochs with what schedules look at. */
final class Epochs {
  private Epochs() {}

  static Epoch epoch(
      int number,
      Stage stage,
      double error,
      double rate,
      double drift,
      Map<String, Double> thresholds) {
    return new Epoch(
        number, stage, 0, 0, error, rate, Map.of(), Map.of(), thresholds, drift, 1, 1, "");
  }
}
