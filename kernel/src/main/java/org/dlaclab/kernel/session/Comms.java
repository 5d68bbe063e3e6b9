package org.dlaclab.kernel.session;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.reflect.TypeToken;
import java.lang.reflect.Type;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.dflib.jjava.jupyter.channels.DefaultReplyEnvironment;
import org.dflib.jjava.jupyter.channels.ReplyEnvironment;
import org.dflib.jjava.jupyter.kernel.comm.Comm;
import org.dflib.jjava.jupyter.kernel.comm.CommFactory;
import org.dflib.jjava.jupyter.kernel.comm.CommManager;
import org.dflib.jjava.jupyter.messages.Header;
import org.dflib.jjava.jupyter.messages.KernelTimestamp;
import org.dflib.jjava.jupyter.messages.Message;
import org.dflib.jjava.jupyter.messages.MessageType;
import org.dflib.jjava.jupyter.messages.comm.CommCloseCommand;
import org.dflib.jjava.jupyter.messages.comm.CommMsgCommand;
import org.dflib.jjava.jupyter.messages.comm.CommOpenCommand;
import org.jspecify.annotations.Nullable;

/**
 * Comms between libraries and widgets of the front end. The types are JJava's, so that its
 * libraries work; the messages go through our wire, since JJava's manager only knows its own
 * socket, is not safe for threads, and drops the buffers of what it opens.
 */
final class Comms extends CommManager {
  private static final Gson GSON = new Gson();
  private static final Type METADATA = new TypeToken<Map<String, Object>>() {}.getType();

  /** The session says itself when it is busy. */
  private static final ReplyEnvironment SILENT =
      new DefaultReplyEnvironment(null, null, null) {
        @Override
        public void setBusyDeferIdle() {
          // Said already.
        }
      };

  private final Outlet outlet;

  Comms(Outlet outlet) {
    this.outlet = outlet;
    targets = new ConcurrentHashMap<>();
    comms = new ConcurrentHashMap<>();
  }

  @Override
  public <T extends Comm> T openComm(String targetName, CommFactory<T> factory) {
    String id = UUID.randomUUID().toString();
    T comm =
        factory.produce(
            this,
            id,
            targetName,
            new Message<>(
                null,
                MessageType.COMM_OPEN_COMMAND,
                new CommOpenCommand(id, targetName, new JsonObject())));
    registerComm(comm);
    send(
        "comm_open",
        Json.object("comm_id", id, "target_name", targetName, "data", new JsonObject()),
        null,
        null);
    return comm;
  }

  @Override
  public void messageComm(
      String id,
      JsonObject data,
      @Nullable Map<String, Object> metadata,
      @Nullable List<byte[]> buffers) {
    send("comm_msg", Json.object("comm_id", id, "data", data), metadata, buffers);
  }

  /**
   * The comm is told that it is closed as if the front end had done it: only JJava's own package
   * can say otherwise.
   */
  @Override
  public void closeComm(Comm comm) {
    JsonObject content = Json.object("comm_id", comm.getID(), "data", new JsonObject());
    send("comm_close", content, null, null);
    handleCommCloseCommand(
        SILENT,
        new Message<>(
            null,
            MessageType.COMM_CLOSE_COMMAND,
            new CommCloseCommand(comm.getID(), new JsonObject())));
  }

  private void send(
      String type,
      JsonObject content,
      @Nullable Map<String, Object> metadata,
      @Nullable List<byte[]> buffers) {
    outlet.publish(
        Cell.current(),
        type,
        content,
        metadata == null ? new JsonObject() : Json.object(metadata),
        buffers == null ? List.of() : buffers);
  }

  /** The front end opens a comm: a target of ours takes it, or it is closed again. */
  void opened(org.dlaclab.kernel.protocol.Message request) {
    JsonObject content = request.content();
    String id = Json.text(content, "comm_id", "");
    String name = Json.text(content, "target_name", "");
    CommOpenCommand command = new CommOpenCommand(id, name, Json.child(content, "data"));
    try {
      if (getTarget(name) != null) {
        handleCommOpenCommand(SILENT, message(request, MessageType.COMM_OPEN_COMMAND, command));
      }
    } finally {
      if (!comms.containsKey(id)) {
        send("comm_close", Json.object("comm_id", id, "data", new JsonObject()), null, null);
      }
    }
  }

  /** The front end says something to a comm. */
  void said(org.dlaclab.kernel.protocol.Message request) {
    JsonObject content = request.content();
    CommMsgCommand command =
        new CommMsgCommand(Json.text(content, "comm_id", ""), Json.child(content, "data"));
    handleCommMsgCommand(SILENT, message(request, MessageType.COMM_MSG_COMMAND, command));
  }

  /** The front end closes a comm. */
  void closed(org.dlaclab.kernel.protocol.Message request) {
    JsonObject content = request.content();
    CommCloseCommand command =
        new CommCloseCommand(Json.text(content, "comm_id", ""), Json.child(content, "data"));
    handleCommCloseCommand(SILENT, message(request, MessageType.COMM_CLOSE_COMMAND, command));
  }

  private static <T> Message<T> message(
      org.dlaclab.kernel.protocol.Message request, MessageType<T> type, T content) {
    JsonObject header = request.header();
    return new Message<>(
        request.identities(),
        new Header<>(
            request.id(),
            Json.text(header, "username", ""),
            request.session(),
            new KernelTimestamp(Json.text(header, "date", "")),
            type,
            Json.text(header, "version", "")),
        null,
        GSON.fromJson(request.metadata(), METADATA),
        content,
        request.buffers());
  }

  /** The answer to a comm_info_request. */
  JsonObject answer(JsonObject request) {
    String only = Json.text(request, "target_name", "");
    JsonObject open = new JsonObject();
    for (Iterator<Comm> all = iterator(); all.hasNext(); ) {
      Comm comm = all.next();
      if (only.isEmpty() || only.equals(comm.getTargetName())) {
        open.add(comm.getID(), Json.object("target_name", comm.getTargetName()));
      }
    }
    return Json.object("status", "ok", "comms", open);
  }
}
