package org.dlaclab.sim;

import org.dlaclab.error.Check;
import org.dlaclab.network.FeatureMap;
import org.dlaclab.network.Layer;
import org.dlaclab.network.Node;
import org.dlaclab.tensor.BitMatrix;

/**
 * Lowers a layer to masked products, one per group: rows are the group's filters, columns the
 * output pixels of the batch, and the reduction runs over r, s, c with c fastest.
 */
final class Lowering {
  private final Node layer;
  private final Layer.Conv conv;
  private final int channels;

  Lowering(Node layer) {
    this.layer = layer;
    this.conv = layer.conv();
    this.channels = layer.ifm().channels() / conv.groups();
  }

  /**
   * Refuses a layer whose masks cannot fit the heap together, before the first of them is made.
   *
   * @param batch images
   */
  void requireHeap(int batch) {
    FeatureMap in = layer.ifm();
    double ifm = (double) batch * in.pixels() * BitMatrix.wordsPerRow(in.channels());
    int reduction = conv.kernel().height() * conv.kernel().width() * channels;
    double lowered =
        isPointwise()
            ? 0
            : (double) batch * layer.ofm().pixels() * BitMatrix.wordsPerRow(reduction);
    Check.fitsHeap(
        "the IFM of layer \""
            + layer.name()
            + "\" (a bit per element, with its overlapping windows side by side)",
        (ifm + lowered) * Long.BYTES);
  }

  int groups() {
    return conv.groups();
  }

  /**
   * @param weights {@code K x (R * S * C/groups)}
   * @param ifm {@code (batch * H * W) x C}
   */
  MaskedProduct product(int group, BitMatrix weights, BitMatrix ifm, boolean multiplierFree) {
    return new MaskedProduct(filters(group, weights), columns(group, ifm), multiplierFree);
  }

  private BitMatrix filters(int group, BitMatrix weights) {
    if (groups() == 1) {
      return weights;
    }
    int filters = conv.filters() / groups();
    int perRow = weights.wordsPerRow();
    long[] words = new long[filters * perRow];
    for (int f = 0; f < filters; f++) {
      for (int w = 0; w < perRow; w++) {
        words[f * perRow + w] = weights.word(group * filters + f, w);
      }
    }
    return BitMatrix.of(filters, weights.columns(), words);
  }

  private BitMatrix columns(int group, BitMatrix ifm) {
    if (isPointwise()) {
      return ifm;
    }
    FeatureMap in = layer.ifm();
    FeatureMap out = layer.ofm();
    int batch = ifm.rows() / in.pixels();
    int reduction = conv.kernel().height() * conv.kernel().width() * channels;
    long columns = (long) batch * out.pixels();
    int perRow = BitMatrix.wordsPerRow(reduction);
    long[] words =
        BitMatrix.allocate("the lowered IFM of layer \"" + layer.name() + "\"", columns, reduction);
    for (int b = 0, n = 0; b < batch; b++) {
      for (int p = 0; p < out.height(); p++) {
        for (int q = 0; q < out.width(); q++, n++) {
          int bit = 0;
          for (int r = 0; r < conv.kernel().height(); r++) {
            int h =
                p * conv.stride().height() - conv.padding().top() + r * conv.dilation().height();
            for (int s = 0; s < conv.kernel().width(); s++, bit += channels) {
              int w =
                  q * conv.stride().width() - conv.padding().left() + s * conv.dilation().width();
              if (h >= 0 && h < in.height() && w >= 0 && w < in.width()) {
                copy(
                    ifm,
                    (b * in.height() + h) * in.width() + w,
                    group * channels,
                    words,
                    n * perRow,
                    bit);
              }
            }
          }
        }
      }
    }
    return BitMatrix.of((int) columns, reduction, words);
  }

  /** Whether the lowered IFM is the IFM: a plain 1x1 convolution. */
  private boolean isPointwise() {
    return groups() == 1
        && conv.kernel().height() == 1
        && conv.kernel().width() == 1
        && layer.ofm().height() == layer.ifm().height()
        && layer.ofm().width() == layer.ifm().width()
        && conv.stride().height() == 1
        && conv.stride().width() == 1
        && conv.padding().top() == 0
        && conv.padding().left() == 0;
  }

  /**
   * Copies {@code channels} bits of a pixel to bit {@code to} of the row of {@code words} that
   * starts at {@code base}.
   */
  private void copy(BitMatrix ifm, int pixel, int from, long[] words, int base, int to) {
    int done = 0;
    while (done < channels) {
      int source = from + done;
      int target = to + done;
      int count = Math.min(channels - done, Long.SIZE - Math.max(source & 63, target & 63));
      long bits = ifm.word(pixel, source >>> 6) >>> source;
      if (count < Long.SIZE) {
        bits &= (1L << count) - 1;
      }
      words[base + (target >>> 6)] |= bits << target;
      done += count;
    }
  }
}
