package org.dlaclab.data;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;

/**
 * How bytes become the numbers that a network takes: {@code (pixel / 255 - mean[c]) / std[c]} for
 * channel c.
 *
 * @param mean one per channel, or one for all channels, on the scale of 0 (black) to 1 (white)
 * @param std as many as {@code mean}, each above 0
 */
public record Normalization(List<Double> mean, List<Double> std) {
  /**
   * {@code pixel / 255} and nothing else, the default: black stays exactly zero, and zeros are what
   * the simulated accelerator skips. Any other mean makes the first layer's IFM dense.
   */
  public static final Normalization PLAIN = new Normalization(List.of(0.0), List.of(1.0));

  public Normalization {
    mean = List.copyOf(mean);
    std = List.copyOf(std);
    if (mean.isEmpty() || mean.size() != std.size()) {
      throw new DlacException(
          "a normalization has " + mean.size() + " means and " + std.size() + " deviations",
          "one of each per channel, or one of each for all channels",
          "give as many means as deviations");
    }
    for (double m : mean) {
      if (!Double.isFinite(m)) {
        throw new DlacException(
            "a mean of the normalization is " + m, "a finite number", "correct the mean");
      }
    }
    std.forEach(s -> Check.positive("a deviation of the normalization", s.doubleValue()));
  }

  /** Mean and standard deviation of the pixels of each channel of {@code images}. */
  public static Normalization of(Images images) {
    int pixels = images.ifm().pixels();
    int channels = images.ifm().channels();
    double[] mean = new double[channels];
    double[] std = new double[channels];
    for (int c = 0; c < channels; c++) {
      long sum = 0;
      long squares = 0;
      for (int i = 0; i < images.count(); i++) {
        int from = images.offset(i) + c * pixels;
        for (int p = from; p < from + pixels; p++) {
          int value = images.shared()[p] & 0xff;
          sum += value;
          squares += (long) value * value;
        }
      }
      double count = (double) images.count() * pixels;
      double average = sum / count;
      mean[c] = average / 255;
      std[c] = Math.sqrt(Math.max(0, squares / count - average * average)) / 255;
      if (std[c] == 0) {
        throw new DlacException(
            "all pixels of channel " + c + " are " + (sum / (long) count),
            "images that differ, for a standard deviation above 0",
            "use normalized(mean, std) with numbers of your own");
      }
    }
    return new Normalization(boxed(mean), boxed(std));
  }

  private static List<Double> boxed(double[] values) {
    return Arrays.stream(values).boxed().toList();
  }

  /** This, if it is for images of so many channels. */
  Normalization requireChannels(int channels) {
    if (mean.size() != 1 && mean.size() != channels) {
      throw new DlacException(
          "a normalization for " + mean.size() + " channels, and images of " + channels,
          channels == 1 ? "one mean and deviation" : "1 or " + channels + " means and deviations",
          "give one mean and deviation per channel");
    }
    return this;
  }

  /** The number for each byte of each channel: {@code [channel][byte]}. */
  float[][] tables(int channels) {
    requireChannels(channels);
    return IntStream.range(0, channels)
        .map(c -> mean.size() == 1 ? 0 : c)
        .mapToObj(c -> table(mean.get(c), std.get(c)))
        .toArray(float[][]::new);
  }

  private static float[] table(double mean, double std) {
    float[] table = new float[256];
    for (int pixel = 0; pixel < table.length; pixel++) {
      table[pixel] = (float) ((pixel / 255.0 - mean) / std);
    }
    return table;
  }
}
