package org.dlaclab.quant;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.table.Columns;
import org.dlaclab.table.Listing;
import org.dlaclab.tensor.Tensor;
import org.dlaclab.unit.Bytes;

/**
 * Which grid layer of a network gets which quantizer. Batch normalization and biases stay in full
 * precision.
 *
 * @param name what results call it
 * @param weights for every layer that no rule is about
 * @param rules later rules win over earlier ones
 */
public record Policy(String name, Quantizer weights, List<Rule> rules) {

  /** What {@code policy(...)} takes. */
  public sealed interface Option permits Weights, Rule {}

  /** The quantizer of every layer that no rule is about. */
  public record Weights(Quantizer quantizer) implements Option {}

  /** An exception: the layers {@code selector} means get {@code quantizer}. */
  public record Rule(Selector selector, Quantizer quantizer) implements Option {
    @Override
    public String toString() {
      return "except(" + selector + ", " + quantizer + ")";
    }
  }

  public Policy {
    Check.named("a policy", name);
    rules = List.copyOf(rules);
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
    boolean given = false;
    for (Option option : options) {
      if (option instanceof Rule rule) {
        rules.add(rule);
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
    return new Policy(name, weights, rules);
  }

  /**
   * The quantizer of each grid layer, by name, in order.
   *
   * @throws DlacException if a rule matches no layer of {@code network}
   */
  public Map<String, Quantizer> assign(Network network) {
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

  /** What each layer of {@code network} gets, and what it costs in bits. */
  public Listing describe(Network network) {
    Map<String, Quantizer> assigned = assign(network);
    List<Node> layers = network.gridLayers();
    long weights = layers.stream().mapToLong(Node::weights).sum();
    long bits = layers.stream().mapToLong(n -> bits(n, assigned)).sum();
    return new Listing(
        "policy "
            + name
            + " on "
            + network.name()
            + ": "
            + Bytes.ofBits(bits)
            + " of weights, "
            + Bytes.ofBits(weights * 32)
            + " in full precision",
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
            Columns.count("weight bits", layers, n -> bits(n, assigned), bits)),
        true);
  }

  private static Quantizer of(Node node, Map<String, Quantizer> assigned) {
    return java.util.Objects.requireNonNull(assigned.get(node.name()));
  }

  private static long bits(Node node, Map<String, Quantizer> assigned) {
    return Math.multiplyExact(node.weights(), (long) of(node, assigned).bits());
  }

  /** For example {@code twn: ternary, except("conv1", full precision)}. */
  @Override
  public String toString() {
    return name + ": " + weights + rules.stream().map(r -> ", " + r).collect(Collectors.joining());
  }
}
