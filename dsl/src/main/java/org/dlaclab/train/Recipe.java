package org.dlaclab.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.dlaclab.data.Augmentation;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;

/**
 * How a network is trained: everything but the network, the policy and the data.
 *
 * <p>A training goes through up to three {@linkplain Stage stages}: full precision, the policy's
 * precision, and the policy's precision with raised ReLU thresholds. The fixed schedule changes
 * stage after {@code preInit} epochs and at the times of {@code thresholds}. The adaptive one
 * ({@link TrainOption.Adaptive}) changes by what it sees; see {@link AdaptiveSchedule}.
 *
 * @param epochs passes over the training images, all stages together
 * @param preInit epochs in full precision; under the adaptive schedule the most there may be
 * @param learningRate how fast weights move
 * @param batch images per step
 * @param momentum share of the last step's direction that a step keeps, 0 to below 1
 * @param weightDecay L2 penalty of all trained values, biases and batch normalization's scale and
 *     shift included, but learned scales of quantizers
 * @param activationPenalty weight of the L1 penalty of activations; 0 for none
 * @param thresholds a schedule of ReLU thresholds
 * @param adaptive share of the validation images that thresholds may cost, if the schedule decides
 *     by itself
 * @param augmentation what is done at random to each training image
 * @param validation share of the training images that is held out
 * @param seed of initial weights, order and augmentation
 * @param threads of one operation of the engine, which takes the number of a session's first
 *     training; 0 for the number of cores
 * @param checkpoint where the state is kept after each epoch
 */
