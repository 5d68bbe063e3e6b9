package org.dlaclab.sim;

import org.dlaclab.tensor.BitMatrix;

/**
 * What the columns of a product touch of the tensor that they are gathered from, for each tile of
 * columns that a pass holds. Neighbouring windows overlap: a tile touches an element once, however
 * many of its columns need it.
 */
final class Footprint {
  /** Places of the tile's columns that are not padding. */
  final long[] read;

  /** Different elements that the tile's columns need. */
  final long[] touched;

  /** Of these, the ones that no tile before needed. */
  final long[] fresh;

  /** The non-zeros among {@link #touched}; 0 if they are not asked for. */
  final long[] touchedOnes;

  /** The non-zeros among {@link #fresh}; 0 if they are not asked for. */
  final long[] freshOnes;

  Footprint(int tiles) {
    read = new long[tiles];
    touched = new long[tiles];
    fresh = new long[tiles];
    touchedOnes = new long[tiles];
    freshOnes = new long[tiles];
  }

  /** How many tiles of so many columns there are. */
  static int tiles(int columns, long width) {
    return (int) ((columns + width - 1) / width);
  }

  /** Of columns none of whose elements is another's, nor padding. */
  static Footprint ofDistinct(BitMatrix columns, long width, boolean ones) {
    Footprint footprint = new Footprint(tiles(columns.rows(), width));
    for (int tile = 0; tile < footprint.read.length; tile++) {
      int first = (int) (tile * width);
      int end = (int) Math.min(columns.rows(), first + width);
      long elements = (long) (end - first) * columns.columns();
      footprint.read[tile] = elements;
      long nonZeros = 0;
      for (int n = first; ones && n < end; n++) {
        nonZeros += columns.ones(n);
      }
      footprint.touch(tile, elements, nonZeros, true);
    }
    return footprint;
  }

  /** Adds elements to a tile, of which {@code nonZeros} are not zero. */
  void touch(int tile, long elements, long nonZeros, boolean first) {
    touched[tile] += elements;
    touchedOnes[tile] += nonZeros;
    if (first) {
      fresh[tile] += elements;
      freshOnes[tile] += nonZeros;
    }
  }
}
