package org.dlaclab.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.stream.Stream;
import org.dlaclab.error.DlacException;
import org.jspecify.annotations.Nullable;

/**
 * A graph whose structure is sound: each value is made once and before it is used, nothing goes in
 * circles, one input takes the images, and no operator contains graphs of its own.
 */
final class Graph {
  private static final int OLDEST = 7;
  private static final Set<String> DOMAINS = Set.of("", "ai.onnx", "ai.onnx.ml", "com.microsoft");

  private final GraphProto graph;
  private final long opset;
  private final ValueInfoProto input;
  private final List<NodeProto> nodes;

  /** By value, the operators that use it; outputs of the graph count as one. */
  private final Map<String, List<Integer>> users = new HashMap<>();

  Graph(String file, ModelProto model) {
    this.graph = model.getGraph();
    this.opset = opset(file, model);
    if (model.getFunctionsCount() > 0) {
      throw new DlacException(
          file
              + " has functions of its own, such as "
              + Names.shown(model.getFunctions(0).getName()),
          "operators of ONNX",
          "inline them: onnx.inliner.inline_local_functions(model)");
    }
    if (graph.getSparseInitializerCount() > 0) {
      throw new DlacException(
          file + " has sparse weights", "dense ones", "export the model with dense weights");
    }
    graph.getNodeList().forEach(Graph::requirePlain);
    this.input = images(file);
    this.nodes = inOrder(file);
    for (int i = 0; i < nodes.size(); i++) {
      for (String name : nodes.get(i).getInputList()) {
        List<Integer> of = users.computeIfAbsent(name, n -> new ArrayList<>());
        of.add(i);
      }
    }
    if (graph.getOutputCount() == 0) {
      throw new DlacException(
          file + " has no output", "one or more", "export the model again: the file is damaged");
    }
    graph
        .getOutputList()
        .forEach(o -> users.computeIfAbsent(o.getName(), n -> new ArrayList<>()).add(-1));
  }

  private static long opset(String file, ModelProto model) {
    long found = 0;
    for (OperatorSetIdProto set : model.getOpsetImportList()) {
      if (set.getDomain().isEmpty() || set.getDomain().equals("ai.onnx")) {
        found = set.getVersion();
      }
    }
    if (found < OLDEST) {
      throw new DlacException(
          file + " is of operator set " + found,
          OLDEST + " or newer",
          "convert it: onnx.version_converter.convert_version(model, 17)");
    }
    return found;
  }

  private static void requirePlain(NodeProto node) {
    if (!DOMAINS.contains(node.getDomain())) {
      throw new DlacException(
          Names.of(node) + " is of domain \"" + Names.shown(node.getDomain()) + "\"",
          "an operator of ONNX",
          "export the model without operators of your own");
    }
    for (AttributeProto attribute : node.getAttributeList()) {
      if (attribute.hasG() || attribute.getGraphsCount() > 0) {
        throw new DlacException(
            Names.of(node) + " contains graphs of its own, as conditions and loops do",
            "operators that run once and always",
            "simplify the model: python -m onnxsim model.onnx simple.onnx");
      }
      if (attribute.hasRefAttrName() && !attribute.getRefAttrName().isEmpty()) {
        throw new DlacException(
            Names.of(node) + " refers to an attribute of a function",
            "values",
            "inline functions: onnx.inliner.inline_local_functions(model)");
      }
    }
  }

  private ValueInfoProto images(String file) {
    Set<String> constants = new HashSet<>();
    graph.getInitializerList().forEach(tensor -> constants.add(tensor.getName()));
    List<ValueInfoProto> open =
        graph.getInputList().stream().filter(i -> !constants.contains(i.getName())).toList();
    if (open.size() != 1) {
      throw new DlacException(
          file
              + " has "
              + open.size()
              + " inputs: "
              + Names.shown(String.join(", ", open.stream().map(ValueInfoProto::getName).toList())),
          "one, which takes the images",
          "export the part of the model that takes images and nothing else");
    }
    TypeProto.Tensor type = open.get(0).getType().getTensorType();
    if (type.getElemType() != TensorProto.DataType.FLOAT_VALUE) {
      throw new DlacException(
          "input \""
              + Names.shown(open.get(0).getName())
              + "\" of "
              + file
              + " takes elements of type "
              + TensorProto.DataType.forNumber(type.getElemType()),
          "32-bit floats",
          "convert the model to 32-bit floats");
    }
    return open.get(0);
  }

