package org.dlaclab.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.dlaclab.data.Dataset;
import org.dlaclab.data.Mnist;
import org.dlaclab.quant.Quantizer;
import org.dlaclab.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The networks that ship: what their stamps claim. */
class ShippedTest {
  private static final Pattern ACCURACY = Pattern.compile("(.*) % \\((\\d+) of 10000\\)");

  /** Another processor adds in another order, and an image on the border may change sides. */
  private static final double TOLERANCE = 0.0005;

  @ParameterizedTest
  @CsvSource({"lenet5, 8950", "resnet20, 9100"})
  void theStampClaimsADecentAccuracy(String name, int least) {
    assertThat(claimed(Trained.load(name))).isBetween(least, 10_000);
    assertThat(Trained.load(name).stamp())
        .containsEntry("network", name)
        .containsKeys("seed", "optimizer", "learning_rate", "djl", "pytorch", "java", "date");
  }

  @Test
  void theClaimHoldsOnAllTestImages() {
    assumeTrue(
        Files.exists(Path.of("/usr/share/datasets/fashion-mnist")),
        "Fashion-MNIST is not installed");
    Dataset data = Mnist.fashion();
    Trained lenet = Trained.load("lenet5");
    assertThat(lenet.accuracy(data.tensor(data.test()), data.test().labels()))
        .isCloseTo(claimed(lenet) / 10_000.0, within(TOLERANCE));
  }

  private static int claimed(Trained trained) {
    Matcher found = ACCURACY.matcher(trained.stamp().getOrDefault("accuracy", ""));
    assertThat(found.matches()).isTrue();
    return Integer.parseInt(found.group(2));
  }

  @ParameterizedTest
  @ValueSource(strings = {"lenet5", "resnet20"})
  void lowPrecisionLeavesZerosInEveryLayerButTheFirst(String name) {
    Trained trained = Trained.load(name);
    trained
        .policy()
        .assign(trained.network())
        .forEach(
            (layer, quantizer) -> {
              Tensor weights = trained.weights().get(trained.network().node(layer), "weight");
              boolean first = layer.equals(trained.network().gridLayers().get(0).name());
              assertThat(quantizer instanceof Quantizer.FullPrecision).isEqualTo(first);
              assertThat(quantizer.quantize(weights).density())
                  .as(layer)
                  .isBetween(first ? 0.99 : 0.2, first ? 1 : 0.8);
            });
  }

  @Test
  void thirtyTwoImagesWithLabels() {
    Trained trained = Trained.load("lenet5");
    assertThat(trained.images().shape().dims()).containsExactly(32, 1, 28, 28);
    // The first test image is an ankle boot, class 9, on a black ground.
    assertThat(trained.labels()).hasSize(32).startsWith(9);
    assertThat(trained.images().get(0)).isZero();
    assertThat(trained.images().density()).isBetween(0.3, 0.7);
  }
}
