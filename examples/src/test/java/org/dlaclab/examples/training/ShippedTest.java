package org.dlaclab.examples.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import org.dlaclab.network.Network;
import org.dlaclab.network.Weights;
import org.dlaclab.quant.Quantizer;
import org.dlaclab.tensor.SafeTensors;
import org.dlaclab.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The files that these programs made and DLAC Lab ships. */
class ShippedTest {

  @ParameterizedTest
  @CsvSource({"lenet5, 8950", "resnet20, 9100"})
  void weightsFitTheNetworkOfTheZooAndTheirStampClaimsADecentAccuracy(String name, int least)
      throws IOException {
    SafeTensors file = read(name);
    assertThat(new Weights(Train.network(name), file.tensors()).tensors()).isNotEmpty();
    Accuracy claimed = Accuracy.parse(file.metadata().getOrDefault("accuracy", ""));
    assertThat(claimed.images()).isEqualTo(10_000);
    assertThat(claimed.right()).isBetween(least, 10_000);
    assertThat(file.metadata())
        .containsEntry("network", name)
        .containsKeys("seed", "optimizer", "learning_rate", "djl", "pytorch", "java", "date");
  }

  @ParameterizedTest
  @ValueSource(strings = {"lenet5", "resnet20"})
  void lowPrecisionLeavesZerosInEveryLayerButTheFirst(String name) throws IOException {
    Network network = Train.network(name);
    Map<String, Tensor> tensors = read(name).tensors();
    Train.POLICY
        .assign(network)
        .forEach(
            (layer, quantizer) -> {
              Tensor quantized = quantizer.quantize(tensors.get(layer + ".weight"));
              boolean first = layer.equals(network.gridLayers().get(0).name());
              assertThat(quantizer instanceof Quantizer.FullPrecision).isEqualTo(first);
              assertThat(quantized.density())
                  .as(layer)
                  .isBetween(first ? 0.99 : 0.2, first ? 1 : 0.8);
            });
  }

  @Test
  void thirtyTwoImagesWithLabels() throws IOException {
    SafeTensors file = read("fashion-mnist-32");
    Tensor images = file.tensor("images");
    assertThat(images.shape().dims()).containsExactly(32, 1, 28, 28);
    // The first test image is an ankle boot, class 9, on a black ground.
    assertThat(file.tensor("labels").shape().dims()).containsExactly(32);
    assertThat(file.tensor("labels").get(0)).isEqualTo(9);
    assertThat(images.get(0)).isZero();
    assertThat(images.density()).isBetween(0.3, 0.7);
    assertThat(file.metadata().get("licence")).contains("MIT");
  }

  private static SafeTensors read(String name) throws IOException {
    String resource = "/org/dlaclab/trained/" + name + ".safetensors";
    try (InputStream in = ShippedTest.class.getResourceAsStream(resource)) {
      assertThat(in).as(resource).isNotNull();
      return SafeTensors.read(resource, in);
    }
  }
}
