package org.dlaclab.zoo;

import static org.dlaclab.network.Layers.branch;
import static org.dlaclab.network.Layers.branches;
import static org.dlaclab.network.Layers.ceilMode;
import static org.dlaclab.network.Layers.conv;
import static org.dlaclab.network.Layers.filters;
import static org.dlaclab.network.Layers.globalAvgPool;
import static org.dlaclab.network.Layers.kernel;
import static org.dlaclab.network.Layers.maxPool;
import static org.dlaclab.network.Layers.pad;
import static org.dlaclab.network.Layers.relu;
import static org.dlaclab.network.Layers.softmax;
import static org.dlaclab.network.Layers.stride;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.dlaclab.network.Part;

/** SqueezeNets: fire modules, which squeeze channels before 3x3 convolutions see them. */
final class SqueezeNets {
  private SqueezeNets() {}

  /** Iandola et al., arXiv:1602.07360, table 1. */
  static List<Part> v10(int classes) {
    return of(classes, 96, 7, Set.of(3, 7));
  }

  /** The authors' later one, which pools earlier. */
  static List<Part> v11(int classes) {
    return of(classes, 64, 3, Set.of(2, 4));
  }

  /**
   * All that the two have in common.
   *
   * @param pooled behind which of the fire modules, 1 first, a pooling stands
   */
  private static List<Part> of(int classes, int width, int kernel, Set<Integer> pooled) {
    int[] squeezed = {16, 16, 32, 32, 48, 48, 64, 64};
    List<Part> parts =
        new ArrayList<>(
            List.of(
                conv("conv1", filters(width), kernel(kernel), stride(2)),
                relu(),
                maxPool(kernel(3), stride(2), ceilMode())));
    for (int i = 0; i < squeezed.length; i++) {
      fire(parts, "fire" + (i + 2), squeezed[i]);
      if (pooled.contains(i + 1)) {
        parts.add(maxPool(kernel(3), stride(2), ceilMode()));
      }
    }
    parts.addAll(
        List.of(conv("conv10", filters(classes), kernel(1)), relu(), globalAvgPool(), softmax()));
    return parts;
  }

  private static void fire(List<Part> parts, String at, int squeezed) {
    int expanded = 4 * squeezed;
    parts.add(conv(at + "_squeeze", filters(squeezed), kernel(1)));
    parts.add(relu());
    parts.add(
        branches(
            at,
            branch(conv(at + "_1x1", filters(expanded), kernel(1)), relu()),
            branch(conv(at + "_3x3", filters(expanded), kernel(3), pad(1)), relu())));
  }
}
