package org.dlaclab.explore;

import java.util.function.Predicate;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;

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

  /**
   * A budget of what a grid has without being simulated: area and PEs.
   *
   * @throws DlacException if its metric is another
   */
  public static Constraint of(Limit budget) {
    if (budget.metric() != Metric.AREA && budget.metric() != Metric.PES) {
      throw new DlacException(
          "where(" + budget + ") asks for what only a simulation tells",
          "a budget of AREA or PES",
          "choose among simulated points: best(CYCLES, budget), or give it to evolution(...)");
    }
    return new Constraint(
        budget.toString(),
        setting ->
            budget.holds(
                budget.metric() == Metric.AREA
                    ? setting.grid().area().total().value()
                    : setting.grid().pes().count()));
  }
}
