package org.dlaclab.grid;

/** Which zero operands a PE's control logic skips. */
public enum Skip {
  /** None: the dense machine that every speedup is measured against. */
  NONE,
  /** Pairs whose row operand (the weight) is zero. */
  WEIGHTS,
  /** Pairs whose column operand (the activation) is zero. */
  ACTIVATIONS,
  /** Pairs with any zero operand: only effectual pairs are issued. */
  BOTH
}
