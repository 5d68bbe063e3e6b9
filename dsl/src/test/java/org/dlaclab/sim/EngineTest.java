package org.dlaclab.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.dlaclab.error.DlacException;
import org.dlaclab.grid.Grid;
import org.dlaclab.grid.Skip;
import org.dlaclab.network.FeatureMap;
import org.dlaclab.network.Layer;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.operand.Source;
import org.dlaclab.operand.Synthetic;
import org.dlaclab.quant.Policy;
import org.dlaclab.quant.Quantizer;
import org.dlaclab.result.LayerResult;
import org.dlaclab.result.Measured;
import org.dlaclab.result.ProductResult;
import org.dlaclab.result.Timing;
import org.dlaclab.sim.reference.Outcome;
import org.dlaclab.sim.reference.ReferenceMachine;
import org.dlaclab.tensor.BitMatrix;
import org.dlaclab.tensor.Shape;
import org.dlaclab.testing.GivenOperands;
import org.dlaclab.testing.RandomCases;
import org.dlaclab.testing.RandomCases.ConvCase;
import org.dlaclab.testing.RandomCases.ProductCase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The engine counts; the reference machine steps and carries values. They were written apart from
 * each other, from the machine model alone, and must agree to the last cycle.
 */
class EngineTest {

  static Stream<ConvCase> convolutions() {
    return LongStream.range(0, 400).mapToObj(RandomCases::conv);
  }

  static Stream<ProductCase> products() {
    return LongStream.range(0, 200).mapToObj(RandomCases::product);
  }

  @ParameterizedTest
  @MethodSource("convolutions")
  void convolutionTakesTheCyclesOfTheReferenceMachineInEverySkipMode(ConvCase random) {
    for (Skip skip : Skip.values()) {
      ConvCase c = random.with(skip);
      Outcome reference =
          new ReferenceMachine(c.grid()).conv(c.conv(), c.weights(), c.ifm(), c.multiplierFree());
      LayerResult layer = simulate(c);
      assertThat(layer.cycles()).as("cycles, skip %s", skip).isEqualTo(reference.cycles());
      assertAgreement(layer, reference);
    }
  }

  @ParameterizedTest
  @MethodSource("products")
  void productTakesTheCyclesOfTheReferenceMachineInEverySkipMode(ProductCase random) {
    for (Skip skip : Skip.values()) {
      ProductCase c = random.with(skip);
      ProductResult product = simulate(c);
      Outcome reference =
          new ReferenceMachine(c.grid()).run(c.rows(), c.columns(), c.multiplierFree());
      assertThat(product.cycles()).as("cycles, skip %s", skip).isEqualTo(reference.cycles());
      assertAgreement(product, reference);
    }
  }

  private static void assertAgreement(Measured engine, Outcome reference) {
    Timing timing = engine.timing();
    assertThat(engine.macs()).as("MACs").isEqualTo(reference.macs());
    assertThat(engine.issued()).as("issued").isEqualTo(reference.issued());
    assertThat(engine.effectual()).as("effectual").isEqualTo(reference.effectual());
    assertThat(timing.compute()).as("compute").isCloseTo(reference.compute(), within(1e-6));
    assertThat(timing.imbalance()).as("imbalance").isCloseTo(reference.imbalance(), within(1e-6));
    assertThat(timing.scanLimit()).as("scan limit").isCloseTo(reference.scanLimit(), within(1e-6));
    assertThat((double) timing.drain()).as("drain").isCloseTo(reference.drain(), within(1e-6));
  }

  @ParameterizedTest
  @MethodSource("products")
  void effectualPairsAreThoseOfThreeNestedLoops(ProductCase c) {
    long effectual = 0;
    int k = c.rows().shape().dim(1);
    for (int m = 0; m < c.rows().shape().dim(0); m++) {
      for (int n = 0; n < c.columns().shape().dim(0); n++) {
        for (int i = 0; i < k; i++) {
          effectual += c.rows().get(m * k + i) != 0 && c.columns().get(n * k + i) != 0 ? 1 : 0;
        }
      }
    }
    assertThat(simulate(c).effectual()).isEqualTo(effectual);
  }

  @ParameterizedTest
  @MethodSource("products")
  void cyclesSplitIntoPartsThatAddUp(ProductCase c) {
    for (Skip skip : Skip.values()) {
      Timing t = simulate(c.with(skip)).timing();
      assertThat(t.compute() + t.imbalance() + t.scanLimit() + (double) t.drain())
          .isCloseTo((double) t.cycles(), within(1e-6));
      assertThat(
              Math.min(
                  Math.min(t.compute(), t.imbalance()),
                  Math.min(t.scanLimit(), (double) t.drain())))
          .isGreaterThanOrEqualTo(-1e-9);
      assertThat(t.utilization()).isBetween(0.0, 1.0);
    }
  }

