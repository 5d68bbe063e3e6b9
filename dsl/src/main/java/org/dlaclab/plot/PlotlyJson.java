package org.dlaclab.plot;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.dlaclab.error.DlacException;
import tech.tablesaw.plotly.components.Figure;

/**
 * Any figure of tablesaw's plotting library as JSON for today's plotly.js.
 *
 * <p>tablesaw-jsplot 0.44.4 writes JavaScript for plotly.js 1: titles are strings, which version 3
 * ignores, and many numbers are quoted. Only the text is public, so the text is read, as the object
 * literals it holds, and put right.
 */
public final class PlotlyJson {
  static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES)
          .enable(JsonReadFeature.ALLOW_SINGLE_QUOTES)
          .enable(JsonReadFeature.ALLOW_TRAILING_COMMA)
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .enable(JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS)
          .enable(JsonReadFeature.ALLOW_BACKSLASH_ESCAPING_ANY_CHARACTER)
          .build();

  private static final Pattern ASSIGNMENT =
      Pattern.compile("\\bvar\\s+(layout|config|trace\\d+)\\s*=\\s*(?=\\{)");

  /** A number as JSON writes it: 007 and 1d, which Java could read as well, are names. */
  private static final Pattern NUMBER =
      Pattern.compile("-?(0|[1-9]\\d*)(\\.\\d+)?([eE][+-]?\\d+)?");

  /** Settings that are numbers or truth values, whatever the text quotes. */
  private static final Set<String> SCALARS =
      Set.of("opacity", "dtick", "tick0", "nticks", "autorange", "visible");

  /** Data that are numbers wherever they look like numbers. */
  private static final Set<String> NUMERIC =
      Set.of("z", "open", "high", "low", "close", "values", "range", "tickvals", "size");

  /** Traces with numbers on both axes; the axes of all others may carry names. */
  private static final Set<String> NUMERIC_AXES =
      Set.of("scatter", "scattergl", "scatter3d", "histogram", "histogram2d", "contour");

  /** Names that tablesaw spells otherwise than plotly. */
  private static final Map<String, String> SPELLING =
      Map.of("showExponent", "showexponent", "showspike", "showspikes");

  private PlotlyJson() {}

  /**
   * The figure as a JSON object with {@code data}, {@code layout} and {@code config}, valid for
   * plotly.js 2 and 3. Event handlers are left out: they are code.
   *
   * @throws DlacException if the figure's text is not of the known form
   */
  public static String of(Figure figure) {
    return write(tree(figure));
  }

  static String write(JsonNode tree) {
    try {
      return JSON.writeValueAsString(tree);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of values is always JSON", e);
    }
  }

  static ObjectNode tree(Figure figure) {
    String script = figure.asJavascript("figure");
    ObjectNode result = JSON.createObjectNode();
    ArrayNode data = result.putArray("data");
    result.putObject("layout");
    result.putObject("config");
    Matcher assignment = ASSIGNMENT.matcher(script);
    // Search on behind each value: a label may hold the same words.
    for (int from = 0; assignment.find(from); ) {
      int start = assignment.end();
      String name = assignment.group(1);
      try (JsonParser parser = JSON.createParser(script.substring(start))) {
        JsonNode value = parser.readValueAsTree();
        from = start + (int) parser.currentLocation().getCharOffset();
        if (name.startsWith("trace")) {
          // In order, not by name: tablesaw calls every contour trace0.
          data.add(known(modern(value, "", value.path("type").asText())));
        } else {
          result.set(name, modern(value, "", ""));
        }
      } catch (IOException e) {
        throw new DlacException(
            "the " + name + " of the figure cannot be read: " + e.getMessage(),
            "a figure of tablesaw-jsplot 0.44.4",
            "look at figure.asJavascript(\"x\") near this place",
            e);
      }
    }
    return result;
  }

  /** Without the settings that tablesaw gives to every trace, though some kinds have no such. */
  private static JsonNode known(JsonNode trace) {
    String type = trace.path("type").asText();
    if (type.equals("bar") && trace.path("marker") instanceof ObjectNode marker) {
      marker.remove("size");
    }
    if (type.equals("scatter3d") && trace instanceof ObjectNode object) {
      object.remove(List.of("xaxis", "yaxis"));
    }
    return trace;
  }

  private static JsonNode modern(JsonNode node, String key, String traceType) {
    if (node instanceof ObjectNode object) {
      return object(object, traceType);
    }
    if (node instanceof ArrayNode array) {
      boolean numeric =
          (NUMERIC.contains(key) || (isAxis(key) && NUMERIC_AXES.contains(traceType)))
              && allNumbers(array);
      ArrayNode result = JSON.createArrayNode();
      for (JsonNode element : array) {
        result.add(
            numeric && element.isTextual()
                ? JsonNodeFactory.instance.numberNode(Double.parseDouble(element.asText()))
                : modern(element, key, traceType));
      }
      return result;
    }
    if (node.isDouble() && !Double.isFinite(node.doubleValue())) {
      return JsonNodeFactory.instance.nullNode();
    }
    if (node.isTextual() && SCALARS.contains(key)) {
      return scalar(node);
    }
    return node;
  }

  private static JsonNode object(ObjectNode object, String traceType) {
    ObjectNode result = JSON.createObjectNode();
    for (Map.Entry<String, JsonNode> field : fields(object)) {
      String key = SPELLING.getOrDefault(field.getKey(), field.getKey());
      JsonNode value = modern(field.getValue(), key, traceType);
      if (key.equals("title") && value.isTextual()) {
        title(result).put("text", unescape(value.asText()));
      } else if (key.equals("titlefont")) {
        title(result).set("font", value);
      } else if (key.equals("titleside")) {
        title(result).set("side", value);
      } else if (value.isTextual()) {
        result.put(key, unescape(value.asText()));
      } else {
        result.set(key, value);
      }
    }
    return result;
  }

  private static List<Map.Entry<String, JsonNode>> fields(ObjectNode object) {
    return new ArrayList<>(object.properties());
  }

  private static ObjectNode title(ObjectNode owner) {
    return owner.path("title") instanceof ObjectNode title ? title : owner.putObject("title");
  }

  private static boolean isAxis(String key) {
    return key.equals("x") || key.equals("y");
  }

  private static boolean allNumbers(ArrayNode array) {
    for (JsonNode element : array) {
      if (!(element.isNumber()
          || element.isNull()
          || (element.isTextual() && NUMBER.matcher(element.asText()).matches()))) {
        return false;
      }
    }
    return true;
  }

  private static JsonNode scalar(JsonNode node) {
    String text = node.asText();
    // Tablesaw hides a trace by 'False'.
    if (text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false")) {
      return JsonNodeFactory.instance.booleanNode(Boolean.parseBoolean(text));
    }
    return NUMBER.matcher(text).matches()
        ? JsonNodeFactory.instance.numberNode(Double.parseDouble(text))
        : node;
  }

  /**
   * The template engine escapes settings as HTML. Quotation marks and ampersands come back; angle
   * brackets stay escaped, or plotly.js would take them for its own markup.
   */
  private static String unescape(String text) {
    return text.replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&");
  }
}
