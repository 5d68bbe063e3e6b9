package org.dlaclab.zoo;

import static org.dlaclab.network.Layers.batchNorm;
import static org.dlaclab.network.Layers.branch;
import static org.dlaclab.network.Layers.branches;
import static org.dlaclab.network.Layers.ceilMode;
import static org.dlaclab.network.Layers.conv;
import static org.dlaclab.network.Layers.fc;
import static org.dlaclab.network.Layers.filters;
import static org.dlaclab.network.Layers.flatten;
import static org.dlaclab.network.Layers.globalAvgPool;
import static org.dlaclab.network.Layers.groups;
import static org.dlaclab.network.Layers.kernel;
import static org.dlaclab.network.Layers.localResponseNorm;
import static org.dlaclab.network.Layers.maxPool;
import static org.dlaclab.network.Layers.noBias;
import static org.dlaclab.network.Layers.pad;
import static org.dlaclab.network.Layers.relu;
import static org.dlaclab.network.Layers.residual;
import static org.dlaclab.network.Layers.shortcut;
import static org.dlaclab.network.Layers.softmax;
import static org.dlaclab.network.Layers.stride;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;
import org.dlaclab.network.FeatureMap;
import org.dlaclab.network.Network;
import org.dlaclab.network.Part;

/**
 * Published networks by name, without weights. Dropout is left out: it does nothing at inference.
 *
 * <ul>
 *   <li>{@code lenet5}: LeCun et al., Proc. IEEE 1998, with ReLU and max pooling as it is used
 *       since; its 28x28 digits are padded to the paper's 32x32 by the first layer.
 *   <li>{@code alexnet}: Krizhevsky et al., NIPS 2012, two groups in conv2, conv4 and conv5.
 *   <li>{@code vgg16}, {@code vgg19}: Simonyan and Zisserman, ICLR 2015, configurations D and E.
 *   <li>{@code googlenet}: Szegedy et al., CVPR 2015, without the auxiliary classifiers of
 *       training.
 *   <li>{@code resnet18, 34, 50, 101, 152}: He et al., CVPR 2016, table 1, projections where shapes
 *       change; {@code resnet50-v1.5}, {@code -101-}, {@code -152-}: the stride on the 3x3
 *       convolution, as fb.resnet.torch and torchvision have it.
 *   <li>{@code resnet20, 32, 56, 110}: He et al., section 4.2, for CIFAR-10, with projections
 *       (option B) in place of zero padding.
 *   <li>{@code mobilenet-v1}: Howard et al., arXiv:1704.04861, width 1.
 *   <li>{@code mobilenet-v2}: Sandler et al., CVPR 2018, width 1; its blocks end without an
 *       activation function, so that what reads them has no zeros to skip.
 *   <li>{@code shufflenet-v1}: Zhang et al., CVPR 2018, 3 groups; {@code shufflenet-v2}: Ma et al.,
 *       ECCV 2018; both of width 1.
 *   <li>{@code efficientnet-b0}: Tan and Le, ICML 2019; swish has no zeros either.
 *   <li>{@code squeezenet-1.0}: Iandola et al., arXiv:1602.07360; {@code squeezenet-1.1}: the
 *       authors' later release. They end in a convolution.
 *   <li>{@code densenet121}: Huang et al., CVPR 2017, with bottlenecks and compression.
 *   <li>{@code inception-v3}: Szegedy et al., CVPR 2016, without the auxiliary classifier.
 * </ul>
 */
public final class Zoo {
  private record Entry(FeatureMap ifm, int classes, Body body) {}

  private interface Body {
    List<Part> parts(int classes);
  }

  private static final FeatureMap IMAGENET = new FeatureMap(3, 224, 224);
  private static final FeatureMap CIFAR = new FeatureMap(3, 32, 32);
  private static final Map<String, Entry> ENTRIES = new TreeMap<>();

