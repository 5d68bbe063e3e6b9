package org.dlaclab.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.dlaclab.error.Refusals.assertRefused;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.dlaclab.network.FeatureMap;
import org.junit.jupiter.api.Test;

/** 100 random images of 2 x 5 x 4, the first pixel of which is their number, as is their label. */
class BatchesTest {
  private static final FeatureMap IFM = new FeatureMap(2, 5, 4);
  private static final int COUNT = 100;
  private static final Images IMAGES = images();
  private static final List<Augmentation> NONE = List.of();
  private static final List<Augmentation> BOTH =
      List.of(new Augmentation.Crop(2), new Augmentation.Flip());

  private static Images images() {
    byte[] pixels = new byte[COUNT * (int) IFM.size()];
    new Random(1).nextBytes(pixels);
    for (int i = 0; i < COUNT; i++) {
      pixels[i * (int) IFM.size()] = (byte) i;
    }
    return Images.of(IFM, pixels, IntStream.range(0, COUNT).toArray());
  }

  private static Batches plain(int size, long seed, List<Augmentation> augmentation) {
    return new Batches(IMAGES, Normalization.PLAIN, augmentation, size, seed);
  }

  /** All images of an epoch, by their number, as bytes again. */
  private static int[][] byNumber(Batches.Epoch epoch) {
    int[][] images = new int[COUNT][];
    for (Batches.Batch batch : epoch) {
      for (int i = 0; i < batch.size(); i++) {
        int[] image = new int[(int) IFM.size()];
        for (int p = 0; p < image.length; p++) {
          image[p] = Math.round(batch.pixels()[i * image.length + p] * 255);
        }
        images[batch.labels()[i]] = image;
      }
    }
    return images;
  }

  private static List<Integer> order(Batches.Epoch epoch) {
    List<Integer> order = new ArrayList<>();
    epoch.forEach(batch -> Arrays.stream(batch.labels()).forEach(order::add));
    return order;
  }

  /** The pixels of image {@code n} shifted by {@code (top, left)}, then mirrored. */
  private static int[] changed(int n, int top, int left, boolean mirrored) {
    int[] pixels = new int[(int) IFM.size()];
    for (int c = 0; c < IFM.channels(); c++) {
      for (int y = 0; y < IFM.height(); y++) {
        for (int x = 0; x < IFM.width(); x++) {
          int fromY = y + top;
          int fromX = (mirrored ? IFM.width() - 1 - x : x) + left;
          boolean inside = fromY >= 0 && fromY < IFM.height() && fromX >= 0 && fromX < IFM.width();
          pixels[(c * IFM.height() + y) * IFM.width() + x] =
              inside ? IMAGES.pixel(n, c, fromY, fromX) : 0;
        }
      }
    }
    return pixels;
  }

  @Test
  void anEpochHoldsEveryImageOnceAsItIsWithItsLabel() {
    for (int e = 0; e < 5; e++) {
      Batches.Epoch epoch = plain(10, 1, NONE).epoch(e);
      assertThat(epoch.count()).isEqualTo(10);
      assertThat(epoch.images()).isEqualTo(COUNT);
      int[][] found = byNumber(epoch);
      for (int n = 0; n < COUNT; n++) {
        assertThat(found[n]).isEqualTo(changed(n, 0, 0, false));
      }
    }
  }

  @Test
  void leavesOutALastBatchThatIsNotFull() {
    Batches.Epoch epoch = plain(30, 1, NONE).epoch(0);
    assertThat(epoch.count()).isEqualTo(3);
    assertThat(epoch.images()).isEqualTo(90);
    assertThat(order(epoch)).hasSize(90).doesNotHaveDuplicates();
  }

  @Test
  void theOrderIsAnotherOneInEachEpochAndForEachSeed() {
    Set<List<Integer>> orders = new HashSet<>();
    for (int seed = 0; seed < 20; seed++) {
      for (int e = 0; e < 20; e++) {
        orders.add(order(plain(10, seed, NONE).epoch(e)));
      }
    }
    assertThat(orders).hasSize(400);
  }

  @Test
  void everyImageComesAnywhereInTheOrder() {
    // The mean position of an image over many epochs is the middle: 49.5, deviation 28.9 / 20.
    double[] position = new double[COUNT];
    for (int e = 0; e < 400; e++) {
      List<Integer> order = order(plain(COUNT, 3, NONE).epoch(e));
      for (int p = 0; p < COUNT; p++) {
        position[order.get(p)] += p / 400.0;
      }
    }
    assertThat(Arrays.stream(position).boxed())
        .allSatisfy(mean -> assertThat(mean).isCloseTo(49.5, within(7.0)));
  }

  @Test
  void anyBatchOfAnyEpochIsTheSameWithoutThoseBeforeIt() {
    Batches.Batch after = null;
    Batches read = plain(10, 42, BOTH);
    for (int e = 0; e <= 3; e++) {
      for (Batches.Batch batch : read.epoch(e)) {
        after = batch;
      }
    }
    Batches.Batch resumed = plain(10, 42, BOTH).epoch(3).get(9);
    assertThat(resumed.pixels()).isEqualTo(after.pixels());
    assertThat(resumed.labels()).isEqualTo(after.labels());
  }

