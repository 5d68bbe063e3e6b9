package org.dlaclab.study;

import java.util.Locale;
import org.dlaclab.train.Epoch;
import org.dlaclab.train.Stage;
import org.dlaclab.train.Training;

/**
 * What one training of a study came to. Densities, threshold and validation error are those of the
 * epoch whose weights were kept. What is not known is NaN: all figures of a training that diverged.
 *
 * @param variant its name
 * @param seed of the training
 * @param accuracy share of the test images that are put into the right class, 0 to 1
 * @param validationError share of the held-out images that are put into a wrong class, 0 to 1; NaN
 *     if none are held out
 * @param weightDensity non-zero share of all weights as they are used, 0 to 1
 * @param ifmDensity non-zero share of all IFM elements of grid layers on the held-out images, 0 to
 *     1; NaN if none are held out
 * @param threshold the highest one of a ReLU that training has raised; 0 if it raised none
 * @param fullPrecisionEpochs epochs of pre-initialization
 * @param seconds of training, without what was measured after each epoch
 * @param effectualForward share of the pairs of the forward pass that are effectual, 0 to 1; NaN if
 *     it was not simulated
 * @param effectualBackward the same of dgrad and wgrad together
 * @param speedup of inference over the same grid with skip {@code NONE}; NaN if it was not
 *     simulated
 * @param failure why the training diverged, with layer and step; empty if it did not
 */
public record Outcome(
    String variant,
    long seed,
    double accuracy,
    double validationError,
    double weightDensity,
    double ifmDensity,
    double threshold,
    int fullPrecisionEpochs,
    double seconds,
    double effectualForward,
    double effectualBackward,
    double speedup,
    String failure) {

  /** Of a complete training. */
  static Outcome of(String variant, Training training, Simulated simulated) {
    Epoch best = training.history().get(training.bestEpoch() - 1);
    return new Outcome(
        variant,
        training.recipe().seed(),
        training.accuracy().share(),
        best.validationError(),
        training.weightDensity(best),
        training.ifmDensity(best),
        best.highestThreshold(),
        (int)
            training.history().stream()
                .filter(epoch -> epoch.stage() == Stage.FULL_PRECISION)
                .count(),
        training.history().stream().mapToDouble(Epoch::seconds).sum(),
        simulated.effectualForward(),
        simulated.effectualBackward(),
        simulated.speedup(),
        "");
  }

  /** Of a training that diverged. */
  static Outcome failed(String variant, long seed, String why) {
    double unknown = Double.NaN;
    return new Outcome(
        variant, seed, unknown, unknown, unknown, unknown, unknown, 0, unknown, unknown, unknown,
        unknown, why);
  }

  /** Whether the training came to its end. */
  public boolean succeeded() {
    return failure.isEmpty();
  }

  /** For example {@code naive, seed 2: accuracy 88.10 %}. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s, seed %d: %s%s",
        variant,
        seed,
        succeeded()
            ? String.format(Locale.ROOT, "accuracy %.2f %%", 100 * accuracy)
            : failure.lines().findFirst().orElse(failure),
        Double.isNaN(speedup) ? "" : String.format(Locale.ROOT, ", speedup %.2f", speedup));
  }
}
