package org.dlaclab.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.dlaclab.error.Refusals.assertRefused;
import static org.dlaclab.network.Layers.avgPool;
import static org.dlaclab.network.Layers.batchNorm;
import static org.dlaclab.network.Layers.branch;
import static org.dlaclab.network.Layers.branches;
import static org.dlaclab.network.Layers.ceilMode;
import static org.dlaclab.network.Layers.channelShuffle;
import static org.dlaclab.network.Layers.channels;
import static org.dlaclab.network.Layers.conv;
import static org.dlaclab.network.Layers.countPadding;
import static org.dlaclab.network.Layers.depthwise;
import static org.dlaclab.network.Layers.dilation;
import static org.dlaclab.network.Layers.fc;
import static org.dlaclab.network.Layers.filters;
import static org.dlaclab.network.Layers.flatten;
import static org.dlaclab.network.Layers.gate;
import static org.dlaclab.network.Layers.globalAvgPool;
import static org.dlaclab.network.Layers.groups;
import static org.dlaclab.network.Layers.ifm;
import static org.dlaclab.network.Layers.kernel;
import static org.dlaclab.network.Layers.localResponseNorm;
import static org.dlaclab.network.Layers.maxPool;
import static org.dlaclab.network.Layers.network;
import static org.dlaclab.network.Layers.noBias;
import static org.dlaclab.network.Layers.pad;
import static org.dlaclab.network.Layers.relu;
import static org.dlaclab.network.Layers.residual;
import static org.dlaclab.network.Layers.shortcut;
import static org.dlaclab.network.Layers.sigmoid;
import static org.dlaclab.network.Layers.softmax;
import static org.dlaclab.network.Layers.stride;
import static org.dlaclab.network.Layers.swish;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.Table;

class NetworkTest {
  private static final FeatureMap IMAGE = ifm(3, 16, 16);

  private static List<String> names(Network network) {
    return network.nodes().stream().map(Node::name).toList();
  }

  @Nested
  class Counts {
    static LongStream seeds() {
      return LongStream.range(0, 100);
    }