  @Test
  void drawsForGoodWhatItDrewOnce() {
    // A checkpoint of an earlier version must go on as it would have.
    assertThat(order(plain(10, 42, NONE).epoch(0)).subList(0, 8))
        .containsExactly(13, 46, 69, 63, 20, 33, 42, 36);
  }

  @Test
  void theSizeOfBatchesChangesNothingElse() {
    assertThat(order(plain(20, 5, BOTH).epoch(1))).isEqualTo(order(plain(10, 5, BOTH).epoch(1)));
    assertThat(byNumber(plain(20, 5, BOTH).epoch(1)))
        .isDeepEqualTo(byNumber(plain(10, 5, BOTH).epoch(1)));
  }

  @Test
  void cropsAndMirrorsEachImageInOneOfTheWaysThatThereAre() {
    // 25 positions, mirrored or not: over 60 epochs each is met, as often as the others.
    int[] met = new int[50];
    for (int e = 0; e < 60; e++) {
      int[][] found = byNumber(plain(COUNT, 9, BOTH).epoch(e));
      for (int n = 0; n < COUNT; n++) {
        int way = way(n, found[n]);
        assertThat(way).as("image %d of epoch %d", n, e).isNotNegative();
        met[way]++;
      }
    }
    // 6000 draws: 120 of each on average, with a deviation of 11.
    assertThat(Arrays.stream(met).boxed())
        .allSatisfy(times -> assertThat(times).isBetween(70, 170));
  }

  /** Which of the 50 ways leads to {@code pixels}; -1 if none does. */
  private static int way(int n, int[] pixels) {
    for (int way = 0; way < 50; way++) {
      if (Arrays.equals(pixels, changed(n, way / 2 / 5 - 2, way / 2 % 5 - 2, way % 2 == 1))) {
        return way;
      }
    }
    return -1;
  }

  @Test
  void anAugmentationDrawsTheSameWithAndWithoutOthers() {
    int[][] flipped = byNumber(plain(10, 4, List.of(new Augmentation.Flip())).epoch(2));
    int[][] both = byNumber(plain(10, 4, BOTH).epoch(2));
    for (int n = 0; n < COUNT; n++) {
      boolean mirrored = Arrays.equals(flipped[n], changed(n, 0, 0, true));
      assertThat(way(n, both[n]) % 2 == 1).isEqualTo(mirrored);
    }
  }

  @Test
  void padsWithTheNumberOfABlackPixel() {
    Images white = Images.of(new FeatureMap(1, 2, 2), new byte[] {-1, -1, -1, -1}, 0);
    Normalization normalization = new Normalization(List.of(0.5), List.of(0.25));
    Batches batches = new Batches(white, normalization, List.of(new Augmentation.Crop(1)), 1, 1);
    Set<Float> found = new HashSet<>();
    for (int e = 0; e < 20; e++) {
      for (float pixel : batches.epoch(e).get(0).pixels()) {
        found.add(pixel);
      }
    }
    assertThat(found).containsExactlyInAnyOrder(-2f, 2f);
  }

  @Test
  void twoThreadsReadTheSame() {
    Batches.Epoch epoch = plain(10, 6, BOTH).epoch(0);
    List<float[]> parallel =
        IntStream.range(0, 10).parallel().mapToObj(i -> epoch.get(i).pixels()).toList();
    for (int i = 0; i < 10; i++) {
      assertThat(parallel.get(i))
          .isEqualTo(epoch.get(i).pixels())
          .isNotSameAs(epoch.get(i).pixels());
    }
  }

  @Test
  void evaluationWalksAllImagesInOrderWithASmallerLastBatch() {
    Batches.Epoch all = Batches.inOrder(IMAGES.slice(5, 25), Normalization.PLAIN, 10);
    assertThat(all.count()).isEqualTo(3);
    assertThat(all.images()).isEqualTo(25);
    assertThat(all.get(2).size()).isEqualTo(5);
    assertThat(all.get(2).pixels()).hasSize(5 * (int) IFM.size());
    assertThat(order(all)).isEqualTo(IntStream.range(5, 30).boxed().toList());
    assertThat(byNumber(all)[17]).isEqualTo(changed(17, 0, 0, false));
    assertThat(Batches.inOrder(IMAGES, Normalization.PLAIN, 1000).count()).isEqualTo(1);
  }

  @Test
  void refusesWhatCannotBeDealt() {
    assertRefused(() -> plain(101, 1, NONE), "a batch of 101 out of 100 images", "100 or less");
    assertRefused(() -> plain(0, 1, NONE), "the batch size is 0");
    assertRefused(
        () -> plain(10, 1, List.of(new Augmentation.Crop(4))), "crop(4) of images of 2x5x4");
    assertRefused(() -> new Augmentation.Crop(0), "crop is 0");
    assertRefused(
        () -> plain(10, 1, List.of(new Augmentation.Flip(), new Augmentation.Flip())),
        "flip(...) twice");
    assertRefused(() -> plain(10, 1, NONE).epoch(0).get(10), "batch 10 of an epoch of 10");
    assertRefused(() -> plain(10, 1, NONE).epoch(-1), "the epoch is -1");
  }
}
