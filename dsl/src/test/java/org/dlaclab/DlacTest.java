package org.dlaclab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.dlaclab.Dlac.*;
import static org.dlaclab.error.Refusals.assertRefused;

import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.dlaclab.grid.Grid;
import org.dlaclab.network.Layer;
import org.dlaclab.network.Layers;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.quant.Policy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The words of the DSL, as a researcher types them into a cell. */
class DlacTest {
  private final Network tiny =
      network(
          "tiny",
          ifm(3, 32, 32),
          conv("conv1", filters(16), kernel(3), pad(1)),
          batchNorm(),
          relu(),
          residual(
              conv("conv2a", filters(16), kernel(3), pad(1)),
              batchNorm(),
              relu(),
              conv("conv2b", filters(16), kernel(3), pad(1)),
              batchNorm()),
          globalAvgPool(),
          fc("fc", 10));

  private final Policy twn = policy("twn", weights(ternary()), except("conv1", fullPrecision()));

  private final Grid dlac =
      grid("dlac", pes(16, 32), lanes(1), tile(4, 16), window(8), clock(MHz(500)));

  @Test
  void aNetworkSummarizesItself() {
    assertThat(tiny.summary().toString())
        .contains("tiny: 3x32x32 in, 10x1x1 out", "conv2a", "conv2b.add", "16x32x32", "total");
    // Per layer: filters * (C * 9 + bias) and 2 per channel of each batch normalization.
    assertThat(tiny.parameters())
        .isEqualTo(16 * (27 + 1) + 2 * 16 * (16 * 9 + 1) + 3 * 2 * 16 + 10 * 17);
    assertThat(tiny.macs()).isEqualTo(1024L * 16 * 27 + 2 * 1024L * 16 * 144 + 160);
  }

  @Test
  void aRunSaysCyclesPerLayerAndWhereTheyWent() {
    var run = simulate(tiny, twn, dlac, seed(42));
    assertThat(run.layers()).containsExactly("conv1", "conv2a", "conv2b", "fc");
    assertThat(run.table().rowCount()).isEqualTo(5);
    assertThat(run.totalSpeedup().mean()).isBetween(1.0, 8.0);
    assertThat(run.toString()).contains("tiny", "twn: ternary", "dlac", "synthetic(seed 42)");
    for (var layer : run.samples().get(0)) {
      var time = layer.timing();
      assertThat(time.compute() + time.imbalance() + time.scanLimit() + time.drain())
          .isCloseTo((double) layer.cycles(), within(1e-6 * layer.cycles()));
    }
  }

  @Test
  void theSameCellGivesTheSameResult() {
    assertThat(simulate(tiny, twn, dlac, seed(42))).isEqualTo(simulate(tiny, twn, dlac, seed(42)));
    assertThat(simulate(tiny, twn, dlac, seed(42)).totals())
        .isNotEqualTo(simulate(tiny, twn, dlac, seed(43)).totals());
  }

  @Test
  void macsOfARunAreThoseOfTheNetworkPerImage() {
    var run = simulate(tiny, twn, dlac, synthetic(1, batch(3)));
    assertThat(run.totals().get(0).macs()).isEqualTo(3 * tiny.macs());
  }

  @Test
  void trainingIsSimulatedPassByPass() {
    var run = simulate(tiny, twn, dlac, synthetic(42, gradientDensity(0.5)), training());
    assertThat(run.passes()).isEqualTo(training());
    assertThat(run.of(FORWARD).totals().get(0).tally())
        .isEqualTo(simulate(tiny, twn, dlac, seed(42)).totals().get(0).tally());
    assertThat(run.of(DGRAD).layers()).containsExactly("conv2a", "conv2b", "fc");
    assertThat(run.of(WGRAD).layers()).isEqualTo(run.layers());
    assertThat(run.effectualShare(BACKWARD).mean()).isBetween(0.1, 0.5);
    assertThat(run.toString()).contains("OFM gradient density 0.5");
    assertThat(simulate(tiny, twn, dlac, seed(42), inference()))
        .isEqualTo(simulate(tiny, twn, dlac, seed(42)));
  }

