package org.dlaclab.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.dlaclab.Dlac.*;
import static org.dlaclab.error.Refusals.assertRefused;

import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.dlaclab.grid.Grid;
import org.dlaclab.grid.Skip;
import org.dlaclab.network.Layer;
import org.dlaclab.network.Layer.Conv;
import org.dlaclab.network.Network;
import org.dlaclab.network.Option;
import org.dlaclab.quant.Policy;
import org.dlaclab.quant.Quantizer;
import org.dlaclab.result.LayerResult;
import org.dlaclab.result.Pass;
import org.dlaclab.result.Passes;
import org.dlaclab.result.Run;
import org.dlaclab.result.Tally;
import org.dlaclab.result.Timing;
import org.dlaclab.sim.reference.Outcome;
import org.dlaclab.sim.reference.ReferenceMachine;
import org.dlaclab.tensor.BitMatrix;
import org.dlaclab.tensor.Shape;
import org.dlaclab.tensor.Tensor;
import org.dlaclab.testing.DirectConvolution;
import org.dlaclab.testing.GivenOperands;
import org.dlaclab.testing.RandomCases;
import org.dlaclab.testing.RandomCases.ConvCase;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The backward passes: dgrad in its stride phases, and wgrad. The engine counts on bit masks, the
 * reference machine steps and carries values, and the definition of a convolution knows neither.
 */
class BackwardTest {

  @Nested
  class RandomLayers {
    static Stream<ConvCase> convolutions() {
      return BackwardTest.convolutions();
    }

    @ParameterizedTest
    @MethodSource("convolutions")
    void takeTheCyclesOfTheReferenceMachine(ConvCase c) {
      ReferenceMachine machine = new ReferenceMachine(c.grid());
      Tensor gradient = c.ofmGradient();
      LayerResult layer = simulate(c);
      assertAgreement(
          layer, Pass.FORWARD, machine.conv(c.conv(), c.weights(), c.ifm(), c.multiplierFree()));
      assertAgreement(
          layer,
          Pass.DGRAD,
          machine.dgrad(c.conv(), c.weights(), gradient, c.ifmMap(), c.multiplierFree()));
      assertAgreement(layer, Pass.WGRAD, machine.wgrad(c.conv(), gradient, c.ifm()));
    }

    @ParameterizedTest
    @MethodSource("convolutions")
    void giveTheGradientsOfTheDefinition(ConvCase c) {
      ReferenceMachine machine = new ReferenceMachine(c.grid());
      Tensor gradient = c.ofmGradient();
      DirectConvolution direct = DirectConvolution.of(c, gradient);
      assertThat(
              machine
                  .dgrad(c.conv(), c.weights(), gradient, c.ifmMap(), c.multiplierFree())
                  .ofm()
                  .toArray())
          .as("gradient of the IFM")
          .isEqualTo(direct.gradientOfIfm().toArray());
      assertThat(machine.wgrad(c.conv(), gradient, c.ifm()).ofm().toArray())
          .as("gradient of the weights")
          .isEqualTo(direct.gradientOfWeights().toArray());
    }

    @ParameterizedTest
    @MethodSource("convolutions")
    void haveTheEffectualPairsOfTheDefinition(ConvCase c) {
      DirectConvolution direct = DirectConvolution.of(c, c.ofmGradient());
      LayerResult layer = simulate(c);
      assertThat(layer.of(FORWARD).effectual()).as("forward").isEqualTo(direct.forward());
      assertThat(layer.of(DGRAD).effectual()).as("dgrad").isEqualTo(direct.dgrad());
      assertThat(layer.of(WGRAD).effectual()).as("wgrad").isEqualTo(direct.wgrad());
    }

    /**
     * Of dense operands every pass does the same useful work: one pair for each output value, IFM
     * element and the weight between them. What the passes spend beside it is their own padding.
     */
    @ParameterizedTest
    @MethodSource("convolutions")
    void doTheSameUsefulWorkInEachPassIfAllIsDense(ConvCase random) {
      ConvCase c = random.dense();
      Tensor ones =
          ones(Shape.of(c.batch(), c.conv().filters(), c.ofm().height(), c.ofm().width()));
      long touched = DirectConvolution.of(c, ones).touched();
      LayerResult layer = simulate(c, ones);
      for (Passes pass : List.of(FORWARD, DGRAD, WGRAD)) {
        assertThat(layer.of(pass).effectual()).as("%s", pass).isEqualTo(touched);
      }
    }

