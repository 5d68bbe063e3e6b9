package org.dlaclab.kernel.session;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Short forms for reading and writing message contents. */
final class Json {
  private static final Gson GSON =
      new GsonBuilder().serializeSpecialFloatingPointValues().serializeNulls().create();

  private Json() {}

  /** An object of names and values in turn: {@code object("status", "ok", "restart", true)}. */
  static JsonObject object(Object... namesAndValues) {
    JsonObject object = new JsonObject();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      object.add((String) namesAndValues[i], element(namesAndValues[i + 1]));
    }
    return object;
  }

  /** Text, numbers, flags, lists and maps as JSON. */
  static JsonElement element(@Nullable Object value) {
    return value instanceof JsonElement element ? element : GSON.toJsonTree(value);
  }

  static JsonObject object(Map<String, ?> map) {
    JsonObject object = new JsonObject();
    map.forEach((name, value) -> object.add(name, element(value)));
    return object;
  }

  static String text(JsonObject object, String name, String otherwise) {
    return (object.get(name) instanceof JsonPrimitive value && value.isString())
        ? value.getAsString()
        : otherwise;
  }

  static boolean flag(JsonObject object, String name, boolean otherwise) {
    return (object.get(name) instanceof JsonPrimitive value && value.isBoolean())
        ? value.getAsBoolean()
        : otherwise;
  }

  static int number(JsonObject object, String name, int otherwise) {
    if (object.get(name) instanceof JsonPrimitive value && value.isNumber()) {
      try {
        return value.getAsInt();
      } catch (NumberFormatException e) {
        // Such as 1e400000, which nobody means.
      }
    }
    return otherwise;
  }

  static JsonObject child(JsonObject object, String name) {
    return object.get(name) instanceof JsonObject child ? child : new JsonObject();
  }
}
