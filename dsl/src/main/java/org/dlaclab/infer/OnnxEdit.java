package org.dlaclab.infer;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.dlaclab.network.FeatureMap;
import org.dlaclab.network.Layer;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.network.Weights;
import org.dlaclab.onnx.OnnxModel;
import org.dlaclab.quant.Policy;
import org.dlaclab.tensor.Shape;
import org.dlaclab.tensor.Tensor;

/**
 * The graph of a file with other weights and ReLUs: what a policy leaves of them takes their place,
 * and wanted results become outputs. All else is as the file has it, so that operators run of which
 * no layer is known; those that no wanted result needs are left out.
 */
final class OnnxEdit {
  /** From this version on constants need not be among the graph's inputs. */
  private static final int IR_VERSION = 4;

  private final OnnxModel file;
  private final GraphProto original;
  private final Set<String> names = new HashSet<>();

  /** New operators, by the first result of the one whose place they take. */
  private final Map<String, List<NodeProto>> instead = new HashMap<>();

  /** By operator and input: the tensor that takes its place. */
  private final Map<String, Map<Integer, String>> tensors = new HashMap<>();

  private final GraphProto.Builder graph = GraphProto.newBuilder();

  private OnnxEdit(OnnxModel file) {
    this.file = file;
    this.original = file.graph().getGraph();
    for (NodeProto node : original.getNodeList()) {
      names.addAll(node.getInputList());
      names.addAll(node.getOutputList());
    }
  }

  /**
   * @param weights of the file's network, or other ones for it
   * @param outputs layers whose results are wanted
   */
  static EngineGraph of(
      OnnxModel file, Weights weights, Policy policy, Collection<String> outputs) {
    return new OnnxEdit(file).edited(weights, policy, outputs);
  }

  private EngineGraph edited(Weights weights, Policy policy, Collection<String> outputs) {
    Network network = file.network();
    policy.assign(network);
    for (Node node : network.nodes()) {
      place(node).tensors().keySet().forEach(part -> replace(node, part, weights, policy));
    }
    for (Node node : policy.on(network).nodes()) {
      if (node.layer() instanceof Layer.Relu relu
          && !relu.equals(network.nodes().get(node.index()).layer())) {
        replace(node, relu);
      }
    }
    Map<String, EngineGraph.Result> results = new LinkedHashMap<>();
    for (String output : outputs) {
      OnnxModel.Place place = place(network.node(output));
      results.put(output, new EngineGraph.Result(place.result(), place.dims()));
    }
    Set<String> values =
        results.values().stream().map(EngineGraph.Result::value).collect(Collectors.toSet());
    addNeeded(values);
    graph.setName(network.name());
    List<Integer> imageDims = imageDims(network.ifm());
    graph.addInput(images(imageDims));
    values.forEach(value -> graph.addOutput(floats(value)));
    ModelProto model =
        file.graph().toBuilder()
            .setIrVersion(Math.max(IR_VERSION, file.graph().getIrVersion()))
            .clearTrainingInfo()
            .clearMetadataProps()
            .setGraph(graph)
            .build();
    return new EngineGraph(model, file.input(), imageDims, file.batches(), results);
  }

  private OnnxModel.Place place(Node node) {
    return Objects.requireNonNull(file.places().get(node.name()), node.name());
  }

  private void replace(Node node, String part, Weights weights, Policy policy) {
    Tensor own = file.weights().get(node, part);
    Tensor wanted =
        node.onGrid() && part.equals("weight")
            ? policy.quantized(weights, node)
            : weights.get(node, part);
    OnnxModel.Slot slot = Objects.requireNonNull(place(node).tensors().get(part));
    if (!own.equals(wanted)) {
      String name = fresh(node.name() + "." + part);
      Protos.initializer(graph, name, slot.transposed() ? transposed(wanted) : wanted);
      tensors.computeIfAbsent(slot.operator(), o -> new HashMap<>()).put(slot.input(), name);
    }
  }

