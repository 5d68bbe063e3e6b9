package org.dlaclab.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

  /** Of lists of tensors, and of what may be none. */
  private static final Set<String> NO_TENSORS =
      Set.of("test_identity_opt", "test_identity_sequence");

  /** Operators that are in set 7 what they were before, but for attributes of no effect. */
  private static final Set<String> UNCHANGED =
      Set.of(
          "AveragePool",
          "BatchNormalization",
          "Clip",
          "Concat",
          "Constant",
          "Conv",
          "ConvTranspose",
          "Flatten",
          "Gemm",
          "GlobalAveragePool",
          "HardSigmoid",
          "LeakyRelu",
          "MatMul",
          "MaxPool",
          "Pad",
          "ReduceMean",
          "Relu",
          "Reshape",
          "Sigmoid",
          "Slice",
          "Softmax",
          "Split",
          "Squeeze",
          "Tanh",
          "Transpose",
          "Unsqueeze");

  /** Attributes that set 7 has dropped; the cases have them where they change nothing. */
  private static final Set<String> DROPPED = Set.of("is_test", "consumed_inputs", "broadcast");

  /** What networks of convolutions are made of: a case of these alone must be computed. */
  private static final Set<String> COMPUTED =
      Set.of(
          "Add",
          "AveragePool",
          "BatchNormalization",
          "Clip",
          "Concat",
          "Constant",
          "Conv",
          "DequantizeLinear",
          "Dropout",
          "Flatten",
          "Gemm",
          "GlobalAveragePool",
          "HardSwish",
          "Identity",
          "LRN",
          "LeakyRelu",
          "MatMul",
          "MaxPool",
          "Mul",
          "PRelu",
          "Pad",
          "QuantizeLinear",
          "Relu",
          "Reshape",
          "Sigmoid",
          "Softmax",
          "Transpose");

  /** Cases of such operators that may be refused all the same, with a part of what is said. */
  private static final Map<Pattern, String> REFUSED =
      Map.of(
          Pattern.compile("test_Conv1d.*"), "is a 1-D convolution",
          Pattern.compile("test_Conv3d.*"), "is a 3-D convolution",
          Pattern.compile("test_gemm_default_matrix_bias"), "of shape 3x6 for one image",
          Pattern.compile("test_reshape_allowzero_reordered"), "takes images of any size",
          // Broadcasting was another one before set 7.
          Pattern.compile("test_(PReLU|operator_add|operator_non_float).*"), "of operator set 6");

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
        .filter(folder -> OPERATORS.matcher(folder.getFileName().toString()).matches())
        .filter(folder -> !NO_TENSORS.contains(folder.getFileName().toString()));
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

  /** A case: a graph with all inputs but the first as constants, and what it gives. */
  private record Case(OnnxModel model, Tensor images, Tensor expected) {
    /** The graph as the case has it: its first input are the images. */
    static Case alone(Path folder) throws IOException {
      Source of = Source.read(folder, true);
      if (of.input().isEmpty() || of.input().get().getDataType() != DataType.FLOAT_VALUE) {
        throw new DlacException("no images", "an input of floats", "another case");
      }
      TensorProto first = of.input().get();
      GraphProto.Builder graph = of.model().getGraph().toBuilder();
      graph.setInput(
          0, input(graph.getInput(0).getName(), first.getDataType(), first.getDimsList()));
      return new Case(
          OnnxModel.of(of.name(), of.model().toBuilder().setGraph(graph).build()),
          Tensor.of(images(shape(first)), floats(first)),
          tensor(of.expected()));
    }

    /**
     * The graph between an image and a layer of the grid, whatever the rank and the type of its
     * operands: an image of as many pixels becomes its first input, and a convolution by 1 reads
     * its result.
     */
    static Case inNetwork(Path folder) throws IOException {
      Source of = Source.read(folder, false);
      GraphProto.Builder graph = of.model().getGraph().toBuilder().clearInput().clearOutput();
      TensorProto expected = of.expected();
      long size = shape(expected).size();
      String result = of.model().getGraph().getOutput(0).getName();
      List<NodeProto> nodes = new ArrayList<>();
      float[] pixels;
      if (of.input().isPresent()) {
        TensorProto first = of.input().get();
        String name = of.model().getGraph().getInput(0).getName();
        pixels = floats(first);
        nodes.add(
            node(
                "Reshape",
                "image.shaped",
                "image",
                shape(graph, "image.dims", first.getDimsList())));
        nodes.add(cast("image.shaped", name, first.getDataType()));
        nodes.addAll(graph.getNodeList());
        nodes.add(cast(result, "result.floats", DataType.FLOAT_VALUE));
        nodes.add(
            node(
                "Reshape",
                "result.pixels",
                "result.floats",
                shape(graph, "result.dims", List.of(1L, 1L, size, 1L))));
      } else {
        // A constant: it is added to an image of zeros.
        pixels = new float[(int) size];
        nodes.addAll(graph.getNodeList());
        nodes.add(cast(result, "result.floats", DataType.FLOAT_VALUE));
        nodes.add(
            node(
                "Reshape",
                "result.shaped",
                "result.floats",
                shape(graph, "result.dims", List.of(1L, 1L, size, 1L))));
        nodes.add(node("Add", "result.pixels", "image", "result.shaped"));
      }
      graph.addInitializer(
          TensorProto.newBuilder()
              .setName("layer.weight")
              .setDataType(DataType.FLOAT_VALUE)
              .addAllDims(List.of(1L, 1L, 1L, 1L))
              .addFloatData(1));
      nodes.add(node("Conv", "layer", "result.pixels", "layer.weight"));
      List<Long> dims = List.of(1L, 1L, (long) pixels.length, 1L);
      graph.clearNode().addAllNode(nodes);
      graph
          .addInput(input("image", DataType.FLOAT_VALUE, dims))
          .addOutput(input("layer", DataType.FLOAT_VALUE, List.of(1L, 1L, size, 1L)));
      return new Case(
          OnnxModel.of(of.name(), of.model().toBuilder().setGraph(graph).build()),
          Tensor.of(Shape.of(1, 1, pixels.length, 1), pixels),
          tensor(expected));
    }

    private static NodeProto node(String type, String result, String... inputs) {
      return NodeProto.newBuilder()
          .setOpType(type)
          .addAllInput(List.of(inputs))
          .addOutput(result)
          .build();
    }

    private static NodeProto cast(String from, String to, int type) {
      AttributeProto.Builder attribute =
          AttributeProto.newBuilder()
              .setName("to")
              .setType(AttributeProto.AttributeType.INT)
              .setI(type);
      return node("Cast", to, from).toBuilder().addAttribute(attribute).build();
    }

    private static String shape(GraphProto.Builder graph, String name, List<Long> dims) {
      graph.addInitializer(
          TensorProto.newBuilder()
              .setName(name)
              .setDataType(DataType.INT64_VALUE)
              .addDims(dims.size())
              .addAllInt64Data(dims));
      return name;
    }

    private static Shape images(Shape shape) {
      int[] dims = {1, 1, 1, 1};
      for (int i = 0; i < Math.min(4, shape.rank()); i++) {
        dims[i] = shape.dim(i);
      }
      return Shape.of(dims);
    }

    private static ValueInfoProto input(String name, int type, List<Long> dims) {
      TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
      dims.forEach(dim -> shape.addDimBuilder().setDimValue(dim));
      TypeProto.Tensor.Builder tensor =
          TypeProto.Tensor.newBuilder().setElemType(type).setShape(shape);
      return ValueInfoProto.newBuilder()
          .setName(name)
          .setType(TypeProto.newBuilder().setTensorType(tensor))
          .build();
    }

    private static Tensor tensor(TensorProto tensor) {
      float[] values = floats(tensor);
      return Tensor.of(Shape.of(values.length), values);
    }

    static Shape shape(TensorProto tensor) {
      return new Shape(tensor.getDimsList().stream().map(Math::toIntExact).toList());
    }

    /** The values, whatever their type; all of them are exact as floats. */
    static float[] floats(TensorProto tensor) {
      float[] values = new float[(int) shape(tensor).size()];
      ByteBuffer raw = tensor.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < values.length; i++) {
        values[i] =
            tensor.hasRawData()
                ? next(raw, tensor.getDataType())
                : tensor.getDataType() == DataType.FLOAT_VALUE
                    ? tensor.getFloatData(i)
                    : tensor.getInt32Data(i);
      }
      return values;
    }

    private static float next(ByteBuffer raw, int type) {
      return switch (type) {
        case DataType.FLOAT_VALUE -> raw.getFloat();
        case DataType.DOUBLE_VALUE -> (float) raw.getDouble();
        case DataType.INT64_VALUE -> raw.getLong();
        case DataType.INT32_VALUE -> raw.getInt();
        case DataType.UINT8_VALUE -> raw.get() & 255;
        case DataType.INT8_VALUE, DataType.BOOL_VALUE -> raw.get();
        default -> throw new DlacException("values of type " + type, "numbers", "another case");
      };
    }
  }

  /**
   * What a case's folder holds.
   *
   * @param model with all inputs but the first as constants
   * @param input the first one's value; empty if it has none
   */
  private record Source(
      String name, ModelProto model, Optional<TensorProto> input, TensorProto expected) {
    /**
     * @param images whether an operator that works on each element alone gets its operands as one
     *     image
     */
    static Source read(Path folder, boolean images) throws IOException {
      ModelProto model =
          atLeast7(ModelProto.parseFrom(Files.readAllBytes(folder.resolve("model.onnx"))));
      boolean oneImage = images && ELEMENT_WISE.contains(model.getGraph().getNode(0).getOpType());
      GraphProto.Builder graph = model.getGraph().toBuilder();
      Path data = folder.resolve("test_data_set_0");
      Set<String> constants = new TreeSet<>();
      graph.getInitializerList().forEach(tensor -> constants.add(tensor.getName()));
      Optional<TensorProto> first = Optional.empty();
      int file = 0;
      for (var input : model.getGraph().getInputList()) {
        if (constants.contains(input.getName())) {
          continue;
        }
        TensorProto tensor = tensor(data.resolve("input_" + file++ + ".pb"));
        if (oneImage && tensor.getDimsCount() % 2 == 1) {
          tensor =
              tensor.toBuilder().clearDims().addDims(1).addAllDims(tensor.getDimsList()).build();
        }
        if (first.isEmpty()) {
          first = Optional.of(tensor);
        } else {
          graph.addInitializer(tensor.toBuilder().setName(input.getName()));
        }
      }
      return new Source(
          folder.getFileName().toString(),
          model.toBuilder().setGraph(graph).build(),
          first,
          tensor(data.resolve("output_0.pb")));
    }

    /** Old cases, where set 7 has the same operators, as cases of set 7. */
    private static ModelProto atLeast7(ModelProto model) {
      if (model.getOpsetImport(0).getVersion() >= 7
          || !model.getGraph().getNodeList().stream()
              .allMatch(n -> UNCHANGED.contains(n.getOpType()))) {
        return model;
      }
      ModelProto.Builder newer = model.toBuilder();
      newer.getOpsetImportBuilder(0).setVersion(7);
      for (NodeProto.Builder node : newer.getGraphBuilder().getNodeBuilderList()) {
        List<AttributeProto> kept =
            node.getAttributeList().stream().filter(a -> !DROPPED.contains(a.getName())).toList();
        node.clearAttribute().addAllAttribute(kept);
      }
      return newer.build();
    }

    private static TensorProto tensor(Path file) throws IOException {
      return TensorProto.parseFrom(Files.readAllBytes(file));
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
    float[] expected = c.expected().toArray();
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

  /** As it is, if its operands are images, and else between an image and a layer of the grid. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void aCaseGivesItsResult(Path folder) throws IOException {
    assumeInstalled();
    try {
      Case alone = Case.alone(folder);
      if (alone.model().output().isPresent()) {
        assertRight(alone);
        return;
      }
    } catch (DlacException e) {
      assertSaysWhatToDo(e);
    }
    Case between;
    try {
      between = Case.inNetwork(folder);
    } catch (DlacException e) {
      assertSaysWhatToDo(e);
      assertMayBeRefused(folder, e);
      return;
    }
    assertRight(between);
  }

  private static void assertMayBeRefused(Path folder, DlacException e) throws IOException {
    String name = folder.getFileName().toString();
    List<String> reasons =
        REFUSED.entrySet().stream()
            .filter(entry -> entry.getKey().matcher(name).matches())
            .map(Map.Entry::getValue)
            .toList();
    if (reasons.isEmpty()) {
      assertThat(Source.read(folder, false).model().getGraph().getNodeList())
          .as("operators of %s, one of which is none of those to compute; refused: %s", name, e)
          .extracting(NodeProto::getOpType)
          .anyMatch(type -> !COMPUTED.contains(type));
    } else {
      assertThat(e).hasMessageContaining(reasons.get(0));
    }
  }

  private static void assertSaysWhatToDo(DlacException e) {
    assertThat(e).hasMessageContaining("expected:").hasMessageContaining("try:");
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
    Case c = Case.alone(CASES.resolve(name));
    assertThat(c.model().isDescribed()).isTrue();
    assertRight(c);
  }

  @Test
  void thereAreCasesForEveryOperatorToCompute() throws IOException {
    assumeInstalled();
    Set<String> types = new TreeSet<>();
    for (Path folder : cases().toList()) {
      Source.read(folder, false)
          .model()
          .getGraph()
          .getNodeList()
          .forEach(n -> types.add(n.getOpType()));
    }
    assertThat(types).containsAll(COMPUTED);
  }

  @Test
  void aTransposedConvolutionIsRefusedBeforeALayerOfTheGridByName() {
    assumeInstalled();
    for (String name : List.of("test_convtranspose", "test_convtranspose_dilations")) {
      assertThat(catchThrowable(() -> Case.inNetwork(CASES.resolve("node").resolve(name))))
          .isInstanceOf(DlacException.class)
          .hasMessageContaining("comes after ConvTranspose \"Y\"");
    }
  }
}
