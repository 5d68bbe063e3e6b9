package org.dlaclab.tech;

/** An arithmetic operation of Horowitz' table (ISSCC 2014). */
public enum Operation {
  /** 8-bit integers. */
  INT8_ADD("int8 add"),
  /** 16-bit integers. */
  INT16_ADD("int16 add"),
  /** 32-bit integers. */
  INT32_ADD("int32 add"),
  /** Half precision. */
  FP16_ADD("fp16 add"),
  /** Single precision. */
  FP32_ADD("fp32 add"),
  /** 8-bit integers. */
  INT8_MULTIPLY("int8 multiply"),
  /** 32-bit integers. */
  INT32_MULTIPLY("int32 multiply"),
  /** Half precision. */
  FP16_MULTIPLY("fp16 multiply"),
  /** Single precision. */
  FP32_MULTIPLY("fp32 multiply");

  private final String text;

  Operation(String text) {
    this.text = text;
  }

  /** For example {@code fp16 add}. */
  @Override
  public String toString() {
    return text;
  }
}
