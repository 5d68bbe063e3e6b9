package org.dlaclab.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.dlaclab.Dlac.*;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.dlaclab.grid.Grid;
import org.dlaclab.grid.LoopOrder;
import org.dlaclab.grid.Skip;
import org.dlaclab.grid.Storage;
import org.dlaclab.network.Layer;
import org.dlaclab.network.Layer.Conv;
import org.dlaclab.network.Network;
import org.dlaclab.network.Option;
import org.dlaclab.quant.Policy;
import org.dlaclab.result.LayerResult;
import org.dlaclab.result.Operand;
import org.dlaclab.result.Pass;
import org.dlaclab.result.Passes;
import org.dlaclab.result.ProductResult;
import org.dlaclab.result.Tally;
import org.dlaclab.result.Timing;
import org.dlaclab.result.Traffic;
import org.dlaclab.sim.reference.Outcome;
import org.dlaclab.sim.reference.ReferenceMachine;
import org.dlaclab.sim.reference.StorageBits;
import org.dlaclab.tensor.BitMatrix;
import org.dlaclab.tensor.Shape;
import org.dlaclab.tensor.Tensor;
import org.dlaclab.testing.GivenOperands;
import org.dlaclab.testing.RandomCases;
import org.dlaclab.testing.RandomCases.ConvCase;
import org.dlaclab.testing.RandomCases.ProductCase;
import org.dlaclab.unit.Bytes;
import org.dlaclab.unit.BytesPerSecond;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Memory: what is loaded and stored, and how long the grid waits for it. The engine counts windows
 * and non-zeros; the reference machine holds sets of elements, fills buffers and steps a channel.
 */
class DramTest {
  /** IFM of 3 bits, OFM of 7, weights of 2 or 5: none of them a number of whole bytes. */
  private static final int IFM_BITS = 3;

  private static final int OFM_BITS = 7;

  /** Plain, 1x1, grouped and depthwise layers, in all storages. */
  static Stream<ConvCase> convolutions() {
    return LongStream.range(0, 240)
        .mapToObj(RandomCases::conv)
        .map(c -> c.on(RandomCases.memory(c.grid(), c.seed(), Storage.values())));
  }

  /** Those whose storage is one for all skip modes, so that skip modes can be compared. */
  static Stream<ConvCase> ofOneStorage() {
    return LongStream.range(0, 150)
        .mapToObj(RandomCases::conv)
        .map(c -> c.on(RandomCases.memory(c.grid(), c.seed(), Storage.DENSE, Storage.BITMASK)));
  }

  static Stream<ProductCase> products() {
    return LongStream.range(0, 120)
        .mapToObj(RandomCases::product)
        .map(
            c ->
                new ProductCase(
                    c.seed(),
                    RandomCases.memory(c.grid(), c.seed(), Storage.values()),
                    c.rows(),
                    c.columns(),
                    c.multiplierFree()));
  }

  @Nested
  class Agreement {
    static Stream<ConvCase> convolutions() {
      return DramTest.convolutions();
    }

    static Stream<ProductCase> products() {
      return DramTest.products();
    }

    @ParameterizedTest
    @MethodSource("convolutions")
    void layersMoveTheBytesAndTakeTheCyclesOfTheReferenceMachine(ConvCase c) {
      int weights = c.multiplierFree() ? 2 : 5;
      int full = c.grid().precision().bits();
      Tensor gradient = c.ofmGradient();
      LayerResult layer = simulate(c);
      assertAgreement(
          layer,
          Pass.FORWARD,
          machine(c, weights, IFM_BITS, OFM_BITS)
              .conv(c.conv(), c.weights(), c.ifm(), c.multiplierFree()));
      assertAgreement(
          layer,
          Pass.DGRAD,
          machine(c, weights, full, full)
              .dgrad(c.conv(), c.weights(), gradient, c.ifmMap(), c.multiplierFree()));
      assertAgreement(
          layer, Pass.WGRAD, machine(c, full, IFM_BITS, full).wgrad(c.conv(), gradient, c.ifm()));
    }

    private static ReferenceMachine machine(ConvCase c, int rows, int columns, int results) {
      return new ReferenceMachine(c.grid(), new StorageBits(rows, columns, results));
    }

    private static void assertAgreement(LayerResult layer, Pass pass, Outcome reference) {
      Tally tally = layer.of(new Passes(Set.of(pass))).tally();
      DramTest.assertAgreement(
          pass.toString(), tally.timing(layer.skip()), tally.traffic(layer.skip()), reference);
    }

