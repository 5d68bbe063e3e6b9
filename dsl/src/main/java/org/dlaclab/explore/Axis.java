package org.dlaclab.explore;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;
import org.dlaclab.grid.Grid;
import org.dlaclab.network.Network;
import org.dlaclab.operand.Source;
import org.dlaclab.quant.Policy;
import org.dlaclab.quant.Quantizer;

/**
 * What varies in a sweep, and its values: {@code over(window(2), window(4), window(8))}.
 *
 * @param name the word of what varies: {@code window}, {@code pes}, {@code policy}
 * @param levels one or more, all different
 */
public record Axis(String name, List<Level> levels) implements Sweep.Option {
  public Axis {
    levels = List.copyOf(levels);
    if (levels.isEmpty()) {
      throw new DlacException(
          "over(...) has no value", "one or more", "try over(window(2), window(4), window(8))");
    }
    Set<String> texts = new HashSet<>();
    for (Level level : levels) {
      if (!texts.add(level.text())) {
        throw new DlacException(
            "the axis " + name + " has " + level.text() + " twice",
            "values that differ, and differ in name",
            "remove or rename one");
      }
    }
  }

  /** Networks. */
  public static Axis of(Network... networks) {
    return of("network", Level.OfNetwork::new, networks);
  }

  /** Policies. */
  public static Axis of(Policy... policies) {
    return of("policy", Level.OfPolicy::new, policies);
  }

  /** Quantizers of the weights that no rule of the policy is about. */
  public static Axis of(Quantizer... quantizers) {
    return of("weights", Level.OfWeights::new, quantizers);
  }

  /** Thresholds of all ReLUs, or their precisions. */
  public static Axis of(Policy.Activation... activations) {
    boolean thresholds = sameKind(activations, Policy.Threshold.class::isInstance);
    return of(thresholds ? "threshold" : "activations", Level.OfActivations::new, activations);
  }

  /** Grids. */
  public static Axis of(Grid... grids) {
    return of("grid", Level.OfGrid::new, grids);
  }

  /** Values of one parameter of the grid. */
  public static Axis of(Grid.Option... options) {
    String name = options.length == 0 ? "" : Grid.word(options[0]);
    sameKind(options, option -> Grid.word(option).equals(name));
    return of(name, Level.OfParameter::new, options);
  }

  /** Tensors. */
  public static Axis of(Source... tensors) {
    return of("tensors", Level.OfTensors::new, tensors);
  }

  private static <T> Axis of(String name, Function<T, Level> level, T[] values) {
    return new Axis(name, Arrays.stream(values).map(level).toList());
  }

  /** Whether values are of a kind or none is; refuses those of which some are. */
  private static <T> boolean sameKind(T[] values, Function<T, Boolean> isOfKind) {
    long of = Arrays.stream(values).filter(isOfKind::apply).count();
    if (of > 0 && of < values.length) {
      throw new DlacException(
          "over(...) mixes parameters: " + Arrays.toString(values),
          "values of one parameter",
          "write an over(...) for each parameter: all combinations are simulated");
    }
    return of > 0;
  }

  /** Which level has this text. */
  int index(String text) {
    List<String> texts = levels.stream().map(Level::text).toList();
    int index = texts.indexOf(text);
    if (index < 0) {
      throw new DlacException(
          "the axis " + name + " has no value \"" + text + "\"",
          "one of " + texts,
          "did you mean \"" + Check.nearest(text, texts) + "\"?");
    }
    return index;
  }

  /** Whether all values are numbers. */
  boolean isNumeric() {
    return levels.stream().noneMatch(level -> Double.isNaN(level.number()));
  }

  /** For example {@code window: 2, 4, 8}. */
  @Override
  public String toString() {
    return name + ": " + String.join(", ", levels.stream().map(Level::text).toList());
  }
}