  @Test
  void manyImagesGiveAnInterval() {
    var run = simulate(tiny, twn, dlac, synthetic(7, samples(4), ifmDensity(0.4)));
    var speedup = run.totalSpeedup();
    assertThat(speedup.n()).isEqualTo(4);
    assertThat(speedup.low()).isLessThan(speedup.mean());
    assertThat(speedup.high()).isGreaterThan(speedup.mean());
  }

  @Test
  void aSparserNetworkIsFaster() {
    var dense = simulate(tiny, twn, dlac, synthetic(1, weightDensity(1), ifmDensity(1)));
    var half = simulate(tiny, twn, dlac, synthetic(1, weightDensity(0.5), ifmDensity(0.5)));
    var sparse = simulate(tiny, twn, dlac, synthetic(1, weightDensity(0.2), ifmDensity(0.2)));
    // Padding is zero whatever the densities: a dense network gains a little from it.
    assertThat(dense.totalSpeedup().mean()).isBetween(1.0, 1.05);
    assertThat(half.totalSpeedup().mean()).isGreaterThan(1);
    assertThat(sparse.totalSpeedup().mean()).isGreaterThan(half.totalSpeedup().mean());
  }

  @Test
  void withoutAnyZeroNothingIsGained() {
    var unpadded = network("unpadded", ifm(3, 9, 9), conv("c", filters(8), kernel(3)));
    var run = simulate(unpadded, twnFor("c"), dlac, synthetic(1, weightDensity(1)));
    assertThat(run.totalSpeedup().mean()).isEqualTo(1);
  }

  private static Policy twnFor(String first) {
    return policy("twn", weights(ternary()), except(first, binary()));
  }

  @Test
  void everyOptionOfAGridHasAWord() {
    var custom =
        grid(
            "custom",
            pes(4, 8),
            lanes(2),
            multipliers(1),
            tile(2, 8),
            ofmEntries(32),
            window(4),
            blockSize(128),
            sync(0),
            skip(BOTH),
            filterOrder(DENSITY_SORTED),
            loopOrder(COLS_OUTER),
            drainWidth(2),
            ofmDoubleBuffered(false),
            clock(GHz(1)));
    assertThat(custom.describe()).contains("4x8 = 32", "DENSITY_SORTED", "COLS_OUTER", "1 GHz");
    assertThat(simulate(tiny, twn, custom, seed(1)).totalSpeedup().mean()).isGreaterThan(1);
  }

  @Test
  void everySelectorHasAWord() {
    var mixed =
        policy(
            "mixed",
            weights(ternary(PER_FILTER)),
            except(first(), fullPrecision()),
            except(matching("conv2?"), binary()),
            except(layer(1), bits(4)),
            except(kind(FC), bits(8)),
            except(last(), binary(PER_FILTER)));
    assertThat(mixed.assign(tiny).values())
        .containsExactly(fullPrecision(), bits(4), binary(), binary(PER_FILTER));
    assertThat(mixed.describe(tiny).toString()).contains("4-bit uniform", "binary per filter");
  }

  @Test
  void aPolicyIsAlsoAboutActivations() {
    var low =
        policy(
            "low",
            weights(trainedTernary()),
            except(first(), integer(8)),
            except(layer(1), doReFa(4)),
            except(last(), ternary(perGroup(64))),
            activations(threshold(0.01), kBit(4)),
            activations("conv1.relu", kBit(8, 4)),
            activations("conv2a.relu", fullPrecision()));
    assertThat(low.assign(tiny).values())
        .containsExactly(integer(8), doReFa(4), trainedTernary(), ternary(perGroup(64)));
    assertThat(low.describe(tiny).toString())
        .contains("8-bit integer", "4-bit DoReFa", "trained ternary", "ternary per group of 64");
    assertThat(low.on(tiny).nodes())
        .filteredOn(node -> node.layer() instanceof Layer.Relu)
        .extracting(Node::layer)
        .containsExactly(new Layer.Relu("", 0.01, 8, 4), new Layer.Relu("", 0.01));
    assertThat(Policy.fromJson(low.toJson())).isEqualTo(low);
  }

