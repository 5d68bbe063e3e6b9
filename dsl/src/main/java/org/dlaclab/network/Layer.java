package org.dlaclab.network;

import java.io.Serializable;
import java.util.List;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;
import org.dlaclab.network.Option.Dilation;
import org.dlaclab.network.Option.Kernel;
import org.dlaclab.network.Option.Padding;
import org.dlaclab.network.Option.Stride;

/**
 * One operation on feature maps. A layer is a description: it has no weights and does not know its
 * IFM; a {@link Node} is a layer in its place in a {@link Network}.
 *
 * <p>Notation: IFM {@code C x H x W}, OFM {@code K x P x Q}, kernel {@code R x S}.
 */
public sealed interface Layer extends Part, Serializable {

  /** The name given by the user, or an empty text. */
  String name();

  /** What the layer is, in short: {@code conv}, {@code bn}, {@code relu}, ... */
  String kind();

  /**
   * Shape inference.
   *
   * @param as the layer's resolved name, for errors
   * @param ifms one feature map per input; all layers but {@link Add} and {@link Concat} have one
   * @throws DlacException if the layer cannot work on these IFMs
   */
  FeatureMap ofm(String as, List<FeatureMap> ifms);

  /** Trainable values (weights, biases, batch norm's scale and shift) for these IFMs. */
  default long parameters(List<FeatureMap> ifms) {
    return 0;
  }

  /** A layer whose multiply-accumulates run on the DLAC grid. */
  sealed interface OnGrid extends Layer permits Conv, FullyConnected {
    /**
     * The same work as a convolution; a fully connected layer is one of kernel 1x1 on a 1x1 map.
     */
    Conv asConv();

    /** Weights without biases, for this number of IFM channels: {@code K * C/groups * R * S}. */
    default long weights(FeatureMap ifm) {
      Conv conv = asConv();
      return (long) conv.filters()
          * (ifm.channels() / conv.groups())
          * conv.kernel().height()
          * conv.kernel().width();
    }

    /**
     * Multiply-accumulates of one image, padded positions included: {@code K * C/groups * R * S * P
     * * Q}.
     */
    default long macs(FeatureMap ifm, FeatureMap ofm) {
      return Math.multiplyExact(weights(ifm), ofm.pixels());
    }

    @Override
    default long parameters(List<FeatureMap> ifms) {
      return weights(ifms.get(0)) + (asConv().bias() ? asConv().filters() : 0);
    }
  }

  /** A 2-D convolution. */
  record Conv(
      String name,
      int filters,
      Kernel kernel,
      Stride stride,
      Padding padding,
      Dilation dilation,
      int groups,
      boolean bias)
      implements OnGrid {
    public Conv {
      Check.positive("the number of filters of conv \"" + name + "\"", filters);
      Check.positive("the number of groups of conv \"" + name + "\"", groups);
    }

    @Override
    public String kind() {
      return "conv";
    }

    @Override
    public Conv asConv() {
      return this;
    }

    /**
     * {@code P = floor((H + top + bottom - dilation * (R - 1) - 1) / stride) + 1}, and Q likewise.
     */
    @Override
    public FeatureMap ofm(String as, List<FeatureMap> ifms) {
      FeatureMap ifm = ifms.get(0);
      if (ifm.channels() % groups != 0 || filters % groups != 0) {
        throw new DlacException(
            "conv \""
                + as
                + "\" has "
                + groups
                + " groups over "
                + ifm.channels()
                + " IFM channels ("
                + ifm
                + ") and "
                + filters
                + " filters",
            "a number of groups that divides both",
            "change groups(" + groups + ") or filters(" + filters + ")");
      }
      FeatureMap ofm =
          Windows.slide("conv", as, ifm, filters, kernel, stride, padding, dilation, false);
      int channels = ifm.channels() / groups;
      Check.fitsArray(
          "the weights of conv \"" + as + "\"",
          (double) filters * channels * kernel.height() * kernel.width());
      return ofm;
    }
  }

  /** {@code y = W x + b} over a flat vector of features. */
  record FullyConnected(String name, int outputs, boolean bias) implements OnGrid {
    public FullyConnected {
      Check.positive("the outputs of fc \"" + name + "\"", outputs);
    }

