package org.dlaclab.network;

import java.util.List;
import java.util.Set;
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
public sealed interface Layer extends Part {

  /** The name given by the user, or an empty text. */
  String name();

  /** What the layer is, in short: {@code conv}, {@code bn}, {@code relu}, ... */
  String kind();

  /**
   * Shape inference.
   *
   * @param as the layer's resolved name, for errors
   * @param ifms one feature map per input; all layers but {@link Add}, {@link Multiply}, {@link
   *     Concat} and {@link Operator} have one
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
   *
   * @param epsilon added to the variance before its root
   */
  record BatchNorm(String name, float epsilon) implements Layer {
    /** What PyTorch and ONNX add unless they are told otherwise. */
    public static final float EPSILON = 1e-5f;

    public BatchNorm {
      if (!(epsilon >= 0) || Float.isInfinite(epsilon)) {
        throw new DlacException(
            "batch normalization"
                + (name.isEmpty() ? "" : " \"" + name + "\"")
                + " adds "
                + epsilon,
            "a finite number of at least 0",
            "try " + EPSILON);
      }
    }

    /** With the usual {@link #EPSILON}. */
    public BatchNorm(String name) {
      this(name, EPSILON);
    }

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
   * {@code y = x if x > threshold, else 0}, then, if {@code max} is not 0, at most {@code max}
   * (ReLU6 has 6), then, if {@code bits} is not 0, the nearest of {@code 2^bits} levels from 0 to
   * {@code max} (DoReFa-Net, Zhou et al., arXiv:1606.06160, section 2.4, whose max is 1): {@code y
   * = round(min(x, max) * scale()) * step()}, ties to the even level.
   *
   * <p>All of it is in 32-bit floats, in this order, so that training and inference give the same
   * floats. What is negative becomes 0, and so does NaN above a threshold; a ReLU without one hands
   * NaN on, as ONNX Runtime and PyTorch do. The gradient passes where {@code threshold < x < max}.
   *
   * @param threshold finite, 0 or more; above 0 it trades small activations for zeros (Venkatesh et
   *     al., ICASSP 2017)
   * @param bits 1 to 16, or 0 for results as they are
   * @param max the largest result, finite and above 0; 0 for a ReLU without one, which has no bits
   */
  record Relu(String name, double threshold, int bits, double max) implements Layer {
    public Relu {
      // What floats cannot tell apart is equal.
      threshold = Double.parseDouble(Float.toString((float) threshold)) + 0.0; // -0 is 0
      max = Double.parseDouble(Float.toString((float) max)) + 0.0;
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
      if (!(max >= 0) || Double.isInfinite(max) || (bits > 0 && max == 0)) {
        throw new DlacException(
            "relu has " + (bits == 0 ? "" : bits + "-bit ") + "results up to " + max,
            "a finite number above 0",
            bits == 0 ? "try relu6()" : "try kBit(4, 6)");
      }
    }

    /** A ReLU whose results are 32-bit floats without bound. */
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

