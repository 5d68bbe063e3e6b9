package org.dlaclab.network;

import org.dlaclab.error.DlacException;
import org.dlaclab.network.Option.Dilation;
import org.dlaclab.network.Option.Kernel;
import org.dlaclab.network.Option.Padding;
import org.dlaclab.network.Option.Stride;

/** Shape inference for layers that slide a window over their IFM. */
final class Windows {
  private Windows() {}

  static FeatureMap slide(
      String kind,
      String as,
      FeatureMap ifm,
      int channels,
      Kernel kernel,
      Stride stride,
      Padding padding,
      Dilation dilation,
      boolean ceilMode) {
    long p =
        positions(
            ifm.height(),
            padding.top(),
            padding.bottom(),
            kernel.height(),
            stride.height(),
            dilation.height(),
            ceilMode);
    long q =
        positions(
            ifm.width(),
            padding.left(),
            padding.right(),
            kernel.width(),
            stride.width(),
            dilation.width(),
            ceilMode);
    if (p < 1 || q < 1 || p > Integer.MAX_VALUE || q > Integer.MAX_VALUE) {
      long reachH = dilation.height() * (kernel.height() - 1L) + 1;
      long reachW = dilation.width() * (kernel.width() - 1L) + 1;
      throw new DlacException(
          kind
              + " \""
              + as
              + "\" has a window of "
              + reachH
              + "x"
              + reachW
              + " (kernel "
              + kernel
              + ", dilation "
              + dilation.height()
              + "x"
              + dilation.width()
              + ") on an IFM of "
              + ifm
              + " padded to "
              + ((long) ifm.height() + padding.top() + padding.bottom())
              + "x"
              + ((long) ifm.width() + padding.left() + padding.right()),
          "a window that fits the padded IFM",
          "use a smaller kernel, more padding, or fewer strided layers before it");
    }
    return new FeatureMap(channels, (int) p, (int) q);
  }

  /** Positions of the window along one dimension; 0 if it has none. */
  private static long positions(
      int extent, int before, int after, int kernel, int stride, int dilation, boolean ceilMode) {
    long free = (long) extent + before + after - dilation * (kernel - 1L) - 1;
    // In ceil mode a window may reach beyond the padded IFM by less than a stride, even the first.
    if (free < 0 && !(ceilMode && free > -stride)) {
      return 0;
    }
    long steps = ceilMode ? (free + stride - 1) / stride : free / stride;
    // An extra window must begin inside the IFM or its leading padding, as in PyTorch and Caffe.
    if (ceilMode && steps * stride >= (long) extent + before) {
      steps--;
    }
    return steps + 1;
  }
}