  private static Tensor transposed(Tensor tensor) {
    int rows = tensor.shape().dim(0);
    int columns = tensor.shape().dim(1);
    float[] values = new float[tensor.size()];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        values[c * rows + r] = tensor.get(r * columns + c);
      }
    }
    return Tensor.of(Shape.of(columns, rows), values);
  }

  private void replace(Node node, Layer.Relu relu) {
    OnnxModel.Place place = place(node);
    long opset =
        file.graph().getOpsetImportList().stream()
            .filter(set -> set.getDomain().isEmpty() || set.getDomain().equals("ai.onnx"))
            .mapToLong(OperatorSetIdProto::getVersion)
            .max()
            .orElse(0);
    GraphProto.Builder part = GraphProto.newBuilder();
    NodeProto.Builder last =
        Protos.relu(part, opset, relu, place.ifm(), what -> fresh(node.name() + "." + what));
    part.addNode(last.setName(fresh(node.name())).addOutput(place.result()));
    graph.addAllInitializer(part.getInitializerList());
    for (String operator : place.operators()) {
      instead.put(operator, List.of());
    }
    instead.put(
        place.operators().get(place.operators().size() - 1), List.copyOf(part.getNodeList()));
  }

  /** Adds the operators and constants that {@code values} come from, in the file's order. */
  private void addNeeded(Set<String> values) {
    List<NodeProto> all = new ArrayList<>();
    for (NodeProto node : original.getNodeList()) {
      String first = node.getOutputCount() == 0 ? "" : node.getOutput(0);
      if (first.equals(file.input())) {
        continue; // the transpose of images: they come as it leaves them
      }
      List<NodeProto> others = instead.get(first);
      all.addAll(others != null ? others : List.of(edited(node, first)));
    }
    Map<String, NodeProto> makers = new HashMap<>();
    all.forEach(node -> node.getOutputList().forEach(output -> makers.put(output, node)));
    Set<String> needed = new HashSet<>();
    List<String> open = new ArrayList<>(values);
    while (!open.isEmpty()) {
      String value = open.remove(open.size() - 1);
      NodeProto maker = makers.get(value);
      if (needed.add(value) && maker != null) {
        open.addAll(maker.getInputList());
      }
    }
    for (NodeProto node : all) {
      if (node.getOutputList().stream().anyMatch(o -> !o.isEmpty() && needed.contains(o))) {
        graph.addNode(node);
      }
    }
    for (TensorProto tensor : original.getInitializerList()) {
      if (needed.contains(tensor.getName())) {
        graph.addInitializer(tensor);
      }
    }
  }

  /** The operator with the tensors that take the place of its own. */
  private NodeProto edited(NodeProto node, String first) {
    Map<Integer, String> others = tensors.get(first);
    if (others == null) {
      return node;
    }
    NodeProto.Builder edited = node.toBuilder();
    others.forEach(edited::setInput);
    if (node.getOpType().equals("Gemm")) {
      // The layer's weights and biases have these factors in them.
      edited.clearAttribute();
      for (AttributeProto attribute : node.getAttributeList()) {
        String of = attribute.getName();
        boolean gone =
            (of.equals("alpha") && others.containsKey(1))
                || (of.equals("beta") && others.containsKey(2));
        edited.addAttribute(gone ? Protos.number(of, 1).build() : attribute);
      }
    }
    return edited.build();
  }

  private String fresh(String wanted) {
    String name = wanted;
    while (!names.add(name)) {
      name += "_";
    }
    return name;
  }

  /** Images may be vectors of features. */
  private List<Integer> imageDims(FeatureMap map) {
    boolean flat =
        original.getInputList().stream()
            .filter(input -> input.getName().equals(file.input()))
            .anyMatch(input -> input.getType().getTensorType().getShape().getDimCount() == 2);
    return flat ? List.of(map.channels()) : List.of(map.channels(), map.height(), map.width());
  }

  private ValueInfoProto images(List<Integer> dims) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    TensorShapeProto.Dimension.Builder batch = shape.addDimBuilder();
    if (file.batches()) {
      batch.setDimParam("batch");
    } else {
      batch.setDimValue(1);
    }
    dims.forEach(dim -> shape.addDimBuilder().setDimValue(dim));
    return ValueInfoProto.newBuilder()
        .setName(file.input())
        .setType(type(TypeProto.Tensor.newBuilder().setShape(shape)))
        .build();
  }

  private static ValueInfoProto floats(String value) {
    return ValueInfoProto.newBuilder()
        .setName(value)
        .setType(type(TypeProto.Tensor.newBuilder()))
        .build();
  }

  private static TypeProto.Builder type(TypeProto.Tensor.Builder tensor) {
    return TypeProto.newBuilder()
        .setTensorType(tensor.setElemType(TensorProto.DataType.FLOAT_VALUE));
  }
}
