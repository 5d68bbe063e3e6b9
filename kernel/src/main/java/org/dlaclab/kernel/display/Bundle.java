package org.dlaclab.kernel.display;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.google.gson.JsonSerializer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dflib.jjava.jupyter.kernel.display.DisplayData;

/**
 * A value in all forms in which a front end may show it, by MIME type. A front end takes the
 * richest that it can and may show; {@code text/plain} should always be among them, and a static
 * picture where the value is one, since an untrusted notebook and most viewers run no script.
 *
 * @param data content by MIME type: text, base64 text for binary types, a map or list for JSON
 *     types
 * @param metadata by MIME type, such as the width and height of a picture
 * @param scripts libraries that the HTML needs; each is stored once per notebook
 */
public record Bundle(Map<String, Object> data, Map<String, Object> metadata, List<Script> scripts) {
  /** A copy in the given order. */
  public Bundle {
    data = Collections.unmodifiableMap(new LinkedHashMap<>(data));
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    scripts = List.copyOf(scripts);
  }

  /** No form at all: there is nothing to show. */
  public static Bundle nothing() {
    return new Bundle(Map.of(), Map.of(), List.of());
  }

  /** Whether there is nothing to show. */
  public boolean isEmpty() {
    return data.isEmpty();
  }

  /** Plain text, as a terminal would show it. */
  public static Bundle text(String text) {
    return new Bundle(Map.of("text/plain", text), Map.of(), List.of());
  }

  /** What a library made for JJava shows. */
  public static Bundle of(DisplayData shown) {
    JsonObject all = Json.WRITER.toJsonTree(shown).getAsJsonObject();
    Map<String, Object> data = new LinkedHashMap<>();
    JsonObject forms = all.getAsJsonObject("data");
    forms.keySet().forEach(type -> data.put(type, content(type, forms.get(type))));
    Map<String, Object> metadata = new LinkedHashMap<>();
    if (all.get("metadata") instanceof JsonObject values) {
      metadata.putAll(values.asMap());
    }
    return new Bundle(data, metadata, List.of());
  }

  /** JJava has JSON as text; a front end wants JSON. */
  private static Object content(String type, JsonElement content) {
    boolean text = content.isJsonPrimitive() && content.getAsJsonPrimitive().isString();
    if (text && (type.equals("application/json") || type.endsWith("+json"))) {
      try {
        return JsonParser.parseString(content.getAsString());
      } catch (JsonParseException e) {
        return content.getAsString();
      }
    }
    return text ? content.getAsString() : content;
  }

  /** This, for a library made for JJava. */
  public DisplayData displayData() {
    DisplayData shown = new DisplayData();
    data.forEach((type, content) -> shown.putData(type, content));
    metadata.forEach((type, values) -> shown.putMetaData(type, values));
    return shown;
  }

  /** This and a further form, which replaces one of the same type. */
  public Bundle with(String mimeType, Object content) {
    Map<String, Object> more = new LinkedHashMap<>(data);
    more.put(mimeType, content);
    return new Bundle(more, metadata, scripts);
  }

  /** This, with metadata of one of its forms. */
  public Bundle withMetadata(String mimeType, Map<String, ?> values) {
    Map<String, Object> more = new LinkedHashMap<>(metadata);
    more.put(mimeType, Map.copyOf(values));
    return new Bundle(data, more, scripts);
  }

  /** This, whose HTML needs a script library. */
  public Bundle needs(Script script) {
    List<Script> more = new ArrayList<>(scripts);
    more.add(script);
    return new Bundle(data, metadata, more);
  }

  /** Made only when a library of JJava shows something, since it takes its time. */
  private static final class Json {
    /** Bytes are base64 text on the wire. */
    static final Gson WRITER =
        new GsonBuilder()
            .disableHtmlEscaping()
            .serializeNulls()
            .serializeSpecialFloatingPointValues()
            .registerTypeAdapter(
                byte[].class,
                (JsonSerializer<byte[]>)
                    (bytes, type, context) ->
                        new JsonPrimitive(Base64.getEncoder().encodeToString(bytes)))
            .create();
  }
}
