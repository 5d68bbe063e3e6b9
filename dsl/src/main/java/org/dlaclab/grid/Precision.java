package org.dlaclab.grid;

import org.dlaclab.tech.Operation;

/**
 * The numbers that a grid computes with: activations, gradients, and weights that no quantizer has
 * made smaller.
 */
public enum Precision {
  /** IEEE 754 single precision, which sums up in single precision. */
  FP32(32, 32, Operation.FP32_ADD, Operation.FP32_MULTIPLY),
  /** IEEE 754 half precision, which sums up in half precision. */
  FP16(16, 16, Operation.FP16_ADD, Operation.FP16_MULTIPLY),
  /** 8-bit integers, which sum up in 32-bit integers. */
  INT8(8, 32, Operation.INT32_ADD, Operation.INT8_MULTIPLY);

  private final int bits;
  private final int sumBits;
  private final Operation add;
  private final Operation multiply;

  Precision(int bits, int sumBits, Operation add, Operation multiply) {
    this.bits = bits;
    this.sumBits = sumBits;
    this.add = add;
    this.multiply = multiply;
  }

  /** Bits of a value in DRAM and in the weight and IFM buffers. */
  public int bits() {
    return bits;
  }

  /** Bits of a partial sum in the OFM buffer. */
  public int sumBits() {
    return sumBits;
  }

  /** What a lane does for a pair: it adds to a partial sum. */
  public Operation add() {
    return add;
  }

  /** What a multiplier does for a pair before that. */
  public Operation multiply() {
    return multiply;
  }
}
