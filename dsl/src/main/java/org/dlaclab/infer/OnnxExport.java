package org.dlaclab.infer;

import static org.dlaclab.infer.Protos.integer;
import static org.dlaclab.infer.Protos.ints;
import static org.dlaclab.infer.Protos.number;
import static org.dlaclab.infer.Protos.op;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;
import org.dlaclab.file.WholeFile;
import org.dlaclab.network.FeatureMap;
import org.dlaclab.network.Layer;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.network.Option.Dilation;
import org.dlaclab.network.Option.Padding;
import org.dlaclab.network.Weights;
import org.dlaclab.onnx.Note;
import org.dlaclab.quant.Policy;
import org.dlaclab.tensor.Shape;
import org.dlaclab.tensor.Tensor;

/**
 * A network with its weights, quantized by a policy, as an ONNX graph (operator set 17) that any
 * ONNX tool reads.
 *
 * <p>Each layer's result has the layer's name. Images are {@code batch x C x H x W} floats, with
 * any batch; what {@code flatten} and {@code fc} give is {@code batch x features}.
 */
public final class OnnxExport {
  /** Operator set: the oldest that has all the operators in their present form. */
  private static final int OPSET = 17;

  /** The file format version that came with it. */
  private static final int IR_VERSION = 8;

  private final Weights weights;
  private final Policy policy;
  private final Network network;
  private final Set<String> names = new HashSet<>();
  private final Set<Integer> flat = new HashSet<>();
  private final String input;
  private final GraphProto.Builder graph = GraphProto.newBuilder();
  private final ModelProto model;

