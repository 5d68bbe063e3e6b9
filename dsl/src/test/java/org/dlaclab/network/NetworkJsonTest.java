package org.dlaclab.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.dlaclab.error.Refusals.assertRefused;
import static org.dlaclab.network.Layers.*;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.dlaclab.onnx.OnnxModel;
import org.dlaclab.zoo.Zoo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class NetworkJsonTest {
  /** Of the zoo, and of ONNX files, which have operators that no layer describes. */
  static Stream<Network> networks() {
    return Stream.concat(
        Zoo.names().stream().map(Zoo::network),
        Stream.of("shufflenet", "inception_v2", "densenet121")
            .map(name -> Path.of("src/test/resources/org/dlaclab/onnx/light_" + name + ".onnx"))
            .map(file -> OnnxModel.read(file).network()));
  }

  @ParameterizedTest
  @MethodSource("networks")
  void aNetworkComesBackEqual(Network network) {
    assertThat(Network.fromJson(network.toJson())).isEqualTo(network);
  }

  /** Each kind of layer, with values that are not its defaults. */
  @Test
  void soDoesOneOfEveryKindOfLayer() {
    FeatureMap map = new FeatureMap(4, 8, 8);
    Option.Kernel kernel = new Option.Kernel(2, 3);
    Option.Stride stride = new Option.Stride(2, 1);
    Option.Padding padding = new Option.Padding(1, 0, 0, 1);
    Option.Dilation dilation = new Option.Dilation(1, 2);
    List<Layer> layers =
        List.of(
            new Layer.Conv("a", 6, kernel, stride, padding, dilation, 2, false),
            new Layer.FullyConnected("b", 3, false),
            new Layer.BatchNorm("c", 1e-3f),
            new Layer.Relu("d", 0.1, 4, 6),
            new Layer.Pool(
                "e", false, kernel, stride, padding, new Option.Dilation(1, 1), false, true),
            new Layer.GlobalAvgPool("f"),
            new Layer.LocalResponseNorm("g", 3, 0.1f, 0.5f, 1),
            new Layer.Flatten("h"),
            new Layer.Softmax("i"),
            new Layer.Add("j"),
            new Layer.Concat("k"),
            new Layer.Activation("l", new Layer.Function.Clip(-1, Float.POSITIVE_INFINITY)),
            new Layer.Activation("m", new Layer.Function.LeakyRelu(0.1f)),
            new Layer.Activation("n", new Layer.Function.Sigmoid()),
            new Layer.Activation("o", new Layer.Function.Tanh()),
            new Layer.Activation("p", new Layer.Function.HardSigmoid(0.2f, 0.5f)),
            new Layer.Activation("q", new Layer.Function.HardSwish()),
            new Layer.Activation("r", new Layer.Function.Swish()),
            new Layer.Multiply("s"),
            new Layer.ChannelShuffle("t", 2),
            new Layer.ChannelSlice("u", 1, 2),
            new Layer.Operator("v", "Resize", new FeatureMap(1, 2, 3)));
    assertThat(layers.stream().map(Object::getClass).distinct().toList())
        .containsAll(
            List.of(Layer.class.getPermittedSubclasses()).stream()
                .filter(c -> !c.isInterface())
                .toList());
    for (Layer layer : layers) {
      FeatureMap ifm = layer instanceof Layer.FullyConnected ? new FeatureMap(5, 1, 1) : map;
      List<FeatureMap> ifms = List.of(ifm, ifm);
      Node node =
          new Node(0, layer.name(), layer, List.of(-1, -1), ifms, layer.ofm(layer.name(), ifms));
      Network network = new Network("net", ifm, List.of(node));
      assertThat(Network.fromJson(network.toJson())).isEqualTo(network);
    }
  }

  private static final Network SMALL =
      network(
          "net", ifm(3, 8, 8), conv("c1", filters(4), kernel(3)), relu(), flatten(), fc("f", 2));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "inputs":[0] | "inputs":[2] | reads node 2
          "inputs":[0] | "inputs":[-2] | reads node -2
          "inputs":[0] | "inputs":[] | too few inputs
          "inputs":[0] | "inputs":[null] | inputs=[null]
          "name":"c1.relu" | "name":"c1" | two layers are called "c1"
          "kind":"relu" | "kind":"multiply" | threshold
          "kind":"relu" | "kind":"rule" | rule
          "filters":4 | "filters":-4 | filters
          "filters":4 | "filters":4,"filters":4 | filters
          "filters":4 | "philters":4 | filters
          "filters":4 | "filters":4,"phase":1 | phase
          "threshold":0.0 | "threshold":-1 | threshold -1
          "height":8 | "height":2 | 3x2x8
          {"name":"net" | 7{"name":"net" | is no network
          """)
  void aTextThatIsNoNetworkIsRefused(String said, String instead, String names) {
    assertThat(SMALL.toJson()).contains(said);
    assertRefused(() -> Network.fromJson(SMALL.toJson().replace(said, instead)), names);
  }

  @Test
  void soAreANetworkWithoutLayersAndNoTextAtAll() {
    assertRefused(
        () ->
            Network.fromJson(
                "{\"name\":\"n\",\"ifm\":{\"channels\":1,\"height\":1,\"width\":1},\"nodes\":[]}"),
        "\"n\" has no layers");
    assertRefused(() -> Network.fromJson(""), "is no network");
    assertRefused(() -> Network.fromJson("null"), "is no network");
  }
}
