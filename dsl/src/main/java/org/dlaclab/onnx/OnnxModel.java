package org.dlaclab.onnx;

import ai.onnx.proto.OnnxMl.ModelProto;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.dlaclab.error.DlacException;
import org.dlaclab.network.FeatureMap;
import org.dlaclab.network.Layer;
import org.dlaclab.network.Network;
import org.dlaclab.network.Weights;

/**
 * A network that came from an ONNX file, with what is needed to run the file's own graph: where its
 * layers' results and weights are in there.
 *
 * <p>Convolutions and fully connected layers, and all else that the DSL has a word for, are layers
 * of the network. Any other operator is opaque: a {@link Layer.Operator} with the shape of its
 * result, or, where that is not a feature map per image, no layer at all. Opaque operators run with
 * the network, but not on the grid.
 *
 * @param weights of {@code network()}
 * @param graph the file's, with all weights
 * @param input what the graph calls images of {@code batch x C x H x W}
 * @param batches whether the graph takes several images at once; otherwise they run one by one
 * @param output the layer whose result is the graph's first output, if it is one
 * @param places by layer
 * @param undescribed operators that are no layers of the network, by type
 */
public record OnnxModel(
    Weights weights,
    ModelProto graph,
    String input,
    boolean batches,
    Optional<String> output,
    Map<String, Place> places,
    Map<String, Long> undescribed) {

  public OnnxModel {
    places = Map.copyOf(places);
    undescribed = Map.copyOf(undescribed);
  }

  /**
   * Where a layer is in the graph.
   *
   * @param ifm what the graph calls its first input
   * @param result what the graph calls its result
   * @param dims extents of the result but for the batch
   * @param tensors by part, as {@link Weights} calls it: {@code weight}, {@code bias}, ...
   * @param operators the first results of the operators that it is made of
   */
  public record Place(
      String ifm,
      String result,
      List<Integer> dims,
      Map<String, Slot> tensors,
      List<String> operators) {
    public Place {
      dims = List.copyOf(dims);
      tensors = Map.copyOf(tensors);
      operators = List.copyOf(operators);
    }
  }

  /**
   * The input of an operator that takes a tensor of a layer.
   *
   * @param operator its first result
   * @param input which of its inputs
   * @param transposed whether it has inputs x outputs where the layer has outputs x inputs
   */
  public record Slot(String operator, int input, boolean transposed) {}

  /**
   * Reads a file whose images have a fixed size.
   *
   * @throws DlacException naming the operator, its inputs and what to do, if the file is damaged or
   *     a convolution or fully connected layer in it cannot be described
   */
  public static OnnxModel read(Path file) {
    return of(name(file), OnnxFile.read(file), Optional.empty());
  }

  /** Reads a file for images of this size, which it must allow. */
  public static OnnxModel read(Path file, FeatureMap ifm) {
    return of(name(file), OnnxFile.read(file), Optional.of(ifm));
  }

  /** The network called {@code name} of a graph without external data. */
  public static OnnxModel of(String name, ModelProto graph) {
    return of(name, graph, Optional.empty());
  }

  private static OnnxModel of(String name, ModelProto graph, Optional<FeatureMap> ifm) {
    try {
      return new OnnxImport(name, graph, ifm).model();
    } catch (IndexOutOfBoundsException | IllegalStateException | ArithmeticException e) {
      // An operator has other inputs or attributes than ONNX gives it.
      throw new DlacException(
          name + " has operators whose inputs and attributes do not fit each other",
          "operators as ONNX defines them",
          "check the model: onnx.checker.check_model(model, full_check=True)",
          e);
    }
  }

  private static String name(Path file) {
    Path last = file.getFileName();
    String name = last == null ? "" : last.toString().replaceFirst("\\.onnx$", "");
    return name.isBlank() ? "model" : name;
  }

  /** The network that the weights are of. */
  public Network network() {
    return weights.network();
  }

  /**
   * The network without the batch normalizations that directly follow a convolution: the
   * convolutions' weights and biases have them in them.
   *
   * @param weights of {@code network()}: those of the file, or other ones
   */
  public OnnxModel foldBatchNorm(Weights weights) {
    return new OnnxImport(
            network().name(), BatchNormFolding.fold(this, weights), Optional.of(network().ifm()))
        .model();
  }

  /** Whether every operator is a layer that the DSL describes. */
  public boolean isDescribed() {
    return undescribed.isEmpty()
        && network().nodes().stream().noneMatch(node -> node.layer() instanceof Layer.Operator);
  }

  /** Opaque operators by type and how often there are; empty if there are none. */
  public String opaque() {
    Map<String, Long> count =
        network().nodes().stream()
            .filter(node -> node.layer() instanceof Layer.Operator)
            .collect(
                Collectors.groupingBy(
                    node -> node.layer().kind(), java.util.TreeMap::new, Collectors.counting()));
    undescribed.forEach((type, n) -> count.merge(type, n, Long::sum));
    return count.entrySet().stream()
        .map(e -> e.getKey() + (e.getValue() == 1 ? "" : " x " + e.getValue()))
        .collect(Collectors.joining(", "));
  }

  /** The network's name and what is opaque in it. */
  @Override
  public String toString() {
    return network().name() + (isDescribed() ? "" : ", opaque: " + opaque());
  }
}
