// Two published networks with real weights as ONNX files, made from the npm packages that ship them (both under MIT):
//   npm install nsfwjs@4.4.0 @vladmandic/face-api@1.7.15
//   ./dlac run examples/own-network/convert.jsh node_modules FOLDER
// writes FOLDER/inception-v3.onnx, an image classifier (Inception-v3, 94 convolutions, 299 x 299 RGB images from 0 to 1) and
// FOLDER/face-resnet.onnx, a ResNet of 29 convolutions (150 x 150 RGB images, less the mean, from 0 to 1). Weights are stored
// there in 8 bits with a scale per tensor; in the ONNX files they are the floats that these stand for.
import ai.onnx.proto.OnnxMl.*;
import com.fasterxml.jackson.databind.*;
import com.google.protobuf.ByteString;
import java.nio.*;

var packages = Path.of(args[0]);
var folder = Files.createDirectories(Path.of(args[1]));
var json = new ObjectMapper();

// --- weights as TensorFlow.js stores them -----------------------------------------------------------------------------
record Array(int[] dims, float[] values) {}

/** The tensors of a manifest: one byte per value, value = byte * scale + min; or plain floats. */
Map<String, Array> tensors(JsonNode manifest, byte[] bytes) {
  var all = new LinkedHashMap<String, Array>();
  var buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  for (var weight : manifest.get("weights")) {
    var dims = json.convertValue(weight.get("shape"), int[].class);
    var values = new float[IntStream.of(dims).reduce(1, Math::multiplyExact)];
    var quantized = weight.get("quantization");
    for (int i = 0; i < values.length; i++) {
      values[i] = quantized == null ? buffer.getFloat()
          : (float) ((buffer.get() & 255) * quantized.get("scale").asDouble() + quantized.get("min").asDouble());
    }
    all.put(weight.get("name").asText(), new Array(dims, values));
  }
  if (buffer.hasRemaining()) throw new IllegalStateException(buffer.remaining() + " bytes are left over");
  return all;
}

/** What a JavaScript module of the package exports, as JSON. */
JsonNode exported(Path module) throws Exception {
  var node = new ProcessBuilder("node", "-p", "JSON.stringify(require(process.argv[1]))", module.toAbsolutePath().toString())
      .redirectError(ProcessBuilder.Redirect.INHERIT).start();
  var answer = json.readTree(node.getInputStream());
  if (node.waitFor() != 0) throw new IllegalStateException("node cannot read " + module);
  return answer;
}

// --- ONNX -------------------------------------------------------------------------------------------------------------
AttributeProto ints(String name, long... values) {
  return AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS)
      .addAllInts(LongStream.of(values).boxed().toList()).build();
}
AttributeProto integer(String name, long value) {
  return AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INT).setI(value).build();
}
AttributeProto number(String name, double value) {
  return AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.FLOAT).setF((float) value).build();
}
AttributeProto same(boolean same) {
  return AttributeProto.newBuilder().setName("auto_pad").setType(AttributeProto.AttributeType.STRING)
      .setS(ByteString.copyFromUtf8(same ? "SAME_UPPER" : "VALID")).build();
}

class Graph {
  final GraphProto.Builder graph = GraphProto.newBuilder();

  /** An operator whose result has the operator's name. */
  String node(String type, String name, List<String> inputs, AttributeProto... attributes) {
    graph.addNode(NodeProto.newBuilder().setOpType(type).setName(name).addAllInput(inputs).addOutput(name)
        .addAllAttribute(List.of(attributes)));
    return name;
  }
  String constant(String name, float[] values, long... dims) {
    var bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return constant(name, TensorProto.DataType.FLOAT_VALUE, bytes, dims);
  }
  String constant(String name, long... values) {
    var bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asLongBuffer().put(values);
    return constant(name, TensorProto.DataType.INT64_VALUE, bytes, values.length);
  }
  private String constant(String name, int type, ByteBuffer bytes, long... dims) {
    graph.addInitializer(TensorProto.newBuilder().setName(name).setDataType(type)
        .addAllDims(LongStream.of(dims).boxed().toList()).setRawData(ByteString.copyFrom(bytes.rewind())));
    return name;
  }
  /** Filters come as R x S x C x K; ONNX has K x C x R x S. */
  String filters(String name, Array array) {
    int r = array.dims()[0], s = array.dims()[1], c = array.dims()[2], k = array.dims()[3];
    var turned = new float[array.values().length];
    for (int i = 0; i < turned.length; i++) {
      turned[((i % k * c + i / k % c) * r + i / (k * c * s)) * s + i / (k * c) % s] = array.values()[i];
    }
    return constant(name, turned, k, c, r, s);
  }
  String vector(String name, Array array) {
    return constant(name, array.values(), array.values().length);
  }
  private ValueInfoProto value(String name, long... dims) {
    var shape = TensorShapeProto.newBuilder();
    shape.addDimBuilder().setDimParam("batch");
    for (long dim : dims) shape.addDimBuilder().setDimValue(dim);
    return ValueInfoProto.newBuilder().setName(name).setType(TypeProto.newBuilder().setTensorType(
        TypeProto.Tensor.newBuilder().setElemType(TensorProto.DataType.FLOAT_VALUE).setShape(shape))).build();
  }
  void save(Path file, int extent, String output, int outputs) throws Exception {
    graph.setName(file.getFileName().toString().replace(".onnx", "")).addInput(value("image", 3, extent, extent))
        .addOutput(value(output, outputs));
    Files.write(file, ModelProto.newBuilder().setIrVersion(8).setProducerName("examples/own-network/convert.jsh")
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17)).setGraph(graph).build().toByteArray());
    System.out.println(file + ", " + Files.size(file) / 1_000_000 + " MB");
  }
}

