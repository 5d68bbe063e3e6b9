package org.dlaclab.network;

import java.util.List;
import org.dlaclab.error.DlacException;
import org.dlaclab.network.Option.CeilMode;
import org.dlaclab.network.Option.CountPadding;
import org.dlaclab.network.Option.Dilation;
import org.dlaclab.network.Option.Filters;
import org.dlaclab.network.Option.Groups;
import org.dlaclab.network.Option.Kernel;
import org.dlaclab.network.Option.NoBias;
import org.dlaclab.network.Option.Padding;
import org.dlaclab.network.Option.Stride;

/** The words that networks are described with; the DSL passes them on. */
public final class Layers {
  private static final Stride UNIT_STRIDE = new Stride(1, 1);
  private static final Padding NO_PADDING = new Padding(0, 0, 0, 0);
  private static final Dilation UNIT_DILATION = new Dilation(1, 1);

  private Layers() {}

  /** A network over images of shape {@code ifm}. */
  public static Network network(String name, FeatureMap ifm, Part... parts) {
    return Network.of(name, ifm, List.of(parts));
  }

  /** The shape of an image or feature map: {@code channels x height x width}. */
  public static FeatureMap ifm(int channels, int height, int width) {
    return new FeatureMap(channels, height, width);
  }

  /** A vector of features: {@code features x 1 x 1}. */
  public static FeatureMap ifm(int features) {
    return new FeatureMap(features, 1, 1);
  }

  /**
   * A 2-D convolution; filters and kernel are required. It has a bias unless {@code noBias()} is
   * given.
   */
  public static Layer.Conv conv(String name, Option.OfConv... options) {
    String what = "conv \"" + name + "\"";
    Option.requireDistinct(what, options);
    return new Layer.Conv(
        name,
        Option.require(Filters.class, what, "filters(16)", options).count(),
        Option.require(Kernel.class, what, "kernel(3)", options),
        Option.pick(Stride.class, UNIT_STRIDE, options),
        Option.pick(Padding.class, NO_PADDING, options),
        Option.pick(Dilation.class, UNIT_DILATION, options),
        Option.pick(Groups.class, new Groups(1), options).count(),
        !has(NoBias.class, options));
  }

  /** A depthwise convolution: one filter per IFM channel. */
  public static Part.Depthwise depthwise(String name, Option.OfConv... options) {
    String what = "depthwise \"" + name + "\"";
    Option.requireDistinct(what, options);
    if (has(Filters.class, options) || has(Groups.class, options)) {
      throw new DlacException(
          what + " gets filters or groups",
          "neither: it has one filter and one group per IFM channel",
          "remove them, or use conv(..., groups(n))");
    }
    return new Part.Depthwise(
        name,
        Option.require(Kernel.class, what, "kernel(3)", options),
        Option.pick(Stride.class, UNIT_STRIDE, options),
        Option.pick(Padding.class, NO_PADDING, options),
        Option.pick(Dilation.class, UNIT_DILATION, options),
        !has(NoBias.class, options));
  }

  /** A fully connected layer over a flat vector of features, with bias. */
  public static Layer.FullyConnected fc(String name, int outputs) {
    return new Layer.FullyConnected(name, outputs, true);
  }

  /** Batch normalization, named after the layer before it. */
  public static Layer.BatchNorm batchNorm() {
    return batchNorm("");
  }

  /** Batch normalization. */
  public static Layer.BatchNorm batchNorm(String name) {
    return new Layer.BatchNorm(name);
  }

  /** {@code max(x, 0)}. */
  public static Layer.Relu relu() {
    return relu(0);
  }

  /** {@code x if x > threshold, else 0}. */
  public static Layer.Relu relu(double threshold) {
    return new Layer.Relu("", threshold);
  }

  /** {@code min(max(x, 0), 6)}: a ReLU with a bound, which a policy's activations are about too. */
  public static Layer.Relu relu6() {
    return new Layer.Relu("", 0, 0, 6);
  }

  /** {@code min(max(x, min), max)}: a ReLU with a bound, if {@code min} is 0. */
  public static Layer clip(double min, double max) {
    return min == 0 && max > 0
        ? new Layer.Relu("", 0, 0, max)
        : function(new Layer.Function.Clip((float) min, (float) max));
  }

  /** {@code x if x >= 0, else alpha * x}. */
  public static Layer.Activation leakyRelu(double alpha) {
    return function(new Layer.Function.LeakyRelu((float) alpha));
  }

  /** {@code 1 / (1 + exp(-x))}. */
  public static Layer.Activation sigmoid() {
    return function(new Layer.Function.Sigmoid());
  }

  /** The hyperbolic tangent. */
  public static Layer.Activation tanh() {
    return function(new Layer.Function.Tanh());
  }

  /** {@code min(max(x / 6 + 1/2, 0), 1)}. */
  public static Layer.Activation hardSigmoid() {
    return function(new Layer.Function.HardSigmoid(1 / 6f, 0.5f));
  }

  /** {@code x * min(max(x / 6 + 1/2, 0), 1)}, as in MobileNet-v3. */
  public static Layer.Activation hardSwish() {
    return function(new Layer.Function.HardSwish());
  }

  /** {@code x / (1 + exp(-x))}, also called SiLU, as in EfficientNet. */
  public static Layer.Activation swish() {
    return function(new Layer.Function.Swish());
  }

  private static Layer.Activation function(Layer.Function function) {
    return new Layer.Activation("", function);
  }

