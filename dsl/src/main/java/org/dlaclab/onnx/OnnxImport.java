package org.dlaclab.onnx;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.dlaclab.error.DlacException;
import org.dlaclab.network.FeatureMap;
import org.dlaclab.network.Layer;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.network.Option.Dilation;
import org.dlaclab.network.Option.Kernel;
import org.dlaclab.network.Option.Padding;
import org.dlaclab.network.Option.Stride;
import org.dlaclab.network.Weights;
import org.dlaclab.onnx.OnnxModel.Place;
import org.dlaclab.onnx.OnnxModel.Slot;
import org.dlaclab.tensor.Shape;
import org.dlaclab.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Makes layers of the operators of a graph. Lives only while a file is read. */
final class OnnxImport {
  /** What no layer of the grid may come after: its work is a convolution that is not described. */
  private static final Set<String> NOT_BEFORE_GRID = Set.of("ConvTranspose");

  /** Work of the grid in a form that is not described, and that no result may leave out. */
  private static final Set<String> INTEGER_WORK =
      Set.of("ConvInteger", "QLinearConv", "MatMulInteger", "QLinearMatMul");

  private static final Set<String> SAME_VALUE = Set.of("Identity", "Dropout");

  private final String name;
  private final ModelProto model;
  private final Graph graph;
  private final Values values;
  private final @Nullable Values ofTwo;
  private final String input;
  private final FeatureMap ifm;
  private final boolean ours;
  private final Names names;

  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Place> places = new HashMap<>();
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();
  private final Map<String, Long> undescribed = new TreeMap<>();

  /** By value, the node that makes it. */
  private final Map<String, Integer> made = new HashMap<>();

  /** By value that no node makes, the nodes that it comes from. */
  private final Map<String, Set<Integer>> from = new HashMap<>();

  /** Paddings of zeros which a convolution may take over. */
  private final Map<String, NodeProto> pads = new HashMap<>();

  /** By node, and by value that no node makes: the operator that a grid layer must not follow. */
  private final Map<Integer, NodeProto> refusedNodes = new HashMap<>();

  private final Map<String, NodeProto> refusedValues = new HashMap<>();

  /** Operators that a layer before has taken in. */
  private final Set<NodeProto> done = Collections.newSetFromMap(new IdentityHashMap<>());

  OnnxImport(String name, ModelProto model, Optional<FeatureMap> given) {
    this.name = name;
    this.model = model;
    this.graph = new Graph(name, model);
    this.ours = model.getProducerName().equals(Note.PRODUCER);
    this.names = new Names(ours);
    long[] images = images(given);
    this.values = new Values(graph, images);
    NodeProto transposed = channelsLast();
    this.input = transposed == null ? graph.input() : transposed.getOutput(0);
    this.ifm = map(values.get(input).dims());
    long[] two = images.clone();
    two[0] = 2;
    this.ofTwo = takesTwo(two);
    made.put(input, Node.INPUT);
    if (transposed != null) {
      done.add(transposed);
    }
    for (NodeProto node : graph.nodes()) {
      if (done.add(node)) {
        add(node);
      }
    }
  }

  // --- images
  // ----------------------------------------------------------------------------------------------------

  /** Extents of one image as the graph's input has them, batch first. */
  private long[] images(Optional<FeatureMap> given) {
    long[] dims = graph.imageDims();
    if (dims.length != 4 && dims.length != 2) {
      throw new DlacException(
          "input \"" + Names.shown(graph.input()) + "\" of " + name + " has shape " + shown(dims),
          "batch x channels x height x width, or batch x features",
          "export the part of the model that takes images");
    }
    FeatureMap wanted = given.orElse(null);
    if (wanted != null) {
      long[] asked = {wanted.channels(), wanted.height(), wanted.width()};
      boolean last = dims.length == 4 && dims[3] == asked[0] && dims[1] != asked[0];
      for (int i = 1; i < dims.length; i++) {
        long extent = asked[last ? (i + 1) % 3 : i - 1];
        if (dims[i] >= 0 && dims[i] != extent) {
          throw new DlacException(
              name + " takes images of " + shown(dims) + " and gets ifm " + wanted,
              "a size that it allows: ? is open",
              "leave ifm(...) out, or correct it");
        }
        dims[i] = extent;
      }
    }
    if (Arrays.stream(dims).skip(1).anyMatch(dim -> dim < 0)) {
      throw new DlacException(
          name + " takes images of any size: " + shown(dims),
          "a size: shapes, MACs and cycles depend on it",
          "give it: onnx(\"" + name + ".onnx\", ifm(3, 224, 224))");
    }
    dims[0] = 1;
    return dims;
  }

  private static String shown(long[] dims) {
    StringBuilder text = new StringBuilder();
    for (long dim : dims) {
      text.append(text.length() == 0 ? "" : "x").append(dim < 0 ? "?" : String.valueOf(dim));
    }
    return text.toString();
  }

  /** The transpose by which a network for images of height x width x channels begins. */
  private @Nullable NodeProto channelsLast() {
    NodeProto user = graph.onlyUser(graph.input());
    return user != null
            && user.getOpType().equals("Transpose")
            && Arrays.equals(Attributes.integers(user, "perm"), new long[] {0, 3, 1, 2})
            && values.get(user.getOutput(0)).isShaped()
        ? user
        : null;
  }

  /** The values for two images, or null if the graph takes only one at a time. */
  private @Nullable Values takesTwo(long[] images) {
    Values two;
    try {
      two = new Values(graph, images);
    } catch (DlacException e) {
      return null; // two images are too large where one is not
    }
    for (NodeProto node : graph.nodes()) {
      if (Set.of("Conv", "Gemm", "MatMul").contains(node.getOpType())
          && !fits(values.get(node.getInput(0)), two.get(node.getInput(0)))) {
        return null;
      }
    }
    return fits(values.get(graph.output()), two.get(graph.output())) ? two : null;
  }

