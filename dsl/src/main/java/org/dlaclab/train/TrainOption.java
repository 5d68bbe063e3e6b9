package org.dlaclab.train;

import java.nio.file.Path;
import java.util.List;
import org.dlaclab.data.Augmentation;

/** What {@code train(...)} takes; each has a word of the DSL. */
public sealed interface TrainOption
    permits TrainOption.Epochs,
        TrainOption.PreInit,
        TrainOption.Rate,
        TrainOption.BatchSize,
        TrainOption.Momentum,
        TrainOption.WeightDecay,
        TrainOption.ActivationPenalty,
        TrainOption.ReluThreshold,
        TrainOption.Adaptive,
        TrainOption.Augment,
        TrainOption.Validation,
        TrainOption.RandomSeed,
        TrainOption.Threads,
        TrainOption.Checkpoint {

  /** Passes over the training images, those in full precision included. */
  record Epochs(int count) implements TrainOption {}

  /**
   * Pre-initialization: epochs in full precision before the policy's precision (Venkatesh et al.,
   * ICASSP 2017, section 3: about the first 15 of 90).
   */
  record PreInit(int epochs) implements TrainOption {}

  /** How fast weights move. */
  record Rate(LearningRate rule) implements TrainOption {}

  /** Images per step. */
  record BatchSize(int images) implements TrainOption {}

  /** Share of the last step's direction that a step keeps. */
  record Momentum(double share) implements TrainOption {}

  /**
   * L2 penalty of all trained values, biases and batch normalization's scale and shift included,
   * but learned scales of quantizers.
   */
  record WeightDecay(double weight) implements TrainOption {}

  /**
   * L1 penalty of the activations: {@code weight * sum over ReLUs of mean |OFM|} is added to the
   * loss, so that activations become small and a threshold makes more of them zero (Venkatesh et
   * al., ICASSP 2017, section 3).
   */
  record ActivationPenalty(double weight) implements TrainOption {}

  /**
   * From some time on a higher threshold of some ReLUs (Venkatesh et al., ICASSP 2017, section 3:
   * 0.01, late in training). Several make a schedule: of those whose time has come, the last one
   * that means a layer wins.
   *
   * @param layers names of ReLUs, with {@code *} and {@code ?}
   * @param threshold 0 or more
   * @param from share of all epochs after which it holds, 0 to 1
   */
  record ReluThreshold(String layers, double threshold, double from) implements TrainOption {
    /** When "late in training" is, unless it is said. */
    public static final double LATE = 0.8;
  }

  /**
   * A schedule that decides by itself; see {@link Recipe}.
   *
   * @param budget share of the validation images that raised thresholds may cost, 0 to 1
   */
  record Adaptive(double budget) implements TrainOption {}

  /** What is done at random to each training image. */
  record Augment(List<Augmentation> steps) implements TrainOption {
    public Augment {
      steps = List.copyOf(steps);
    }
  }

  /** Share of the training images that is held out to choose by. */
  record Validation(double share) implements TrainOption {}

  /** Of initial weights, order of images and augmentation. */
  record RandomSeed(long seed) implements TrainOption {}

  /** Threads of one operation. */
  record Threads(int count) implements TrainOption {}

  /** Where the state is kept after each epoch, so that a killed training resumes. */
  record Checkpoint(Path file) implements TrainOption {}
}