  @Test
  void everyKindOfLayerHasAWord() {
    var all =
        network(
            "all",
            ifm(4, 16, 16),
            depthwise("dw", kernel(3), pad(1), noBias()),
            batchNorm("norm"),
            relu(0.01),
            branches(
                "mix",
                branch(conv("a", filters(4), kernel(1, 3), pad(0, 1), groups(2))),
                branch(maxPool(kernel(3), stride(1), pad(1))),
                branch(avgPool(kernel(2), stride(1), pad(0, 0, 1, 1), ceilMode()))),
            residual(
                shortcut(conv("proj", filters(8), kernel(1), stride(2))),
                conv("b", filters(8), kernel(3), dilation(2), stride(2), pad(2))),
            localResponseNorm(),
            flatten(),
            fc("fc", 5),
            softmax());
    assertThat(all.ofm()).isEqualTo(ifm(5));
    assertThat(simulate(all, policy("p"), dlac, seed(1)).layers())
        .containsExactly("dw", "a", "b", "proj", "fc");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void anyMaskedProductCanBeSimulated(long seed) {
    Random random = new Random(seed);
    boolean[][] rows = mask(random, 1 + random.nextInt(40), 100);
    boolean[][] columns = mask(random, 1 + random.nextInt(40), 100);
    long effectual = 0;
    for (boolean[] row : rows) {
      for (boolean[] column : columns) {
        for (int k = 0; k < 100; k++) {
          effectual += row[k] && column[k] ? 1 : 0;
        }
      }
    }
    var both = simulate(masks(rows, columns), dlac, skip(BOTH));
    var none = simulate(masks(rows, columns), dlac, skip(NONE));
    assertThat(both.macs()).isEqualTo(100L * rows.length * columns.length);
    assertThat(both.effectual()).isEqualTo(effectual);
    assertThat(both.issued()).isEqualTo(effectual);
    assertThat(none.issued()).isEqualTo(both.macs());
    assertThat(both.speedup()).isEqualTo((double) none.cycles() / both.cycles());
    assertThat(both.toString()).contains("cycles", "imbalance", "speedup");
  }

  private static boolean[][] mask(Random random, int rows, int columns) {
    boolean[][] mask = new boolean[rows][columns];
    for (boolean[] row : mask) {
      for (int c = 0; c < columns; c++) {
        row[c] = random.nextInt(3) == 0;
      }
    }
    return mask;
  }

  @Test
  void masksMustFitEachOther() {
    assertRefused(
        () -> masks(new boolean[4][10], new boolean[5][11]),
        "the row mask is 4 x 10",
        "the column mask 5 x 11",
        "the same K");
    assertRefused(() -> masks(new boolean[4][10], new boolean[10][5]), "transpose");
    assertRefused(() -> masks(new boolean[0][0], new boolean[0][0]), "M = 0");
    boolean[][] ragged = {{true}, {true, false}};
    assertRefused(() -> masks(ragged, ragged), "row 1 of the row mask");
  }

  @Test
  void theZooListsItself() {
    assertThat(zoo()).contains("lenet5", "resnet152").allMatch(name -> zoo(name).macs() > 0);
    assertThat(zoo("lenet5", ifm(1, 32, 32), 26).ofm()).isEqualTo(ifm(26));
    assertRefused(() -> zoo("resnet-50"), "did you mean \"resnet50\"");
  }

  @Test
  void publishedDensitiesGoWithTheirNetwork() {
    var run = simulate(zoo("alexnet"), policy("p"), dlac, synthetic(1, published("alexnet")));
    var conv3 = run.layer("conv3").get(0);
    assertThat(conv3.weightDensity()).isCloseTo(0.346, within(0.002));
    assertThat(conv3.ifmDensity()).isCloseTo(0.528, within(0.01));
    assertThat(conv3.ofmDensity()).isCloseTo(0.389, within(0.001));
  }

  @Test
  void everyWordForNetworksIsHereToo() {
    // The facade and the words of the network package must not drift apart.
    List<String> here = signatures(Dlac.class);
    assertThat(here).containsAll(signatures(Layers.class));
  }

  private static List<String> signatures(Class<?> type) {
    return Arrays.stream(type.getDeclaredMethods())
        .filter(method -> Modifier.isPublic(method.getModifiers()))
        .map(method -> method.getName() + Arrays.toString(method.getParameterTypes()))
        .toList();
  }
}