  /** Maximum over a window; the stride is the kernel unless it is given. */
  public static Layer.Pool maxPool(Option.OfPool... options) {
    return pool(true, options);
  }

  /**
   * Average over a window, padded positions left out unless {@code countPadding()} is given; the
   * stride is the kernel unless it is given.
   */
  public static Layer.Pool avgPool(Option.OfPool... options) {
    return pool(false, options);
  }

  private static Layer.Pool pool(boolean max, Option.OfPool... options) {
    String what = max ? "maxPool" : "avgPool";
    Option.requireDistinct(what, options);
    Kernel kernel = Option.require(Kernel.class, what, "kernel(2)", options);
    return new Layer.Pool(
        "",
        max,
        kernel,
        Option.pick(Stride.class, new Stride(kernel.height(), kernel.width()), options),
        Option.pick(Padding.class, NO_PADDING, options),
        Option.pick(Dilation.class, UNIT_DILATION, options),
        has(CeilMode.class, options),
        has(CountPadding.class, options));
  }

  /** Average of each channel over the whole feature map. */
  public static Layer.GlobalAvgPool globalAvgPool() {
    return new Layer.GlobalAvgPool("");
  }

  /** Local response normalization of AlexNet and GoogLeNet. */
  public static Layer.LocalResponseNorm localResponseNorm() {
    return new Layer.LocalResponseNorm("");
  }

  /** A feature map as a flat vector. */
  public static Layer.Flatten flatten() {
    return new Layer.Flatten("");
  }

  /** Class probabilities. */
  public static Layer.Softmax softmax() {
    return new Layer.Softmax("");
  }

  /** {@code body(x) + x}. */
  public static Part.Residual residual(Part... body) {
    return new Part.Residual("", List.of(), List.of(body));
  }

  /** {@code body(x) + shortcut(x)}. */
  public static Part.Residual residual(Part.Shortcut shortcut, Part... body) {
    return new Part.Residual("", shortcut.parts(), List.of(body));
  }

  /** The path around a residual's body, for where shapes change. */
  public static Part.Shortcut shortcut(Part... parts) {
    return new Part.Shortcut(List.of(parts));
  }

  /**
   * {@code x * body(x)}, where the body gives x's shape or a value per channel: {@code
   * gate(globalAvgPool(), fc("squeeze", 4), relu(), fc("excite", 64), sigmoid())} is a
   * squeeze-and-excitation.
   */
  public static Part.Gate gate(Part... body) {
    return new Part.Gate("", List.of(body));
  }

  /** Channels of several groups dealt out in turn, as in ShuffleNet. */
  public static Layer.ChannelShuffle channelShuffle(int groups) {
    return new Layer.ChannelShuffle("", groups);
  }

  /** {@code count} channels from {@code first} on, counted from 0. */
  public static Layer.ChannelSlice channels(int first, int count) {
    return new Layer.ChannelSlice("", first, count);
  }

  /** Paths over the same IFM, concatenated along the channels. */
  public static Part.Branches branches(String name, Part.Branch... paths) {
    if (paths.length < 2) {
      throw new DlacException(
          "branches \""
              + name
              + "\" has "
              + paths.length
              + (paths.length == 1 ? " path" : " paths"),
          "two or more",
          "add branch(...)");
    }
    return new Part.Branches(name, List.of(paths));
  }

  /** One path of {@link #branches}; without parts it passes its IFM on. */
  public static Part.Branch branch(Part... parts) {
    return new Part.Branch(List.of(parts));
  }

  /** How many filters a convolution has. */
  public static Filters filters(int count) {
    return new Filters(count);
  }

  /** A square kernel. */
  public static Kernel kernel(int extent) {
    return new Kernel(extent, extent);
  }

  /** A kernel in pixels. */
  public static Kernel kernel(int height, int width) {
    return new Kernel(height, width);
  }

  /** Distance of neighbouring windows in pixels. */
  public static Stride stride(int step) {
    return new Stride(step, step);
  }

  /** Distance of neighbouring windows in pixels. */
  public static Stride stride(int height, int width) {
    return new Stride(height, width);
  }

  /** The same padding on all four sides. */
  public static Padding pad(int pixels) {
    return new Padding(pixels, pixels, pixels, pixels);
  }

  /** Padding above and below, and left and right. */
  public static Padding pad(int vertical, int horizontal) {
    return new Padding(vertical, horizontal, vertical, horizontal);
  }

  /** Zeros around the IFM, in pixels. */
  public static Padding pad(int top, int left, int bottom, int right) {
    return new Padding(top, left, bottom, right);
  }

  /** Distance of neighbouring kernel taps in pixels. */
  public static Dilation dilation(int step) {
    return new Dilation(step, step);
  }

  /** Distance of neighbouring kernel taps in pixels. */
  public static Dilation dilation(int height, int width) {
    return new Dilation(height, width);
  }

  /** Into how many groups channels and filters are split. */
  public static Groups groups(int count) {
    return new Groups(count);
  }

  /** A convolution without bias, as before a batch normalization. */
  public static NoBias noBias() {
    return new NoBias();
  }

  /** Keeps the last, incomplete window of a pooling layer. */
  public static CeilMode ceilMode() {
    return new CeilMode();
  }

  /** Takes padded positions into an average, as zeros. */
  public static CountPadding countPadding() {
    return new CountPadding();
  }

  private static boolean has(Class<? extends Option> type, Option... options) {
    for (Option option : options) {
      if (type.isInstance(option)) {
        return true;
      }
    }
    return false;
  }
}