  static {
    ENTRIES.put("lenet5", new Entry(new FeatureMap(1, 28, 28), 10, Zoo::lenet5));
    ENTRIES.put("alexnet", new Entry(new FeatureMap(3, 227, 227), 1000, Zoo::alexnet));
    ENTRIES.put("vgg16", new Entry(IMAGENET, 1000, classes -> vgg(classes, 2, 2, 3, 3, 3)));
    ENTRIES.put("vgg19", new Entry(IMAGENET, 1000, classes -> vgg(classes, 2, 2, 4, 4, 4)));
    ENTRIES.put("googlenet", new Entry(IMAGENET, 1000, Zoo::googlenet));
    ENTRIES.put("resnet18", new Entry(IMAGENET, 1000, classes -> basic(classes, 2, 2, 2, 2)));
    ENTRIES.put("resnet34", new Entry(IMAGENET, 1000, classes -> basic(classes, 3, 4, 6, 3)));
    ENTRIES.put(
        "resnet50", new Entry(IMAGENET, 1000, classes -> bottleneck(classes, true, 3, 4, 6, 3)));
    ENTRIES.put(
        "resnet101", new Entry(IMAGENET, 1000, classes -> bottleneck(classes, true, 3, 4, 23, 3)));
    ENTRIES.put(
        "resnet152", new Entry(IMAGENET, 1000, classes -> bottleneck(classes, true, 3, 8, 36, 3)));
    ENTRIES.put(
        "resnet50-v1.5",
        new Entry(IMAGENET, 1000, classes -> bottleneck(classes, false, 3, 4, 6, 3)));
    ENTRIES.put(
        "resnet101-v1.5",
        new Entry(IMAGENET, 1000, classes -> bottleneck(classes, false, 3, 4, 23, 3)));
    ENTRIES.put(
        "resnet152-v1.5",
        new Entry(IMAGENET, 1000, classes -> bottleneck(classes, false, 3, 8, 36, 3)));
    for (int depth : new int[] {20, 32, 56, 110}) {
      ENTRIES.put(
          "resnet" + depth, new Entry(CIFAR, 10, classes -> cifarResnet(classes, (depth - 2) / 6)));
    }
    ENTRIES.put("mobilenet-v1", new Entry(IMAGENET, 1000, MobileNets::v1));
    ENTRIES.put("mobilenet-v2", new Entry(IMAGENET, 1000, MobileNets::v2));
    ENTRIES.put("efficientnet-b0", new Entry(IMAGENET, 1000, MobileNets::efficientNetB0));
    ENTRIES.put("shufflenet-v1", new Entry(IMAGENET, 1000, ShuffleNets::v1));
    ENTRIES.put("shufflenet-v2", new Entry(IMAGENET, 1000, ShuffleNets::v2));
    ENTRIES.put("squeezenet-1.0", new Entry(IMAGENET, 1000, SqueezeNets::v10));
    ENTRIES.put("squeezenet-1.1", new Entry(IMAGENET, 1000, SqueezeNets::v11));
    ENTRIES.put(
        "densenet121", new Entry(IMAGENET, 1000, classes -> DenseNets.of(classes, 6, 12, 24, 16)));
    ENTRIES.put("inception-v3", new Entry(new FeatureMap(3, 299, 299), 1000, InceptionV3::of));
  }

  private Zoo() {}

  /** The names that {@link #network(String)} knows. */
  public static List<String> names() {
    return List.copyOf(ENTRIES.keySet());
  }

  /** The network as published; case does not matter in its name. */
  public static Network network(String name) {
    Entry entry = entry(name);
    return Network.of(canonical(name), entry.ifm(), entry.body().parts(entry.classes()));
  }

  /** The network for other images and another number of classes. */
  public static Network network(String name, FeatureMap ifm, int classes) {
    return Network.of(
        canonical(name), ifm, entry(name).body().parts(Check.positive("classes", classes)));
  }

