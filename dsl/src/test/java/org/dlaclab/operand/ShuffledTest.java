package org.dlaclab.operand;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.dlaclab.Dlac.*;

import java.util.Arrays;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.operand.Shuffled.Keep;
import org.dlaclab.quant.Policy;
import org.dlaclab.tensor.BitMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ShuffledTest {
  private static final Network NET =
      network(
          "net",
          ifm(3, 8, 8),
          conv("stem", filters(70), kernel(3), pad(1)),
          relu(),
          branches(
              "both",
              branch(conv("left", filters(5), kernel(1))),
              branch(conv("right", filters(6), kernel(1)))));
  private static final Policy TWN = policy("twn", weights(ternary()));
  private static final Source REAL =
      synthetic(1, weightDensity(0.3), ifmDensity(0.4), gradientDensity(0.2), samples(2));

  private static Operands bind(Source source) {
    return source.bind(NET, TWN);
  }

  private static Node layer(String name) {
    return NET.gridLayers().stream().filter(n -> n.name().equals(name)).findFirst().orElseThrow();
  }

  /** A mask whose rows and columns have densities of their own. */
  private static BitMatrix uneven(long seed, int rows, int columns) {
    Random random = new Random(seed);
    boolean[][] mask = new boolean[rows][columns];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        mask[r][c] = random.nextDouble() * rows * columns < (r + 1) * (c + 1);
      }
    }
    return BitMatrix.of("uneven", mask);
  }

  private static int[] perColumn(BitMatrix mask) {
    return IntStream.range(0, mask.columns())
        .map(c -> (int) IntStream.range(0, mask.rows()).filter(r -> mask.get(r, c)).count())
        .toArray();
  }

  private static int[] perRow(BitMatrix mask) {
    return IntStream.range(0, mask.rows()).map(mask::ones).toArray();
  }

  @ParameterizedTest
  @EnumSource(Keep.class)
  void asManyNonZerosStayWhereTheyAreToStay(Keep keep) {
    for (int columns : new int[] {1, 63, 64, 65, 130}) {
      BitMatrix mask = uneven(columns, 90, columns);
      BitMatrix dealt = Shuffled.deal(mask, keep, new SplittableRandom(7));
      assertThat(dealt.ones()).isEqualTo(mask.ones());
      // A pixel of one channel has one place for its non-zero.
      assertThat(dealt.equals(mask)).isEqualTo(keep == Keep.PIXELS && columns == 1);
      if (keep == Keep.CHANNELS) {
        assertThat(perColumn(dealt)).isEqualTo(perColumn(mask));
      }
      if (keep == Keep.PIXELS) {
        assertThat(perRow(dealt)).isEqualTo(perRow(mask));
      }
    }
  }

  @Test
  void everyPlaceIsEquallyLikely() {
    BitMatrix mask = BitMatrix.of("mask", new boolean[][] {{true, true, true, false, false}});
    int[] hits = new int[5];
    SplittableRandom random = new SplittableRandom(3);
    int trials = 20_000;
    for (int trial = 0; trial < trials; trial++) {
      BitMatrix dealt = Shuffled.deal(mask, Keep.LAYER, random);
      for (int c = 0; c < 5; c++) {
        hits[c] += dealt.get(0, c) ? 1 : 0;
      }
    }
    for (int count : hits) {
      // Five standard deviations of a binomial count.
      assertThat((double) count / trials).isCloseTo(0.6, within(5 * Math.sqrt(0.6 * 0.4 / trials)));
    }
  }

  @Test
  void fullAndEmptyMasksStayAsTheyAre() {
    BitMatrix full = BitMatrix.of("full", new boolean[][] {{true, true}, {true, true}});
    BitMatrix empty = BitMatrix.of("empty", new boolean[2][2]);
    for (Keep keep : Keep.values()) {
      assertThat(Shuffled.deal(full, keep, new SplittableRandom(1))).isEqualTo(full);
      assertThat(Shuffled.deal(empty, keep, new SplittableRandom(1))).isEqualTo(empty);
    }
  }

  @ParameterizedTest
  @EnumSource(Keep.class)
  void filtersKeepTheirDensitiesButInAModelOfOneDensityPerLayer(Keep keep) {
    Node stem = layer("stem");
    int[] before = perRow(bind(REAL).weights(stem));
    int[] after = perRow(bind(shuffled(REAL, keep, 1)).weights(stem));
    assertThat(IntStream.of(after).sum()).isEqualTo(IntStream.of(before).sum());
    assertThat(Arrays.equals(before, after)).isEqualTo(keep != Keep.LAYER);
  }

  @Test
  void branchesOverOneIfmSeeOneMask() {
    Operands dealt = bind(shuffled(REAL, LAYER, 1));
    assertThat(dealt.sample(1).ifm(layer("left"))).isEqualTo(dealt.sample(1).ifm(layer("right")));
    assertThat(dealt.sample(1).ifm(layer("left"))).isNotEqualTo(dealt.sample(0).ifm(layer("left")));
  }

  @Test
  void oneSeedDealsOneWay() {
    Node left = layer("left");
    BitMatrix gradient = bind(shuffled(REAL, PIXELS, 1)).sample(0).ofmGradient(left);
    assertThat(bind(shuffled(REAL, PIXELS, 1)).sample(0).ofmGradient(left)).isEqualTo(gradient);
    assertThat(bind(shuffled(REAL, PIXELS, 2)).sample(0).ofmGradient(left)).isNotEqualTo(gradient);
  }

  /** Independent masks have nothing that dealing anew could take away. */
  @Test
  void masksThatWereIndependentGiveTheSameSpeedup() {
    var dlac = grid("dlac", pes(2, 4));
    var resnet = zoo("resnet20");
    double real = simulate(resnet, TWN, dlac, REAL).totalSpeedup().mean();
    double dealt = simulate(resnet, TWN, dlac, shuffled(REAL, LAYER, 9)).totalSpeedup().mean();
    assertThat(dealt / real).isCloseTo(1, within(0.01));
  }

  @Test
  void resultsSayWhatWasDone() {
    var run = simulate(NET, TWN, grid("dlac", pes(2, 4)), shuffled(REAL, CHANNELS, 5));
    assertThat(run.origin())
        .startsWith("synthetic(seed 1)")
        .endsWith("non-zeros dealt anew (seed 5) within each channel and filter");
    assertThat(shuffled(REAL, CHANNELS, 5).identity()).isPresent();
    assertThat(shuffled(REAL, CHANNELS, 5).identity())
        .isNotEqualTo(shuffled(REAL, PIXELS, 5).identity())
        .isNotEqualTo(shuffled(REAL, CHANNELS, 6).identity())
        .isNotEqualTo(shuffled(seed(1), CHANNELS, 5).identity());
  }
}
