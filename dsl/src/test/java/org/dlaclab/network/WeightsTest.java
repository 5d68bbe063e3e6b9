package org.dlaclab.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.dlaclab.error.Refusals.assertRefused;
import static org.dlaclab.network.Layers.*;

import java.util.HashMap;
import java.util.Map;
import org.dlaclab.error.DlacException;
import org.dlaclab.tensor.Shape;
import org.dlaclab.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WeightsTest {
  private static final Network NETWORK =
      network(
          "small",
          ifm(4, 8, 8),
          conv("conv1", filters(6), kernel(3, 5), groups(2), noBias()),
          batchNorm(),
          relu(),
          depthwise("dw", kernel(3)),
          flatten(),
          fc("fc", 10));

  @Test
  void shapesFollowPyTorch() {
    assertThat(Weights.shapes(NETWORK))
        .containsExactly(
            Map.entry("conv1.weight", Shape.of(6, 2, 3, 5)),
            Map.entry("conv1.bn.weight", Shape.of(6)),
            Map.entry("conv1.bn.bias", Shape.of(6)),
            Map.entry("conv1.bn.running_mean", Shape.of(6)),
            Map.entry("conv1.bn.running_var", Shape.of(6)),
            Map.entry("dw.weight", Shape.of(6, 1, 3, 3)),
            Map.entry("dw.bias", Shape.of(6)),
            Map.entry("fc.weight", Shape.of(10, 48)),
            Map.entry("fc.bias", Shape.of(10)));
  }

  @Test
  void trainableValuesAreThoseThatTheNetworkCounts() {
    long values =
        Weights.shapes(NETWORK).entrySet().stream()
            .filter(e -> !e.getKey().contains(".running_"))
            .mapToLong(e -> e.getValue().size())
            .sum();
    assertThat(values).isEqualTo(NETWORK.parameters());
  }

  @ParameterizedTest
  @ValueSource(strings = {"conv1.weight", "conv1.bn.running_var", "fc.bias"})
  void aMissingTensorNamesItsLayer(String name) {
    Map<String, Tensor> tensors = sound();
    tensors.remove(name);
    assertThatThrownBy(() -> new Weights(NETWORK, tensors))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("\"" + name.substring(0, name.lastIndexOf('.')) + "\" of small")
        .hasMessageContaining("has no tensor \"" + name + "\"")
        .hasMessageContaining("one of shape " + Weights.shapes(NETWORK).get(name));
  }

  @Test
  void aRenamedTensorIsFound() {
    Map<String, Tensor> tensors = sound();
    tensors.put("fc1.weight", tensors.remove("fc.weight"));
    assertThatThrownBy(() -> new Weights(NETWORK, tensors))
        .hasMessageContaining("rename \"fc1.weight\"");
  }

  @Test
  void anUnexpectedTensorIsAnError() {
    Map<String, Tensor> tensors = sound();
    tensors.put("conv1.bias", Tensor.of(Shape.of(6), new float[6]));
    assertThatThrownBy(() -> new Weights(NETWORK, tensors))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("\"conv1.bias\" belongs to no layer of small");
  }

  @Test
  void aWrongShapeNamesTheLayerAndBothShapes() {
    Map<String, Tensor> tensors = sound();
    tensors.put("fc.weight", Tensor.of(Shape.of(48, 10), new float[480]));
    assertThatThrownBy(() -> new Weights(NETWORK, tensors))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("fc \"fc\" of small")
        .hasMessageContaining("48x10")
        .hasMessageContaining("10x48")
        .hasMessageContaining("transpose");
  }

  @ParameterizedTest
  @CsvSource({"conv1.weight, NaN", "conv1.bn.bias, Infinity", "fc.bias, -Infinity"})
  void valuesThatAreNotFiniteNameTheLayer(String name, float bad) {
    Map<String, Tensor> tensors = sound();
    float[] values = tensors.get(name).toArray();
    values[3] = bad;
    tensors.put(name, Tensor.of(tensors.get(name).shape(), values));
    assertThatThrownBy(() -> new Weights(NETWORK, tensors))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("\"" + name.substring(0, name.lastIndexOf('.')) + "\" of small")
        .hasMessageContaining(bad + " at index 3");
  }

  @Test
  void aNegativeVarianceIsAnError() {
    Map<String, Tensor> tensors = sound();
    tensors.put("conv1.bn.running_var", Tensor.of(Shape.of(6), 1, 1, -0.5f, 1, 1, 1));
    assertThatThrownBy(() -> new Weights(NETWORK, tensors))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("variance 2 is -0.5");
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void randomWeightsAreHeNormalAndRepeatable(long seed) {
    Network wide = network("wide", ifm(64, 3, 3), conv("c", filters(128), kernel(3)), batchNorm());
    Tensor weight = Weights.random(wide, seed).get(wide.node("c"), "weight");

    double mean = 0;
    double square = 0;
    for (float w : weight.toArray()) {
      mean += w / weight.size();
      square += (double) w * w / weight.size();
    }
    double variance = 2.0 / (64 * 9);
    assertThat(mean).isCloseTo(0, within(4 * Math.sqrt(variance / weight.size())));
    assertThat(square / variance).isCloseTo(1, within(4 * Math.sqrt(2.0 / weight.size())));

    assertThat(Weights.random(wide, seed).get(wide.node("c"), "weight").toArray())
        .containsExactly(weight.toArray());
    assertThat(Weights.random(wide, seed + 1).get(wide.node("c"), "weight").toArray())
        .isNotEqualTo(weight.toArray());
    for (float v : Weights.random(wide, seed).get(wide.node("c.bn"), "running_var").toArray()) {
      assertThat(v).isBetween(0.8f, 1.2f);
    }
  }

  @Test
  void learnedScalesAreKeptWithTheirLayer() {
    Map<String, Tensor> tensors = sound();
    Tensor scales = Tensor.of(Shape.of(2), 0.5f, 0.25f);
    tensors.put("dw.scales", scales);
    Weights weights = new Weights(NETWORK, tensors);
    assertThat(weights.scales(NETWORK.node("dw"))).contains(scales);
    assertThat(weights.scales(NETWORK.node("fc"))).isEmpty();
    assertThat(weights.tensors().keySet())
        .containsSubsequence("conv1.bn.running_var", "dw.weight", "dw.scales", "fc.weight");
    assertThat(new Weights(NETWORK, weights.tensors())).isEqualTo(weights);
  }

  @Test
  void learnedScalesAreTwoAndFinite() {
    Map<String, Tensor> tensors = sound();
    tensors.put("dw.scales", Tensor.of(Shape.of(3), 1, 1, 1));
    assertRefused(() -> new Weights(NETWORK, tensors), "conv \"dw\"", "shape 3", "shape 2");
    tensors.put("dw.scales", Tensor.of(Shape.of(2), 1, Float.NaN));
    assertRefused(() -> new Weights(NETWORK, tensors), "\"dw.scales\"", "NaN at index 1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"conv1.bn.scales", "conv1.relu.scales", "nothing.scales"})
  void onlyGridLayersHaveLearnedScales(String name) {
    Map<String, Tensor> tensors = sound();
    tensors.put(name, Tensor.of(Shape.of(2), 1, 1));
    assertRefused(() -> new Weights(NETWORK, tensors), name, "belongs to no layer");
  }

  @Test
  void aTensorThatALayerDoesNotHaveIsAnError() {
    assertThatThrownBy(() -> Weights.random(NETWORK, 1).get(NETWORK.node("conv1"), "bias"))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("conv \"conv1\" has no bias");
  }

  private static Map<String, Tensor> sound() {
    return new HashMap<>(Weights.random(NETWORK, 7).tensors());
  }
}