  /**
   * Maximum or average over a window.
   *
   * @param ceilMode whether a last, incomplete window is kept
   * @param countPadding whether an average takes padded positions as zeros; else they are left out
   *     of its count. A maximum always leaves them out.
   */
  record Pool(
      String name,
      boolean max,
      Kernel kernel,
      Stride stride,
      Padding padding,
      Dilation dilation,
      boolean ceilMode,
      boolean countPadding)
      implements Layer {
    public Pool {
      if (countPadding && (max || ceilMode)) {
        throw new DlacException(
            (max ? "maxPool" : "avgPool")
                + (name.isEmpty() ? "" : " \"" + name + "\"")
                + " has countPadding()"
                + (max ? "" : " and ceilMode()"),
            max
                ? "neither zeros nor a count in a maximum"
                : "one of them: tools disagree on the count of a last, incomplete window",
            "leave countPadding() out");
      }
      if (ceilMode && dilation.height() * dilation.width() != 1) {
        throw new DlacException(
            (max ? "maxPool" : "avgPool")
                + (name.isEmpty() ? "" : " \"" + name + "\"")
                + " has ceilMode() and dilation("
                + dilation.height()
                + ", "
                + dilation.width()
                + ")",
            "one of them: tools disagree on where the last, incomplete window ends",
            "leave ceilMode() out");
      }
    }

    @Override
    public String kind() {
      return max ? "maxPool" : "avgPool";
    }

    /**
     * Padding with which a pool that does not know {@code ceilMode} gives the OFM its height and
     * width: never less than {@link #padding}.
     */
    public Padding endPadded(FeatureMap ifm, FeatureMap ofm) {
      int height =
          (ofm.height() - 1) * stride.height()
              + dilation.height() * (kernel.height() - 1)
              + 1
              - ifm.height()
              - padding.top();
      int width =
          (ofm.width() - 1) * stride.width()
              + dilation.width() * (kernel.width() - 1)
              + 1
              - ifm.width()
              - padding.left();
      return new Padding(
          padding.top(),
          padding.left(),
          Math.max(padding.bottom(), height),
          Math.max(padding.right(), width));
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
          dilation,
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
   * Local response normalization across channels (Krizhevsky et al., 2012, section 3.3): {@code y =
   * x / (k + alpha * mean)^beta}, where the mean is that of the squares of neighbouring channels,
   * those beyond the first and the last taken as 0.
   *
   * @param channels over how many, itself in the middle: an odd number
   * @param alpha as ONNX and PyTorch have it; the paper's is a factor of the sum
   */
  record LocalResponseNorm(String name, int channels, float alpha, float beta, float k)
      implements Layer {
    public LocalResponseNorm {
      if (channels < 1 || channels % 2 == 0) {
        throw new DlacException(
            "local response normalization goes over " + channels + " channels",
            "an odd number of 1 or more",
            "try 5");
      }
      for (float value : new float[] {alpha, beta, k}) {
        if (!Float.isFinite(value)) {
          throw new DlacException(
              "local response normalization has alpha " + alpha + ", beta " + beta + ", k " + k,
              "finite numbers",
              "try those of the paper: localResponseNorm()");
        }
      }
    }

    /** With the constants of the paper: 5 channels, 1e-4 times their sum, beta 0.75, k 2. */
    public LocalResponseNorm(String name) {
      this(name, 5, 5e-4f, 0.75f, 2);
    }

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

  /**
   * An element-wise function other than ReLU. A policy's thresholds and bits are not about it.
   *
   * @param function which one
   */
  record Activation(String name, Function function) implements Layer {
    @Override
    public String kind() {
      String type = function.getClass().getSimpleName();
      return Character.toLowerCase(type.charAt(0)) + type.substring(1);
    }

    @Override
    public FeatureMap ofm(String as, List<FeatureMap> ifms) {
      return ifms.get(0);
    }
  }

  /** What an {@link Activation} does with each element. */
  sealed interface Function {
    /** {@code min(max(x, min), max)}; min is not 0, because that is a {@link Relu}. */
    record Clip(float min, float max) implements Function {
      public Clip {
        if (!(min <= max) || min == 0) {
          throw new DlacException(
              "clip has results from " + min + " to " + max,
              "two numbers, the smaller one first; from 0 on it is a ReLU",
              "try clip(-1, 1), or relu6()");
        }
      }
    }

    /** {@code x if x >= 0, else alpha * x} (Maas et al., ICML 2013). */
    record LeakyRelu(float alpha) implements Function {
      public LeakyRelu {
        requireFinite("leakyRelu", alpha);
      }
    }

    /** {@code 1 / (1 + exp(-x))}. */
    record Sigmoid() implements Function {}

    /** The hyperbolic tangent. */
    record Tanh() implements Function {}

    /** {@code min(max(alpha * x + beta, 0), 1)}; MobileNet-v3 has alpha 1/6 and beta 1/2. */
    record HardSigmoid(float alpha, float beta) implements Function {
      public HardSigmoid {
        requireFinite("hardSigmoid", alpha);
        requireFinite("hardSigmoid", beta);
      }
    }

    /** {@code x * min(max(x / 6 + 1/2, 0), 1)} (Howard et al., ICCV 2019, section 5.2). */
    record HardSwish() implements Function {}

    /** {@code x / (1 + exp(-x))}, also called SiLU (Ramachandran et al., arXiv:1710.05941). */
    record Swish() implements Function {}

    private static void requireFinite(String word, float value) {
      if (!Float.isFinite(value)) {
        throw new DlacException(word + " gets " + value, "a finite number", "try 0.1");
      }
    }
  }

  /**
   * Element-wise product of two feature maps: how a {@link Part.Gate} ends. The second has the
   * first one's shape, or one value per channel ({@code C x 1 x 1}), as in squeeze-and-excitation.
   */
  record Multiply(String name) implements Layer {
    @Override
    public String kind() {
      return "multiply";
    }

    @Override
    public FeatureMap ofm(String as, List<FeatureMap> ifms) {
      FeatureMap ifm = ifms.get(0);
      FeatureMap by = ifms.get(1);
      if (!by.equals(ifm) && !by.equals(new FeatureMap(ifm.channels(), 1, 1))) {
        throw new DlacException(
            "gate \"" + as + "\" multiplies a feature map of " + ifm + " by one of " + by,
            "the same shape, or " + ifm.channels() + "x1x1",
            "end it in as many filters or outputs as it gets channels: " + ifm.channels());
      }
      return ifm;
    }
  }

  /**
   * Channels of several groups dealt out in turn (Zhang et al., ShuffleNet, CVPR 2018, figure 1):
   * with n channels per group, channel {@code i} of group {@code g} becomes channel {@code i *
   * groups + g}.
   *
   * @param groups 1 or more; divides the channels
   */
  record ChannelShuffle(String name, int groups) implements Layer {
    public ChannelShuffle {
      Check.positive("the number of groups of a channel shuffle", groups);
    }

    @Override
    public String kind() {
      return "channelShuffle";
    }

    @Override
    public FeatureMap ofm(String as, List<FeatureMap> ifms) {
      FeatureMap ifm = ifms.get(0);
      if (ifm.channels() % groups != 0) {
        throw new DlacException(
            "channelShuffle \"" + as + "\" has " + groups + " groups on an IFM of " + ifm,
            "a number of groups that divides " + ifm.channels(),
            "change channelShuffle(" + groups + ")");
      }
      return ifm;
    }
  }

  /**
   * Some neighbouring channels of a feature map.
   *
   * @param first the first of them, 0 or more
   * @param count 1 or more
   */
  record ChannelSlice(String name, int first, int count) implements Layer {
    public ChannelSlice {
      Check.atLeast("the first channel of a slice", first, 0);
      Check.positive("the channels of a slice", count);
    }

    @Override
    public String kind() {
      return "channels";
    }

    @Override
    public FeatureMap ofm(String as, List<FeatureMap> ifms) {
      FeatureMap ifm = ifms.get(0);
      if ((long) first + count > ifm.channels()) {
        throw new DlacException(
            "channels \"" + as + "\" takes " + count + " channels from " + first + " of " + ifm,
            "at most " + ifm.channels() + " channels, counted from 0",
            "change channels(" + first + ", " + count + ")");
      }
      return new FeatureMap(count, ifm.height(), ifm.width());
    }
  }

  /**
   * An operator of an imported network that no layer of the DSL describes: it runs with the network
   * but not on the grid, and only its file knows what it does. {@code onnx(...)} makes them.
   *
   * @param type what ONNX calls it, for example {@code Resize}
   * @param result shape of its result
   */
  record Operator(String name, String type, FeatureMap result) implements Layer {
    private static final Set<String> ELEMENT_WISE =
        Set.of("Add", "Sub", "Mul", "Div", "PRelu", "QuantizeLinear", "DequantizeLinear");

    /** Whether it scales, shifts or rounds its IFM, as a normalization or quantization does. */
    boolean isElementWise() {
      return ELEMENT_WISE.contains(type);
    }

    @Override
    public String kind() {
      return type;
    }

    @Override
    public FeatureMap ofm(String as, List<FeatureMap> ifms) {
      return result;
    }
  }
}
