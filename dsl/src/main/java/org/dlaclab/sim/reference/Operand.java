package org.dlaclab.sim.reference;

/**
 * One operand of a product, as a matrix of its reduction: the values that meet, and which element
 * of a tensor each of them is. An element may stand in many places, as windows overlap.
 */
final class Operand {
  /** Stands in {@link #elements} where there is no element, only a zero. */
  static final int PADDING = -1;

  final float[][] values;
  final int[][] elements;

  /** Of a matrix whose places are elements of their own. */
  Operand(float[][] values) {
    this(values, new int[values.length][]);
    int element = 0;
    for (int r = 0; r < values.length; r++) {
      elements[r] = new int[values[r].length];
      for (int k = 0; k < values[r].length; k++) {
        elements[r][k] = element++;
      }
    }
  }

  Operand(float[][] values, int[][] elements) {
    this.values = values;
    this.elements = elements;
  }

  /** How many rows or columns of the product this operand has. */
  int count() {
    return values.length;
  }
}