  @ParameterizedTest
  @MethodSource("products")
  void skippingMoreNeverCostsCycles(ProductCase c) {
    long none = simulate(c.with(Skip.NONE)).cycles();
    long weights = simulate(c.with(Skip.WEIGHTS)).cycles();
    long activations = simulate(c.with(Skip.ACTIVATIONS)).cycles();
    long both = simulate(c.with(Skip.BOTH)).cycles();
    assertThat(weights).isLessThanOrEqualTo(none);
    assertThat(activations).isLessThanOrEqualTo(none);
    assertThat(both).isLessThanOrEqualTo(Math.min(weights, activations));
  }

  @ParameterizedTest
  @MethodSource("products")
  void meetingLessOftenNeverCostsCycles(ProductCase c) {
    long every = simulate(c, c.grid().with(new Grid.Sync(1))).cycles();
    long perPass = simulate(c, c.grid().with(new Grid.Sync(0))).cycles();
    assertThat(perPass).isLessThanOrEqualTo(every);
  }

  @Test
  void denseOperandsGainNothing() {
    boolean[][] rows = new boolean[37][200];
    boolean[][] columns = new boolean[51][200];
    Stream.of(rows, columns).flatMap(Stream::of).forEach(row -> java.util.Arrays.fill(row, true));
    ProductResult result =
        Simulator.run(
            new MaskedProduct(BitMatrix.of("rows", rows), BitMatrix.of("columns", columns), true),
            Grid.of("g", new Grid.Pes(2, 3)));
    assertThat(result.speedup()).isEqualTo(1);
    assertThat(result.effectual()).isEqualTo(result.macs()).isEqualTo(37L * 51 * 200);
  }

  static Stream<Arguments> gridsBeyondTheWork() {
    int most = Integer.MAX_VALUE;
    return Stream.of(
        Arguments.of(new Grid.Pes(most, 1), new Grid.Tile(1, 1), new Grid.Pes(3, 1)),
        Arguments.of(new Grid.Pes(1, most), new Grid.Tile(1, 1), new Grid.Pes(1, 5)),
        Arguments.of(new Grid.Pes(1 << 16, 1), new Grid.Tile(1 << 16, 1), new Grid.Pes(1, 1)));
  }

  /** PEs without work change neither the slowest PE nor what a column drains. */
  @ParameterizedTest
  @MethodSource("gridsBeyondTheWork")
  void aGridFarLargerThanTheWorkDoesNotWrapAround(Grid.Pes huge, Grid.Tile tile, Grid.Pes enough) {
    Random random = new Random(5);
    MaskedProduct product =
        new MaskedProduct(
            BitMatrix.of("rows", random(random, 3, 200)),
            BitMatrix.of("columns", random(random, 5, 200)),
            true);
    Grid sized = Grid.of("sized", enough, tile, new Grid.Sync(0));
    long cycles = Simulator.run(product, sized).cycles();
    assertThat(Simulator.run(product, sized.with(huge)).cycles()).isEqualTo(cycles);
    Grid never = sized.with(new Grid.Sync(Integer.MAX_VALUE));
    assertThat(Simulator.run(product, never).cycles()).isEqualTo(cycles);
  }

  /** One block of all ones would be 2^32 pairs. */
  @Test
  void aTileTooLargeToCountIsRefused() {
    boolean[][] ones = new boolean[1 << 13][64];
    Stream.of(ones).forEach(row -> java.util.Arrays.fill(row, true));
    BitMatrix mask = BitMatrix.of("ones", ones);
    Grid grid = Grid.of("vast", new Grid.Pes(1, 1), new Grid.Tile(1 << 13, 1 << 13));
    assertThatThrownBy(() -> Simulator.run(new MaskedProduct(mask, mask, true), grid))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("vast")
        .hasMessageContaining("4294967296 pairs per block");
  }

  @Test
  void aPassOfOneMillionTinyTilesKeepsItsMemoryBounded() {
    // One PE of one partial sum: each of 1,200 x 1,200 results is a pass of its own, more than are
    // timed at once.
    Random random = new Random(3);
    boolean[][] rows = random(random, 1200, 5);
    boolean[][] columns = random(random, 1200, 5);
    Grid grid = Grid.of("one", new Grid.Pes(1, 1), new Grid.Tile(1, 1));
    ProductResult result =
        Simulator.run(
            new MaskedProduct(BitMatrix.of("rows", rows), BitMatrix.of("columns", columns), true),
            grid);
    // Each pass takes max(effectual, 1) cycles, which its drain of one cycle never exceeds, and the
    // last drain.
    long cycles = 1;
    for (boolean[] row : rows) {
      for (boolean[] column : columns) {
        long effectual = 0;
        for (int k = 0; k < 5; k++) {
          effectual += row[k] && column[k] ? 1 : 0;
        }
        cycles += Math.max(effectual, 1);
      }
    }
    assertThat(result.cycles()).isEqualTo(cycles);
  }

