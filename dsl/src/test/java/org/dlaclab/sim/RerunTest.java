package org.dlaclab.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.dlaclab.Dlac.*;
import static org.dlaclab.error.Refusals.assertRefused;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.dlaclab.grid.FilterOrder;
import org.dlaclab.grid.Grid;
import org.dlaclab.grid.Storage;
import org.dlaclab.network.Layer;
import org.dlaclab.network.Layer.Conv;
import org.dlaclab.network.Network;
import org.dlaclab.operand.Source;
import org.dlaclab.plot.HeatMap;
import org.dlaclab.quant.Policy;
import org.dlaclab.result.LayerResult;
import org.dlaclab.result.Passes;
import org.dlaclab.result.Run;
import org.dlaclab.result.Watcher;
import org.dlaclab.sim.reference.ReferenceMachine;
import org.dlaclab.sim.reference.StorageBits;
import org.dlaclab.tensor.Tensor;
import org.dlaclab.testing.GivenOperands;
import org.dlaclab.testing.RandomCases;
import org.dlaclab.testing.RandomCases.ConvCase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each PE in each cycle, against the reference machine, which steps, and against the engine. */
class RerunTest {
  private static final int IFM_BITS = 3;

  /** Plain, 1x1, grouped and depthwise layers, in all skip modes, storages and loop orders. */
  static Stream<ConvCase> convolutions() {
    return LongStream.range(0, 160)
        .mapToObj(RandomCases::conv)
        .map(c -> c.on(RandomCases.memory(c.grid(), c.seed(), Storage.values())));
  }

  /** The case behind a ReLU, and behind something that is trained, so that it has a dgrad. */
  private static Run run(ConvCase c) {
    Tensor gradient = c.ofmGradient();
    return run(c, (network, policy) -> new GivenOperands(c, gradient));
  }

  private static Run run(ConvCase c, Source source) {
    Network network =
        Network.of(
            "case",
            c.ifmMap(),
            List.of(new Layer.BatchNorm("bn"), new Layer.Relu("in", 0), c.conv()));
    Policy policy =
        policy(
            "low",
            weights(c.multiplierFree() ? ternary() : bits(5)),
            activations("in", kBit(IFM_BITS)));
    return Simulator.run(network, policy, c.grid(), source, Passes.TRAINING);
  }

  @ParameterizedTest
  @MethodSource("convolutions")
  void eachPeDoesInEachCycleWhatItDoesInTheReferenceMachine(ConvCase c) {
    int full = c.grid().precision().bits();
    int weights = c.multiplierFree() ? 2 : 5;
    Tensor gradient = c.ofmGradient();
    List<String> forward = new ArrayList<>();
    new ReferenceMachine(c.grid(), new StorageBits(weights, IFM_BITS, full), forward::add)
        .conv(c.conv(), c.weights(), c.ifm(), c.multiplierFree());
    List<String> dgrad = new ArrayList<>();
    new ReferenceMachine(c.grid(), new StorageBits(weights, full, full), dgrad::add)
        .dgrad(c.conv(), c.weights(), gradient, c.ifmMap(), c.multiplierFree());
    List<String> wgrad = new ArrayList<>();
    new ReferenceMachine(c.grid(), new StorageBits(full, IFM_BITS, full), wgrad::add)
        .wgrad(c.conv(), gradient, c.ifm());

    assertThat(log(c, FORWARD)).as("forward").isEqualTo(forward);
    assertThat(log(c, DGRAD)).as("dgrad").isEqualTo(dgrad);
    assertThat(log(c, WGRAD)).as("wgrad").isEqualTo(wgrad);
    List<String> all = new ArrayList<>(forward);
    all.addAll(dgrad);
    all.addAll(wgrad);
    assertThat(log(c, Passes.TRAINING)).as("one after another").isEqualTo(all);
  }

  private static List<String> log(ConvCase c, Passes passes) {
    Log log = new Log(c.grid().pes());
    run(c).rerun().orElseThrow().watch(Set.of(c.conv().name()), passes, 1, log);
    return log.cycles.stream().map(String::new).toList();
  }

  @ParameterizedTest
  @MethodSource("convolutions")
  void theHeatMapCountsThePairsOfTheDefinition(ConvCase c) {
    Run run = run(c).of(FORWARD);
    LayerResult layer = run.layer(c.conv().name()).get(0);
    double slots = (double) layer.timing().unitCycles() / c.grid().pes().count();
    long[][] pairs = pairs(c);
    HeatMap map = run.utilization(c.conv().name());

    assertThat(map.values()).hasSize(pairs.length);
    for (int y = 0; y < pairs.length; y++) {
      assertThat(map.values().get(y)).hasSize(pairs[y].length);
      for (int x = 0; x < pairs[y].length; x++) {
        assertThat(map.values().get(y).get(x) / 100 * slots)
            .as("PE %d, %d", y, x)
            .isCloseTo((double) pairs[y][x], within(1e-6 * slots));
      }
    }
    assertThat(Stream.of(pairs).flatMapToLong(Arrays::stream).sum()).isEqualTo(layer.issued());
  }

