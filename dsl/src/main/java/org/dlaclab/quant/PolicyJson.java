package org.dlaclab.quant;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;
import org.dlaclab.quant.Policy.Activation;
import org.dlaclab.quant.Policy.Activations;
import org.dlaclab.quant.Policy.KBit;
import org.dlaclab.quant.Policy.Rule;
import org.dlaclab.quant.Policy.Threshold;
import org.dlaclab.quant.Quantizer.Scale;

/**
 * Policies as JSON: {@code {"name": "twn", "weights": {"kind": "ternary", "scale": "layer"},
 * "except": [{"layers": {"index": 0}, "weights": {"kind": "fullPrecision"}}], "activations":
 * [{"relus": "*", "threshold": 0.01}]}}. What a policy says must be all there, and nothing else.
 */
final class PolicyJson {
  private static final ObjectMapper MAPPER =
      new ObjectMapper()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

  private static final List<String> KINDS =
      List.of("fullPrecision", "ternary", "trainedTernary", "binary", "doReFa", "integer", "bits");

  private PolicyJson() {}

  static String write(Policy policy) {
    ObjectNode json = MAPPER.createObjectNode().put("name", policy.name());
    json.set("weights", write(policy.weights()));
    ArrayNode rules = json.putArray("except");
    for (Rule rule : policy.rules()) {
      ObjectNode node = rules.addObject();
      node.set("layers", write(rule.selector()));
      node.set("weights", write(rule.quantizer()));
    }
    ArrayNode activations = json.putArray("activations");
    for (Activations rule : policy.activations()) {
      write(rule, activations.addObject());
    }
    return json.toString();
  }

  private static ObjectNode write(Quantizer quantizer) {
    ObjectNode json = MAPPER.createObjectNode();
    if (quantizer instanceof Quantizer.Ternary ternary) {
      write(ternary.scale(), json.put("kind", "ternary"));
    } else if (quantizer instanceof Quantizer.Binary binary) {
      write(binary.scale(), json.put("kind", "binary"));
    } else if (quantizer instanceof Quantizer.TrainedTernary) {
      json.put("kind", "trainedTernary");
    } else if (quantizer instanceof Quantizer.FullPrecision) {
      json.put("kind", "fullPrecision");
    } else {
      String kind =
          quantizer instanceof Quantizer.DoReFa
              ? "doReFa"
              : quantizer instanceof Quantizer.Affine ? "integer" : "bits";
      json.put("kind", kind).put("bits", quantizer.bits());
    }
    return json;
  }

  private static void write(Scale scale, ObjectNode json) {
    if (scale instanceof Scale.PerGroup group) {
      json.put("group", group.size());
    } else {
      json.put("scale", scale instanceof Scale.PerLayer ? "layer" : "filter");
    }
  }

  private static ObjectNode write(Selector selector) {
    ObjectNode json = MAPPER.createObjectNode();
    if (selector instanceof Selector.ByName byName) {
      json.put("name", byName.name());
    } else if (selector instanceof Selector.ByIndex byIndex) {
      json.put("index", byIndex.position());
    } else if (selector instanceof Selector.ByPattern byPattern) {
      json.put("pattern", byPattern.glob());
    } else if (selector instanceof Selector.ByKind byKind) {
      json.put("kind", byKind.kind().name());
    }
    return json;
  }

  private static void write(Activations rule, ObjectNode json) {
    json.put("relus", rule.relus());
    for (Activation activation : rule.does()) {
      if (activation instanceof Threshold threshold) {
        json.put("threshold", threshold.value());
      } else if (activation instanceof KBit kBit) {
        json.put("bits", kBit.bits()).put("max", kBit.max());
      } else {
        json.put("fullPrecision", true);
      }
    }
  }

  static Policy read(String text) {
    JsonNode json;
    try {
      json = MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      throw wrong("the text of a policy is no JSON: " + e.getOriginalMessage(), "JSON");
    }
    fields("the policy", json, Set.of("name", "weights", "except", "activations"));
    List<Rule> rules = new ArrayList<>();
    for (JsonNode rule : array("the policy", json, "except")) {
      fields("an exception", rule, Set.of("layers", "weights"));
      rules.add(
          new Rule(selector(rule.path("layers")), quantizer("an exception", rule.path("weights"))));
    }
    List<Activations> activations = new ArrayList<>();
    for (JsonNode rule : array("the policy", json, "activations")) {
      activations.add(activations(rule));
    }
    return new Policy(
        text("the policy", json, "name"),
        quantizer("the policy", json.path("weights")),
        rules,
        activations);
  }

