package org.dlaclab.sim;

import java.util.Arrays;
import org.dlaclab.tensor.BitMatrix;

/** Moves parts of bit matrices, up to 64 bits at a time. */
final class Bits {
  private Bits() {}

  /**
   * Copies {@code count} bits of a row, from bit {@code from} on, to bit {@code to} of the row of
   * {@code words} that starts at {@code base}, where there are zeros.
   */
  static void copy(BitMatrix matrix, int row, int from, int count, long[] words, int base, int to) {
    int done = 0;
    while (done < count) {
      int source = from + done;
      int target = to + done;
      int step = Math.min(count - done, Long.SIZE - Math.max(source & 63, target & 63));
      long bits = matrix.word(row, source >>> 6) >>> source;
      if (step < Long.SIZE) {
        bits &= (1L << step) - 1;
      }
      words[base + (target >>> 6)] |= bits << target;
      done += step;
    }
  }

  /** Ones among {@code count} bits of a row, from bit {@code from} on. */
  static int ones(BitMatrix matrix, int row, int from, int count) {
    int ones = 0;
    for (int done = 0; done < count; ) {
      int bit = (from + done) & 63;
      int step = Math.min(count - done, Long.SIZE - bit);
      long bits = matrix.word(row, (from + done) >>> 6) >>> bit;
      ones += Long.bitCount(step == Long.SIZE ? bits : bits & ((1L << step) - 1));
      done += step;
    }
    return ones;
  }

  /**
   * Rows become columns, and columns rows.
   *
   * @param what what the result holds, for the error if it cannot fit the heap
   * @param rows of the matrix, from {@code firstRow} on: the result's columns
   * @param columns of the matrix, from {@code firstColumn} on: the result's rows
   */
  static BitMatrix transpose(
      String what, BitMatrix matrix, int firstRow, int rows, int firstColumn, int columns) {
    int perRow = BitMatrix.wordsPerRow(rows);
    long[] words = BitMatrix.allocate(what, columns, rows);
    long[] square = new long[Long.SIZE];
    for (int word = 0; word < perRow; word++) {
      int high = Math.min(Long.SIZE, rows - word * Long.SIZE);
      for (int column = 0; column < columns; column += Long.SIZE) {
        int wide = Math.min(Long.SIZE, columns - column);
        Arrays.fill(square, high, Long.SIZE, 0);
        for (int r = 0; r < high; r++) {
          square[r] = read(matrix, firstRow + word * Long.SIZE + r, firstColumn + column, wide);
        }
        transpose(square);
        for (int c = 0; c < wide; c++) {
          words[(column + c) * perRow + word] = square[c];
        }
      }
    }
    return BitMatrix.of(columns, rows, words);
  }

  /** {@code count} bits of a row, 1 to 64, from bit {@code from} on. */
  private static long read(BitMatrix matrix, int row, int from, int count) {
    int word = from >>> 6;
    int shift = from & 63;
    long bits = matrix.word(row, word) >>> shift;
    if (shift + count > Long.SIZE) {
      bits |= matrix.word(row, word + 1) << -shift;
    }
    return count == Long.SIZE ? bits : bits & ((1L << count) - 1);
  }

  /**
   * Transposes 64 x 64 bits in place: swaps the upper right quarter with the lower left one, then
   * does so within each quarter, down to single bits.
   */
  private static void transpose(long[] square) {
    long low = 0xFFFFFFFFL;
    for (int size = 32; size != 0; size >>>= 1, low ^= low << size) {
      for (int r = 0; r < Long.SIZE; r = ((r | size) + 1) & ~size) {
        long swap = ((square[r] >>> size) ^ square[r | size]) & low;
        square[r] ^= swap << size;
        square[r | size] ^= swap;
      }
    }
  }
}
