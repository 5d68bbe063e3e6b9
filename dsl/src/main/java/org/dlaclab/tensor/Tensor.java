package org.dlaclab.tensor;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import org.dlaclab.error.DlacException;

/** An immutable dense tensor of 32-bit floats, last dimension fastest. */
public final class Tensor {
  private final Shape shape;
  private final float[] values;

  private Tensor(Shape shape, float[] values) {
    this.shape = shape;
    this.values = values;
  }

  /**
   * A tensor over {@code values}, which are not copied: the caller hands them over and must not
   * change them.
   */
  public static Tensor of(Shape shape, float... values) {
    if (shape.size() != values.length) {
      throw new DlacException(
          "a tensor of shape " + shape + " got " + values.length + " values",
          shape.size() + " values",
          "correct the shape or the values");
    }
    return new Tensor(shape, values);
  }

  /** The extents. */
  public Shape shape() {
    return shape;
  }

  /** Number of elements. */
  public int size() {
    return values.length;
  }

  /** The element at {@code index} of the flattened tensor. */
  public float get(int index) {
    return values[index];
  }

  /** A copy of the elements, flattened. */
  public float[] toArray() {
    return values.clone();
  }

  /** SHA-256 over the shape and the bits of the elements, in hex. */
  public String sha256() {
    MessageDigest digest = Sha256.digest();
    digest.update(shape.toString().getBytes(StandardCharsets.UTF_8));
    ByteBuffer part = ByteBuffer.allocate(1 << 16);
    for (float value : values) {
      part.putFloat(value);
      if (!part.hasRemaining()) {
        digest.update(part.array());
        part.clear();
      }
    }
    digest.update(part.array(), 0, part.position());
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Share of the elements that are not exactly zero; 0 for an empty tensor. */
  public double density() {
    int nonZeros = 0;
    for (float value : values) {
      nonZeros += value != 0 ? 1 : 0;
    }
    return values.length == 0 ? 0 : (double) nonZeros / values.length;
  }

  /** This tensor, if every element is finite; {@code name} is what the user calls it. */
  public Tensor requireFinite(String name) {
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new DlacException(
            name + " holds " + values[i] + " at index " + i + " of " + shape,
            "finite numbers",
            "look for a diverged training run or a damaged file");
      }
    }
    return this;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Tensor that
        && shape.equals(that.shape)
        && Arrays.equals(values, that.values);
  }

  @Override
  public int hashCode() {
    return 31 * shape.hashCode() + Arrays.hashCode(values);
  }

  /** For example {@code Tensor 64x3x7x7, density 0.57}. */
  @Override
  public String toString() {
    return String.format(java.util.Locale.ROOT, "Tensor %s, density %.3f", shape, density());
  }
}
