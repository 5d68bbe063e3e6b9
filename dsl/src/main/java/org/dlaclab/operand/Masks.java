package org.dlaclab.operand;

import java.nio.FloatBuffer;
import org.dlaclab.error.DlacException;
import org.dlaclab.network.FeatureMap;
import org.dlaclab.network.Layer;
import org.dlaclab.network.Node;
import org.dlaclab.network.Weights;
import org.dlaclab.tensor.BitMatrix;
import org.dlaclab.tensor.Tensor;

/** The non-zeros of weights and feature maps, in the order in which {@link Operands} has them. */
public final class Masks {
  private Masks() {}

  /**
   * The non-zeros of a grid layer's weights.
   *
   * @param weights of shape {@link Weights#shape}
   * @return {@code K x (R * S * C/groups)}, c fastest
   */
  public static BitMatrix weights(Node layer, Tensor weights) {
    if (!weights.shape().equals(Weights.shape(layer))) {
      throw new DlacException(
          "the weights of \"" + layer.name() + "\" have shape " + weights.shape(),
          "shape " + Weights.shape(layer),
          "take the weights from the network they were trained with");
    }
    Layer.Conv conv = layer.conv();
    int channels = layer.ifm().channels() / conv.groups();
    int taps = conv.kernel().height() * conv.kernel().width();
    int perRow = BitMatrix.wordsPerRow(taps * channels);
    long[] words =
        BitMatrix.allocate(
            "the weight mask of \"" + layer.name() + "\"", conv.filters(), taps * channels);
    for (int k = 0, i = 0; k < conv.filters(); k++) {
      for (int c = 0; c < channels; c++) {
        for (int tap = 0; tap < taps; tap++, i++) {
          if (weights.get(i) != 0) {
            int bit = tap * channels + c;
            words[k * perRow + (bit >>> 6)] |= 1L << bit;
          }
        }
      }
    }
    return BitMatrix.of(conv.filters(), taps * channels, words);
  }

  /** Room for the words of {@code (batch * H * W) x C} bits, all 0. */
  public static long[] allocate(String what, FeatureMap map, int batch) {
    return BitMatrix.allocate("the mask of " + what, (long) batch * map.pixels(), map.channels());
  }

  /**
   * Sets the bits of some images.
   *
   * @param what whose values these are, for errors
   * @param map shape of each image's feature map
   * @param first index of the first image
   * @param count number of images
   * @param values {@code count x C x H x W}, read from the buffer's position on
   * @param words from {@link #allocate}: a row of bits per pixel, w fastest, then h, then image
   * @throws DlacException if a value is NaN or infinite
   */
  public static void fill(
      String what, FeatureMap map, int first, int count, FloatBuffer values, long[] words) {
    int pixels = map.pixels();
    int perRow = BitMatrix.wordsPerRow(map.channels());
    float[] plane = new float[pixels];
    for (int b = 0; b < count; b++) {
      for (int c = 0; c < map.channels(); c++) {
        values.get(plane);
        int word = (first + b) * pixels * perRow + (c >>> 6);
        int bit = c & 63;
        float finite = 0;
        for (float value : plane) {
          words[word] |= (value != 0 ? 1L : 0L) << bit;
          word += perRow;
          finite += value * 0;
        }
        if (finite != 0) {
          throw new DlacException(
              what + " holds NaN or infinity in channel " + c + " of image " + (first + b),
              "finite numbers",
              "look for a diverged training run, a damaged file, or weights that blow up");
        }
      }
    }
  }

  /**
   * The non-zeros of one image.
   *
   * @param values {@code C x H x W}
   * @return {@code (H * W) x C}
   */
  public static BitMatrix featureMap(String what, FeatureMap map, FloatBuffer values) {
    long[] words = allocate(what, map, 1);
    fill(what, map, 0, 1, values, words);
    return BitMatrix.of(map.pixels(), map.channels(), words);
  }
}
