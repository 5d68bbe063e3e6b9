package org.dlaclab.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.io.InputStream;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
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
   * Weights of all layers that multiply, biases and batch norm's parameters, and multiplications of
   * one image. The figures follow from the papers' tables; those of AlexNet, GoogLeNet, ResNet-50
   * (v1), VGG-19 and SqueezeNet 1.0 are the known ones.
   */
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "bvlc_alexnet, 60965224, 0.65, 8",
    "inception_v1, 6998552, 1.58, 58",
    "resnet50, 25557032, 3.86, 54",
    "squeezenet, 1235496, 0.35, 26",
    "vgg19, 143667240, 19.63, 19",
    "zfnet512, 87303400, 1.4, 8",
    "densenet121, 7978856, 2.83, 121",
    "inception_v2, 11195112, 2.02, 70",
    "shufflenet, 1420000, 0.125, 50"
  })
  void parametersAndMacsAreTheKnownOnes(String name, long parameters, double gmac, int layers)
      throws IOException {
    OnnxModel model = OnnxModel.read(file(name));
    Network network = model.network();
    System.out.println(
        name
            + " "
            + network.parameters()
            + " "
            + network.macs() / 1e9
            + " "
            + network.gridLayers().size()
            + " batches "
            + model.batches()
            + " opaque "
            + model.opaque()
            + " out "
            + model.output());
    assertThat(network.gridLayers()).hasSize(layers);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "bvlc_alexnet",
    "inception_v1",
    "resnet50",
    "squeezenet",
    "zfnet512",
    "densenet121",
    "inception_v2",
    "shufflenet"
  })
  void theEditedGraphGivesWhatTheFileGives(String name) throws IOException, OrtException {
    Path file = file(name);
    OnnxModel model = OnnxModel.read(file);
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
        assertThat(actual[i]).isCloseTo(expected[i], within(1e-6f));
      }
    }
  }
}
