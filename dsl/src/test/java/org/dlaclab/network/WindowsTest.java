package org.dlaclab.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.dlaclab.error.Refusals.assertRefused;
import static org.dlaclab.network.Layers.avgPool;
import static org.dlaclab.network.Layers.ceilMode;
import static org.dlaclab.network.Layers.conv;
import static org.dlaclab.network.Layers.dilation;
import static org.dlaclab.network.Layers.fc;
import static org.dlaclab.network.Layers.filters;
import static org.dlaclab.network.Layers.ifm;
import static org.dlaclab.network.Layers.kernel;
import static org.dlaclab.network.Layers.maxPool;
import static org.dlaclab.network.Layers.network;
import static org.dlaclab.network.Layers.pad;
import static org.dlaclab.network.Layers.stride;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Extents of the OFM against windows that are laid one by one. */
class WindowsTest {
  static LongStream seeds() {
    return LongStream.range(0, 400);
  }

  /**
   * Windows along one dimension, laid one after another from the first padded position.
   *
   * <p>Each must fit the padded IFM. In ceil mode it may reach beyond it, but by less than a stride
   * (it would repeat what the window before it has finished) and only if it begins in the IFM or in
   * the padding before it: the rule of PyTorch's MaxPool2d and Caffe.
   */
  private static int countWindows(
      int extent, int before, int after, int kernel, int stride, int dilation, boolean ceil) {
    int count = 0;
    for (int start = -before; start < extent + after; start += stride) {
      List<Integer> taps = new ArrayList<>();
      for (int k = 0, at = start; k < kernel; k++, at += dilation) {
        taps.add(at);
      }
      int beyond = taps.get(taps.size() - 1) - (extent + after - 1);
      boolean fits = beyond <= 0;
      boolean overhangs = ceil && beyond < stride && start < extent;
      if (fits || overhangs) {
        count++;
      }
    }
    return count;
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void aConvolutionHasAnOutputPerWindowThatFits(long seed) {
    Random random = new Random(seed);
    int height = 1 + random.nextInt(20);
    int width = 1 + random.nextInt(20);
    int r = 1 + random.nextInt(5);
    int s = 1 + random.nextInt(5);
    int strideH = 1 + random.nextInt(4);
    int strideW = 1 + random.nextInt(4);
    int dilationH = 1 + random.nextInt(3);
    int dilationW = 1 + random.nextInt(3);
    int top = random.nextInt(4);
    int left = random.nextInt(4);
    int bottom = random.nextInt(4);
    int right = random.nextInt(4);
    Layer.Conv conv =
        conv(
            "it",
            filters(7),
            kernel(r, s),
            stride(strideH, strideW),
            dilation(dilationH, dilationW),
            pad(top, left, bottom, right));
    FeatureMap ifm = ifm(3, height, width);

    int p = countWindows(height, top, bottom, r, strideH, dilationH, false);
    int q = countWindows(width, left, right, s, strideW, dilationW, false);
    if (p > 0 && q > 0) {
      assertThat(network("n", ifm, conv).ofm())
          .as("seed %d: %s on %s", seed, conv, ifm)
          .isEqualTo(ifm(7, p, q));
    } else {
      assertRefused(
          () -> network("n", ifm, conv),
          "conv \"it\"",
          "on an IFM of " + ifm,
          "kernel " + r + "x" + s,
          "padded to " + (height + top + bottom) + "x" + (width + left + right));
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void aPoolingLayerHasAnOutputPerWindow(long seed) {
    Random random = new Random(seed);
    int height = 1 + random.nextInt(12);
    int width = 1 + random.nextInt(12);
    int r = 1 + random.nextInt(4);
    int s = 1 + random.nextInt(4);
    int strideH = 1 + random.nextInt(4);
    int strideW = 1 + random.nextInt(4);
    int top = random.nextInt(r);
    int bottom = random.nextInt(r);
    int left = random.nextInt(s);
    int right = random.nextInt(s);
    boolean ceil = random.nextBoolean();
    boolean max = random.nextBoolean();
    List<Option.OfPool> options =
        new ArrayList<>(
            List.of(kernel(r, s), stride(strideH, strideW), pad(top, left, bottom, right)));
    if (ceil) {
      options.add(ceilMode());
    }
    Option.OfPool[] given = options.toArray(new Option.OfPool[0]);
    Layer.Pool pool = max ? maxPool(given) : avgPool(given);
    FeatureMap ifm = ifm(5, height, width);

    int p = countWindows(height, top, bottom, r, strideH, 1, ceil);
    int q = countWindows(width, left, right, s, strideW, 1, ceil);
    if (p > 0 && q > 0) {
      assertThat(network("n", ifm, pool).ofm())
          .as("seed %d: %s on %s", seed, pool, ifm)
          .isEqualTo(ifm(5, p, q));
    } else {
      assertRefused(() -> network("n", ifm, pool), "Pool \"input.", "on an IFM of " + ifm);
    }
  }

  @ParameterizedTest(name = "{0}: {1} with kernel {2}, stride {3}, pad {4} is {5}")
  @CsvSource({
    "ResNet conv1 (He et al. table 1), 224, 7, 2, 3, 112",
    "AlexNet conv1 (Krizhevsky et al.), 227, 11, 4, 0, 55",
    "VGG conv (Simonyan and Zisserman), 224, 3, 1, 1, 224",
    "LeNet-5 C1 (LeCun et al.), 32, 5, 1, 0, 28",
    "a 1x1 projection, 56, 1, 2, 0, 28",
  })
  void extentsOfPublishedLayers(String what, int ifm, int kernel, int stride, int pad, int ofm) {
    Network network =
        network(
            what,
            ifm(1, ifm, ifm),
            conv("it", filters(1), kernel(kernel), stride(stride), pad(pad)));
    assertThat(network.ofm()).isEqualTo(ifm(1, ofm, ofm));
  }

  @Test
  void tensorFlowsSamePaddingIsAsymmetric() {
    // 224 with stride 2 and kernel 3 pads 0 before and 1 after.
    assertThat(
            network(
                    "n",
                    ifm(3, 224, 224),
                    conv("it", filters(8), kernel(3), stride(2), pad(0, 0, 1, 1)))
                .ofm())
        .isEqualTo(ifm(8, 112, 112));
  }

  @ParameterizedTest(name = "ceil mode: {0} with kernel {1}, stride {2}, pad {3} is {4}")
  @CsvSource({
    "112, 3, 2, 0, 56", // GoogLeNet pool1
    "5, 2, 2, 0, 3", // the last window holds one pixel
    "4, 2, 2, 0, 2", // nothing is left over
    "2, 3, 2, 0, 1", // the only window is incomplete: GoogLeNet's pool4 on CIFAR images
    "3, 2, 2, 1, 2", // a third window would begin in the padding
    "5, 1, 3, 0, 2", // a third window would begin beyond the IFM
  })
  void ceilModeKeepsTheIncompleteWindow(int ifm, int kernel, int stride, int pad, int ofm) {
    FeatureMap in = ifm(1, ifm, ifm);
    assertThat(
            network("n", in, maxPool(kernel(kernel), stride(stride), pad(pad), ceilMode())).ofm())
        .isEqualTo(ifm(1, ofm, ofm));
  }

  @Test
  void theStrideOfAPoolingLayerIsItsKernelUnlessItIsGiven() {
    assertThat(network("n", ifm(2, 12, 12), maxPool(kernel(3, 2))).ofm()).isEqualTo(ifm(2, 4, 6));
    assertThat(network("n", ifm(2, 12, 12), avgPool(kernel(3), stride(1))).ofm())
        .isEqualTo(ifm(2, 10, 10));
  }

  @Test
  void noWindowOfAPoolingLayerHoldsPaddingOnly() {
    assertRefused(
        () -> network("n", ifm(3, 8, 6), maxPool(kernel(2), pad(2))),
        "maxPool \"input.maxPool\"",
        "pad(2, 2, 2, 2)",
        "kernel of 2x2",
        "3x8x6");
  }

  @Test
  void extentsBeyondAnIntegerAreRefusedAndNotWrappedAround() {
    // 1024 * 2^22 + 1 would be 1 in an int.
    assertRefused(
        () -> network("n", ifm(3, 4, 4), conv("c", filters(4), kernel(1025), dilation(1 << 22))),
        "conv \"c\"",
        "4294967297x4294967297");
    assertRefused(
        () -> network("n", ifm(3, 4, 4), conv("c", filters(4), kernel(1), pad(Integer.MAX_VALUE))),
        "conv \"c\"",
        "4294967298x4294967298");
    assertRefused(() -> ifm(1 << 11, 1 << 10, 1 << 10), "2048x1024x1024", "2.15e+09 elements");
    assertRefused(
        () -> network("n", ifm(1 << 20), fc("fc", 1 << 20)), "weights of fc \"fc\"", "1.10e+12");
  }
}
