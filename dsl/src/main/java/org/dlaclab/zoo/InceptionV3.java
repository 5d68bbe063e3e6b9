package org.dlaclab.zoo;

import static org.dlaclab.network.Layers.avgPool;
import static org.dlaclab.network.Layers.branch;
import static org.dlaclab.network.Layers.branches;
import static org.dlaclab.network.Layers.conv;
import static org.dlaclab.network.Layers.countPadding;
import static org.dlaclab.network.Layers.fc;
import static org.dlaclab.network.Layers.filters;
import static org.dlaclab.network.Layers.globalAvgPool;
import static org.dlaclab.network.Layers.kernel;
import static org.dlaclab.network.Layers.maxPool;
import static org.dlaclab.network.Layers.noBias;
import static org.dlaclab.network.Layers.pad;
import static org.dlaclab.network.Layers.relu;
import static org.dlaclab.network.Layers.softmax;
import static org.dlaclab.network.Layers.stride;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.dlaclab.network.Layer;
import org.dlaclab.network.Option.Kernel;
import org.dlaclab.network.Part;

/**
 * Inception-v3 (Szegedy et al., CVPR 2016, table 1 and figures 5 to 7), with the widths of the
 * authors' release, which torchvision has, too; without the auxiliary classifier of training.
 */
final class InceptionV3 {
  /** Of the authors' batch normalizations. */
  private static final float EPSILON = 1e-3f;

  private InceptionV3() {}

  static List<Part> of(int classes) {
    List<Part> parts = new ArrayList<>();
    parts.addAll(List.of(strided("conv1a", 32)));
    parts.addAll(List.of(unit("conv2a", 32, kernel(3), false)));
    parts.addAll(List.of(unit("conv2b", 64, kernel(3), true)));
    parts.add(maxPool(kernel(3), stride(2)));
    parts.addAll(List.of(unit("conv3b", 80, kernel(1), true)));
    parts.addAll(List.of(unit("conv4a", 192, kernel(3), false)));
    parts.add(maxPool(kernel(3), stride(2)));
    parts.add(fives("mixed5b", 32));
    parts.add(fives("mixed5c", 64));
    parts.add(fives("mixed5d", 64));
    parts.add(
        branches(
            "mixed6a",
            path(strided("mixed6a-3x3", 384)),
            path(
                unit("mixed6a-dbl1", 64, kernel(1), true),
                unit("mixed6a-dbl2", 96, kernel(3), true),
                strided("mixed6a-dbl3", 96)),
            branch(maxPool(kernel(3), stride(2)))));
    parts.add(sevens("mixed6b", 128));
    parts.add(sevens("mixed6c", 160));
    parts.add(sevens("mixed6d", 160));
    parts.add(sevens("mixed6e", 192));
    parts.add(
        branches(
            "mixed7a",
            path(unit("mixed7a-3x3_reduce", 192, kernel(1), true), strided("mixed7a-3x3", 320)),
            path(
                unit("mixed7a-7x7_reduce", 192, kernel(1), true),
                unit("mixed7a-1x7", 192, kernel(1, 7), true),
                unit("mixed7a-7x1", 192, kernel(7, 1), true),
                strided("mixed7a-7x7", 192)),
            branch(maxPool(kernel(3), stride(2)))));
    parts.add(widened("mixed7b"));
    parts.add(widened("mixed7c"));
    parts.addAll(List.of(globalAvgPool(), fc("fc", classes), softmax()));
    return parts;
  }

  /** Figure 5: a 5x5 and two 3x3 convolutions. */
  private static Part fives(String at, int pooled) {
    return branches(
        at,
        branch(unit(at + "-1x1", 64, kernel(1), true)),
        path(unit(at + "-5x5_reduce", 48, kernel(1), true), unit(at + "-5x5", 64, kernel(5), true)),
        path(
            unit(at + "-dbl1", 64, kernel(1), true),
            unit(at + "-dbl2", 96, kernel(3), true),
            unit(at + "-dbl3", 96, kernel(3), true)),
        pool(at, pooled));
  }

  /** Figure 6: 7x7 convolutions as 1x7 and 7x1. */
  private static Part sevens(String at, int width) {
    return branches(
        at,
        branch(unit(at + "-1x1", 192, kernel(1), true)),
        path(
            unit(at + "-7x7_reduce", width, kernel(1), true),
            unit(at + "-1x7", width, kernel(1, 7), true),
            unit(at + "-7x1", 192, kernel(7, 1), true)),
        path(
            unit(at + "-dbl1", width, kernel(1), true),
            unit(at + "-dbl2", width, kernel(7, 1), true),
            unit(at + "-dbl3", width, kernel(1, 7), true),
            unit(at + "-dbl4", width, kernel(7, 1), true),
            unit(at + "-dbl5", 192, kernel(1, 7), true)),
        pool(at, 192));
  }

  /** Figure 7: 1x3 and 3x1 convolutions side by side. */
  private static Part widened(String at) {
    return branches(
        at,
        branch(unit(at + "-1x1", 320, kernel(1), true)),
        path(unit(at + "-3x3_reduce", 384, kernel(1), true), sides(at + "-3x3")),
        path(
            unit(at + "-dbl1", 448, kernel(1), true),
            unit(at + "-dbl2", 384, kernel(3), true),
            sides(at + "-dbl3")),
        pool(at, 192));
  }

  private static Part[] sides(String at) {
    return new Part[] {
      branches(
          at,
          branch(unit(at + "_1x3", 384, kernel(1, 3), true)),
          branch(unit(at + "_3x1", 384, kernel(3, 1), true)))
    };
  }

  private static Part.Branch pool(String at, int width) {
    return path(
        new Part[] {avgPool(kernel(3), stride(1), pad(1), countPadding())},
        unit(at + "-pool", width, kernel(1), true));
  }

  private static Part.Branch path(Part[]... units) {
    return branch(Arrays.stream(units).flatMap(Arrays::stream).toArray(Part[]::new));
  }

  private static Part[] strided(String name, int width) {
    return new Part[] {
      conv(name, filters(width), kernel(3), stride(2), noBias()), normalization(), relu()
    };
  }

  /**
   * A convolution with what follows it.
   *
   * @param padded whether the feature map keeps its extents
   */
  private static Part[] unit(String name, int width, Kernel kernel, boolean padded) {
    int vertical = padded ? kernel.height() / 2 : 0;
    int horizontal = padded ? kernel.width() / 2 : 0;
    return new Part[] {
      conv(name, filters(width), kernel, pad(vertical, horizontal), noBias()),
      normalization(),
      relu()
    };
  }

  private static Layer.BatchNorm normalization() {
    return new Layer.BatchNorm("", EPSILON);
  }
}
