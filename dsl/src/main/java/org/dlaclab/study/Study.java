package org.dlaclab.study;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.dlaclab.data.Dataset;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;
import org.dlaclab.grid.Grid;
import org.dlaclab.network.Network;
import org.dlaclab.progress.Live;
import org.dlaclab.progress.Progress;
import org.dlaclab.progress.Stop;
import org.dlaclab.quant.Policy;
import org.dlaclab.train.Diverged;
import org.dlaclab.train.Recipe;
import org.dlaclab.train.TrainOption;
import org.dlaclab.train.Trainer;
import org.dlaclab.train.Training;

/**
 * Trainings side by side: variants of one network, policy and recipe, each with several seeds.
 *
 * <pre>{@code
 * var study = study(lenet, twn, fashionMnist(),
 *     recipe(epochs(12), preInit(2), learningRate(plateau(0.05)),
 *         activationPenalty(0.01), reluThreshold(0.01)),
 *     seeds(1, 2, 3), keepIn("runs/lenet5"), on(dlac));
 * study.ablation();
 * study.preInit(0, 1, 2, 4, 8);
 * }</pre>
 *
 * <p>A seed decides the initial weights, which images are held out, their order and their
 * augmentation. All variants share the seeds, so that differences between variants are those of
 * pairs. Seeds are the outer loop: a study that is stopped has all variants with fewer seeds.
 *
 * @param network what is trained
 * @param policy the precision that variants begin from
 * @param data the images
 * @param recipe how; variants change parts of it
 * @param seeds at least one, all different
 * @param folder where finished trainings are kept, so that the same study, or another one with some
 *     of the same trainings, reads them instead of training again
 * @param on whether and where each trained network is simulated
 */
