package org.dlaclab.zoo;

import static org.dlaclab.network.Layers.batchNorm;
import static org.dlaclab.network.Layers.conv;
import static org.dlaclab.network.Layers.depthwise;
import static org.dlaclab.network.Layers.fc;
import static org.dlaclab.network.Layers.filters;
import static org.dlaclab.network.Layers.gate;
import static org.dlaclab.network.Layers.globalAvgPool;
import static org.dlaclab.network.Layers.kernel;
import static org.dlaclab.network.Layers.noBias;
import static org.dlaclab.network.Layers.pad;
import static org.dlaclab.network.Layers.relu;
import static org.dlaclab.network.Layers.relu6;
import static org.dlaclab.network.Layers.residual;
import static org.dlaclab.network.Layers.sigmoid;
import static org.dlaclab.network.Layers.softmax;
import static org.dlaclab.network.Layers.stride;
import static org.dlaclab.network.Layers.swish;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.dlaclab.network.Part;

/** MobileNets and what grew from them: depthwise convolutions between 1x1 convolutions. */
final class MobileNets {
  private MobileNets() {}

  /** Howard et al., arXiv:1704.04861, table 1; the stride of its last stage is a misprint for 1. */
  static List<Part> v1(int classes) {
    int[] widths = {64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024};
    List<Part> parts = new ArrayList<>(normalized(32, 3, 2, "conv1"));
    parts.add(relu());
    for (int i = 0, channels = 32; i < widths.length; channels = widths[i], i++) {
      // A stage that doubles the width halves the feature map, but for the first.
      int step = i > 0 && widths[i] > channels ? 2 : 1;
      String at = "conv" + (i + 2);
      parts.addAll(
          List.of(
              depthwise(at + "_dw", kernel(3), stride(step), pad(1), noBias()),
              batchNorm(),
              relu(),
              conv(at + "_pw", filters(widths[i]), kernel(1), noBias()),
              batchNorm(),
              relu()));
    }
    parts.addAll(List.of(globalAvgPool(), fc("fc", classes), softmax()));
    return parts;
  }

  /**
   * A stage of inverted residuals.
   *
   * @param expansion how many times the block's IFM channels its depthwise convolution has
   * @param kernel extent of that convolution
   * @param filters that the block ends with
   * @param blocks how many
   * @param step of the first block
   */
  private record Stage(int expansion, int kernel, int filters, int blocks, int step) {}

  /** Sandler et al., CVPR 2018, table 2. */
  static List<Part> v2(int classes) {
    return inverted(
        classes,
        MobileNets::relu6Part,
        false,
        new Stage(1, 3, 16, 1, 1),
        new Stage(6, 3, 24, 2, 2),
        new Stage(6, 3, 32, 3, 2),
        new Stage(6, 3, 64, 4, 2),
        new Stage(6, 3, 96, 3, 1),
        new Stage(6, 3, 160, 3, 2),
        new Stage(6, 3, 320, 1, 1));
  }

  /** Tan and Le, ICML 2019, table 1. */
  static List<Part> efficientNetB0(int classes) {
    return inverted(
        classes,
        MobileNets::swishPart,
        true,
        new Stage(1, 3, 16, 1, 1),
        new Stage(6, 3, 24, 2, 2),
        new Stage(6, 5, 40, 2, 2),
        new Stage(6, 3, 80, 3, 2),
        new Stage(6, 5, 112, 3, 1),
        new Stage(6, 5, 192, 4, 2),
        new Stage(6, 3, 320, 1, 1));
  }

  private static Part relu6Part() {
    return relu6();
  }

  private static Part swishPart() {
    return swish();
  }

  private static List<Part> inverted(
      int classes, Supplier<Part> activation, boolean squeezed, Stage... stages) {
    List<Part> parts = new ArrayList<>(normalized(32, 3, 2, "conv1"));
    parts.add(activation.get());
    int channels = 32;
    for (int s = 0; s < stages.length; s++) {
      Stage stage = stages[s];
      for (int b = 1; b <= stage.blocks(); b++) {
        int step = b == 1 ? stage.step() : 1;
        Part[] block =
            block("block" + (s + 1) + "_" + b, channels, stage, step, activation, squeezed);
        if (step == 1 && channels == stage.filters()) {
          parts.add(residual(block));
        } else {
          parts.addAll(List.of(block));
        }
        channels = stage.filters();
      }
    }
    parts.addAll(
        List.of(
            conv("conv_last", filters(1280), kernel(1), noBias()),
            batchNorm(),
            activation.get(),
            globalAvgPool(),
            fc("fc", classes),
            softmax()));
    return parts;
  }

  /** Expansion, depthwise convolution, squeeze-and-excitation if any, and a linear projection. */
  private static Part[] block(
      String at, int channels, Stage stage, int step, Supplier<Part> activation, boolean squeezed) {
    int width = stage.expansion() * channels;
    List<Part> parts = new ArrayList<>();
    if (stage.expansion() > 1) {
      parts.addAll(
          List.of(
              conv(at + "_expand", filters(width), kernel(1), noBias()),
              batchNorm(),
              activation.get()));
    }
    parts.addAll(
        List.of(
            depthwise(
                at + "_dw",
                kernel(stage.kernel()),
                stride(step),
                pad(stage.kernel() / 2),
                noBias()),
            batchNorm(),
            activation.get()));
    if (squeezed) {
      // To a quarter of the block's own IFM channels, not of the expanded ones.
      parts.add(
          gate(
              globalAvgPool(),
              fc(at + "_squeeze", channels / 4),
              activation.get(),
              fc(at + "_excite", width),
              sigmoid()));
    }
    parts.addAll(
        List.of(conv(at + "_project", filters(stage.filters()), kernel(1), noBias()), batchNorm()));
    return parts.toArray(Part[]::new);
  }

  private static List<Part> normalized(int filters, int kernel, int step, String name) {
    return List.of(
        conv(name, filters(filters), kernel(kernel), stride(step), pad(kernel / 2), noBias()),
        batchNorm());
  }
}
