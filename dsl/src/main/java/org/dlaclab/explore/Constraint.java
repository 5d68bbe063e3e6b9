package org.dlaclab.explore;

import java.util.function.Predicate;
import org.dlaclab.error.Check;

/**
 * What a point must fulfil to be simulated: {@code where("at most 512 PEs", p ->
 * p.grid().pes().count() <= 512)}.
 *
 * @param name what results call it
 */
public record Constraint(String name, Predicate<Setting> holds) implements Sweep.Option {
  public Constraint {
    Check.named("a constraint", name);
  }
}
