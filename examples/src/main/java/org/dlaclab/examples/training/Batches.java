package org.dlaclab.examples.training;

import java.util.Random;

/**
 * The images of one epoch in random order, in batches.
 *
 * <p>A pixel becomes {@code pixel / 255} and nothing else. No mean is subtracted: black background
 * stays exactly zero, and zeros are what the simulated accelerator skips.
 */
final class Batches {
  /** Images as a network takes them. */
  static final class Batch {
    private final float[] pixels;
    private final int[] labels;

    private Batch(float[] pixels, int[] labels) {
      this.pixels = pixels;
      this.labels = labels;
    }

    /** Images one after another, each pixel from 0 to 1. */
    float[] pixels() {
      return pixels;
    }

    /** One class per image. */
    int[] labels() {
      return labels;
    }
  }

  private final FashionMnist data;
  private final int size;
  private final boolean mirror;
  private final Random random;
  private final int[] order;

  /**
   * @param size images per batch; the last, smaller batch of an epoch is left out
   * @param mirror whether to mirror half of the images left to right
   */
  Batches(FashionMnist data, int size, boolean mirror, Random random) {
    this.data = data;
    this.size = size;
    this.mirror = mirror;
    this.random = random;
    this.order = new int[data.count()];
    for (int i = 0; i < order.length; i++) {
      order[i] = i;
    }
  }

  int perEpoch() {
    return order.length / size;
  }

  /** A new random order (Fisher and Yates). */
  void shuffle() {
    for (int i = order.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int kept = order[i];
      order[i] = order[j];
      order[j] = kept;
    }
  }

  /** Batch {@code index} of the epoch. */
  Batch get(int index) {
    float[] pixels = new float[size * FashionMnist.PIXELS];
    int[] labels = new int[size];
    for (int i = 0; i < size; i++) {
      int image = order[index * size + i];
      labels[i] = data.labels()[image];
      copy(data, image, pixels, i, mirror && random.nextBoolean());
    }
    return new Batch(pixels, labels);
  }

  /** Images {@code from} to {@code from + count} of {@code data}, in order and as they are. */
  static Batch slice(FashionMnist data, int from, int count) {
    float[] pixels = new float[count * FashionMnist.PIXELS];
    int[] labels = new int[count];
    for (int i = 0; i < count; i++) {
      labels[i] = data.labels()[from + i];
      copy(data, from + i, pixels, i, false);
    }
    return new Batch(pixels, labels);
  }

  private static void copy(
      FashionMnist data, int image, float[] pixels, int position, boolean mirrored) {
    int side = FashionMnist.SIDE;
    for (int y = 0; y < side; y++) {
      int row = (image * side + y) * side;
      for (int x = 0; x < side; x++) {
        int pixel = data.images()[row + (mirrored ? side - 1 - x : x)] & 0xff;
        pixels[(position * side + y) * side + x] = pixel / 255f;
      }
    }
  }
}