    @ParameterizedTest
    @MethodSource("products")
    void productsDoSoInEverySkipMode(ProductCase random) {
      for (Skip skip : Skip.values()) {
        ProductCase c = random.with(skip);
        ProductResult product = simulate(c);
        Outcome reference =
            new ReferenceMachine(c.grid()).run(c.rows(), c.columns(), c.multiplierFree());
        DramTest.assertAgreement("skip " + skip, product.timing(), product.traffic(), reference);
      }
    }
  }

  private static void assertAgreement(
      String what, Timing timing, Traffic traffic, Outcome reference) {
    assertThat(traffic.rows()).as("bytes of rows, %s", what).isEqualTo(reference.rowBytes());
    assertThat(traffic.columns())
        .as("bytes of columns, %s", what)
        .isEqualTo(reference.columnBytes());
    assertThat(traffic.results())
        .as("bytes of results, %s", what)
        .isEqualTo(reference.resultBytes());
    assertThat(traffic.rowReads())
        .as("bytes read of rows, %s", what)
        .isEqualTo(reference.rowReadBytes());
    assertThat(traffic.columnReads())
        .as("bytes read of columns, %s", what)
        .isEqualTo(reference.columnReadBytes());
    assertThat(timing.stall()).as("stall, %s", what).isEqualTo(reference.stall());
    assertThat(timing.cycles()).as("cycles, %s", what).isEqualTo(reference.cycles());
    assertThat((double) timing.drain()).as("drain, %s", what).isEqualTo(reference.drain());
  }

  @Nested
  class Laws {
    static Stream<ConvCase> convolutions() {
      return DramTest.convolutions();
    }

    static Stream<ConvCase> ofOneStorage() {
      return DramTest.ofOneStorage();
    }

    @ParameterizedTest
    @MethodSource("convolutions")
    void partsAddUp(ConvCase c) {
      for (Tally tally : simulate(c).passes().values()) {
        for (Skip skip : Skip.values()) {
          Timing t = tally.timing(skip);
          assertThat(t.compute() + t.imbalance() + t.scanLimit() + (double) (t.drain() + t.stall()))
              .isCloseTo((double) t.cycles(), within(1e-6));
          assertThat(t.stall()).isNotNegative();
        }
      }
    }

    @ParameterizedTest
    @MethodSource("convolutions")
    void infiniteBandwidthNeverStallsAndMovesTheSameBytes(ConvCase c) {
      LayerResult real = simulate(c);
      LayerResult infinite = simulate(c.on(c.grid().with(dram(BytesPerSecond.INFINITE))));
      assertThat(infinite.timing().stall()).isZero();
      assertThat(infinite.traffic()).isEqualTo(real.traffic());
      assertThat(real.cycles() - real.timing().stall()).isEqualTo(infinite.cycles());
    }

    @ParameterizedTest
    @MethodSource("convolutions")
    void moreBandwidthNeverCostsCyclesAndNoneIsExceeded(ConvCase c) {
      long before = Long.MAX_VALUE;
      for (double bytesPerCycle : new double[] {0.25, 0.5, 2, 9.5, 64}) {
        double bandwidth = bytesPerCycle * c.grid().clock().value();
        LayerResult layer = simulate(c.on(c.grid().with(dram(new BytesPerSecond(bandwidth)))));
        assertThat(layer.cycles()).isLessThanOrEqualTo(before);
        assertThat((double) layer.cycles())
            .as("cycles that the bytes take")
            .isGreaterThanOrEqualTo((double) layer.traffic().dram() / bytesPerCycle);
        before = layer.cycles();
      }
    }

    @ParameterizedTest
    @MethodSource("convolutions")
    void aLargerBufferNeverCostsBytes(ConvCase c) {
      long rows = Long.MAX_VALUE;
      long columns = Long.MAX_VALUE;
      Grid ordered =
          c.grid().loopOrder() == LoopOrder.AUTO ? c.grid().with(loopOrder(ROWS_OUTER)) : c.grid();
      for (int size = 1; size <= 1 << 17; size *= 8) {
        Grid grid = ordered.with(weightBuffer(new Bytes(size)), ifmBuffer(new Bytes(size)));
        Traffic traffic = simulate(c.on(grid)).traffic();
        assertThat(traffic.rows()).isLessThanOrEqualTo(rows);
        assertThat(traffic.columns()).isLessThanOrEqualTo(columns);
        rows = traffic.rows();
        columns = traffic.columns();
      }
    }

