package org.dlaclab.train;

import java.util.List;
import java.util.Locale;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;

/**
 * How fast weights move: the learning rate of each step.
 *
 * <p>All rules rise linearly to their highest rate over the first steps ({@link #WARM_UP}, at most
 * a tenth of the training), as Goyal et al. (arXiv:1706.02677, section 2.2) advise.
 */
public sealed interface LearningRate {
  /** Steps of the rise. */
  int WARM_UP = 200;

  /** The highest rate. */
  double base();

  /**
   * The rate of a step.
   *
   * @param step from 0
   * @param steps of the whole training
   * @param errors mean training error of each past window of steps since the precision changed, 0
   *     to 1: the history that {@link Plateau} looks at
   */
  default double at(long step, long steps, List<Double> errors) {
    double rise = Math.min(1, (step + 1.0) / Math.max(1, Math.min(WARM_UP, steps / 10)));
    return base() * rise * share((double) step / steps, errors);
  }

  /** The share of {@link #base} when {@code progress} of the training is done. */
  double share(double progress, List<Double> errors);

  /** One rate all along. */
  record Constant(double base) implements LearningRate {
    public Constant {
      Check.positive("the learning rate", base);
    }

    @Override
    public double share(double progress, List<Double> errors) {
      return 1;
    }

    @Override
    public String toString() {
      return number(base);
    }
  }

  /** Half a cosine down to 0 (Loshchilov and Hutter, ICLR 2017, equation 5). */
  record Cosine(double base) implements LearningRate {
    public Cosine {
      Check.positive("the learning rate", base);
    }

    @Override
    public double share(double progress, List<Double> errors) {
      return 0.5 * (1 + Math.cos(Math.PI * progress));
    }

    @Override
    public String toString() {
      return "cosine from " + number(base);
    }
  }

  /** A tenth after each milestone (He et al., CVPR 2016, section 4.2). */
  record Steps(double base, List<Double> milestones) implements LearningRate {
    public Steps {
      Check.positive("the learning rate", base);
      milestones = List.copyOf(milestones);
      for (double milestone : milestones) {
        Check.fraction("a milestone of the learning rate", milestone);
      }
    }

    @Override
    public double share(double progress, List<Double> errors) {
      return Math.pow(0.1, (double) milestones.stream().filter(m -> progress >= m).count());
    }

    @Override
    public String toString() {
      return number(base) + ", a tenth after each of " + milestones + " of the training";
    }
  }

  /**
   * Lowered from a history of the training error: when it has not gone down for a few iterations,
   * the rate is (Venkatesh et al., ICASSP 2017, section 3). Error is a mean over {@code window}
   * iterations, since that of one batch is noise; the history begins anew when the precision
   * changes, because the error jumps then.
   *
   * @param patience windows without a new lowest error after which the rate is lowered
   * @param factor by which it is multiplied, below 1
   * @param floor lowest share of {@code base}
   * @param window iterations per entry of the history; 0 for a quarter of an epoch
   */
  record Plateau(double base, int patience, double factor, double floor, int window)
      implements LearningRate {
    private static final double FLOOR = 0.001;

    /**
     * To a third when the error has not gone down for three quarters of an epoch: aggressive, as a
     * training of few epochs needs it.
     */
    public static Plateau of(double base) {
      return new Plateau(base, 3, 0.3, FLOOR, 0);
    }

    public Plateau {
      Check.positive("the learning rate", base);
      Check.positive("the patience of the learning rate", patience);
      if (window < 0) {
        throw new DlacException(
            "the window of the learning rate is " + window,
            "iterations, or 0 for a quarter of an epoch",
            "window 50, say");
      }
      if (!(factor > 0 && factor < 1)) {
        throw new DlacException(
            "the learning rate is lowered by the factor " + factor,
            "a factor above 0 and below 1",
            "0.3, say");
      }
      Check.fraction("the floor of the learning rate", floor);
    }

    @Override
    public double share(double progress, List<Double> errors) {
      double share = 1;
      double best = Double.POSITIVE_INFINITY;
      int without = 0;
      for (double error : errors) {
        if (error < best) {
          best = error;
          without = 0;
        } else if (++without == patience) {
          share *= factor;
          without = 0;
        }
      }
      return Math.max(floor, share);
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%s, times %s when the training error has not gone down for %d windows of %s%s",
          number(base),
          number(factor),
          patience,
          window == 0 ? "a quarter of an epoch" : window + " iterations",
          floor == FLOOR ? "" : ", down to " + number(floor) + " of it");
    }
  }

  private static String number(double value) {
    return value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value);
  }
}