    @Override
    public String kind() {
      return "fc";
    }

    @Override
    public Conv asConv() {
      return new Conv(
          name,
          outputs,
          new Kernel(1, 1),
          new Stride(1, 1),
          new Padding(0, 0, 0, 0),
          new Dilation(1, 1),
          1,
          bias);
    }

    @Override
    public FeatureMap ofm(String as, List<FeatureMap> ifms) {
      FeatureMap ifm = ifms.get(0);
      if (!ifm.isFlat()) {
        throw new DlacException(
            "fc \""
                + as
                + "\" gets an IFM of "
                + ifm
                + " for an OFM of "
                + new FeatureMap(outputs, 1, 1),
            "a flat vector of features (n x 1 x 1)",
            "put flatten() or globalAvgPool() before it");
      }
      Check.fitsArray("the weights of fc \"" + as + "\"", (double) outputs * ifm.channels());
      return new FeatureMap(outputs, 1, 1);
    }
  }

  /**
   * Batch normalization (Ioffe and Szegedy, 2015), with the statistics of training at inference.
   */
  record BatchNorm(String name) implements Layer {
    /** Added to the variance before its root, as PyTorch and ONNX do. */
    public static final float EPSILON = 1e-5f;

    @Override
    public String kind() {
      return "bn";
    }

    @Override
    public FeatureMap ofm(String as, List<FeatureMap> ifms) {
      return ifms.get(0);
    }

    /** Scale and shift per channel. */
    @Override
    public long parameters(List<FeatureMap> ifms) {
      return 2L * ifms.get(0).channels();
    }
  }

  /**
   * {@code y = x if x > threshold, else 0}, then, if {@code bits} is not 0, the nearest of {@code
   * 2^bits} levels from 0 to {@code max} (DoReFa-Net, Zhou et al., arXiv:1606.06160, section 2.4,
   * whose max is 1): {@code y = round(min(x, max) * scale()) * step()}, ties to the even level.
   *
   * <p>All of it is in 32-bit floats, in this order, so that training and inference give the same
   * floats. What is negative becomes 0, and so does NaN above a threshold; a ReLU without one hands
   * NaN on, as ONNX Runtime and PyTorch do. The gradient passes where {@code threshold < x < max}.
   *
   * @param threshold finite, 0 or more; above 0 it trades small activations for zeros (Venkatesh et
   *     al., ICASSP 2017)
   * @param bits 1 to 16, or 0 for results as they are
   * @param max the largest level, finite and above 0; 0 if {@code bits} is
   */
  record Relu(String name, double threshold, int bits, double max) implements Layer {
    public Relu {
      if (!(threshold >= 0) || Double.isInfinite(threshold)) {
        throw new DlacException(
            "relu has threshold " + threshold,
            "a finite number of at least 0",
            "try relu() or relu(0.01)");
      }
      if (bits < 0 || bits > 16) {
        throw new DlacException(
            "relu has " + bits + "-bit results",
            "1 to 16 bits",
            bits < 0 ? "try kBit(4)" : "leave kBit(...) out: results are 32-bit floats then");
      }
      if (bits == 0 ? max != 0 : !(max > 0) || Double.isInfinite(max)) {
        throw new DlacException(
            "relu has " + bits + "-bit results up to " + max,
            bits == 0 ? "no largest level where there are no bits" : "a finite number above 0",
            "try kBit(4, 6)");
      }
      threshold += 0.0; // -0 is 0
      max += 0.0;
    }

    /** A ReLU whose results are 32-bit floats. */
    public Relu(String name, double threshold) {
      this(name, threshold, 0, 0);
    }

    /** Levels per unit, {@code (2^bits - 1) / max}. Only if {@code bits} is not 0. */
    public float scale() {
      return (float) (((1 << bits) - 1) / max);
    }

    /** From one level to the next, {@code max / (2^bits - 1)}. Only if {@code bits} is not 0. */
    public float step() {
      return (float) (max / ((1 << bits) - 1));
    }

    @Override
    public String kind() {
      return "relu";
    }

    @Override
    public FeatureMap ofm(String as, List<FeatureMap> ifms) {
      return ifms.get(0);
    }
  }