  private static boolean fits(Value one, Value two) {
    if (!one.isShaped() || one.rank() == 0 || one.dims()[0] != 1 || !one.fromImages()) {
      return true;
    }
    long[] expected = one.dims().clone();
    expected[0] = 2;
    return two.isShaped() && Arrays.equals(two.dims(), expected);
  }

  private static FeatureMap map(long[] dims) {
    if (dims.length == 4) {
      return new FeatureMap((int) dims[1], (int) dims[2], (int) dims[3]);
    }
    long size = 1;
    for (int i = 1; i < dims.length; i++) {
      size *= dims[i];
    }
    return new FeatureMap((int) size, 1, 1);
  }

  /** Whether a value is a feature map per image. */
  private boolean isMap(String value) {
    Value one = values.get(value);
    if (!one.fromImages()
        || !one.isShaped()
        || one.rank() < 2
        || one.dims()[0] != 1
        || one.size() == 0
        || one.type() != DataType.FLOAT_VALUE) {
      return false;
    }
    return ofTwo == null || fits(one, ofTwo.get(value));
  }

  private long[] dims(String value) {
    return values.get(value).dims();
  }

  // --- operators
  // ----------------------------------------------------------------------------------------------------

  private void add(NodeProto node) {
    if (node.getOutputList().stream().noneMatch(out -> values.get(out).fromImages())) {
      return; // a constant, or a shape
    }
    if (INTEGER_WORK.contains(node.getOpType())) {
      throw new DlacException(
          Names.of(node) + " multiplies integers",
          "Conv, Gemm or MatMul between DequantizeLinear and QuantizeLinear",
          "quantize the model in the QDQ format: quantize_static(..., quant_format=QuantFormat.QDQ)");
    }
    boolean described = false;
    try {
      described = Values.standard(node) && describe(node);
    } catch (IndexOutOfBoundsException | IllegalStateException | ArithmeticException e) {
      if (isWork(node)) {
        throw new DlacException(
            Names.of(node)
                + " cannot be described: its inputs and attributes do not fit each other",
            "an operator as ONNX defines it",
            "check the model: onnx.checker.check_model(model, full_check=True)");
      }
    }
    if (!described) {
      opaque(node);
    }
  }

  private static boolean isWork(NodeProto node) {
    return node.getOpType().equals("Conv") || node.getOpType().equals("Gemm");
  }

  /** Makes a layer of an operator; false if there is none for it. */
  private boolean describe(NodeProto node) {
    String x = node.getInputCount() == 0 ? "" : node.getInput(0);
    String op = node.getOpType();
    switch (op) {
      case "Conv" -> conv(node);
      case "Gemm" -> {
        return gemm(node);
      }
      case "MatMul" -> {
        return matMul(node);
      }
      case "Pad" -> {
        if (!isZeroPadding(node)) {
          return false;
        }
        pads.put(node.getOutput(0), node);
      }
      default -> {
        if (!isMap(x) || !isMap(node.getOutput(0))) {
          return false;
        }
        return switch (op) {
          case "BatchNormalization" -> batchNorm(node);
          case "Relu", "ThresholdedRelu" -> relu(node);
          case "Clip" -> clip(node);
          case "LeakyRelu", "PRelu", "Sigmoid", "Tanh", "HardSigmoid", "HardSwish", "Swish" ->
              function(node);
          case "Mul" -> multiply(node);
          case "Add", "Sum" -> sum(node);
          case "Concat" -> concat(node);
          case "MaxPool", "AveragePool" -> pool(node);
          case "GlobalAveragePool" ->
              rank(x) == 4 && layer(node, new Layer.GlobalAvgPool(named(node)), x);
          case "ReduceMean" -> mean(node);
          case "LRN" -> localResponseNorm(node);
          case "Softmax" -> softmax(node);
          case "Flatten", "Reshape", "Squeeze", "Unsqueeze" -> reshape(node);
          case "Transpose" -> transpose(node);
          case "Slice" -> slice(node);
          case "Split" -> split(node);
          case "Cast" -> alias(node);
          default -> SAME_VALUE.contains(op) && alias(node);
        };
      }
    }
    return true;
  }

  private int rank(String value) {
    return values.get(value).rank();
  }

  // --- nodes
  // --------------------------------------------------------------------------------------------------------

  /** What the layer of an operator is called, resolved for its node; see {@link #named}. */
  private @Nullable String resolved;

  /** The name of an operator's layer: empty if the DSL's user gave none. */
  private String named(NodeProto node) {
    return named(node, 0);
  }

  private String named(NodeProto node, int output) {
    if (resolved == null) {
      resolved = names.layer(node, output);
    }
    return ours && node.getDocString().contains(Note.UNNAMED) ? "" : resolved;
  }

  private boolean layer(NodeProto node, Layer layer, String... inputs) {
    return layer(node, 0, layer, node.getOutput(0), List.of(inputs), List.of(node), Map.of());
  }

  /**
   * Adds a node.
   *
   * @param node whose name it gets
   * @param result the value that it makes
   * @param operators that it is made of
   */
  private boolean layer(
      NodeProto node,
      int output,
      Layer layer,
      String result,
      List<String> inputs,
      List<NodeProto> operators,
      Map<String, Slot> slots) {
    named(node, output);
    String as = Objects.requireNonNull(resolved);
    resolved = null;
    List<Integer> indices = inputs.stream().map(this::node).toList();
    List<FeatureMap> ifms = indices.stream().map(this::shape).toList();
    FeatureMap ofm = layer.ofm(as, ifms);
    if (!isMap(result) || !map(dims(result)).equals(ofm)) {
      throw new DlacException(
          Names.of(node)
              + " gives "
              + shown(values.get(result))
              + " where "
              + layer.kind()
              + " gives "
              + ofm,
          "one result",
          "check the model: onnx.checker.check_model(model, full_check=True)");
    }
    append(as, layer, result, indices, inputs.get(0), operators, slots, ofm);
    return true;
  }

