package org.dlaclab.sim.reference;

import java.util.ArrayList;
import java.util.List;
import org.dlaclab.network.FeatureMap;
import org.dlaclab.network.Layer.Conv;
import org.dlaclab.tensor.Tensor;

/**
 * How the two backward passes of a convolution become products. Each is written down as the list of
 * places that its rows, columns and reduction steps stand for, in the machine model's order, and
 * then as the operands that meet there.
 */
final class Backward {
  /** One tap of the kernel and a filter. */
  private record TapOfFilter(int r, int s, int filter) {}

  /** A weight's place in its filter, the channel counted within the group. */
  private record TapOfChannel(int r, int s, int c) {}

  /** A pixel of a feature map. */
  private record Pixel(int image, int y, int x) {}

  /** A product, {@code [m][k]} and {@code [n][k]}, and where its results go, {@code [m][n]}. */
  static final class Product {
    final Operand rows;
    final Operand columns;
    final int reduction;
    final int[][] target;

    Product(int m, int n, int k) {
      rows = new Operand(new float[m][k], new int[m][k]);
      columns = new Operand(new float[n][k], new int[n][k]);
      reduction = k;
      target = new int[m][n];
    }
  }

  private final Conv conv;
  private final int batch;
  private final FeatureMap ifm;
  private final FeatureMap ofm;
  private final int filtersPerGroup;
  private final int channelsPerGroup;

  Backward(Conv conv, int batch, FeatureMap ifm, FeatureMap ofm) {
    this.conv = conv;
    this.batch = batch;
    this.ifm = ifm;
    this.ofm = ofm;
    this.filtersPerGroup = conv.filters() / conv.groups();
    this.channelsPerGroup = ifm.channels() / conv.groups();
  }

  /**
   * The gradient of the IFM: of each group in turn, its stride phases in turn, those only that have
   * a tap and a pixel.
   *
   * @param weights {@code K x C/groups x R x S}
   * @param gradient of the OFM, {@code B x K x P x Q}
   */
  List<Product> dgrad(Tensor weights, Tensor gradient) {
    List<Product> products = new ArrayList<>();
    for (int group = 0; group < conv.groups(); group++) {
      for (int i = 0; i < conv.stride().height(); i++) {
        for (int j = 0; j < conv.stride().width(); j++) {
          List<Pixel> pixels = pixelsOfPhase(i, j);
          List<TapOfFilter> steps = stepsOfPhase(group, i, j);
          if (!pixels.isEmpty() && !steps.isEmpty()) {
            products.add(phase(group, pixels, steps, weights, gradient));
          }
        }
      }
    }
    return products;
  }

  private List<Pixel> pixelsOfPhase(int i, int j) {
    List<Pixel> pixels = new ArrayList<>();
    for (int b = 0; b < batch; b++) {
      for (int h = 0; h < ifm.height(); h++) {
        for (int w = 0; w < ifm.width(); w++) {
          if (h % conv.stride().height() == i && w % conv.stride().width() == j) {
            pixels.add(new Pixel(b, h, w));
          }
        }
      }
    }
    return pixels;
  }

  private List<TapOfFilter> stepsOfPhase(int group, int i, int j) {
    List<TapOfFilter> steps = new ArrayList<>();
    for (int r = 0; r < conv.kernel().height(); r++) {
      for (int s = 0; s < conv.kernel().width(); s++) {
        int down = i + conv.padding().top() - r * conv.dilation().height();
        int right = j + conv.padding().left() - s * conv.dilation().width();
        if (Math.floorMod(down, conv.stride().height()) == 0
            && Math.floorMod(right, conv.stride().width()) == 0) {
          for (int f = 0; f < filtersPerGroup; f++) {
            steps.add(new TapOfFilter(r, s, group * filtersPerGroup + f));
          }
        }
      }
    }
    return steps;
  }

