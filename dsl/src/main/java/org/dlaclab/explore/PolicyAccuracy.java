package org.dlaclab.explore;

import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.ToDoubleFunction;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;
import org.dlaclab.quant.Policy;

/**
 * How accurate a policy is, in the figure {@link Metric#ACCURACY}. It is asked once per policy in a
 * sweep, by one thread at a time; an exception of it is the failure of each point with that policy.
 *
 * @param name what it is measured on: a store keeps figures by it, so that another way to measure
 *     needs another name
 * @param of from 0 to 1
 */
public record PolicyAccuracy(String name, ToDoubleFunction<Policy> of) implements Sweep.Option {
  public PolicyAccuracy {
    Check.named("accuracy(...)", name);
  }

  /** The figure, or why there is none. */
  Result measure(Policy policy) {
    try {
      double accuracy = of.applyAsDouble(policy);
      if (accuracy >= 0 && accuracy <= 1) {
        return Result.of(Map.of(Metric.ACCURACY, accuracy));
      }
      return Result.failed(
          new DlacException(
              "accuracy \"" + name + "\" of policy " + policy.name() + " is " + accuracy,
              "a share from 0 to 1",
              "divide percent by 100"));
    } catch (CancellationException e) {
      throw e;
    } catch (RuntimeException | VirtualMachineError | LinkageError e) {
      return Result.failed(e);
    }
  }
}