  private void append(
      String as,
      Layer layer,
      String result,
      List<Integer> inputs,
      String ifm,
      List<NodeProto> operators,
      Map<String, Slot> slots,
      FeatureMap ofm) {
    Node node =
        new Node(nodes.size(), as, layer, inputs, inputs.stream().map(this::shape).toList(), ofm);
    for (int i : inputs) {
      NodeProto refused = refusedNodes.get(i);
      if (refused != null) {
        refusedNodes.put(node.index(), refused);
      }
    }
    nodes.add(node);
    made.put(result, node.index());
    List<Integer> dims = new ArrayList<>();
    Arrays.stream(dims(result)).skip(1).forEach(dim -> dims.add((int) dim));
    places.put(
        as,
        new Place(ifm, result, dims, slots, operators.stream().map(o -> o.getOutput(0)).toList()));
    done.addAll(operators);
  }

  private static String shown(Value value) {
    return value.isShaped() ? shown(value.dims()) : "an unknown shape";
  }

  private FeatureMap shape(int node) {
    return node == Node.INPUT ? ifm : nodes.get(node).ofm();
  }

  /** The node that makes a value. A padding that is not taken over becomes one now. */
  private int node(String value) {
    NodeProto pad = pads.remove(value);
    if (pad != null) {
      opaque(pad);
    }
    Integer node = made.get(value);
    if (node == null) {
      throw new IllegalStateException("no feature map: " + value);
    }
    return node;
  }

  /** Lets the operator's result be that of the layer before. */
  private boolean alias(NodeProto node) {
    made.put(node.getOutput(0), node(node.getInput(0)));
    return true;
  }

  /** An operator that no layer describes, for each of its results. */
  private void opaque(NodeProto node) {
    resolved = null;
    Set<Integer> inputs = new LinkedHashSet<>();
    NodeProto refused = NOT_BEFORE_GRID.contains(node.getOpType()) ? node : null;
    for (String value : node.getInputList()) {
      if (!values.get(value).fromImages()) {
        continue;
      }
      if (made.containsKey(value) || pads.containsKey(value)) {
        int index = node(value);
        inputs.add(index);
        refused = refused == null ? refusedNodes.get(index) : refused;
      } else {
        inputs.addAll(from.getOrDefault(value, Set.of()));
        refused = refused == null ? refusedValues.get(value) : refused;
      }
    }
    boolean any = false;
    for (int i = 0; i < node.getOutputCount(); i++) {
      String value = node.getOutput(i);
      if (value.isEmpty() || !values.get(value).fromImages()) {
        continue;
      }
      if (isMap(value)) {
        FeatureMap map = map(dims(value));
        named(node, i);
        String as = Objects.requireNonNull(resolved);
        resolved = null;
        append(
            as,
            new Layer.Operator(as, Names.shown(node.getOpType()), map),
            value,
            List.copyOf(inputs),
            node.getInputCount() == 0 ? "" : node.getInput(0),
            List.of(node),
            Map.of(),
            map);
        if (refused != null) {
          refusedNodes.put(nodes.size() - 1, refused);
        }
        any = true;
      } else {
        from.put(value, inputs);
        if (refused != null) {
          refusedValues.put(value, refused);
        }
      }
    }
    if (!any) {
      undescribed.merge(Names.shown(node.getOpType()), 1L, Long::sum);
    }
  }

  // --- work of the grid
  // ---------------------------------------------------------------------------------------------

  /** Refuses work of the grid on what is no feature map. */
  private void requireIfm(NodeProto node, String x, int rank) {
    boolean padded = pads.containsKey(x);
    NodeProto refused = refusedValues.get(x);
    if (refused == null && made.containsKey(x)) {
      refused = refusedNodes.get(made.get(x));
    }
    if (refused != null) {
      throw new DlacException(
          Names.of(node)
              + " comes after "
              + Names.of(refused)
              + ", which runs no layer of the grid",
          "convolutions and fully connected layers that come before any ConvTranspose",
          "cut the model before it: onnx.utils.extract_model(\"model.onnx\", \"cut.onnx\", inputs,"
              + " outputs)");
    }
    if (!padded && !(isMap(x) && rank(x) == rank && made.containsKey(x))) {
      Value value = values.get(x);
      long batch = graph.imageDims()[0];
      throw new DlacException(
          Names.of(node)
              + " gets "
              + (value.isShaped()
                  ? "\"" + Names.shown(x) + "\" of shape " + shown(value.dims()) + " for one image"
                  : "\""
                      + Names.shown(x)
                      + "\", of which no shape is known: "
                      + value.whyUnknown()),
          rank == 4 ? "a feature map, batch x C x H x W, of floats" : "batch x features, of floats",
          batch > 1
              ? "export it for one image or any number: it is fixed to batches of " + batch
              : value.isShaped()
                  ? "export the model so that the batch stays the first dimension"
                  : "infer its shapes and save them: onnx.shape_inference.infer_shapes(model)");
    }
  }

  /** A constant input of floats, or null if it is left out. */
  private @Nullable Value constant(NodeProto node, int index, String what) {
    Value value = values.input(node, index);
    if (value != null && (!value.isConstant() || value.type() != DataType.FLOAT_VALUE)) {
      throw new DlacException(
          Names.of(node) + " has " + what + " that are no constants of 32-bit floats",
          "constant " + what,
          value.fromImages()
              ? "export the model without layers whose weights depend on the image"
              : "convert the model to 32-bit floats and constants, with onnxsim for example");
    }
    return value;
  }