    /** Weights and multiply-accumulates, each one counted by the loop that would use it. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void areThoseOfTheNaiveLoops(long seed) {
      Random random = new Random(seed);
      int groups = 1 + random.nextInt(3);
      int channels = groups * (1 + random.nextInt(4));
      int filters = groups * (1 + random.nextInt(4));
      int r = 1 + random.nextInt(3);
      int s = 1 + random.nextInt(3);
      int height = r + random.nextInt(5);
      int width = s + random.nextInt(5);
      boolean bias = random.nextBoolean();
      List<Option.OfConv> options =
          new ArrayList<>(
              List.of(
                  filters(filters),
                  kernel(r, s),
                  groups(groups),
                  stride(1 + random.nextInt(2)),
                  pad(random.nextInt(2))));
      if (!bias) {
        options.add(noBias());
      }
      Node node =
          network(
                  "n",
                  ifm(channels, height, width),
                  conv("it", options.toArray(new Option.OfConv[0])))
              .node("it");

      long weights = 0;
      long macs = 0;
      for (int k = 0; k < filters; k++) {
        int group = k / (filters / groups);
        for (int c = 0; c < channels; c++) {
          if (c / (channels / groups) == group) {
            for (int tap = 0; tap < r * s; tap++) {
              weights++;
              for (int pixel = 0; pixel < node.ofm().height() * node.ofm().width(); pixel++) {
                macs++;
              }
            }
          }
        }
      }
      assertThat(node.weights()).as("seed %d: %s", seed, node).isEqualTo(weights);
      assertThat(node.macs()).isEqualTo(macs);
      assertThat(node.parameters()).isEqualTo(weights + (bias ? filters : 0));
    }

    @Test
    void aFullyConnectedLayerIsAMatrixAndABias() {
      Node node = network("n", ifm(256), fc("fc", 10)).node("fc");
      assertThat(node.weights()).isEqualTo(2560);
      assertThat(node.macs()).isEqualTo(2560);
      assertThat(node.parameters()).isEqualTo(2570);
      assertThat(node.onGrid()).isTrue();
    }

    @Test
    void aDepthwiseLayerHasOneFilterPerChannel() {
      Network network =
          network("n", ifm(24, 10, 10), depthwise("dw", kernel(3), stride(2), pad(1), noBias()));
      Node node = network.node("dw");
      assertThat(node.ofm()).isEqualTo(ifm(24, 5, 5));
      assertThat(node.conv().groups()).isEqualTo(24);
      assertThat(node.parameters()).isEqualTo(24 * 9);
      assertThat(node.macs()).isEqualTo(24 * 9 * 25);
    }

    @Test
    void aDepthwiseSeparableBlockCostsWhatMobileNetSays() {
      // Howard et al., arXiv:1704.04861, section 3.1: the cost is 1/N + 1/D_K^2 of the convolution.
      Network separable =
          network(
              "separable",
              ifm(32, 14, 14),
              depthwise("dw", kernel(3), pad(1)),
              conv("pw", filters(64), kernel(1)));
      Network standard =
          network("standard", ifm(32, 14, 14), conv("conv", filters(64), kernel(3), pad(1)));
      assertThat((double) separable.macs() / standard.macs()).isEqualTo(1.0 / 64 + 1.0 / 9);
    }

    @Test
    void batchNormHasAScaleAndAShiftPerChannel() {
      Node node = network("n", IMAGE, conv("c", filters(8), kernel(3)), batchNorm()).node("c.bn");
      assertThat(node.parameters()).isEqualTo(16);
      assertThat(node.macs()).isZero();
    }

    @Test
    void layersThatDoNotMultiplyHaveNeitherParametersNorMacs() {
      Network network =
          network(
              "n",
              IMAGE,
              relu(),
              maxPool(kernel(2)),
              avgPool(kernel(2)),
              localResponseNorm(),
              residual(relu()),
              branches("b", branch(), branch()),
              globalAvgPool(),
              flatten(),
              softmax());
      assertThat(network.parameters()).isZero();
      assertThat(network.macs()).isZero();
      assertThat(network.gridLayers()).isEmpty();
      assertThat(network.ofm()).isEqualTo(ifm(6));
    }

    @Test
    void hugeLayersAreCountedWithoutOverflow() {
      Network network =
          network("n", ifm(1 << 10, 1 << 10, 1 << 10), conv("c", filters(1 << 10), kernel(3)));
      assertThat(network.macs()).isEqualTo((1L << 20) * 9 * 1022 * 1022);
    }
  }

  @Nested
  class Structure {
    @Test
    void layersFollowOneAnother() {
      Network network =
          network(
              "n",
              IMAGE,
              conv("c1", filters(8), kernel(3)),
              relu(),
              conv("c2", filters(4), kernel(3)));
      assertThat(network.nodes().stream().map(Node::inputs))
          .containsExactly(List.of(Node.INPUT), List.of(0), List.of(1));
      assertThat(network.gridLayers().stream().map(Node::name)).containsExactly("c1", "c2");
      assertThat(network.ofm()).isEqualTo(ifm(4, 12, 12));
    }

    @Test
    void aResidualAddsItsBodyToItsInput() {
      Network network =
          network(
              "n",
              IMAGE,
              conv("stem", filters(8), kernel(1)),
              residual(conv("a", filters(8), kernel(3), pad(1)), relu()));
      Node add = network.nodes().get(3);
      assertThat(add.layer()).isInstanceOf(Layer.Add.class);
      assertThat(add.inputs()).containsExactly(2, 0);
      assertThat(add.ofm()).isEqualTo(ifm(8, 16, 16));
    }

    @Test
    void aProjectionTakesThePlaceOfTheIdentity() {
      Network network =
          network(
              "n",
              IMAGE,
              residual(
                  shortcut(conv("proj", filters(8), kernel(1), stride(2))),
                  conv("a", filters(8), kernel(3), stride(2), pad(1)),
                  relu(),
                  conv("b", filters(8), kernel(3), pad(1))));
      Node add = network.nodes().get(4);
      assertThat(add.inputs())
          .containsExactly(network.node("b").index(), network.node("proj").index());
      assertThat(network.node("proj").inputs()).containsExactly(Node.INPUT);
      assertThat(network.ofm()).isEqualTo(ifm(8, 8, 8));
    }

    @Test
    void branchesConcatenateTheirChannelsInOrder() {
      Network network =
          network(
              "n",
              IMAGE,
              branches(
                  "mix",
                  branch(conv("a", filters(5), kernel(1))),
                  branch(),
                  branch(conv("b", filters(7), kernel(3), pad(1)), relu())));
      Node concat = network.node("mix");
      assertThat(concat.inputs())
          .containsExactly(network.node("a").index(), Node.INPUT, network.node("b.relu").index());
      assertThat(concat.ifms()).containsExactly(ifm(5, 16, 16), IMAGE, ifm(7, 16, 16));
      assertThat(concat.ofm()).isEqualTo(ifm(5 + 3 + 7, 16, 16));
    }

    @Test
    void structuresNest() {
      Network network =
          network(
              "n",
              IMAGE,
              residual(
                  branches(
                      "inner",
                      branch(conv("a", filters(1), kernel(1))),
                      branch(
                          residual(conv("b", filters(3), kernel(1))),
                          conv("c", filters(2), kernel(1))))));
      assertThat(network.ofm()).isEqualTo(IMAGE);
      assertThat(network.node("c").inputs())
          .containsExactly(network.nodes().indexOf(network.node("b.add")));
    }

    @Test
    void nodesAreInTopologicalOrder() {
      for (Node node : org.dlaclab.zoo.Zoo.network("googlenet").nodes()) {
        assertThat(node.inputs()).allMatch(input -> input < node.index());
      }
    }

    @Test
    void flattenAndGlobalPoolingGiveVectors() {
      assertThat(network("n", IMAGE, flatten()).ofm()).isEqualTo(ifm(768));
      assertThat(network("n", IMAGE, globalAvgPool()).ofm()).isEqualTo(ifm(3));
      assertThat(ifm(768).isFlat()).isTrue();
      assertThat(IMAGE.isFlat()).isFalse();
    }

    @Test
    void dilationWidensTheWindowAndNotTheKernel() {
      Node node =
          network("n", IMAGE, conv("c", filters(1), kernel(3), dilation(2), noBias())).node("c");
      assertThat(node.ofm()).isEqualTo(ifm(1, 12, 12));
      assertThat(node.weights()).isEqualTo(27);
    }

    @Test
    void twoDescriptionsOfOneNetworkAreEqual() {
      assertThat(network("n", IMAGE, conv("c", kernel(3), filters(2)), relu()))
          .isEqualTo(network("n", IMAGE, conv("c", filters(2), kernel(3), pad(0)), relu(0)));
    }
  }

  @Nested
  class Names {
    @Test
    void aLayerWithoutANameIsCalledAfterTheLastThatHasOne() {
      Network network =
          network(
              "n",
              IMAGE,
              relu(),
              conv("c1", filters(4), kernel(3), pad(1)),
              batchNorm(),
              relu(),
              relu(0.01),
              conv("c2", filters(4), kernel(3), pad(1)),
              maxPool(kernel(2)));
      assertThat(names(network))
          .containsExactly("input.relu", "c1", "c1.bn", "c1.relu", "c1.relu2", "c2", "c2.maxPool");
    }

    @Test
    void namesAreUnique() {
      Network network = org.dlaclab.zoo.Zoo.network("resnet152");
      assertThat(names(network)).doesNotHaveDuplicates();
    }

    @Test
    void aNameIsUsedOnce() {
      assertRefused(
          () ->
              network(
                  "n",
                  IMAGE,
                  conv("c", filters(3), kernel(1)),
                  residual(conv("c", filters(3), kernel(1)))),
          "two layers are called \"c\"");
    }

    @Test
    void anUnknownLayerSuggestsTheNearest() {
      Network network = network("n", IMAGE, conv("conv1", filters(3), kernel(1)), relu());
      assertRefused(
          () -> network.node("conv2"), "network \"n\" has no layer \"conv2\"", "\"conv1\"?");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  "})
    void aNetworkHasAName(String name) {
      assertRefused(() -> network(name, IMAGE, relu()), "the name of a network is empty");
    }
  }

  @Nested
  class WhatDoesNotFit {
    @Test
    void aKernelLargerThanTheImage() {
      assertRefused(
          () -> network("n", ifm(3, 4, 5), conv("big", filters(8), kernel(3), dilation(3))),
          "conv \"big\"",
          "window of 7x7",
          "kernel 3x3",
          "dilation 3x3",
          "IFM of 3x4x5",
          "padded to 4x5");
    }

    @Test
    void aFullyConnectedLayerOnAnImage() {
      assertRefused(
          () -> network("n", IMAGE, fc("fc", 10)), "fc \"fc\"", "3x16x16", "10x1x1", "flatten()");
    }

    @Test
    void aResidualWhoseShapesDiffer() {
      assertRefused(
          () -> network("n", IMAGE, residual(conv("a", filters(8), kernel(3), stride(2), pad(1)))),
          "residual \"a.add\"",
          "8x8x8",
          "3x16x16",
          "shortcut(conv(\"proj\", filters(8), kernel(1), stride(");
    }

    @Test
    void aResidualWithoutABody() {
      assertRefused(() -> network("n", IMAGE, residual()), "residual", "body");
      assertRefused(
          () -> network("n", IMAGE, residual(shortcut(conv("p", filters(3), kernel(1))))),
          "residual",
          "body");
    }

    @Test
    void branchesOfDifferentExtent() {
      assertRefused(
          () ->
              network(
                  "n", IMAGE, branches("b", branch(conv("a", filters(8), kernel(3))), branch())),
          "branches \"b\"",
          "8x14x14",
          "3x16x16",
          "padding");
    }

    @Test
    void asManyBranchesAsOne() {
      assertRefused(() -> branches("b", branch()), "branches \"b\" has 1 path", "two or more");
      assertRefused(() -> branches("b"), "branches \"b\" has 0 paths");
    }

    @Test
    void groupsThatDoNotDivide() {
      assertRefused(
          () -> network("n", ifm(6, 8, 8), conv("g", filters(8), kernel(3), groups(4))),
          "conv \"g\"",
          "4 groups",
          "6 IFM channels",
          "6x8x8",
          "8 filters");
      assertRefused(
          () -> network("n", ifm(8, 8, 8), conv("g", filters(6), kernel(3), groups(4))),
          "6 filters");
    }

    @Test
    void aNetworkWithoutLayers() {
      assertRefused(() -> network("empty", IMAGE), "network \"empty\" has no layers");
    }
  }

  @Nested
  class Options {
    @Test
    void filtersAndKernelAreRequired() {
      assertRefused(() -> conv("c", kernel(3)), "conv \"c\" has no filters", "filters(16)");
      assertRefused(() -> conv("c", filters(3)), "conv \"c\" has no kernel", "kernel(3)");
      assertRefused(() -> depthwise("d"), "depthwise \"d\" has no kernel", "kernel(3)");
      assertRefused(() -> maxPool(stride(2)), "maxPool has no kernel", "kernel(2)");
    }

    @Test
    void eachIsGivenAtMostOnce() {
      assertRefused(
          () -> conv("c", filters(3), kernel(3), kernel(5)), "conv \"c\"", "kernel(...) twice");
      assertRefused(() -> avgPool(kernel(2), pad(0), pad(0, 1)), "avgPool", "pad(...) twice");
    }

    @Test
    void aDepthwiseLayerTakesNeitherFiltersNorGroups() {
      assertRefused(() -> depthwise("d", kernel(3), filters(8)), "depthwise \"d\"", "remove");
      assertRefused(() -> depthwise("d", kernel(3), groups(8)), "depthwise \"d\"", "remove");
    }

    @Test
    void everyExtentIsChecked() {
      assertRefused(() -> filters(0), "filters is 0");
      assertRefused(() -> groups(-2), "groups is -2");
      assertRefused(() -> kernel(0), "kernel height is 0");
      assertRefused(() -> kernel(3, -1), "kernel width is -1");
      assertRefused(() -> stride(0), "vertical stride is 0");
      assertRefused(() -> stride(1, 0), "horizontal stride is 0");
      assertRefused(() -> dilation(0), "vertical dilation is 0");
      assertRefused(() -> dilation(1, -1), "horizontal dilation is -1");
      assertRefused(() -> pad(-1), "top padding is -1");
      assertRefused(() -> pad(0, -1), "left padding is -1");
      assertRefused(() -> pad(0, 0, -1, 0), "bottom padding is -1");
      assertRefused(() -> pad(0, 0, 0, -1), "right padding is -1");
      assertRefused(() -> ifm(0, 4, 4), "channels of a feature map is 0");
      assertRefused(() -> ifm(3, -4, 4), "height of a feature map is -4");
      assertRefused(() -> ifm(3, 4, 0), "width of a feature map is 0");
      assertRefused(() -> ifm(0), "channels of a feature map is 0");
      assertRefused(() -> fc("fc", 0), "fc \"fc\" is 0");
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.01, Double.NaN, Double.POSITIVE_INFINITY})
    void theThresholdOfAReluIsFiniteAndNotNegative(double threshold) {
      assertRefused(() -> relu(threshold), "relu has threshold " + threshold);
    }

    @Test
    void theLevelsOfAReluAreSomeAndFinite() {
      assertRefused(() -> new Layer.Relu("", 0, -1, 6), "-1-bit");
      assertRefused(() -> new Layer.Relu("", 0, 17, 6), "17-bit", "32-bit floats");
      assertRefused(() -> new Layer.Relu("", 0, 4, 0), "4-bit results up to 0.0");
      assertRefused(() -> new Layer.Relu("", 0, 4, Double.NaN), "NaN");
      assertRefused(() -> new Layer.Relu("", 0, 0, -6), "results up to -6.0");
      assertThat(new Layer.Relu("", -0.0, 0, -0.0)).isEqualTo(new Layer.Relu("", 0));
      assertThat(new Layer.Relu("", 0, 2, 6).step()).isEqualTo(2);
      assertThat(new Layer.Relu("", 0, 2, 6).scale()).isEqualTo(0.5f);
    }

    @Test
    void aConvolutionThatIsMadeByHandIsCheckedToo() {
      assertRefused(
          () -> new Layer.Conv("c", 0, kernel(1), stride(1), pad(0), dilation(1), 1, true),
          "filters of conv \"c\" is 0");
      assertRefused(
          () -> new Layer.Conv("c", 4, kernel(1), stride(1), pad(0), dilation(1), 0, true),
          "groups of conv \"c\" is 0");
    }
  }

  @Nested
  class Gates {
    @Test
    void aGateMultipliesItsIfmByWhatItsBodyGives() {
      Network network =
          network(
              "se",
              IMAGE,
              conv("a", filters(8), kernel(3)),
              gate(globalAvgPool(), fc("squeeze", 2), relu(), fc("excite", 8), sigmoid()));
      Node product = network.node("a.multiply");
      assertThat(product.inputs())
          .containsExactly(network.node("a").index(), network.node("excite.sigmoid").index());
      assertThat(product.ofm()).isEqualTo(network.node("a").ofm());
    }

    @Test
    void aGateOfAnotherShapeIsRefusedWithBothShapes() {
      assertRefused(
          () -> network("se", IMAGE, gate(globalAvgPool(), fc("excite", 4))),
          "3x16x16",
          "4x1x1",
          "3x1x1");
      assertRefused(() -> gate(), "no body");
    }

    @Test
    void activationFunctionsAreHandedOnBehindTheirLayer() {
      Network network =
          network(
              "n",
              IMAGE,
              conv("a", filters(8), kernel(3)),
              batchNorm(),
              swish(),
              maxPool(kernel(2)));
      assertThat(network.handedOn(network.node("a"))).isEqualTo(network.node("a.swish"));
    }

    @Test
    void channelsAreShuffledAndSlicedWithinTheIfm() {
      assertThat(network("n", ifm(6, 2, 2), channelShuffle(3), channels(1, 5)).ofm())
          .isEqualTo(ifm(5, 2, 2));
      assertRefused(() -> network("n", ifm(6, 2, 2), channelShuffle(4)), "4 groups", "6x2x2");
      assertRefused(() -> network("n", ifm(6, 2, 2), channels(2, 5)), "5 channels from 2", "6x2x2");
    }

    @Test
    void poolingOfWhichToolsDisagreeIsRefused() {
      assertRefused(() -> avgPool(kernel(3), ceilMode(), countPadding()), "ceilMode");
      assertRefused(() -> maxPool(kernel(3), countPadding()), "maxPool");
      assertRefused(() -> maxPool(kernel(3), dilation(2), ceilMode()), "dilation(2, 2)");
    }
  }

  @Nested
  class Summary {
    private final Network network =
        network(
            "tiny",
            IMAGE,
            conv("c1", filters(8), kernel(3), stride(2), pad(1), noBias()),
            batchNorm(),
            relu(),
            residual(conv("c2", filters(8), kernel(3, 1), pad(2, 0), dilation(2, 1), groups(2))),
            maxPool(kernel(2), stride(2, 1)),
            flatten(),
            fc("fc", 10));

    private long total(Table table, String column) {
      LongColumn values = table.longColumn(column);
      return values.getLong(values.size() - 1);
    }

    @Test
    void hasARowPerLayerAndATotal() {
      Table table = network.summary().table();
      assertThat(table.rowCount()).isEqualTo(network.nodes().size() + 1);
      assertThat(table.columnNames())
          .containsExactly("layer", "kind", "IFM", "OFM", "kernel", "parameters", "MACs", "bits");
      assertThat(table.stringColumn("layer").asList())
          .startsWith("c1", "c1.bn", "c1.relu", "c2")
          .endsWith("total");
    }

    @Test
    void totalsAreTheSumsOfTheirColumns() {
      Table table = network.summary().table();
      for (String column : List.of("parameters", "MACs", "bits")) {
        long[] values = table.longColumn(column).asLongArray();
        long sum = 0;
        for (int i = 0; i < values.length - 1; i++) {
          sum += values[i];
        }
        assertThat(total(table, column)).as(column).isEqualTo(sum).isPositive();
      }
      assertThat(total(table, "parameters")).isEqualTo(network.parameters());
      assertThat(total(table, "MACs")).isEqualTo(network.macs());
    }

    @Test
    void bitsAreThoseOfTheWeightsAndOfTheOtherParametersInFullPrecision() {
      Table full = network.summary().table();
      assertThat(total(full, "bits")).isEqualTo(32 * network.parameters());

      long weights = network.gridLayers().stream().mapToLong(Node::weights).sum();
      Table ternary = network.summary(node -> 2).table();
      assertThat(total(ternary, "bits"))
          .isEqualTo(2 * weights + 32 * (network.parameters() - weights));
    }

    @Test
    void saysWhatEachLayerDoesToItsIfm() {
      Table table = network.summary().table();
      assertThat(table.stringColumn("IFM").asList()).startsWith("3x16x16", "8x8x8");
      assertThat(table.stringColumn("OFM").asList()).startsWith("8x8x8", "8x8x8");
      assertThat(table.stringColumn("kernel").asList())
          .contains("3x3 /2", "3x1 dil 2x1 g2", "2x2 /2x1");
    }

    @Test
    void displaysWhole() {
      assertThat(network)
          .hasToString(network.summary().toString())
          .asString()
          .startsWith("tiny: 3x16x16 in, 10x1x1 out\n")
          .contains("c1.relu", "c2.add", "total", "22,208");
    }
  }
}
