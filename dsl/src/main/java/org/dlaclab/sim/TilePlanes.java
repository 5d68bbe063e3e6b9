package org.dlaclab.sim;

import java.util.Arrays;
import org.dlaclab.tensor.BitMatrix;

/**
 * The rows of a mask, grouped into tiles and counted: for each tile and reduction step {@code k},
 * how many of the tile's rows are non-zero there, as a binary number whose bits lie in separate
 * planes.
 *
 * <p>The effectual pairs of two tiles are {@code sum over k of r(k) * c(k)}, with those counts. In
 * planes that is {@code sum over a, b of 2^(a+b) * popcount(R_a AND C_b)}: for tiles of 4 and 16
 * rows 3 * 5 = 15 popcounts per 64 steps, where masks row by row take 4 * 16 = 64.
 */
final class TilePlanes {
  final int tiles;
  final int tileRows;
  final int planes;
  final int words;
  private final int rows;

  /** {@code [tile][plane][word]}. */
  final long[] bits;

  /** Non-zeros per tile and block: {@code [tile][block]}. */
  final int[] ones;

  /**
   * @param order the rows in the order in which they are dealt to tiles
   * @param blockWords words of 64 steps per reduction block
   */
  TilePlanes(BitMatrix mask, int[] order, int tileRows, int blockWords) {
    this.rows = mask.rows();
    this.tileRows = Math.min(tileRows, rows);
    this.tiles = (rows + this.tileRows - 1) / this.tileRows;
    this.planes = Integer.SIZE - Integer.numberOfLeadingZeros(this.tileRows);
    this.words = mask.wordsPerRow();
    this.bits =
        BitMatrix.allocate(
            "the counts of a " + mask.rows() + " x " + mask.columns() + " mask",
            Math.multiplyExact(tiles, planes),
            words * Long.SIZE);
    int blocks = (words + blockWords - 1) / blockWords;
    this.ones = new int[Math.multiplyExact(tiles, blocks)];
    for (int tile = 0; tile < tiles; tile++) {
      int base = tile * planes * words;
      for (int r = tile * this.tileRows, end = r + held(tile); r < end; r++) {
        for (int w = 0; w < words; w++) {
          long carry = mask.word(order[r], w);
          ones[tile * blocks + w / blockWords] += Long.bitCount(carry);
          for (int at = base + w; carry != 0; at += words) {
            long sum = bits[at];
            bits[at] = sum ^ carry;
            carry &= sum;
          }
        }
      }
    }
  }

  /** Rows in this tile: {@code tileRows}, fewer in the last one, none beyond it. */
  int held(int tile) {
    return Math.max(0, Math.min(tileRows, rows - tile * tileRows));
  }

  /** Non-zeros per {@code group} tiles in a row, over the whole reduction. */
  long[] onesPer(int group) {
    int blocks = ones.length / tiles;
    long[] sums = new long[(int) (((long) tiles + group - 1) / group)];
    for (int tile = 0; tile < tiles; tile++) {
      for (int block = 0; block < blocks; block++) {
        sums[tile / group] += ones[tile * blocks + block];
      }
    }
    return sums;
  }

  /**
   * Effectual pairs per word of 64 steps between a tile of {@code a} and one of {@code b}.
   *
   * @param into the counts, {@code words} of them
   */
  static void effectual(TilePlanes a, int tileA, TilePlanes b, int tileB, int[] into) {
    effectual(a, tileA, b, tileB, 0, a.words, into);
  }

  /** As the other, of the words from {@code from} up to, not including, {@code to} alone. */
  static void effectual(
      TilePlanes a, int tileA, TilePlanes b, int tileB, int from, int to, int[] into) {
    int words = a.words;
    Arrays.fill(into, from, to, 0);
    for (int i = 0, atA = tileA * a.planes * words; i < a.planes; i++, atA += words) {
      for (int j = 0, atB = tileB * b.planes * words; j < b.planes; j++, atB += words) {
        for (int w = from; w < to; w++) {
          into[w] += Long.bitCount(a.bits[atA + w] & b.bits[atB + w]) << (i + j);
        }
      }
    }
  }
}
