package org.dlaclab.examples.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.dlaclab.error.DlacException;

/**
 * How many images a network puts into the right class.
 *
 * @param right images whose largest logit is their label's
 * @param images all of them
 */
record Accuracy(int right, int images) {
  private static final int BATCH = 500;
  private static final Pattern TEXT = Pattern.compile(".* % \\((\\d+) of (\\d+)\\)");

  /** Runs all of {@code data} with the values that {@link Parameters#read} gave. */
  static Accuracy of(
      ForwardPass network, Map<String, NDArray> values, FashionMnist data, NDManager manager) {
    int right = 0;
    for (int from = 0; from < data.count(); from += BATCH) {
      Batches.Batch batch = Batches.slice(data, from, Math.min(BATCH, data.count() - from));
      try (NDScope scope = new NDScope()) {
        scope.suppressNotUsedWarning();
        NDArray images = manager.create(batch.pixels(), images(batch));
        long[] classes = network.logits(images, values, false).argMax(1).toLongArray();
        for (int i = 0; i < classes.length; i++) {
          right += classes[i] == batch.labels()[i] ? 1 : 0;
        }
      }
    }
    return new Accuracy(right, data.count());
  }

  /** Reads what {@link #toString} wrote. */
  static Accuracy parse(String text) {
    Matcher found = TEXT.matcher(text);
    if (!found.matches()) {
      throw new DlacException(
          "the accuracy is \"" + text + "\"",
          "\"90.00 % (9000 of 10000)\"",
          "train the network again");
    }
    return new Accuracy(Integer.parseInt(found.group(1)), Integer.parseInt(found.group(2)));
  }

  static Shape images(Batches.Batch batch) {
    return new Shape(batch.labels().length, 1, FashionMnist.SIDE, FashionMnist.SIDE);
  }

  double percent() {
    return 100.0 * right / images;
  }

  /** For example {@code 91.54 % (9154 of 10000)}. */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%.2f %% (%d of %d)", percent(), right, images);
  }
}
