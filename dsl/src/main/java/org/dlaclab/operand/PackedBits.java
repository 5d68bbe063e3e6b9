package org.dlaclab.operand;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.dlaclab.tensor.BitMatrix;

/**
 * Bit matrices as bytes, as {@code numpy.packbits(mask, bitorder="little")} has them: row by row,
 * bit {@code i} of all in bit {@code i % 8} of byte {@code i / 8}, zeros behind the last.
 */
final class PackedBits {
  private static final int CHUNK = 1 << 16;

  private PackedBits() {}

  /** How many bytes {@code rows * columns} bits take. */
  static long bytes(long rows, long columns) {
    return (rows * columns + 7) >>> 3;
  }

  static void write(BitMatrix mask, OutputStream out) throws IOException {
    byte[] chunk = new byte[CHUNK];
    int bits = 0;
    for (int r = 0; r < mask.rows(); r++) {
      for (int c = 0; c < mask.columns(); c++) {
        chunk[bits >>> 3] |= (byte) ((mask.word(r, c >>> 6) >>> c & 1) << (bits & 7));
        if (++bits == 8 * CHUNK) {
          out.write(chunk);
          chunk = new byte[CHUNK];
          bits = 0;
        }
      }
    }
    out.write(chunk, 0, (bits + 7) >>> 3);
  }

  /**
   * The next matrix of a stream.
   *
   * @param what what the matrix is, for errors
   * @throws IOException if the stream ends before, or has ones behind the last bit
   */
  static BitMatrix read(String what, int rows, int columns, InputStream in) throws IOException {
    long[] words = BitMatrix.allocate(what, rows, columns);
    int perRow = BitMatrix.wordsPerRow(columns);
    long left = bytes(rows, columns);
    byte[] chunk = new byte[0];
    int bits = 0;
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        if (bits == 8 * chunk.length) {
          int wanted = (int) Math.min(CHUNK, left);
          chunk = in.readNBytes(wanted);
          if (chunk.length < wanted) {
            throw new EOFException("it ends inside of " + what);
          }
          left -= wanted;
          bits = 0;
        }
        words[r * perRow + (c >>> 6)] |= (chunk[bits >>> 3] >>> (bits & 7) & 1L) << c;
        bits++;
      }
    }
    if ((bits & 7) != 0 && (chunk[bits >>> 3] & 0xff) >>> (bits & 7) != 0) {
      throw new IOException("it has ones behind the last bit of " + what);
    }
    return BitMatrix.of(rows, columns, words);
  }
}