  private void conv(NodeProto node) {
    String x = node.getInput(0);
    Value w = values.input(node, 1);
    if (w == null) {
      throw new IllegalStateException("no weights");
    }
    if (w.isShaped() && w.rank() != 4) {
      throw new DlacException(
          Names.of(node) + " is a " + (w.rank() - 2) + "-D convolution",
          "2-D convolutions",
          "take a network for images; a 1-D convolution is a 2-D one with a kernel of height 1");
    }
    requireIfm(node, x, 4);
    Value weights = required(node, 1, "weights");
    Value bias = constant(node, 2, "biases");
    long[] dims = weights.dims();
    long[] kernel = Values.kernel(node, dims(x), dims);
    if (kernel[0] != dims[2] || kernel[1] != dims[3]) {
      throw new IllegalStateException("kernel");
    }
    NodeProto pad = pads.get(x);
    Padding padding = padding(Values.pads(node, dims(x), kernel));
    List<NodeProto> operators = new ArrayList<>(List.of(node));
    if (pad != null) {
      long[] zeros = Objects.requireNonNull(values.padding(pad));
      padding =
          new Padding(
              Math.addExact(padding.top(), (int) zeros[2]),
              Math.addExact(padding.left(), (int) zeros[3]),
              Math.addExact(padding.bottom(), (int) zeros[6]),
              Math.addExact(padding.right(), (int) zeros[7]));
      x = pad.getInput(0);
    }
    Layer.Conv conv =
        new Layer.Conv(
            named(node),
            extent(dims[0]),
            new Kernel(extent(kernel[0]), extent(kernel[1])),
            stride(node),
            padding,
            dilation(node),
            extent(Attributes.integer(node, "group", 1)),
            bias != null);
    FeatureMap ifm = shape(node(x));
    if (ifm.channels() % conv.groups() == 0 && dims[1] != ifm.channels() / conv.groups()) {
      throw new DlacException(
          Names.of(node) + " has weights of " + shown(dims) + " for an IFM of " + ifm,
          "weights of " + (ifm.channels() / conv.groups()) + " channels per group",
          "check the model: onnx.checker.check_model(model, full_check=True)");
    }
    if (bias != null && (bias.rank() != 1 || bias.size() != dims[0])) {
      throw new IllegalStateException("bias");
    }
    Map<String, Slot> slots = new HashMap<>();
    String operator = node.getOutput(0);
    slots.put("weight", new Slot(operator, 1, false));
    if (bias != null) {
      slots.put("bias", new Slot(operator, 2, false));
    }
    String as = Objects.requireNonNull(resolved);
    layer(node, 0, conv, operator, List.of(x), operators, slots);
    tensors.put(as + ".weight", tensor(dims, weights));
    if (bias != null) {
      tensors.put(as + ".bias", tensor(bias.dims(), bias));
    }
  }

  private static Tensor tensor(long[] dims, Value value) {
    return Tensor.of(
        new Shape(Arrays.stream(dims).mapToObj(d -> (int) d).toList()), value.elements().floats());
  }

  private static int extent(long value) {
    return Math.toIntExact(value);
  }

  private static Padding padding(long[] pads) {
    return new Padding(extent(pads[0]), extent(pads[1]), extent(pads[2]), extent(pads[3]));
  }

  private static Stride stride(NodeProto node) {
    long[] found = Values.ones(node, "strides", 2);
    return new Stride(extent(found[0]), extent(found[1]));
  }

  private static Dilation dilation(NodeProto node) {
    long[] found = Values.ones(node, "dilations", 2);
    return new Dilation(extent(found[0]), extent(found[1]));
  }

  /** As {@link #constant}, of an input that the operator can not be without. */
  private Value required(NodeProto node, int index, String what) {
    Value value = constant(node, index, what);
    if (value == null) {
      throw new IllegalStateException("no " + what);
    }
    return value;
  }

  /** {@code y = alpha x W + beta b}: false if x is no vector per image, or W is no constant. */
  private boolean gemm(NodeProto node) {
    String x = node.getInput(0);
    Value w = values.get(node.getInput(1));
    Value bias = values.input(node, 2);
    if (Attributes.integer(node, "transA", 0) != 0
        || w.fromImages()
        || (bias != null && bias.fromImages())) {
      return false;
    }
    requireIfm(node, x, 2);
    Value weights = required(node, 1, "weights");
    boolean transposed = Attributes.integer(node, "transB", 0) == 0;
    long outputs = weights.dims()[transposed ? 1 : 0];
    bias = constant(node, 2, "biases");
    if (bias != null && bias.size() != outputs && bias.size() != 1) {
      throw new DlacException(
          Names.of(node) + " has biases of shape " + shown(bias.dims()),
          "one per output, " + outputs + ", the same for all images",
          "export the model for a batch of 1, or of any size");
    }
    Map<String, Slot> slots = new HashMap<>();
    String operator = node.getOutput(0);
    slots.put("weight", new Slot(operator, 1, transposed));
    if (bias != null) {
      slots.put("bias", new Slot(operator, 2, false));
    }
    fullyConnected(
        node,
        List.of(node),
        operator,
        weights,
        transposed,
        Attributes.number(node, "alpha", 1),
        bias,
        Attributes.number(node, "beta", 1),
        slots);
    return true;
  }

