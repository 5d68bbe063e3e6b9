package org.dlaclab.zoo;

import static org.dlaclab.network.Layers.avgPool;
import static org.dlaclab.network.Layers.batchNorm;
import static org.dlaclab.network.Layers.branch;
import static org.dlaclab.network.Layers.branches;
import static org.dlaclab.network.Layers.channelShuffle;
import static org.dlaclab.network.Layers.channels;
import static org.dlaclab.network.Layers.conv;
import static org.dlaclab.network.Layers.depthwise;
import static org.dlaclab.network.Layers.fc;
import static org.dlaclab.network.Layers.filters;
import static org.dlaclab.network.Layers.globalAvgPool;
import static org.dlaclab.network.Layers.groups;
import static org.dlaclab.network.Layers.kernel;
import static org.dlaclab.network.Layers.maxPool;
import static org.dlaclab.network.Layers.noBias;
import static org.dlaclab.network.Layers.pad;
import static org.dlaclab.network.Layers.relu;
import static org.dlaclab.network.Layers.residual;
import static org.dlaclab.network.Layers.softmax;
import static org.dlaclab.network.Layers.stride;

import java.util.ArrayList;
import java.util.List;
import org.dlaclab.network.Part;

/** ShuffleNets: cheap 1x1 convolutions, whose channels are dealt out anew in between. */
final class ShuffleNets {
  private static final int STEM = 24;

  private ShuffleNets() {}

  /** Zhang et al., CVPR 2018, table 1, the column of 3 groups. */
  static List<Part> v1(int classes) {
    List<Part> parts = stem();
    int[] widths = {240, 480, 960};
    int[] repeats = {3, 7, 3};
    int from = STEM;
    for (int s = 0; s < widths.length; s++) {
      String stage = "stage" + (s + 2) + "_";
      // The first 1x1 convolution of all has too few channels for groups.
      int groups = s == 0 ? 1 : 3;
      Part[] beside = unit(stage + 1, widths[s], widths[s] - from, 2, groups);
      parts.add(branches(stage + 1, branch(avgPool(kernel(3), stride(2), pad(1))), branch(beside)));
      parts.add(relu());
      for (int b = 2; b <= repeats[s] + 1; b++) {
        parts.add(residual(unit(stage + b, widths[s], widths[s], 1, 3)));
        parts.add(relu());
      }
      from = widths[s];
    }
    parts.addAll(List.of(globalAvgPool(), fc("fc", classes), softmax()));
    return parts;
  }

  /** Figure 2 (b) and (c): the middle has a quarter of the unit's width. */
  private static Part[] unit(String at, int width, int ofm, int step, int firstGroups) {
    return new Part[] {
      conv(at + "a", filters(width / 4), kernel(1), groups(firstGroups), noBias()),
      batchNorm(),
      relu(),
      channelShuffle(3),
      depthwise(at + "b", kernel(3), stride(step), pad(1), noBias()),
      batchNorm(),
      conv(at + "c", filters(ofm), kernel(1), groups(3), noBias()),
      batchNorm()
    };
  }

  /** Ma et al., ECCV 2018, table 5, the column of width 1. */
  static List<Part> v2(int classes) {
    List<Part> parts = stem();
    int[] widths = {116, 232, 464};
    int[] repeats = {3, 7, 3};
    for (int s = 0; s < widths.length; s++) {
      String stage = "stage" + (s + 2) + "_";
      int half = widths[s] / 2;
      parts.add(
          branches(
              stage + 1,
              branch(
                  depthwise(stage + "1_side_dw", kernel(3), stride(2), pad(1), noBias()),
                  batchNorm(),
                  conv(stage + "1_side_pw", filters(half), kernel(1), noBias()),
                  batchNorm(),
                  relu()),
              branch(split(stage + 1, half, 2))));
      parts.add(channelShuffle(2));
      for (int b = 2; b <= repeats[s] + 1; b++) {
        List<Part> right = new ArrayList<>(List.of(channels(half, half)));
        right.addAll(List.of(split(stage + b, half, 1)));
        parts.add(
            branches(stage + b, branch(channels(0, half)), branch(right.toArray(Part[]::new))));
        parts.add(channelShuffle(2));
      }
    }
    parts.addAll(
        List.of(
            conv("conv5", filters(1024), kernel(1), noBias()),
            batchNorm(),
            relu(),
            globalAvgPool(),
            fc("fc", classes),
            softmax()));
    return parts;
  }

  /** Figure 3 (c) and (d): the path with the convolutions. */
  private static Part[] split(String at, int width, int step) {
    return new Part[] {
      conv(at + "a", filters(width), kernel(1), noBias()),
      batchNorm(),
      relu(),
      depthwise(at + "b", kernel(3), stride(step), pad(1), noBias()),
      batchNorm(),
      conv(at + "c", filters(width), kernel(1), noBias()),
      batchNorm(),
      relu()
    };
  }

  private static List<Part> stem() {
    return new ArrayList<>(
        List.of(
            conv("conv1", filters(STEM), kernel(3), stride(2), pad(1), noBias()),
            batchNorm(),
            relu(),
            maxPool(kernel(3), stride(2), pad(1))));
  }
}
