package org.dlaclab.train;

/** What a part of a training is about. */
public enum Stage {
  /** Pre-initialization: all weights and activations in full precision. */
  FULL_PRECISION("full precision"),
  /** The policy's precision. */
  QUANTIZED("quantized"),
  /** The policy's precision with raised ReLU thresholds. */
  THRESHOLDS("raised thresholds");

  private final String text;

  Stage(String text) {
    this.text = text;
  }

  @Override
  public String toString() {
    return text;
  }
}