  /** Pairs that each PE issues, one after another from the definition of a convolution. */
  private static long[][] pairs(ConvCase c) {
    Conv conv = c.conv();
    Grid grid = c.grid();
    long[][] pairs = new long[grid.pes().rows()][grid.pes().columns()];
    int perGroup = conv.filters() / conv.groups();
    int channels = c.ifmMap().channels() / conv.groups();
    for (int group = 0; group < conv.groups(); group++) {
      int first = group * perGroup;
      List<Integer> order = IntStream.range(first, first + perGroup).boxed().toList();
      if (grid.filterOrder() == FilterOrder.DENSITY_SORTED) {
        order =
            order.stream().sorted(Comparator.comparing(f -> -nonZeros(c.weights(), f))).toList();
      }
      for (int m = 0; m < perGroup; m++) {
        int f = order.get(m);
        int y = m / grid.tile().rows() % grid.pes().rows();
        for (int n = 0; n < c.batch() * c.ofm().pixels(); n++) {
          int x = n / grid.tile().columns() % grid.pes().columns();
          int q = n % c.ofm().width();
          int p = n / c.ofm().width() % c.ofm().height();
          int b = n / c.ofm().pixels();
          for (int ch = 0; ch < channels; ch++) {
            for (int r = 0; r < conv.kernel().height(); r++) {
              for (int s = 0; s < conv.kernel().width(); s++) {
                boolean weight = at(c.weights(), f, ch, r, s) != 0;
                int h = p * conv.stride().height() - conv.padding().top();
                int w = q * conv.stride().width() - conv.padding().left();
                h += r * conv.dilation().height();
                w += s * conv.dilation().width();
                boolean pixel = at(c.ifm(), b, group * channels + ch, h, w) != 0;
                boolean issued =
                    switch (grid.skip()) {
                      case NONE -> true;
                      case WEIGHTS -> weight;
                      case ACTIVATIONS -> pixel;
                      case BOTH -> weight && pixel;
                    };
                pairs[y][x] += issued ? 1 : 0;
              }
            }
          }
        }
      }
    }
    return pairs;
  }

  private static int nonZeros(Tensor weights, int filter) {
    int size = weights.size() / weights.shape().dim(0);
    return (int)
        IntStream.range(filter * size, (filter + 1) * size)
            .filter(i -> weights.get(i) != 0)
            .count();
  }

  /** An element of a tensor of four dimensions, 0 beyond the last two. */
  private static float at(Tensor tensor, int a, int b, int c, int d) {
    int height = tensor.shape().dim(2);
    int width = tensor.shape().dim(3);
    return c < 0 || c >= height || d < 0 || d >= width
        ? 0
        : tensor.get(((a * tensor.shape().dim(1) + b) * height + c) * width + d);
  }

  /** Layers with adders alone and such with multipliers, on several samples. */
  @Test
  void theMeanOverPesIsTheUtilizationOfTheTable() {
    Grid grid = grid("g", pes(3, 5), lanes(4), multipliers(2), dram(GBps(4)));
    Run run =
        simulate(
            zoo("lenet5"),
            policy("mixed", weights(ternary()), except("conv2", fullPrecision())),
            grid,
            synthetic(3, samples(3)),
            training());

    assertThat(mean(run.utilization()))
        .isCloseTo(100 * Run.spread(run.totals(), LayerResult::utilization).mean(), within(1e-9));
    for (String layer : run.layers()) {
      assertThat(mean(run.utilization(layer)))
          .as(layer)
          .isCloseTo(
              100 * Run.spread(run.layer(layer), LayerResult::utilization).mean(), within(1e-9));
    }
    assertThat(mean(run.of(WGRAD).utilization("conv2")))
        .isNotCloseTo(mean(run.utilization("conv2")), within(1e-3));
  }

  private static double mean(HeatMap map) {
    return map.values().stream()
        .flatMap(List::stream)
        .mapToDouble(Double::doubleValue)
        .average()
        .orElseThrow();
  }

  @Test
  void tensorsThatChangedSinceAreRefused() {
    ConvCase one = RandomCases.conv(3).with(BOTH);
    ConvCase dense = one.dense();
    AtomicInteger asked = new AtomicInteger();
    Run run =
        run(
                one,
                (network, policy) ->
                    new GivenOperands(
                        asked.getAndIncrement() == 0 ? one : dense, one.ofmGradient()))
            .of(FORWARD);

    assertRefused(run::utilization, "\"case\"", "pairs now", "given", "simulate again");
  }

  @Test
  void aRunOfResultsAloneSaysWhatItLacks() {
    Run whole = run(RandomCases.conv(1));
    Run alone = new Run("net", "p", whole.grid(), "a file", 1, whole.samples());

    assertRefused(alone::utilization, "\"net\"", "results alone", "simulate");
    assertRefused(() -> whole.utilization("con"), "no layer \"con\"");
  }

  /** Writes a letter per PE and cycle, as the reference machine does. */
  private static final class Log implements Watcher {
    private final Grid.Pes pes;
    private final List<char[]> cycles = new ArrayList<>();

    Log(Grid.Pes pes) {
      this.pes = pes;
    }

    private void write(int pe, long at, long count, char letter) {
      for (long cycle = at; cycle < at + count; cycle++) {
        while (cycles.size() <= cycle) {
          char[] waiting = new char[pes.count()];
          Arrays.fill(waiting, 'w');
          cycles.add(waiting);
        }
        assertThat(cycles.get((int) cycle)[pe]).as("told once").isEqualTo('w');
        cycles.get((int) cycle)[pe] = letter;
      }
    }

    @Override
    public void layer(int sample, String layer) {
      assertThat(sample).isZero();
    }

    @Override
    public void tiles(long at, String which) {
      assertThat(which).contains(", tiles ");
    }

    @Override
    public void block(int y, int x, long at, long issued, long computing, long scanning) {
      write(y * pes.columns() + x, at, computing, 'i');
      write(y * pes.columns() + x, at + computing, scanning, 'z');
    }

    @Override
    public void drain(long at, long cycles) {
      for (int pe = 0; pe < pes.count(); pe++) {
        write(pe, at, cycles, 'd');
      }
    }

    @Override
    public void stall(long at, long cycles) {
      for (int pe = 0; pe < pes.count(); pe++) {
        write(pe, at, cycles, 's');
      }
    }
  }
}
