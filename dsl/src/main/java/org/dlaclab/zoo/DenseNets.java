package org.dlaclab.zoo;

import static org.dlaclab.network.Layers.avgPool;
import static org.dlaclab.network.Layers.batchNorm;
import static org.dlaclab.network.Layers.branch;
import static org.dlaclab.network.Layers.branches;
import static org.dlaclab.network.Layers.conv;
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
import java.util.List;
import org.dlaclab.network.Part;

/** DenseNets (Huang et al., CVPR 2017): each layer reads what all layers before it made. */
final class DenseNets {
  private DenseNets() {}

  /** Table 1, with growth rate 32: DenseNet-121 has 6, 12, 24 and 16 layers in its blocks. */
  static List<Part> of(int classes, int... layers) {
    int growth = 32;
    int channels = 2 * growth;
    List<Part> parts =
        new ArrayList<>(
            List.of(
                conv("conv1", filters(channels), kernel(7), stride(2), pad(3), noBias()),
                batchNorm(),
                relu(),
                maxPool(kernel(3), stride(2), pad(1))));
    for (int b = 0; b < layers.length; b++) {
      String block = "dense" + (b + 1) + "_";
      for (int i = 1; i <= layers[b]; i++) {
        parts.add(layer(block + i, growth));
        channels += growth;
      }
      boolean last = b == layers.length - 1;
      String at = last ? "norm_last" : "transition" + (b + 1);
      parts.add(batchNorm(last ? at : at + "_bn"));
      parts.add(relu());
      if (!last) {
        channels /= 2;
        parts.add(conv(at, filters(channels), kernel(1), noBias()));
        parts.add(avgPool(kernel(2)));
      }
    }
    parts.addAll(List.of(globalAvgPool(), fc("fc", classes), softmax()));
    return parts;
  }

  /** Normalization and ReLU come before each convolution, over all channels so far. */
  private static Part layer(String at, int growth) {
    return branches(
        at,
        branch(),
        branch(
            batchNorm(at + "a_bn"),
            relu(),
            conv(at + "a", filters(4 * growth), kernel(1), noBias()),
            batchNorm(at + "b_bn"),
            relu(),
            conv(at + "b", filters(growth), kernel(3), pad(1), noBias())));
  }
}