  private static String canonical(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  private static Entry entry(String name) {
    Entry entry = ENTRIES.get(canonical(name));
    if (entry == null) {
      throw new DlacException(
          "the zoo has no network \"" + name + "\"",
          "one of " + String.join(", ", ENTRIES.keySet()),
          "did you mean \"" + Check.nearest(name, ENTRIES.keySet()) + "\"?");
    }
    return entry;
  }

  private static List<Part> lenet5(int classes) {
    return List.of(
        conv("conv1", filters(6), kernel(5), pad(2)),
        relu(),
        maxPool(kernel(2)),
        conv("conv2", filters(16), kernel(5)),
        relu(),
        maxPool(kernel(2)),
        flatten(),
        fc("fc1", 120),
        relu(),
        fc("fc2", 84),
        relu(),
        fc("fc3", classes));
  }

  private static List<Part> alexnet(int classes) {
    return List.of(
        conv("conv1", filters(96), kernel(11), stride(4)),
        relu(),
        localResponseNorm(),
        maxPool(kernel(3), stride(2)),
        conv("conv2", filters(256), kernel(5), pad(2), groups(2)),
        relu(),
        localResponseNorm(),
        maxPool(kernel(3), stride(2)),
        conv("conv3", filters(384), kernel(3), pad(1)),
        relu(),
        conv("conv4", filters(384), kernel(3), pad(1), groups(2)),
        relu(),
        conv("conv5", filters(256), kernel(3), pad(1), groups(2)),
        relu(),
        maxPool(kernel(3), stride(2)),
        flatten(),
        fc("fc6", 4096),
        relu(),
        fc("fc7", 4096),
        relu(),
        fc("fc8", classes),
        softmax());
  }

  private static List<Part> vgg(int classes, int... convs) {
    List<Part> parts = new ArrayList<>();
    int[] widths = {64, 128, 256, 512, 512};
    for (int stage = 0; stage < convs.length; stage++) {
      for (int i = 1; i <= convs[stage]; i++) {
        parts.add(conv("conv" + (stage + 1) + "_" + i, filters(widths[stage]), kernel(3), pad(1)));
        parts.add(relu());
      }
      parts.add(maxPool(kernel(2)));
    }
    parts.addAll(
        List.of(
            flatten(),
            fc("fc6", 4096),
            relu(),
            fc("fc7", 4096),
            relu(),
            fc("fc8", classes),
            softmax()));
    return parts;
  }

  private static List<Part> googlenet(int classes) {
    return List.of(
        conv("conv1", filters(64), kernel(7), stride(2), pad(3)),
        relu(),
        maxPool(kernel(3), stride(2), ceilMode()),
        localResponseNorm(),
        conv("conv2_reduce", filters(64), kernel(1)),
        relu(),
        conv("conv2", filters(192), kernel(3), pad(1)),
        relu(),
        localResponseNorm(),
        maxPool(kernel(3), stride(2), ceilMode()),
        inception("3a", 64, 96, 128, 16, 32, 32),
        inception("3b", 128, 128, 192, 32, 96, 64),
        maxPool(kernel(3), stride(2), ceilMode()),
        inception("4a", 192, 96, 208, 16, 48, 64),
        inception("4b", 160, 112, 224, 24, 64, 64),
        inception("4c", 128, 128, 256, 24, 64, 64),
        inception("4d", 112, 144, 288, 32, 64, 64),
        inception("4e", 256, 160, 320, 32, 128, 128),
        maxPool(kernel(3), stride(2), ceilMode()),
        inception("5a", 256, 160, 320, 32, 128, 128),
        inception("5b", 384, 192, 384, 48, 128, 128),
        globalAvgPool(),
        fc("fc", classes),
        softmax());
  }

  /** One inception module, its columns in the order of the paper's table 1. */
  private static Part inception(String name, int c1, int r3, int c3, int r5, int c5, int proj) {
    String at = "inception_" + name;
    return branches(
        at,
        branch(conv(at + "-1x1", filters(c1), kernel(1)), relu()),
        branch(
            conv(at + "-3x3_reduce", filters(r3), kernel(1)), relu(),
            conv(at + "-3x3", filters(c3), kernel(3), pad(1)), relu()),
        branch(
            conv(at + "-5x5_reduce", filters(r5), kernel(1)), relu(),
            conv(at + "-5x5", filters(c5), kernel(5), pad(2)), relu()),
        branch(
            maxPool(kernel(3), stride(1), pad(1)),
            conv(at + "-pool_proj", filters(proj), kernel(1)),
            relu()));
  }

  /**
   * A residual block of He et al.: its name, IFM channels, width, and the stride of its first
   * layer.
   */
  private interface Block {
    Part of(String at, int channels, int width, int step);
  }

  private static List<Part> basic(int classes, int... blocks) {
    List<Part> parts = imagenetStem();
    stages(parts, 64, 64, 1, Zoo::basicBlock, blocks);
    parts.addAll(List.of(globalAvgPool(), fc("fc", classes), softmax()));
    return parts;
  }

  private static List<Part> bottleneck(int classes, boolean strideFirst, int... blocks) {
    List<Part> parts = imagenetStem();
    stages(
        parts,
        64,
        64,
        4,
        (at, channels, width, step) -> bottleneckBlock(at, channels, width, step, strideFirst),
        blocks);
    parts.addAll(List.of(globalAvgPool(), fc("fc", classes), softmax()));
    return parts;
  }

  private static List<Part> cifarResnet(int classes, int blocks) {
    List<Part> parts =
        new ArrayList<>(
            List.of(conv("conv1", filters(16), kernel(3), pad(1), noBias()), batchNorm(), relu()));
    stages(parts, 16, 16, 1, Zoo::basicBlock, blocks, blocks, blocks);
    parts.addAll(List.of(globalAvgPool(), fc("fc", classes)));
    return parts;
  }

  private static List<Part> imagenetStem() {
    return new ArrayList<>(
        List.of(
            conv("conv1", filters(64), kernel(7), stride(2), pad(3), noBias()),
            batchNorm(),
            relu(),
            maxPool(kernel(3), stride(2), pad(1))));
  }

  /** Stages of blocks; each stage but the first halves the feature map and doubles the width. */
  private static void stages(
      List<Part> parts, int channels, int width, int expansion, Block block, int... blocks) {
    for (int stage = 0; stage < blocks.length; stage++, width *= 2) {
      for (int b = 1; b <= blocks[stage]; b++) {
        int step = stage > 0 && b == 1 ? 2 : 1;
        parts.add(block.of("conv" + (stage + 2) + "_" + b, channels, width, step));
        parts.add(relu());
        channels = expansion * width;
      }
    }
  }

  private static Part basicBlock(String at, int channels, int width, int step) {
    Part[] body = {
      conv(at + "a", filters(width), kernel(3), stride(step), pad(1), noBias()),
      batchNorm(),
      relu(),
      conv(at + "b", filters(width), kernel(3), pad(1), noBias()),
      batchNorm()
    };
    return channels == width && step == 1
        ? residual(body)
        : residual(projection(at, width, step), body);
  }

  private static Part bottleneckBlock(
      String at, int channels, int width, int step, boolean strideFirst) {
    Part[] body = {
      conv(at + "a", filters(width), kernel(1), stride(strideFirst ? step : 1), noBias()),
      batchNorm(),
      relu(),
      conv(at + "b", filters(width), kernel(3), stride(strideFirst ? 1 : step), pad(1), noBias()),
      batchNorm(),
      relu(),
      conv(at + "c", filters(4 * width), kernel(1), noBias()),
      batchNorm()
    };
    return channels == 4 * width ? residual(body) : residual(projection(at, 4 * width, step), body);
  }

  private static Part.Shortcut projection(String at, int filters, int step) {
    return shortcut(
        conv(at + "_proj", filters(filters), kernel(1), stride(step), noBias()), batchNorm());
  }
}
