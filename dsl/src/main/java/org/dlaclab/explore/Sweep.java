package org.dlaclab.explore;

import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;
import org.dlaclab.grid.Grid;
import org.dlaclab.progress.Stop;
import org.dlaclab.quant.Policy;
import org.dlaclab.quant.Quantizer;
import org.dlaclab.quant.Selector;

/**
 * Many simulations that differ in some values of network, policy, grid and tensors.
 *
 * <pre>{@code
 * var grids = sweep("grids", zoo("resnet50"), twn, dlac, seed(42),
 *     over(pes(8, 16), pes(16, 32), pes(32, 32)),
 *     over(window(2), window(4), window(8)),
 *     where("at most 512 PEs", p -> p.grid().pes().count() <= 512),
 *     store("grids.jsonl"));
 * grids.pareto(CYCLES, PES);
 * grids.best(CYCLES, atMost(PES, 256));
 * }</pre>
 *
 * <p>Points that share network, policy and tensors share the work on them: operands are made, and
 * pairs counted, once for many grids. Figures are those of a simulation alone, to the last cycle.
 *
 * @param name what results call it
 * @param base what is simulated where no axis says anything else
 * @param axes what varies; all combinations are points. The first varies slowest
 * @param constraints what points must fulfil; others are left out
 * @param onlyValid whether combinations that do not fit each other are left out; else each is a
 *     point with its error
 * @param sampling which combinations are simulated
 * @param accuracy how the accuracy of a policy is found, if it is asked for
 * @param store where results are kept, so that they are read and not computed again
 * @param cluster where points are simulated
 */
