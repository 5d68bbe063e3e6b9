package org.dlaclab.unit;

import org.dlaclab.error.DlacException;

/**
 * An amount of storage.
 *
 * @param value in bytes; 0 or more
 */
public record Bytes(long value) {
  public Bytes {
    if (value < 0) {
      throw new DlacException(
          "a size is " + value + " bytes", "0 bytes or more", "correct the size");
    }
  }

  /** The whole bytes that hold {@code bits} bits, rounded up. */
  public static Bytes ofBits(long bits) {
    return new Bytes((bits + 7) / 8);
  }

  /** {@code kibibytes * 1024} bytes. */
  public static Bytes kibi(double kibibytes) {
    return new Bytes(Math.round(kibibytes * 1024));
  }

  /** {@code mebibytes * 1024 * 1024} bytes. */
  public static Bytes mebi(double mebibytes) {
    return kibi(mebibytes * 1024);
  }

  /** For example {@code 32 KiB}. */
  @Override
  public String toString() {
    return Scaled.binary(value);
  }
}
