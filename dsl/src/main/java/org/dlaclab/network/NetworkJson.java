package org.dlaclab.network;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.dlaclab.error.DlacException;

/**
 * Networks as JSON: {@code {"name": "net", "ifm": {"channels": 3, "height": 32, "width": 32},
 * "nodes": [{"name": "conv1", "inputs": [-1], "layer": {"kind": "conv", "name": "conv1", "filters":
 * 16, ...}}]}}. A layer has the components of its record, and the kind that names it; all of them
 * must be there, and nothing else. Shapes are inferred anew.
 *
 * @param name the network's
 * @param ifm shape of one input image
 * @param nodes as {@link Network#nodes}
 */
record NetworkJson(String name, FeatureMap ifm, List<Place> nodes) {
  /**
   * A {@link Node} without what follows from the others.
   *
   * @param inputs indices of the nodes that feed this one; -1 is the network's input
   */
  record Place(String name, List<Integer> inputs, Layer layer) {}

  /** The kinds of layers. */
  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Layer.Conv.class, name = "conv"),
    @JsonSubTypes.Type(value = Layer.FullyConnected.class, name = "fc"),
    @JsonSubTypes.Type(value = Layer.BatchNorm.class, name = "bn"),
    @JsonSubTypes.Type(value = Layer.Relu.class, name = "relu"),
    @JsonSubTypes.Type(value = Layer.Activation.class, name = "activation"),
    @JsonSubTypes.Type(value = Layer.Pool.class, name = "pool"),
    @JsonSubTypes.Type(value = Layer.GlobalAvgPool.class, name = "globalAvgPool"),
    @JsonSubTypes.Type(value = Layer.LocalResponseNorm.class, name = "lrn"),
    @JsonSubTypes.Type(value = Layer.Flatten.class, name = "flatten"),
    @JsonSubTypes.Type(value = Layer.Softmax.class, name = "softmax"),
    @JsonSubTypes.Type(value = Layer.Add.class, name = "add"),
    @JsonSubTypes.Type(value = Layer.Multiply.class, name = "multiply"),
    @JsonSubTypes.Type(value = Layer.Concat.class, name = "concat"),
    @JsonSubTypes.Type(value = Layer.ChannelShuffle.class, name = "channelShuffle"),
    @JsonSubTypes.Type(value = Layer.ChannelSlice.class, name = "channels"),
    @JsonSubTypes.Type(value = Layer.Operator.class, name = "operator")
  })
  private interface Kinds {}

  /** The kinds of element-wise functions. */
  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Layer.Function.Clip.class, name = "clip"),
    @JsonSubTypes.Type(value = Layer.Function.LeakyRelu.class, name = "leakyRelu"),
    @JsonSubTypes.Type(value = Layer.Function.Sigmoid.class, name = "sigmoid"),
    @JsonSubTypes.Type(value = Layer.Function.Tanh.class, name = "tanh"),
    @JsonSubTypes.Type(value = Layer.Function.HardSigmoid.class, name = "hardSigmoid"),
    @JsonSubTypes.Type(value = Layer.Function.HardSwish.class, name = "hardSwish"),
    @JsonSubTypes.Type(value = Layer.Function.Swish.class, name = "swish")
  })
  private interface Functions {}

  /** Records by their components alone: {@code isFlat()} is no part of a feature map. */
  private static final ObjectMapper MAPPER =
      new ObjectMapper()
          .addMixIn(Layer.class, Kinds.class)
          .addMixIn(Layer.Function.class, Functions.class)
          .setVisibility(PropertyAccessor.FIELD, JsonAutoDetect.Visibility.ANY)
          .setVisibility(PropertyAccessor.GETTER, JsonAutoDetect.Visibility.NONE)
          .setVisibility(PropertyAccessor.IS_GETTER, JsonAutoDetect.Visibility.NONE)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES);

  static String write(Network network) {
    List<Place> places =
        network.nodes().stream().map(n -> new Place(n.name(), n.inputs(), n.layer())).toList();
    try {
      return MAPPER.writeValueAsString(new NetworkJson(network.name(), network.ifm(), places));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  static Network read(String text) {
    NetworkJson json;
    try {
      json = MAPPER.readValue(text, NetworkJson.class);
    } catch (JsonProcessingException e) {
      if (e.getCause() instanceof DlacException said) {
        throw said;
      }
      throw wrong("the text is no network: " + e.getOriginalMessage());
    }
    if (json == null) {
      throw wrong("the text is no network: null");
    }
    return json.network();
  }

  private Network network() {
    List<Node> made = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Place place : nodes) {
      if (place == null || place.inputs().contains(null)) {
        throw wrong("node " + made.size() + " of network \"" + name + "\" is " + place);
      }
      if (!names.add(place.name())) {
        throw wrong("two layers are called \"" + place.name() + "\"");
      }
      List<FeatureMap> ifms = place.inputs().stream().map(i -> ofm(place, i, made)).toList();
      if (ifms.size() < (place.layer() instanceof Layer.Multiply ? 2 : 1)) {
        throw wrong("\"" + place.name() + "\" has too few inputs: " + place.inputs());
      }
      FeatureMap ofm = place.layer().ofm(place.name(), ifms);
      made.add(new Node(made.size(), place.name(), place.layer(), place.inputs(), ifms, ofm));
    }
    if (made.isEmpty()) {
      throw wrong("network \"" + name + "\" has no layers");
    }
    return new Network(name, ifm, made);
  }

  private FeatureMap ofm(Place reader, int node, List<Node> made) {
    if (node < Node.INPUT || node >= made.size()) {
      throw wrong(
          "\"" + reader.name() + "\" reads node " + node + ", which does not come before it");
    }
    return node == Node.INPUT ? ifm : made.get(node).ofm();
  }

  private static DlacException wrong(String problem) {
    return new DlacException(problem, "JSON that Network.toJson() wrote", "write it again");
  }
}
