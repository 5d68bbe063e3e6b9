package org.dlaclab.tensor;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;

/**
 * An array that numpy has saved: floats, whole numbers or booleans, in the file's order of bytes
 * and dimensions or the other one. Several of them in one file or folder: {@link NpyFolder}.
 */
public final class Npy {
  private static final int CHUNK = 1 << 16;

  private final String name;
  private final Type type;
  private final Tensor tensor;

  private Npy(String name, Type type, Tensor tensor) {
    this.name = name;
    this.type = type;
    this.tensor = tensor;
  }

  /** The dtypes that can be read, by numpy's code. */
  enum Type {
    B1(1),
    U1(1),
    I1(1),
    I2(2),
    I4(4),
    I8(8),
    F2(2),
    F4(4),
    F8(8);

    private final int bytes;

    Type(int bytes) {
      this.bytes = bytes;
    }

    int bytes() {
      return bytes;
    }

    String code() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }

    static String codes() {
      return Arrays.stream(values()).map(Type::code).collect(Collectors.joining(", "));
    }

    /** The value as a float; what is not zero stays so, even if it is too small for a float. */
    float read(ByteBuffer from) {
      return switch (this) {
        case B1 -> from.get() == 0 ? 0 : 1;
        case U1 -> from.get() & 0xff;
        case I1 -> from.get();
        case I2 -> from.getShort();
        case I4 -> from.getInt();
        case I8 -> from.getLong();
        case F2 -> half(from.getShort());
        case F4 -> from.getFloat();
        case F8 -> {
          double value = from.getDouble();
          float rounded = (float) value;
          yield rounded == 0 && value != 0
              ? Math.copySign(Float.MIN_VALUE, (float) Math.signum(value))
              : rounded;
        }
      };
    }

    /** IEEE 754 binary16. */
    private static float half(short bits) {
      int exponent = bits >>> 10 & 0x1f;
      int fraction = bits & 0x3ff;
      float size =
          exponent == 0x1f
              ? fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN
              : exponent == 0
                  ? Math.scalb((float) fraction, -24)
                  : Math.scalb((float) (fraction | 0x400), exponent - 25);
      return bits < 0 ? -size : size;
    }
  }

  /**
   * Reads a {@code .npy} file, whole.
   *
   * @throws DlacException naming the file if it is damaged, truncated, or of another dtype
   */
  public static Npy read(Path file) {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      NpyHeader header = NpyHeader.read(file.toString(), in);
      // Files that are too short are refused before their values get room; numpy allows longer
      // ones.
      if (header.bytes() > Files.size(file)) {
        throw NpyHeader.truncated(
            file.toString(), Files.size(file) + " bytes for " + header.bytes() + " of values");
      }
      return read(file.toString(), header, in, 0, Integer.MAX_VALUE);
    } catch (IOException e) {
      throw DlacException.unreadable(file.toString(), "a .npy file", e);
    }
  }

  /**
   * Reads the values behind a header.
   *
   * @param first of the slices of the slowest dimension that are wanted
   * @param count of these slices; more than there are means all
   */
  static Npy read(String name, NpyHeader header, InputStream in, int first, int count)
      throws IOException {
    Shape shape = header.shape();
    boolean all = shape.rank() == 0 || (first == 0 && count >= shape.dim(0));
    int[] dims = shape.dims().stream().mapToInt(Integer::intValue).toArray();
    if (all) {
      return new Npy(name, header.type(), Tensor.of(shape, values(name, header, in, shape)));
    }
    if (first < 0 || count < 0 || count > dims[0] - first) {
      throw new DlacException(
          name
              + " has "
              + dims[0]
              + " slices, and "
              + first
              + " to "
              + (first + count - 1L)
              + " are asked for",
          "slices that it has",
          "ask for fewer");
    }
    int slice = dims[0] == 0 ? 0 : (int) (shape.size() / dims[0]);
    dims[0] = count;
    Shape part = Shape.of(dims);
    if (header.columnMajor()) {
      // A slice of the first dimension lies all over the file.
      float[] whole = values(name, header, in, shape);
      return new Npy(
          name,
          header.type(),
          Tensor.of(part, Arrays.copyOfRange(whole, first * slice, (first + count) * slice)));
    }
    try {
      in.skipNBytes((long) first * slice * header.type().bytes());
    } catch (EOFException e) {
      throw NpyHeader.truncated(name, "fewer than the " + shape.size() + " values of its shape");
    }
    return new Npy(name, header.type(), Tensor.of(part, values(name, header, in, part)));
  }

  private static float[] values(String name, NpyHeader header, InputStream in, Shape shape)
      throws IOException {
    int count = (int) shape.size();
    Check.fitsHeap(name, (double) count * Float.BYTES * (header.columnMajor() ? 2 : 1));
    float[] values = new float[count];
    int width = header.type().bytes();
    int end;
    for (int i = 0; i < count; i = end) {
      end = i + Math.min(count - i, CHUNK / width);
      byte[] bytes = in.readNBytes((end - i) * width);
      if (bytes.length < (end - i) * width) {
        throw NpyHeader.truncated(
            name, i + bytes.length / width + " values, for " + shape + " = " + count);
      }
      ByteBuffer buffer = ByteBuffer.wrap(bytes).order(header.order());
      for (int j = i; j < end; j++) {
        values[j] = header.type().read(buffer);
      }
    }
    return header.columnMajor() ? rowMajor(shape, values) : values;
  }

  private static float[] rowMajor(Shape shape, float[] columnMajor) {
    float[] values = new float[columnMajor.length];
    int rank = shape.rank();
    int[] index = new int[rank];
    int[] step = new int[rank];
    for (int d = 0, s = 1; d < rank; d++) {
      step[d] = s;
      s *= shape.dim(d);
    }
    for (int i = 0, from = 0; i < values.length; i++) {
      values[i] = columnMajor[from];
      for (int d = rank - 1; d >= 0; d--) {
        from += step[d];
        if (++index[d] < shape.dim(d)) {
          break;
        }
        from -= step[d] * shape.dim(d);
        index[d] = 0;
      }
    }
    return values;
  }

  /** The file, and for an archive the array in it. */
  public String name() {
    return name;
  }

  /** Whether numpy saved it with dtype bool. */
  public boolean isMask() {
    return type == Type.B1;
  }

  /** The values, booleans as 0 and 1, last dimension fastest. */
  public Tensor tensor() {
    return tensor;
  }

  /**
   * Which values are not zero.
   *
   * @throws DlacException if the array is not two-dimensional
   */
  public BitMatrix mask() {
    if (tensor.shape().rank() != 2) {
      throw new DlacException(
          name + " has " + tensor.shape().rank() + " dimensions (" + tensor.shape() + ")",
          "2: rows and columns",
          "np.save(file, array.reshape(rows, columns))");
    }
    return BitMatrix.nonZeros(tensor, tensor.shape().dim(0));
  }

  /** For example {@code conv1.npy: f4 64x3x7x7}. */
  @Override
  public String toString() {
    return name + ": " + type.code() + " " + tensor.shape();
  }
}