  /** Maximum or average over a window. An average leaves padded positions out of its count. */
  record Pool(
      String name, boolean max, Kernel kernel, Stride stride, Padding padding, boolean ceilMode)
      implements Layer {

    @Override
    public String kind() {
      return max ? "maxPool" : "avgPool";
    }

    @Override
    public FeatureMap ofm(String as, List<FeatureMap> ifms) {
      if (padding.top() >= kernel.height()
          || padding.bottom() >= kernel.height()
          || padding.left() >= kernel.width()
          || padding.right() >= kernel.width()) {
        throw new DlacException(
            kind()
                + " \""
                + as
                + "\" has "
                + padding
                + " with a kernel of "
                + kernel
                + " on an IFM of "
                + ifms.get(0),
            "padding below the kernel's extent, or some windows would hold padding only",
            "use less padding");
      }
      return Windows.slide(
          kind(),
          as,
          ifms.get(0),
          ifms.get(0).channels(),
          kernel,
          stride,
          padding,
          new Dilation(1, 1),
          ceilMode);
    }
  }

  /** Average of each channel: {@code C x H x W} becomes {@code C x 1 x 1}. */
  record GlobalAvgPool(String name) implements Layer {
    @Override
    public String kind() {
      return "globalAvgPool";
    }

    @Override
    public FeatureMap ofm(String as, List<FeatureMap> ifms) {
      return new FeatureMap(ifms.get(0).channels(), 1, 1);
    }
  }

  /**
   * Local response normalization across channels (Krizhevsky et al., 2012, section 3.3), with their
   * constants: 5 channels, alpha 1e-4, beta 0.75, k 2.
   */
  record LocalResponseNorm(String name) implements Layer {
    @Override
    public String kind() {
      return "lrn";
    }

    @Override
    public FeatureMap ofm(String as, List<FeatureMap> ifms) {
      return ifms.get(0);
    }
  }

  /** {@code C x H x W} becomes {@code (C*H*W) x 1 x 1}, width fastest, as in PyTorch and ONNX. */
  record Flatten(String name) implements Layer {
    @Override
    public String kind() {
      return "flatten";
    }

    @Override
    public FeatureMap ofm(String as, List<FeatureMap> ifms) {
      return new FeatureMap((int) ifms.get(0).size(), 1, 1);
    }
  }

  /** {@code y_c = exp(x_c) / sum over channels of exp(x)}. */
  record Softmax(String name) implements Layer {
    @Override
    public String kind() {
      return "softmax";
    }

    @Override
    public FeatureMap ofm(String as, List<FeatureMap> ifms) {
      return ifms.get(0);
    }
  }

  /** Element-wise sum of feature maps of one shape: how a {@link Part.Residual} ends. */
  record Add(String name) implements Layer {
    @Override
    public String kind() {
      return "add";
    }

    @Override
    public FeatureMap ofm(String as, List<FeatureMap> ifms) {
      for (FeatureMap ifm : ifms) {
        if (!ifm.equals(ifms.get(0))) {
          throw new DlacException(
              "residual \"" + as + "\" adds a body of " + ifms.get(0) + " to a shortcut of " + ifm,
              "two feature maps of one shape",
              "give it a projection: residual(shortcut(conv(\"proj\", filters("
                  + ifms.get(0).channels()
                  + "), kernel(1), stride(...))), ...)");
        }
      }
      return ifms.get(0);
    }
  }

  /** Concatenation along the channels: how {@link Part.Branches} end. */
  record Concat(String name) implements Layer {
    @Override
    public String kind() {
      return "concat";
    }

    @Override
    public FeatureMap ofm(String as, List<FeatureMap> ifms) {
      int channels = 0;
      for (FeatureMap ifm : ifms) {
        if (ifm.height() != ifms.get(0).height() || ifm.width() != ifms.get(0).width()) {
          throw new DlacException(
              "branches \"" + as + "\" concatenate " + ifms.get(0) + " and " + ifm,
              "one height and width on every branch",
              "check the padding and the stride of each branch");
        }
        channels += ifm.channels();
      }
      return new FeatureMap(channels, ifms.get(0).height(), ifms.get(0).width());
    }
  }
}
