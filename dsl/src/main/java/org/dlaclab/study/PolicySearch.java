package org.dlaclab.study;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.dlaclab.data.Dataset;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;
import org.dlaclab.grid.Grid;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.quant.Policy;
import org.dlaclab.quant.Quantizer;
import org.dlaclab.quant.Selector;
import org.dlaclab.result.LayerResult;
import org.dlaclab.result.Run;
import org.dlaclab.sim.Simulator;
import org.dlaclab.table.Columns;
import org.dlaclab.table.Listing;
import org.dlaclab.train.Recipe;
import org.dlaclab.train.TrainOption;
import org.dlaclab.train.Trainer;
import org.dlaclab.train.Training;

/**
 * Decides which layers stay in higher precision, so that the accuracy falls by no more than a
 * budget and the grid takes the fewest cycles.
 *
 * <p>There are 2^L ways to choose among L layers, and each costs a training. So layers are ranked
 * first, by two signals that need none:
 *
 * <ul>
 *   <li>how much the layer hurts: the rise of the loss on held-out images when this layer alone
 *       goes to low precision, with the weights of a training in full precision. That sensitivity
 *       differs by orders of magnitude between layers is what HAWQ (Dong et al., arXiv:1905.03696)
 *       builds on, which estimates it by second derivatives; ZeroQ (Cai et al., arXiv:2001.00281,
 *       section 3.2) measures it, as is done here, one layer at a time;
 *   <li>what the layer gives: the simulated cycles that low precision saves in it, with its real
 *       weights and activations.
 * </ul>
 *
 * <p>The layer with the highest rise per saved cycle is the first to stay in higher precision. So
 * there are L + 1 policies in a row, from all layers low to all high, each slower and more accurate
 * than the one before, and bisection finds the first within the budget: about log2(L) trainings,
 * each from the weights of full precision.
 *
 * @param fullPrecision the training that all begin from
 * @param layers in the order in which they would stay in higher precision
 * @param trials the trainings that were made, by the number of layers kept high
 * @param budget accuracy on held-out images that may be lost, 0 to 1
 */