public record Sweep(
    String name,
    Setting base,
    List<Axis> axes,
    List<Constraint> constraints,
    boolean onlyValid,
    Sampling sampling,
    Optional<PolicyAccuracy> accuracy,
    Optional<Path> store,
    Cluster cluster) {

  /** Combinations that a sweep looks at, at most. */
  static final long MOST = 1_000_000;

  /** What tables have beside axes, in small letters. */
  private static final Set<String> COLUMNS =
      Stream.concat(Stream.of("point", "error"), Arrays.stream(Metric.values()).map(Metric::title))
          .map(title -> title.toLowerCase(Locale.ROOT))
          .collect(Collectors.toCollection(TreeSet::new));

  /** What the DSL calls each option that is given once, for errors. */
  private static final Map<Class<?>, String> WORDS =
      Map.of(
          StoreIn.class,
          "store",
          On.class,
          "on",
          Valid.class,
          "valid",
          PolicyAccuracy.class,
          "accuracy",
          Sampling.All.class,
          "all",
          Sampling.AtRandom.class,
          "randomSample",
          Sampling.LatinHypercube.class,
          "latinHypercube",
          Sampling.Evolution.class,
          "evolution");

  /** What {@code sweep(...)} takes. */
  public sealed interface Option
      permits Axis, PerLayer, Constraint, Sampling, PolicyAccuracy, StoreIn, On, Valid {}

  /** Each layer of the base's network gets one of these quantizers: an axis per layer. */
  public record PerLayer(List<Quantizer> quantizers) implements Option {
    public PerLayer {
      quantizers = List.copyOf(quantizers);
    }

    private List<Axis> axes(Setting base) {
      return base.network().gridLayers().stream()
          .map(
              layer ->
                  new Axis(
                      "weights of " + layer.name(),
                      quantizers.stream()
                          .map(q -> (Level) new Level.OfLayer(layer.name(), q))
                          .toList()))
          .toList();
    }
  }

  /** The file that results are kept in. */
  public record StoreIn(Path file) implements Option {}

  /** Where points are simulated. */
  public record On(Cluster cluster) implements Option {}

  /** Leaves combinations out that do not fit each other. */
  public record Valid() implements Option {}

  public Sweep {
    Check.named("a sweep", name);
    axes = List.copyOf(axes);
    constraints = List.copyOf(constraints);
    Set<String> names = new HashSet<>();
    for (Axis axis : axes) {
      // Columns of a table differ in more than the case of their letters.
      String column = axis.name().toLowerCase(Locale.ROOT);
      if (COLUMNS.contains(column)) {
        throw new DlacException(
            "sweep \"" + name + "\" varies \"" + axis.name() + "\"",
            "a name that no column of its table has: " + String.join(", ", COLUMNS),
            "name it otherwise: over(\"" + axis.name() + " wanted\", ...)");
      }
      if (!names.add(column)) {
        throw new DlacException(
            "sweep \"" + name + "\" varies " + axis.name() + " twice",
            "each parameter in one over(...)",
            "put all values of " + axis.name() + " into one over(...)");
      }
    }
    List<String> ofNetworks = axes.stream().filter(Axis::isOfNetworks).map(Axis::name).toList();
    if (ofNetworks.size() > 1) {
      throw new DlacException(
          "sweep \"" + name + "\" has " + ofNetworks.size() + " networks per point: " + ofNetworks,
          "one over(...) that says the network",
          "put all networks into one, or make them of values that stand for both, such as"
              + " over(\"width and depth\", size -> ..., new Size(1, 2), new Size(2, 2))");
    }
    if (sampling instanceof Sampling.Evolution && axes.isEmpty()) {
      throw new DlacException(
          "sweep \"" + name + "\" searches, and varies nothing",
          "one over(...) or more",
          "add what the search may change: over(pes(4, 8), pes(8, 16)), perLayer(ternary(), bits(8))");
    }
    if (accuracy.isEmpty()
        && sampling instanceof Sampling.Evolution search
        && (search.objectives().contains(Metric.ACCURACY)
            || search.budgets().stream().anyMatch(l -> l.metric() == Metric.ACCURACY))) {
      throw new DlacException(
          "sweep \"" + name + "\" searches by ACCURACY, and does not know any",
          "a way to measure it",
          "add accuracy(trained), or accuracy(\"name\", policy -> ...) of your own");
    }
  }

  /**
   * A sweep on all cores of this machine, of all combinations, unless options say otherwise.
   *
   * @throws DlacException if two options contradict each other
   */
  public static Sweep of(String name, Setting base, Option... options) {
    List<Axis> axes = new ArrayList<>();
    List<Constraint> constraints = new ArrayList<>();
    List<Option> once = new ArrayList<>();
    for (Option option : options) {
      if (option instanceof Axis axis) {
        axes.add(axis);
      } else if (option instanceof PerLayer layers) {
        axes.addAll(layers.axes(base));
      } else if (option instanceof Constraint constraint) {
        constraints.add(constraint);
      } else {
        once.add(option);
      }
    }
    Check.distinct("sweep \"" + name + "\"", Sweep::word, once.toArray());
    if (once.stream().filter(Sampling.class::isInstance).count() > 1) {
      throw new DlacException(
          "sweep \"" + name + "\" has two samples: " + once,
          "one way to choose combinations",
          "remove one");
    }
    return new Sweep(
        name,
        base,
        axes,
        constraints,
        only(Valid.class, once).isPresent(),
        only(Sampling.class, once).orElse(new Sampling.All()),
        only(PolicyAccuracy.class, once),
        only(StoreIn.class, once).map(StoreIn::file),
        only(On.class, once).map(On::cluster).orElse(Cluster.HERE));
  }

  private static String word(Class<?> option) {
    return Objects.requireNonNull(WORDS.get(option));
  }

  private static <T> Optional<T> only(Class<T> type, List<Option> options) {
    return options.stream().filter(type::isInstance).map(type::cast).findFirst();
  }

  /** How many combinations there are, those that constraints leave out included. */
  public BigInteger combinations() {
    return axes.stream()
        .map(axis -> BigInteger.valueOf(axis.levels().size()))
        .reduce(BigInteger.ONE, BigInteger::multiply);
  }

  /** The number of combinations, if each can be numbered. */
  private long numbered() {
    if (combinations().bitLength() >= Long.SIZE) {
      throw new DlacException(
          "sweep \"" + name + "\" has " + combinations() + " combinations",
          "fewer than 2^63",
          "search them: evolution(40, 25, 1, List.of(CYCLES, ACCURACY))");
    }
    return combinations().longValueExact();
  }

  /**
   * Simulates the points that the store does not have. A point that fails is a row with its error;
   * it is not kept, and tried again by the next call.
   *
   * <p>When a user asks it to stop ({@link Stop}), what there is so far comes back; with a store
   * the same call goes on from there.
   *
   * @throws DlacException if no combination is left, or if the store is damaged
   */
  public Exploration run() {
    if (sampling instanceof Sampling.Evolution search) {
      return Stop.listening(
          stop -> {
            try (Known known = Known.of(this)) {
              return new Search(this, search, stop, known).run();
            }
          });
    }
    Space space = points();
    if (space.points().isEmpty()) {
      throw noneLeft(space.excluded());
    }
    return Stop.listening(
        stop -> {
          try (Known known = Known.of(this)) {
            return new Runner(this, space, stop, known).run(cluster);
          }
        });
  }

  DlacException noneLeft(Map<String, Integer> excluded) {
    return new DlacException(
        "no combination of sweep \"" + name + "\" is left: " + excluded,
        "one or more",
        "loosen a constraint, or add values");
  }

  /**
   * What is simulated.
   *
   * @param excluded how many combinations each constraint left out
   */
  record Space(List<Point> points, Map<String, Integer> excluded) {}

  /** The points, not simulated yet, in the order of their numbers. */
  Space points() {
    return points(MOST);
  }

  /**
   * As {@link #points()}.
   *
   * @param most so many combinations a sample looks at
   */
  Space points(long most) {
    Map<String, Integer> excluded = new LinkedHashMap<>();
    List<Point> points = new ArrayList<>();
    if (sampling instanceof Sampling.LatinHypercube sample) {
      numbered();
      Set<Long> seen = new HashSet<>();
      int[] sizes = axes.stream().mapToInt(axis -> axis.levels().size()).toArray();
      for (int[] levels : sample.draw(sizes)) {
        long number = number(levels);
        if (seen.add(number)) {
          add(number + 1, levels, points, excluded);
        }
      }
    } else if (sampling instanceof Sampling.AtRandom sample) {
      long tried = 0;
      for (long number : Sampling.shuffled(numbered(), sample.seed())) {
        if (points.size() == sample.points()) {
          break;
        }
        if (++tried > most) {
          throw tooRare(sample, points.size(), most);
        }
        add(number + 1, levels(number), points, excluded);
      }
    } else {
      requireFew();
      for (long number = 0; number < numbered(); number++) {
        add(number + 1, levels(number), points, excluded);
      }
    }
    return new Space(
        points.stream().sorted((a, b) -> Long.compare(a.number(), b.number())).toList(), excluded);
  }

  private DlacException tooRare(Sampling.AtRandom sample, int found, long most) {
    return new DlacException(
        sample + " of sweep \"" + name + "\" has found " + found + " points",
        sample.points() + " that constraints leave, among the first " + most + " combinations",
        "loosen a constraint, take fewer, or search: evolution(40, 25, 1, List.of(CYCLES, AREA))");
  }

  private void requireFew() {
    if (combinations().compareTo(BigInteger.valueOf(MOST)) > 0) {
      throw new DlacException(
          "sweep \"" + name + "\" has " + combinations() + " combinations",
          "at most " + MOST,
          "look at some of them: randomSample(1000, 1), latinHypercube(1000, 1), or search:"
              + " evolution(40, 25, 1, List.of(CYCLES, AREA))");
    }
  }

  private long number(int[] levels) {
    long number = 0;
    for (int axis = 0; axis < levels.length; axis++) {
      number = number * axes.get(axis).levels().size() + levels[axis];
    }
    return number;
  }

  private int[] levels(long number) {
    int[] levels = new int[axes.size()];
    long rest = number;
    for (int axis = axes.size() - 1; axis >= 0; axis--) {
      int size = axes.get(axis).levels().size();
      levels[axis] = (int) (rest % size);
      rest /= size;
    }
    return levels;
  }

  /** Adds the combination of these levels, an axis each, unless it is left out. */
  void add(long number, int[] indices, List<Point> points, Map<String, Integer> excluded) {
    List<Level> combination =
        IntStream.range(0, indices.length)
            .mapToObj(axis -> axes.get(axis).levels().get(indices[axis]))
            .toList();
    Setting setting;
    try {
      setting = setting(combination);
    } catch (DlacException e) {
      if (onlyValid) {
        excluded.merge("valid", 1, Integer::sum);
      } else {
        points.add(Point.refused(number, combination, String.valueOf(e.getMessage())));
      }
      return;
    }
    for (Constraint constraint : constraints) {
      try {
        if (!constraint.holds().test(setting)) {
          excluded.merge(constraint.name(), 1, Integer::sum);
          return;
        }
      } catch (RuntimeException e) {
        String why = "where(\"" + constraint.name() + "\", ...) fails: " + e;
        points.add(Point.refused(number, combination, why));
        return;
      }
    }
    points.add(Point.of(number, combination, setting));
  }

  /** The base with these levels in it; parameters of the grid change together. */
  private Setting setting(List<Level> levels) {
    Setting setting = base;
    List<Grid.Option> parameters = new ArrayList<>();
    List<Level> ofGrid = new ArrayList<>();
    List<Axis> axesOfGrid = new ArrayList<>();
    // What replaces a whole comes before what changes a part of it.
    List<Level> ordered =
        Stream.concat(
                levels.stream().filter(l -> l instanceof Level.OfPolicy),
                levels.stream().filter(l -> !(l instanceof Level.OfPolicy)))
            .toList();
    for (Level level : ordered) {
      if (level instanceof Level.NoNetwork l) {
        throw l.why();
      } else if (level instanceof Level.OfNetwork l) {
        setting =
            new Setting(
                l.network(), setting.policy(), setting.grid(), setting.tensors(), base.passes());
      } else if (level instanceof Level.OfPolicy l) {
        setting = with(setting, l.policy());
      } else if (level instanceof Level.OfWeights l) {
        setting = with(setting, weighted(setting.policy(), l));
      } else if (level instanceof Level.OfLayer l) {
        setting = with(setting, ruled(setting.policy(), l));
      } else if (level instanceof Level.OfActivations l) {
        setting = with(setting, activated(setting.policy(), l));
      } else if (level instanceof Level.OfTensors l) {
        setting =
            new Setting(
                setting.network(), setting.policy(), setting.grid(), l.tensors(), base.passes());
      } else if (level instanceof Level.OfGrid l) {
        setting = with(setting, l.grid());
      } else if (level instanceof Level.OfParameter l) {
        parameters.add(l.option());
        ofGrid.add(level);
        axesOfGrid.add(axes.get(levels.indexOf(level)));
      }
    }
    if (parameters.isEmpty()) {
      return setting;
    }
    Grid grid = setting.grid();
    return with(
        setting,
        grid.named(grid.name() + ", " + Point.text(axesOfGrid, ofGrid))
            .with(parameters.toArray(new Grid.Option[0])));
  }

  private static Setting with(Setting setting, Policy policy) {
    return new Setting(
        setting.network(), policy, setting.grid(), setting.tensors(), setting.passes());
  }

  private static Setting with(Setting setting, Grid grid) {
    return new Setting(
        setting.network(), setting.policy(), grid, setting.tensors(), setting.passes());
  }

  private static Policy weighted(Policy policy, Level.OfWeights level) {
    return new Policy(
        policy.name() + ", " + level.text(),
        level.quantizer(),
        policy.rules(),
        policy.activations());
  }

  private static Policy ruled(Policy policy, Level.OfLayer level) {
    List<Policy.Rule> rules = new ArrayList<>(policy.rules());
    rules.add(new Policy.Rule(new Selector.ByName(level.layer()), level.quantizer()));
    return new Policy(policy.name(), policy.weights(), rules, policy.activations());
  }

  private static Policy activated(Policy policy, Level.OfActivations level) {
    List<Policy.Activations> activations = new ArrayList<>(policy.activations());
    activations.add(new Policy.Activations(Policy.Activations.ALL, List.of(level.activation())));
    return new Policy(
        policy.name() + ", " + level.activation(), policy.weights(), policy.rules(), activations);
  }

  /** For example {@code grids: 3 x 4 = 12 combinations of pes, window}. */
  @Override
  public String toString() {
    String sizes =
        axes.isEmpty()
            ? "1"
            : String.join(
                " x ", axes.stream().map(a -> String.valueOf(a.levels().size())).toList());
    return name
        + ": "
        + sizes
        + " = "
        + combinations()
        + " combinations of "
        + String.join(", ", axes.stream().map(Axis::name).toList())
        + (sampling instanceof Sampling.All ? "" : ", " + sampling);
  }
}
