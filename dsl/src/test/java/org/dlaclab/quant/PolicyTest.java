package org.dlaclab.quant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.dlaclab.error.Refusals.assertRefused;
import static org.dlaclab.network.Layers.conv;
import static org.dlaclab.network.Layers.depthwise;
import static org.dlaclab.network.Layers.fc;
import static org.dlaclab.network.Layers.filters;
import static org.dlaclab.network.Layers.globalAvgPool;
import static org.dlaclab.network.Layers.groups;
import static org.dlaclab.network.Layers.ifm;
import static org.dlaclab.network.Layers.kernel;
import static org.dlaclab.network.Layers.network;
import static org.dlaclab.network.Layers.pad;
import static org.dlaclab.network.Layers.relu;

import java.util.List;
import java.util.Map;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.quant.Policy.Rule;
import org.dlaclab.quant.Policy.Weights;
import org.dlaclab.quant.Quantizer.Binary;
import org.dlaclab.quant.Quantizer.FullPrecision;
import org.dlaclab.quant.Quantizer.Scale;
import org.dlaclab.quant.Quantizer.Ternary;
import org.dlaclab.quant.Quantizer.Uniform;
import org.dlaclab.quant.Selector.ByIndex;
import org.dlaclab.quant.Selector.ByKind;
import org.dlaclab.quant.Selector.ByName;
import org.dlaclab.quant.Selector.ByPattern;
import org.dlaclab.quant.Selector.Kind;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tech.tablesaw.api.Table;

class PolicyTest {
  private static final Quantizer FULL = new FullPrecision();
  private static final Quantizer TERNARY = new Ternary(Scale.PER_LAYER);
  private static final Quantizer BINARY = new Binary(Scale.PER_LAYER);

  /** Grid layers: conv1, dw, pw, conv4_1, conv4_2, fc. */
  private static final Network NETWORK =
      network(
          "net",
          ifm(3, 8, 8),
          conv("conv1", filters(8), kernel(3), pad(1)),
          relu(),
          depthwise("dw", kernel(3), pad(1)),
          conv("pw", filters(12), kernel(1)),
          relu(),
          conv("conv4_1", filters(12), kernel(3), pad(1), groups(3)),
          conv("conv4_2", filters(12), kernel(3), pad(1)),
          globalAvgPool(),
          fc("fc", 10));

  private static List<String> selected(Selector selector) {
    Policy policy = Policy.of("p", new Rule(selector, BINARY));
    return policy.assign(NETWORK).entrySet().stream()
        .filter(e -> e.getValue().equals(BINARY))
        .map(Map.Entry::getKey)
        .toList();
  }

  @Nested
  class Selection {
    @Test
    void byName() {
      assertThat(selected(new ByName("pw"))).containsExactly("pw");
    }

    @ParameterizedTest
    @CsvSource({"0, conv1", "1, dw", "5, fc", "-1, fc", "-2, conv4_2", "-6, conv1"})
    void byIndexAmongTheGridLayersFromEitherEnd(int position, String layer) {
      assertThat(selected(new ByIndex(position))).containsExactly(layer);
    }

    @ParameterizedTest
    @CsvSource({
      "conv4_*, conv4_1 conv4_2",
      "conv?, conv1",
      "*, conv1 dw pw conv4_1 conv4_2 fc",
      "*_1, conv4_1",
      "?w, dw pw",
      "fc, fc",
      "*o*4*1*, conv4_1",
    })
    void byPattern(String pattern, String layers) {
      assertThat(selected(new ByPattern(pattern))).containsExactly(layers.split(" ", -1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"conv.", "[cd]w", "conv4_\\d", "(fc)", "conv1|fc", "^fc$", "\\E*", ""})
    void aPatternIsNotARegularExpression(String pattern) {
      assertRefused(() -> selected(new ByPattern(pattern)), "matching(\"" + pattern + "\")");
    }

    @ParameterizedTest
    @CsvSource({"CONV, conv1 dw pw conv4_1 conv4_2", "FC, fc", "DEPTHWISE, dw", "POINTWISE, pw"})
    void byKind(Kind kind, String layers) {
      assertThat(selected(new ByKind(kind))).containsExactly(layers.split(" ", -1));
    }
  }

  @Nested
  class Assignment {
    @Test
    void coversTheGridLayersInOrder() {
      Map<String, Quantizer> assigned = Policy.of("p", new Weights(TERNARY)).assign(NETWORK);
      assertThat(assigned.keySet())
          .containsExactly("conv1", "dw", "pw", "conv4_1", "conv4_2", "fc");
      assertThat(assigned.values()).containsOnly(TERNARY);
    }

    @Test
    void withoutWeightsIsFullPrecision() {
      assertThat(Policy.of("p").assign(NETWORK).values()).containsOnly(FULL);
    }

    @Test
    void laterRulesWin() {
      Policy.Rule convs = new Rule(new ByKind(Kind.CONV), BINARY);
      Policy.Rule first = new Rule(new ByIndex(0), FULL);
      assertThat(Policy.of("p", new Weights(TERNARY), convs, first).assign(NETWORK))
          .containsEntry("conv1", FULL)
          .containsEntry("dw", BINARY)
          .containsEntry("fc", TERNARY);
      assertThat(Policy.of("p", new Weights(TERNARY), first, convs).assign(NETWORK))
          .containsEntry("conv1", BINARY);
    }

