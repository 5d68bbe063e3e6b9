package org.dlaclab.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.dlaclab.network.Layer;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.network.Weights;
import org.dlaclab.tensor.Tensor;

/**
 * Batch normalizations taken into the convolutions before them: {@code w * g / sqrt(v + epsilon)}
 * and {@code (b - m) * g / sqrt(v + epsilon) + s}, where m, v are the running mean and variance and
 * g, s scale and shift (Jacob et al., arXiv:1712.05877, section 3.2).
 */
final class BatchNormFolding {
  private final OnnxModel file;
  private final Weights weights;
  private final Set<String> names = new HashSet<>();
  private final GraphProto.Builder graph;

  /** By the first result of an operator, what takes its place. */
  private final Map<String, Optional<NodeProto>> instead = new HashMap<>();

  private BatchNormFolding(OnnxModel file, Weights weights) {
    this.file = file;
    this.weights = weights;
    this.graph = file.graph().getGraph().toBuilder();
    for (NodeProto node : graph.getNodeList()) {
      names.addAll(node.getInputList());
      names.addAll(node.getOutputList());
    }
  }

  /** The file's graph with {@code weights} in those convolutions that take in a normalization. */
  static ModelProto fold(OnnxModel file, Weights weights) {
    return new BatchNormFolding(file, weights).folded();
  }

  private ModelProto folded() {
    Network network = file.network();
    Map<String, NodeProto> operators = new HashMap<>();
    graph.getNodeList().forEach(node -> operators.put(first(node), node));
    for (Node norm : network.nodes()) {
      int before = norm.inputs().get(0);
      if (norm.layer() instanceof Layer.BatchNorm layer
          && before != Node.INPUT
          && network.nodes().get(before).layer() instanceof Layer.Conv
          && network.nodes().stream().filter(n -> n.inputs().contains(before)).count() == 1) {
        Node conv = network.nodes().get(before);
        OnnxModel.Place place = Objects.requireNonNull(file.places().get(conv.name()));
        OnnxModel.Place after = Objects.requireNonNull(file.places().get(norm.name()));
        if (after.ifm().equals(place.result())) {
          NodeProto operator = Objects.requireNonNull(operators.get(place.result()));
          instead.put(after.result(), Optional.empty());
          instead.put(
              place.result(), Optional.of(with(operator, conv, norm, layer, after.result())));
        }
      }
    }
    List<NodeProto> all = List.copyOf(graph.getNodeList());
    graph.clearNode();
    for (NodeProto node : all) {
      instead.getOrDefault(first(node), Optional.of(node)).ifPresent(graph::addNode);
    }
    return file.graph().toBuilder().setGraph(graph).build();
  }

  private static String first(NodeProto node) {
    return node.getOutputCount() == 0 ? "" : node.getOutput(0);
  }

  private NodeProto with(
      NodeProto operator, Node conv, Node norm, Layer.BatchNorm layer, String result) {
    Tensor weight = weights.get(conv, "weight");
    Tensor scale = weights.get(norm, "weight");
    Tensor shift = weights.get(norm, "bias");
    Tensor mean = weights.get(norm, "running_mean");
    Tensor variance = weights.get(norm, "running_var");
    int filters = conv.conv().filters();
    int perFilter = weight.size() / filters;
    float[] w = weight.toArray();
    float[] b = new float[filters];
    for (int k = 0; k < filters; k++) {
      double factor = scale.get(k) / Math.sqrt(variance.get(k) + layer.epsilon());
      double own = conv.conv().bias() ? weights.get(conv, "bias").get(k) : 0;
      b[k] = (float) ((own - mean.get(k)) * factor + shift.get(k));
      for (int i = k * perFilter; i < (k + 1) * perFilter; i++) {
        w[i] = (float) (w[i] * factor);
      }
    }
    return operator.toBuilder()
        .clearInput()
        .addInput(operator.getInput(0))
        .addInput(add(conv.name() + ".weight", weight.shape().dims(), w))
        .addInput(add(conv.name() + ".bias", List.of(filters), b))
        .setOutput(0, result)
        .build();
  }

  private String add(String wanted, List<Integer> dims, float[] values) {
    String name = wanted;
    while (!names.add(name)) {
      name += "_";
    }
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(TensorProto.DataType.FLOAT_VALUE)
            .setRawData(UnsafeByteOperations.unsafeWrap(bytes));
    dims.forEach(tensor::addDims);
    graph.addInitializer(tensor);
    return name;
  }
}