  private boolean matMul(NodeProto node) {
    String x = node.getInput(0);
    Value w = values.get(node.getInput(1));
    if (w.fromImages() || !values.get(x).isShaped() || rank(x) != 2 || w.rank() != 2) {
      return false; // attention, or a layer over a sequence
    }
    requireIfm(node, x, 2);
    Value weights = required(node, 1, "weights");
    List<NodeProto> operators = new ArrayList<>(List.of(node));
    Map<String, Slot> slots = new HashMap<>();
    slots.put("weight", new Slot(node.getOutput(0), 1, true));
    String result = node.getOutput(0);
    Value bias = null;
    NodeProto add = graph.onlyUser(result);
    if (add != null && add.getOpType().equals("Add") && add.getInputCount() == 2) {
      int at = add.getInput(0).equals(result) ? 1 : 0;
      Value other = values.get(add.getInput(at));
      if (other.isConstant()
          && other.type() == DataType.FLOAT_VALUE
          && other.size() == w.dims()[1]
          && other.dims()[other.rank() - 1] == other.size()
          && isMap(add.getOutput(0))) {
        bias = other;
        operators.add(add);
        result = add.getOutput(0);
        slots.put("bias", new Slot(result, at, false));
      }
    }
    fullyConnected(node, operators, result, weights, true, 1, bias, 1, slots);
    return true;
  }

  private void fullyConnected(
      NodeProto node,
      List<NodeProto> operators,
      String result,
      Value weights,
      boolean transposed,
      float alpha,
      @Nullable Value bias,
      float beta,
      Map<String, Slot> slots) {
    int outputs = extent(weights.dims()[transposed ? 1 : 0]);
    int inputs = extent(weights.dims()[transposed ? 0 : 1]);
    Layer.FullyConnected fc = new Layer.FullyConnected(named(node), outputs, bias != null);
    String as = Objects.requireNonNull(resolved);
    layer(node, 0, fc, result, List.of(node.getInput(0)), operators, slots);
    float[] w = weights.elements().floats();
    if (transposed || alpha != 1) {
      org.dlaclab.error.Check.fitsHeap("the weights of \"" + as + "\"", 4.0 * w.length);
      float[] turned = new float[w.length];
      for (int o = 0; o < outputs; o++) {
        for (int i = 0; i < inputs; i++) {
          turned[o * inputs + i] = alpha * w[transposed ? i * outputs + o : o * inputs + i];
        }
      }
      w = turned;
    }
    tensors.put(as + ".weight", Tensor.of(Shape.of(outputs, inputs), w));
    if (bias != null) {
      float[] b = new float[outputs];
      for (int o = 0; o < outputs; o++) {
        b[o] = beta * (float) bias.elements().real(bias.size() == 1 ? 0 : o);
      }
      tensors.put(as + ".bias", Tensor.of(Shape.of(outputs), b));
    }
  }

  /** Whether an operator pads height and width with zeros. */
  private boolean isZeroPadding(NodeProto node) {
    String x = node.getInput(0);
    long[] by = values.padding(node);
    if (!isMap(x)
        || !isMap(node.getOutput(0))
        || rank(x) != 4
        || by == null
        || by.length != 8
        || !Attributes.text(node, "mode", "constant").equals("constant")
        || by[0] != 0
        || by[1] != 0
        || by[4] != 0
        || by[5] != 0
        || Arrays.stream(by).anyMatch(pixels -> pixels < 0 || pixels > 1 << 20)) {
      return false;
    }
    Value with = values.input(node, 2);
    return with == null
        ? Attributes.number(node, "value", 0) == 0
        : with.isConstant() && with.size() == 1 && with.elements().real(0) == 0;
  }

  // --- normalization and functions
  // ----------------------------------------------------------------------------------

  private boolean batchNorm(NodeProto node) {
    String x = node.getInput(0);
    if (Attributes.integer(node, "training_mode", 0) != 0
        || Attributes.integer(node, "spatial", 1) == 0
        || (rank(x) != 4 && rank(x) != 2)) {
      return false;
    }
    List<String> parts = List.of("weight", "bias", "running_mean", "running_var");
    Map<String, Slot> slots = new HashMap<>();
    Map<String, Tensor> found = new LinkedHashMap<>();
    for (int i = 0; i < parts.size(); i++) {
      Value value = values.input(node, i + 1);
      if (value == null
          || !value.isConstant()
          || value.type() != DataType.FLOAT_VALUE
          || value.rank() != 1
          || value.size() != dims(x)[1]) {
        return false;
      }
      slots.put(parts.get(i), new Slot(node.getOutput(0), i + 1, false));
      found.put(parts.get(i), tensor(value.dims(), value));
    }
    Layer layer =
        new Layer.BatchNorm(
            named(node), Attributes.number(node, "epsilon", Layer.BatchNorm.EPSILON));
    String as = Objects.requireNonNull(resolved);
    layer(node, 0, layer, node.getOutput(0), List.of(x), List.of(node), slots);
    found.forEach((part, tensor) -> tensors.put(as + "." + part, tensor));
    return true;
  }

  /** A ReLU with the bound and the levels that may follow it, as a policy makes them. */
  private boolean relu(NodeProto node) {
    float threshold = node.getOpType().equals("Relu") ? 0 : Attributes.number(node, "alpha", 1);
    if (!(threshold >= 0) || Float.isInfinite(threshold)) {
      return false;
    }
    double max = 0;
    int bits = 0;
    List<NodeProto> operators = new ArrayList<>(List.of(node));
    NodeProto min = follower(node, "Min");
    float bound = min == null ? 0 : scalar(min, node.getOutput(0));
    if (min != null && bound > 0 && Float.isFinite(bound)) {
      operators.add(min);
      max = bound;
      NodeProto mul = follower(min, "Mul");
      NodeProto round = mul == null ? null : follower(mul, "Round");
      NodeProto step = round == null ? null : follower(round, "Mul");
      if (mul != null && round != null && step != null) {
        for (int k = 1; k <= 16 && bits == 0; k++) {
          Layer.Relu relu = new Layer.Relu("", 0, k, decimal(bound));
          bits =
              relu.scale() == scalar(mul, min.getOutput(0))
                      && relu.step() == scalar(step, round.getOutput(0))
                  ? k
                  : 0;
        }
        if (bits > 0) {
          operators.addAll(List.of(mul, round, step));
        }
      }
    }
    NodeProto last = operators.get(operators.size() - 1);
    // The whole is called after its last operator, which is the layer in a graph of ours.
    return layer(
        last,
        0,
        new Layer.Relu(named(last), decimal(threshold), bits, decimal((float) max)),
        last.getOutput(0),
        List.of(node.getInput(0)),
        operators,
        Map.of());
  }

