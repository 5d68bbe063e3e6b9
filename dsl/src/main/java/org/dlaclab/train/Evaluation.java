package org.dlaclab.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.loss.Loss;
import java.util.LinkedHashMap;
import java.util.Map;
import org.dlaclab.data.Batches;
import org.dlaclab.data.Images;
import org.dlaclab.data.Normalization;
import org.dlaclab.network.FeatureMap;
import org.dlaclab.network.Layer;

/** Forward passes over images as they are, with the statistics of training. */
record Evaluation(
    NDManager manager, ForwardPass forward, FeatureMap ifm, Normalization normalization) {
  private static final int BATCH = 250;

  /**
   * What a network does on some images.
   *
   * @param wrong images that are put into a wrong class
   * @param loss mean cross-entropy, in nats
   * @param ifmDensity mean non-zero share of the IFM of each grid layer
   */
  record Outcome(int wrong, int images, double loss, Map<String, Double> ifmDensity) {
    double error() {
      return (double) wrong / images;
    }

    Accuracy accuracy() {
      return new Accuracy(images - wrong, images);
    }
  }

  Outcome of(Images images, Map<String, NDArray> values) {
    int wrong = 0;
    double loss = 0;
    Map<String, Double> densities = new LinkedHashMap<>();
    double all = images.count();
    for (Batches.Batch batch : Batches.inOrder(images, normalization, BATCH)) {
      try (NDScope scope = new NDScope()) {
        scope.suppressNotUsedWarning();
        NDArray logits =
            forward.logits(
                array(batch),
                values,
                false,
                (node, inputs, result) -> {
                  if (node.onGrid()) {
                    double share =
                        inputs.get(0).neq(0).toType(DataType.FLOAT32, false).mean().getFloat();
                    densities.merge(node.name(), share * batch.size() / all, Double::sum);
                  }
                  return result;
                });
        NDArray labels = manager.create(batch.labels());
        loss +=
            Loss.softmaxCrossEntropyLoss()
                    .evaluate(new NDList(labels), new NDList(logits))
                    .getFloat()
                * batch.size()
                / all;
        long[] classes = logits.argMax(1).toLongArray();
        for (int i = 0; i < classes.length; i++) {
          wrong += classes[i] == batch.labels()[i] ? 0 : 1;
        }
      }
    }
    return new Outcome(wrong, images.count(), loss, densities);
  }

  /** Root mean square of each ReLU's OFM, by name. */
  Map<String, Double> reluScales(Images images, Map<String, NDArray> values) {
    Map<String, Double> squares = new LinkedHashMap<>();
    double all = images.count();
    for (Batches.Batch batch : Batches.inOrder(images, normalization, BATCH)) {
      try (NDScope scope = new NDScope()) {
        scope.suppressNotUsedWarning();
        forward.logits(
            array(batch),
            values,
            false,
            (node, inputs, result) -> {
              if (node.layer() instanceof Layer.Relu) {
                double square = result.square().mean().getFloat();
                squares.merge(node.name(), square * batch.size() / all, Double::sum);
              }
              return result;
            });
      }
    }
    squares.replaceAll((relu, square) -> Math.sqrt(square));
    return squares;
  }

  private NDArray array(Batches.Batch batch) {
    return manager.create(
        batch.pixels(), new Shape(batch.size(), ifm.channels(), ifm.height(), ifm.width()));
  }

  static boolean isFinite(NDArray array) {
    return !array.isNaN().any().getBoolean() && !array.isInfinite().any().getBoolean();
  }
}
