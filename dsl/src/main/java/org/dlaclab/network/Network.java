package org.dlaclab.network;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;
import org.dlaclab.table.Columns;
import org.dlaclab.table.Listing;

/**
 * A convolutional network: a directed acyclic graph of layers whose shapes are known. Immutable,
 * without weights.
 *
 * @param name what results call it
 * @param ifm shape of one input image
 * @param nodes in topological order; the last one is the output
 */
public record Network(String name, FeatureMap ifm, List<Node> nodes) implements Serializable {

  public Network {
    Check.named("a network", name);
    nodes = List.copyOf(nodes);
  }

  /**
   * Lays {@code parts} one after another and infers every shape.
   *
   * @throws DlacException naming the layer and both shapes if two layers do not fit, or if a name
   *     is used twice
   */
  public static Network of(String name, FeatureMap ifm, List<? extends Part> parts) {
    if (parts.isEmpty()) {
      throw new DlacException(
          "network \"" + name + "\" has no layers",
          "one layer or more",
          "add conv(...) or fc(...)");
    }
    Graph graph = new Graph(ifm);
    graph.chain(parts, Node.INPUT);
    return new Network(name, ifm, graph.nodes);
  }

  /**
   * The network in the text that {@link #toJson} gave.
   *
   * @throws DlacException if it is no such text, or its layers do not fit each other
   */
  public static Network fromJson(String json) {
    return NetworkJson.read(json);
  }

  /** All of this network as JSON, layer by layer; {@link #fromJson} gives an equal one. */
  public String toJson() {
    return NetworkJson.write(this);
  }

  /** Shape of the last layer's result. */
  public FeatureMap ofm() {
    return nodes.get(nodes.size() - 1).ofm();
  }

  /**
   * The node whose result is what {@code layer} hands on: behind the batch normalizations,
   * additions and activation functions that follow it one after another, with no other consumer in
   * between.
   */
  public Node handedOn(Node layer) {
    Node last = layer;
    while (true) {
      int index = last.index();
      List<Node> consumers =
          nodes.stream().filter(node -> node.inputs().contains(index)).collect(Collectors.toList());
      if (consumers.size() != 1) {
        return last;
      }
      Layer next = consumers.get(0).layer();
      if (!(next instanceof Layer.BatchNorm
          || next instanceof Layer.Add
          || next instanceof Layer.Relu
          || next instanceof Layer.Activation
          || (next instanceof Layer.Operator operator && operator.isElementWise()))) {
        return last;
      }
      last = consumers.get(0);
    }
  }

  /** The convolutions and fully connected layers, in order. */
  public List<Node> gridLayers() {
    return nodes.stream().filter(Node::onGrid).collect(Collectors.toList());
  }

  /** The node called {@code layer}. */
  public Node node(String layer) {
    for (Node node : nodes) {
      if (node.name().equals(layer)) {
        return node;
      }
    }
    List<String> names = nodes.stream().map(Node::name).collect(Collectors.toList());
    throw new DlacException(
        "network \"" + name + "\" has no layer \"" + layer + "\"",
        "one of its " + names.size() + " layers",
        "did you mean \"" + Check.nearest(layer, names) + "\"? summary() lists them");
  }

  /** Trainable values: weights, biases, batch norm's scale and shift. */
  public long parameters() {
    return nodes.stream().mapToLong(Node::parameters).sum();
  }

  /** Multiply-accumulates of one image. */
  public long macs() {
    return nodes.stream().mapToLong(Node::macs).sum();
  }

  /**
   * Layer by layer: IFM, OFM, kernel, parameters, MACs per image and weight bits at 32 bits per
   * parameter.
   */
  public Listing summary() {
    return summary(node -> 32);
  }

  /**
   * As {@link #summary()}, with the bits that a policy leaves.
   *
   * @param weightBits bits per weight of a grid layer; other parameters have 32
   */
  Listing summary(ToIntFunction<Node> weightBits) {
    List<Long> bits = new ArrayList<>();
    for (Node node : nodes) {
      long weights = node.weights();
      bits.add(
          weights * (weights == 0 ? 0 : weightBits.applyAsInt(node))
              + (node.parameters() - weights) * 32);
    }
    long totalBits = bits.stream().mapToLong(Long::longValue).sum();
    return new Listing(
        name + ": " + ifm + " in, " + ofm() + " out",
        Columns.table(
            name,
            Columns.text("layer", nodes, Node::name, "total"),
            Columns.text("kind", nodes, n -> n.layer().kind(), ""),
            Columns.text(
                "IFM",
                nodes,
                n ->
                    n.ifms().stream()
                        .map(FeatureMap::toString)
                        .distinct()
                        .collect(Collectors.joining(" + ")),
                ""),
            Columns.text("OFM", nodes, n -> n.ofm().toString(), ""),
            Columns.text("kernel", nodes, Network::kernel, ""),
            Columns.count("parameters", nodes, Node::parameters, parameters()),
            Columns.count("MACs", nodes, Node::macs, macs()),
            Columns.count("bits", bits, b -> b, totalBits)),
        true);
  }