  /** Operands may hold a native session, which a run that fails must free, too. */
  @Test
  void operandsAreClosedAfterTheRunAlsoIfItFails() {
    ConvCase c = RandomCases.conv(4);
    List<String> events = new ArrayList<>();
    Source good =
        (n, policy) ->
            new GivenOperands(c) {
              @Override
              public void close() {
                events.add("closed");
              }
            };
    simulate(c, good);
    assertThat(events).containsExactly("closed");
    Source bad =
        (n, policy) ->
            new GivenOperands(c) {
              @Override
              public Sample sample(int index) {
                throw new IllegalStateException("no sample");
              }

              @Override
              public void close() {
                events.add("closed again");
              }
            };
    assertThatThrownBy(() -> simulate(c, bad)).hasMessage("no sample");
    assertThat(events).containsExactly("closed", "closed again");
  }

  @Test
  void weightsGivenAsAMaskCountAsTernary() {
    // Two lanes that add, one that multiplies: a full-precision policy would take one, a mask takes
    // both.
    Grid grid = Grid.of("g", new Grid.Pes(1, 1), new Grid.Lanes(2), new Grid.Multipliers(1));
    ConvCase drawn = RandomCases.conv(4);
    ConvCase ternary = new ConvCase(4, grid, drawn.conv(), drawn.weights(), drawn.ifm(), true);
    ConvCase full = new ConvCase(4, grid, drawn.conv(), drawn.weights(), drawn.ifm(), false);
    Source mask =
        (n, policy) ->
            new GivenOperands(full) {
              @Override
              public boolean isMask(Node layer) {
                return true;
              }
            };
    assertThat(simulate(full, mask).tally()).isEqualTo(simulate(ternary).tally());
    assertThat(simulate(full).cycles()).isGreaterThan(simulate(ternary).cycles());
  }

  @Test
  void aNetworkWithoutWorkForTheGridIsRefused() {
    Network idle = Network.of("idle", new FeatureMap(3, 8, 8), List.of(new Layer.Relu("", 0)));
    assertThatThrownBy(
            () ->
                Simulator.run(
                    idle,
                    new Policy("p", new Quantizer.FullPrecision(), List.of()),
                    Grid.of("g", new Grid.Pes(1, 1)),
                    new Synthetic(1)))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("\"idle\" has nothing that runs on a grid");
  }

  @Test
  void interruptingTheThreadCancelsARun() {
    Network network =
        Network.of("n", new FeatureMap(4, 1, 1), List.of(new Layer.FullyConnected("fc", 4, true)));
    Thread.currentThread().interrupt();
    assertThatThrownBy(
            () ->
                Simulator.run(
                    network,
                    new Policy("p", new Quantizer.FullPrecision(), List.of()),
                    Grid.of("g", new Grid.Pes(1, 1)),
                    new Synthetic(1)))
        .isInstanceOf(CancellationException.class)
        .hasMessageContaining("sample 1 of 1");
    assertThat(Thread.interrupted())
        .as("the interrupt is used up, so that the session goes on")
        .isFalse();
  }

  @Test
  void masksOfDifferentReductionLengthAreRefusedWithBothShapes() {
    assertThatThrownBy(
            () ->
                new MaskedProduct(
                    BitMatrix.of("rows", new boolean[4][5]),
                    BitMatrix.of("columns", new boolean[5][4]),
                    true))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("4 x 5")
        .hasMessageContaining("5 x 4")
        .hasMessageContaining("transpose");
  }

  private static boolean[][] random(Random random, int rows, int columns) {
    boolean[][] mask = new boolean[rows][columns];
    for (boolean[] row : mask) {
      for (int c = 0; c < columns; c++) {
        row[c] = random.nextBoolean();
      }
    }
    return mask;
  }

  private static ProductResult simulate(ProductCase c) {
    return simulate(c, c.grid());
  }

  private static ProductResult simulate(ProductCase c, Grid grid) {
    return Simulator.run(
        new MaskedProduct(
            BitMatrix.nonZeros(c.rows(), c.rows().shape().dim(0)),
            BitMatrix.nonZeros(c.columns(), c.columns().shape().dim(0)),
            c.multiplierFree()),
        grid);
  }

  /** A network of this one layer, with the case's tensors as operands. */
  private static LayerResult simulate(ConvCase c) {
    return simulate(c, (n, policy) -> new GivenOperands(c));
  }

  private static LayerResult simulate(ConvCase c, Source tensors) {
    Shape shape = c.ifm().shape();
    Network network =
        Network.of(
            "one", new FeatureMap(shape.dim(1), shape.dim(2), shape.dim(3)), List.of(c.conv()));
    Quantizer quantizer =
        c.multiplierFree()
            ? new Quantizer.Ternary(Quantizer.Scale.PER_LAYER)
            : new Quantizer.FullPrecision();
    return Simulator.run(network, new Policy("p", quantizer, List.of()), c.grid(), tensors)
        .layer(c.conv().name())
        .get(0);
  }
}
