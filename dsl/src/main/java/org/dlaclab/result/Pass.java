package org.dlaclab.result;

import java.util.Locale;

/** What a grid layer computes when its network is trained: three masked matrix products. */
public enum Pass {
  /** The layer's OFM, of its IFM and weights: all that inference needs. */
  FORWARD(Operand.WEIGHTS, Operand.IFM, Operand.OFM),
  /** The gradient of the layer's IFM, of its weights and the gradient of its OFM. */
  DGRAD(Operand.WEIGHTS, Operand.OFM_GRADIENT, Operand.IFM_GRADIENT),
  /** The gradient of the layer's weights, of its IFM and the gradient of its OFM. */
  WGRAD(Operand.OFM_GRADIENT, Operand.IFM, Operand.WEIGHT_GRADIENT);

  private final Operand rows;
  private final Operand columns;
  private final Operand results;

  Pass(Operand rows, Operand columns, Operand results) {
    this.rows = rows;
    this.columns = columns;
    this.results = results;
  }

  /** The row operand of its products. */
  public Operand rows() {
    return rows;
  }

  /** The column operand of its products. */
  public Operand columns() {
    return columns;
  }

  /** What its products give. */
  public Operand results() {
    return results;
  }

  /** {@code forward}, {@code dgrad} or {@code wgrad}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
