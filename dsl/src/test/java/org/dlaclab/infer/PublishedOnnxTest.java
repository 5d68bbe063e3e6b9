package org.dlaclab.infer;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.dlaclab.network.FeatureMap;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.onnx.OnnxModel;
import org.dlaclab.quant.Policy;
import org.dlaclab.tensor.Shape;
import org.dlaclab.tensor.Tensor;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Published networks as the ONNX project's tests have them: real graphs with constant weights. */
class PublishedOnnxTest {
  @TempDir Path folder;

  private Path file(String name) throws IOException {
    Path file = folder.resolve(name + ".onnx");
    try (InputStream in =
        PublishedOnnxTest.class.getResourceAsStream("/org/dlaclab/onnx/light_" + name + ".onnx")) {
      Files.write(file, in.readAllBytes());
    }
    return file;
  }

  /**
   * Parameters and MACs that are known of these networks (AlexNet and SqueezeNet 1.1 of Caffe at
   * 224 x 224, ResNet-50 with the stride in its 3x3 convolutions), and convolutions and fully
   * connected layers as their papers count them.
   */
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "bvlc_alexnet, 60965224, 0.655, 8",
    "inception_v1, 6998552, 1.43, 58",
    "resnet50, 25557032, 4.09, 54",
    "squeezenet, 1235496, 0.349, 26",
    "vgg19, 143667240, 19.63, 19",
    "densenet121, 7978856, 2.83, 121"
  })
  void parametersAndMacsAreTheKnownOnes(String name, long parameters, double gmac, int layers)
      throws IOException {
    Network network = OnnxModel.read(file(name)).network();
    assertThat(network.parameters()).isEqualTo(parameters);
    assertThat(network.macs() / 1e9).isCloseTo(gmac, within(0.005 * gmac));
    assertThat(network.gridLayers()).hasSize(layers);
  }

  /** A count that knows nothing of layers: the constants that these operators take. */
  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "bvlc_alexnet",
        "inception_v1",
        "resnet50",
        "squeezenet",
        "densenet121",
        "inception_v2",
        "shufflenet"
      })
  void parametersAreTheConstantsOfTheFile(String name) throws IOException {
    Path file = file(name);
    GraphProto graph = ModelProto.parseFrom(Files.readAllBytes(file)).getGraph();
    Map<String, TensorProto> tensors = new HashMap<>();
    graph.getInitializerList().forEach(tensor -> tensors.put(tensor.getName(), tensor));
    Map<String, Long> sizes = new HashMap<>();
    tensors.forEach(
        (key, tensor) -> sizes.put(key, tensor.getDimsList().stream().reduce(1L, (a, b) -> a * b)));
    for (NodeProto node : graph.getNodeList()) {
      if (node.getOpType().equals("ConstantOfShape")) {
        ByteBuffer shape =
            tensors.get(node.getInput(0)).getRawData().asReadOnlyByteBuffer().order(LITTLE_ENDIAN);
        long size = 1;
        for (long dim : tensors.get(node.getInput(0)).getInt64DataList()) {
          size *= dim;
        }
        while (shape.hasRemaining()) {
          size *= shape.getLong();
        }
        sizes.put(node.getOutput(0), size);
      } else if (node.getOpType().equals("Reshape") && sizes.containsKey(node.getInput(0))) {
        sizes.put(node.getOutput(0), sizes.get(node.getInput(0)));
      }
    }
    long expected = 0;
    for (NodeProto node : graph.getNodeList()) {
      if (List.of("Conv", "Gemm", "BatchNormalization").contains(node.getOpType())) {
        for (int i = 1; i < Math.min(3, node.getInputCount()); i++) {
          expected += sizes.get(node.getInput(i));
        }
      }
    }
    assertThat(OnnxModel.read(file).network().parameters()).isEqualTo(expected);
  }

  /** All layers' results are asked for: the engine checks that their shapes are those inferred. */
  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "inception_v1",
        "resnet50",
        "squeezenet",
        "densenet121",
        "inception_v2",
        "shufflenet"
      })
  void theEditedGraphGivesWhatTheFileGives(String name) throws IOException, OrtException {
    Path file = file(name);
    assertSame(file, OnnxModel.read(file), 1e-6f);
  }

  /** Real weights, and operators of which no layer is known. */
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "ch_ppocr_mobile_v2.0_cls_infer, 48, 192, 54",
    "ch_PP-OCRv3_det_infer, 64, 96, 72",
    "ch_PP-OCRv4_det_infer, 96, 64, 62",
    "ch_PP-OCRv3_rec_infer, 48, 96, 36",
    "ch_PP-OCRv4_rec_infer, 48, 96, 38"
  })
  void networksOfOthersRunAsTheirFilesDo(String name, int height, int width, int layers)
      throws IOException, OrtException {
    Path file = folder.resolve(name + ".onnx");
    try (InputStream in =
        PublishedOnnxTest.class.getResourceAsStream("/models/" + name + ".onnx")) {
      Files.write(file, in.readAllBytes());
    }
    OnnxModel model = OnnxModel.read(file, new FeatureMap(3, height, width));
    assertThat(model.network().gridLayers()).hasSize(layers);
    assertThat(model.isDescribed()).isFalse();
    assertSame(file, model, 1e-5f);
  }

  private static void assertSame(Path file, OnnxModel model, float tolerance)
      throws IOException, OrtException {
    FeatureMap ifm = model.network().ifm();
    float[] pixels = new float[(int) ifm.size()];
    Random random = new Random(1);
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = random.nextFloat();
    }
    float[] expected;
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession session = environment.createSession(Files.readAllBytes(file));
        OnnxTensor images =
            OnnxTensor.createTensor(
                environment,
                FloatBuffer.wrap(pixels),
                new long[] {1, ifm.channels(), ifm.height(), ifm.width()});
        OrtSession.Result result = session.run(Map.of(model.input(), images))) {
      expected = ((OnnxTensor) result.get(0)).getFloatBuffer().array();
    }
    String output = model.output().orElseThrow();
    List<String> all = model.network().nodes().stream().map(Node::name).toList();
    try (Inference inference = Inference.of(model, model.weights(), Policy.of("full"), all)) {
      Map<String, Tensor> results =
          inference.run(Tensor.of(Shape.of(1, ifm.channels(), ifm.height(), ifm.width()), pixels));
      float[] actual = results.get(output).toArray();
      assertThat(actual).hasSameSizeAs(expected);
      for (int i = 0; i < actual.length; i++) {
        assertThat(actual[i]).isCloseTo(expected[i], within(tolerance));
      }
    }
  }
}
