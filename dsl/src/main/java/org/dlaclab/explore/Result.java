package org.dlaclab.explore;

import java.io.Serializable;
import java.util.Map;

/** What came of a simulation: figures, or why there are none. */
public record Result(Map<Metric, Double> figures, String failure) implements Serializable {
  static Result of(Map<Metric, Double> figures) {
    return new Result(Map.copyOf(figures), "");
  }

  static Result failed(Throwable why) {
    return new Result(
        Map.of(), why instanceof IllegalArgumentException ? message(why) : why.toString());
  }

  private static String message(Throwable why) {
    return String.valueOf(why.getMessage());
  }
}
