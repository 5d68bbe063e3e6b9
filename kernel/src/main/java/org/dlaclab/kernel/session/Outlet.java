package org.dlaclab.kernel.session;

import com.google.gson.JsonObject;
import java.util.List;
import org.dlaclab.kernel.protocol.Wire;
import org.jspecify.annotations.Nullable;

/** What front ends see of a cell, in the order in which it is published. */
final class Outlet {
  private final Wire wire;

  Outlet(Wire wire) {
    this.wire = wire;
  }

  /**
   * Publishes for a cell, after what it has printed so far.
   *
   * @return false if the thread was interrupted while front ends were too slow to take it; nothing
   *     was published then
   */
  boolean publish(@Nullable Cell cell, String type, JsonObject content) {
    return publish(cell, type, content, new JsonObject(), List.of());
  }

  /** Publishes for a cell, as above, with metadata and binary data. */
  boolean publish(
      @Nullable Cell cell,
      String type,
      JsonObject content,
      JsonObject metadata,
      List<byte[]> buffers) {
    if (cell != null) {
      cell.text().flush();
    }
    return publish(
        cell == null ? new JsonObject() : cell.header(), type, content, metadata, buffers);
  }

  /** Publishes what is no output of code: it never waits for slow front ends. */
  void publishNow(JsonObject parent, String type, JsonObject content) {
    wire.publishNow(parent, type, content);
  }

  private boolean publish(
      JsonObject parent,
      String type,
      JsonObject content,
      JsonObject metadata,
      List<byte[]> buffers) {
    try {
      wire.publish(parent, type, content, metadata, buffers);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Publishes what a cell printed; false if the thread was interrupted before it could. */
  boolean print(JsonObject parent, String stream, String text) {
    return publish(
        parent, "stream", Json.object("name", stream, "text", text), new JsonObject(), List.of());
  }
}
