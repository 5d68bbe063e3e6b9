package org.dlaclab.result;

/** A tensor that a grid layer reads or writes. */
public enum Operand {
  /** Weights: forward and dgrad read them. */
  WEIGHTS("weights"),
  /** The layer's input: forward and wgrad read it. */
  IFM("IFM"),
  /** The layer's output, which forward writes. */
  OFM("OFM"),
  /** The gradient of the output: dgrad and wgrad read it. */
  OFM_GRADIENT("OFM gradient"),
  /** The gradient of the input, which dgrad writes. */
  IFM_GRADIENT("IFM gradient"),
  /** The gradient of the weights, which wgrad writes. */
  WEIGHT_GRADIENT("weight gradient");

  private final String text;

  Operand(String text) {
    this.text = text;
  }

  /** For example {@code OFM gradient}. */
  @Override
  public String toString() {
    return text;
  }
}