  private static Quantizer quantizer(String where, JsonNode json) {
    String what = "\"weights\" of " + where;
    fields(what, json, Set.of("kind", "scale", "group", "bits"));
    String kind = text(what, json, "kind");
    return switch (kind) {
      case "fullPrecision" -> plain(what, json, new Quantizer.FullPrecision());
      case "trainedTernary" -> plain(what, json, new Quantizer.TrainedTernary());
      case "ternary" -> new Quantizer.Ternary(scale(what, json));
      case "binary" -> new Quantizer.Binary(scale(what, json));
      case "doReFa" -> new Quantizer.DoReFa(bits(what, json));
      case "integer" -> new Quantizer.Affine(bits(what, json));
      case "bits" -> new Quantizer.Uniform(bits(what, json));
      default ->
          throw wrong(
              what + " is of the kind \"" + kind + "\"",
              "one of " + KINDS + ", perhaps \"" + Check.nearest(kind, KINDS) + "\"");
    };
  }

  private static Quantizer plain(String what, JsonNode json, Quantizer quantizer) {
    fields(what, json, Set.of("kind"));
    return quantizer;
  }

  private static int bits(String what, JsonNode json) {
    fields(what, json, Set.of("kind", "bits"));
    return whole(what, json, "bits");
  }

  private static Scale scale(String what, JsonNode json) {
    if (json.has("group")) {
      fields(what, json, Set.of("kind", "group"));
      return new Scale.PerGroup(whole(what, json, "group"));
    }
    fields(what, json, Set.of("kind", "scale"));
    String scale = text(what, json, "scale");
    return switch (scale) {
      case "layer" -> Scale.PER_LAYER;
      case "filter" -> Scale.PER_FILTER;
      default ->
          throw wrong("\"scale\" in " + what + " is \"" + scale + "\"", "\"layer\" or \"filter\"");
    };
  }

  private static Selector selector(JsonNode json) {
    String what = "\"layers\" of an exception";
    fields(what, json, Set.of("name", "index", "pattern", "kind"));
    if (json.size() != 1) {
      throw wrong(what + " is " + json, "one of \"name\", \"index\", \"pattern\" and \"kind\"");
    }
    if (json.has("index")) {
      return new Selector.ByIndex(whole(what, json, "index"));
    }
    if (json.has("name")) {
      return new Selector.ByName(text(what, json, "name"));
    }
    if (json.has("pattern")) {
      return new Selector.ByPattern(text(what, json, "pattern"));
    }
    String kind = text(what, json, "kind");
    for (Selector.Kind known : Selector.Kind.values()) {
      if (known.name().equals(kind)) {
        return new Selector.ByKind(known);
      }
    }
    throw wrong(
        what + " are of the kind \"" + kind + "\"", "one of " + List.of(Selector.Kind.values()));
  }

  private static Activations activations(JsonNode json) {
    String what = "a rule for activations";
    fields(what, json, Set.of("relus", "threshold", "bits", "max", "fullPrecision"));
    List<Activation> does = new ArrayList<>();
    if (json.has("threshold")) {
      does.add(new Threshold(number(what, json, "threshold")));
    }
    if (json.has("bits") || json.has("max")) {
      does.add(new KBit(whole(what, json, "bits"), number(what, json, "max")));
    }
    if (json.has("fullPrecision")) {
      field(what, json, "fullPrecision", "true", n -> n.isBoolean() && n.booleanValue());
      does.add(new Quantizer.FullPrecision());
    }
    return new Activations(text(what, json, "relus"), does);
  }

  /** Refuses what is no object, and an object with other fields than these. */
  private static void fields(String what, JsonNode json, Set<String> known) {
    if (!json.isObject()) {
      throw wrong(what + " is " + (json.isMissingNode() ? "missing" : json), "a JSON object");
    }
    for (Iterator<String> names = json.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!known.contains(name)) {
        throw wrong(
            what + " has a field \"" + name + "\"", "none but " + known.stream().sorted().toList());
      }
    }
  }

  private static JsonNode array(String what, JsonNode json, String name) {
    return field(what, json, name, "a list", JsonNode::isArray);
  }

  private static String text(String what, JsonNode json, String name) {
    return field(what, json, name, "a text", JsonNode::isTextual).textValue();
  }

  private static int whole(String what, JsonNode json, String name) {
    return field(
            what, json, name, "a whole number", n -> n.isIntegralNumber() && n.canConvertToInt())
        .intValue();
  }

  private static double number(String what, JsonNode json, String name) {
    return field(what, json, name, "a number", JsonNode::isNumber).doubleValue();
  }

  private static JsonNode field(
      String what, JsonNode json, String name, String expected, Predicate<JsonNode> sound) {
    JsonNode field = json.path(name);
    if (!sound.test(field)) {
      throw wrong(
          "\"" + name + "\" in " + what + " is " + (field.isMissingNode() ? "missing" : field),
          expected);
    }
    return field;
  }

  private static DlacException wrong(String problem, String expected) {
    return new DlacException(
        problem, expected, "take a policy that toJson() wrote, or give one: policy(...)");
  }
}
