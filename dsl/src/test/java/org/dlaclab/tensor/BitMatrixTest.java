package org.dlaclab.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.dlaclab.error.Refusals.assertRefused;

import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class BitMatrixTest {
  static LongStream seeds() {
    return LongStream.range(0, 60);
  }

  /** Columns on both sides of the word boundaries. */
  private static boolean[][] random(long seed) {
    Random random = new Random(seed);
    int rows = 1 + random.nextInt(9);
    int columns = random.nextBoolean() ? 62 + random.nextInt(5) : 1 + random.nextInt(200);
    double density = random.nextInt(11) / 10.0;
    boolean[][] mask = new boolean[rows][columns];
    for (boolean[] row : mask) {
      for (int c = 0; c < columns; c++) {
        row[c] = random.nextDouble() < density;
      }
    }
    return mask;
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void holdsWhatWentIn(long seed) {
    boolean[][] mask = random(seed);
    BitMatrix bits = BitMatrix.of("mask", mask);
    assertThat(bits.rows()).isEqualTo(mask.length);
    assertThat(bits.columns()).isEqualTo(mask[0].length);
    long all = 0;
    for (int r = 0; r < mask.length; r++) {
      int ones = 0;
      for (int c = 0; c < mask[r].length; c++) {
        assertThat(bits.get(r, c)).as("row %d, column %d", r, c).isEqualTo(mask[r][c]);
        assertThat((bits.word(r, c / 64) & (1L << (c % 64))) != 0).isEqualTo(mask[r][c]);
        ones += mask[r][c] ? 1 : 0;
      }
      assertThat(bits.ones(r)).isEqualTo(ones);
      all += ones;
    }
    assertThat(bits.ones()).isEqualTo(all);
    assertThat(bits.density()).isEqualTo((double) all / (mask.length * mask[0].length));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void isEqualToTheSameBitsHoweverTheyCame(long seed) {
    boolean[][] mask = random(seed);
    BitMatrix bits = BitMatrix.of("mask", mask);
    float[] values = new float[mask.length * mask[0].length];
    long[] words = new long[mask.length * bits.wordsPerRow()];
    for (int r = 0; r < mask.length; r++) {
      for (int c = 0; c < mask[r].length; c++) {
        values[r * mask[r].length + c] = mask[r][c] ? -0.25f : -0f;
      }
      for (int w = 0; w < bits.wordsPerRow(); w++) {
        words[r * bits.wordsPerRow() + w] = bits.word(r, w);
      }
    }
    Tensor tensor = Tensor.of(Shape.of(mask.length, mask[0].length), values);
    assertThat(BitMatrix.nonZeros(tensor, mask.length)).isEqualTo(bits).hasSameHashCodeAs(bits);
    assertThat(BitMatrix.of(mask.length, mask[0].length, words)).isEqualTo(bits);

    mask[0][0] = !mask[0][0];
    assertThat(BitMatrix.of("mask", mask)).isNotEqualTo(bits);
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "1, 1", "63, 1", "64, 1", "65, 2", "128, 2", "129, 3"})
  void rowsBeginAtAWord(int columns, int words) {
    assertThat(BitMatrix.wordsPerRow(columns)).isEqualTo(words);
  }

  @Test
  void displays() {
    assertThat(BitMatrix.of("mask", new boolean[][] {{true, false}, {false, false}}))
        .hasToString("mask 2 x 2, density 0.250");
  }

  @Test
  void aSpecialFloatIsNotZero() {
    Tensor tensor = Tensor.of(Shape.of(1, 3), Float.NaN, Float.MIN_VALUE, -0f);
    assertThat(BitMatrix.nonZeros(tensor, 1).ones()).isEqualTo(2);
  }

  @Test
  void raggedRowsAreRefused() {
    boolean[][] ragged = {new boolean[3], new boolean[4]};
    assertRefused(
        () -> BitMatrix.of("the row mask", ragged),
        "row 1 of the row mask has 4 entries, row 0 has 3");
  }

  @Test
  void wordsMustFitTheExtents() {
    assertRefused(() -> BitMatrix.of(2, 65, new long[3]), "2 x 65", "3 words", "4 words");
  }

  @Test
  void bitsBeyondTheLastColumnAreRefused() {
    assertRefused(() -> BitMatrix.of(2, 3, new long[] {7, 8}), "row 1", "3 columns");
    assertThat(BitMatrix.of(2, 64, new long[] {-1, -1}).ones()).isEqualTo(128);
  }

  @Test
  void aTensorMustDivideIntoRows() {
    assertRefused(
        () -> BitMatrix.nonZeros(Tensor.of(Shape.of(5), 1, 1, 1, 1, 1), 2), "5", "2 rows");
  }

  @Test
  void aMaskThatCannotFitTheHeapIsRefusedBeforeItIsMade() {
    assertRefused(() -> BitMatrix.allocate("the mask", 1 << 20, 1 << 16), "the mask needs", "-Xmx");
    assertRefused(() -> BitMatrix.allocate("the mask", 1L << 32, 64), "the mask", "4.29e+09");
  }
}
