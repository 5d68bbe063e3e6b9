package org.dlaclab.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.dlaclab.error.Refusals.assertRefused;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.dlaclab.network.FeatureMap;
import org.junit.jupiter.api.Test;

/** Images of two pixels, the first of which is their number. */
class ImagesTest {
  private static final FeatureMap IFM = new FeatureMap(1, 1, 2);

  private static Images images(int... labels) {
    byte[] pixels = new byte[2 * labels.length];
    for (int i = 0; i < labels.length; i++) {
      pixels[2 * i] = (byte) i;
      pixels[2 * i + 1] = (byte) 255;
    }
    return Images.of(IFM, pixels, labels);
  }

  private static List<Integer> numbers(Images images) {
    return IntStream.range(0, images.count()).map(i -> images.pixel(i, 0, 0, 0)).boxed().toList();
  }

  @Test
  void areNotChangedByWhoeverMadeThem() {
    byte[] pixels = {1, 2};
    int[] labels = {3};
    Images images = Images.of(IFM, pixels, labels);
    pixels[0] = 9;
    labels[0] = 9;
    assertThat(images.pixel(0, 0, 0, 0)).isEqualTo(1);
    assertThat(images.label(0)).isEqualTo(3);
  }

  @Test
  void aPartKeepsPixelsAndLabelsTogether() {
    Images part = images(5, 6, 7, 8, 9).slice(1, 3).slice(1, 2);
    assertThat(numbers(part)).containsExactly(2, 3);
    assertThat(part.labels()).containsExactly(7, 8);
    assertThat(part).isEqualTo(Images.of(IFM, new byte[] {2, -1, 3, -1}, 7, 8));
    assertThat(part).hasSameHashCodeAs(Images.of(IFM, new byte[] {2, -1, 3, -1}, 7, 8));
    assertThat(part).isNotEqualTo(Images.of(IFM, new byte[] {2, -1, 4, -1}, 7, 8));
    assertThat(part).isNotEqualTo(Images.of(IFM, new byte[] {2, -1, 3, -1}, 7, 7));
  }

  @Test
  void refuseAPartThatIsNotThere() {
    Images five = images(0, 0, 0, 0, 0);
    assertRefused(() -> five.first(6), "6 images from 0 on, out of 5", "1 to 5");
    assertRefused(() -> five.first(0), "0 images");
    assertRefused(() -> five.slice(4, 2), "2 images from 4 on, out of 5");
    assertRefused(() -> five.slice(-1, 2), "from -1 on");
    assertRefused(() -> five.slice(1, Integer.MAX_VALUE), "2,147,483,647 images");
  }

  @Test
  void refuseLabelsThatDoNotFit() {
    assertRefused(() -> Images.of(IFM, new byte[3], 0), "3 pixels for 1 images of 1x1x2");
    assertRefused(() -> Images.of(IFM, new byte[0]), "0 images");
    assertRefused(() -> Images.of(IFM, new byte[4], 0, -1), "label of image 1 is -1");
  }

  @Test
  void holdOutEachClassInProportion() {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      int[] labels = random.ints(2 + random.nextInt(80), 0, 1 + random.nextInt(6)).toArray();
      int count = 1 + random.nextInt(labels.length - 1);
      Images all = images(labels);
      Images.Split split = all.hold(count, seed);

      assertThat(split.held().count()).as("seed %d", seed).isEqualTo(count);
      // Each image is in one of the parts, with its label, and in the order of the whole.
      assertThat(numbers(split.held()))
          .isSorted()
          .doesNotContainAnyElementsOf(numbers(split.kept()));
      assertThat(numbers(split.kept())).isSorted().hasSize(labels.length - count);
      assertThat(split.held().labels())
          .isEqualTo(numbers(split.held()).stream().map(i -> labels[i]).toList());
      for (int c = 0; c < 6; c++) {
        int label = c;
        double quota =
            (double) Arrays.stream(labels).filter(l -> l == label).count() * count / labels.length;
        assertThat((double) split.held().labels().stream().filter(l -> l == label).count())
            .as("seed %d, class %d", seed, c)
            .isGreaterThan(quota - 1)
            .isLessThan(quota + 1);
      }
    }
  }

  @Test
  void holdOutTheSameImagesForTheSameSeed() {
    Images all = images(IntStream.range(0, 100).map(i -> i % 10).toArray());
    assertThat(all.hold(20, 7)).isEqualTo(all.hold(20, 7));
    assertThat(numbers(all.hold(20, 7).held())).isNotEqualTo(numbers(all.hold(20, 8).held()));
    assertRefused(() -> all.hold(100, 1), "100 images to hold out of 100", "1 to 99");
    assertRefused(() -> all.hold(0, 1), "0 images");
  }

  @Test
  void doNotPreferTheFirstClassesWhenOnlyAFewImagesAreHeldOut() {
    Images all = images(IntStream.range(0, 100).map(i -> i % 10).toArray());
    int[] held = new int[10];
    for (int seed = 0; seed < 300; seed++) {
      held[all.hold(1, seed).held().label(0)]++;
    }
    // 30 each on average, with a deviation of about 5.
    assertThat(Arrays.stream(held).boxed())
        .allSatisfy(times -> assertThat(times).isBetween(10, 55));
  }

  @Test
  void haveTheChecksumOfTheirPixelsThenTheirLabels() throws Exception {
    Images images = Images.of(IFM, "abcd".getBytes(StandardCharsets.US_ASCII), 'e', 'f');
    byte[] digest =
        MessageDigest.getInstance("SHA-256").digest("abcdef".getBytes(StandardCharsets.US_ASCII));
    assertThat(images.sha256()).isEqualTo(HexFormat.of().formatHex(digest));
    Images wide = Images.of(IFM, "abcd".getBytes(StandardCharsets.US_ASCII), 0x65, 0x166);
    digest =
        MessageDigest.getInstance("SHA-256")
            .digest("abcd\0\0\0e\0\0\1f".getBytes(StandardCharsets.ISO_8859_1));
    assertThat(wide.sha256()).isEqualTo(HexFormat.of().formatHex(digest));
  }

  @Test
  void sayHowManyAndHowLarge() {
    assertThat(images(0)).hasToString("1 image of 1x1x2");
    assertThat(Images.of(new FeatureMap(1, 1, 1), new byte[1234], new int[1234]))
        .hasToString("1,234 images of 1x1x1");
  }
}