  private static String kernel(Node node) {
    if (node.layer() instanceof Layer.Conv conv) {
      return conv.kernel()
          + (conv.stride().height() == 1 && conv.stride().width() == 1 ? "" : step(conv.stride()))
          + taps(conv.dilation())
          + (conv.groups() == 1 ? "" : " g" + conv.groups());
    }
    if (node.layer() instanceof Layer.Pool pool) {
      return pool.kernel() + step(pool.stride()) + taps(pool.dilation());
    }
    return "";
  }

  private static String step(Option.Stride stride) {
    return " /" + stride.height() + (stride.height() == stride.width() ? "" : "x" + stride.width());
  }

  private static String taps(Option.Dilation dilation) {
    return dilation.height() == 1 && dilation.width() == 1
        ? ""
        : " dil " + dilation.height() + "x" + dilation.width();
  }

  /** The summary as text. */
  @Override
  public String toString() {
    return summary().toString();
  }

  /** Lays parts into a list of nodes. Lives only while a network is made. */
  private static final class Graph {
    private final FeatureMap input;
    private final List<Node> nodes = new ArrayList<>();
    private final Set<String> names = new HashSet<>();
    private String lastNamed = "input";

    Graph(FeatureMap input) {
      this.input = input;
    }

    /** Appends {@code parts} behind node {@code from} and returns the index of the last one. */
    int chain(List<? extends Part> parts, int from) {
      int at = from;
      for (Part part : parts) {
        at = append(part, at);
      }
      return at;
    }

    private int append(Part part, int from) {
      if (part instanceof Part.Depthwise d) {
        int channels = shape(from).channels();
        return node(
            new Layer.Conv(
                d.name(),
                channels,
                d.kernel(),
                d.stride(),
                d.padding(),
                d.dilation(),
                channels,
                d.bias()),
            List.of(from));
      }
      if (part instanceof Part.Residual residual) {
        int body = chain(residual.body(), from);
        String endOfBody = lastNamed;
        int shortcut = chain(residual.shortcut(), from);
        lastNamed = endOfBody;
        return node(new Layer.Add(residual.name()), List.of(body, shortcut));
      }
      if (part instanceof Part.Gate gate) {
        String gated = lastNamed;
        int body = chain(gate.body(), from);
        lastNamed = gated;
        return node(new Layer.Multiply(gate.name()), List.of(from, body));
      }
      if (part instanceof Part.Branches branches) {
        List<Integer> ends = new ArrayList<>();
        for (Part.Branch path : branches.paths()) {
          ends.add(chain(path.parts(), from));
        }
        return node(new Layer.Concat(branches.name()), ends);
      }
      return node((Layer) part, List.of(from));
    }

    private int node(Layer layer, List<Integer> inputs) {
      String as = resolve(layer);
      List<FeatureMap> ifms = inputs.stream().map(this::shape).collect(Collectors.toList());
      FeatureMap ofm = layer.ofm(as, ifms);
      nodes.add(new Node(nodes.size(), as, layer, inputs, ifms, ofm));
      return nodes.size() - 1;
    }

    /** A layer without a name is called after the last one that has one: {@code conv1.relu}. */
    private String resolve(Layer layer) {
      if (!layer.name().isEmpty()) {
        if (!names.add(layer.name())) {
          throw new DlacException(
              "two layers are called \"" + layer.name() + "\"",
              "a name of its own for each layer",
              "rename one of them");
        }
        lastNamed = layer.name();
        return layer.name();
      }
      String base = lastNamed + "." + layer.kind();
      String as = base;
      for (int i = 2; !names.add(as); i++) {
        as = base + i;
      }
      return as;
    }

    private FeatureMap shape(int index) {
      return index == Node.INPUT ? input : nodes.get(index).ofm();
    }
  }
}
