package org.dlaclab.tech;

/** The parts of an accelerator that have an energy or an area of their own. */
public enum Component {
  /** The PEs' adders and multipliers. */
  ARITHMETIC("arithmetic"),
  /** The PEs' partial sums. */
  OFM_BUFFERS("OFM buffers"),
  /** The buffer of row operands: weights, and OFM gradients in wgrad. */
  WEIGHT_BUFFER("weight buffer"),
  /** The buffer of column operands: IFM, and OFM gradients in dgrad. */
  IFM_BUFFER("IFM buffer"),
  /** Off-chip memory, which has no area here. */
  DRAM("DRAM");

  private final String text;

  Component(String text) {
    this.text = text;
  }

  /** For example {@code weight buffer}. */
  @Override
  public String toString() {
    return text;
  }
}
