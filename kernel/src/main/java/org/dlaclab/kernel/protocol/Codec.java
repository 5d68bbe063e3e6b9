package org.dlaclab.kernel.protocol;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import java.io.Serial;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/** Messages as signed frames and back. Any thread may use it. */
final class Codec {
  private static final byte[] DELIMITER = "<IDS|MSG>".getBytes(StandardCharsets.US_ASCII);

  /** Signature, header, parent header, metadata, content. */
  private static final int FIXED_FRAMES = 5;

  /** A client adds one, and each proxy on the way another. */
  private static final int MOST_IDENTITIES = 16;

  /** More than widgets send. */
  static final int MOST_FRAMES = 10_000;

  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

  private final Signature signature;
  private final String session = UUID.randomUUID().toString();
  private final String user = System.getProperty("user.name", "kernel");
  private final AtomicLong count = new AtomicLong();

  Codec(Signature signature) {
    this.signature = signature;
  }

  /** The kernel's session: the same in all that it sends. */
  String session() {
    return session;
  }

  /** The frames of a new message, behind those that say where it goes. */
  List<byte[]> encode(
      List<byte[]> address,
      String type,
      JsonObject parentHeader,
      JsonObject metadata,
      JsonObject content,
      List<byte[]> buffers) {
    List<byte[]> signed =
        List.of(
            Json.write(header(type)),
            Json.write(parentHeader),
            Json.write(metadata),
            Json.write(content));
    List<byte[]> frames = new ArrayList<>(address.size() + 1 + FIXED_FRAMES + buffers.size());
    frames.addAll(address);
    frames.add(DELIMITER);
    frames.add(signature.of(signed));
    frames.addAll(signed);
    frames.addAll(buffers);
    return frames;
  }

  private JsonObject header(String type) {
    JsonObject header = new JsonObject();
    header.addProperty("msg_id", session + "_" + count.incrementAndGet());
    header.addProperty("msg_type", type);
    header.addProperty("session", session);
    header.addProperty("username", user);
    header.addProperty("date", DATE.format(Instant.now()));
    header.addProperty("version", Wire.PROTOCOL_VERSION);
    return header;
  }

  /** The message that frames hold. */
  Message decode(List<byte[]> frames) throws Rejected {
    if (frames.size() > MOST_FRAMES) {
      throw new Rejected("has more than " + MOST_FRAMES + " parts");
    }
    int delimiter = 0;
    while (delimiter < frames.size() && !Arrays.equals(frames.get(delimiter), DELIMITER)) {
      delimiter++;
    }
    if (delimiter == frames.size()) {
      throw new Rejected("has no delimiter <IDS|MSG>");
    }
    if (delimiter > MOST_IDENTITIES) {
      throw new Rejected("has more than " + MOST_IDENTITIES + " identities");
    }
    List<byte[]> rest = frames.subList(delimiter + 1, frames.size());
    if (rest.size() < FIXED_FRAMES) {
      throw new Rejected("has too few parts");
    }
    List<byte[]> signed = rest.subList(1, FIXED_FRAMES);
    if (!signature.matches(rest.get(0), signed)) {
      throw new Rejected(
          rest.get(0).length == 0 ? "is not signed" : "has a signature that is not of our key");
    }
    JsonObject header = read("header", signed.get(0));
    requireText(header, "msg_id");
    requireText(header, "msg_type");
    return new Message(
        frames.subList(0, delimiter),
        header,
        read("parent header", signed.get(1)),
        read("metadata", signed.get(2)),
        read("content", signed.get(3)),
        rest.subList(FIXED_FRAMES, rest.size()));
  }

  private static JsonObject read(String part, byte[] bytes) throws Rejected {
    try {
      return Json.read(bytes);
    } catch (JsonParseException e) {
      throw new Rejected("has a " + part + " that is not a JSON object");
    }
  }

  private static void requireText(JsonObject header, String field) throws Rejected {
    JsonElement value = header.get(field);
    if (value == null
        || !value.isJsonPrimitive()
        || !value.getAsJsonPrimitive().isString()
        || value.getAsString().isEmpty()) {
      throw new Rejected("has a header without " + field);
    }
  }

  /** Why frames are no message for us. */
  static final class Rejected extends Exception {
    @Serial private static final long serialVersionUID = 1L;

    Rejected(String reason) {
      super(reason, null, false, false);
    }
  }
}