    @Test
    void theOrderOfWeightsAmongTheRulesDoesNotMatter() {
      Policy.Rule first = new Rule(new ByIndex(0), FULL);
      assertThat(Policy.of("p", first, new Weights(TERNARY)))
          .isEqualTo(Policy.of("p", new Weights(TERNARY), first));
    }
  }

  @Nested
  class ARuleWithoutAMatch {
    private void assertNoMatch(Selector selector, String... says) {
      Policy policy = Policy.of("twn", new Weights(TERNARY), new Rule(selector, FULL));
      assertRefused(() -> policy.assign(NETWORK), "policy \"twn\"", "matches no layer of \"net\"");
      assertRefused(() -> policy.assign(NETWORK), "except(" + selector + ", full precision)");
      assertRefused(() -> policy.assign(NETWORK), says);
      assertRefused(() -> policy.describe(NETWORK), says);
    }

    @Test
    void byNameSuggestsTheNearest() {
      assertNoMatch(new ByName("conv4-2"), "did you mean \"conv4_2\"?");
      assertNoMatch(new ByName("Conv1"), "did you mean \"conv1\"?");
    }

    @Test
    void byNameOfALayerWithoutWeightsSaysSo() {
      assertNoMatch(
          new ByName("conv1.relu"),
          "\"conv1.relu\" has no weights on the grid",
          "nearest that has is \"conv1\"");
    }

    @Test
    void byIndexSaysHowManyThereAre() {
      assertNoMatch(new ByIndex(6), "6 such layers", "layer(0) to layer(5)");
      assertNoMatch(new ByIndex(-7), "layer(-7)", "layer(0) to layer(5)");
    }

    @Test
    void byPatternOrKindListsLayers() {
      assertNoMatch(new ByPattern("conv9*"), "matching(\"conv9*\")", "conv1, dw, pw");
      Network convs = network("net", ifm(3, 8, 8), conv("c", filters(1), kernel(8)));
      assertRefused(
          () -> Policy.of("p", new Rule(new ByKind(Kind.FC), FULL)).assign(convs),
          "kind(FC)",
          "the layers are c");
    }

    @Test
    void onANetworkWithoutGridLayersSaysThat() {
      Network none = network("none", ifm(3, 8, 8), relu());
      for (Selector selector :
          List.of(new ByIndex(0), new ByName("conv1"), new ByPattern("*"), new ByKind(Kind.FC))) {
        assertRefused(
            () -> Policy.of("p", new Rule(selector, FULL)).assign(none),
            "\"none\"",
            "the network has no convolution and no fully connected layer");
      }
    }
  }

  @Nested
  class Definition {
    @Test
    void takesWeightsOnce() {
      assertRefused(
          () -> Policy.of("p", new Weights(TERNARY), new Weights(BINARY)),
          "policy \"p\"",
          "weights(ternary)",
          "weights(binary)",
          "except(");
    }

    @Test
    void needsAName() {
      assertRefused(() -> Policy.of(" "), "the name of a policy is empty");
    }

    @Test
    void displays() {
      Policy policy =
          Policy.of(
              "twn",
              new Weights(TERNARY),
              new Rule(new ByIndex(0), FULL),
              new Rule(new ByIndex(-1), new Uniform(8)),
              new Rule(new ByIndex(3), BINARY));
      assertThat(policy)
          .hasToString(
              "twn: ternary, except(first(), full precision), except(last(), 8-bit uniform),"
                  + " except(layer(3), binary)");
    }
  }

  @Nested
  class Description {
    private final Policy policy =
        Policy.of("twn", new Weights(TERNARY), new Rule(new ByIndex(0), FULL));

    @Test
    void addsUpTheBits() {
      Table table = policy.describe(NETWORK).table();
      List<Node> layers = NETWORK.gridLayers();
      long weights = 0;
      long bits = 0;
      for (int i = 0; i < layers.size(); i++) {
        Node layer = layers.get(i);
        int each = i == 0 ? 32 : 2;
        assertThat(table.stringColumn("layer").get(i)).isEqualTo(layer.name());
        assertThat(table.stringColumn("quantizer").get(i))
            .isEqualTo(i == 0 ? "full precision" : "ternary");
        assertThat(table.longColumn("weights").getLong(i)).isEqualTo(layer.weights());
        assertThat(table.doubleColumn("bits/weight").getDouble(i)).isEqualTo(each);
        assertThat(table.longColumn("weight bits").getLong(i)).isEqualTo(each * layer.weights());
        weights += layer.weights();
        bits += each * layer.weights();
      }
      int total = layers.size();
      assertThat(table.rowCount()).isEqualTo(total + 1);
      assertThat(table.longColumn("weights").getLong(total)).isEqualTo(weights);
      assertThat(table.longColumn("weight bits").getLong(total)).isEqualTo(bits);
      assertThat(table.doubleColumn("bits/weight").getDouble(total))
          .isEqualTo((double) bits / weights);
    }

    @Test
    void saysHowMuchSmallerTheModelGets() {
      Network network = network("net", ifm(1 << 10), fc("a", 1 << 12), fc("b", 1 << 10));
      Policy ternary = Policy.of("twn", new Weights(TERNARY));
      assertThat(ternary.describe(network))
          .asString()
          .startsWith("policy twn on net: 2 MiB of weights, 32 MiB in full precision\n");
    }
  }
}
