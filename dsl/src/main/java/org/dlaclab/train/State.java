package org.dlaclab.train;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.dlaclab.tensor.Tensor;

/**
 * All that a training needs to go on exactly as if it had not been stopped. Order and augmentation
 * of the images follow from seed, epoch and position and need no state.
 *
 * @param position where it is
 * @param values by tensor name, quantizers' scales included
 * @param velocities by tensor name
 * @param codes quantized sign of each weight after the last epoch, by layer
 * @param best what to keep so far; empty before the first epoch has ended
 * @param history of the epochs that have ended
 */
record State(
    Position position,
    Map<String, Tensor> values,
    Map<String, Tensor> velocities,
    Map<String, Tensor> codes,
    Optional<Best> best,
    List<Epoch> history) {

  State {
    values = copy(values);
    velocities = copy(velocities);
    codes = copy(codes);
    history = List.copyOf(history);
  }

  /**
   * Where a training is.
   *
   * @param epoch current one, from 0
   * @param step of the epoch that comes next, from 0
   * @param stage of the current epoch
   * @param thresholds of ReLUs in the current epoch
   * @param errors mean training error of each window of this precision
   * @param windowWrong wrong images of the window that is not full yet
   * @param windowSteps steps of that window
   * @param loss sum over the steps of this epoch
   * @param wrong images of this epoch
   * @param seconds that this epoch took
   */
  record Position(
      int epoch,
      int step,
      Stage stage,
      Map<String, Double> thresholds,
      List<Double> errors,
      long windowWrong,
      int windowSteps,
      double loss,
      long wrong,
      double seconds) {
    Position {
      thresholds = Collections.unmodifiableMap(new LinkedHashMap<>(thresholds));
      errors = List.copyOf(errors);
    }

    static Position start(Stage stage, Map<String, Double> thresholds) {
      return new Position(0, 0, stage, thresholds, List.of(), 0, 0, 0, 0, 0);
    }

    /** Behind the last epoch. */
    static Position end(int epochs, Stage stage, Map<String, Double> thresholds) {
      return new Position(epochs, 0, stage, thresholds, List.of(), 0, 0, 0, 0, 0);
    }

    /**
     * The next epoch. When the precision changes, the history of errors begins anew, because the
     * error jumps.
     */
    Position next(Stage nextStage, Map<String, Double> nextThresholds) {
      boolean same = stage != Stage.FULL_PRECISION || nextStage == stage;
      return new Position(
          epoch + 1,
          0,
          nextStage,
          nextThresholds,
          same ? errors : List.of(),
          same ? windowWrong : 0,
          same ? windowSteps : 0,
          0,
          0,
          0);
    }

    /** One step further. */
    Position after(double stepLoss, int stepWrong, int batch, int window, double stepSeconds) {
      List<Double> all = errors;
      long inWindow = windowWrong + stepWrong;
      int steps = windowSteps + 1;
      if (steps >= window) {
        all = new ArrayList<>(errors);
        all.add((double) inWindow / ((long) steps * batch));
        inWindow = 0;
        steps = 0;
      }
      return new Position(
          epoch,
          step + 1,
          stage,
          thresholds,
          all,
          inWindow,
          steps,
          loss + stepLoss,
          wrong + stepWrong,
          seconds + stepSeconds);
    }
  }

  /**
   * What a training would be judged by if it ended now.
   *
   * @param epoch after which it was kept, from 1
   * @param error on the held-out images, or on the training images if none are held out
   */
  record Best(
      int epoch,
      Stage stage,
      double error,
      Map<String, Double> thresholds,
      Map<String, Tensor> values) {
    Best {
      thresholds = Collections.unmodifiableMap(new LinkedHashMap<>(thresholds));
      values = copy(values);
    }
  }

  private static Map<String, Tensor> copy(Map<String, Tensor> map) {
    return Collections.unmodifiableMap(new LinkedHashMap<>(map));
  }
}