// --- Inception-v3, a Keras model --------------------------------------------------------------------------------------
void inception(Path models) throws Exception {
  var model = exported(models.resolve("model.min.js"));
  var manifest = model.get("weightsManifest").get(0);
  var bytes = new java.io.ByteArrayOutputStream();
  for (var shard : manifest.get("paths")) {
    bytes.write(Base64.getDecoder().decode(exported(models.resolve(shard.asText() + ".min.js")).asText()));
  }
  var weights = tensors(manifest, bytes.toByteArray());
  var graph = new Graph();
  var results = new HashMap<String, String>(); // what a Keras layer's result is called
  String last = "";
  for (var layer : model.at("/modelTopology/model_config/config/layers")) {
    var name = layer.get("name").asText();
    var config = layer.get("config");
    var inputs = new ArrayList<String>();
    for (var inbound : layer.get("inbound_nodes").path(0)) inputs.add(results.get(inbound.get(0).asText()));
    var x = inputs.isEmpty() ? "image" : inputs.get(0);
    var padded = same(config.path("padding").asText().equals("same"));
    var strides = config.path("strides");
    var extent = config.path("pool_size");
    last = switch (layer.get("class_name").asText()) {
      case "InputLayer", "Dropout" -> x;
      case "Conv2D" -> {
        var filters = weights.get(name + "/kernel");
        yield graph.node("Conv", name, List.of(x, graph.filters(name + ".weight", filters)),
            ints("kernel_shape", filters.dims()[0], filters.dims()[1]), ints("strides", strides.get(0).asInt(), strides.get(1).asInt()),
            padded);
      }
      case "BatchNormalization" -> {
        var beta = weights.get(name + "/beta");
        var ones = new float[beta.values().length];
        Arrays.fill(ones, 1);
        yield graph.node("BatchNormalization", name, List.of(x, graph.vector(name + ".weight", new Array(beta.dims(), ones)),
            graph.vector(name + ".bias", beta), graph.vector(name + ".running_mean", weights.get(name + "/moving_mean")),
            graph.vector(name + ".running_var", weights.get(name + "/moving_variance"))), number("epsilon", config.get("epsilon").asDouble()));
      }
      case "Activation" -> graph.node("Relu", name, List.of(x));
      case "MaxPooling2D", "AveragePooling2D" -> graph.node(layer.get("class_name").asText().startsWith("Max") ? "MaxPool" : "AveragePool",
          name, List.of(x), ints("kernel_shape", extent.get(0).asInt(), extent.get(1).asInt()),
          ints("strides", strides.get(0).asInt(), strides.get(1).asInt()), padded);
      case "Concatenate" -> graph.node("Concat", name, inputs, integer("axis", 1));
      case "Flatten" -> graph.node("Flatten", name, List.of(x), integer("axis", 1)); // of 1 x 1 pixels: the order is the same
      case "Dense" -> {
        var kernel = weights.get(name + "/kernel");
        var y = graph.node("Gemm", name, List.of(x, graph.constant(name + ".weight", kernel.values(), kernel.dims()[0], kernel.dims()[1]),
            graph.vector(name + ".bias", weights.get(name + "/bias"))));
        yield config.get("activation").asText().equals("relu") ? graph.node("Relu", name + ".relu", List.of(y))
            : graph.node("Softmax", name + ".softmax", List.of(y), integer("axis", 1));
      }
      default -> { throw new IllegalStateException(layer.toString()); }
    };
    results.put(name, last);
  }
  graph.save(folder.resolve("inception-v3.onnx"), 299, last, 5);
}

