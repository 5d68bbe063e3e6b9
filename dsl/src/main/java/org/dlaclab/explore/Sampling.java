package org.dlaclab.explore;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import org.dlaclab.error.Check;

/** Which of all combinations a sweep simulates. */
public sealed interface Sampling extends Sweep.Option {

  /** All of them: the full factorial. */
  record All() implements Sampling {
    @Override
    public String toString() {
      return "all combinations";
    }
  }

  /**
   * So many of them, each as likely as the others, none twice; all, if there are no more. It looks
   * at no more than a million, and refuses a sweep whose constraints leave too few of these.
   *
   * @param points 1 or more
   */
  record AtRandom(int points, long seed) implements Sampling {
    public AtRandom {
      Check.positive("randomSample", points);
    }

    @Override
    public String toString() {
      return "randomSample(" + points + ", " + seed + ")";
    }
  }

  /**
   * A Latin hypercube (McKay, Beckman, Conover, Technometrics 1979): each axis is cut into as many
   * strata as there are points, and each stratum is met once. An axis of fewer values than points
   * so has each value equally often, give or take one. Combinations that come twice are simulated
   * once, so there may be fewer points.
   *
   * @param points 1 or more
   */
  record LatinHypercube(int points, long seed) implements Sampling {
    public LatinHypercube {
      Check.positive("latinHypercube", points);
    }

    @Override
    public String toString() {
      return "latinHypercube(" + points + ", " + seed + ")";
    }

    /** For each point the index of each axis' level. */
    List<int[]> draw(int[] sizes) {
      Random random = new Random(seed);
      List<int[]> drawn = new ArrayList<>();
      for (int p = 0; p < points; p++) {
        drawn.add(new int[sizes.length]);
      }
      List<Integer> strata = new ArrayList<>();
      for (int p = 0; p < points; p++) {
        strata.add(p);
      }
      for (int axis = 0; axis < sizes.length; axis++) {
        Collections.shuffle(strata, random);
        for (int p = 0; p < points; p++) {
          drawn.get(p)[axis] = (int) ((long) strata.get(p) * sizes[axis] / points);
        }
      }
      return drawn;
    }
  }

  /**
   * A search: NSGA-II (Deb et al., IEEE Transactions on Evolutionary Computation 6(2), 2002), which
   * breeds combinations towards the Pareto front of several objectives. A combination beyond a
   * budget is worse than all that are within, and the worse, the further it is.
   *
   * @param population combinations per generation; 4 or more
   * @param generations 1 or more; combinations that come again are not simulated again
   * @param seed decides the search: the same one looks at the same combinations
   * @param objectives two or three metrics, all different
   */
  record Evolution(
      int population, int generations, long seed, List<Metric> objectives, List<Limit> budgets)
      implements Sampling {
    public Evolution {
      Check.atLeast("the population of evolution", population, 4);
      Check.positive("the generations of evolution", generations);
      objectives = List.copyOf(objectives);
      budgets = List.copyOf(budgets);
      Front.require(objectives);
    }

    @Override
    public String toString() {
      return "evolution("
          + population
          + ", "
          + generations
          + ", "
          + seed
          + ", "
          + objectives
          + ") within "
          + budgets;
    }
  }

  /** The order in which a random sample takes combinations: all of them, each once. */
  static Iterable<Long> shuffled(long count, long seed) {
    return () ->
        new java.util.Iterator<>() {
          private final SplittableRandom random = new SplittableRandom(seed);
          private final Set<Long> seen = new LinkedHashSet<>();

          @Override
          public boolean hasNext() {
            return seen.size() < count;
          }

          @Override
          public Long next() {
            long number = random.nextLong(count);
            while (!seen.add(number)) {
              number = random.nextLong(count);
            }
            return number;
          }
        };
  }
}
