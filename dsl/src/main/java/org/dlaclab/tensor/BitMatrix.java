package org.dlaclab.tensor;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;

/**
 * An immutable matrix of bits: which operands are non-zero. Bit {@code c} of a row is bit {@code c
 * % 64} of the row's word {@code c / 64}; the unused bits of a row's last word are 0.
 */
public final class BitMatrix implements Serializable {
  private final int rows;
  private final int columns;
  private final int wordsPerRow;
  private final long[] words;

  private BitMatrix(int rows, int columns, long[] words) {
    this.rows = rows;
    this.columns = columns;
    this.wordsPerRow = wordsPerRow(columns);
    this.words = words;
  }

  /** Words of 64 bits that a row of {@code columns} bits takes. */
  public static int wordsPerRow(int columns) {
    return (columns + 63) >>> 6;
  }

  /**
   * Room for the words of a matrix that is about to be filled.
   *
   * @param what what the matrix holds, for the error if it cannot fit the heap
   */
  public static long[] allocate(String what, long rows, int columns) {
    double size = (double) rows * wordsPerRow(columns);
    Check.fitsArray(what + " (" + rows + " x " + columns + ")", Math.max((double) rows, size));
    Check.fitsHeap(what, size * Long.BYTES);
    return new long[(int) size];
  }

  /**
   * A matrix over {@code words}, which are not copied: the caller hands them over and must not
   * change them.
   */
  public static BitMatrix of(int rows, int columns, long[] words) {
    int perRow = wordsPerRow(columns);
    if ((long) rows * perRow != words.length) {
      throw new DlacException(
          "a bit matrix of " + rows + " x " + columns + " got " + words.length + " words",
          (long) rows * perRow + " words of 64 bits",
          "correct the extents or the words");
    }
    if ((columns & 63) != 0) {
      long beyond = -1L << (columns & 63);
      for (int r = 0; r < rows; r++) {
        if ((words[(r + 1) * perRow - 1] & beyond) != 0) {
          throw new DlacException(
              "row " + r + " has bits set beyond its " + columns + " columns",
              "zeros there",
              "clear them");
        }
      }
    }
    return new BitMatrix(rows, columns, words);
  }

  /**
   * The matrix of {@code mask[row][column]}.
   *
   * @param name what the user calls the mask, for errors
   */
  public static BitMatrix of(String name, boolean[][] mask) {
    int columns = mask.length == 0 ? 0 : mask[0].length;
    int perRow = wordsPerRow(columns);
    long[] words = new long[mask.length * perRow];
    for (int r = 0; r < mask.length; r++) {
      if (mask[r].length != columns) {
        throw new DlacException(
            "row "
                + r
                + " of "
                + name
                + " has "
                + mask[r].length
                + " entries, row 0 has "
                + columns,
            "rows of equal length",
            "pad the shorter rows with false");
      }
      for (int c = 0; c < columns; c++) {
        if (mask[r][c]) {
          words[r * perRow + (c >>> 6)] |= 1L << c;
        }
      }
    }
    return new BitMatrix(mask.length, columns, words);
  }

  /**
   * The non-zeros of a tensor seen as {@code rows} rows of equal length. NaN counts as non-zero.
   *
   * @throws DlacException if {@code rows} does not divide the tensor's size
   */
  public static BitMatrix nonZeros(Tensor tensor, int rows) {
    if (rows < 0 || (rows == 0 ? tensor.size() != 0 : tensor.size() % rows != 0)) {
      throw new DlacException(
          "a tensor of " + tensor.shape() + " is asked for the mask of " + rows + " rows",
          "a number of rows that divides its " + tensor.size() + " elements",
          "check the shape of the tensor");
    }
    int columns = rows == 0 ? 0 : tensor.size() / rows;
    int perRow = wordsPerRow(columns);
    long[] words = allocate("a mask of " + rows + " x " + columns, rows, columns);
    for (int r = 0, i = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++, i++) {
        if (tensor.get(i) != 0) {
          words[r * perRow + (c >>> 6)] |= 1L << c;
        }
      }
    }
    return new BitMatrix(rows, columns, words);
  }

  /** Number of rows. */
  public int rows() {
    return rows;
  }

  /** Number of columns: bits per row. */
  public int columns() {
    return columns;
  }

  /** Words of 64 bits per row. */
  public int wordsPerRow() {
    return wordsPerRow;
  }

  /** Word {@code word} of row {@code row}. */
  public long word(int row, int word) {
    return words[row * wordsPerRow + word];
  }

  /** Bit {@code column} of row {@code row}. */
  public boolean get(int row, int column) {
    Objects.checkIndex(column, columns);
    return (words[row * wordsPerRow + (column >>> 6)] >>> column & 1) != 0;
  }

  /** Number of ones in row {@code row}. */
  public int ones(int row) {
    int ones = 0;
    for (int w = row * wordsPerRow, end = w + wordsPerRow; w < end; w++) {
      ones += Long.bitCount(words[w]);
    }
    return ones;
  }

  /** Number of ones in the matrix. */
  public long ones() {
    long ones = 0;
    for (long word : words) {
      ones += Long.bitCount(word);
    }
    return ones;
  }

  /** Share of ones; 0 for an empty matrix. */
  public double density() {
    long bits = (long) rows * columns;
    return bits == 0 ? 0 : (double) ones() / bits;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof BitMatrix that
        && rows == that.rows
        && columns == that.columns
        && Arrays.equals(words, that.words);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * rows + columns) + Arrays.hashCode(words);
  }

  /** For example {@code mask 64 x 147, density 0.57}. */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "mask %d x %d, density %.3f", rows, columns, density());
  }
}
