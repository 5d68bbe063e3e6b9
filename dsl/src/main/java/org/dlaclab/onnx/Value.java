package org.dlaclab.onnx;

import java.util.Arrays;
import java.util.function.Supplier;
import org.dlaclab.error.DlacException;
import org.jspecify.annotations.Nullable;

/** What is known of a value of a graph before it runs, for one size of its input. */
final class Value {
  /** How long a chain of operators is folded. */
  private static final int MAX_DEPTH = 64;

  /** Constants of at most so many elements are folded without being asked for. */
  private static final int SMALL = 1 << 12;

  private final int type;
  private final long @Nullable [] dims;
  private final boolean fromImages;
  private final String unknown;
  private @Nullable Supplier<Elements> source;
  private @Nullable Elements elements;
  private int depth;

  private Value(int type, long @Nullable [] dims, boolean fromImages, String unknown) {
    this.type = type;
    this.dims = dims;
    this.fromImages = fromImages;
    this.unknown = unknown;
  }

  /** A value that the images decide. */
  static Value ofImages(int type, long... dims) {
    return new Value(type, requireSize(dims), true, "");
  }

  /** A value of unknown shape. */
  static Value unknown(int type, boolean fromImages, String why) {
    return new Value(type, null, fromImages, why);
  }

  /** A value that the images do not decide, of which only the shape is known. */
  static Value shaped(int type, boolean fromImages, long... dims) {
    return new Value(type, requireSize(dims), fromImages, "");
  }

  /** A constant; its elements are found when they are asked for, those of small ones at once. */
  static Value constant(int type, long[] dims, Supplier<Elements> source, Value... from) {
    Value value = new Value(type, requireSize(dims), false, "");
    for (Value input : from) {
      value.depth = Math.max(value.depth, input.depth + 1);
    }
    if (value.size() <= SMALL) {
      value.elements = source.get();
      value.depth = 0;
    } else if (value.depth <= MAX_DEPTH) {
      value.source = source;
    }
    return value;
  }

  /** Extents whose product one array holds. */
  private static long[] requireSize(long[] dims) {
    double size = 1;
    for (long dim : dims) {
      if (dim < 0) {
        throw new DlacException(
            "a value of the graph has shape " + Arrays.toString(dims),
            "extents of 0 or more",
            "export the model again: the file is damaged");
      }
      size *= Math.max(1, dim);
    }
    if (size > Integer.MAX_VALUE - 8 || dims.length > 16) {
      throw new DlacException(
          "a value of the graph has shape " + Arrays.toString(dims),
          "at most 16 dimensions and 2^31 - 9 elements, what one Java array holds",
          "give smaller images, or export the model again if the file is damaged");
    }
    return dims;
  }

  /** One of {@code TensorProto.DataType}; 0 if it is not known. */
  int type() {
    return type;
  }

  boolean isShaped() {
    return dims != null;
  }

  /** Why the shape is not known; empty if it is. */
  String whyUnknown() {
    return unknown;
  }

  /** The extents. Only of a value that {@link #isShaped()}. */
  long[] dims() {
    if (dims == null) {
      throw new IllegalStateException(unknown);
    }
    return dims;
  }

  int rank() {
    return dims().length;
  }

  long size() {
    long size = 1;
    for (long dim : dims()) {
      size *= dim;
    }
    return size;
  }

  /** Whether the images decide its elements. */
  boolean fromImages() {
    return fromImages;
  }

  boolean isConstant() {
    return elements != null || source != null;
  }

  /** The elements. Only of a value that {@link #isConstant()}. */
  Elements elements() {
    if (elements == null) {
      if (source == null) {
        throw new IllegalStateException("not constant");
      }
      elements = source.get();
      source = null;
    }
    return elements;
  }
}