public record Recipe(
    int epochs,
    int preInit,
    LearningRate learningRate,
    int batch,
    double momentum,
    double weightDecay,
    double activationPenalty,
    List<TrainOption.ReluThreshold> thresholds,
    Optional<Double> adaptive,
    List<Augmentation> augmentation,
    double validation,
    long seed,
    int threads,
    Optional<Path> checkpoint) {

  /** What is not said: 20 epochs with a falling learning rate, and none of the techniques. */
  private static final Recipe DEFAULT =
      new Recipe(
          20,
          0,
          new LearningRate.Cosine(0.1),
          128,
          0.9,
          1e-4,
          0,
          List.of(),
          Optional.empty(),
          List.of(),
          0.1,
          0,
          0,
          Optional.empty());

  public Recipe {
    Check.positive("epochs", epochs);
    Check.atLeast("preInit", preInit, 0);
    if (preInit > epochs) {
      throw new DlacException(
          "preInit(" + preInit + ") is more than epochs(" + epochs + ")",
          "at most all epochs in full precision",
          "raise epochs, which counts those in full precision, too");
    }
    Check.positive("batchSize", batch);
    Check.fraction("momentum", momentum);
    notNegative("weightDecay", weightDecay);
    notNegative("activationPenalty", activationPenalty);
    Check.fraction("validation", validation);
    if (momentum == 1 || validation == 1) {
      throw new DlacException(
          (momentum == 1 ? "momentum" : "validation") + " is 1", "a share below 1", "try 0.9");
    }
    for (TrainOption.ReluThreshold raised : thresholds) {
      notNegative("reluThreshold", raised.threshold());
      Check.fraction("the time of reluThreshold(" + raised.threshold() + ")", raised.from());
    }
    if (adaptive.isPresent()) {
      Check.fraction("the budget of adaptive", adaptive.get());
      if (!thresholds.isEmpty()) {
        throw new DlacException(
            "adaptive(...) is given with reluThreshold(...)",
            "one of them: the adaptive schedule finds its own thresholds",
            "leave out reluThreshold, or adaptive");
      }
      if (validation == 0) {
        throw new DlacException(
            "adaptive(...) is given with validation(0)",
            "held-out images, by which it decides",
            "use validation(0.1)");
      }
    }
    Check.atLeast("threads", threads, 0);
    thresholds = List.copyOf(thresholds);
    augmentation = List.copyOf(augmentation);
  }

  /**
   * A recipe of these options.
   *
   * @throws DlacException if a value is out of range, one is given twice, or two exclude each other
   */
  public static Recipe of(TrainOption... options) {
    return DEFAULT.with(options);
  }

  /** This recipe with these changes; thresholds that are given replace all former ones. */
  public Recipe with(TrainOption... options) {
    Fields f = new Fields(this);
    List<Object> once = new ArrayList<>();
    for (TrainOption option : options) {
      f.set(option);
      if (!(option instanceof TrainOption.ReluThreshold)) {
        once.add(option);
      }
    }
    Check.distinct("train", type -> lowered(type.getSimpleName()), once.toArray());
    return f.recipe();
  }

  /** This recipe without a schedule of ReLU thresholds: they stay as network and policy say. */
  public Recipe withoutThresholds() {
    Fields fields = new Fields(this);
    fields.thresholds = List.of();
    return fields.recipe();
  }

  /** Threads of one operation. */
  int threadCount() {
    return threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
  }

  /** All that the result depends on but threads, in one line. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append(epochs).append(" epochs");
    text.append(", ").append(adaptive.isPresent() ? "at most " : "").append(preInit);
    text.append(" in full precision, learning rate ").append(learningRate);
    text.append(", batch ").append(batch).append(", momentum ").append(momentum);
    text.append(", weight decay ").append(weightDecay);
    if (activationPenalty > 0) {
      text.append(", activation penalty ").append(activationPenalty);
    }
    for (TrainOption.ReluThreshold raised : thresholds) {
      text.append(", ReLU threshold ").append(raised.threshold()).append(" of ");
      text.append(raised.layers()).append(" after ").append(raised.from()).append(" of it");
    }
    adaptive.ifPresent(budget -> text.append(", adaptive with a budget of ").append(budget));
    text.append(", augmentation ").append(augmentation).append(", ").append(validation);
    return text.append(" held out, seed ").append(seed).toString();
  }

  private static String lowered(String name) {
    return name.substring(0, 1).toLowerCase(Locale.ROOT) + name.substring(1);
  }

  private static void notNegative(String name, double value) {
    if (!(value >= 0) || Double.isInfinite(value)) {
      throw new DlacException(
          name + " is " + value, "a finite number of at least 0", "correct " + name);
    }
  }

  /** The fields, while options change them. */
  private static final class Fields {
    private int epochs;
    private int preInit;
    private LearningRate rate;
    private int batch;
    private double momentum;
    private double weightDecay;
    private double penalty;
    private List<TrainOption.ReluThreshold> thresholds;
    private boolean thresholdsGiven;
    private boolean preInitGiven;
    private Optional<Double> adaptive;
    private List<Augmentation> augmentation;
    private double validation;
    private long seed;
    private int threads;
    private Optional<Path> checkpoint;

    Fields(Recipe from) {
      epochs = from.epochs;
      preInit = from.preInit;
      rate = from.learningRate;
      batch = from.batch;
      momentum = from.momentum;
      weightDecay = from.weightDecay;
      penalty = from.activationPenalty;
      thresholds = from.thresholds;
      adaptive = from.adaptive;
      augmentation = from.augmentation;
      validation = from.validation;
      seed = from.seed;
      threads = from.threads;
      checkpoint = from.checkpoint;
    }

    void set(TrainOption option) {
      if (option instanceof TrainOption.Epochs o) {
        epochs = o.count();
      } else if (option instanceof TrainOption.PreInit o) {
        preInit = o.epochs();
        preInitGiven = true;
      } else if (option instanceof TrainOption.Rate o) {
        rate = o.rule();
      } else if (option instanceof TrainOption.BatchSize o) {
        batch = o.images();
      } else if (option instanceof TrainOption.Momentum o) {
        momentum = o.share();
      } else if (option instanceof TrainOption.WeightDecay o) {
        weightDecay = o.weight();
      } else if (option instanceof TrainOption.ActivationPenalty o) {
        penalty = o.weight();
      } else if (option instanceof TrainOption.ReluThreshold o) {
        List<TrainOption.ReluThreshold> all =
            new ArrayList<>(thresholdsGiven ? thresholds : List.of());
        all.add(o);
        thresholds = all;
        thresholdsGiven = true;
      } else if (option instanceof TrainOption.Adaptive o) {
        adaptive = Optional.of(o.budget());
      } else if (option instanceof TrainOption.Augment o) {
        augmentation = o.steps();
      } else if (option instanceof TrainOption.Validation o) {
        validation = o.share();
      } else if (option instanceof TrainOption.RandomSeed o) {
        seed = o.seed();
      } else if (option instanceof TrainOption.Threads o) {
        threads = o.count();
      } else if (option instanceof TrainOption.Checkpoint o) {
        checkpoint = Optional.of(o.file());
      }
    }

    Recipe recipe() {
      // The adaptive schedule may use up to half of the epochs unless it is told otherwise.
      int most = adaptive.isPresent() && !preInitGiven && preInit == 0 ? epochs / 2 : preInit;
      return new Recipe(
          epochs,
          most,
          rate,
          batch,
          momentum,
          weightDecay,
          penalty,
          thresholds,
          adaptive,
          augmentation,
          validation,
          seed,
          threads,
          checkpoint);
    }
  }
}
