package org.dlaclab.sim;

import org.dlaclab.error.DlacException;
import org.dlaclab.tensor.BitMatrix;

/**
 * A matrix product {@code M x N x K} of which only the zeros are known: the unit of work of a DLAC
 * grid.
 *
 * @param rows {@code M x K}: non-zero row operands, the weights of a forward pass
 * @param columns {@code N x K}: non-zero column operands, the IFM of a forward pass
 * @param multiplierFree whether the row operand is ternary or binary, so that a PE's adder lanes
 *     serve it
 */
public record MaskedProduct(BitMatrix rows, BitMatrix columns, boolean multiplierFree) {
  public MaskedProduct {
    if (rows.columns() != columns.columns()) {
      throw new DlacException(
          "the row mask is "
              + rows.rows()
              + " x "
              + rows.columns()
              + " and the column mask "
              + columns.rows()
              + " x "
              + columns.columns(),
          "masks of M x K and N x K with the same K",
          rows.columns() == columns.rows()
              ? "transpose the column mask"
              : "check the reduction length of both");
    }
    if (rows.rows() == 0 || columns.rows() == 0 || rows.columns() == 0) {
      throw new DlacException(
          "a masked product has M = "
              + rows.rows()
              + ", N = "
              + columns.rows()
              + ", K = "
              + rows.columns(),
          "at least 1 each",
          "check the masks");
    }
  }
}
