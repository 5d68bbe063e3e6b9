package org.dlaclab.study;

import org.dlaclab.error.Check;
import org.dlaclab.quant.Policy;
import org.dlaclab.train.Recipe;

/**
 * One of the ways to train that a {@link Study} compares.
 *
 * @param name what tables and charts call it
 * @param policy the precision that is trained for
 * @param recipe how; each of the study's seeds takes the place of its own
 */
public record Variant(String name, Policy policy, Recipe recipe) {
  public Variant {
    Check.named("a variant", name);
  }
}
