package org.dlaclab.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.dlaclab.error.Refusals.assertRefused;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.dlaclab.network.FeatureMap;
import org.dlaclab.tensor.Shape;
import org.dlaclab.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** Data sets as values, and what a network takes of them. */
class DatasetTest {
  /** Two channels of one pixel each. */
  private static final FeatureMap IFM = new FeatureMap(2, 1, 1);

  private static final Dataset DATA =
      new Dataset(
          "toy",
          Images.of(IFM, new byte[] {0, 51, 102, 51, 0, (byte) 255}, 0, 1, 1),
          Images.of(IFM, new byte[] {(byte) 255, 0, 51, 102}, 1, 0),
          List.of("cat", "dog"),
          Normalization.PLAIN,
          Map.of("source", "made up"));

  private static Dataset with(Images train, Images test, String... classes) {
    return new Dataset("toy", train, test, List.of(classes), Normalization.PLAIN, Map.of());
  }

  @Test
  void givesPixelsAsFractionsAndKeepsBlackAtExactlyZero() {
    byte[] all = new byte[256];
    for (int i = 0; i < 256; i++) {
      all[i] = (byte) i;
    }
    Images images = Images.of(new FeatureMap(1, 16, 16), all, 0);
    Tensor tensor = with(images, images, "all").testImages(0, 1);
    assertThat(tensor.shape()).isEqualTo(Shape.of(1, 1, 16, 16));
    for (int i = 0; i < 256; i++) {
      assertThat(tensor.get(i)).isEqualTo(i / 255f); // To the last bit.
    }
  }

  @Test
  void normalizesEachChannel() {
    Tensor tensor = DATA.normalized(List.of(0.2, 0.4), List.of(0.5, 0.25)).testImages(0, 2);
    assertThat(tensor).isEqualTo(Tensor.of(Shape.of(2, 2, 1, 1), 1.6f, -1.6f, 0f, 0f));
    assertThat(DATA.normalized(0.2, 0.2).testImages(1, 1))
        .isEqualTo(Tensor.of(Shape.of(1, 2, 1, 1), 0f, 1f));
  }

  @Test
  void standardizesOverTheTrainingHalf() {
    Dataset standard = DATA.standardized();
    Tensor train = standard.tensor(standard.train());
    for (int c = 0; c < 2; c++) {
      int channel = c;
      double[] values =
          IntStream.range(0, 3).mapToDouble(i -> train.get(2 * i + channel)).toArray();
      double mean = (values[0] + values[1] + values[2]) / 3;
      double variance =
          IntStream.range(0, 3).mapToDouble(i -> Math.pow(values[i] - mean, 2)).sum() / 3;
      assertThat(mean).isCloseTo(0, within(1e-6));
      assertThat(variance).isCloseTo(1, within(1e-6));
    }
    assertThat(standard.test()).isEqualTo(DATA.test());
    Images black = Images.of(IFM, new byte[2], 0);
    assertRefused(() -> Normalization.of(black), "all pixels of channel 0 are 0");
  }

  @Test
  void aSmallRunSaysSoInItsProvenance() {
    Dataset small = DATA.first(2, 2);
    assertThat(small.train()).isEqualTo(DATA.train().first(2));
    assertThat(small.test()).isEqualTo(DATA.test());
    assertThat(small.provenance())
        .containsOnly(
            Map.entry("source", "made up"),
            Map.entry("train.sha256", DATA.train().sha256()),
            Map.entry("test.sha256", DATA.test().sha256()),
            Map.entry("train.images", "the first 2 of 3"));
    assertThat(small.first(1, 2).provenance())
        .containsEntry("train.images", "the first 1 of 2 (the first 2 of 3)");
    assertRefused(() -> DATA.first(4, 1), "4 images from 0 on, out of 3");
  }

  @Test
  void knowsItsImagesByTheirContent() {
    Images white = Images.of(IFM, new byte[] {1, 1, 1, 1}, 0, 1);
    Images black = Images.of(IFM, new byte[] {0, 0, 0, 0}, 0, 1);
    Images swapped = Images.of(IFM, new byte[] {1, 1, 1, 1}, 1, 0);
    assertThat(with(white, black, "a", "b").provenance())
        .containsEntry("train.sha256", white.sha256())
        .containsEntry("test.sha256", black.sha256());
    assertThat(
            Stream.of(white, black, swapped)
                .map(train -> with(train, white, "a", "b").provenance()))
        .doesNotHaveDuplicates();
    // What a reader has said of the whole stays.
    assertThat(with(white, black, "a", "b").first(1, 1).provenance())
        .containsEntry("train.sha256", white.sha256());
  }

  @Test
  void refusesHalvesClassesAndNormalizationsThatDoNotFit() {
    Images other = Images.of(new FeatureMap(1, 1, 1), new byte[1], 0);
    Images good = DATA.train();
    assertRefused(() -> with(good, other, "a", "b"), "training images of 2x1x1", "1x1x1");
    assertRefused(() -> with(good, good, "a"), "training: the label of image 1 is 1", "0 to 0");
    assertRefused(() -> with(good, good, "a", "a"), "classes", "[a, a]");
    assertRefused(() -> with(good, good), "classes");
    assertRefused(
        () -> DATA.normalized(List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0)),
        "3 channels, and images of 2");
    assertRefused(() -> DATA.normalized(0, 0), "deviation", "0.0");
    assertRefused(() -> DATA.normalized(Double.NaN, 1), "mean", "NaN");
    assertRefused(
        () -> DATA.normalized(List.of(0.0), List.of(1.0, 1.0)), "1 means and 2 deviations");
  }

  @Test
  void isOneLineOfText() {
    assertThat(DATA).hasToString("toy: 3 training and 2 test images of 2x1x1, 2 classes");
  }
}
