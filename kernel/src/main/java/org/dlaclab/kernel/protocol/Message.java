package org.dlaclab.kernel.protocol;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A message as it came. All of its JSON is kept, fields that this kernel does not know included.
 *
 * @param identities the way back to the client
 * @param header who sent it, when and what it is; has {@code msg_id} and {@code msg_type}
 * @param parentHeader header of what it answers; empty if it answers nothing
 * @param metadata what is not part of the content
 * @param content what it says
 * @param buffers binary data, such as of widgets
 */
public record Message(
    List<byte[]> identities,
    JsonObject header,
    JsonObject parentHeader,
    JsonObject metadata,
    JsonObject content,
    List<byte[]> buffers) {
  /** A copy of the lists. */
  public Message {
    identities = List.copyOf(identities);
    buffers = List.copyOf(buffers);
  }

  /** What it is, such as {@code execute_request}. */
  public String type() {
    return text("msg_type", "");
  }

  /** Its own name, unlike that of any other message. */
  public String id() {
    return text("msg_id", "");
  }

  /** The session of the client that sent it; empty if it did not say. */
  public String session() {
    return text("session", "");
  }

  /** The subshell that it is for; null for the main one. */
  public @Nullable String subshellId() {
    String id = text("subshell_id", "");
    return id.isEmpty() ? null : id;
  }

  private String text(String field, String otherwise) {
    JsonElement value = header.get(field);
    return value != null && value.isJsonPrimitive() ? value.getAsString() : otherwise;
  }
}
