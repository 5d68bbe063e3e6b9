package org.dlaclab.data;

import java.util.Arrays;
import org.dlaclab.error.Check;

/**
 * Bilinear resampling with antialiasing, as PIL does it and with it the published evaluations of
 * most networks: each pixel is the mean of the original's pixels, weighted by a triangle about its
 * place that is two pixels wide, two of the result's where that is smaller. Columns first, then
 * rows; weights in whole numbers of 2^-22, results rounded to bytes in between. Its bytes are PIL's
 * to the last one.
 */
final class Resampling {
  /** Bits behind the point: with a byte and the sum of the weights they fit 32 bits. */
  private static final int PRECISION = 22;

  private Resampling() {}

  static Decoder.Picture resized(Decoder.Picture from, int height, int width) {
    Check.fitsArray("an image of " + height + "x" + width, 3.0 * height * width);
    Check.fitsArray("an image of " + from.height() + "x" + width, 3.0 * from.height() * width);
    int channels = from.channels();
    byte[] samples = from.samples();
    if (width != from.width()) {
      samples = alongRows(samples, channels * from.height(), from.width(), width);
    }
    if (height != from.height()) {
      samples = alongColumns(samples, channels, from.height(), height, width);
    }
    return new Decoder.Picture(channels, height, width, samples);
  }

  /** Which pixels of a line a pixel is made of, and with which weights. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Taps(int first, int[] weights) {}

  private static Taps[] taps(int from, int to) {
    double scale = (double) from / to;
    double support = Math.max(scale, 1);
    Taps[] taps = new Taps[to];
    for (int i = 0; i < to; i++) {
      double center = (i + 0.5) * scale;
      int first = Math.max(0, (int) (center - support + 0.5));
      int end = Math.min(from, (int) (center + support + 0.5));
      double[] weights = new double[end - first];
      double sum = 0;
      for (int j = 0; j < weights.length; j++) {
        double distance = Math.abs((j + first - center + 0.5) / support);
        weights[j] = Math.max(0, 1 - distance);
        sum += weights[j];
      }
      int[] whole = new int[weights.length];
      for (int j = 0; j < whole.length; j++) {
        whole[j] = (int) (weights[j] / sum * (1 << PRECISION) + 0.5);
      }
      taps[i] = new Taps(first, whole);
    }
    return taps;
  }

  private static byte[] alongRows(byte[] samples, int rows, int from, int to) {
    Taps[] taps = taps(from, to);
    byte[] result = new byte[rows * to];
    for (int row = 0; row < rows; row++) {
      for (int x = 0; x < to; x++) {
        int at = row * from + taps[x].first();
        int sum = 1 << (PRECISION - 1);
        for (int weight : taps[x].weights()) {
          sum += (samples[at++] & 0xff) * weight;
        }
        result[row * to + x] = clipped(sum);
      }
    }
    return result;
  }

  private static byte[] alongColumns(byte[] samples, int planes, int from, int to, int width) {
    Taps[] taps = taps(from, to);
    byte[] result = new byte[planes * to * width];
    int[] sums = new int[width];
    for (int plane = 0; plane < planes; plane++) {
      for (int y = 0; y < to; y++) {
        Arrays.fill(sums, 1 << (PRECISION - 1));
        int at = (plane * from + taps[y].first()) * width;
        for (int weight : taps[y].weights()) {
          for (int x = 0; x < width; x++) {
            sums[x] += (samples[at++] & 0xff) * weight;
          }
        }
        for (int x = 0; x < width; x++) {
          result[(plane * to + y) * width + x] = clipped(sums[x]);
        }
      }
    }
    return result;
  }

  private static byte clipped(int sum) {
    return (byte) Math.min(255, sum >> PRECISION);
  }
}
