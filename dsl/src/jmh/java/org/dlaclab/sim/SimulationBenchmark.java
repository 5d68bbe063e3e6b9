package org.dlaclab.sim;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.dlaclab.Dlac;
import org.dlaclab.grid.Grid;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.operand.Operands;
import org.dlaclab.quant.Policy;
import org.dlaclab.result.Run;
import org.dlaclab.tensor.BitMatrix;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How long a researcher waits: a whole network, exact, in all four skip modes, masks given, for
 * inference (the forward pass) and for training (forward, dgrad and wgrad), and what memory and
 * energy add to it. Beside it the least that any simulator of the forward pass which looks at each
 * pair of words has to do: one popcount of an AND per pair, for one skip mode and without a machine
 * model.
 *
 * <p>The heap is bounded to 1 GB, masks of the whole network included.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 10)
@Measurement(iterations = 20)
@Fork(value = 3, jvmArgsAppend = "-Xmx1g")
public class SimulationBenchmark {
  @Param({"resnet50", "resnet50-v1.5", "resnet152"})
  public String network = "resnet50";

  private Network described = Dlac.zoo("resnet50");
  private final Policy policy =
      Dlac.policy(
          "twn", Dlac.weights(Dlac.ternary()), Dlac.except(Dlac.first(), Dlac.fullPrecision()));
  private final Grid grid = Dlac.grid("dlac", Dlac.pes(16, 32));
  private final Grid real =
      Dlac.grid(
          "real",
          grid,
          Dlac.dram(Dlac.GBps(25.6)),
          Dlac.storage(Dlac.BY_SKIP),
          Dlac.loopOrder(Dlac.AUTO),
          Dlac.precision(Dlac.FP16));
  private final List<MaskedProduct> products = new ArrayList<>();
  private final Map<String, BitMatrix> weights = new HashMap<>();
  private final Map<String, BitMatrix> ifms = new HashMap<>();
  private final Map<String, BitMatrix> gradients = new HashMap<>();

  /** Masks of TWN weights, and of activations and gradients at density 0.5. */
  @Setup
  public void masks() {
    described = Dlac.zoo(network);
    Operands synthetic = Dlac.synthetic(42, Dlac.gradientDensity(0.5)).bind(described, policy);
    for (Node layer : described.gridLayers()) {
      BitMatrix weight = synthetic.weights(layer);
      BitMatrix ifm = synthetic.sample(0).ifm(layer);
      weights.put(layer.name(), weight);
      ifms.put(layer.name(), ifm);
      gradients.put(layer.name(), synthetic.sample(0).ofmGradient(layer));
      Lowering lowering = new Lowering(layer);
      for (int group = 0; group < lowering.groups(); group++) {
        BitMatrix windows = lowering.windows(group, ifm, Set.of()).bits();
        products.add(lowering.forward(group, weight, windows, true));
      }
    }
  }

  /** Lowering, counting, four skip modes, breakdown. */
  @Benchmark
  public Run simulate() {
    return Simulator.run(described, policy, grid, (n, p) -> new Given());
  }

  /** The same for forward, dgrad and wgrad. */
  @Benchmark
  public Run simulateTraining() {
    return Simulator.run(described, policy, grid, (n, p) -> new Given(), Dlac.training());
  }

  /** The same for a grid that waits for DRAM, with compressed operands, and its energy by layer. */
  @Benchmark
  public Object simulateWithMemory() {
    Run run = Simulator.run(described, policy, real, (n, p) -> new Given());
    return List.of(run.memoryTable(), run.energyTable(), run.baselines());
  }

  /** Training on that grid. */
  @Benchmark
  public Object simulateTrainingWithMemory() {
    Run run = Simulator.run(described, policy, real, (n, p) -> new Given(), Dlac.training());
    return List.of(run.memoryTable(), run.energyTable(), run.baselines());
  }

  /** A popcount per pair of words, on one thread. */
  @Benchmark
  public long barePopcountOneThread() {
    long effectual = 0;
    for (MaskedProduct product : products) {
      effectual += popcount(product, 0, product.columns().rows());
    }
    return effectual;
  }

  /** A popcount per pair of words, on all cores. */
  @Benchmark
  public long barePopcount() {
    long effectual = 0;
    for (MaskedProduct product : products) {
      int columns = product.columns().rows();
      int tasks = Math.min(columns, 8 * Runtime.getRuntime().availableProcessors());
      effectual +=
          IntStream.range(0, tasks)
              .parallel()
              .mapToLong(
                  t ->
                      popcount(
                          product,
                          (int) ((long) columns * t / tasks),
                          (int) ((long) columns * (t + 1) / tasks)))
              .sum();
    }
    return effectual;
  }

  private static long popcount(MaskedProduct product, int from, int to) {
    BitMatrix rows = product.rows();
    BitMatrix columns = product.columns();
    int words = rows.wordsPerRow();
    long effectual = 0;
    for (int n = from; n < to; n++) {
      for (int m = 0; m < rows.rows(); m++) {
        for (int w = 0; w < words; w++) {
          effectual += Long.bitCount(rows.word(m, w) & columns.word(n, w));
        }
      }
    }
    return effectual;
  }

  private final class Given implements Operands, Operands.Sample {
    @Override
    public String origin() {
      return "given";
    }

    @Override
    public int samples() {
      return 1;
    }

    @Override
    public int batch() {
      return 1;
    }

    @Override
    public BitMatrix weights(Node layer) {
      return Objects.requireNonNull(weights.get(layer.name()));
    }

    @Override
    public Sample sample(int index) {
      return this;
    }

    @Override
    public BitMatrix ifm(Node layer) {
      return Objects.requireNonNull(ifms.get(layer.name()));
    }

    @Override
    public BitMatrix ofmGradient(Node layer) {
      return Objects.requireNonNull(gradients.get(layer.name()));
    }

    @Override
    public double ofmDensity(Node layer) {
      return Double.NaN;
    }
  }
}
