package org.dlaclab.examples.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Batches of images that tell their number: image i has label i mod 10, and its first row is i, 1,
 * 2, ... 27.
 */
class BatchesTest {
  private static final int COUNT = 100;
  private static final FashionMnist DATA = data();

  private static FashionMnist data() {
    byte[] images = new byte[COUNT * FashionMnist.PIXELS];
    byte[] labels = new byte[COUNT];
    for (int i = 0; i < COUNT; i++) {
      labels[i] = (byte) (i % 10);
      for (int x = 0; x < FashionMnist.SIDE; x++) {
        images[i * FashionMnist.PIXELS + x] = (byte) (x == 0 ? i : x);
      }
    }
    return new FashionMnist(images, labels, "");
  }

  @Test
  void anEpochHoldsEveryImageOnceWithItsOwnLabel() {
    Batches batches = new Batches(DATA, 10, false, new Random(1));
    boolean[] seen = new boolean[COUNT];
    batches.shuffle();
    assertThat(batches.perEpoch()).isEqualTo(10);
    for (int b = 0; b < batches.perEpoch(); b++) {
      Batches.Batch batch = batches.get(b);
      for (int i = 0; i < 10; i++) {
        int image = Math.round(batch.pixels()[i * FashionMnist.PIXELS] * 255);
        assertThat(seen[image]).isFalse();
        seen[image] = true;
        assertThat(batch.labels()[i]).isEqualTo(image % 10);
      }
    }
    assertThat(seen).doesNotContain(false);
  }

  @Test
  void leavesOutALastBatchThatIsNotFull() {
    assertThat(new Batches(DATA, 30, false, new Random(1)).perEpoch()).isEqualTo(3);
  }

  @Test
  void keepsBlackAtExactlyZeroAndWhiteAtOne() {
    byte[] image = new byte[FashionMnist.PIXELS];
    image[5] = (byte) 255;
    float[] pixels = Batches.slice(new FashionMnist(image, new byte[1], ""), 0, 1).pixels();
    for (int i = 0; i < pixels.length; i++) {
      assertThat(pixels[i]).isEqualTo(i == 5 ? 1f : 0f);
    }
  }

  @Test
  void mirrorsAboutHalfOfTheImagesAndNothingElse() {
    Batches batches = new Batches(DATA, COUNT, true, new Random(1));
    float[] pixels = batches.get(0).pixels();
    int mirrored = 0;
    for (int i = 0; i < COUNT; i++) {
      int first = i * FashionMnist.PIXELS;
      boolean asIs = Math.round(pixels[first + 1] * 255) == 1;
      for (int x = 0; x < FashionMnist.SIDE; x++) {
        float pixel = pixels[first + (asIs ? x : FashionMnist.SIDE - 1 - x)];
        assertThat(Math.round(pixel * 255)).isEqualTo(x == 0 ? i : x);
      }
      mirrored += asIs ? 0 : 1;
    }
    assertThat(mirrored).isBetween(30, 70);
  }

  @Test
  void theSameSeedGivesTheSameBatches() {
    Batches one = new Batches(DATA, 10, true, new Random(7));
    Batches other = new Batches(DATA, 10, true, new Random(7));
    one.shuffle();
    other.shuffle();
    assertThat(one.get(3).pixels()).isEqualTo(other.get(3).pixels());
  }
}
