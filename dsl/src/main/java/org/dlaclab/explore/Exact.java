package org.dlaclab.explore;

import java.lang.reflect.RecordComponent;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Values as text that differs wherever they differ: what {@code toString} leaves out or rounds is
 * all there.
 */
public final class Exact {
  private Exact() {}

  /** A record with all its parts, down to numbers, texts and enums. */
  public static String text(Object value) {
    if (value instanceof Record whole) {
      StringBuilder out = new StringBuilder(value.getClass().getSimpleName()).append('(');
      for (RecordComponent part : value.getClass().getRecordComponents()) {
        out.append(part.getName()).append('=').append(text(get(whole, part))).append(' ');
      }
      return out.append(')').toString();
    }
    if (value instanceof Collection<?> all) {
      return all.stream().map(Exact::text).collect(Collectors.joining(" ", "[", "]"));
    }
    if (value instanceof Map<?, ?> map) {
      return map.entrySet().stream()
          .map(e -> text(e.getKey()) + ":" + text(e.getValue()))
          .sorted()
          .collect(Collectors.joining(" ", "{", "}"));
    }
    if (value instanceof Optional<?> optional) {
      return optional.map(Exact::text).orElse("none");
    }
    if (value instanceof Enum<?> constant) {
      return constant.name();
    }
    if (value instanceof CharSequence text) {
      return "\"" + text.toString().replace("\"", "\\\"") + "\"";
    }
    if (value instanceof Number || value instanceof Boolean) {
      return value.toString();
    }
    throw new IllegalStateException("no exact text of a " + value.getClass());
  }

  private static Object get(Record whole, RecordComponent part) {
    try {
      part.getAccessor().setAccessible(true);
      return part.getAccessor().invoke(whole);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("records have accessors", e);
    }
  }
}
