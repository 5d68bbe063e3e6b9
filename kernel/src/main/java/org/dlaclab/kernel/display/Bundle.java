package org.dlaclab.kernel.display;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
}
