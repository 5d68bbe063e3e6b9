package org.dlaclab.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.dlaclab.error.DlacException;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.onnx.OnnxModel;
import org.dlaclab.quant.Policy;
import org.dlaclab.tensor.Shape;
import org.dlaclab.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The test cases of the ONNX project for the operators of convolutional networks, as Debian's
 * package {@code libonnx-testdata} has them: graphs of one operator with inputs and results.
 */
class OperatorTest {
  private static final Path CASES = Path.of("/usr/include/onnx/backend/test/data");
  private static final Policy FULL = Policy.of("full");

  private static final Pattern OPERATORS =
      Pattern.compile(
          "test_(conv|basic_conv|convtranspose|gemm|matmul|batchnorm|relu|clip|leakyrelu|prelu"
              + "|sigmoid|hardswish|hardsigmoid|tanh|add|mul|sum|concat|maxpool|averagepool"
              + "|globalaveragepool|flatten|reshape|transpose|softmax|lrn|dropout|identity|constant"
              + "|edge_pad|reflect_pad|quantizelinear|dequantizelinear|thresholdedrelu|reduce_mean"
              + "|split|slice|squeeze|unsqueeze|qlinear|operator|Conv|AvgPool|BatchNorm|Linear"
              + "|MaxPool|PReLU|LeakyReLU|ReLU|Sigmoid|Softmax|Tanh|ZeroPad|ConstantPad|PixelShuffle)"
              + ".*");

  /** Operators that are the same in operator set 7 as before. */
  private static final Set<String> UNCHANGED = Set.of("Conv", "GlobalAveragePool", "HardSigmoid");

  private static final Set<String> ELEMENT_WISE =
      Set.of(
          "Relu",
          "Clip",
          "LeakyRelu",
          "PRelu",
          "Sigmoid",
          "Tanh",
          "HardSwish",
          "HardSigmoid",
          "ThresholdedRelu",
          "Add",
          "Mul",
          "Sum",
          "Identity",
          "Dropout",
          "QuantizeLinear");

  static Stream<Path> cases() throws IOException {
    if (!Files.isDirectory(CASES)) {
      return Stream.of(CASES);
    }
    return Stream.of("node", "pytorch-operator", "pytorch-converted")
        .flatMap(group -> list(CASES.resolve(group)))
        .filter(folder -> OPERATORS.matcher(folder.getFileName().toString()).matches());
  }

