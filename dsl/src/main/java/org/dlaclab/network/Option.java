package org.dlaclab.network;

import java.io.Serializable;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;

/**
 * A typed option of a layer: which layers take it is part of its type, so that a wrong one does not
 * compile.
 */
public sealed interface Option extends Serializable permits Option.OfConv, Option.OfPool {

  /** An option of {@code conv} and {@code depthwise}. */
  sealed interface OfConv extends Option
      permits Filters, Kernel, Stride, Padding, Dilation, Groups, NoBias {}

  /** An option of {@code maxPool} and {@code avgPool}. */
  sealed interface OfPool extends Option
      permits Kernel, Stride, Padding, Dilation, CeilMode, CountPadding {}

  /**
   * How many filters a convolution has, which is its number of OFM channels.
   *
   * @param count 1 or more
   */
  record Filters(int count) implements OfConv {
    public Filters {
      Check.positive("filters", count);
    }
  }

  /**
   * Window of a convolution or a pooling layer, in pixels.
   *
   * @param height R, 1 or more
   * @param width S, 1 or more
   */
  record Kernel(int height, int width) implements OfConv, OfPool {
    public Kernel {
      Check.positive("the kernel height", height);
      Check.positive("the kernel width", width);
    }

    @Override
    public String toString() {
      return height + "x" + width;
    }
  }

  /**
   * Distance of neighbouring windows, in pixels.
   *
   * @param height 1 or more
   * @param width 1 or more
   */
  record Stride(int height, int width) implements OfConv, OfPool {
    public Stride {
      Check.positive("the vertical stride", height);
      Check.positive("the horizontal stride", width);
    }
  }

  /** Zeros around the IFM, in pixels; each side 0 or more. */
  record Padding(int top, int left, int bottom, int right) implements OfConv, OfPool {
    public Padding {
      Check.atLeast("the top padding", top, 0);
      Check.atLeast("the left padding", left, 0);
      Check.atLeast("the bottom padding", bottom, 0);
      Check.atLeast("the right padding", right, 0);
    }

    @Override
    public String toString() {
      return "pad(" + top + ", " + left + ", " + bottom + ", " + right + ")";
    }
  }

  /**
   * Distance of neighbouring kernel taps, in pixels; 1 is a plain convolution.
   *
   * @param height 1 or more
   * @param width 1 or more
   */
  record Dilation(int height, int width) implements OfConv, OfPool {
    public Dilation {
      Check.positive("the vertical dilation", height);
      Check.positive("the horizontal dilation", width);
    }
  }

  /**
   * Into how many groups the channels and the filters are split.
   *
   * @param count 1 or more; divides the IFM channels and the filters
   */
  record Groups(int count) implements OfConv {
    public Groups {
      Check.positive("groups", count);
    }
  }

  /** Leaves out the bias, as before a batch normalization. */
  record NoBias() implements OfConv {}

  /** Keeps the last, incomplete window of a pooling layer. */
  record CeilMode() implements OfPool {}

  /** Takes padded positions into an average, as zeros. */
  record CountPadding() implements OfPool {}

  /**
   * The one option of type {@code type} among {@code options}, or {@code otherwise} if it is not
   * given.
   */
  static <T extends Option> T pick(Class<T> type, T otherwise, Option... options) {
    T found = otherwise;
    for (Option option : options) {
      if (type.isInstance(option)) {
        found = type.cast(option);
      }
    }
    return found;
  }

  /** Refuses an option that is given twice. */
  static void requireDistinct(String layer, Option... options) {
    Check.distinct(layer, Option::word, (Object[]) options);
  }

  /** What the DSL calls an option. */
  private static String word(Class<?> type) {
    String name = type.getSimpleName();
    return type == Padding.class
        ? "pad"
        : Character.toLowerCase(name.charAt(0)) + name.substring(1);
  }

  /** The option of type {@code type}, which has no default. */
  static <T extends Option> T require(
      Class<T> type, String layer, String example, Option... options) {
    for (Option option : options) {
      if (type.isInstance(option)) {
        return type.cast(option);
      }
    }
    throw new DlacException(
        layer + " has no " + word(type),
        "one, because there is no sensible default",
        "add " + example);
  }
}