    @ParameterizedTest
    @MethodSource("ofOneStorage")
    void skippingNeverCostsCycles(ConvCase c) {
      for (Tally tally : simulate(c).passes().values()) {
        for (Skip skip : Skip.values()) {
          assertThat(tally.timing(skip).cycles())
              .isLessThanOrEqualTo(tally.timing(Skip.NONE).cycles());
          assertThat(tally.traffic(skip)).isEqualTo(tally.traffic(Skip.NONE));
        }
      }
    }

    /** The modes of one run are the machines that they stand for. */
    @ParameterizedTest
    @MethodSource("ofOneStorage")
    void storageBySkipIsThatOfTheMachineWhichSkips(ConvCase c) {
      LayerResult bySkip = simulate(c.on(c.grid().with(storage(BY_SKIP))));
      Map<Skip, Storage> whole = Map.of(NONE, DENSE, BOTH, BITMASK);
      for (Pass pass : bySkip.passes().keySet()) {
        Passes one = new Passes(Set.of(pass));
        whole.forEach(
            (mode, stored) -> {
              Tally alone =
                  simulate(c.on(c.grid().with(skip(mode), storage(stored)))).of(one).tally();
              Tally among = bySkip.of(one).tally();
              assertThat(among.timing(mode)).isEqualTo(alone.timing(mode));
              assertThat(among.traffic(mode)).isEqualTo(alone.traffic(mode));
            });
      }
    }

    @ParameterizedTest
    @MethodSource("ofOneStorage")
    void autoIsTheOrderOfFewerBytes(ConvCase c) {
      LayerResult rows = simulate(c.on(c.grid().with(loopOrder(ROWS_OUTER))));
      LayerResult columns = simulate(c.on(c.grid().with(loopOrder(COLS_OUTER))));
      LayerResult auto = simulate(c.on(c.grid().with(loopOrder(AUTO))));
      if (c.conv().groups() == 1) {
        LayerResult better =
            columns.of(FORWARD).traffic().dram() < rows.of(FORWARD).traffic().dram()
                ? columns
                : rows;
        assertThat(auto.of(FORWARD).tally()).isEqualTo(better.of(FORWARD).tally());
      }
      assertThat(auto.traffic().dram())
          .as("of groups and phases, each in the order that is better for it")
          .isLessThanOrEqualTo(Math.min(rows.traffic().dram(), columns.traffic().dram()));
    }

    /** What is read once is the tensor, as far as windows reach it: nothing is lost or doubled. */
    @ParameterizedTest
    @MethodSource("convolutions")
    void whereAllFitsEveryElementIsReadOnce(ConvCase random) {
      Grid ample =
          random
              .grid()
              .with(weightBuffer(MiB(64)), ifmBuffer(MiB(64)), storage(DENSE), precision(FP32));
      ConvCase c = random.on(ample);
      // Policies aside, all elements have 4 bytes, so that no tile is rounded.
      LayerResult layer = simulate(c, policy("full", weights(fullPrecision())), c.ofmGradient());
      LayerResult forward = layer.of(FORWARD);
      assertThat(forward.dramBytes(Operand.WEIGHTS)).isEqualTo(4L * c.weights().size());
      assertThat(forward.dramBytes(Operand.IFM)).isEqualTo(4L * reached(c));
      assertThat(forward.dramBytes(Operand.OFM)).isEqualTo(4L * c.ofmGradient().size());
      LayerResult wgrad = layer.of(WGRAD);
      assertThat(wgrad.dramBytes(Operand.OFM_GRADIENT)).isEqualTo(4L * c.ofmGradient().size());
      assertThat(wgrad.dramBytes(Operand.IFM)).isEqualTo(4L * reached(c));
      assertThat(wgrad.dramBytes(Operand.WEIGHT_GRADIENT)).isEqualTo(4L * c.weights().size());
      if (c.conv().stride().height() * c.conv().stride().width() == 1) {
        assertThat(layer.of(DGRAD).dramBytes(Operand.WEIGHTS)).isEqualTo(4L * c.weights().size());
        assertThat(layer.of(DGRAD).dramBytes(Operand.IFM_GRADIENT)).isEqualTo(4L * c.ifm().size());
      }
    }

