package org.dlaclab.sim.reference;

import org.dlaclab.network.FeatureMap;
import org.dlaclab.network.Layer.Conv;
import org.dlaclab.tensor.Tensor;

/**
 * How a convolution becomes products: one per group, whose rows are the group's filters, whose
 * columns are the OFM's pixels, and whose reduction runs over {@code (r, s, c)}, c fastest.
 */
final class Lowering {
  private final Conv conv;
  private final Tensor weights;
  private final Tensor ifm;
  private final int batch;
  private final FeatureMap ifmMap;
  private final FeatureMap ofmMap;
  private final int filtersPerGroup;
  private final int channelsPerGroup;

  /**
   * @param weights {@code K x C/groups x R x S}
   * @param ifm {@code B x C x H x W}
   */
  Lowering(Conv conv, Tensor weights, Tensor ifm, int batch, FeatureMap ifmMap, FeatureMap ofmMap) {
    this.conv = conv;
    this.weights = weights;
    this.ifm = ifm;
    this.batch = batch;
    this.ifmMap = ifmMap;
    this.ofmMap = ofmMap;
    this.filtersPerGroup = conv.filters() / conv.groups();
    this.channelsPerGroup = ifmMap.channels() / conv.groups();
  }

  /** Length of the reduction: {@code R * S * C/groups}. */
  int reduction() {
    return conv.kernel().height() * conv.kernel().width() * channelsPerGroup;
  }

  /** The group's filters, {@code [m][k]}. */
  Operand rows(int group) {
    float[][] values = new float[filtersPerGroup][reduction()];
    int[][] elements = new int[filtersPerGroup][reduction()];
    for (int m = 0; m < filtersPerGroup; m++) {
      int filter = group * filtersPerGroup + m;
      int k = 0;
      for (int r = 0; r < conv.kernel().height(); r++) {
        for (int s = 0; s < conv.kernel().width(); s++) {
          for (int c = 0; c < channelsPerGroup; c++) {
            elements[m][k] = weight(filter, c, r, s);
            values[m][k] = weights.get(elements[m][k]);
            k++;
          }
        }
      }
    }
    return new Operand(values, elements);
  }

  /** The IFM values that each OFM pixel {@code (b, p, q)} of the group needs, {@code [n][k]}. */
  Operand columns(int group) {
    int count = batch * ofmMap.height() * ofmMap.width();
    float[][] values = new float[count][reduction()];
    int[][] elements = new int[count][reduction()];
    int n = 0;
    for (int b = 0; b < batch; b++) {
      for (int p = 0; p < ofmMap.height(); p++) {
        for (int q = 0; q < ofmMap.width(); q++) {
          int k = 0;
          for (int r = 0; r < conv.kernel().height(); r++) {
            for (int s = 0; s < conv.kernel().width(); s++) {
              int h =
                  p * conv.stride().height() + r * conv.dilation().height() - conv.padding().top();
              int w =
                  q * conv.stride().width() + s * conv.dilation().width() - conv.padding().left();
              for (int c = 0; c < channelsPerGroup; c++) {
                int element = pixel(b, group * channelsPerGroup + c, h, w);
                elements[n][k] = element;
                values[n][k] = element == Operand.PADDING ? 0 : ifm.get(element);
                k++;
              }
            }
          }
          n++;
        }
      }
    }
    return new Operand(values, elements);
  }

  /** Puts a group's product, {@code [m][n]}, in its place in the OFM, {@code B x K x P x Q}. */
  void store(int group, float[][] product, float[] ofm) {
    int pixels = ofmMap.height() * ofmMap.width();
    for (int m = 0; m < product.length; m++) {
      int filter = group * filtersPerGroup + m;
      for (int n = 0; n < product[m].length; n++) {
        int image = n / pixels;
        ofm[(image * conv.filters() + filter) * pixels + n % pixels] = product[m][n];
      }
    }
  }

  private int weight(int filter, int c, int r, int s) {
    int height = conv.kernel().height();
    int width = conv.kernel().width();
    return ((filter * channelsPerGroup + c) * height + r) * width + s;
  }

  /** The index of the IFM's element at this position, if it is one. */
  private int pixel(int image, int channel, int h, int w) {
    if (h < 0 || h >= ifmMap.height() || w < 0 || w >= ifmMap.width()) {
      return Operand.PADDING;
    }
    int plane = image * ifmMap.channels() + channel;
    return (plane * ifmMap.height() + h) * ifmMap.width() + w;
  }
}
