package org.dlaclab.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;
import org.jspecify.annotations.Nullable;

/** The elements of a constant: floats, or whole numbers of any type. */
final class Elements {
  private final float @Nullable [] floats;
  private final long @Nullable [] integers;

  private Elements(float @Nullable [] floats, long @Nullable [] integers) {
    this.floats = floats;
    this.integers = integers;
  }

  static Elements of(float... values) {
    return new Elements(values, null);
  }

  static Elements of(long... values) {
    return new Elements(null, values);
  }

  /** Whether elements of this type of ONNX are read. */
  static boolean readable(int type) {
    return width(type) > 0;
  }

  /** Bytes of an element, or 0 for a type that is not read. */
  static int width(int type) {
    return switch (type) {
      case DataType.BOOL_VALUE, DataType.INT8_VALUE, DataType.UINT8_VALUE -> 1;
      case DataType.INT16_VALUE,
          DataType.UINT16_VALUE,
          DataType.FLOAT16_VALUE,
          DataType.BFLOAT16_VALUE ->
          2;
      case DataType.FLOAT_VALUE, DataType.INT32_VALUE, DataType.UINT32_VALUE -> 4;
      case DataType.DOUBLE_VALUE, DataType.INT64_VALUE, DataType.UINT64_VALUE -> 8;
      default -> 0;
    };
  }

  static boolean isFloat(int type) {
    return type == DataType.FLOAT_VALUE
        || type == DataType.DOUBLE_VALUE
        || type == DataType.FLOAT16_VALUE
        || type == DataType.BFLOAT16_VALUE;
  }

  /**
   * Reads a tensor whose data are in the file.
   *
   * @param what names it in errors
   * @param size of its shape
   * @throws DlacException if it has not as many elements as its shape says
   */
  static Elements read(String what, TensorProto tensor, long size) {
    int type = tensor.getDataType();
    boolean raw = tensor.hasRawData();
    long found = raw ? tensor.getRawData().size() / width(type) : listed(tensor);
    if (found != size || (raw && tensor.getRawData().size() % width(type) != 0)) {
      throw new DlacException(
          what
              + " has shape "
              + tensor.getDimsList()
              + " but "
              + (raw ? tensor.getRawData().size() + " bytes" : found + " elements"),
          size + " elements" + (raw ? " of " + width(type) + " bytes" : ""),
          "export the model again: the file is damaged");
    }
    int count = (int) size;
    if (isFloat(type)) {
      Check.fitsHeap(what, 4.0 * count);
      float[] values = new float[count];
      if (raw && type == DataType.FLOAT_VALUE) {
        buffer(tensor).asFloatBuffer().get(values);
      } else {
        ByteBuffer bytes = raw ? buffer(tensor) : ByteBuffer.allocate(0);
        for (int i = 0; i < count; i++) {
          values[i] = real(tensor, type, raw, bytes, i);
        }
      }
      return of(values);
    }
    Check.fitsHeap(what, 8.0 * count);
    ByteBuffer bytes = raw ? buffer(tensor) : ByteBuffer.allocate(0);
    long[] values = new long[count];
    for (int i = 0; i < count; i++) {
      values[i] = whole(tensor, type, raw, bytes, i);
    }
    return of(values);
  }

  private static ByteBuffer buffer(TensorProto tensor) {
    ByteString bytes = tensor.getRawData();
    return bytes.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  private static long listed(TensorProto tensor) {
    return switch (tensor.getDataType()) {
      case DataType.FLOAT_VALUE -> tensor.getFloatDataCount();
      case DataType.DOUBLE_VALUE -> tensor.getDoubleDataCount();
      case DataType.INT64_VALUE -> tensor.getInt64DataCount();
      case DataType.UINT32_VALUE, DataType.UINT64_VALUE -> tensor.getUint64DataCount();
      default -> tensor.getInt32DataCount();
    };
  }

  private static float real(TensorProto tensor, int type, boolean raw, ByteBuffer bytes, int i) {
    if (type == DataType.FLOAT_VALUE) {
      return tensor.getFloatData(i);
    }
    if (type == DataType.DOUBLE_VALUE) {
      return (float) (raw ? bytes.getDouble(8 * i) : tensor.getDoubleData(i));
    }
    int bits = (raw ? bytes.getShort(2 * i) : tensor.getInt32Data(i)) & 0xFFFF;
    return type == DataType.BFLOAT16_VALUE ? Float.intBitsToFloat(bits << 16) : half(bits);
  }

  /** IEEE 754 binary16. */
  private static float half(int bits) {
    int exponent = bits >>> 10 & 0x1F;
    int fraction = bits & 0x3FF;
    float size =
        exponent == 0x1F
            ? (fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN)
            : exponent == 0
                ? fraction * 0x1p-24f
                : Math.scalb(1 + fraction * 0x1p-10f, exponent - 15);
    return bits >>> 15 == 0 ? size : -size;
  }

  private static long whole(TensorProto tensor, int type, boolean raw, ByteBuffer bytes, int i) {
    return switch (type) {
      case DataType.INT8_VALUE -> raw ? bytes.get(i) : (byte) tensor.getInt32Data(i);
      case DataType.BOOL_VALUE, DataType.UINT8_VALUE ->
          (raw ? bytes.get(i) : tensor.getInt32Data(i)) & 0xFF;
      case DataType.INT16_VALUE -> raw ? bytes.getShort(2 * i) : (short) tensor.getInt32Data(i);
      case DataType.UINT16_VALUE -> (raw ? bytes.getShort(2 * i) : tensor.getInt32Data(i)) & 0xFFFF;
      case DataType.INT32_VALUE -> raw ? bytes.getInt(4 * i) : tensor.getInt32Data(i);
      case DataType.UINT32_VALUE ->
          (raw ? bytes.getInt(4 * i) : tensor.getUint64Data(i)) & 0xFFFFFFFFL;
      case DataType.UINT64_VALUE -> raw ? bytes.getLong(8 * i) : tensor.getUint64Data(i);
      default -> raw ? bytes.getLong(8 * i) : tensor.getInt64Data(i);
    };
  }

  int size() {
    return floats != null ? floats.length : integers().length;
  }

  boolean areFloats() {
    return floats != null;
  }

  /** As floats, not copied. */
  float[] floats() {
    if (floats != null) {
      return floats;
    }
    float[] values = new float[size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = integers()[i];
    }
    return values;
  }

  private long[] integers() {
    if (integers == null) {
      throw new IllegalStateException("floats");
    }
    return integers;
  }

  double real(int i) {
    return floats != null ? floats[i] : integers()[i];
  }

  long whole(int i) {
    return floats != null ? (long) floats[i] : integers()[i];
  }

  /** The first element, {@code count} times. */
  Elements repeated(int count) {
    if (floats != null) {
      float[] values = new float[count];
      java.util.Arrays.fill(values, floats[0]);
      return of(values);
    }
    long[] values = new long[count];
    java.util.Arrays.fill(values, integers()[0]);
    return of(values);
  }

  /** The elements at these indices. */
  Elements take(int[] from) {
    if (floats != null) {
      float[] values = new float[from.length];
      for (int i = 0; i < from.length; i++) {
        values[i] = floats[from[i]];
      }
      return of(values);
    }
    long[] values = new long[from.length];
    for (int i = 0; i < from.length; i++) {
      values[i] = integers()[from[i]];
    }
    return of(values);
  }
}
