package org.dlaclab.explore;

import io.jenetics.Genotype;
import io.jenetics.IntegerChromosome;
import io.jenetics.IntegerGene;
import io.jenetics.Mutator;
import io.jenetics.Optimize;
import io.jenetics.Phenotype;
import io.jenetics.UniformCrossover;
import io.jenetics.engine.Engine;
import io.jenetics.engine.Evaluator;
import io.jenetics.engine.EvolutionStream;
import io.jenetics.ext.moea.NSGA2Selector;
import io.jenetics.ext.moea.UFTournamentSelector;
import io.jenetics.ext.moea.Vec;
import io.jenetics.util.RandomRegistry;
import io.jenetics.util.Seq;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.dlaclab.progress.Live;
import org.dlaclab.progress.Progress;
import org.dlaclab.progress.Stop;

/**
 * A search by NSGA-II, as Jenetics has it: survivors by dominance and crowding, parents by unique
 * fitness tournaments, uniform crossover, and a mutation of one gene in expectation. A gene is the
 * level of an axis. All combinations of a generation are simulated together, so that they share
 * what they can.
 */
final class Search {
  /** Genes are numbers below 2^20: axes have different numbers of levels, and genes one range. */
  private static final int GENE_BITS = 20;

  private static final double CROSSOVER = 0.5;

  /** Beyond any figure: so much worse is a combination that no budget holds. */
  private static final double BEYOND = 1e100;

  private final Sweep sweep;
  private final Sampling.Evolution plan;
  private final Stop stop;
  private final Map<String, Integer> excluded = new LinkedHashMap<>();
  private final Map<String, Double> accuracies = new HashMap<>();

  /** By the indices of levels; what constraints left out has no point. */
  private final Map<List<Integer>, List<Point>> seen = new LinkedHashMap<>();

  Search(Sweep sweep, Sampling.Evolution plan, Stop stop) {
    this.sweep = sweep;
    this.plan = plan;
    this.stop = stop;
  }

  Exploration run() {
    String what = "search " + sweep.name();
    Evaluator<IntegerGene, Vec<double[]>> evaluator =
        population -> {
          simulate(population);
          return population.map(p -> p.isEvaluated() ? p : p.withFitness(fitness(p))).asISeq();
        };
    int genes = sweep.axes().size();
    // One thread draws, so that a seed decides all.
    return RandomRegistry.with(
        new Random(plan.seed()),
        random -> {
          Engine<IntegerGene, Vec<double[]>> engine =
              new Engine.Builder<>(
                      evaluator,
                      Genotype.of(IntegerChromosome.of(0, 1 << GENE_BITS, Math.max(1, genes))))
                  .populationSize(plan.population())
                  .executor(Runnable::run)
                  .optimize(Optimize.MAXIMUM)
                  .offspringSelector(UFTournamentSelector.ofVec())
                  .survivorsSelector(NSGA2Selector.ofVec())
                  .alterers(
                      new UniformCrossover<>(CROSSOVER), new Mutator<>(1.0 / Math.max(1, genes)))
                  .build();
          EvolutionStream<IntegerGene, Vec<double[]>> stream = engine.stream();
          try (Progress progress = Progress.of(what + ", generations", plan.generations());
              Live live = Live.of(what)) {
            stream
                .limit(result -> !stop.asked())
                .limit(plan.generations())
                .forEach(
                    result -> {
                      Exploration soFar = exploration();
                      progress.step();
                      live.show(
                          () -> soFar.listing(soFar.headline(), within(soFar)), soFar.headline());
                    });
          }
          return exploration();
        });
  }

  private List<Point> within(Exploration soFar) {
    return soFar.succeeded().stream()
        .filter(p -> plan.budgets().stream().allMatch(limit -> limit.holds(p)))
        .toList();
  }

  private List<Integer> levels(Phenotype<IntegerGene, Vec<double[]>> individual) {
    List<Integer> levels = new ArrayList<>();
    for (int axis = 0; axis < sweep.axes().size(); axis++) {
      long allele = individual.genotype().chromosome().get(axis).allele();
      levels.add((int) (allele * sweep.axes().get(axis).levels().size() >> GENE_BITS));
    }
    return levels;
  }

  /** Simulates what has not been yet; a user who stops leaves some out. */
  private void simulate(Seq<Phenotype<IntegerGene, Vec<double[]>>> population) {
    List<Point> fresh = new ArrayList<>();
    Map<Long, List<Integer>> byNumber = new HashMap<>();
    for (Phenotype<IntegerGene, Vec<double[]>> individual : population) {
      List<Integer> levels = levels(individual);
      if (seen.containsKey(levels)) {
        continue;
      }
      seen.put(levels, List.of());
      int before = fresh.size();
      long number = seen.size();
      sweep.add(number, levels.stream().mapToInt(i -> i).toArray(), fresh, excluded);
      if (fresh.size() > before) {
        byNumber.put(number, levels);
      }
    }
    if (fresh.isEmpty() || stop.asked()) {
      return;
    }
    Exploration done = new Runner(sweep, new Sweep.Space(fresh, Map.of()), stop, accuracies).run();
    done.points()
        .forEach(p -> seen.put(Objects.requireNonNull(byNumber.get(p.number())), List.of(p)));
  }

  /** The higher, the better; what is beyond a budget is worse than all that is within. */
  private Vec<double[]> fitness(Phenotype<IntegerGene, Vec<double[]>> individual) {
    List<Point> points = Objects.requireNonNull(seen.get(levels(individual)));
    double[] fitness = new double[plan.objectives().size()];
    if (points.isEmpty() || !points.get(0).succeeded()) {
      Arrays.fill(fitness, -2 * BEYOND);
      return Vec.of(fitness);
    }
    Point point = points.get(0);
    double violation = plan.budgets().stream().mapToDouble(limit -> limit.violation(point)).sum();
    for (int i = 0; i < fitness.length; i++) {
      Metric metric = plan.objectives().get(i);
      double cost = metric.cost(point.figure(metric));
      fitness[i] = violation > 0 ? -BEYOND * (violation / (1 + violation)) - BEYOND / 2 : -cost;
    }
    return Vec.of(fitness);
  }

  private Exploration exploration() {
    return new Exploration(
        sweep.name(),
        sweep.axes(),
        seen.values().stream().flatMap(List::stream).toList(),
        false,
        excluded);
  }
}