  /**
   * @param outputs layers whose results are outputs of the graph besides the network's own, which
   *     comes last
   */
  OnnxExport(Weights weights, Policy policy, Collection<String> outputs) {
    this.weights = weights;
    this.network = policy.on(weights.network());
    this.policy = policy;
    policy.assign(network);
    Check.fitsHeap("the ONNX graph of " + network.name(), 8.0 * network.parameters());
    network.nodes().forEach(node -> names.add(node.name()));
    this.input = fresh("input");
    graph.setName(network.name());
    graph.addInput(value(input, network.ifm(), false));
    for (Node node : network.nodes()) {
      add(node);
    }
    Set<String> all = new LinkedHashSet<>(outputs);
    String last = network.nodes().get(network.nodes().size() - 1).name();
    all.remove(last);
    all.add(last);
    for (String output : all) {
      Node node = network.node(output);
      graph.addOutput(value(output, node.ofm(), isFlat(node)));
    }
    this.model =
        ModelProto.newBuilder()
            .setIrVersion(IR_VERSION)
            .setProducerName(Note.PRODUCER)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPSET))
            .addMetadataProps(
                StringStringEntryProto.newBuilder().setKey("policy").setValue(policy.toString()))
            .setGraph(graph)
            .build();
  }

  /**
   * The graph of {@code weights.network()}, with the weights that {@code policy} leaves.
   *
   * @throws DlacException if a rule of the policy matches no layer, or the graph does not fit the
   *     heap
   */
  public static ModelProto model(Weights weights, Policy policy) {
    return new OnnxExport(weights, policy, List.of()).model;
  }

  /**
   * Writes {@link #model} to a file, which by custom ends in {@code .onnx}.
   *
   * @throws DlacException as {@link #model}, or if the file cannot be written
   */
  public static void save(Weights weights, Policy policy, Path file) {
    WholeFile.write(file, model(weights, policy)::writeTo);
  }

  /** The graph for the engine, with the results of these layers. */
  EngineGraph graph(Collection<String> outputs) {
    Map<String, EngineGraph.Result> results = new LinkedHashMap<>();
    for (String output : outputs) {
      Node node = network.node(output);
      FeatureMap map = node.ofm();
      results.put(
          output,
          new EngineGraph.Result(
              output,
              isFlat(node)
                  ? List.of(map.channels())
                  : List.of(map.channels(), map.height(), map.width())));
    }
    FeatureMap ifm = network.ifm();
    return new EngineGraph(
        model, input, List.of(ifm.channels(), ifm.height(), ifm.width()), true, results);
  }

  /** Whether the graph has a layer's result as {@code batch x features}. */
  private boolean isFlat(Node node) {
    return flat.contains(node.index());
  }

  private void add(Node node) {
    Layer layer = node.layer();
    if (layer instanceof Layer.Conv conv) {
      NodeProto.Builder op = op("Conv", spatial(node));
      op.addInput(initializer(node, "weight", policy.quantized(weights, node)));
      if (conv.bias()) {
        op.addInput(initializer(node, "bias", weights.get(node, "bias")));
      }
      op.addAttribute(ints("kernel_shape", conv.kernel().height(), conv.kernel().width()))
          .addAttribute(ints("strides", conv.stride().height(), conv.stride().width()))
          .addAttribute(ints("dilations", conv.dilation().height(), conv.dilation().width()))
          .addAttribute(pads(conv.padding()))
          .addAttribute(integer("group", conv.groups()));
      finish(op, node, false);
    } else if (layer instanceof Layer.FullyConnected fc) {
      NodeProto.Builder op = op("Gemm", flattened(node, 0));
      op.addInput(initializer(node, "weight", policy.quantized(weights, node)));
      if (fc.bias()) {
        op.addInput(initializer(node, "bias", weights.get(node, "bias")));
      }
      finish(op.addAttribute(integer("transB", 1)), node, true);
    } else if (layer instanceof Layer.BatchNorm norm) {
      NodeProto.Builder op = op("BatchNormalization", name(node.inputs().get(0)));
      for (String part : List.of("weight", "bias", "running_mean", "running_var")) {
        op.addInput(initializer(node, part, weights.get(node, part)));
      }
      finish(op.addAttribute(number("epsilon", norm.epsilon())), node, isFlat(node, 0));
    } else if (layer instanceof Layer.Relu relu) {
      relu(relu, node);
    } else if (layer instanceof Layer.Pool pool) {
      // ceil_mode is written as padding at the end: tools disagree on the last window's size.
      NodeProto.Builder op =
          op(pool.max() ? "MaxPool" : "AveragePool", spatial(node))
              .addAttribute(ints("kernel_shape", pool.kernel().height(), pool.kernel().width()))
              .addAttribute(ints("strides", pool.stride().height(), pool.stride().width()))
              .addAttribute(pads(pool.endPadded(node.ifm(), node.ofm())));
      Dilation dilation = pool.dilation();
      if (pool.max()) {
        op.addAttribute(ints("dilations", dilation.height(), dilation.width()));
      } else if (dilation.height() * dilation.width() != 1) {
        // AveragePool has them from operator set 19 on.
        throw noCounterpart(node, "a dilation", "leave dilation(...) out of avgPool");
      } else if (pool.countPadding()) {
        op.addAttribute(integer("count_include_pad", 1));
      }
      finish(op, node, false, pool.ceilMode() ? Note.ceil(pool.padding()) : "");
    } else if (layer instanceof Layer.GlobalAvgPool) {
      finish(op("GlobalAveragePool", spatial(node)), node, false);
    } else if (layer instanceof Layer.LocalResponseNorm norm) {
      finish(
          op("LRN", spatial(node))
              .addAttribute(integer("size", norm.channels()))
              .addAttribute(number("alpha", norm.alpha()))
              .addAttribute(number("beta", norm.beta()))
              .addAttribute(number("bias", norm.k())),
          node,
          false);
    } else if (layer instanceof Layer.Flatten) {
      finish(
          op("Flatten", name(node.inputs().get(0))).addAttribute(integer("axis", 1)),
          node,
          true,
          Note.FLATTEN);
    } else if (layer instanceof Layer.Softmax) {
      finish(
          op("Softmax", name(node.inputs().get(0))).addAttribute(integer("axis", 1)),
          node,
          isFlat(node, 0));
    } else if (layer instanceof Layer.Add || layer instanceof Layer.Concat) {
      boolean add = layer instanceof Layer.Add;
      boolean anyFlat = node.inputs().stream().anyMatch(flat::contains);
      NodeProto.Builder op =
          NodeProto.newBuilder()
              .setOpType(add ? node.inputs().size() == 2 ? "Add" : "Sum" : "Concat");
      for (int i = 0; i < node.inputs().size(); i++) {
        op.addInput(anyFlat ? flattened(node, i) : name(node.inputs().get(i)));
      }
      finish(add ? op : op.addAttribute(integer("axis", 1)), node, anyFlat);
    } else if (layer instanceof Layer.Activation activation) {
      function(activation.function(), node);
    } else if (layer instanceof Layer.Multiply) {
      boolean flat = isFlat(node, 0) && isFlat(node, 1);
      NodeProto.Builder op = NodeProto.newBuilder().setOpType("Mul");
      for (int i = 0; i < 2; i++) {
        op.addInput(flat ? name(node.inputs().get(i)) : spatial(node, i));
      }
      finish(op, node, flat);
    } else if (layer instanceof Layer.ChannelShuffle shuffle) {
      shuffle(shuffle, node);
    } else if (layer instanceof Layer.ChannelSlice slice) {
      finish(
          op("Slice", name(node.inputs().get(0)))
              .addInput(integers(node, "starts", slice.first()))
              .addInput(integers(node, "ends", slice.first() + slice.count()))
              .addInput(integers(node, "axes", 1)),
          node,
          isFlat(node, 0));
    } else {
      throw noCounterpart(
          node,
          "only the file that it comes from",
          "run the network that onnx(...) gave, or leave the operator out");
    }
  }

  private DlacException noCounterpart(Node node, String why, String hint) {
    return new DlacException(
        node.layer().kind()
            + " \""
            + node.name()
            + "\" of "
            + network.name()
            + " has "
            + why
            + " and no counterpart in ONNX operator set "
            + OPSET,
        "a layer that can be written",
        hint);
  }

  private void function(Layer.Function function, Node node) {
    String input = name(node.inputs().get(0));
    NodeProto.Builder op;
    if (function instanceof Layer.Function.Clip clip) {
      op =
          op("Clip", input)
              .addInput(scalar(node, "min", clip.min()))
              .addInput(scalar(node, "max", clip.max()));
    } else if (function instanceof Layer.Function.LeakyRelu leaky) {
      op = op("LeakyRelu", input).addAttribute(number("alpha", leaky.alpha()));
    } else if (function instanceof Layer.Function.HardSigmoid hard) {
      op =
          op("HardSigmoid", input)
              .addAttribute(number("alpha", hard.alpha()))
              .addAttribute(number("beta", hard.beta()));
    } else if (function instanceof Layer.Function.Swish) {
      // An operator of its own from operator set 24 on.
      op = op("Mul", input).addInput(inner(op("Sigmoid", input), node, "sigmoid"));
    } else {
      op = op(function.getClass().getSimpleName(), input); // Sigmoid, Tanh, HardSwish
    }
    finish(op, node, isFlat(node, 0));
  }

  /** Reshape, transpose, reshape: as the paper has it. */
  private void shuffle(Layer.ChannelShuffle shuffle, Node node) {
    FeatureMap map = node.ifm();
    String groups =
        inner(
            op("Reshape", spatial(node))
                .addInput(
                    integers(
                        node,
                        "split",
                        0,
                        shuffle.groups(),
                        map.channels() / shuffle.groups(),
                        map.height(),
                        map.width())),
            node,
            "groups");
    String dealt =
        inner(op("Transpose", groups).addAttribute(ints("perm", 0, 2, 1, 3, 4)), node, "dealt");
    finish(
        op("Reshape", dealt)
            .addInput(integers(node, "joined", 0, map.channels(), map.height(), map.width())),
        node,
        false);
  }

  private void relu(Layer.Relu relu, Node node) {
    NodeProto.Builder last =
        Protos.relu(
            graph,
            OPSET,
            relu,
            name(node.inputs().get(0)),
            what -> fresh(node.name() + "." + what));
    finish(last, node, isFlat(node, 0));
  }

  /** Adds one of several operators that make up a layer, and returns what its result is called. */
  private String inner(NodeProto.Builder op, Node node, String what) {
    String name = fresh(node.name() + "." + what);
    graph.addNode(op.setName(name).addOutput(name).setDocString(Note.IMPLIED));
    return name;
  }

  private String scalar(Node node, String part, float value) {
    return initializer(node, part, Tensor.of(Shape.of(), value));
  }

  private void finish(NodeProto.Builder op, Node node, boolean isFlat) {
    finish(op, node, isFlat, "");
  }

  private void finish(NodeProto.Builder op, Node node, boolean isFlat, String note) {
    String doc = Note.of(note, node.layer().name().isEmpty());
    graph.addNode(op.setName(node.name()).addOutput(node.name()).setDocString(doc));
    if (isFlat) {
      flat.add(node.index());
    }
  }

  /** The node's first input as {@code batch x C x H x W}. */
  private String spatial(Node node) {
    return spatial(node, 0);
  }

  /** An input of the node as {@code batch x C x H x W}. */
  private String spatial(Node node, int index) {
    String input = name(node.inputs().get(index));
    return isFlat(node, index)
        ? inner(op("Unsqueeze", input).addInput(integers(node, "axes", 2, 3)), node, "spatial")
        : input;
  }

  private String integers(Node node, String part, long... values) {
    String name = fresh(node.name() + "." + part);
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(TensorProto.DataType.INT64_VALUE)
            .addDims(values.length);
    LongStream.of(values).forEach(tensor::addInt64Data);
    graph.addInitializer(tensor);
    return name;
  }

  /** An input of the node as {@code batch x features}. */
  private String flattened(Node node, int index) {
    if (isFlat(node, index)) {
      return name(node.inputs().get(index));
    }
    return inner(
        op("Flatten", name(node.inputs().get(index))).addAttribute(integer("axis", 1)),
        node,
        "flat");
  }

  private boolean isFlat(Node node, int index) {
    return flat.contains(node.inputs().get(index));
  }

  private String name(int index) {
    return index == Node.INPUT ? input : network.nodes().get(index).name();
  }

  /** A name that nothing in the graph has yet. */
  private String fresh(String wanted) {
    String name = wanted;
    while (!names.add(name)) {
      name += "_";
    }
    return name;
  }

  private String initializer(Node node, String part, Tensor tensor) {
    return Protos.initializer(graph, fresh(node.name() + "." + part), tensor);
  }

  private static ValueInfoProto value(String name, FeatureMap map, boolean flat) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    shape.addDimBuilder().setDimParam("batch");
    LongStream dims =
        flat
            ? LongStream.of(map.channels())
            : LongStream.of(map.channels(), map.height(), map.width());
    dims.forEach(dim -> shape.addDimBuilder().setDimValue(dim));
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder()
                        .setElemType(TensorProto.DataType.FLOAT_VALUE)
                        .setShape(shape)))
        .build();
  }

  private static AttributeProto.Builder pads(Padding p) {
    return ints("pads", p.top(), p.left(), p.bottom(), p.right());
  }
}
