package org.dlaclab.quant;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;
import org.dlaclab.network.Layer;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.table.Columns;
import org.dlaclab.table.Listing;
import org.dlaclab.tensor.Tensor;
import org.dlaclab.unit.Bytes;

/**
 * Which grid layer of a network gets which quantizer, and what its ReLUs do. Batch normalization
 * and biases stay in full precision.
 *
 * @param name what results call it
 * @param weights for every layer that no rule is about
 * @param rules later rules win over earlier ones
 * @param activations later rules win over earlier ones; where none says anything, ReLUs stay as the
 *     network has them
 */
public record Policy(
    String name, Quantizer weights, List<Rule> rules, List<Activations> activations) {

  /** What {@code policy(...)} takes. */
  public sealed interface Option permits Weights, Rule, Activations {}

  /** The quantizer of every layer that no rule is about. */
  public record Weights(Quantizer quantizer) implements Option {}

  /** An exception: the layers {@code selector} means get {@code quantizer}. */
  public record Rule(Selector selector, Quantizer quantizer) implements Option {
    @Override
    public String toString() {
      return "except(" + selector + ", " + quantizer + ")";
    }
  }

  /**
   * What some ReLUs do.
   *
   * @param relus their name, or a pattern in which {@code *} stands for any text and {@code ?} for
   *     a character
   * @param does a threshold, a precision or both; what it does not say stays as it is
   */
  public record Activations(String relus, List<Activation> does) implements Option {
    /** The pattern of all ReLUs. */
    public static final String ALL = "*";

    public Activations {
      List<Threshold> thresholds = only(Threshold.class, does);
      if (does.isEmpty() || thresholds.size() > 1 || does.size() - thresholds.size() > 1) {
        throw new DlacException(
            text(relus, does) + " says " + (does.isEmpty() ? "nothing" : "the same thing twice"),
            "a threshold, a precision, or one of each",
            "try activations(threshold(0.01), kBit(4))");
      }
      List<Activation> ordered = new ArrayList<>(thresholds);
      does.stream().filter(a -> !(a instanceof Threshold)).forEach(ordered::add);
      does = List.copyOf(ordered);
    }

    private static <T> List<T> only(Class<T> type, List<Activation> does) {
      return does.stream().filter(type::isInstance).map(type::cast).collect(Collectors.toList());
    }

    /**
     * @param relu as earlier rules left it
     * @param own as the network has it: its bound, if it has one, stays
     */
    Layer.Relu on(Layer.Relu relu, Layer.Relu own) {
      double threshold = relu.threshold();
      int bits = relu.bits();
      double max = relu.max();
      double bound = own.bits() == 0 ? own.max() : 0;
      for (Activation activation : does) {
        if (activation instanceof Threshold t) {
          threshold = t.value();
        } else if (activation instanceof KBit k) {
          bits = k.bits();
          max = bound == 0 ? k.max() : Math.min(bound, k.max());
        } else {
          bits = 0;
          max = bound;
        }
      }
      return new Layer.Relu(relu.name(), threshold, bits, max);
    }

    private static String text(String relus, List<Activation> does) {
      return "activations("
          + Stream.concat(
                  relus.equals(ALL) ? Stream.of() : Stream.of("\"" + relus + "\""), does.stream())
              .map(Object::toString)
              .collect(Collectors.joining(", "))
          + ")";
    }

    @Override
    public String toString() {
      return text(relus, does);
    }
  }

  /** What {@code activations(...)} takes. */
  public sealed interface Activation permits Threshold, KBit, Quantizer.FullPrecision {}

  /**
   * A ReLU's threshold, as {@link Layer.Relu} has it.
   *
   * @param value finite, 0 or more
   */
  public record Threshold(double value) implements Activation {
    public Threshold {
      value = new Layer.Relu("", value).threshold();
    }

    @Override
    public String toString() {
      return "threshold(" + number(value) + ")";
    }
  }

  /**
   * A ReLU's precision, as {@link Layer.Relu} has it.
   *
   * @param bits 1 to 16
   * @param max the largest level; a ReLU with a lower bound keeps its own
   */
  public record KBit(int bits, double max) implements Activation {
    /**
     * The bound of ReLU6 (Krizhevsky, "Convolutional deep belief networks on CIFAR-10", 2010):
     * behind a batch normalization hardly any activation exceeds it, so that a trained network
     * survives it. DoReFa-Net's own bound of 1 cuts off much, and wants training from the start.
     */
    public static final double MAX = 6;

    public KBit {
      if (bits == 0) {
        throw new DlacException(
            "kBit(0) asks for activations of 0 bits", "1 to 16 bits", "try kBit(4)");
      }
      max = new Layer.Relu("", 0, bits, max).max();
    }

    @Override
    public String toString() {
      return "kBit(" + bits + (max == MAX ? "" : ", " + number(max)) + ")";
    }
  }

  public Policy {
    Check.named("a policy", name);
    rules = List.copyOf(rules);
    activations = List.copyOf(activations);
  }

  /** A policy that leaves ReLUs as the network has them. */
  public Policy(String name, Quantizer weights, List<Rule> rules) {
    this(name, weights, rules, List.of());
  }

  /**
   * A policy of these options; without {@link Weights}, layers that no rule is about keep full
   * precision.
   *
   * @throws DlacException if weights are given twice
   */
  public static Policy of(String name, Option... options) {
    Quantizer weights = new Quantizer.FullPrecision();
    List<Rule> rules = new ArrayList<>();
    List<Activations> activations = new ArrayList<>();
    boolean given = false;
    for (Option option : options) {
      if (option instanceof Rule rule) {
        rules.add(rule);
      } else if (option instanceof Activations rule) {
        activations.add(rule);
      } else if (option instanceof Weights w) {
        if (given) {
          throw new DlacException(
              "policy \""
                  + name
                  + "\" has weights("
                  + weights
                  + ") and weights("
                  + w.quantizer()
                  + ")",
              "weights(...) once",
              "name the layers that differ: except(\"conv1\", fullPrecision())");
        }
        weights = w.quantizer();
        given = true;
      }
    }
    return new Policy(name, weights, rules, activations);
  }

  /**
   * The policy that {@link #toJson} wrote.
   *
   * @throws DlacException saying what is wrong, if the text is no such policy
   */
  public static Policy fromJson(String json) {
    return PolicyJson.read(json);
  }

  /** This policy as a line of JSON, for files: {@link #fromJson} gives an equal one. */
  public String toJson() {
    return PolicyJson.write(this);
  }

  /**
   * The network with ReLUs as this policy has them: what inference and training run.
   *
   * @throws DlacException if a rule for activations matches no ReLU of {@code network}
   */
  public Network on(Network network) {
    if (activations.isEmpty()) {
      return network;
    }
    List<Node> nodes = new ArrayList<>(network.nodes());
    for (Activations rule : activations) {
      boolean matched = false;
      for (int i = 0; i < nodes.size(); i++) {
        Node node = nodes.get(i);
        if (node.layer() instanceof Layer.Relu relu
            && Selector.ByPattern.matches(rule.relus(), node.name())) {
          nodes.set(i, node.with(rule.on(relu, (Layer.Relu) network.nodes().get(i).layer())));
          matched = true;
        }
      }
      if (!matched) {
        throw noRelu(network, rule);
      }
    }
    return new Network(network.name(), network.ifm(), nodes);
  }

  private DlacException noRelu(Network network, Activations rule) {
    List<String> names =
        network.nodes().stream()
            .filter(node -> node.layer() instanceof Layer.Relu)
            .map(Node::name)
            .collect(Collectors.toList());
    return new DlacException(
        "rule "
            + rule
            + " of policy \""
            + name
            + "\" matches no ReLU of \""
            + network.name()
            + "\"",
        "at least one ReLU",
        names.isEmpty()
            ? "the network has none: leave activations(...) out"
            : "did you mean \"" + Check.nearest(rule.relus(), names) + "\"?");
  }

  /**
   * The quantizer of each grid layer, by name, in order.
   *
   * @throws DlacException if a rule matches no layer of {@code network}, or one for activations no
   *     ReLU
   */
  public Map<String, Quantizer> assign(Network network) {
    on(network);
    List<Node> layers = network.gridLayers();
    Map<String, Quantizer> assigned = new LinkedHashMap<>();
    layers.forEach(layer -> assigned.put(layer.name(), weights));
    for (Rule rule : rules) {
      boolean matched = false;
      for (int i = 0; i < layers.size(); i++) {
        if (rule.selector().selects(layers, i)) {
          assigned.put(layers.get(i).name(), rule.quantizer());
          matched = true;
        }
      }
      if (!matched) {
        throw noMatch(network, layers, rule);
      }
    }
    return assigned;
  }

  /**
   * A grid layer's weights as this policy leaves them, under the scales that training found for the
   * layer, if its quantizer learns any: the one way from a network's weights to those that run.
   *
   * @param weights of the network that has the layer
   * @return the shape of the layer's weights
   * @throws DlacException if a rule matches no layer of the network
   */
  public Tensor quantized(org.dlaclab.network.Weights weights, Node layer) {
    Quantizer quantizer = of(layer, assign(weights.network()));
    Tensor full = weights.get(layer, "weight");
    return quantizer.scales() == 0
        ? quantizer.quantize(full)
        : weights
            .scales(layer)
            .map(scales -> quantizer.quantize(full, scales))
            .orElseGet(() -> quantizer.quantize(full));
  }

  private DlacException noMatch(Network network, List<Node> layers, Rule rule) {
    List<String> names = layers.stream().map(Node::name).collect(Collectors.toList());
    String hint;
    if (names.isEmpty()) {
      hint =
          "the network has no convolution and no fully connected layer: use a policy of no rules";
    } else if (rule.selector() instanceof Selector.ByName byName) {
      hint =
          network.nodes().stream().anyMatch(n -> n.name().equals(byName.name()))
              ? "\""
                  + byName.name()
                  + "\" has no weights on the grid; the nearest that has is \""
                  + Check.nearest(byName.name(), names)
                  + "\""
              : "did you mean \"" + Check.nearest(byName.name(), names) + "\"?";
    } else if (rule.selector() instanceof Selector.ByIndex) {
      hint =
          "the network has "
              + names.size()
              + " such layers: use layer(0) to layer("
              + (names.size() - 1)
              + ")";
    } else {
      hint =
          "the layers are "
              + names.stream().limit(8).collect(Collectors.joining(", "))
              + (names.size() > 8 ? ", ..." : "");
    }
    return new DlacException(
        "rule "
            + rule
            + " of policy \""
            + name
            + "\" matches no layer of \""
            + network.name()
            + "\"",
        "at least one convolution or fully connected layer",
        hint);
  }

  /**
   * What each grid layer of {@code network} gets, and what it costs in bits: its weights with their
   * scales, and its IFM for one image, with the threshold of the ReLU that it comes from.
   */
  public Listing describe(Network network) {
    Map<String, Quantizer> assigned = assign(network);
    List<Node> layers = network.gridLayers();
    List<Kept> kept = kept(on(network));
    long weights = layers.stream().mapToLong(Node::weights).sum();
    long bits = layers.stream().mapToLong(n -> bits(n, assigned)).sum();
    long ifms = layers.stream().mapToLong(n -> n.ifm().size()).sum();
    long ifmBits = layers.stream().mapToLong(n -> ifmBits(n, kept)).sum();
    ToLongFunction<Node> scaleBits =
        n -> of(n, assigned).scaleBits(org.dlaclab.network.Weights.shape(n));
    return new Listing(
        "policy "
            + name
            + " on "
            + network.name()
            + ": "
            + Bytes.ofBits(bits)
            + " of weights, "
            + Bytes.ofBits(weights * 32)
            + " in full precision"
            + (ifmBits == ifms * 32
                ? ""
                : "; "
                    + Bytes.ofBits(ifmBits)
                    + " of IFMs, "
                    + Bytes.ofBits(ifms * 32)
                    + " in full precision"),
        Columns.table(
            name,
            Columns.text("layer", layers, Node::name, "total"),
            Columns.text("quantizer", layers, n -> of(n, assigned).toString(), ""),
            Columns.count("weights", layers, Node::weights, weights),
            Columns.decimal(
                "bits/weight",
                2,
                layers,
                n -> of(n, assigned).bits(),
                (double) bits / Math.max(1, weights)),
            Columns.count("weight bits", layers, n -> bits(n, assigned), bits),
            Columns.count(
                "scale bits", layers, scaleBits, layers.stream().mapToLong(scaleBits).sum()),
            Columns.decimal(
                "IFM threshold",
                4,
                layers,
                n -> ofm(n.inputs().get(0), kept).threshold(),
                Double.NaN),
            Columns.decimal(
                "bits/IFM value",
                2,
                layers,
                n -> ofm(n.inputs().get(0), kept).bits(),
                (double) ifmBits / Math.max(1, ifms)),
            Columns.count("IFM bits", layers, n -> ifmBits(n, kept), ifmBits)),
        true);
  }

  /**
   * How a node's results are kept.
   *
   * @param bits per value
   * @param threshold of the ReLU they come from; NaN if they come from something else
   */
  private record Kept(int bits, double threshold) {
    static final Kept AS_FLOATS = new Kept(Float.SIZE, Double.NaN);

    /** Per value, if a value in full precision takes {@code full}. */
    int bits(int full) {
      return bits == Float.SIZE ? full : bits;
    }

    /** The results of the concatenation. */
    Kept with(Kept other) {
      boolean alike = Double.compare(threshold, other.threshold) == 0;
      return new Kept(Math.max(bits, other.bits), alike ? threshold : Double.NaN);
    }
  }

  /** By the node's index; the network's input is missing. */
  private static List<Kept> kept(Network network) {
    List<Kept> kept = new ArrayList<>();
    for (Node node : network.nodes()) {
      Layer layer = node.layer();
      // A maximum, or another shape, has no other values than its IFM.
      boolean same =
          layer instanceof Layer.Flatten
              || layer instanceof Layer.Concat
              || layer instanceof Layer.ChannelShuffle
              || layer instanceof Layer.ChannelSlice
              || (layer instanceof Layer.Pool pool && pool.max());
      if (layer instanceof Layer.Relu relu) {
        kept.add(new Kept(relu.bits() == 0 ? Float.SIZE : relu.bits(), relu.threshold()));
      } else if (same) {
        kept.add(node.inputs().stream().map(i -> ofm(i, kept)).reduce(Kept::with).orElseThrow());
      } else {
        kept.add(Kept.AS_FLOATS);
      }
    }
    return kept;
  }

  /**
   * Bits in which a grid layer's tensors are stored.
   *
   * @param weights per weight, scales not counted
   * @param ifm per element of its IFM
   * @param ofm per element of what it hands on
   */
  public record Widths(int weights, int ifm, int ofm) {}

  /**
   * The bits in which each grid layer's tensors are stored, by name.
   *
   * @param full bits of what this policy leaves in full precision
   * @throws DlacException if a rule matches nothing of {@code network}
   */
  public Map<String, Widths> widths(Network network, int full) {
    Map<String, Quantizer> assigned = assign(network);
    Network low = on(network);
    List<Kept> kept = kept(low);
    Map<String, Widths> widths = new LinkedHashMap<>();
    for (Node layer : low.gridLayers()) {
      Quantizer quantizer = of(layer, assigned);
      widths.put(
          layer.name(),
          new Widths(
              quantizer instanceof Quantizer.FullPrecision ? full : quantizer.bits(),
              ofm(layer.inputs().get(0), kept).bits(full),
              ofm(low.handedOn(layer).index(), kept).bits(full)));
    }
    return widths;
  }

  private static Kept ofm(int node, List<Kept> kept) {
    return node == Node.INPUT ? Kept.AS_FLOATS : kept.get(node);
  }

  private static long ifmBits(Node layer, List<Kept> kept) {
    return layer.ifm().size() * ofm(layer.inputs().get(0), kept).bits();
  }

  private static Quantizer of(Node node, Map<String, Quantizer> assigned) {
    return java.util.Objects.requireNonNull(assigned.get(node.name()));
  }

  private static long bits(Node node, Map<String, Quantizer> assigned) {
    return Math.multiplyExact(node.weights(), (long) of(node, assigned).bits());
  }

  private static String number(double value) {
    return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
  }

  /** For example {@code twn: ternary, except("conv1", full precision)}. */
  @Override
  public String toString() {
    return Stream.concat(rules.stream(), activations.stream())
        .map(rule -> ", " + rule)
        .collect(Collectors.joining("", name + ": " + weights, ""));
  }
}
