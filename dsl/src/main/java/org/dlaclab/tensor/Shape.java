package org.dlaclab.tensor;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.dlaclab.error.DlacException;

/**
 * The extents of a tensor, slowest dimension first. A scalar has none.
 *
 * @param dims each 0 or more
 */
public record Shape(List<Integer> dims) {
  public Shape {
    dims = List.copyOf(dims);
    for (int dim : dims) {
      if (dim < 0) {
        throw new DlacException(
            "a tensor has shape " + text(dims), "extents of 0 or more", "correct the shape");
      }
    }
  }

  /** The shape with these extents. */
  public static Shape of(int... dims) {
    return new Shape(Arrays.stream(dims).boxed().collect(Collectors.toList()));
  }

  /** Number of dimensions. */
  public int rank() {
    return dims.size();
  }

  /** Extent of dimension {@code axis}. */
  public int dim(int axis) {
    return dims.get(axis);
  }

  /** Number of elements: the product of the extents. */
  public long size() {
    long size = 1;
    for (int dim : dims) {
      size = Math.multiplyExact(size, dim);
    }
    return size;
  }

  /** For example {@code 64x3x7x7}. */
  @Override
  public String toString() {
    return text(dims);
  }

  private static String text(List<Integer> dims) {
    return dims.isEmpty()
        ? "scalar"
        : dims.stream().map(String::valueOf).collect(Collectors.joining("x"));
  }
}
