package org.dlaclab.operand;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.dlaclab.error.Refusals.assertRefused;
import static org.dlaclab.network.Layers.batchNorm;
import static org.dlaclab.network.Layers.branch;
import static org.dlaclab.network.Layers.branches;
import static org.dlaclab.network.Layers.conv;
import static org.dlaclab.network.Layers.fc;
import static org.dlaclab.network.Layers.filters;
import static org.dlaclab.network.Layers.flatten;
import static org.dlaclab.network.Layers.groups;
import static org.dlaclab.network.Layers.ifm;
import static org.dlaclab.network.Layers.kernel;
import static org.dlaclab.network.Layers.maxPool;
import static org.dlaclab.network.Layers.network;
import static org.dlaclab.network.Layers.pad;
import static org.dlaclab.network.Layers.relu;
import static org.dlaclab.network.Layers.residual;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.operand.Synthetic.Batch;
import org.dlaclab.operand.Synthetic.GradientDensity;
import org.dlaclab.operand.Synthetic.IfmDensity;
import org.dlaclab.operand.Synthetic.PublishedFor;
import org.dlaclab.operand.Synthetic.Samples;
import org.dlaclab.operand.Synthetic.WeightDensity;
import org.dlaclab.quant.Policy;
import org.dlaclab.quant.Quantizer;
import org.dlaclab.tensor.BitMatrix;
import org.dlaclab.zoo.Zoo;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SyntheticTest {
  private static final Policy TWN =
      Policy.of("twn", new Policy.Weights(new Quantizer.Ternary(Quantizer.Scale.PER_LAYER)));

  private static final Network NETWORK =
      network(
          "net",
          ifm(3, 20, 20),
          conv("conv1", filters(40), kernel(5), pad(2)),
          relu(),
          conv("conv2", filters(70), kernel(3), pad(1), groups(2)),
          relu(),
          maxPool(kernel(2)),
          flatten(),
          fc("fc", 30));

  private static Operands bind(long seed, Synthetic.Option... options) {
    return new Synthetic(seed, options).bind(NETWORK, TWN);
  }

  static LongStream seeds() {
    return LongStream.range(0, 30);
  }

  /** Asserts that a mask of independent bits of this density may well have so many ones. */
  private static void assertDensity(BitMatrix mask, double density) {
    double bits = (double) mask.rows() * mask.columns();
    double sigma = Math.sqrt(bits * density * (1 - density));
    assertThat((double) mask.ones())
        .as("ones of %s, expected density %s", mask, density)
        .isCloseTo(bits * density, within(5 * sigma + 1e-6));
  }

  @Nested
  class Shapes {
    @Test
    void aWeightMaskHasARowPerFilterAndAColumnPerWeightOfIt() {
      Operands operands = bind(1);
      BitMatrix conv2 = operands.weights(NETWORK.node("conv2"));
      assertThat(conv2.rows()).isEqualTo(70);
      assertThat(conv2.columns()).isEqualTo(40 / 2 * 3 * 3);
      BitMatrix fc = operands.weights(NETWORK.node("fc"));
      assertThat(fc.rows()).isEqualTo(30);
      assertThat(fc.columns()).isEqualTo(70 * 10 * 10);
    }

    @Test
    void anIfmMaskHasARowPerPixelOfTheBatchAndAColumnPerChannel() {
      Operands operands = bind(1, new Batch(3), new Samples(5));
      assertThat(operands.batch()).isEqualTo(3);
      assertThat(operands.samples()).isEqualTo(5);
      BitMatrix ifm = operands.sample(0).ifm(NETWORK.node("conv2"));
      assertThat(ifm.rows()).isEqualTo(3 * 20 * 20);
      assertThat(ifm.columns()).isEqualTo(40);
      BitMatrix flat = operands.sample(4).ifm(NETWORK.node("fc"));
      assertThat(flat.rows()).isEqualTo(3);
      assertThat(flat.columns()).isEqualTo(7000);
    }

    @Test
    void aSampleOfAnImageIsTheDefault() {
      assertThat(bind(1).batch()).isEqualTo(1);
      assertThat(bind(1).samples()).isEqualTo(1);
    }
  }

  @Nested
  class Densities {
    static LongStream seeds() {
      return SyntheticTest.seeds();
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void areThoseDeclared(long seed) {
      Random random = new Random(seed);
      double weights = random.nextDouble();
      double ifms = random.nextDouble();
      Operands operands =
          bind(seed, new WeightDensity(weights), new IfmDensity(ifms), new Batch(2));
      for (Node layer : NETWORK.gridLayers()) {
        assertDensity(operands.weights(layer), weights);
        assertDensity(operands.sample(0).ifm(layer), layer.name().equals("conv1") ? 1 : ifms);
      }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void defaultToWhatThePolicyLeavesAndToHalfOfEachIfmButTheInput(long seed) {
      Operands operands = bind(seed);
      for (Node layer : NETWORK.gridLayers()) {
        assertDensity(
            operands.weights(layer),
            new Quantizer.Ternary(Quantizer.Scale.PER_LAYER).gaussianDensity(layer.weights()));
        assertDensity(operands.sample(0).ifm(layer), layer.name().equals("conv1") ? 1 : 0.5);
        assertThat(operands.sample(0).ofmDensity(layer)).isNaN();
      }
    }

    /** Row by row as an IFM: a row per pixel of the batch, a column per filter. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void ofGradientsAreThoseDeclared(long seed) {
      double density = new Random(seed).nextDouble();
      Operands operands = bind(seed, new GradientDensity(density), new Batch(2));
      for (Node layer : NETWORK.gridLayers()) {
        BitMatrix gradient = operands.sample(0).ofmGradient(layer);
        assertThat(gradient.rows()).isEqualTo(2 * layer.ofm().pixels());
        assertThat(gradient.columns()).isEqualTo(layer.ofm().channels());
        assertDensity(gradient, density);
      }
      assertThat(operands.gradientOrigin()).contains("OFM gradient density");
    }

    /** A ReLU stops gradients where its output is zero; nothing else is assumed to. */
    @Test
    void ofGradientsDefaultToThatOfAReluBehindTheLayerElseToOne() {
      Network network =
          network(
              "net",
              ifm(3, 20, 20),
              conv("relu", filters(40), kernel(3)),
              relu(),
              conv("normalized", filters(40), kernel(3)),
              batchNorm(),
              relu(),
              conv("added", filters(40), kernel(3), pad(1)),
              residual(conv("both", filters(40), kernel(3), pad(1))),
              conv("pooled", filters(40), kernel(3)),
              maxPool(kernel(2)),
              flatten(),
              fc("last", 30));
      Operands operands = new Synthetic(7, new IfmDensity(0.3), new Batch(4)).bind(network, TWN);
      Operands.Sample sample = operands.sample(0);
      assertDensity(sample.ofmGradient(network.node("relu")), 0.3);
      for (String layer : List.of("normalized", "added", "both", "pooled", "last")) {
        assertThat(sample.ofmGradient(network.node(layer)).density()).as(layer).isOne();
      }
      assertThat(operands.gradientOrigin()).contains("dense");
    }

    @Test
    void followThePolicyLayerByLayer() {
      Policy policy =
          Policy.of(
              "mixed",
              new Policy.Rule(
                  new org.dlaclab.quant.Selector.ByName("conv2"), new Quantizer.Uniform(2)));
      Operands operands = new Synthetic(9).bind(NETWORK, policy);
      assertThat(operands.weights(NETWORK.node("conv1")).density()).isOne();
      Node conv2 = NETWORK.node("conv2");
      assertDensity(
          operands.weights(conv2), new Quantizer.Uniform(2).gaussianDensity(conv2.weights()));
    }

    @Test
    void theInputIsDenseAlsoWhenItIsFlattened() {
      Network mlp = network("mlp", ifm(1, 28, 28), flatten(), fc("fc1", 50), relu(), fc("fc2", 10));
      Operands operands = new Synthetic(1).bind(mlp, TWN);
      assertThat(operands.sample(0).ifm(mlp.node("fc1")).density()).isOne();
      assertThat(operands.sample(0).ifm(mlp.node("fc2")).density()).isLessThan(1);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 1})
    void ofNothingAndOfEverythingAreExact(double density) {
      Operands operands = bind(3, new WeightDensity(density), new IfmDensity(density));
      assertThat(operands.weights(NETWORK.node("conv2")).density()).isEqualTo(density);
      assertThat(operands.sample(0).ifm(NETWORK.node("conv2")).density()).isEqualTo(density);
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, 1.1, 40, Double.NaN})
    void outsideZeroToOneAreRefused(double density) {
      assertRefused(() -> new WeightDensity(density), "weightDensity is " + density);
      assertRefused(() -> new IfmDensity(density), "ifmDensity is " + density);
    }
  }

  @Nested
  class Independence {
    static LongStream seeds() {
      return SyntheticTest.seeds();
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void everyColumnAndEveryRowHasTheDensity(long seed) {
      double density = new Random(seed).nextDouble();
      BitMatrix mask = Synthetic.mask("it", 300, 150, density, new SplittableRandom(seed));
      for (int c = 0; c < 150; c++) {
        boolean[][] column = new boolean[300][1];
        for (int r = 0; r < 300; r++) {
          column[r][0] = mask.get(r, c);
        }
        assertDensity(BitMatrix.of("column", column), density);
      }
      double sigma = Math.sqrt(150 * density * (1 - density));
      for (int r = 0; r < 300; r++) {
        assertThat((double) mask.ones(r)).isCloseTo(150 * density, within(5 * sigma + 1e-6));
      }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void neighboursKnowNothingOfEachOther(long seed) {
      double density = 0.1 + 0.8 * new Random(seed).nextDouble();
      BitMatrix mask = Synthetic.mask("it", 400, 256, density, new SplittableRandom(seed));
      // Two independent bits are both set with the square of the density, at any distance.
      for (int[] step : new int[][] {{0, 1}, {0, 7}, {0, 32}, {0, 64}, {1, 0}, {1, 64}, {5, 3}}) {
        long both = 0;
        long pairs = 0;
        for (int r = 0; r + step[0] < 400; r += 2 * step[0] + 1) {
          for (int c = 0; c + step[1] < 256; c += 1) {
            both += mask.get(r, c) && mask.get(r + step[0], c + step[1]) ? 1 : 0;
            pairs++;
          }
        }
        double p = density * density;
        // Overlapping pairs share bits, which at most triples the variance.
        assertThat((double) both / pairs)
            .as("distance %d rows, %d columns", step[0], step[1])
            .isCloseTo(p, within(5 * Math.sqrt(3 * p * (1 - p) / pairs)));
      }
    }

    @ParameterizedTest
    @CsvSource({"1, 63", "3, 64", "5, 65", "7, 1", "9, 130"})
    void bitsBeyondTheLastColumnAreClear(int rows, int columns) {
      BitMatrix mask = Synthetic.mask("it", rows, columns, 1, new SplittableRandom(1));
      assertThat(mask.ones()).isEqualTo((long) rows * columns);
      assertThat(Synthetic.mask("it", rows, columns, 0.9, new SplittableRandom(1)).ones())
          .isLessThanOrEqualTo((long) rows * columns);
      if (columns % 64 != 0) {
        int last = mask.wordsPerRow() - 1;
        for (int r = 0; r < rows; r++) {
          assertThat(mask.word(r, last) >>> (columns % 64)).isZero();
        }
      }
    }

    @ParameterizedTest
    @ValueSource(doubles = {1e-3, 1e-4, 1 - 1e-3})
    void rareBitsAreAsRareAsDeclared(double density) {
      assertDensity(Synthetic.mask("it", 2000, 2000, density, new SplittableRandom(7)), density);
    }
  }

  @Nested
  class Determinism {
    private Map<String, BitMatrix> masks(long seed, List<String> order) {
      Operands operands = bind(seed, new Samples(2), new IfmDensity(0.4));
      Map<String, BitMatrix> masks = new HashMap<>();
      for (String what : order) {
        String[] parts = what.split(" ", -1);
        Node layer = NETWORK.node(parts[1]);
        masks.put(
            what,
            parts[0].equals("w")
                ? operands.weights(layer)
                : operands.sample(Integer.parseInt(parts[0])).ifm(layer));
      }
      return masks;
    }

    private final List<String> everything =
        List.of(
            "w conv1", "w conv2", "w fc", "0 conv1", "0 conv2", "0 fc", "1 conv1", "1 conv2",
            "1 fc");

    static LongStream seeds() {
      return SyntheticTest.seeds();
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void theSameSeedGivesTheSameMasksInWhateverOrderTheyAreAskedFor(long seed) {
      List<String> shuffled = new ArrayList<>(everything);
      Collections.shuffle(shuffled, new Random(seed));
      assertThat(masks(seed, shuffled)).isEqualTo(masks(seed, everything));
    }

    @Test
    void differentSeedsSamplesAndLayersDiffer() {
      Set<BitMatrix> seen = new HashSet<>();
      int expected = 0;
      for (long seed = -20; seed < 20; seed++) {
        for (Map.Entry<String, BitMatrix> mask : masks(seed, everything).entrySet()) {
          if (!mask.getKey().endsWith("conv1") || mask.getKey().startsWith("w")) {
            seen.add(mask.getValue()); // The input is dense, always.
            expected++;
          }
        }
      }
      assertThat(seen).hasSize(expected);
    }

    @Test
    void weightsDoNotDependOnTheTensorsOrTheBatch() {
      assertThat(bind(5, new Batch(4), new IfmDensity(0.1)).weights(NETWORK.node("conv2")))
          .isEqualTo(bind(5).weights(NETWORK.node("conv2")));
    }

    @Test
    void branchesOverOneIfmSeeOneMask() {
      Network network =
          network(
              "net",
              ifm(3, 9, 9),
              conv("stem", filters(16), kernel(3)),
              relu(),
              branches(
                  "mix",
                  branch(conv("a", filters(4), kernel(1))),
                  branch(conv("b", filters(4), kernel(3), pad(1))),
                  branch(maxPool(kernel(1)), conv("c", filters(4), kernel(1)))));
      Operands.Sample sample = new Synthetic(3).bind(network, TWN).sample(0);
      assertThat(sample.ifm(network.node("a"))).isEqualTo(sample.ifm(network.node("b")));
      assertThat(sample.ifm(network.node("a"))).isNotEqualTo(sample.ifm(network.node("c")));
    }
  }

  @Nested
  class PublishedDensities {
    @ParameterizedTest
    @ValueSource(strings = {"alexnet", "vgg16", "googlenet"})
    void nameLayersOfTheZoosNetworks(String name) {
      Network network = Zoo.network(name);
      Set<String> layers = new HashSet<>();
      network.gridLayers().forEach(layer -> layers.add(layer.name()));
      assertThat(layers).containsAll(Published.table(name).keySet());
      for (LayerDensities densities : Published.table(name).values()) {
        assertThat(densities.weight()).isGreaterThan(0).isLessThanOrEqualTo(1);
        assertThat(densities.ifm()).isGreaterThan(0).isLessThanOrEqualTo(1);
        assertThat(densities.ofm() <= 0 || densities.ofm() >= 1).isFalse();
      }
    }

    @ParameterizedTest(name = "{0} {1}: weights {2}, IFM {3}, OFM {4}: {5}")
    @CsvSource({
      "alexnet, conv1, 0.84, 1,    0.88, 'Han et al., NIPS 2015, table 4 (unlike SCNN, see below)'",
      "alexnet, conv3, 0.35, 0.52, 0.37, 'Han et al., NIPS 2015, table 4'",
      "alexnet, conv4, 0.37, 0.37, 0.40, 'Han et al., NIPS 2015, table 4'",
      "alexnet, conv5, 0.37, 0.40, 0.34, 'Han et al., NIPS 2015, table 4'",
      "alexnet, fc6,   0.09, 0.34, 0.36, 'Han et al., NIPS 2015, table 4'",
      "alexnet, fc8,   0.25, 0.40, 1.00, 'Han et al., NIPS 2015, table 4'",
      "vgg16, conv1_1, 0.58, 1,    0.53, 'Han et al., NIPS 2015, table 5'",
      "vgg16, conv1_2, 0.22, 0.53, 0.89, 'Han et al., NIPS 2015, table 5'",
      "vgg16, conv3_3, 0.42, 0.70, 0.64, 'Han et al., NIPS 2015, table 5'",
      "vgg16, conv5_3, 0.36, 0.29, 0.19, 'Han et al., NIPS 2015, table 5'",
      "vgg16, fc6,     0.04, 0.19, 0.38, 'Han et al., NIPS 2015, table 5'",
      "vgg16, fc8,     0.23, 0.42, 1.00, 'Han et al., NIPS 2015, table 5'",
    })
    void agreeWithASecondSource(
        String network, String layer, double weight, double ifm, double ofm, String source) {
      // Measured on other images and another pruned model: near, not equal. Pooling between two
      // layers raises the density, and AlexNet's conv1 was pruned less in the earlier paper.
      LayerDensities densities = Published.table(network).get(layer);
      assertThat(densities.weight()).as(source).isCloseTo(weight, within(0.14));
      assertThat(densities.ifm()).as(source).isCloseTo(ifm, within(0.05));
      if (!Double.isNaN(densities.ofm()) && !layer.equals("conv1")) {
        assertThat(densities.ofm()).as(source).isCloseTo(ofm, within(0.19));
      }
    }

    @Test
    void areUsedForTheLayersOfTheTable() {
      Network network = Zoo.network("vgg16", ifm(3, 64, 64), 10);
      Operands operands = new Synthetic(3, new PublishedFor("vgg16")).bind(network, TWN);
      for (String name : List.of("conv1_2", "conv2_1", "conv3_1", "conv5_3")) {
        Node layer = network.node(name);
        LayerDensities densities = Published.table("vgg16").get(name);
        assertDensity(operands.weights(layer), densities.weight());
        assertDensity(operands.sample(0).ifm(layer), densities.ifm());
        assertThat(operands.sample(0).ofmDensity(layer)).isEqualTo(densities.ofm());
      }
      assertThat(operands.sample(0).ofmDensity(network.node("fc6"))).isNaN();
    }

    @Test
    void otherLayersFollowTheOtherOptions() {
      Network network = Zoo.network("googlenet", ifm(3, 64, 64), 10);
      Operands operands =
          new Synthetic(
                  3, new PublishedFor("googlenet"), new WeightDensity(0.25), new IfmDensity(0.75))
              .bind(network, TWN);
      Node conv2 = network.node("conv2");
      assertDensity(operands.weights(conv2), 0.25);
      assertDensity(operands.sample(0).ifm(conv2), 0.75);
      Node inside = network.node("inception_3a-3x3");
      assertDensity(operands.weights(inside), 0.451443142);
    }

    @ParameterizedTest
    @CsvSource({"AlexNett, alexnet", "vgg19, vgg16", "googlnet, googlenet"})
    void ofAnUnknownNetworkSuggestTheNearest(String typed, String meant) {
      assertRefused(
          () -> new PublishedFor(typed),
          "no densities are published for \"" + typed + "\"",
          "alexnet, googlenet, vgg16",
          "published(\"" + meant + "\")");
    }

    @Test
    void mustMeetLayersOfTheirNames() {
      Synthetic source = new Synthetic(1, new PublishedFor("vgg16"));
      assertRefused(
          () -> source.bind(Zoo.network("resnet20"), TWN),
          "\"resnet20\"",
          "published(\"vgg16\")",
          "conv1_1");
    }

    @Test
    void sayHowManyLayersTheyAreAbout() {
      Synthetic source = new Synthetic(1, new PublishedFor("alexnet"));
      assertThat(source.bind(Zoo.network("alexnet"), TWN).origin())
          .contains("8 of 8 layers as published for alexnet");
      assertThat(
              new Synthetic(1, new PublishedFor("vgg16")).bind(Zoo.network("vgg19"), TWN).origin())
          .contains("16 of 19 layers as published for vgg16");
    }

    @Test
    void areRefusedForANetworkThatSharesAFewNamesOnly() {
      // ResNet's conv1 is called as AlexNet's, and nothing else.
      assertRefused(
          () -> new Synthetic(1, new PublishedFor("alexnet")).bind(Zoo.network("resnet18"), TWN),
          "published(\"alexnet\")",
          "\"conv2\"",
          "\"resnet18\"");
    }
  }

  @Nested
  class Definition {
    @Test
    void eachOptionIsGivenAtMostOnce() {
      assertRefused(
          () -> new Synthetic(4, new WeightDensity(0.5), new WeightDensity(0.4)),
          "synthetic(4, ...)",
          "weightDensity(0.5)",
          "weightDensity(0.4)");
    }

    @Test
    void countsAreAtLeastOne() {
      assertRefused(() -> new Samples(0), "samples is 0");
      assertRefused(() -> new Batch(-1), "batch is -1");
    }

    @Test
    void originSaysSeedAndDensities() {
      assertThat(bind(42, new WeightDensity(0.4), new IfmDensity(0.25)).origin())
          .contains("synthetic(seed 42)", "weight density 0.4", "IFM density 0.25", "input dense");
      assertThat(bind(42).origin()).contains("as the policy leaves", "IFM density 0.5");
    }

    @Test
    void aFeatureMapThatCannotFitTheHeapIsRefusedWithItsTrueSize() {
      Network big = network("big", ifm(1, 40_000, 40_000), conv("c", filters(1), kernel(3)));
      Operands operands = new Synthetic(1).bind(big, TWN);
      assertRefused(
          () -> operands.sample(0).ifm(big.node("c")),
          "the IFM mask of layer \"c\" needs 12208 MiB",
          "-Xmx");
    }

    @Test
    void aBatchBeyondAnArrayIsRefused() {
      Operands operands = bind(1, new Batch(100_000_000));
      assertRefused(
          () -> operands.sample(0).ifm(NETWORK.node("conv1")),
          "the IFM mask of layer \"conv1\"",
          "4.00e+10",
          "make it smaller");
    }
  }
}