  /** Operators in an order in which each comes after those whose results it uses. */
  private List<NodeProto> inOrder(String file) {
    List<NodeProto> given = graph.getNodeList();
    Set<String> known = new HashSet<>();
    known.add(input.getName());
    graph.getInitializerList().forEach(tensor -> known.add(tensor.getName()));
    Map<String, Integer> makers = new HashMap<>();
    for (int i = 0; i < given.size(); i++) {
      for (String output : given.get(i).getOutputList()) {
        if (!output.isEmpty() && (known.contains(output) || makers.put(output, i) != null)) {
          throw new DlacException(
              "value \"" + Names.shown(output) + "\" of " + file + " is made twice",
              "a name for each value",
              "export the model again: the file is damaged");
        }
      }
    }
    int[] missing = new int[given.size()];
    List<List<Integer>> after = new ArrayList<>();
    given.forEach(node -> after.add(new ArrayList<>()));
    PriorityQueue<Integer> ready = new PriorityQueue<>();
    for (int i = 0; i < missing.length; i++) {
      for (String name : given.get(i).getInputList()) {
        Integer maker = makers.get(name);
        if (maker != null) {
          missing[i]++;
          after.get(maker).add(i);
        } else if (!name.isEmpty() && !known.contains(name)) {
          throw new DlacException(
              Names.of(given.get(i)) + " uses \"" + Names.shown(name) + "\", which nothing makes",
              "the result of an operator, a constant, or the images",
              "export the model again: the file is damaged");
        }
      }
      if (missing[i] == 0) {
        ready.add(i);
      }
    }
    List<NodeProto> order = new ArrayList<>();
    while (!ready.isEmpty()) {
      int next = ready.remove();
      order.add(given.get(next));
      for (int user : after.get(next)) {
        if (--missing[user] == 0) {
          ready.add(user);
        }
      }
    }
    if (order.size() < given.size()) {
      throw new DlacException(
          file + " has operators that use their own results, one of another",
          "a graph without circles",
          "export the model again: the file is damaged");
    }
    return order;
  }

  long opset() {
    return opset;
  }

  List<NodeProto> nodes() {
    return nodes;
  }

  List<TensorProto> initializers() {
    return graph.getInitializerList();
  }

  /** What the images are called. */
  String input() {
    return input.getName();
  }

  /** Extents of the images as the file has them; -1 where it leaves one open. */
  long[] imageDims() {
    var shape = input.getType().getTensorType().getShape();
    return shape.getDimList().stream()
        .mapToLong(dim -> dim.hasDimValue() && dim.getDimValue() > 0 ? dim.getDimValue() : -1)
        .toArray();
  }

  /** The values whose shape the file says. */
  List<ValueInfoProto> declared() {
    return Stream.concat(graph.getValueInfoList().stream(), graph.getOutputList().stream())
        .toList();
  }

  /** The first output. */
  String output() {
    return graph.getOutput(0).getName();
  }

  /** The only operator that uses a value, or null if there are more, or the graph hands it out. */
  @Nullable NodeProto onlyUser(String value) {
    List<Integer> of = users.getOrDefault(value, List.of());
    return of.size() == 1 && of.get(0) >= 0 ? nodes.get(of.get(0)) : null;
  }

  /** How many operators use a value. */
  List<NodeProto> users(String value) {
    return users.getOrDefault(value, List.of()).stream()
        .filter(i -> i >= 0)
        .map(nodes::get)
        .toList();
  }
}
