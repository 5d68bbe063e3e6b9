package org.dlaclab.explore;

import io.jenetics.Alterer;
import io.jenetics.AltererResult;
import io.jenetics.Genotype;
import io.jenetics.IntegerChromosome;
import io.jenetics.IntegerGene;
import io.jenetics.Optimize;
import io.jenetics.Phenotype;
import io.jenetics.Selector;
import io.jenetics.UniformCrossover;
import io.jenetics.ext.moea.NSGA2Selector;
import io.jenetics.ext.moea.UFTournamentSelector;
import io.jenetics.ext.moea.Vec;
import io.jenetics.util.ISeq;
import io.jenetics.util.RandomRegistry;
import io.jenetics.util.Seq;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.dlaclab.progress.Live;
import org.dlaclab.progress.Progress;
import org.dlaclab.progress.Stop;
import org.dlaclab.table.Listing;

/**
 * A search by NSGA-II: of parents and children together those survive that few others beat, and
 * that stand in sparse parts of the front. Sorting, crowding and tournaments are those of Jenetics;
 * crossover is uniform, and a child has one new gene in expectation. A gene is the level of an
 * axis. All combinations of a generation are simulated together, so that they share what they can.
 */
final class Search {
  /** Genes are numbers below 2^20: axes have different numbers of levels, and genes one range. */
  private static final int GENE_BITS = 20;

  private static final double CROSSOVER = 0.9;

  /** Of the combinations so far a user sees so many. */
  private static final int SHOWN = 10;

  /** Beyond any figure: so much worse is a combination that no budget holds. */
  private static final double BEYOND = 1e100;

  private final Sweep sweep;
  private final Sampling.Evolution plan;
  private final Stop stop;
  private final Known known;
  private final Map<String, Integer> excluded = new LinkedHashMap<>();

  /** By the indices of levels; what constraints left out has no point. */
  private final Map<List<Integer>, List<Point>> seen = new LinkedHashMap<>();

  Search(Sweep sweep, Sampling.Evolution plan, Stop stop, Known known) {
    this.sweep = sweep;
    this.plan = plan;
    this.stop = stop;
    this.known = known;
  }

  Exploration run() {
    // One thread draws, so that a seed decides all.
    return RandomRegistry.with(
        new Random(plan.seed()),
        random -> {
          evolve();
          Exploration found = exploration();
          if (found.points().isEmpty() && !stop.asked()) {
            throw sweep.noneLeft(excluded);
          }
          return found;
        });
  }

  private void evolve() {
    int genes = Math.max(1, sweep.axes().size());
    Selector<IntegerGene, Vec<double[]>> parenthood = UFTournamentSelector.ofVec();
    Selector<IntegerGene, Vec<double[]>> survival = NSGA2Selector.ofVec();
    var alterer =
        Alterer.<IntegerGene, Vec<double[]>>of(
            new UniformCrossover<>(CROSSOVER),
            (population, generation) -> mutated(population, 1.0 / genes, generation));
    Genotype<IntegerGene> any = Genotype.of(IntegerChromosome.of(0, 1 << GENE_BITS, genes));
    String what = "search " + sweep.name();
    try (Progress progress = Progress.of(what + ", generations", plan.generations());
        Live live = Live.of(what);
        Cluster.Connection cluster = sweep.cluster().connect()) {
      ISeq<Phenotype<IntegerGene, Vec<double[]>>> parents = ISeq.empty();
      for (int generation = 1;
          generation <= plan.generations() && !stop.asked() && !hasSeenAll();
          generation++) {
        int born = generation;
        // A tournament needs two: copies of one combination are one.
        ISeq<Phenotype<IntegerGene, Vec<double[]>>> fresh =
            parents.size() < 2
                ? any.instances()
                    .limit(plan.population())
                    .map(genotype -> Phenotype.<IntegerGene, Vec<double[]>>of(genotype, born))
                    .collect(ISeq.toISeq())
                : alterer
                    .alter(
                        parenthood.select(parents, plan.population(), Optimize.MAXIMUM), generation)
                    .population();
        simulate(fresh, cluster);
        parents = distinct(parents.append(fresh.map(this::measured)));
        if (parents.size() > plan.population()) {
          parents = survival.select(parents, plan.population(), Optimize.MAXIMUM);
        }
        progress.step();
        Exploration soFar = exploration();
        live.show(() -> best(soFar), soFar.headline());
      }
    }
  }

  private boolean hasSeenAll() {
    return sweep.combinations().equals(BigInteger.valueOf(seen.size()));
  }

  /** Draws each gene anew with this probability: Jenetics' own mutators change many or none. */
  private static AltererResult<IntegerGene, Vec<double[]>> mutated(
      Seq<Phenotype<IntegerGene, Vec<double[]>>> population, double probability, long generation) {
    RandomGenerator random = RandomRegistry.random();
    return new AltererResult<>(
        population
            .map(
                individual ->
                    Phenotype.<IntegerGene, Vec<double[]>>of(
                        Genotype.of(
                            individual
                                .genotype()
                                .chromosome()
                                .newInstance(
                                    ISeq.of(individual.genotype().chromosome())
                                        .map(
                                            gene ->
                                                random.nextDouble() < probability
                                                    ? gene.newInstance()
                                                    : gene))),
                        generation))
            .asISeq());
  }

  private Phenotype<IntegerGene, Vec<double[]>> measured(
      Phenotype<IntegerGene, Vec<double[]>> individual) {
    return individual.withFitness(fitness(individual));
  }

  /** Of equal combinations the first: a population of copies breeds nothing. */
  private ISeq<Phenotype<IntegerGene, Vec<double[]>>> distinct(
      ISeq<Phenotype<IntegerGene, Vec<double[]>>> population) {
    Set<List<Integer>> there = new HashSet<>();
    return population.stream().filter(p -> there.add(levels(p))).collect(ISeq.toISeq());
  }

  /** The best combinations within the budgets so far. */
  private Listing best(Exploration soFar) {
    Metric first = plan.objectives().get(0);
    return soFar.listing(
        soFar.headline() + ", the best by " + first.title(),
        soFar.ranked(first).stream()
            .filter(p -> plan.budgets().stream().allMatch(limit -> limit.holds(p)))
            .limit(SHOWN)
            .toList());
  }

  private List<Integer> levels(Phenotype<IntegerGene, Vec<double[]>> individual) {
    List<Integer> levels = new ArrayList<>();
    for (int axis = 0; axis < sweep.axes().size(); axis++) {
      long allele = individual.genotype().chromosome().get(axis).allele();
      levels.add((int) ((allele * sweep.axes().get(axis).levels().size()) >> GENE_BITS));
    }
    return levels;
  }

  /** Simulates what has not been yet; a user who stops leaves some out. */
  private void simulate(Seq<Phenotype<IntegerGene, Vec<double[]>>> population, Cluster cluster) {
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
    Exploration done =
        new Runner(sweep, new Sweep.Space(fresh, Map.of()), stop, known).run(cluster);
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
    if (Arrays.stream(fitness).anyMatch(Double::isNaN)) {
      Arrays.fill(fitness, -2 * BEYOND);
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