public record Study(
    Network network,
    Policy policy,
    Dataset data,
    Recipe recipe,
    List<Long> seeds,
    Optional<Path> folder,
    Optional<On> on) {
  private static final List<Long> SEEDS = List.of(1L, 2L, 3L);

  /** What {@code study(...)} takes beside what a training takes. */
  public sealed interface Option permits Seeds, KeepIn, On {}

  /** Seeds of trainings. */
  public record Seeds(List<Long> all) implements Option {
    public Seeds {
      all = List.copyOf(all);
    }
  }

  /** A folder of finished trainings; it is made if it does not exist. */
  public record KeepIn(Path folder) implements Option {}

  /**
   * Each trained network is simulated, at its precision and with its thresholds.
   *
   * @param grid the machine
   * @param images the first test images for the forward pass, and as many training images, in steps
   *     of 8, for the backward pass; all, where there are fewer
   */
  public record On(Grid grid, int images) implements Option {
    /** Images, unless it is said how many. */
    public static final int IMAGES = 32;

    public On {
      Check.positive("the number of images to simulate", images);
    }
  }

  public Study {
    seeds = List.copyOf(seeds);
    if (seeds.isEmpty() || new HashSet<>(seeds).size() != seeds.size()) {
      throw new DlacException(
          "the seeds of the study are " + seeds,
          "one or more, all different",
          "use seeds(1, 2, 3)");
    }
    requireShared(recipe);
  }

  /**
   * A study; without {@link Seeds} those are 1, 2 and 3.
   *
   * @throws DlacException if an option comes twice, or the recipe says what the study decides: a
   *     seed or a checkpoint
   */
  public static Study of(
      Network network, Policy policy, Dataset data, Recipe recipe, Option... options) {
    Check.distinct("study", type -> lowered(type.getSimpleName()), (Object[]) options);
    List<Long> seeds = SEEDS;
    Optional<Path> folder = Optional.empty();
    Optional<On> on = Optional.empty();
    for (Option option : options) {
      if (option instanceof Seeds given) {
        seeds = given.all();
      } else if (option instanceof KeepIn given) {
        folder = Optional.of(given.folder());
      } else if (option instanceof On given) {
        on = Optional.of(given);
      }
    }
    return new Study(network, policy, data, recipe, seeds, folder, on);
  }

  private static String lowered(String name) {
    return name.substring(0, 1).toLowerCase(Locale.ROOT) + name.substring(1);
  }

  /** Refuses what several trainings cannot share. */
  private static void requireShared(Recipe recipe) {
    if (recipe.seed() != 0) {
      throw new DlacException(
          "the recipe of the study has randomSeed(" + recipe.seed() + ")",
          "a recipe without a seed: each training gets one of the study's",
          "leave it out of the recipe, and give the study seeds(" + recipe.seed() + ")");
    }
    recipe
        .checkpoint()
        .ifPresent(
            file -> {
              throw new DlacException(
                  "the recipe of the study has checkpoint(\"" + file + "\")",
                  "a recipe without a file, which several trainings would share",
                  "leave it out of the recipe, and give the study keepIn(\"a folder\")");
            });
  }

  /** As {@link #compare(List)}. */
  public Comparison compare(Variant... variants) {
    return compare(List.of(variants));
  }

  /**
   * Trains every variant with every seed. A training that diverges becomes a row of its own; it is
   * not kept, and tried again by the next call.
   *
   * <p>When a user asks it to stop ({@link Stop}), what has been trained so far comes back. With
   * {@link KeepIn} the same call goes on, also with the training that was stopped; without, it
   * begins anew.
   *
   * @throws DlacException as {@link Trainer#train}, or if a kept training is not the one that its
   *     name says
   */
  public Comparison compare(List<Variant> variants) {
    return compare("", variants);
  }

  /**
   * What each of the five techniques is worth. Venkatesh, Nurvitadhi and Marr ("Accelerating deep
   * convolutional networks using low-precision and sparsity", ICASSP 2017, section 3) name five and
   * report them together; here each one is left out in turn:
   *
   * <ol>
   *   <li>"all five techniques": the study's policy and recipe as they are;
   *   <li>"no pre-initialization": no epochs in full precision, as many in total;
   *   <li>"first layer as the others": a rule is added after all others that gives the first
   *       convolution or fully connected layer the quantizer of {@code weights(...)}; other
   *       exceptions stay;
   *   <li>"cosine learning rate": half a cosine down to 0 from the same highest rate, in place of
   *       the history of the error;
   *   <li>"no activation penalty": no L1 penalty of activations;
   *   <li>"no raised threshold": ReLU thresholds as network and policy have them;
   *   <li>"none (naive)": all of these at once;
   *   <li>"full precision": the recipe of the one before, with all weights and activations in full
   *       precision.
   * </ol>
   *
   * @throws DlacException naming the word that is missing if the study has a technique off: a row
   *     that leaves out what was not there would say that it is worth nothing
   */
  public Comparison ablation() {
    return compare(", ablation", Ablation.variants(this));
  }

  /**
   * What epochs of pre-initialization are worth: as many epochs in total, so many of them in full
   * precision.
   *
   * @param epochs numbers below that of all epochs, all different
   */
  public Comparison preInit(int... epochs) {
    requireFixed("preInit(...)");
    return compare(
        ", pre-initialization",
        Arrays.stream(epochs)
            .mapToObj(
                n ->
                    new Variant(
                        n + (n == 1 ? " epoch" : " epochs") + " in full precision",
                        policy,
                        recipe.with(new TrainOption.PreInit(n))))
            .toList());
  }

  void requireFixed(String what) {
    recipe
        .adaptive()
        .ifPresent(
            budget -> {
              throw new DlacException(
                  what + " of a study whose recipe has adaptive(" + budget + ")",
                  "a schedule that is set in advance: the adaptive one decides by itself",
                  "leave adaptive(...) out, or compare both: compare(variant(...), variant(...))");
            });
  }

  private Comparison compare(String what, List<Variant> variants) {
    require(variants);
    Comparison none =
        new Comparison(network.name() + " on " + data.name() + what, variants, seeds, List.of());
    Optional<Folder> kept = folder.map(path -> new Folder(path, network, data));
    return Stop.listening(stop -> run(none, kept, stop));
  }

  private static void require(List<Variant> variants) {
    Set<String> names = new HashSet<>();
    for (Variant variant : variants) {
      Recipe recipe = variant.recipe();
      requireShared(recipe);
      if (!names.add(variant.name())) {
        throw new DlacException(
            "the study compares \"" + variant.name() + "\" twice",
            "a name of its own for each variant",
            "rename one, or remove it");
      }
      if (recipe.adaptive().isEmpty() && recipe.preInit() == recipe.epochs()) {
        throw new DlacException(
            "variant \""
                + variant.name()
                + "\" has preInit("
                + recipe.preInit()
                + ") of epochs("
                + recipe.epochs()
                + "): none is left at the precision of policy \""
                + variant.policy().name()
                + "\"",
            "fewer epochs in full precision than in total",
            "lower preInit, raise epochs, or use policy(\"full\") for a variant in full precision");
      }
    }
    if (names.isEmpty()) {
      throw new DlacException(
          "the study compares nothing", "at least one variant", "give it some to compare");
    }
  }

  private Comparison run(Comparison none, Optional<Folder> kept, Stop stop) {
    String what = "study of " + none.title();
    List<Outcome> outcomes = new ArrayList<>();
    Comparison soFar = none;
    try (Progress progress = Progress.of(what + ", trainings", none.trainings());
        Live live = Live.of(what)) {
      for (long seed : seeds) {
        for (Variant variant : none.variants()) {
          if (stop.asked()) {
            return soFar;
          }
          progress.note(variant.name() + ", seed " + seed);
          progress.now();
          Optional<Outcome> outcome = outcome(variant, seed, kept);
          if (outcome.isEmpty()) {
            return soFar;
          }
          outcomes.add(outcome.get());
          Comparison now = none.with(outcomes);
          soFar = now;
          progress.step();
          live.show(now::table, outcome.get().toString());
        }
      }
    }
    return soFar;
  }

  /** Empty if it was stopped. */
  private Optional<Outcome> outcome(Variant variant, long seed, Optional<Folder> kept) {
    Recipe seeded = variant.recipe().with(new TrainOption.RandomSeed(seed));
    Optional<Folder.Entry> entry = kept.map(f -> f.entry(variant.policy(), seeded));
    Optional<Training> found = entry.flatMap(Folder.Entry::read);
    Training training;
    try {
      training = found.orElseGet(() -> train(variant, seeded, entry));
    } catch (Diverged e) {
      return Optional.of(Outcome.failed(variant.name(), seed, String.valueOf(e.getMessage())));
    }
    if (!training.complete()) {
      return Optional.empty();
    }
    Simulated simulated =
        on.map(
                how ->
                    entry
                        .flatMap(e -> e.simulated(Simulated.on(how)))
                        .orElseGet(() -> simulate(training, how, entry)))
            .orElse(Simulated.NOT);
    return Optional.of(Outcome.of(variant.name(), training, simulated));
  }

  private Training train(Variant variant, Recipe seeded, Optional<Folder.Entry> entry) {
    Recipe resumed = entry.map(e -> seeded.with(e.checkpoint())).orElse(seeded);
    Training training = Trainer.train(network, variant.policy(), data, resumed);
    if (training.complete()) {
      // Before it is simulated: a simulation that fails costs no training.
      entry.ifPresent(e -> e.keep(training, Simulated.NOT));
    }
    return training;
  }

  private static Simulated simulate(Training training, On how, Optional<Folder.Entry> entry) {
    Simulated simulated = Simulated.of(training, how);
    entry.ifPresent(e -> e.keep(training, simulated));
    return simulated;
  }
}