  private Product phase(
      int group, List<Pixel> pixels, List<TapOfFilter> steps, Tensor weights, Tensor gradient) {
    Product product = new Product(channelsPerGroup, pixels.size(), steps.size());
    for (int k = 0; k < steps.size(); k++) {
      TapOfFilter step = steps.get(k);
      for (int c = 0; c < channelsPerGroup; c++) {
        put(product.rows, c, k, weights, weightIndex(step.filter(), c, step.r(), step.s()));
      }
      for (int n = 0; n < pixels.size(); n++) {
        Pixel pixel = pixels.get(n);
        int down = pixel.y() + conv.padding().top() - step.r() * conv.dilation().height();
        int right = pixel.x() + conv.padding().left() - step.s() * conv.dilation().width();
        int element =
            index(
                ofm,
                pixel.image(),
                step.filter(),
                Math.floorDiv(down, conv.stride().height()),
                Math.floorDiv(right, conv.stride().width()));
        put(product.columns, n, k, gradient, element);
      }
    }
    for (int c = 0; c < channelsPerGroup; c++) {
      for (int n = 0; n < pixels.size(); n++) {
        Pixel pixel = pixels.get(n);
        product.target[c][n] =
            index(ifm, pixel.image(), group * channelsPerGroup + c, pixel.y(), pixel.x());
      }
    }
    return product;
  }

  /**
   * The gradient of the weights, of each group in turn.
   *
   * @param gradient of the OFM, {@code B x K x P x Q}
   * @param input the IFM, {@code B x C x H x W}
   */
  List<Product> wgrad(Tensor gradient, Tensor input) {
    List<Pixel> steps = new ArrayList<>();
    for (int b = 0; b < batch; b++) {
      for (int p = 0; p < ofm.height(); p++) {
        for (int q = 0; q < ofm.width(); q++) {
          steps.add(new Pixel(b, p, q));
        }
      }
    }
    List<TapOfChannel> places = new ArrayList<>();
    for (int r = 0; r < conv.kernel().height(); r++) {
      for (int s = 0; s < conv.kernel().width(); s++) {
        for (int c = 0; c < channelsPerGroup; c++) {
          places.add(new TapOfChannel(r, s, c));
        }
      }
    }
    List<Product> products = new ArrayList<>();
    for (int group = 0; group < conv.groups(); group++) {
      products.add(group(group, places, steps, gradient, input));
    }
    return products;
  }

  private Product group(
      int group, List<TapOfChannel> places, List<Pixel> steps, Tensor gradient, Tensor input) {
    Product product = new Product(filtersPerGroup, places.size(), steps.size());
    for (int k = 0; k < steps.size(); k++) {
      Pixel out = steps.get(k);
      for (int f = 0; f < filtersPerGroup; f++) {
        int element = index(ofm, out.image(), group * filtersPerGroup + f, out.y(), out.x());
        put(product.rows, f, k, gradient, element);
      }
      for (int n = 0; n < places.size(); n++) {
        TapOfChannel place = places.get(n);
        int element =
            index(
                ifm,
                out.image(),
                group * channelsPerGroup + place.c(),
                out.y() * conv.stride().height()
                    + place.r() * conv.dilation().height()
                    - conv.padding().top(),
                out.x() * conv.stride().width()
                    + place.s() * conv.dilation().width()
                    - conv.padding().left());
        put(product.columns, n, k, input, element);
      }
    }
    for (int f = 0; f < filtersPerGroup; f++) {
      for (int n = 0; n < places.size(); n++) {
        TapOfChannel place = places.get(n);
        product.target[f][n] =
            weightIndex(group * filtersPerGroup + f, place.c(), place.r(), place.s());
      }
    }
    return product;
  }

  private int weightIndex(int filter, int c, int r, int s) {
    return ((filter * channelsPerGroup + c) * conv.kernel().height() + r) * conv.kernel().width()
        + s;
  }

  /** The place of a value in its tensor, if it is inside of the map. */
  private static int index(FeatureMap map, int image, int channel, int y, int x) {
    boolean inside = y >= 0 && y < map.height() && x >= 0 && x < map.width();
    return inside
        ? ((image * map.channels() + channel) * map.height() + y) * map.width() + x
        : Operand.PADDING;
  }

  private static void put(Operand operand, int row, int k, Tensor tensor, int element) {
    operand.elements[row][k] = element;
    operand.values[row][k] = element == Operand.PADDING ? 0 : tensor.get(element);
  }
}