// --- the ResNet of face-api, whose structure is in the package's src/faceRecognitionNet ---------------------------------
class Face {
  final Graph graph = new Graph();
  final Map<String, Array> weights;
  Face(Map<String, Array> weights) { this.weights = weights; }

  String conv(String x, String name, boolean down, boolean relu) {
    var filters = weights.get(name + "/conv/filters");
    int stride = down ? 2 : 1;
    var y = graph.node("Conv", name, List.of(x, graph.filters(name + ".weight", filters), graph.vector(name + ".bias", weights.get(name + "/conv/bias"))),
        ints("kernel_shape", filters.dims()[0], filters.dims()[1]), ints("strides", stride, stride), same(!down));
    int k = filters.dims()[3];
    // A scale and a shift per channel: a batch normalization whose statistics are folded into them.
    y = graph.node("Mul", name + ".scale", List.of(y, graph.constant(name + ".scale.weight", weights.get(name + "/scale/weights").values(), 1, k, 1, 1)));
    y = graph.node("Add", name + ".shift", List.of(y, graph.constant(name + ".shift.bias", weights.get(name + "/scale/biases").values(), 1, k, 1, 1)));
    return relu ? graph.node("Relu", name + ".relu", List.of(y)) : y;
  }
  /**
   * @param extent of the IFM, in pixels
   * @param channels of the IFM
   */
  String residual(String x, String name, boolean down, int extent, int channels) {
    var body = conv(conv(x, name + "/conv1", down, true), name + "/conv2", false, false);
    if (down) {
      // The body has (extent - 3) / 2 + 1 pixels and the shortcut extent / 2: zeros make up the difference in pixels and channels.
      int missing = extent / 2 - ((extent - 3) / 2 + 1);
      int filters = weights.get(name + "/conv1/conv/filters").dims()[3];
      x = graph.node("AveragePool", name + ".pool", List.of(x), ints("kernel_shape", 2, 2), ints("strides", 2, 2), same(false));
      if (filters > channels) {
        x = graph.node("Pad", name + ".channels", List.of(x, graph.constant(name + ".channels.pads", 0, 0, 0, 0, 0, filters - channels, 0, 0)));
      }
      if (missing > 0) {
        body = graph.node("Pad", name + ".pixels", List.of(body, graph.constant(name + ".pixels.pads", 0, 0, 0, 0, 0, 0, missing, missing)));
      }
    }
    return graph.node("Relu", name + ".relu", List.of(graph.node("Add", name + ".add", List.of(x, body))));
  }
}

void face(Path model) throws Exception {
  var manifest = json.readTree(model.resolve("face_recognition_model-weights_manifest.json").toFile()).get(0);
  var face = new Face(tensors(manifest, Files.readAllBytes(model.resolve("face_recognition_model.bin"))));
  var x = face.conv("image", "conv32_down", true, true);
  x = face.graph.node("MaxPool", "pool", List.of(x), ints("kernel_shape", 3, 3), ints("strides", 2, 2), same(false));
  int extent = 35, channels = 32; // 150 -> 72 -> 35
  for (var name : List.of("conv32_1", "conv32_2", "conv32_3", "conv64_down", "conv64_1", "conv64_2", "conv64_3", "conv128_down",
      "conv128_1", "conv128_2", "conv256_down", "conv256_1", "conv256_2", "conv256_down_out")) {
    boolean down = name.contains("_down");
    x = face.residual(x, name, down, extent, channels);
    extent = down ? extent / 2 : extent;
    channels = face.weights.get(name + "/conv1/conv/filters").dims()[3];
  }
  x = face.graph.node("Flatten", "flatten", List.of(face.graph.node("GlobalAveragePool", "mean", List.of(x))), integer("axis", 1));
  var fc = face.weights.get("fc");
  x = face.graph.node("MatMul", "fc", List.of(x, face.graph.constant("fc.weight", fc.values(), fc.dims()[0], fc.dims()[1])));
  face.graph.save(folder.resolve("face-resnet.onnx"), 150, x, fc.dims()[1]);
}

inception(packages.resolve("nsfwjs/dist/models/inception_v3"));
face(packages.resolve("@vladmandic/face-api/model"));
