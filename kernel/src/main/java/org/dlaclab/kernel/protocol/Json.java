package org.dlaclab.kernel.protocol;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** JSON objects as bytes and back, as the wire wants them. */
final class Json {
  /** Deeper than any message, and far from what a stack can hold. */
  private static final int DEPTH = 500;

  private static final Gson GSON =
      new GsonBuilder().disableHtmlEscaping().serializeNulls().create();
  private static final byte[] REPLACEMENT = "\uFFFD".getBytes(StandardCharsets.UTF_8);

  private Json() {}

  /**
   * The object that the bytes hold; bytes that are no UTF-8 become U+FFFD.
   *
   * @throws JsonParseException if they hold anything else
   */
  static JsonObject read(byte[] bytes) {
    JsonReader reader = new JsonReader(new StringReader(new String(bytes, StandardCharsets.UTF_8)));
    reader.setStrictness(Strictness.STRICT);
    reader.setNestingLimit(DEPTH);
    try {
      JsonElement element = JsonParser.parseReader(reader);
      if (!element.isJsonObject()) {
        throw new JsonParseException("It is JSON, but not an object.");
      }
      if (reader.peek() != JsonToken.END_DOCUMENT) {
        throw new JsonParseException("Something follows the object.");
      }
      return element.getAsJsonObject();
    } catch (IOException e) {
      throw new JsonParseException(e.getMessage(), e);
    }
  }

  /**
   * The object as UTF-8. A number that JSON does not have (NaN, infinite) becomes null, half a
   * surrogate pair U+FFFD.
   */
  static byte[] write(JsonObject object) {
    StringWriter text = new StringWriter();
    GSON.toJson(object, new FiniteWriter(text));
    return utf8(text.getBuffer());
  }

  private static byte[] utf8(CharSequence text) {
    try {
      ByteBuffer bytes =
          StandardCharsets.UTF_8
              .newEncoder()
              .onMalformedInput(CodingErrorAction.REPLACE)
              .replaceWith(REPLACEMENT)
              .encode(CharBuffer.wrap(text));
      return Arrays.copyOfRange(bytes.array(), bytes.arrayOffset(), bytes.limit());
    } catch (CharacterCodingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class FiniteWriter extends JsonWriter {
    FiniteWriter(Writer out) {
      super(out);
    }

    @Override
    public JsonWriter value(@Nullable Number value) throws IOException {
      if (value instanceof Double || value instanceof Float) {
        return Double.isFinite(value.doubleValue()) ? super.value(value) : nullValue();
      }
      return super.value(value);
    }
  }
}
