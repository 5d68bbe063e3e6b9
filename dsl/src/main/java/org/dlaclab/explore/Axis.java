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
    Check.named("what over(...) varies", name);
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
    return named("network", network -> new Level.OfNetwork(network.name(), network), networks);
  }

  /**
   * Networks that are made of values: of widths, depths, sizes of images. A value of which none can
   * be made is one whose points fail.
   */
  public static <T> Axis of(String name, Function<T, Network> network, List<T> values) {
    return new Axis(name, values.stream().map(value -> made(value, network)).toList());
  }

  private static <T> Level made(T value, Function<T, Network> network) {
    try {
      return new Level.OfNetwork(value, network.apply(value));
    } catch (DlacException e) {
      return new Level.NoNetwork(value, e);
    }
  }

  /** Policies. */
  public static Axis of(Policy... policies) {
    return named("policy", Level.OfPolicy::new, policies);
  }

  /** Quantizers of the weights that no rule of the policy is about. */
  public static Axis of(Quantizer... quantizers) {
    return named("weights", Level.OfWeights::new, quantizers);
  }

  /** Thresholds of all ReLUs, or their precisions. */
  public static Axis of(Policy.Activation... activations) {
    boolean thresholds = sameKind(activations, Policy.Threshold.class::isInstance);
    return named(thresholds ? "threshold" : "activations", Level.OfActivations::new, activations);
  }

  /** Grids. */
  public static Axis of(Grid... grids) {
    return named("grid", Level.OfGrid::new, grids);
  }

  /** Values of one parameter of the grid. */
  public static Axis of(Grid.Option... options) {
    String name = options.length == 0 ? "" : Grid.word(options[0]);
    sameKind(options, option -> Grid.word(option).equals(name));
    return named(name, Level.OfParameter::new, options);
  }

  /** Tensors. */
  public static Axis of(Source... tensors) {
    return named("tensors", Level.OfTensors::new, tensors);
  }

  private static <T> Axis named(String name, Function<T, Level> level, T[] values) {
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

  /** Whether it varies the network. */
  boolean isOfNetworks() {
    return levels.stream()
        .anyMatch(l -> l instanceof Level.OfNetwork || l instanceof Level.NoNetwork);
  }

  /** Whether its values have other work to do, so that their cycles do not compare. */
  boolean changesWork() {
    return isOfNetworks() || levels.stream().anyMatch(l -> l instanceof Level.OfTensors);
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
