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
    int p =
        positions(
            ifm.height(),
            padding.top(),
            padding.bottom(),
            kernel.height(),
            stride.height(),
            dilation.height(),
            ceilMode);
    int q =
        positions(
            ifm.width(),
            padding.left(),
            padding.right(),
            kernel.width(),
            stride.width(),
            dilation.width(),
            ceilMode);
    if (p < 1 || q < 1) {
      int reachH = dilation.height() * (kernel.height() - 1) + 1;
      int reachW = dilation.width() * (kernel.width() - 1) + 1;
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
              + (ifm.height() + padding.top() + padding.bottom())
              + "x"
              + (ifm.width() + padding.left() + padding.right()),
          "a window that fits the padded IFM",
          "use a smaller kernel, more padding, or fewer strided layers before it");
    }
    return new FeatureMap(channels, p, q);
  }

  private static int positions(
      int extent, int before, int after, int kernel, int stride, int dilation, boolean ceilMode) {
    int free = extent + before + after - dilation * (kernel - 1) - 1;
    if (free < 0) {
      return 0;
    }
    int steps = ceilMode ? (free + stride - 1) / stride : free / stride;
    // An extra window must begin inside the IFM or its leading padding, as in PyTorch and Caffe.
    if (ceilMode && steps * stride >= extent + before) {
      steps--;
    }
    return steps + 1;
  }
}