    @ParameterizedTest
    @MethodSource("convolutions")
    void haveThePairsOfTheirShapes(ConvCase c) {
      LayerResult layer = simulate(c);
      long macs = c.batch() * c.conv().macs(c.ifmMap(), c.ofm());
      assertThat(layer.of(FORWARD).macs()).isEqualTo(macs);
      assertThat(layer.of(WGRAD).macs()).as("wgrad, of the same M, N and K").isEqualTo(macs);
      // A tap meets each pixel of its phase: along one axis, those with a multiple of the stride
      // between the pixel and the tap.
      Conv conv = c.conv();
      long down =
          meetings(
              c.ifmMap().height(),
              conv.padding().top(),
              conv.kernel().height(),
              conv.stride().height(),
              conv.dilation().height());
      long across =
          meetings(
              c.ifmMap().width(),
              conv.padding().left(),
              conv.kernel().width(),
              conv.stride().width(),
              conv.dilation().width());
      long pairs = (long) conv.filters() * c.ifmMap().channels() / conv.groups() * c.batch();
      assertThat(layer.of(DGRAD).macs()).as("dgrad").isEqualTo(pairs * down * across);
      if (conv.stride().height() == 1 && conv.stride().width() == 1) {
        assertThat(down * across)
            .as("of stride 1, each tap meets each pixel")
            .isEqualTo((long) c.ifmMap().pixels() * conv.kernel().height() * conv.kernel().width());
      }
    }

    private static long meetings(int pixels, int pad, int kernel, int stride, int dilation) {
      long meetings = 0;
      for (int h = 0; h < pixels; h++) {
        for (int r = 0; r < kernel; r++) {
          meetings += Math.floorMod(h + pad - r * dilation, stride) == 0 ? 1 : 0;
        }
      }
      return meetings;
    }

    @ParameterizedTest
    @MethodSource("convolutions")
    void splitTheirCyclesIntoPartsAndNeverLoseBySkipping(ConvCase c) {
      LayerResult layer = simulate(c);
      for (Passes pass : List.of(FORWARD, DGRAD, WGRAD)) {
        Tally tally = layer.of(pass).tally();
        for (Skip skip : Skip.values()) {
          Timing t = tally.timing(skip);
          assertThat(t.compute() + t.imbalance() + t.scanLimit() + (double) t.drain())
              .isCloseTo((double) t.cycles(), within(1e-6));
          assertThat(t.cycles()).isLessThanOrEqualTo(tally.timing(Skip.NONE).cycles());
          assertThat(t.cycles()).isGreaterThanOrEqualTo(tally.timing(Skip.BOTH).cycles());
        }
      }
      assertThat(layer.cycles())
          .as("passes one after another")
          .isEqualTo(
              layer.of(FORWARD).cycles() + layer.of(DGRAD).cycles() + layer.of(WGRAD).cycles());
    }

    /** A dgrad has no product at all if no window reaches the IFM. */
    private static void assertAgreement(LayerResult layer, Pass pass, Outcome reference) {
      Tally tally = layer.of(new Passes(java.util.Set.of(pass))).tally();
      Timing timing = tally.timing(layer.skip());
      assertThat(timing.cycles()).as("cycles of %s", pass).isEqualTo(reference.cycles());
      assertThat(tally.macs()).as("MACs of %s", pass).isEqualTo(reference.macs());
      assertThat(timing.issued()).as("issued in %s", pass).isEqualTo(reference.issued());
      assertThat(tally.effectual()).as("effectual in %s", pass).isEqualTo(reference.effectual());
      assertThat(timing.compute()).isCloseTo(reference.compute(), within(1e-6));
      assertThat(timing.imbalance()).isCloseTo(reference.imbalance(), within(1e-6));
      assertThat(timing.scanLimit()).isCloseTo(reference.scanLimit(), within(1e-6));
      assertThat((double) timing.drain()).isCloseTo(reference.drain(), within(1e-6));
    }
  }

  /** The skip mode goes round with the seed, and so do plain, 1x1, grouped and depthwise layers. */
  static Stream<ConvCase> convolutions() {
    return LongStream.range(0, 300).mapToObj(RandomCases::conv);
  }

  @Nested
  class WorkedExamples {
    private final Grid one =
        Grid.of("hand", new Grid.Pes(1, 1), new Grid.Tile(1, 1), new Grid.Window(64));

