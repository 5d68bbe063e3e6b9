package org.dlaclab.train;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What one pass over the training images came to.
 *
 * @param number from 1
 * @param stage what it was about
 * @param loss mean over all images of cross-entropy (in nats) and penalty
 * @param trainError share of the training images, augmented, that were put into a wrong class while
 *     training, 0 to 1
 * @param validationError share of the held-out images that are put into a wrong class after the
 *     epoch; NaN if none are held out
 * @param learningRate of the last step
 * @param weightDensity non-zero share of the weights as they are used after the epoch, by grid
 *     layer
 * @param ifmDensity non-zero share of the IFM on the held-out images, by grid layer; empty if none
 *     are held out
 * @param thresholds of the ReLUs that have one above 0, by name
 * @param drift share of the weights whose quantized sign (-, 0, +) is another than an epoch before
 * @param seconds of training, without what is measured after it
 * @param imagesPerSecond of training
 * @param note what the schedule decided after it; often empty
 */
public record Epoch(
    int number,
    Stage stage,
    double loss,
    double trainError,
    double validationError,
    double learningRate,
    Map<String, Double> weightDensity,
    Map<String, Double> ifmDensity,
    Map<String, Double> thresholds,
    double drift,
    double seconds,
    double imagesPerSecond,
    String note) {
  public Epoch {
    weightDensity = Collections.unmodifiableMap(new LinkedHashMap<>(weightDensity));
    ifmDensity = Collections.unmodifiableMap(new LinkedHashMap<>(ifmDensity));
    thresholds = Collections.unmodifiableMap(new LinkedHashMap<>(thresholds));
  }

  /** Error on the held-out images, or on the training images if none are held out. */
  public double error() {
    return Double.isNaN(validationError) ? trainError : validationError;
  }

  /** The highest threshold of a ReLU. */
  public double highestThreshold() {
    return thresholds.values().stream().mapToDouble(t -> t).max().orElse(0);
  }

  /** Mean over layers; NaN if it was not measured. */
  public double meanIfmDensity() {
    return ifmDensity.values().stream().mapToDouble(d -> d).average().orElse(Double.NaN);
  }

  Epoch noted(String text) {
    return new Epoch(
        number,
        stage,
        loss,
        trainError,
        validationError,
        learningRate,
        weightDensity,
        ifmDensity,
        thresholds,
        drift,
        seconds,
        imagesPerSecond,
        note.isEmpty() ? text : note + "; " + text);
  }
}