    /** Elements of the IFM that some window of the layer meets. */
    private static long reached(ConvCase c) {
      Conv conv = c.conv();
      Set<List<Integer>> pixels = new HashSet<>();
      for (int p = 0; p < c.ofm().height(); p++) {
        for (int q = 0; q < c.ofm().width(); q++) {
          for (int r = 0; r < conv.kernel().height(); r++) {
            for (int s = 0; s < conv.kernel().width(); s++) {
              int h =
                  p * conv.stride().height() + r * conv.dilation().height() - conv.padding().top();
              int w =
                  q * conv.stride().width() + s * conv.dilation().width() - conv.padding().left();
              if (h >= 0 && h < c.ifmMap().height() && w >= 0 && w < c.ifmMap().width()) {
                pixels.add(List.of(h, w));
              }
            }
          }
        }
      }
      return (long) pixels.size() * c.ifmMap().channels() * c.batch();
    }
  }

  @Nested
  class WorkedExamples {
    /** A byte per cycle; 2 rows and 3 columns per pass, 8 bits per element. */
    private final Grid grid =
        grid(
            "hand",
            pes(1, 1),
            tile(2, 3),
            skip(NONE),
            drainWidth(6),
            clock(MHz(1)),
            dram(new BytesPerSecond(1e6)),
            precision(INT8));

    /**
     * 4 rows and 3 columns of 8 steps, rows of 2 bits: two passes of 2 x 8 x 2 bits = 4 bytes of
     * rows each, and 24 bytes of columns once. A pass computes 48 pairs; it stores 6 bytes.
     */
    @Test
    void loadsAndStoresHideBehindComputation() {
      ProductResult product = Simulator.run(dense(4, 3, 8), grid);
      assertThat(product.traffic()).isEqualTo(new Traffic(8, 24, 12, 8, 48, 12));
      // Load 28; compute 48 over the next 4; compute 48 over the first 6 stored; then the last 6,
      // of which the drain hides 1.
      assertThat(product.cycles()).isEqualTo(28 + 48 + 48 + 6);
      assertThat(product.timing().stall()).isEqualTo(28 + 5);
      assertThat(product.timing().drain()).isEqualTo(1);
    }

    /**
     * The columns do not fit: each pass loads them anew, and computation waits for nothing else.
     */
    @Test
    void anInnerOperandThatDoesNotFitIsLoadedInEveryPass() {
      ProductResult product = Simulator.run(dense(4, 3, 8), grid.with(ifmBuffer(new Bytes(23))));
      assertThat(product.traffic().columns()).isEqualTo(48);
      assertThat(product.cycles()).isEqualTo(28 + 48 + 48 + 6);
    }

    /** Outer rows stay for all passes over columns; inner columns come back each time. */
    @Test
    void anOuterTileThatFitsStays() {
      Grid tight = grid.with(weightBuffer(new Bytes(4)), ifmBuffer(new Bytes(24)));
      assertThat(Simulator.run(dense(4, 6, 8), tight).traffic())
          .as("rows outer: 2 tiles of 4 bytes once, 2 tiles of 24 bytes twice")
          .isEqualTo(new Traffic(8, 96, 24, 16, 96, 24));
      assertThat(Simulator.run(dense(4, 6, 8), tight.with(loopOrder(COLS_OUTER))).traffic())
          .as("columns outer: 2 tiles of 4 bytes twice, 2 tiles of 24 bytes once")
          .isEqualTo(new Traffic(16, 48, 24, 16, 96, 24));
      assertThat(
              Simulator.run(dense(4, 6, 8), tight.with(weightBuffer(new Bytes(3))))
                  .traffic()
                  .rows())
          .as("a tile that does not fit")
          .isEqualTo(16);
    }

    /** Half of 16 steps are non-zero: 16 bits of mask, and 8 non-zeros of 2 bits. */
    @Test
    void aBitmaskTakesABitPerElementAndTheBitsOfNonZeros() {
      boolean[][] half = new boolean[1][16];
      for (int k = 0; k < 16; k += 2) {
        half[0][k] = true;
      }
      MaskedProduct product =
          new MaskedProduct(BitMatrix.of("half", half), dense(1, 1, 16).columns(), true);
      Traffic traffic = Simulator.run(product, grid.with(storage(BITMASK))).traffic();
      assertThat(traffic.rows()).isEqualTo((16 + 8 * 2) / 8);
      assertThat(traffic.columns()).isEqualTo((16 + 16 * 8) / 8);
    }