  private static Stream<Path> list(Path folder) {
    try (Stream<Path> found = Files.list(folder)) {
      return found.sorted().toList().stream();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static void assumeInstalled() {
    assumeTrue(
        Files.isDirectory(CASES),
        "the ONNX project's test cases are not installed: apt-get install libonnx-testdata");
  }

  /** A case: the graph with all inputs but the first as constants. */
  private record Case(OnnxModel model, Tensor images, TensorProto expected) {
    static Case read(Path folder) throws IOException {
      ModelProto model = ModelProto.parseFrom(Files.readAllBytes(folder.resolve("model.onnx")));
      String operator = model.getGraph().getNode(0).getOpType();
      if (UNCHANGED.contains(operator) && model.getOpsetImport(0).getVersion() < 7) {
        ModelProto.Builder newer = model.toBuilder();
        newer.getOpsetImportBuilder(0).setVersion(7);
        model = newer.build();
      }
      boolean oneImage = ELEMENT_WISE.contains(operator);
      GraphProto.Builder graph = model.getGraph().toBuilder();
      Path data = folder.resolve("test_data_set_0");
      Set<String> constants = new TreeSet<>();
      graph.getInitializerList().forEach(tensor -> constants.add(tensor.getName()));
      TensorProto first = null;
      int file = 0;
      for (var input : model.getGraph().getInputList()) {
        if (constants.contains(input.getName())) {
          continue;
        }
        TensorProto tensor = tensor(data.resolve("input_" + file++ + ".pb"));
        if (oneImage && tensor.getDimsCount() % 2 == 1) {
          tensor = withBatch(tensor);
        }
        if (first == null) {
          first = tensor;
          graph.setInput(0, input(input.getName(), tensor));
        } else {
          graph.addInitializer(tensor.toBuilder().setName(input.getName()));
        }
      }
      if (first == null || first.getDataType() != DataType.FLOAT_VALUE) {
        throw new DlacException("no images", "an input of floats", "another case");
      }
      Shape shape = shape(first);
      int[] dims = {1, 1, 1, 1};
      for (int i = 0; i < Math.min(4, shape.rank()); i++) {
        dims[i] = shape.dim(i);
      }
      OnnxModel read =
          OnnxModel.of(folder.getFileName().toString(), model.toBuilder().setGraph(graph).build());
      return new Case(
          read, Tensor.of(Shape.of(dims), floats(first)), tensor(data.resolve("output_0.pb")));
    }

    /** One image of what the case has: the operator works on each element alone. */
    private static TensorProto withBatch(TensorProto tensor) {
      return tensor.toBuilder().clearDims().addDims(1).addAllDims(tensor.getDimsList()).build();
    }

    private static ValueInfoProto input(String name, TensorProto tensor) {
      TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
      tensor.getDimsList().forEach(dim -> shape.addDimBuilder().setDimValue(dim));
      TypeProto.Tensor.Builder type =
          TypeProto.Tensor.newBuilder().setElemType(tensor.getDataType()).setShape(shape);
      return ValueInfoProto.newBuilder()
          .setName(name)
          .setType(TypeProto.newBuilder().setTensorType(type))
          .build();
    }

    private static TensorProto tensor(Path file) throws IOException {
      return TensorProto.parseFrom(Files.readAllBytes(file));
    }

    static Shape shape(TensorProto tensor) {
      return new Shape(tensor.getDimsList().stream().map(Math::toIntExact).toList());
    }

    static float[] floats(TensorProto tensor) {
      float[] values = new float[(int) shape(tensor).size()];
      if (tensor.hasRawData()) {
        tensor
            .getRawData()
            .asReadOnlyByteBuffer()
            .order(ByteOrder.LITTLE_ENDIAN)
            .asFloatBuffer()
            .get(values);
      } else {
        for (int i = 0; i < values.length; i++) {
          values[i] = tensor.getFloatData(i);
        }
      }
      return values;
    }
  }

  private static void assertClose(float[] actual, float[] expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      assertThat(actual[i]).isCloseTo(expected[i], within(1e-4f * (1 + Math.abs(expected[i]))));
    }
  }

  /**
   * The file's graph gives the result of the case, and so does a textbook's forward pass of the
   * network that was made of it.
   */
  private static void assertRight(Case c) {
    OnnxModel model = c.model();
    String output = model.output().orElseThrow();
    float[] expected = Case.floats(c.expected());
    try (Inference inference = Inference.of(model, model.weights(), FULL, List.of(output))) {
      assertClose(inference.run(c.images()).get(output).toArray(), expected);
    }
    if (model.isDescribed() && !model.network().nodes().isEmpty()) {
      Network network = model.network();
      NaiveForward naive = new NaiveForward(model.weights(), FULL);
      Node last = network.node(output);
      float[] actual = new float[expected.length];
      int at = 0;
      for (int i = 0; i < c.images().shape().dim(0); i++) {
        double[][][] result = naive.run(RandomNetworks.image(c.images(), i)).get(last.index());
        for (double[][] channel : result) {
          for (double[] row : channel) {
            for (double value : row) {
              actual[at++] = (float) value;
            }
          }
        }
      }
      assertClose(actual, expected);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void aCaseGivesItsResultOrIsRefused(Path folder) throws IOException {
    assumeInstalled();
    Case c;
    try {
      c = Case.read(folder);
    } catch (DlacException e) {
      assertThat(e).hasMessageContaining("expected:").hasMessageContaining("try:");
      return;
    }
    assumeTrue(c.model().output().isPresent(), "its result is no feature map per image");
    assumeTrue(c.expected().getDataType() == DataType.FLOAT_VALUE, "its result are no floats");
    assertRight(c);
  }

  static Stream<String> described() {
    return Stream.of(
        "node/test_basic_conv_with_padding",
        "node/test_basic_conv_without_padding",
        "node/test_conv_with_autopad_same",
        "node/test_conv_with_strides_and_asymmetric_padding",
        "node/test_conv_with_strides_padding",
        "pytorch-converted/test_Conv2d_depthwise_with_multiplier",
        "pytorch-converted/test_Conv2d_dilated",
        "pytorch-converted/test_Conv2d_groups",
        "node/test_gemm_default_vector_bias",
        "node/test_gemm_default_no_bias",
        "node/test_gemm_default_single_elem_vector_bias",
        "node/test_gemm_alpha",
        "node/test_gemm_transposeB",
        "node/test_matmul_2d",
        "node/test_batchnorm_epsilon",
        "node/test_batchnorm_example",
        "node/test_maxpool_2d_default",
        "node/test_maxpool_2d_dilations",
        "node/test_maxpool_2d_pads",
        "node/test_maxpool_2d_same_lower",
        "node/test_maxpool_2d_same_upper",
        "node/test_maxpool_2d_ceil",
        "node/test_averagepool_2d_pads",
        "node/test_averagepool_2d_pads_count_include_pad",
        "node/test_averagepool_2d_same_upper",
        "node/test_averagepool_2d_ceil",
        "node/test_globalaveragepool",
        "node/test_lrn",
        "node/test_lrn_default",
        "node/test_flatten_axis1",
        "node/test_relu",
        "node/test_thresholdedrelu",
        "node/test_clip",
        "node/test_leakyrelu",
        "node/test_leakyrelu_default",
        "node/test_sigmoid",
        "node/test_tanh",
        "node/test_hardswish",
        "node/test_hardsigmoid",
        "node/test_hardsigmoid_default",
        "node/test_softmax_example");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("described")
  void anOperatorOfConvolutionalNetworksBecomesALayer(String name) throws IOException {
    assumeInstalled();
    Case c = Case.read(CASES.resolve(name));
    assertThat(c.model().isDescribed()).isTrue();
    assertRight(c);
  }

  @Test
  void casesOfWhichNothingIsLayersAreRefusedByName() throws IOException {
    assumeInstalled();
    for (String name : List.of("test_Conv1d", "test_Conv3d")) {
      String dimensions = name.substring(name.length() - 2, name.length() - 1);
      assertThat(
              org.assertj.core.api.Assertions.catchThrowable(
                  () -> Case.read(CASES.resolve("pytorch-converted").resolve(name))))
          .isInstanceOf(DlacException.class)
          .hasMessageContaining(dimensions);
    }
  }
}
