package org.dlaclab.explore;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.dlaclab.error.DlacException;

/**
 * One combination of a sweep, and what came of it.
 *
 * @param number its place among all combinations, from 1 on, where the last axis varies fastest; in
 *     a search its place among those looked at
 * @param levels a value per axis, in the order of the axes
 * @param setting what is simulated; empty if the values do not fit each other
 * @param figures of the simulation; empty if it failed, or has not been done yet
 * @param failure why there are no figures; empty if nothing went wrong
 */
public record Point(
    long number,
    List<Level> levels,
    Optional<Setting> setting,
    Map<Metric, Double> figures,
    String failure) {
  public Point {
    levels = List.copyOf(levels);
    figures = Map.copyOf(figures);
  }

  /** Not simulated yet. */
  static Point of(long number, List<Level> levels, Setting setting) {
    return new Point(number, levels, Optional.of(setting), Map.of(), "");
  }

  /** Of values that do not fit each other. */
  static Point refused(long number, List<Level> levels, String why) {
    return new Point(number, levels, Optional.empty(), Map.of(), why);
  }

  Point with(Result result) {
    return new Point(number, levels, setting, result.figures(), result.failure());
  }

  /** Whether it was simulated. */
  public boolean succeeded() {
    return !figures.isEmpty();
  }

  /** A figure; NaN if there is none. */
  public double figure(Metric metric) {
    return figures.getOrDefault(metric, Double.NaN);
  }

  /**
   * Network, policy, grid and tensors, to simulate the point again layer by layer: {@code
   * sweep.best(CYCLES).settings().simulate()}.
   *
   * @throws DlacException if the values do not fit each other
   */
  public Setting settings() {
    return setting.orElseThrow(
        () ->
            new DlacException(
                "point " + number + " is no machine: " + failure,
                "values that fit each other",
                "take another point"));
  }

  /** For example {@code pes 8x16, window 4}. */
  static String text(List<Axis> axes, List<Level> levels) {
    return IntStream.range(0, axes.size())
        .mapToObj(i -> axes.get(i).name() + " " + levels.get(i).text())
        .collect(Collectors.joining(", "));
  }

  @Override
  public boolean equals(Object other) {
    // A setting may hold tensors of a kind that has no equality: levels say what it is.
    return other instanceof Point point
        && number == point.number
        && texts().equals(point.texts())
        && figures.equals(point.figures)
        && failure.equals(point.failure);
  }

  @Override
  public int hashCode() {
    return Objects.hash(number, texts(), figures, failure);
  }

  private List<String> texts() {
    return levels.stream().map(Level::text).toList();
  }

  /** Its values, and its figures or its failure. */
  @Override
  public String toString() {
    return "point "
        + number
        + ": "
        + String.join(", ", texts())
        + (failure.isEmpty()
            ? figures.entrySet().stream()
                .filter(e -> !Double.isNaN(e.getValue()))
                .sorted(Map.Entry.comparingByKey())
                .map(e -> "\n  " + e.getKey().text(e.getValue()))
                .collect(Collectors.joining())
            : "\n  " + failure);
  }
}
