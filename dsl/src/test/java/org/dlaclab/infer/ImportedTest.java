package org.dlaclab.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.dlaclab.error.Refusals.assertRefused;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.dlaclab.network.FeatureMap;
import org.dlaclab.network.Layer;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.onnx.OnnxModel;
import org.dlaclab.operand.Operands;
import org.dlaclab.quant.Policy;
import org.dlaclab.quant.Quantizer;
import org.dlaclab.tensor.Shape;
import org.dlaclab.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Graphs as tools write them, each of a few operators. */
class ImportedTest {
  private static final Policy FULL = Policy.of("full");

  @TempDir Path folder;

  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("g");

  // --- building a file
  // -----------------------------------------------------------------------------------------------

  private void images(long... dims) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (long dim : dims) {
      if (dim < 0) {
        shape.addDimBuilder().setDimParam("N");
      } else {
        shape.addDimBuilder().setDimValue(dim);
      }
    }
    TypeProto.Tensor.Builder type = TypeProto.Tensor.newBuilder().setElemType(1).setShape(shape);
    graph.addInput(
        ValueInfoProto.newBuilder()
            .setName("x")
            .setType(TypeProto.newBuilder().setTensorType(type)));
  }

  private NodeProto.Builder op(String type, String result, String... inputs) {
    return graph.addNodeBuilder().setOpType(type).addAllInput(List.of(inputs)).addOutput(result);
  }

  private static AttributeProto integers(String name, long... values) {
    return Protos.ints(name, values).build();
  }

  /** A tensor of 1, -2, 3, -4, 5, ... tenths. */
  private String floats(String name, int... dims) {
    Shape shape = Shape.of(dims);
    float[] values = new float[(int) shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (i % 2 == 0 ? 0.1f : -0.1f) * (i % 7 + 1);
    }
    return Protos.initializer(graph, name, Tensor.of(shape, values));
  }

  private String whole(String name, int type, int[] dims, long... values) {
    TensorProto.Builder tensor = TensorProto.newBuilder().setName(name).setDataType(type);
    for (int dim : dims) {
      tensor.addDims(dim);
    }
    for (long value : values) {
      if (type == TensorProto.DataType.INT64_VALUE) {
        tensor.addInt64Data(value);
      } else {
        tensor.addInt32Data((int) value);
      }
    }
    graph.addInitializer(tensor);
    return name;
  }

  private String sizes(String name, long... values) {
    return whole(name, TensorProto.DataType.INT64_VALUE, new int[] {values.length}, values);
  }

  private ModelProto file(int opset, String output) {
    graph.addOutput(ValueInfoProto.newBuilder().setName(output));
    return ModelProto.newBuilder()
        .setIrVersion(opset < 9 ? 3 : 8)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(opset))
        .setGraph(graph)
        .build();
  }

  private OnnxModel model(String output) {
    return OnnxModel.of("net", file(13, output));
  }

  private static Layer only(OnnxModel model) {
    assertThat(model.network().nodes()).hasSize(1);
    return model.network().nodes().get(0).layer();
  }

  private static Tensor run(OnnxModel model, Policy policy, Tensor images) {
    String output = model.output().orElseThrow();
    try (Inference inference = Inference.of(model, model.weights(), policy, List.of(output))) {
      return inference.run(images).get(output);
    }
  }

  private static Tensor some(int... dims) {
    Shape shape = Shape.of(dims);
    float[] values = new float[(int) shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.sin(i * 1.7);
    }
    return Tensor.of(shape, values);
  }

  /** What the network of layers gives, computed by the textbook's loops. */
  private static void assertAsTheTextbook(OnnxModel model, Policy policy, Tensor images) {
    assertThat(model.isDescribed()).isTrue();
    Tensor actual = run(model, policy, images);
    NaiveForward naive = new NaiveForward(model.weights(), policy);
    int at = 0;
    for (int i = 0; i < images.shape().dim(0); i++) {
      List<double[][][]> results = naive.run(RandomNetworks.image(images, i));
      for (double[][] channel : results.get(results.size() - 1)) {
        for (double[] row : channel) {
          for (double value : row) {
            assertThat((double) actual.get(at++)).isCloseTo(value, within(1e-5));
          }
        }
      }
    }
  }

  // --- what becomes a layer
  // ------------------------------------------------------------------------------------------

  @Test
  void zerosAroundAConvolutionBecomeItsPadding() {
    images(-1, 2, 5, 5);
    op("Pad", "p", "x", sizes("by", 0, 0, 1, 2, 0, 0, 3, 0));
    op("Conv", "y", "p", floats("w", 3, 2, 3, 3)).addAttribute(integers("pads", 1, 0, 0, 1));
    OnnxModel model = model("y");
    assertThat(((Layer.Conv) only(model)).padding())
        .isEqualTo(new org.dlaclab.network.Option.Padding(2, 2, 3, 1));
    assertAsTheTextbook(model, FULL, some(2, 2, 5, 5));
  }

  @Test
  void aMatrixProductWithAnAdditionBehindItIsFullyConnected() {
    images(-1, 4, 2, 2);
    op("Reshape", "flat", "x", sizes("to", 0, -1));
    op("MatMul", "m", "flat", floats("w", 16, 3));
    op("Add", "y", floats("b", 3), "m");
    OnnxModel model = model("y");
    assertThat(model.network().gridLayers()).hasSize(1);
    assertThat(model.network().parameters()).isEqualTo(16 * 3 + 3);
    assertThat(model.batches()).isTrue();
    assertAsTheTextbook(model, FULL, some(3, 4, 2, 2));
    assertAsTheTextbook(
        model, Policy.of("t", new Policy.Weights(new Quantizer.Uniform(3))), some(3, 4, 2, 2));
  }

  @Test
  void theFactorsOfAGemmAreInItsWeights() {
    images(-1, 4);
    op("Gemm", "y", "x", floats("w", 4, 3), floats("b", 1))
        .addAttribute(Protos.number("alpha", 0.5f))
        .addAttribute(Protos.number("beta", 3));
    OnnxModel model = model("y");
    assertAsTheTextbook(model, FULL, some(2, 4, 1, 1));
    assertAsTheTextbook(
        model,
        Policy.of("t", new Policy.Weights(new Quantizer.Ternary(Quantizer.Scale.PER_LAYER))),
        some(2, 4, 1, 1));
  }

  @ParameterizedTest
  @ValueSource(ints = {7, 9, 13, 17})
  void thresholdsAndLevelsArePutIntoFilesOfAnyOperatorSet(int opset) {
    images(-1, 2, 4, 4);
    op("Conv", "c", "x", floats("w", 3, 2, 3, 3));
    op("Relu", "r", "c");
    op("Conv", "y", "r", floats("v", 2, 3, 1, 1));
    if (opset < 9) {
      for (TensorProto tensor : graph.getInitializerList()) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        tensor.getDimsList().forEach(dim -> shape.addDimBuilder().setDimValue(dim));
        TypeProto.Tensor.Builder type =
            TypeProto.Tensor.newBuilder().setElemType(1).setShape(shape);
        graph.addInput(
            ValueInfoProto.newBuilder()
                .setName(tensor.getName())
                .setType(TypeProto.newBuilder().setTensorType(type)));
      }
    }
    OnnxModel model = OnnxModel.of("net", file(opset, "y"));
    for (List<Policy.Activation> does :
        List.<List<Policy.Activation>>of(
            List.of(new Policy.Threshold(0.3)),
            List.of(new Policy.KBit(3, 1)),
            List.of(new Policy.Threshold(0.2), new Policy.KBit(2, 0.7)))) {
      Policy policy = Policy.of("p", new Policy.Activations("*", does));
      assertAsTheTextbook(model, policy, some(2, 2, 4, 4));
    }
  }

  @Test
  void imagesWithChannelsLastComeChannelsFirst() {
    images(-1, 5, 6, 3);
    op("Transpose", "t", "x").addAttribute(integers("perm", 0, 3, 1, 2));
    op("Conv", "y", "t", floats("w", 2, 3, 1, 1));
    OnnxModel model = model("y");
    assertThat(model.network().ifm()).isEqualTo(new FeatureMap(3, 5, 6));
    assertAsTheTextbook(model, FULL, some(2, 3, 5, 6));
  }

  @Test
  void shapesThatAreComputedAreConstants() {
    images(-1, 4, 3, 3);
    op("Shape", "s", "x");
    op("Gather", "n", "s", whole("zero", TensorProto.DataType.INT64_VALUE, new int[0], 0));
    op("Unsqueeze", "n1", "n", sizes("axes", 0));
    op("Concat", "to", "n1", sizes("rest", -1)).addAttribute(Protos.integer("axis", 0));
    op("Reshape", "flat", "x", "to");
    op("Gemm", "y", "flat", floats("w", 36, 2));
    OnnxModel model = model("y");
    assertThat(model.network().nodes().stream().map(n -> n.layer().kind()))
        .containsExactly("flatten", "fc");
    assertThat(model.batches()).isTrue();
    assertAsTheTextbook(model, FULL, some(3, 4, 3, 3));
  }

  // --- quantized networks
  // --------------------------------------------------------------------------------------------

  @Test
  void aQuantizedWeightIsZeroWhereItIsTheZeroPoint() {
    images(-1, 2, 3, 3);
    int int8 = TensorProto.DataType.INT8_VALUE;
    int uint8 = TensorProto.DataType.UINT8_VALUE;
    Protos.initializer(graph, "s", Tensor.of(Shape.of(2), 0.5f, 0.25f));
    Protos.initializer(graph, "sx", Tensor.of(Shape.of(), 0.1f));
    whole("z", int8, new int[] {2}, 3, -1);
    whole("zx", uint8, new int[0], 20);
    op("QuantizeLinear", "q", "x", "sx", "zx");
    op("DequantizeLinear", "dq", "q", "sx", "zx");
    op("DequantizeLinear", "w", whole("wq", int8, new int[] {2, 2, 1, 1}, 3, 5, -1, -128), "s", "z")
        .addAttribute(Protos.integer("axis", 0));
    op("Conv", "y", "dq", "w");
    OnnxModel model = model("y");
    Node conv = model.network().gridLayers().get(0);
    assertThat(model.weights().get(conv, "weight").toArray())
        .containsExactly(0, 2 * 0.5f, 0, -127 * 0.25f);

    // The IFM is what the pair leaves of the images: zero within half a step of zero, and cut off.
    Tensor images =
        Tensor.of(
            Shape.of(1, 2, 3, 3),
            0.04f,
            -0.04f,
            0.06f,
            -9,
            0,
            1,
            30,
            0.1f,
            -0.1f,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0.05001f);
    Trained trained = Trained.of(model);
    try (Operands operands = trained.images(images).bind(trained.network(), FULL)) {
      assertThat(operands.sample(0).ifm(conv).density()).isEqualTo(7 / 18.0);
      assertThat(operands.weights(conv).density()).isEqualTo(0.5);
    }
    assertThat(model.opaque()).isEqualTo("DequantizeLinear, QuantizeLinear");
  }

  // --- what is opaque, and what is refused
  // ------------------------------------------------------------------------------

  @Test
  void anOpaqueOperatorRunsAndItsZerosAreReal() {
    images(-1, 1, 2, 2);
    op("Sign", "s", "x");
    op("Conv", "y", "s", floats("w", 1, 1, 1, 1));
    OnnxModel model = model("y");
    assertThat(model.opaque()).isEqualTo("Sign");
    Trained trained = Trained.of(model);
    Tensor images = Tensor.of(Shape.of(1, 1, 2, 2), -5, 0, 0, 7);
    Node conv = model.network().gridLayers().get(0);
    try (Operands operands = trained.images(images).bind(trained.network(), FULL)) {
      assertThat(operands.sample(0).ifm(conv).density()).isEqualTo(0.5);
    }
    assertThat(run(model, FULL, images).toArray()).containsExactly(-0.1f, 0, 0, 0.1f);
  }

  @Test
  void aConvTransposeIsRefusedBeforeTheGridAndOpaqueBehindIt() {
    images(-1, 1, 2, 2);
    op("Conv", "c", "x", floats("w", 1, 1, 1, 1));
    op("ConvTranspose", "t", "c", floats("v", 1, 1, 2, 2)).setName("upscale");
    ModelProto behind = file(13, "t");
    assertThat(OnnxModel.of("net", behind).opaque()).isEqualTo("ConvTranspose");
    op("Relu", "r", "t");
    op("Conv", "y", "r", "w");
    graph.clearOutput();
    assertRefused(() -> model("y"), "ConvTranspose \"upscale\"", "Conv \"y\"");
  }

  @Test
  void otherWorkThanThatOfImagesIsRefusedByName() {
    images(-1, 1, 2, 2);
    op("Conv", "y", "x", floats("w", 1, 1, 3)).setName("conv1d");
    assertRefused(() -> model("y"), "Conv \"conv1d\"", "1-D");
    graph.clear();
    images(-1, 1, 2, 2);
    op("Conv", "w", "x", floats("v", 1, 1, 2, 2)).setName("weights");
    op("Conv", "y", "x", "w").setName("dynamic");
    assertRefused(() -> model("y"), "Conv \"dynamic\"", "no constants");
    graph.clear();
    images(-1, 1, 2, 2);
    op("NonZero", "z", "x");
    op("Cast", "f", "z").addAttribute(Protos.integer("to", 1));
    op("Conv", "y", "f", floats("v", 1, 1, 2, 2));
    assertRefused(() -> model("y"), "Conv \"y\"", "no shape is known", "infer_shapes");
  }

  @Test
  void aSizeThatIsOpenIsAskedFor() throws IOException {
    images(-1, 3, -1, -1);
    op("Conv", "y", "x", floats("w", 2, 3, 3, 3));
    ModelProto file = file(13, "y");
    assertRefused(() -> OnnxModel.of("net", file), "3x?x?", "ifm(3, 224, 224)");
    Path path = Files.write(folder.resolve("open.onnx"), file.toByteArray());
    assertThat(OnnxModel.read(path, new FeatureMap(3, 8, 10)).network().ofm())
        .isEqualTo(new FeatureMap(2, 6, 8));
    assertRefused(() -> OnnxModel.read(path, new FeatureMap(4, 8, 10)), "4x8x10", "?x3x?x?");
  }

  @Test
  void soIsAShapeThatTheFileLeavesOut() throws IOException {
    images();
    op("Conv", "c", "x", floats("w", 2, 3, 3, 3));
    ModelProto file = file(17, "c");
    assertRefused(() -> OnnxModel.of("net", file), "images of any size", "ifm(3, 224, 224)");
    Path path = Files.write(folder.resolve("net.onnx"), file.toByteArray());
    OnnxModel model = OnnxModel.read(path, new FeatureMap(3, 5, 6));
    assertThat(model.network().ofm()).isEqualTo(new FeatureMap(2, 3, 4));
    assertAsTheTextbook(model, FULL, some(2, 3, 5, 6));
  }

  @Test
  void whatOnlyTheEngineRefusesIsSaidAsEverythingElse() {
    images(-1, 2, 5, 5);
    op("Conv", "c", "x", floats("w", 2, 2, 3, 3));
    Trained model = Trained.of(OnnxModel.of("net", file(99, "c")));
    assertRefused(
        () -> model.predict(some(1, 2, 5, 5)), "ONNX Runtime cannot run net: ", "pset 99");
  }

  @Test
  void aGraphThatIsFixedToABatchSaysSo() {
    images(8, 2, 3, 3);
    op("Reshape", "flat", "x", sizes("to", 8, 18));
    op("Gemm", "y", "flat", floats("w", 18, 2));
    assertRefused(() -> model("y"), "Gemm \"y\"", "batches of 8");
  }

  @Test
  void aGraphThatTakesOneImageRunsOneByOne() {
    images(1, 2, 3, 3);
    op("Reshape", "flat", "x", sizes("to", 1, 18));
    op("Gemm", "y", "flat", floats("w", 18, 2));
    OnnxModel model = model("y");
    assertThat(model.batches()).isFalse();
    assertAsTheTextbook(model, FULL, some(3, 2, 3, 3));
  }

  @Test
  void graphsThatAreNotSoundAreRefused() {
    images(-1, 1, 2, 2);
    op("Add", "a", "x", "b");
    op("Relu", "b", "a");
    assertRefused(() -> model("b"), "own results");
    graph.clear();
    images(-1, 1, 2, 2);
    op("Relu", "a", "nothing");
    assertRefused(() -> model("a"), "\"nothing\"", "nothing makes");
    graph.clear();
    images(-1, 1, 2, 2);
    op("If", "a", "x")
        .addAttribute(
            AttributeProto.newBuilder()
                .setName("then_branch")
                .setType(AttributeProto.AttributeType.GRAPH)
                .setG(GraphProto.getDefaultInstance()));
    assertRefused(() -> model("a"), "graphs of its own");
  }

  @Test
  void namesAreUniqueAndAFileMayBeCalledAfterThem() {
    images(-1, 1, 2, 2);
    op("Relu", "a", "x").setName("/layer1/relu");
    op("Relu", "b", "a").setName("/layer1/relu");
    op("Relu", "c/d", "b");
    Network network = model("c/d").network();
    assertThat(network.nodes().stream().map(Node::name))
        .containsExactly("layer1.relu", "layer1.relu_2", "c.d");
  }

  // --- data in other files
  // -------------------------------------------------------------------------------------------

  private Path external(Map<String, String> where) throws IOException {
    graph.clear();
    images(-1, 1, 1, 1);
    TensorProto.Builder weights =
        TensorProto.newBuilder()
            .setName("w")
            .setDataType(1)
            .addAllDims(List.of(1L, 1L, 1L, 1L))
            .setDataLocation(TensorProto.DataLocation.EXTERNAL);
    where.forEach((key, value) -> weights.addExternalDataBuilder().setKey(key).setValue(value));
    graph.addInitializer(weights);
    op("Conv", "y", "x", "w");
    Path models = Files.createDirectories(folder.resolve("models"));
    return Files.write(models.resolve("net.onnx"), file(13, "y").toByteArray());
  }

  @Test
  void weightsInAFileBesideTheModelAreRead() throws IOException {
    Path model = external(Map.of("location", "w.bin", "offset", "4", "length", "4"));
    ByteBuffer bytes = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putFloat(9).putFloat(2.5f).putFloat(9);
    Files.write(model.resolveSibling("w.bin"), bytes.array());
    OnnxModel read = OnnxModel.read(model);
    assertThat(read.weights().tensors().get("y.weight").get(0)).isEqualTo(2.5f);
    assertThat(run(read, FULL, Tensor.of(Shape.of(1, 1, 1, 1), 4)).get(0)).isEqualTo(10);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../secret",
        "models/../../secret",
        "/etc/passwd",
        "",
        ".",
        "link",
        "linked/secret"
      })
  void nothingOutsideOfTheModelsFolderIsRead(String location) throws IOException {
    Path model = external(Map.of("location", location));
    Path secret = Files.write(folder.resolve("secret"), new byte[4]);
    Path link = model.resolveSibling("link");
    if (!Files.exists(link)) {
      Files.createSymbolicLink(link, secret);
      Files.createSymbolicLink(model.resolveSibling("linked"), folder);
    }
    assertRefused(() -> OnnxModel.read(model), "w", "folder");
  }

  @Test
  void dataThatTheFileDoesNotHaveAreRefusedBeforeMemoryIsTaken() throws IOException {
    Files.createDirectories(folder.resolve("models"));
    Files.write(folder.resolve("models/w.bin"), new byte[4]);
    for (Map<String, String> where :
        List.of(
            Map.of("location", "w.bin", "offset", "4"),
            Map.of("location", "w.bin", "length", "4000000000"),
            Map.of("location", "w.bin", "offset", "-4"),
            Map.of("location", "w.bin", "offset", "many"),
            Map.of("location", "absent.bin"))) {
      Path model = external(where);
      assertRefused(() -> OnnxModel.read(model), "w");
    }
  }

  // --- folding
  // -------------------------------------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aFoldedNetworkGivesTheSameWithoutItsNormalizations(boolean fromFile) {
    Trained shipped = Trained.load("resnet20").withPolicy(FULL);
    Trained trained = shipped;
    if (fromFile) {
      String file = folder.resolve("full.onnx").toString();
      shipped.save(file);
      trained = Trained.onnx(Path.of(file)).withImages(shipped.images(), shipped.labels());
    }
    Trained folded = trained.foldBatchNorm();
    assertThat(folded.network().nodes())
        .hasSameSizeAs(
            trained.network().nodes().stream()
                .filter(node -> !(node.layer() instanceof Layer.BatchNorm))
                .toList());
    assertThat(folded.network().macs()).isEqualTo(trained.network().macs());
    String last = folded.network().nodes().get(folded.network().nodes().size() - 1).name();
    try (Inference one = trained.inference(trained.weights(), FULL, List.of(last));
        Inference other = folded.inference(folded.weights(), FULL, List.of(last))) {
      float[] expected = one.run(shipped.images()).get(last).toArray();
      float[] actual = other.run(shipped.images()).get(last).toArray();
      for (int i = 0; i < expected.length; i++) {
        assertThat(actual[i]).isCloseTo(expected[i], within(1e-3f));
      }
    }
  }

  // --- agreement
  // -----------------------------------------------------------------------------------------------------

  @Test
  void agreementIsTheShareOfImagesOfTheSameClass() {
    Trained trained = Trained.load("lenet5");
    assertThat(trained.agreement(trained.policy()).share()).isEqualTo(1);
    Policy nothing =
        Policy.of("nothing", new Policy.Activations("*", List.of(new Policy.Threshold(1e6))));
    Agreement lost = trained.agreement(nothing);
    List<Integer> own = trained.predict(trained.images());
    List<Integer> other = trained.withPolicy(nothing).predict(trained.images());
    assertThat(other.stream().distinct()).hasSize(1); // biases alone decide
    assertThat(lost.same())
        .isEqualTo((int) own.stream().filter(c -> c.equals(other.get(0))).count());
    assertThat(lost).asString().startsWith("lenet5: " + lost.same() + " of 32 images");
  }
}