  /** The shortest decimal number that is this float. */
  private static double decimal(float value) {
    return Double.parseDouble(Float.toString(value));
  }

  /** The only operator that uses the result of {@code node}, if it is of this type. */
  private @Nullable NodeProto follower(NodeProto node, String type) {
    NodeProto user = graph.onlyUser(node.getOutput(0));
    return user != null && user.getOpType().equals(type) && isMap(user.getOutput(0)) ? user : null;
  }

  /** The one number that an operator has beside the value {@code other}, or NaN. */
  private float scalar(NodeProto node, String other) {
    if (node.getInputCount() == 2) {
      Value value = values.get(node.getInput(node.getInput(0).equals(other) ? 1 : 0));
      if (value.isConstant() && value.size() == 1 && value.elements().areFloats()) {
        return (float) value.elements().real(0);
      }
    }
    return Float.NaN;
  }

  private boolean clip(NodeProto node) {
    String x = node.getInput(0);
    float min = bound(node, 1, "min", Float.NEGATIVE_INFINITY);
    float max = bound(node, 2, "max", Float.POSITIVE_INFINITY);
    boolean open = max == Float.POSITIVE_INFINITY || max == Float.MAX_VALUE;
    if (min == 0 && max > 0) {
      // clip(x + 3, 0, 6) is a part of a hard swish, and no ReLU.
      NodeProto before =
          graph.nodes().stream().filter(n -> n.getOutputList().contains(x)).findAny().orElse(null);
      if (before != null && before.getOpType().equals("Add") && anyConstant(before)) {
        return false;
      }
      return layer(node, new Layer.Relu(named(node), 0, 0, open ? 0 : decimal(max)), x);
    }
    if (!(min <= max) || min == 0) {
      return false;
    }
    return layer(node, new Layer.Activation(named(node), new Layer.Function.Clip(min, max)), x);
  }

  private boolean anyConstant(NodeProto node) {
    return node.getInputList().stream()
        .anyMatch(value -> values.get(value).isConstant() && values.get(value).size() == 1);
  }

  /** A bound of a clip: an input, or an attribute before operator set 11; NaN if it varies. */
  private float bound(NodeProto node, int index, String attribute, float otherwise) {
    if (graph.opset() < 11) {
      return Attributes.number(node, attribute, otherwise);
    }
    Value value = values.input(node, index);
    if (value == null) {
      return otherwise;
    }
    return value.isConstant() && value.size() == 1 ? (float) value.elements().real(0) : Float.NaN;
  }

  private boolean function(NodeProto node) {
    String x = node.getInput(0);
    Layer.Function function;
    switch (node.getOpType()) {
      case "LeakyRelu" ->
          function = new Layer.Function.LeakyRelu(Attributes.number(node, "alpha", 0.01f));
      case "PRelu" -> {
        Value slope = values.input(node, 1);
        if (slope == null || !slope.isConstant() || slope.size() != 1) {
          return false;
        }
        function = new Layer.Function.LeakyRelu((float) slope.elements().real(0));
      }
      case "Sigmoid" -> {
        NodeProto mul = follower(node, "Mul");
        if (mul != null
            && mul.getInputCount() == 2
            && mul.getInputList().contains(x)
            && (!ours || node.getDocString().contains(Note.IMPLIED))) {
          return layer(
              mul,
              0,
              new Layer.Activation(named(mul), new Layer.Function.Swish()),
              mul.getOutput(0),
              List.of(x),
              List.of(node, mul),
              Map.of());
        }
        function = new Layer.Function.Sigmoid();
      }
      case "Tanh" -> function = new Layer.Function.Tanh();
      case "HardSigmoid" ->
          function =
              new Layer.Function.HardSigmoid(
                  Attributes.number(node, "alpha", 0.2f), Attributes.number(node, "beta", 0.5f));
      case "HardSwish" -> function = new Layer.Function.HardSwish();
      default -> {
        if (Attributes.number(node, "alpha", 1) != 1) {
          return false;
        }
        function = new Layer.Function.Swish();
      }
    }
    return layer(node, new Layer.Activation(named(node), function), x);
  }

  // --- several feature maps
  // ------------------------------------------------------------------------------------------

  private boolean areMaps(NodeProto node) {
    return node.getInputList().stream()
        .allMatch(value -> isMap(value) && (made.containsKey(value) || pads.containsKey(value)));
  }

  private boolean multiply(NodeProto node) {
    if (!areMaps(node) || node.getInputCount() != 2) {
      return false;
    }
    String x = node.getInput(0);
    String by = node.getInput(1);
    if (shape(node(x)).size() < shape(node(by)).size()) {
      x = node.getInput(1);
      by = node.getInput(0);
    }
    FeatureMap map = shape(node(x));
    FeatureMap gate = shape(node(by));
    return rank(x) == rank(by)
        && (gate.equals(map) || gate.equals(new FeatureMap(map.channels(), 1, 1)))
        && layer(node, new Layer.Multiply(named(node)), x, by);
  }

