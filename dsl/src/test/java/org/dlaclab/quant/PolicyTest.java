package org.dlaclab.quant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.dlaclab.error.Refusals.assertRefused;
import static org.dlaclab.network.Layers.batchNorm;
import static org.dlaclab.network.Layers.branch;
import static org.dlaclab.network.Layers.branches;
import static org.dlaclab.network.Layers.conv;
import static org.dlaclab.network.Layers.depthwise;
import static org.dlaclab.network.Layers.fc;
import static org.dlaclab.network.Layers.filters;
import static org.dlaclab.network.Layers.flatten;
import static org.dlaclab.network.Layers.globalAvgPool;
import static org.dlaclab.network.Layers.groups;
import static org.dlaclab.network.Layers.ifm;
import static org.dlaclab.network.Layers.kernel;
import static org.dlaclab.network.Layers.maxPool;
import static org.dlaclab.network.Layers.network;
import static org.dlaclab.network.Layers.pad;
import static org.dlaclab.network.Layers.relu;
import static org.dlaclab.network.Layers.relu6;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.dlaclab.network.Layer;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.quant.Policy.Activations;
import org.dlaclab.quant.Policy.KBit;
import org.dlaclab.quant.Policy.Rule;
import org.dlaclab.quant.Policy.Threshold;
import org.dlaclab.quant.Policy.Weights;
import org.dlaclab.quant.Quantizer.Affine;
import org.dlaclab.quant.Quantizer.Binary;
import org.dlaclab.quant.Quantizer.DoReFa;
import org.dlaclab.quant.Quantizer.FullPrecision;
import org.dlaclab.quant.Quantizer.Scale;
import org.dlaclab.quant.Quantizer.Ternary;
import org.dlaclab.quant.Quantizer.TrainedTernary;
import org.dlaclab.quant.Quantizer.Uniform;
import org.dlaclab.quant.Selector.ByIndex;
import org.dlaclab.quant.Selector.ByKind;
import org.dlaclab.quant.Selector.ByName;
import org.dlaclab.quant.Selector.ByPattern;
import org.dlaclab.quant.Selector.Kind;
import org.dlaclab.tensor.Shape;
import org.dlaclab.tensor.Tensor;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
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
  class ActivationRules {
    private final Network network =
        network(
            "net",
            ifm(3, 8, 8),
            conv("conv1", filters(8), kernel(3), pad(1)),
            relu(0.5),
            conv("conv2", filters(8), kernel(3), pad(1)),
            relu(),
            conv("conv3", filters(8), kernel(3), pad(1)),
            relu());

    private List<Layer.Relu> relus(Policy.Option... options) {
      return Policy.of("p", options).on(network).nodes().stream()
          .filter(node -> node.layer() instanceof Layer.Relu)
          .map(node -> (Layer.Relu) node.layer())
          .toList();
    }

    @Test
    void withoutAnyTheNetworkStaysAsItIs() {
      assertThat(Policy.of("p", new Weights(TERNARY)).on(network)).isSameAs(network);
    }

    @Test
    void sayOnlyWhatTheySay() {
      assertThat(relus(activations(kBit(4))))
          .containsExactly(
              new Layer.Relu("", 0.5, 4, 6),
              new Layer.Relu("", 0, 4, 6),
              new Layer.Relu("", 0, 4, 6));
      assertThat(relus(activations(threshold(0.01)), activations("conv2.*", kBit(3, 2.5))))
          .containsExactly(
              new Layer.Relu("", 0.01), new Layer.Relu("", 0.01, 3, 2.5), new Layer.Relu("", 0.01));
    }

    @Test
    void laterOnesWin() {
      assertThat(
              relus(
                  activations(threshold(0.01), kBit(4)),
                  activations("conv2.relu", threshold(0.2)),
                  activations("conv?.relu", kBit(8)),
                  activations("conv3.relu", fullPrecision())))
          .containsExactly(
              new Layer.Relu("", 0.01, 8, 6),
              new Layer.Relu("", 0.2, 8, 6),
              new Layer.Relu("", 0.01));
    }

    @Test
    void keepTheBoundOfARelu() {
      Network bounded = network("net", ifm(3, 8, 8), conv("conv1", filters(8), kernel(3)), relu6());
      java.util.function.Function<List<Policy.Option>, Layer> relu =
          options ->
              Policy.of("p", options.toArray(new Policy.Option[0]))
                  .on(bounded)
                  .node("conv1.relu")
                  .layer();
      assertThat(relu.apply(List.of(activations(threshold(0.1)))))
          .isEqualTo(new Layer.Relu("", 0.1, 0, 6));
      assertThat(relu.apply(List.of(activations(kBit(4, 8)))))
          .isEqualTo(new Layer.Relu("", 0, 4, 6));
      assertThat(relu.apply(List.of(activations(kBit(4, 2)))))
          .isEqualTo(new Layer.Relu("", 0, 4, 2));
      assertThat(relu.apply(List.of(activations(kBit(4, 2)), activations(fullPrecision()))))
          .isEqualTo(new Layer.Relu("", 0, 0, 6));
    }

    @Test
    void leaveAllElseOfTheNetwork() {
      Policy policy = Policy.of("p", activations(threshold(0.1), kBit(4)));
      Network applied = policy.on(network);
      assertThat(applied.name()).isEqualTo(network.name());
      assertThat(applied.gridLayers()).isEqualTo(network.gridLayers());
      assertThat(applied.nodes().stream().map(Node::name))
          .isEqualTo(network.nodes().stream().map(Node::name).toList());
      assertThat(policy.on(applied)).isEqualTo(applied);
    }

    @Test
    void thatMatchNoReluAreRefused() {
      Policy typo = Policy.of("p", activations("conv2.rleu", threshold(0.1)));
      for (ThrowingCallable use :
          List.<ThrowingCallable>of(
              () -> typo.on(network), () -> typo.assign(network), () -> typo.describe(network))) {
        assertRefused(
            use,
            "activations(\"conv2.rleu\", threshold(0.1)) of policy \"p\"",
            "no ReLU of \"net\"",
            "did you mean \"conv2.relu\"?");
      }
      assertRefused(() -> Policy.of("p", activations("conv2", kBit(4))).on(network), "conv2.relu");
      Network none = network("none", ifm(3, 8, 8), conv("c", filters(1), kernel(8)));
      assertRefused(
          () -> Policy.of("p", activations(kBit(4))).on(none), "activations(kBit(4))", "has none");
    }

    @Test
    void sayEachThingOnce() {
      assertRefused(() -> activations(), "activations() says nothing");
      assertRefused(
          () -> activations(threshold(0.1), threshold(0.2)),
          "activations(threshold(0.1), threshold(0.2)) says the same thing twice");
      assertRefused(() -> activations("a", kBit(4), fullPrecision()), "says the same thing twice");
      assertThat(activations(kBit(4), threshold(0.1)))
          .isEqualTo(activations(threshold(0.1), kBit(4)));
    }

    @Test
    void areCheckedWhenTheyAreMade() {
      assertRefused(() -> threshold(-1), "threshold -1.0");
      assertRefused(() -> kBit(0), "0 bits");
      assertRefused(() -> kBit(-1), "-1-bit");
      assertRefused(() -> kBit(17), "17-bit");
      assertRefused(() -> kBit(4, 0), "4-bit results up to 0.0");
      assertRefused(() -> kBit(4, Double.POSITIVE_INFINITY), "Infinity");
    }

    @Test
    void display() {
      assertThat(
              Policy.of(
                  "p",
                  activations(threshold(0.010), kBit(4)),
                  new Weights(TERNARY),
                  activations("conv1.*", kBit(2, 1), threshold(0)),
                  activations("conv2.*", fullPrecision())))
          .hasToString(
              "p: ternary, activations(threshold(0.01), kBit(4)),"
                  + " activations(\"conv1.*\", threshold(0), kBit(2, 1)),"
                  + " activations(\"conv2.*\", full precision)");
    }
  }

  @Nested
  class QuantizedWeights {
    private final Network network = network("net", ifm(4), fc("a", 2), fc("b", 1));
    private final Tensor a = Tensor.of(Shape.of(2, 4), 1, -1, 0.01f, 3, -3, 1, 0, 2);

    private org.dlaclab.network.Weights weights(Tensor... scales) {
      Map<String, Tensor> tensors =
          new HashMap<>(org.dlaclab.network.Weights.random(network, 1).tensors());
      tensors.put("a.weight", a);
      for (Tensor each : scales) {
        tensors.put("a.scales", each);
      }
      return new org.dlaclab.network.Weights(network, tensors);
    }

    @Test
    void areThoseOfTheLayersQuantizer() {
      Policy policy = Policy.of("p", new Weights(TERNARY), new Rule(new ByIndex(-1), FULL));
      assertThat(policy.quantized(weights(), network.node("a"))).isEqualTo(TERNARY.quantize(a));
      assertThat(policy.quantized(weights(), network.node("b")))
          .isEqualTo(weights().get(network.node("b"), "weight"));
    }

    @Test
    void haveTheLearnedScalesIfTheQuantizerLearnsAny() {
      Tensor scales = Tensor.of(Shape.of(2), 0.25f, 8);
      Policy trained = Policy.of("p", new Weights(new TrainedTernary()));
      assertThat(trained.quantized(weights(scales), network.node("a")).toArray())
          .containsExactly(0.25f, -8, 0, 0.25f, -8, 0.25f, 0, 0.25f);
      assertThat(trained.quantized(weights(), network.node("a")))
          .isEqualTo(new TrainedTernary().quantize(a));
      assertThat(Policy.of("p", new Weights(TERNARY)).quantized(weights(scales), network.node("a")))
          .isEqualTo(TERNARY.quantize(a));
    }
  }

  @Nested
  class AsJson {
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void comesBackEqual(long seed) {
      Policy policy = random(new Random(seed));
      assertThat(Policy.fromJson(policy.toJson())).as(policy.toJson()).isEqualTo(policy);
      assertThat(policy.toJson()).doesNotContain("\n");
    }

    static LongStream seeds() {
      return LongStream.range(0, 200);
    }

    private Policy random(Random random) {
      List<Rule> rules = new ArrayList<>();
      for (int i = random.nextInt(4); i > 0; i--) {
        Selector selector =
            List.of(
                    new ByName(text(random)),
                    new ByPattern(text(random)),
                    new ByIndex(random.nextInt()),
                    new ByKind(List.of(Kind.values()).get(random.nextInt(4))))
                .get(random.nextInt(4));
        rules.add(new Rule(selector, quantizer(random)));
      }
      List<Activations> activations = new ArrayList<>();
      for (int i = random.nextInt(4); i > 0; i--) {
        Threshold threshold = threshold(Math.exp(20 * random.nextGaussian()));
        KBit bits = kBit(1 + random.nextInt(16), Math.exp(20 * random.nextGaussian()));
        activations.add(
            List.of(
                    activations(threshold),
                    activations(text(random), bits),
                    activations(text(random), threshold, bits),
                    activations(threshold, fullPrecision()))
                .get(random.nextInt(4)));
      }
      return new Policy("p" + text(random), quantizer(random), rules, activations);
    }

    private Quantizer quantizer(Random random) {
      int bits = 2 + random.nextInt(15);
      Scale scale =
          List.of(Scale.PER_LAYER, Scale.PER_FILTER, new Scale.PerGroup(bits))
              .get(random.nextInt(3));
      return List.of(
              FULL,
              new Ternary(scale),
              new TrainedTernary(),
              new Binary(scale),
              new DoReFa(bits),
              new Affine(bits),
              new Uniform(bits))
          .get(random.nextInt(7));
    }

    private String text(Random random) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(6); i > 0; i--) {
        text.append("ab*?.\"\\\n\u00e9".charAt(random.nextInt(9)));
      }
      return text.toString();
    }

    @Test
    void isReadable() {
      assertThat(
              Policy.of(
                      "twn",
                      new Weights(TERNARY),
                      new Rule(new ByIndex(0), FULL),
                      activations(threshold(0.01), kBit(4)))
                  .toJson())
          .isEqualTo(
              "{\"name\":\"twn\",\"weights\":{\"kind\":\"ternary\",\"scale\":\"layer\"},"
                  + "\"except\":[{\"layers\":{\"index\":0},\"weights\":{\"kind\":\"fullPrecision\"}}],"
                  + "\"activations\":[{\"relus\":\"*\",\"threshold\":0.01,\"bits\":4,\"max\":6.0}]}");
    }

    @ParameterizedTest
    @CsvSource(
        delimiter = '|',
        value = {
          "'' | the policy is missing",
          "twn: ternary | no JSON",
          "[] | the policy is []",
          "{} | \"except\" in the policy is missing",
          "{N, W, E, A} x | no JSON",
          "{N, N, W, E, A} | no JSON",
          "{\"name\": 3, W, E, A} | \"name\" in the policy is 3",
          "{\"name\": \" \", W, E, A} | the name of a policy is empty",
          "{N, W, E, A, \"seed\": 1} | a field \"seed\"",
          "{N, E, A} | \"weights\" of the policy is missing",
          "{N, \"weights\": {\"kind\": \"terniary\"}, E, A} | perhaps \"ternary\"",
          "{N, \"weights\": {\"kind\": \"ternary\"}, E, A} | \"scale\" in \"weights\"",
          "{N, \"weights\": {\"kind\": \"bits\", \"bits\": 2.5}, E, A} | is 2.5",
          "{N, \"weights\": {\"kind\": \"bits\", \"bits\": 40}, E, A} | 40-bit weights",
          "{N, \"weights\": {\"kind\": \"fullPrecision\", \"bits\": 4}, E, A} | a field \"bits\"",
          "{N, W, \"except\": [3], A} | an exception is 3",
          "{N, W, \"except\": [{\"weights\": {}}], A} | \"layers\" of an exception is missing",
          "{N, W, \"except\": [{\"layers\": {}}], A} | \"name\", \"index\"",
          "{N, W, \"except\": [{\"layers\": {\"kind\": \"RNN\"}}], A} | \"RNN\"",
          "{N, W, E, \"activations\": [{\"relus\": \"*\"}]} | says nothing",
          "{N, W, E, \"activations\": [{\"threshold\": 1}]} | \"relus\" in a rule",
          "{N, W, E, \"activations\": [{\"relus\": \"*\", \"bits\": 4}]} | \"max\" in a rule",
          "{N, W, E, \"activations\": [{\"relus\": \"*\", \"threshold\": 1e999}]} | Infinity",
        })
    void ofSomethingElseIsRefused(String json, String says) {
      String whole =
          json.replace("N,", "\"name\": \"twn\",")
              .replace("W,", "\"weights\": {\"kind\": \"trainedTernary\"},")
              .replace("E,", "\"except\": [],")
              .replace("A}", "\"activations\": []}")
              .replace("A,", "\"activations\": [],");
      assertRefused(() -> Policy.fromJson(whole), says);
    }
  }

  private static Activations activations(Policy.Activation... does) {
    return new Activations(Activations.ALL, List.of(does));
  }

  private static Activations activations(String relus, Policy.Activation... does) {
    return new Activations(relus, List.of(does));
  }

  private static Threshold threshold(double value) {
    return new Threshold(value);
  }

  private static KBit kBit(int bits) {
    return new KBit(bits, KBit.MAX);
  }

  private static KBit kBit(int bits, double max) {
    return new KBit(bits, max);
  }

  private static FullPrecision fullPrecision() {
    return new FullPrecision();
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
    void saysWhatTheIfmsCost() {
      Network network =
          network(
              "net",
              ifm(3, 8, 8),
              conv("a", filters(8), kernel(3), pad(1)),
              relu(0.5),
              maxPool(kernel(2)),
              conv("b", filters(8), kernel(1)),
              relu(),
              branches(
                  "mix", branch(), branch(conv("c", filters(8), kernel(1)), relu(0.25)), branch()),
              conv("d", filters(8), kernel(1)),
              batchNorm(),
              flatten(),
              fc("fc", 10));
      Policy policy =
          Policy.of("p", activations(kBit(4)), activations("c.relu", kBit(8)), new Weights(BINARY));
      Table table = policy.describe(network).table();
      assertThat(table.doubleColumn("bits/IFM value").asList().subList(0, 5))
          .containsExactly(32.0, 4.0, 4.0, 8.0, 32.0);
      assertThat(table.doubleColumn("IFM threshold").asList().subList(0, 5))
          .containsExactly(null, 0.5, 0.0, null, null); // null is missing
      long[] bits = {192 * 32, 128 * 4, 128 * 4, 384 * 8, 128 * 32};
      long total = 0;
      for (int i = 0; i < bits.length; i++) {
        assertThat(table.longColumn("IFM bits").getLong(i)).isEqualTo(bits[i]);
        assertThat(table.longColumn("scale bits").getLong(i)).isEqualTo(32);
        total += bits[i];
      }
      assertThat(table.longColumn("IFM bits").getLong(5)).isEqualTo(total);
      assertThat(table.longColumn("scale bits").getLong(5)).isEqualTo(160);
      assertThat(policy.describe(network))
          .asString()
          .contains("; 1.75 KiB of IFMs, 3.75 KiB in full precision\n");
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

  /** What a policy leaves alone is as wide as the machine computes; all else as the policy says. */
  @Test
  void widthsAreThoseOfThePolicyAndOtherwiseOfTheMachine() {
    Network network =
        network(
            "n",
            ifm(3, 8, 8),
            conv("a", filters(4), kernel(3)),
            batchNorm(),
            relu(),
            maxPool(kernel(2)),
            conv("b", filters(4), kernel(3)),
            relu(),
            flatten(),
            fc("c", 10));
    Policy low =
        Policy.of(
            "low",
            new Weights(TERNARY),
            new Rule(new ByName("a"), FULL),
            new Rule(new ByName("c"), new Uniform(5)),
            activations("a*", kBit(3)));
    assertThat(low.widths(network, 16))
        .containsExactly(
            Map.entry("a", new Policy.Widths(16, 16, 3)),
            Map.entry("b", new Policy.Widths(2, 3, 16)),
            Map.entry("c", new Policy.Widths(5, 16, 16)));
  }
}
