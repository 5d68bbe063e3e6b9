package org.dlaclab.error;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.dlaclab.error.Refusals.assertRefused;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CheckTest {

  @Nested
  class Numbers {
    @Test
    void whatIsInRangeIsHandedBack() {
      assertThat(Check.positive("lanes", 1)).isEqualTo(1);
      assertThat(Check.positive("lanes", Integer.MAX_VALUE)).isEqualTo(Integer.MAX_VALUE);
      assertThat(Check.atLeast("sync", 0, 0)).isZero();
      assertThat(Check.positive("clock", Double.MIN_VALUE)).isEqualTo(Double.MIN_VALUE);
      assertThat(Check.fraction("density", 0)).isZero();
      assertThat(Check.fraction("density", 1)).isOne();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
    void aCountBelowItsLeastIsNamedWithItsValue(int value) {
      assertRefused(() -> Check.positive("lanes", value), "lanes is " + value, "at least 1");
      assertRefused(() -> Check.atLeast("pad", value, 1), "pad is " + value, "at least 1");
    }

    @ParameterizedTest
    @ValueSource(
        doubles = {0, -0.0, -1, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void aQuantityIsFiniteAndAboveZero(double value) {
      assertRefused(
          () -> Check.positive("clock", value), "clock is " + value, "a finite number above 0");
    }

    @ParameterizedTest
    @ValueSource(doubles = {-1e-9, -40, 1.0000001, 101, Double.NaN, Double.POSITIVE_INFINITY})
    void aFractionLiesInZeroToOne(double value) {
      assertRefused(
          () -> Check.fraction("density", value), "density is " + value, "a fraction from 0 to 1");
    }

    @ParameterizedTest
    @CsvSource({"40, 0.4", "35.5, 0.355", "1.1, 0.011", "100, 1", "7, 0.07"})
    void aPercentageIsRecognized(double percent, String fraction) {
      assertRefused(() -> Check.fraction("density", percent), "write " + fraction + " for ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\t\n"})
    void aNameIsNotBlank(String name) {
      assertRefused(() -> Check.named("a grid", name), "the name of a grid is empty");
    }
  }

  @Nested
  class Nearest {
    private final List<String> zoo =
        List.of("alexnet", "googlenet", "resnet18", "resnet50", "vgg16");

    @ParameterizedTest
    @CsvSource({
      "resnet-50, resnet50",
      "RESNET50, resnet50",
      "resent18, resnet18",
      "googelnet, googlenet",
      "vgg, vgg16",
      "alexnet2, alexnet",
    })
    void aSlipOfTheFingersFindsWhatWasMeant(String typed, String meant) {
      assertThat(Check.nearest(typed, zoo)).isEqualTo(meant);
    }

    @Test
    void tiesAreBrokenByTheAlphabetAndNoCandidateGivesNothing() {
      assertThat(Check.nearest("resnet1", List.of("resnet3", "resnet2"))).isEqualTo("resnet2");
      assertThat(Check.nearest("x", List.of())).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void noCandidateIsNearerByTheRecursiveDefinitionOfEditDistance(long seed) {
      Random random = new Random(seed);
      String wanted = word(random);
      List<String> candidates = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        candidates.add(word(random));
      }
      int least = candidates.stream().mapToInt(c -> distance(wanted, c)).min().orElseThrow();
      assertThat(distance(wanted, Check.nearest(wanted, candidates)))
          .as("seed %d: %s among %s", seed, wanted, candidates)
          .isEqualTo(least);
    }

    /** Straight from the definition: exponential, so for short words only. */
    private int distance(String a, String b) {
      if (a.isEmpty() || b.isEmpty()) {
        return a.length() + b.length();
      }
      String restA = a.substring(1);
      String restB = b.substring(1);
      if (a.charAt(0) == b.charAt(0)) {
        return distance(restA, restB);
      }
      return 1 + Math.min(distance(restA, restB), Math.min(distance(restA, b), distance(a, restB)));
    }

    private String word(Random random) {
      StringBuilder word = new StringBuilder();
      int length = random.nextInt(7);
      for (int i = 0; i < length; i++) {
        word.append((char) ('a' + random.nextInt(3)));
      }
      return word.toString();
    }
  }

  @Nested
  class FitsHeap {
    @Test
    void whatFitsPasses() {
      assertThatCode(() -> Check.fitsHeap("a mask", 1 << 20)).doesNotThrowAnyException();
      assertThatCode(() -> Check.fitsHeap("a mask", 0)).doesNotThrowAnyException();
    }

    @Test
    void garbageIsNoReasonToRefuse() {
      long heap = Runtime.getRuntime().maxMemory();
      assertThat(new long[(int) (heap / 3 / Long.BYTES)].length).isPositive(); // used, then let go
      assertThatCode(() -> Check.fitsHeap("a mask", 0.75 * heap)).doesNotThrowAnyException();
    }

    @Test
    void whatDoesNotFitIsToldWithTheBytesAndTheOption() {
      double tebibyte = 1L << 40;
      assertRefused(
          () -> Check.fitsHeap("the IFM mask of layer \"conv1\"", tebibyte),
          "the IFM mask of layer \"conv1\" needs 1048576 MiB",
          "MiB are free",
          "-Xmx",
          "DLAC_JAVA_OPTS");
    }

    @Test
    void theHeapThatIsSuggestedWouldHaveBeenEnough() {
      double bytes = 3.0 * Runtime.getRuntime().maxMemory();
      String message = catchThrowable(() -> Check.fitsHeap("it", bytes)).getMessage();
      Matcher option = Pattern.compile("-Xmx(\\d+)g").matcher(message);
      assertThat(option.find()).as(message).isTrue();
      double suggested = Double.parseDouble(option.group(1)) * (1L << 30);
      assertThat(suggested).isGreaterThan(bytes).isLessThan(2 * bytes + (1L << 30));
    }
  }
}