  /** {@code x * clip(x + 3, 0, 6) / 6}, as tools write a hard swish before operator set 14. */
  private boolean hardSwish(NodeProto add) {
    String x = add.getInput(0);
    NodeProto clip = scalar(add, x) == 3 ? follower(add, "Clip") : null;
    if (clip == null
        || bound(clip, 1, "min", Float.NaN) != 0
        || bound(clip, 2, "max", Float.NaN) != 6) {
      return false;
    }
    NodeProto first = follower(clip, "Mul");
    boolean multiplied = first != null && first.getInputList().contains(x);
    first = multiplied ? first : follower(clip, "Div");
    NodeProto last = first == null ? null : follower(first, multiplied ? "Div" : "Mul");
    if (first == null || last == null) {
      return false;
    }
    NodeProto div = multiplied ? last : first;
    NodeProto mul = multiplied ? first : last;
    boolean swish =
        div.getInput(0).equals((multiplied ? mul : clip).getOutput(0))
            && scalar(div, div.getInput(0)) == 6
            && mul.getInputList().contains(x);
    return swish
        && layer(
            last,
            0,
            new Layer.Activation(named(last), new Layer.Function.HardSwish()),
            last.getOutput(0),
            List.of(x),
            List.of(add, clip, first, last),
            Map.of());
  }

  private boolean sum(NodeProto node) {
    if (!areMaps(node)) {
      return node.getOpType().equals("Add")
          && made.containsKey(node.getInput(0))
          && hardSwish(node);
    }
    if (node.getInputCount() == 1) {
      return alias(node);
    }
    long[] dims = dims(node.getInput(0));
    for (String value : node.getInputList()) {
      if (!Arrays.equals(dims(value), dims)) {
        return false;
      }
    }
    return layer(node, new Layer.Add(named(node)), node.getInputList().toArray(new String[0]));
  }

  private boolean concat(NodeProto node) {
    if (!areMaps(node)) {
      return false;
    }
    int rank = rank(node.getInput(0));
    return (rank == 4 || rank == 2)
        && Values.axis(Attributes.integer(node, "axis", 1), rank) == 1
        && layer(node, new Layer.Concat(named(node)), node.getInputList().toArray(new String[0]));
  }

  // --- pooling
  // --------------------------------------------------------------------------------------------------------

  private boolean pool(NodeProto node) {
    String x = node.getInput(0);
    boolean max = node.getOpType().equals("MaxPool");
    if (rank(x) != 4
        || Attributes.integer(node, "storage_order", 0) != 0
        || (node.getOutputCount() > 1 && !node.getOutput(1).isEmpty())) {
      return false;
    }
    long[] kernel = Values.kernel(node, dims(x), null);
    Padding padding = padding(Values.pads(node, dims(x), kernel));
    boolean ceil = Attributes.integer(node, "ceil_mode", 0) != 0;
    boolean count = Attributes.integer(node, "count_include_pad", 0) != 0 && !max;
    boolean padded = padding.top() + padding.left() + padding.bottom() + padding.right() > 0;
    Dilation dilation = dilation(node);
    if ((count && padded && ceil) || (ceil && dilation.height() * dilation.width() != 1)) {
      return false;
    }
    Kernel window = new Kernel(extent(kernel[0]), extent(kernel[1]));
    Stride stride = stride(node);
    Layer.Pool pool =
        new Layer.Pool(
            named(node), max, window, stride, padding, dilation, ceil, count && (padded || ours));
    Layer.Pool whole = ceilMode(node, pool);
    FeatureMap ifm = shape(node(x));
    FeatureMap ofm = whole.ofm(node.getName(), List.of(ifm));
    return ofm.equals(map(dims(node.getOutput(0)))) && layer(node, whole, x);
  }

  /** The pooling with ceilMode() that a note says this one is, if it gives the same. */
  private Layer.Pool ceilMode(NodeProto node, Layer.Pool pool) {
    for (int top = 0; ours && !pool.ceilMode() && top < 1; top++) {
      java.util.regex.Matcher found =
          java.util.regex.Pattern.compile(
                  "ceilMode\\(\\) pad\\((\\d{1,4}), (\\d{1,4}), (\\d{1,4}), (\\d{1,4})\\)")
              .matcher(node.getDocString());
      if (!found.find()) {
        return pool;
      }
      Padding padding =
          new Padding(
              Integer.parseInt(found.group(1)),
              Integer.parseInt(found.group(2)),
              Integer.parseInt(found.group(3)),
              Integer.parseInt(found.group(4)));
      boolean same =
          padding.top() == pool.padding().top()
              && padding.left() == pool.padding().left()
              && padding.bottom() <= pool.padding().bottom()
              && padding.right() <= pool.padding().right()
              && !pool.countPadding()
              && pool.dilation().equals(new Dilation(1, 1));
      Layer.Pool ceil =
          same
              ? new Layer.Pool(
                  pool.name(),
                  pool.max(),
                  pool.kernel(),
                  pool.stride(),
                  padding,
                  pool.dilation(),
                  true,
                  false)
              : pool;
      FeatureMap ifm = shape(node(node.getInput(0)));
      boolean gives =
          ceil.ofm(node.getName(), List.of(ifm)).equals(pool.ofm(node.getName(), List.of(ifm)));
      return gives ? ceil : pool;
    }
    return pool;
  }

  private boolean mean(NodeProto node) {
    String x = node.getInput(0);
    long[] given = values.integers(node, 1);
    long[] axes = given == null ? Attributes.integers(node, "axes") : given;
    if (rank(x) != 4 || axes.length != 2) {
      return false;
    }
    int sum = Values.axis(axes[0], 4) + Values.axis(axes[1], 4);
    int product = Values.axis(axes[0], 4) * Values.axis(axes[1], 4);
    return sum == 5 && product == 6 && layer(node, new Layer.GlobalAvgPool(named(node)), x);
  }

  private boolean localResponseNorm(NodeProto node) {
    int size = extent(Attributes.integer(node, "size", 0));
    return rank(node.getInput(0)) == 4
        && size > 0
        && size % 2 == 1
        && layer(
            node,
            new Layer.LocalResponseNorm(
                named(node),
                size,
                Attributes.number(node, "alpha", 0.0001f),
                Attributes.number(node, "beta", 0.75f),
                Attributes.number(node, "bias", 1)),
            node.getInput(0));
  }