    /**
     * A 1x1 convolution of stride 2 on 4x4 pixels reaches those with even h and w: one phase of 4
     * pixels with one tap, and three without any, which cost nothing.
     */
    @Test
    void phasesWithoutATapCostNothing() {
      Conv conv = conv(1, 1, 2, 0);
      ConvCase c =
          new ConvCase(0, one, conv, ones(Shape.of(1, 1, 1, 1)), ones(Shape.of(1, 1, 4, 4)), true);
      LayerResult dgrad = simulate(c, ones(Shape.of(1, 1, 2, 2))).of(DGRAD);
      assertThat(dgrad.macs()).isEqualTo(4);
      // Four passes of one pair each, whose drains hide behind the next, and the last drain.
      assertThat(dgrad.cycles()).isEqualTo(5);
    }

    /**
     * 3 taps of stride 2 and padding 1 on 5 pixels in a row give 3 outputs. Even pixels (0, 2, 4)
     * are reached by tap 1 alone, odd ones (1, 3) by taps 0 and 2: 3 + 4 pairs, all of which are
     * inside the OFM. The zeros between outputs that a transposed convolution inserts are not
     * there.
     */
    @Test
    void insertedZerosAreNeverCounted() {
      Conv conv =
          new Conv(
              "c",
              1,
              new Option.Kernel(1, 3),
              new Option.Stride(1, 2),
              new Option.Padding(0, 1, 0, 1),
              new Option.Dilation(1, 1),
              1,
              false);
      ConvCase c =
          new ConvCase(0, one, conv, ones(Shape.of(1, 1, 1, 3)), ones(Shape.of(1, 1, 1, 5)), true);
      LayerResult dgrad = simulate(c, ones(Shape.of(1, 1, 1, 3))).of(DGRAD);
      assertThat(dgrad.macs()).isEqualTo(7);
      assertThat(dgrad.effectual()).isEqualTo(7);
      // Phases one after another: 3 passes of 1 cycle and a drain, then 2 of 2 cycles and a drain.
      assertThat(dgrad.cycles()).isEqualTo(3 + 1 + 4 + 1);
    }

    /**
     * The gradient is the row operand of wgrad, and never ternary: of 4 lanes and 2 multipliers its
     * pairs take the multipliers, those of dgrad with ternary weights the lanes. One pair of each
     * per 64 filters or pixels.
     */
    @Test
    void wgradMultiplies() {
      Grid grid =
          one.with(new Grid.Lanes(4), new Grid.Multipliers(2), new Grid.Skipping(Skip.NONE));
      Conv conv = conv(8, 1, 1, 0);
      for (boolean ternary : new boolean[] {true, false}) {
        ConvCase c =
            new ConvCase(
                0, grid, conv, ones(Shape.of(8, 1, 1, 1)), ones(Shape.of(1, 1, 1, 8)), ternary);
        LayerResult layer = simulate(c, ones(Shape.of(1, 8, 1, 8)));
        // 8 pixels, each a sum over 8 filters.
        assertThat(layer.of(DGRAD).timing().compute()).isEqualTo(8 * (ternary ? 2.0 : 4.0));
        // 8 weights, each a sum over 8 pixels.
        assertThat(layer.of(WGRAD).timing().compute()).isEqualTo(8 * 4.0);
      }
    }

    private static Conv conv(int filters, int kernel, int stride, int pad) {
      return new Conv(
          "c",
          filters,
          new Option.Kernel(kernel, kernel),
          new Option.Stride(stride, stride),
          new Option.Padding(pad, pad, pad, pad),
          new Option.Dilation(1, 1),
          1,
          false);
    }
  }

  @Nested
  class Networks {
    private final Policy twn = policy("twn", weights(ternary()));
    private final Grid grid = grid("g", pes(2, 3), tile(2, 4));

    /** A fully connected layer is a convolution of one pixel. */
    @Test
    void fullyConnectedLayersTrainToo() {
      var network = network("n", ifm(30), fc("a", 20), relu(), fc("b", 10));
      Run run = Simulator.run(network, twn, grid, synthetic(3, batch(5)), Passes.TRAINING);
      LayerResult b = run.layer("b").get(0);
      assertThat(b.passes().values().stream().map(Tally::macs))
          .containsExactly(5L * 20 * 10, 5L * 20 * 10, 5L * 20 * 10);
      assertThat(b.of(WGRAD).effectual())
          .as("with a dense gradient, 10 for each non-zero of the IFM")
          .isEqualTo((long) (10 * b.ifm().nonZeros()));
    }

