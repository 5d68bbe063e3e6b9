package org.dlaclab.explore;

import java.util.function.ToDoubleFunction;
import org.dlaclab.error.Check;
import org.dlaclab.quant.Policy;

/**
 * How accurate a policy is, in the figure {@link Metric#ACCURACY}. It is asked once per policy, on
 * one thread.
 *
 * @param name what it is measured on: a store keeps figures by it, so that another way to measure
 *     needs another name
 * @param of from 0 to 1
 */
public record PolicyAccuracy(String name, ToDoubleFunction<Policy> of) implements Sweep.Option {
  public PolicyAccuracy {
    Check.named("accuracy(...)", name);
  }
}