  private boolean softmax(NodeProto node) {
    String x = node.getInput(0);
    int rank = rank(x);
    boolean old = graph.opset() < 13;
    int axis = Values.axis(Attributes.integer(node, "axis", old ? 1 : -1), rank);
    // Before operator set 13 it goes over all dimensions from the axis on.
    boolean channels = axis == 1 && (!old || map(dims(x)).isFlat());
    return (rank == 4 || rank == 2) && channels && layer(node, new Layer.Softmax(named(node)), x);
  }

  // --- other shapes
  // ------------------------------------------------------------------------------------------------

  private boolean reshape(NodeProto node) {
    String x = node.getInput(0);
    String y = node.getOutput(0);
    if (!(made.containsKey(x) || pads.containsKey(x))) {
      return false;
    }
    FeatureMap before = shape(node(x));
    boolean flatten = ours && node.getDocString().contains(Note.FLATTEN);
    if (rank(y) == 2 && (!before.isFlat() || flatten)) {
      return layer(node, new Layer.Flatten(named(node)), x);
    }
    if (map(dims(y)).equals(before) && (rank(y) == 4 || rank(y) == 2)) {
      return alias(node);
    }
    return rank(x) == 4 && rank(y) == 5 && shuffle(node);
  }

  /** Reshape, transpose, reshape, by which channels are shuffled. */
  private boolean shuffle(NodeProto split) {
    String x = split.getInput(0);
    NodeProto transpose = follower(split, "Transpose");
    NodeProto join = transpose == null ? null : follower(transpose, "Reshape");
    if (transpose == null
        || join == null
        || !Arrays.equals(Attributes.integers(transpose, "perm"), new long[] {0, 2, 1, 3, 4})
        || !Arrays.equals(dims(join.getOutput(0)), dims(x))) {
      return false;
    }
    long[] parts = dims(split.getOutput(0));
    FeatureMap map = shape(node(x));
    if (parts[1] * parts[2] != map.channels() || parts[3] != map.height()) {
      return false;
    }
    return layer(
        join,
        0,
        new Layer.ChannelShuffle(named(join), extent(parts[1])),
        join.getOutput(0),
        List.of(x),
        List.of(split, transpose, join),
        Map.of());
  }

  private boolean transpose(NodeProto node) {
    long[] perm = Attributes.integers(node, "perm");
    for (int i = 0; i < perm.length; i++) {
      if (perm[i] != i) {
        return false;
      }
    }
    return perm.length > 0 && alias(node);
  }

  private boolean slice(NodeProto node) {
    String x = node.getInput(0);
    boolean old = node.getInputCount() == 1;
    long[] starts = old ? Attributes.integers(node, "starts") : values.integers(node, 1);
    long[] axes = old ? Attributes.integers(node, "axes", 0) : values.integers(node, 3);
    long[] steps = old ? null : values.integers(node, 4);
    if (starts == null
        || starts.length != 1
        || axes == null
        || axes.length != 1
        || (rank(x) != 4 && rank(x) != 2)
        || Values.axis(axes[0], rank(x)) != 1
        || (steps != null && steps[0] != 1)) {
      return false;
    }
    long channels = dims(x)[1];
    long first = Math.max(0, starts[0] < 0 ? starts[0] + channels : starts[0]);
    int count = extent(dims(node.getOutput(0))[1]);
    return layer(node, new Layer.ChannelSlice(named(node), extent(first), count), x);
  }

  private boolean split(NodeProto node) {
    String x = node.getInput(0);
    if ((rank(x) != 4 && rank(x) != 2)
        || Values.axis(Attributes.integer(node, "axis", 0), rank(x)) != 1
        || !node.getOutputList().stream().allMatch(this::isMap)) {
      return false;
    }
    int first = 0;
    for (int i = 0; i < node.getOutputCount(); i++) {
      int count = extent(dims(node.getOutput(i))[1]);
      Layer slice = new Layer.ChannelSlice(named(node, i), first, count);
      layer(node, i, slice, node.getOutput(i), List.of(x), List.of(node), Map.of());
      first += count;
    }
    return true;
  }

  // --- the network
  // --------------------------------------------------------------------------------------------------

  OnnxModel model() {
    if (nodes.isEmpty()) {
      throw new DlacException(
          name + " has no layers",
          "one convolution or fully connected layer, or more",
          "check that it is the file that was meant");
    }
    Optional<String> output =
        Optional.ofNullable(made.get(graph.output()))
            .filter(index -> index != Node.INPUT)
            .map(index -> nodes.get(index).name());
    Network network = new Network(name, ifm, withLast(output));
    return new OnnxModel(
        new Weights(network, tensors), model, input, ofTwo != null, output, places, undescribed);
  }

  /** The nodes with the output at the end, if nothing comes after it. */
  private List<Node> withLast(Optional<String> output) {
    int at =
        output.isEmpty()
            ? nodes.size() - 1
            : nodes.stream()
                .filter(n -> n.name().equals(output.get()))
                .findAny()
                .orElseThrow()
                .index();
    if (at == nodes.size() - 1 || nodes.stream().anyMatch(node -> node.inputs().contains(at))) {
      return nodes;
    }
    List<Node> order = new ArrayList<>(nodes);
    order.add(order.remove(at));
    List<Node> moved = new ArrayList<>();
    for (Node node : order) {
      List<Integer> inputs = node.inputs().stream().map(i -> i > at ? i - 1 : i).toList();
      moved.add(new Node(moved.size(), node.name(), node.layer(), inputs, node.ifms(), node.ofm()));
    }
    return moved;
  }
}
