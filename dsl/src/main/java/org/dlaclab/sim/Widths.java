package org.dlaclab.sim;

import org.dlaclab.grid.Precision;
import org.dlaclab.quant.Quantizer;

/**
 * Bits in storage of a product's operands and results.
 *
 * @param rows of a row operand
 * @param columns of a column operand
 * @param results of a result
 */
record Widths(int rows, int columns, int results) {
  /** Bits of a ternary weight, and so of a mask that stands for weights. */
  static final int TERNARY = new Quantizer.Ternary(Quantizer.Scale.PER_LAYER).bits();

  /** Those of a product that is not a layer's: its rows are a mask of ternary weights. */
  static Widths of(MaskedProduct product, Precision precision) {
    int rows = product.multiplierFree() ? TERNARY : precision.bits();
    return new Widths(rows, precision.bits(), precision.bits());
  }
}
