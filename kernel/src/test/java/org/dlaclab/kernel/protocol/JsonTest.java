package org.dlaclab.kernel.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** JSON as bytes and back. */
class JsonTest {
  private static String written(JsonObject object) {
    return new String(Json.write(object), StandardCharsets.UTF_8);
  }

  @Test
  void numbersThatJsonDoesNotHaveBecomeNull() {
    JsonObject object = new JsonObject();
    object.addProperty("a", Double.NaN);
    object.addProperty("b", Float.NEGATIVE_INFINITY);
    object.addProperty("c", 1.5);
    object.addProperty("d", Long.MAX_VALUE);
    assertThat(written(object))
        .isEqualTo("{\"a\":null,\"b\":null,\"c\":1.5,\"d\":9223372036854775807}");
  }

  @Test
  void markupIsKeptAndHalfASurrogatePairReplaced() {
    JsonObject object = new JsonObject();
    object.addProperty("t", "<b>&'=</b> ü 😀 \ud83d!");
    assertThat(written(object)).isEqualTo("{\"t\":\"<b>&'=</b> ü 😀 \ufffd!\"}");
  }

  @Test
  void whatIsReadIsWrittenAsItWas() {
    String text = "{\"n\":1.50,\"big\":123456789012345678901234567890,\"x\":null,\"l\":[{},[]]}";
    assertThat(written(Json.read(text.getBytes(StandardCharsets.UTF_8)))).isEqualTo(text);
  }

  @Test
  void bytesThatAreNoUtf8AreReplaced() {
    byte[] bytes = "{\"t\":\"a?b\"}".getBytes(StandardCharsets.UTF_8);
    bytes[7] = (byte) 0xC3;
    assertThat(Json.read(bytes).get("t").getAsString()).isEqualTo("a\ufffdb");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "[]",
        "null",
        "1",
        "{",
        "{}{}",
        "{'a':1}",
        "{a:1}",
        "{\"a\":NaN}",
        "{} x"
      })
  void anythingButOneObjectIsRefused(String text) {
    assertThatThrownBy(() -> Json.read(text.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(JsonParseException.class);
  }
}
