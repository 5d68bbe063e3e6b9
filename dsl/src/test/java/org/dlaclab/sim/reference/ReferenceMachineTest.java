package org.dlaclab.sim.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.dlaclab.error.DlacException;
import org.dlaclab.grid.FilterOrder;
import org.dlaclab.grid.Grid;
import org.dlaclab.grid.LoopOrder;
import org.dlaclab.grid.Skip;
import org.dlaclab.network.FeatureMap;
import org.dlaclab.network.Layer.Conv;
import org.dlaclab.network.Option.Dilation;
import org.dlaclab.network.Option.Kernel;
import org.dlaclab.network.Option.Padding;
import org.dlaclab.network.Option.Stride;
import org.dlaclab.tensor.Shape;
import org.dlaclab.tensor.Tensor;
import org.dlaclab.testing.RandomCases;
import org.dlaclab.testing.RandomCases.ConvCase;
import org.dlaclab.testing.RandomCases.ProductCase;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ReferenceMachineTest {

  @Nested
  class RandomLayers {
    static Stream<ConvCase> convs() {
      return LongStream.range(0, 200).mapToObj(RandomCases::conv);
    }

    static Stream<ProductCase> products() {
      return LongStream.range(0, 100).mapToObj(RandomCases::product);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("convs")
    void ofmIsTheConvolutionInEverySkipMode(ConvCase c) {
      Tensor expected = naiveConvolution(c);
      for (Skip skip : Skip.values()) {
        Outcome outcome = run(c.with(skip));
        assertThat(outcome.ofm().shape()).isEqualTo(expected.shape());
        assertThat(outcome.ofm().toArray()).as("OFM, skip %s", skip).isEqualTo(expected.toArray());
      }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("products")
    void ofmIsTheProductAndOnlyWhatTheSkipModeAllowsIsLeftOut(ProductCase c) {
      Tensor expected = naiveProduct(c);
      for (Skip skip : Skip.values()) {
        Outcome outcome = run(c.with(skip));
        assertThat(outcome.ofm().shape()).isEqualTo(expected.shape());
        assertThat(outcome.ofm().toArray()).as("OFM, skip %s", skip).isEqualTo(expected.toArray());
        assertThat(outcome.issued()).as("issued, skip %s", skip).isEqualTo(survivors(c, skip));
      }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("convs")
    void cyclesAndPairsAreConserved(ConvCase c) {
      FeatureMap ifm =
          new FeatureMap(c.ifm().shape().dim(1), c.ifm().shape().dim(2), c.ifm().shape().dim(3));
      long macs = c.ifm().shape().dim(0) * c.conv().macs(ifm, c.ofm());
      Outcome none = run(c.with(Skip.NONE));
      Outcome weights = run(c.with(Skip.WEIGHTS));
      Outcome activations = run(c.with(Skip.ACTIVATIONS));
      Outcome both = run(c.with(Skip.BOTH));

      int pes = c.grid().pes().count();
      for (Outcome o : List.of(none, weights, activations, both)) {
        assertThat(o.macs()).isEqualTo(macs);
        assertThat(o.effectual()).isEqualTo(both.issued()).isLessThanOrEqualTo(o.issued());
        assertThat(o.compute() + o.scanLimit() + o.imbalance() + o.drain())
            .isCloseTo((double) o.cycles(), within(1e-9 * o.cycles()));
        assertThat(o.compute() * pes)
            .isCloseTo((double) sum(o.issueCycles()), within(1e-9 * o.cycles() * pes));
        // Every unit issues at most one pair per cycle.
        assertThat(o.issued())
            .isLessThanOrEqualTo(sum(o.issueCycles()) * c.grid().units(c.multiplierFree()));
      }
      assertThat(none.issued()).isEqualTo(macs);
      assertThat(none.scanLimit()).isZero();

      // What is issued follows from the operands alone: each non-zero weight meets the P * Q pixels
      // of every image.
      long pixels = (long) c.ifm().shape().dim(0) * c.ofm().height() * c.ofm().width();
      assertThat(weights.issued()).isEqualTo(nonZeros(c.weights()) * pixels);

      // Skipping never costs cycles.
      assertThat(weights.cycles()).isLessThanOrEqualTo(none.cycles());
      assertThat(activations.cycles()).isLessThanOrEqualTo(none.cycles());
      assertThat(both.cycles())
          .isLessThanOrEqualTo(Math.min(weights.cycles(), activations.cycles()));
    }

    private static Outcome run(ConvCase c) {
      return new ReferenceMachine(c.grid())
          .conv(c.conv(), c.weights(), c.ifm(), c.multiplierFree());
    }

    private static Outcome run(ProductCase c) {
      return new ReferenceMachine(c.grid()).run(c.rows(), c.columns(), c.multiplierFree());
    }

    private static long sum(List<List<Long>> perPe) {
      return perPe.stream().flatMap(List::stream).mapToLong(Long::longValue).sum();
    }

    private static long nonZeros(Tensor tensor) {
      long count = 0;
      for (float value : tensor.toArray()) {
        count += value != 0 ? 1 : 0;
      }
      return count;
    }

    /** The definition of a convolution, without any of the machine's code. */
    private static Tensor naiveConvolution(ConvCase c) {
      Conv conv = c.conv();
      FeatureMap ofm = c.ofm();
      int channels = c.ifm().shape().dim(1);
      int height = c.ifm().shape().dim(2);
      int width = c.ifm().shape().dim(3);
      int groupChannels = channels / conv.groups();
      int groupFilters = conv.filters() / conv.groups();
      Shape shape = Shape.of(c.ifm().shape().dim(0), conv.filters(), ofm.height(), ofm.width());
      float[] values = new float[Math.toIntExact(shape.size())];
      int i = 0;
      for (int b = 0; b < shape.dim(0); b++) {
        for (int f = 0; f < shape.dim(1); f++) {
          for (int p = 0; p < shape.dim(2); p++) {
            for (int q = 0; q < shape.dim(3); q++) {
              double sum = 0;
              for (int ch = 0; ch < groupChannels; ch++) {
                for (int r = 0; r < conv.kernel().height(); r++) {
                  for (int s = 0; s < conv.kernel().width(); s++) {
                    int h = p * conv.stride().height() + r * conv.dilation().height();
                    int w = q * conv.stride().width() + s * conv.dilation().width();
                    h -= conv.padding().top();
                    w -= conv.padding().left();
                    if (h >= 0 && h < height && w >= 0 && w < width) {
                      int channel = f / groupFilters * groupChannels + ch;
                      sum += (double) at(c.weights(), f, ch, r, s) * at(c.ifm(), b, channel, h, w);
                    }
                  }
                }
              }
              values[i++] = (float) sum;
            }
          }
        }
      }
      return Tensor.of(shape, values);
    }

    private static Tensor naiveProduct(ProductCase c) {
      int m = c.rows().shape().dim(0);
      int n = c.columns().shape().dim(0);
      float[] values = new float[m * n];
      for (int i = 0; i < values.length; i++) {
        double sum = 0;
        for (int k = 0; k < c.rows().shape().dim(1); k++) {
          sum += (double) at(c.rows(), i / n, k) * at(c.columns(), i % n, k);
        }
        values[i] = (float) sum;
      }
      return Tensor.of(Shape.of(m, n), values);
    }

    /** A non-zero of one operand meets every row, or column, of the other. */
    private static long survivors(ProductCase c, Skip skip) {
      int m = c.rows().shape().dim(0);
      int n = c.columns().shape().dim(0);
      int reduction = c.rows().shape().dim(1);
      if (skip == Skip.NONE) {
        return (long) m * n * reduction;
      }
      if (skip == Skip.WEIGHTS) {
        return nonZeros(c.rows()) * n;
      }
      if (skip == Skip.ACTIVATIONS) {
        return nonZeros(c.columns()) * m;
      }
      long effectual = 0;
      for (int i = 0; i < m * n; i++) {
        for (int k = 0; k < reduction; k++) {
          effectual += at(c.rows(), i / n, k) != 0 && at(c.columns(), i % n, k) != 0 ? 1 : 0;
        }
      }
      return effectual;
    }

    private static float at(Tensor tensor, int... position) {
      int index = 0;
      for (int axis = 0; axis < position.length; axis++) {
        index = index * tensor.shape().dim(axis) + position[axis];
      }
      return tensor.get(index);
    }
  }

  /** Each expectation is worked out by hand from the machine model. */
  @Nested
  class WorkedExamples {

    /**
     * 8 pairs, 1 to issue, L = 1, window 4: issuing takes ceil(1/1) = 1 cycle, looking at all pairs
     * ceil(8/4) = 2. So 1 cycle of compute, 1 of scan limit; then 1 cycle drains the one result.
     */
    @Test
    void aNarrowWindowLimitsASparseRow() {
      Grid grid = grid(new Grid.Window(4), new Grid.Skipping(Skip.WEIGHTS));
      Outcome o = run(grid, "10000000", "11111111");
      assertCycles(o, 3, 1, 1, 0, 1);
      assertThat(o.macs()).isEqualTo(8);
      assertThat(o.issued()).isEqualTo(1);
      assertThat(o.effectual()).isEqualTo(1);
    }

    /**
     * Two PE rows of one filter each, window 8: the dense filter takes max(8/1, 8/8) = 8 cycles,
     * the sparse one max(2/1, 8/8) = 2. The pass takes 8, of which the mean PE works 5 and waits 3.
     * Both results are in one PE column: 2 cycles at one per cycle.
     */
    @Test
    void theSlowestPeSetsThePace() {
      Outcome o = run(grid(new Grid.Pes(2, 1)), "11111111 11000000", "11111111");
      assertCycles(o, 10, 5, 0, 3, 2);
      assertThat(o.issueCycles()).containsExactly(List.of(8L), List.of(2L));
    }

    /**
     * K = 128 is two blocks. Row 0 has 8 non-zeros in block 0 and 2 in block 1, row 1 the other way
     * round; with window 64 a block is looked at in 1 cycle. Meeting after every block, a pass
     * takes max(8, 2) + max(2, 8) = 16; meeting at the end, max(8 + 2, 2 + 8) = 10. 2 cycles drain.
     */
    @ParameterizedTest(name = "sync {0}")
    @CsvSource({"1, 18, 6", "2, 12, 0", "3, 12, 0", "0, 12, 0"})
    void pesThatMeetRarelyEvenOut(int sync, long cycles, double imbalance) {
      String eight = "11111111" + "0".repeat(56);
      String two = "11" + "0".repeat(62);
      Grid grid = grid(new Grid.Pes(2, 1), new Grid.Window(64), new Grid.Sync(sync));
      Outcome o = run(grid, eight + two + " " + two + eight, "1".repeat(128));
      assertCycles(o, cycles, 10, 0, imbalance, 2);
    }

    /**
     * Dense 4 x 2, K = 1, in tiles of 2 x 2: two passes of 4 pairs, which 4 lanes finish in 1
     * cycle, while 4 results take 4 cycles to drain. Double-buffered: 1 + max(1, 4) + 4 = 9.
     * Single: (1 + 4) * 2 = 10. Two of them are compute.
     */
    @ParameterizedTest(name = "double buffer {0}")
    @CsvSource({"true, 9, 7", "false, 10, 8"})
    void aShortReductionIsBoundByItsDrain(boolean doubleBuffer, long cycles, double drain) {
      Grid grid = grid(new Grid.Lanes(4), new Grid.Tile(2, 2), new Grid.DoubleBuffer(doubleBuffer));
      assertCycles(run(grid, "1 1 1 1", "1 1"), cycles, 2, 0, 0, drain);
    }

    /**
     * M = 3, N = 8, K = 70 on 1 x 2 PEs with tiles of 2 x 3, 4 lanes, nothing skipped: 2 x 2
     * passes, blocks of 64 and 6. Per pass, PE 0 and PE 1 hold
     *
     * <pre>
     * (0,0)  2x3, 2x3:  ceil(384/4) + ceil(36/4) = 96 + 9 = 105 both
     * (0,1)  2x2, none: ceil(256/4) + ceil(24/4) = 64 + 6 = 70, and 0
     * (1,0)  1x3, 1x3:  ceil(192/4) + ceil(18/4) = 48 + 5 = 53 both
     * (1,1)  1x2, none: ceil(128/4) + ceil(12/4) = 32 + 3 = 35, and 0
     * </pre>
     *
     * together 263, of which the mean PE computes 105 + 35 + 53 + 17.5 = 210.5 and waits 35 + 17.5
     * = 52.5. The drains hide behind the next pass but for the last: 2 results at 4 per cycle, 1.
     */
    @Test
    void partialTilesAndBlocksCostWhatTheyHold() {
      Grid grid =
          grid(
              new Grid.Pes(1, 2),
              new Grid.Tile(2, 3),
              new Grid.Lanes(4),
              new Grid.Drain(4),
              new Grid.Skipping(Skip.NONE));
      String ones = "1".repeat(70);
      Outcome o = run(grid, (ones + " ").repeat(3), (ones + " ").repeat(8));
      assertCycles(o, 264, 210.5, 0, 52.5, 1);
      assertThat(o.issueCycles()).containsExactly(List.of(263L, 158L));
    }

    /**
     * The 8 pairs of a multiplied row take 4 cycles on 2 multipliers, but 2 on the 4 lanes if the
     * row is ternary. 1 cycle drains.
     */
    @ParameterizedTest(name = "multiplier-free {0}")
    @CsvSource({"true, 2", "false, 4"})
    void ternaryRowsUseAllLanes(boolean multiplierFree, double compute) {
      Grid grid = grid(new Grid.Lanes(4), new Grid.Multipliers(2));
      Outcome o =
          new ReferenceMachine(grid).run(matrix("11111111"), matrix("11111111"), multiplierFree);
      assertCycles(o, (long) compute + 1, compute, 0, 0, 1);
    }

    /**
     * Rows of 1, 8, 1, 8 non-zeros on two PE rows. In natural order both passes take 8 cycles: 8 +
     * max(8, 2) + 2 = 18. Sorted, the dense rows 1 and 3 meet in the first pass and the sparse ones
     * in the second: 8 + max(1, 2) + 2 = 12. The OFM keeps its order.
     */
    @ParameterizedTest(name = "{0}")
    @CsvSource({"NATURAL, 18, 9, 7, 2", "DENSITY_SORTED, 12, 9, 0, 3"})
    void sortingFiltersByDensityBringsLikeTogether(
        FilterOrder order, long cycles, double compute, double imbalance, double drain) {
      Grid grid = grid(new Grid.Pes(2, 1), new Grid.Filters(order));
      Outcome o = run(grid, "10000000 11111111 01000000 11111111", "12345678");
      assertCycles(o, cycles, compute, 0, imbalance, drain);
      assertThat(o.ofm().toArray()).containsExactly(1, 36, 2, 36);
    }

    /**
     * Three rows of 8 non-zeros each: rows 0 and 1 have them in block 0, row 2 in block 1. Equally
     * dense rows stay in order, so rows 0 and 1 meet: max(8, 8) + max(1, 1) = 9, and 9 for row 2
     * alone, whose partner idles; were row 2 to come first, a pass would take 16. Per PE, 8 + 1
     * cycles issue and scan, in the second pass on one PE of two. The last result takes 1 cycle.
     */
    @Test
    void equallyDenseFiltersKeepTheirOrder() {
      String early = "11111111" + "0".repeat(120);
      String late = "0".repeat(64) + "11111111" + "0".repeat(56);
      Grid grid =
          grid(
              new Grid.Pes(2, 1),
              new Grid.Window(64),
              new Grid.Filters(FilterOrder.DENSITY_SORTED));
      Outcome o = run(grid, early + " " + early + " " + late, "1".repeat(128));
      assertCycles(o, 19, 12, 1.5, 4.5, 1);
    }

    /** Extents far beyond the product are no more than one tile, one block and one segment. */
    @Test
    void hugeParametersDoNotOverflow() {
      Grid grid =
          grid(
              new Grid.Pes(2, 1),
              new Grid.Tile(1 << 30, 1),
              new Grid.Window(Integer.MAX_VALUE),
              new Grid.Lanes(3),
              new Grid.BlockSize(Integer.MAX_VALUE - 63),
              new Grid.Sync(Integer.MAX_VALUE),
              new Grid.Drain(Integer.MAX_VALUE));
      String ones = "1".repeat(100);
      // PE row 0 holds all: 200 pairs on 3 units take 67 cycles.
      assertCycles(run(grid, ones + " " + ones, ones), 68, 33.5, 0, 33.5, 1);
    }

    /**
     * Rows 0 and 1 are zero and fill tile A, row 2 is dense and alone in tile B; two columns. A
     * takes max(0, ceil(8/8)) = 1 cycle and leaves 2 results, B max(4, ceil(4/8)) = 4 and 1.
     *
     * <pre>
     * rows outer, A A B B: 1 + max(1, 2) + max(4, 2) + max(4, 1) + 1 = 12
     * cols outer, A B A B: 1 + max(4, 2) + max(1, 1) + max(4, 2) + 1 = 11
     * </pre>
     *
     * The passes take 1 + 1 + 4 + 4 = 10: 8 compute, and 2 scan limit in the passes that issue
     * nothing.
     */
    @ParameterizedTest(name = "{0}")
    @CsvSource({"ROWS_OUTER, 12, 2", "COLS_OUTER, 11, 1"})
    void theLoopOrderDecidesWhichDrainsHide(LoopOrder order, long cycles, double drain) {
      Grid grid = grid(new Grid.Tile(2, 1), new Grid.Loops(order));
      assertCycles(run(grid, "0000 0000 1111", "1111 1111"), cycles, 8, 2, 0, drain);
    }

    /**
     * Depthwise 1x1 over 2 channels of 1x2: two products of 1 x 2 x 1. In tiles of 1 x 1, each is
     * two passes of 1 cycle with 1 result: 1 + max(1, 1) + 1 = 3. The groups' times add up, 6: the
     * drain of the first is not hidden behind the second.
     */
    @Test
    void groupsRunOneAfterAnother() {
      Conv depthwise = conv(2, new Kernel(1, 1), 2);
      Outcome o =
          new ReferenceMachine(grid())
              .conv(
                  depthwise,
                  Tensor.of(Shape.of(2, 1, 1, 1), 1, 10),
                  Tensor.of(Shape.of(1, 2, 1, 2), 1, 2, 3, 4),
                  false);
      assertCycles(o, 6, 4, 0, 0, 2);
      assertThat(o.ofm().shape()).isEqualTo(Shape.of(1, 2, 1, 2));
      assertThat(o.ofm().toArray()).containsExactly(1, 2, 30, 40);
    }

    /**
     * The reduction runs over (r, s, c), c fastest: of 1x2 taps on 64 channels, the first block of
     * 64 is tap (0, 0), of 2x2 taps on 32 channels it is row r = 0. So if filter 0 has its
     * non-zeros in the first half of that order and filter 1 in the second, then in either block
     * one of two PEs issues 64 pairs and the other only scans, 1 cycle at window 64: 2 * 64 cycles,
     * and 2 to drain. In any order that mixes the taps of a block, both PEs would issue 32 pairs at
     * a time.
     */
    @ParameterizedTest(name = "{0}x{1} taps, {2} channels")
    @CsvSource({"1, 2, 64", "2, 2, 32"})
    void blocksTakeTheTapsOneByOne(int height, int width, int channels) {
      int taps = height * width;
      float[] weights = new float[2 * channels * taps];
      for (int c = 0; c < channels; c++) {
        for (int tap = 0; tap < taps; tap++) {
          int filter = tap < taps / 2 ? 0 : 1;
          weights[(filter * channels + c) * taps + tap] = 1;
        }
      }
      float[] ifm = new float[channels * taps];
      Arrays.fill(ifm, 1);
      Outcome o =
          new ReferenceMachine(grid(new Grid.Pes(2, 1), new Grid.Window(64)))
              .conv(
                  conv(2, new Kernel(height, width), 1),
                  Tensor.of(Shape.of(2, channels, height, width), weights),
                  Tensor.of(Shape.of(1, channels, height, width), ifm),
                  false);
      assertCycles(o, 130, 64, 1, 63, 2);
    }

    /**
     * Pixels are dealt in the order (batch, p, q), q fastest: two PE columns with tiles of 1 x 2
     * get the first and the last two of four. If only the first two are non-zero, PE 0 issues 2
     * pairs and PE 1 scans for 1 cycle; each column drains 2 results, 2 cycles.
     */
    @ParameterizedTest(name = "batch {0}, OFM {1}x{2}")
    @CsvSource({"2, 1, 2", "2, 2, 1", "1, 2, 2"})
    void pixelsAreDealtImageByImageAndRowByRow(int batch, int height, int width) {
      Grid grid = grid(new Grid.Pes(1, 2), new Grid.Tile(1, 2));
      Outcome o =
          new ReferenceMachine(grid)
              .conv(
                  conv(1, new Kernel(1, 1), 1),
                  Tensor.of(Shape.of(1, 1, 1, 1), 1),
                  Tensor.of(Shape.of(batch, 1, height, width), 1, 1, 0, 0),
                  false);
      assertCycles(o, 4, 1, 0.5, 0.5, 2);
    }

    /** One PE with one unit, tile 1x1, window 8, unless said otherwise. */
    private static Grid grid(Grid.Option... options) {
      return Grid.of("hand", new Grid.Pes(1, 1), new Grid.Tile(1, 1)).with(options);
    }

    private static Outcome run(Grid grid, String rows, String columns) {
      return new ReferenceMachine(grid).run(matrix(rows), matrix(columns), false);
    }

    private static void assertCycles(
        Outcome o, long cycles, double compute, double scanLimit, double imbalance, double drain) {
      assertThat(List.of(o.compute(), o.scanLimit(), o.imbalance(), o.drain()))
          .as("compute, scan limit, imbalance, drain")
          .containsExactly(compute, scanLimit, imbalance, drain);
      assertThat(o.cycles()).isEqualTo(cycles);
    }
  }

  /**
   * Stepping a PE takes max(ceil(issued / L), ceil(pairs / (L * window))) cycles, for every number
   * of pairs up to 40 and every number of them that survive, wherever they lie in the block.
   */
  @ParameterizedTest(name = "{0} lanes")
  @CsvSource({"1", "2", "3", "4"})
  void aBlockTakesTheLargerOfIssuingAndScanning(int lanes) {
    for (int window = 1; window <= 6; window++) {
      Grid grid =
          Grid.of(
              "one PE",
              new Grid.Pes(1, 1),
              new Grid.Lanes(lanes),
              new Grid.Tile(1, 1),
              new Grid.Window(window));
      for (int pairs = 1; pairs <= 40; pairs++) {
        for (int issued = 0; issued <= pairs; issued++) {
          String survivors = "1".repeat(issued);
          String zeros = "0".repeat(pairs - issued);
          for (String row : List.of(survivors + zeros, zeros + survivors)) {
            Outcome o =
                new ReferenceMachine(grid).run(matrix(row), matrix("1".repeat(pairs)), true);
            double issuing = Math.ceil((double) issued / lanes);
            double scanning = Math.ceil((double) pairs / (lanes * window));
            assertThat(o.compute()).isEqualTo(issuing);
            assertThat(o.compute() + o.scanLimit())
                .as("%d pairs, %d issued, window %d", pairs, issued, window)
                .isEqualTo(Math.max(issuing, scanning));
          }
        }
      }
    }
  }

  @Test
  void operandsThatDoNotFitAreRefused() {
    ReferenceMachine machine = new ReferenceMachine(Grid.of("g", new Grid.Pes(1, 1)));
    assertThatThrownBy(() -> machine.run(matrix("111"), matrix("11"), false))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("1x3")
        .hasMessageContaining("1x2");
    assertThatThrownBy(() -> machine.run(Tensor.of(Shape.of(1), 1), matrix("1"), false))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("M x K");
    Conv conv = conv(4, new Kernel(1, 1), 2);
    Tensor ifm = Tensor.of(Shape.of(1, 2, 1, 1), 1, 1);
    Tensor weights = Tensor.of(Shape.of(4, 2, 1, 1), new float[8]);
    assertThatThrownBy(() -> machine.conv(conv, weights, ifm, false))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("c1")
        .hasMessageContaining("4x2x1x1")
        .hasMessageContaining("4x1x1x1");
  }

  private static Conv conv(int filters, Kernel kernel, int groups) {
    return new Conv(
        "c1",
        filters,
        kernel,
        new Stride(1, 1),
        new Padding(0, 0, 0, 0),
        new Dilation(1, 1),
        groups,
        false);
  }

  /** A matrix of digits: rows are separated by spaces. */
  private static Tensor matrix(String digits) {
    String[] rows = digits.trim().split(" ");
    String all = String.join("", rows);
    float[] values = new float[all.length()];
    for (int i = 0; i < values.length; i++) {
      values[i] = all.charAt(i) - '0';
    }
    return Tensor.of(Shape.of(rows.length, rows[0].length()), values);
  }
}