public record PolicySearch(
    Training fullPrecision, List<Rank> layers, List<Trial> trials, double budget) {

  /**
   * What is known of a layer before any low-precision training.
   *
   * @param layer its name
   * @param lossRise of the held-out loss when it alone is in low precision, in nats; may be below 0
   * @param cyclesLow per image in low precision
   * @param cyclesHigh per image in higher precision
   */
  public record Rank(String layer, double lossRise, double cyclesLow, double cyclesHigh) {
    /** Rise of the loss per cycle saved: infinite where low precision saves none. */
    public double price() {
      double saved = cyclesHigh - cyclesLow;
      return saved > 0 ? lossRise / saved : Double.POSITIVE_INFINITY;
    }
  }

  /**
   * One of the policies, trained.
   *
   * @param high how many layers it keeps in higher precision
   * @param training from the weights of full precision
   * @param error on the held-out images
   * @param cycles per image, simulated with the weights and activations of this training
   * @param speedup over the network in full precision on the same grid
   */
  public record Trial(int high, Training training, double error, double cycles, double speedup) {}

  /** How a search is done. */
  record Plan(
      Network network,
      Policy low,
      Quantizer high,
      Dataset data,
      Grid grid,
      double budget,
      int images,
      Recipe fullPrecision,
      Recipe tuning) {}

  public PolicySearch {
    layers = List.copyOf(layers);
    trials = List.copyOf(trials);
  }

  /**
   * Searches.
   *
   * @param low what each layer gets unless it must stay higher. Layers that it leaves in {@code
   *     high} are not asked about.
   * @param high what the other layers keep
   * @param budget accuracy on held-out images that may be lost against full precision, 0 to 1
   * @param options of each training: one in full precision, then each in low precision
   * @throws DlacException if no images are held out, or as {@link Trainer#train}
   */
  public static PolicySearch run(
      Network network,
      Policy low,
      Quantizer high,
      Dataset data,
      Grid grid,
      double budget,
      TrainOption... options) {
    Check.fraction("the budget of searchPolicy", budget);
    Recipe recipe = Recipe.of(options).with(new TrainOption.PreInit(0));
    if (recipe.validation() == 0) {
      throw new DlacException(
          "searchPolicy is given validation(0)",
          "held-out images, by which it decides",
          "validation(0.1)");
    }
    recipe
        .checkpoint()
        .ifPresent(
            file -> {
              throw new DlacException(
                  "searchPolicy is given checkpoint(\"" + file + "\")",
                  "no file, which its trainings would share",
                  "leave it out");
            });
    Policy full = Policy.of("full precision");
    return new Search(new Plan(network, low, high, data, grid, budget, IMAGES, recipe, recipe))
        .run(Trainer.train(network, full, data, recipe));
  }

  /** Test images of each simulation. */
  private static final int IMAGES = 8;

  /**
   * The policy to take: the fewest cycles within the budget.
   *
   * @throws DlacException if none is within it
   */
  public Trial best() {
    return withinBudget()
        .orElseThrow(
            () ->
                new DlacException(
                    String.format(
                        Locale.ROOT,
                        "no policy loses at most %.2f %% on held-out images",
                        100 * budget),
                    "a budget that one of the trials meets",
                    "look at trials(), and allow more or train longer"));
  }

  private Optional<Trial> withinBudget() {
    double allowed = error(fullPrecision) + budget;
    return trials.stream()
        .filter(trial -> trial.error() <= allowed)
        .min(Comparator.comparingDouble(Trial::cycles));
  }

  static double error(Training training) {
    return training.history().get(training.bestEpoch() - 1).error();
  }

  /** What was known of each layer, in the order in which they would stay in higher precision. */
  public Listing layersTable() {
    return new Listing(
        "layers by rise of the loss per cycle that low precision saves",
        Columns.table(
            "layers",
            Columns.text("layer", layers, Rank::layer),
            Columns.decimal("loss rise (nats)", 4, layers, Rank::lossRise),
            Columns.count("cycles low", layers, r -> Math.round(r.cyclesLow())),
            Columns.count("cycles high", layers, r -> Math.round(r.cyclesHigh())),
            Columns.text(
                "stays high",
                layers,
                r ->
                    withinBudget().filter(t -> layers.indexOf(r) < t.high()).isPresent()
                        ? "yes"
                        : "")),
        false);
  }

  /** The trainings that were made. */
  public Listing table() {
    return new Listing(
        toString(),
        Columns.table(
            "trials",
            Columns.count("layers kept high", trials, Trial::high),
            Columns.percent("validation error", trials, Trial::error),
            Columns.decimal(
                "test accuracy (%)", 2, trials, t -> 100 * t.training().accuracy().share()),
            Columns.count("cycles per image", trials, t -> Math.round(t.cycles())),
            Columns.decimal("speedup over full precision", 2, trials, Trial::speedup),
            Columns.text("policy", trials, t -> t.training().policy().toString())),
        false);
  }

  /** For example {@code search on lenet5: 1 of 4 layers stays high, ...}. */
  @Override
  public String toString() {
    String found =
        withinBudget()
            .map(
                t ->
                    String.format(
                        Locale.ROOT,
                        "%d of %d layers stay high, validation error %.2f %%, speedup %.2f",
                        t.high(),
                        layers.size(),
                        100 * t.error(),
                        t.speedup()))
            .orElse("no policy is within the budget");
    return String.format(
        Locale.ROOT,
        "policies of %s that lose at most %.2f %% (full precision: validation error %.2f %%): %s",
        fullPrecision.network().name(),
        100 * budget,
        100 * error(fullPrecision),
        found);
  }

  /** The work. */
  private record Search(Plan plan) {
    PolicySearch run(Training full) {
      List<Rank> ranks = rank(full);
      double fullCycles = cycles(simulate(full, full.policy()));
      double allowed = error(full) + plan.budget();
      Map<Integer, Trial> trials = new LinkedHashMap<>();
      int least = 0;
      int most = ranks.size();
      // Accuracy grows with the layers kept high, but for noise.
      while (least < most && !Thread.currentThread().isInterrupted()) {
        int middle = (least + most) / 2;
        Trial trial = trials.computeIfAbsent(middle, n -> trial(full, ranks, n, fullCycles));
        if (trial.error() <= allowed) {
          most = middle;
        } else {
          least = middle + 1;
        }
      }
      trials.computeIfAbsent(least, n -> trial(full, ranks, n, fullCycles));
      return new PolicySearch(
          full,
          ranks,
          trials.values().stream()
              .sorted(Comparator.comparingInt(Trial::high))
              .collect(Collectors.toList()),
          plan.budget());
    }

    private List<Rank> rank(Training full) {
      Map<String, Quantizer> low = plan.low().assign(plan.network());
      Run cyclesLow = simulate(full, plan.low());
      Run cyclesHigh = simulate(full, Policy.of("high", new Policy.Weights(plan.high())));
      double loss = full.loss(Policy.of("high", new Policy.Weights(plan.high())));
      List<Rank> ranks = new ArrayList<>();
      for (Node layer : plan.network().gridLayers()) {
        Quantizer quantizer = low.getOrDefault(layer.name(), plan.high());
        if (quantizer.equals(plan.high())) {
          continue;
        }
        Policy alone =
            Policy.of(
                layer.name(),
                new Policy.Weights(plan.high()),
                new Policy.Rule(new Selector.ByName(layer.name()), quantizer));
        ranks.add(
            new Rank(
                layer.name(),
                full.loss(alone) - loss,
                cycles(cyclesLow, layer.name()),
                cycles(cyclesHigh, layer.name())));
      }
      ranks.sort(Comparator.comparingDouble(Rank::price).reversed());
      return ranks;
    }

    private Trial trial(Training full, List<Rank> ranks, int high, double fullCycles) {
      List<Policy.Rule> rules = new ArrayList<>(plan.low().rules());
      for (Rank rank : ranks.subList(0, high)) {
        rules.add(new Policy.Rule(new Selector.ByName(rank.layer()), plan.high()));
      }
      Policy policy =
          new Policy(
              plan.low().name() + "-" + high + "-high",
              plan.low().weights(),
              rules,
              plan.low().activations());
      Training training = Trainer.tune(full, policy, plan.tuning());
      double cycles = cycles(simulate(training, training.policy()));
      return new Trial(high, training, error(training), cycles, fullCycles / cycles);
    }

    private Run simulate(Training training, Policy policy) {
      return Simulator.run(
          training.network(),
          policy,
          plan.grid(),
          training.trained(plan.images()).images(plan.images()));
    }

    private static double cycles(Run run) {
      return run.totals().stream().mapToLong(LayerResult::cycles).average().orElseThrow();
    }

    private static double cycles(Run run, String layer) {
      return run.layer(layer).stream().mapToLong(LayerResult::cycles).average().orElseThrow();
    }
  }
}