    /** The gradient of the network's input would be thrown away; nothing else may be left out. */
    @Test
    void onlyLayersWithNothingToTrainBeforeThemHaveNoDgrad() {
      Network network =
          network(
              "n",
              ifm(2, 6, 6),
              branches(
                  "mix",
                  branch(
                      conv("first", filters(2), kernel(1)),
                      relu(),
                      conv("second", filters(2), kernel(3), pad(1))),
                  branch(
                      maxPool(kernel(3), stride(1), pad(1)),
                      conv("pooled", filters(2), kernel(1)))),
              flatten(),
              fc("last", 3));
      Run run = Simulator.run(network, twn, grid, synthetic(3), Passes.TRAINING);
      assertThat(run.of(DGRAD).layers()).containsExactly("second", "last");
      assertThat(run.of(WGRAD).layers()).isEqualTo(run.layers()).hasSize(4);
      Network normalized =
          network("m", ifm(2, 6, 6), batchNorm(), conv("first", filters(2), kernel(1)));
      assertThat(Simulator.run(normalized, twn, grid, synthetic(3), Passes.TRAINING).passes())
          .as("a batch normalization has parameters")
          .isEqualTo(Passes.TRAINING);
      Network single = network("s", ifm(2, 6, 6), conv("first", filters(2), kernel(1)));
      assertRefused(
          () -> Simulator.run(single, twn, grid, synthetic(3), Passes.DGRAD), "\"s\"", "dgrad");
    }

    @Test
    void inferenceIsTheForwardPassOfTraining() {
      Network network = zoo("lenet5");
      Run inference = Simulator.run(network, twn, grid, synthetic(3));
      Run training = Simulator.run(network, twn, grid, synthetic(3), Passes.TRAINING);
      assertThat(inference.passes()).isEqualTo(Passes.FORWARD);
      for (String layer : inference.layers()) {
        assertThat(training.of(FORWARD).layer(layer).get(0).tally())
            .isEqualTo(inference.layer(layer).get(0).tally());
      }
    }

    /** Passes that are not asked for change nothing in those that are. */
    @Test
    void passesCanBeSimulatedApart() {
      Network network = zoo("lenet5");
      Run training = Simulator.run(network, twn, grid, synthetic(3), Passes.TRAINING);
      for (Passes some : List.of(DGRAD, WGRAD, BACKWARD)) {
        Run apart = Simulator.run(network, twn, grid, synthetic(3), some);
        assertThat(apart.totals().get(0).passes())
            .isEqualTo(training.of(some).totals().get(0).passes());
      }
    }

    @Test
    void tensorsWithoutGradientsAreRefusedWithWhatToUse() {
      var trained = trained("lenet5");
      assertRefused(
          () ->
              Simulator.run(
                  trained.network(), trained.policy(), grid, trained.images(1), Passes.TRAINING),
          "no gradients",
          "conv1",
          "gradientDensity");
    }
  }

  /** Turning a matrix around, at all offsets within words. */
  @Test
  void aTransposedPartHasTheBitsOfItsOrigin() {
    Random random = new Random(8);
    for (int trial = 0; trial < 60; trial++) {
      boolean[][] mask = new boolean[1 + random.nextInt(150)][1 + random.nextInt(150)];
      for (boolean[] row : mask) {
        for (int c = 0; c < row.length; c++) {
          row[c] = random.nextBoolean();
        }
      }
      int firstRow = random.nextInt(mask.length);
      int firstColumn = random.nextInt(mask[0].length);
      int rows = 1 + random.nextInt(mask.length - firstRow);
      int columns = 1 + random.nextInt(mask[0].length - firstColumn);
      BitMatrix turned =
          Bits.transpose(
              "a part", BitMatrix.of("mask", mask), firstRow, rows, firstColumn, columns);
      assertThat(List.of(turned.rows(), turned.columns())).containsExactly(columns, rows);
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < columns; c++) {
          assertThat(turned.get(c, r)).isEqualTo(mask[firstRow + r][firstColumn + c]);
        }
      }
    }
  }

  private static Tensor ones(Shape shape) {
    float[] values = new float[Math.toIntExact(shape.size())];
    java.util.Arrays.fill(values, 1);
    return Tensor.of(shape, values);
  }

  private static LayerResult simulate(ConvCase c) {
    return simulate(c, c.ofmGradient());
  }

  /**
   * The case as the second layer of a network, so that it has a dgrad: a batch normalization comes
   * before it.
   */
  private static LayerResult simulate(ConvCase c, Tensor gradient) {
    Network network = Network.of("two", c.ifmMap(), List.of(new Layer.BatchNorm("bn"), c.conv()));
    Quantizer quantizer = c.multiplierFree() ? ternary() : fullPrecision();
    return Simulator.run(
            network,
            policy("p", weights(quantizer)),
            c.grid(),
            (n, policy) -> new GivenOperands(c, gradient),
            Passes.TRAINING)
        .layer(c.conv().name())
        .get(0);
  }
}