    /**
     * 3 taps on 5 pixels in a row give 3 columns, of which two passes hold 2 and 1: pixels 0 to 3,
     * then 2 to 4. If the IFM fits, the second pass finds 2 and 3 there.
     */
    @Test
    void theOverlapOfWindowsIsLoadedOnce() {
      Conv conv =
          new Conv(
              "c",
              1,
              new Option.Kernel(1, 3),
              new Option.Stride(1, 1),
              new Option.Padding(0, 0, 0, 0),
              new Option.Dilation(1, 1),
              1,
              false);
      ConvCase c =
          new ConvCase(
              0,
              grid.with(tile(1, 2)),
              conv,
              ones(Shape.of(1, 1, 1, 3)),
              ones(Shape.of(1, 1, 1, 5)),
              true);
      Policy full = policy("full", weights(fullPrecision()));
      Tensor gradient = ones(Shape.of(1, 1, 1, 3));
      Traffic ample = simulate(c, full, gradient).of(FORWARD).traffic();
      assertThat(ample.columns()).isEqualTo(5);
      assertThat(ample.columnReads()).as("3 pixels for each of 3 columns").isEqualTo(9);
      ConvCase tight = c.on(c.grid().with(ifmBuffer(new Bytes(4))));
      assertThat(simulate(tight, full, gradient).of(FORWARD).traffic().columns()).isEqualTo(4 + 3);
    }

    /** A weight per input and output, and a column per image. */
    @Test
    void aFullyConnectedLayerReadsItsWeightsOncePerTileOfImages() {
      Network network = network("n", ifm(30), fc("a", 20), fc("b", 10));
      Policy twn = policy("twn", weights(ternary()));
      Grid small = grid("g", pes(1, 1), tile(10, 2), weightBuffer(new Bytes(49)));
      LayerResult b = Simulator.run(network, twn, small, synthetic(3, batch(4))).layer("b").get(0);
      // 10 x 20 weights of 2 bits are 50 bytes, one more than the buffer holds: 2 passes load them.
      assertThat(b.dramBytes(Operand.WEIGHTS)).isEqualTo(2 * 50);
      assertThat(b.dramBytes(Operand.IFM)).isEqualTo(4 * 20 * 4);
      assertThat(b.dramBytes(Operand.OFM)).isEqualTo(4 * 10 * 4);
      assertThat(b.intensity()).isEqualTo(2.0 * 4 * 10 * 20 / (100 + 320 + 160));
    }

    private static MaskedProduct dense(int rows, int columns, int steps) {
      return new MaskedProduct(all(rows, steps), all(columns, steps), true);
    }

    private static BitMatrix all(int rows, int columns) {
      boolean[][] ones = new boolean[rows][columns];
      Stream.of(ones).forEach(row -> Arrays.fill(row, true));
      return BitMatrix.of("ones", ones);
    }
  }

  private static Tensor ones(Shape shape) {
    float[] values = new float[Math.toIntExact(shape.size())];
    Arrays.fill(values, 1);
    return Tensor.of(shape, values);
  }

  private static ProductResult simulate(ProductCase c) {
    return Simulator.run(
        new MaskedProduct(
            BitMatrix.nonZeros(c.rows(), c.rows().shape().dim(0)),
            BitMatrix.nonZeros(c.columns(), c.columns().shape().dim(0)),
            c.multiplierFree()),
        c.grid());
  }

  private static LayerResult simulate(ConvCase c) {
    Policy policy =
        policy(
            "low",
            weights(c.multiplierFree() ? ternary() : bits(5)),
            activations("in", kBit(IFM_BITS)),
            activations("out", kBit(OFM_BITS)));
    return simulate(c, policy, c.ofmGradient());
  }

  /** The case between two ReLUs, behind something that is trained, so that it has a dgrad. */
  private static LayerResult simulate(ConvCase c, Policy policy, Tensor gradient) {
    Network network =
        Network.of(
            "case",
            c.ifmMap(),
            List.of(
                new Layer.BatchNorm("bn"),
                new Layer.Relu("in", 0),
                c.conv(),
                new Layer.Relu("out", 0)));
    return Simulator.run(
            network, policy, c.grid(), (n, p) -> new GivenOperands(c, gradient), Passes.TRAINING)
        .layer(c.conv().name())
        .get(0);
  }
}
