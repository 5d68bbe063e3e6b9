package org.dlaclab.kernel.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.dflib.jjava.jupyter.kernel.comm.Comm;
import org.dflib.jjava.jupyter.kernel.comm.CommManager;
import org.dflib.jjava.jupyter.messages.comm.CommCloseCommand;
import org.dflib.jjava.jupyter.messages.comm.CommMsgCommand;
import org.dlaclab.kernel.protocol.Client;
import org.dlaclab.kernel.protocol.Client.Received;
import org.dlaclab.kernel.protocol.Connection;
import org.dlaclab.kernel.protocol.Message;
import org.dlaclab.kernel.protocol.Wire;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.zeromq.ZMQ;

/** Comms as a library opens them, and as a front end does. */
@Timeout(20)
class CommsTest {
  private final Connection connection = Client.free(Client.KEY);
  private final Client client = new Client(connection);
  private final Wire wire = new Wire(connection, (channel, message) -> {});
  private final Comms comms = new Comms(new Outlet(wire));
  private final List<String> heard = new ArrayList<>();
  private ZMQ.Socket iopub;

  @BeforeEach
  void start() {
    wire.start();
    iopub = client.subscribe();
  }

  @AfterEach
  void end() {
    wire.close();
    client.close();
  }

  private final class Widget extends Comm {
    Widget(CommManager manager, String id, String target) {
      super(manager, id, target);
    }

    @Override
    protected void onMessage(org.dflib.jjava.jupyter.messages.Message<CommMsgCommand> message) {
      heard.add(
          message.getContent().getData()
              + " "
              + message.getMetadata()
              + " "
              + new String(message.getBlobs().get(0), StandardCharsets.UTF_8)
              + " of "
              + message.getHeader().getId());
    }

    @Override
    protected void onClose(
        org.dflib.jjava.jupyter.messages.Message<CommCloseCommand> message, boolean sending) {
      heard.add("closed");
    }
  }

  private Widget open(String target) {
    return comms.openComm(target, (manager, id, name, message) -> new Widget(manager, id, name));
  }

  private static Message request(String type, JsonObject content, String... buffers) {
    List<byte[]> bytes = new ArrayList<>();
    for (String buffer : buffers) {
      bytes.add(buffer.getBytes(StandardCharsets.UTF_8));
    }
    return new Message(
        List.of(),
        Json.object("msg_id", "m1", "msg_type", type, "date", "2026-01-02T03:04:05Z"),
        new JsonObject(),
        Json.object("version", "2"),
        content,
        bytes);
  }

  private JsonObject open(Object... namesAndValues) {
    return comms.answer(Json.object(namesAndValues)).getAsJsonObject("comms");
  }

  @Test
  void aCommOfALibraryOpensTalksAndCloses() {
    Widget widget = open("slider");
    Received opened = client.receive(iopub);
    assertThat(opened.type()).isEqualTo("comm_open");
    assertThat(opened.content())
        .isEqualTo(
            Json.object(
                "comm_id", widget.getID(), "target_name", "slider", "data", new JsonObject()));

    widget.send(
        Json.object("value", 3),
        Map.of("version", "2.1"),
        List.of("bytes".getBytes(StandardCharsets.UTF_8)));
    Received said = client.receive(iopub);
    assertThat(said.type()).isEqualTo("comm_msg");
    assertThat(said.content())
        .isEqualTo(Json.object("comm_id", widget.getID(), "data", Json.object("value", 3)));
    assertThat(said.metadata()).isEqualTo(Json.object("version", "2.1"));
    assertThat(said.buffers()).containsExactly("bytes".getBytes(StandardCharsets.UTF_8));

    widget.close();
    assertThat(client.receive(iopub).type()).isEqualTo("comm_close");
    assertThat(heard).containsExactly("closed");
    assertThat(open().keySet()).isEmpty();
  }

  @Test
  void whatTheFrontEndSaysReachesTheCommWithAllThatBelongsToIt() {
    Widget widget = open("slider");
    JsonObject content = Json.object("comm_id", widget.getID(), "data", Json.object("value", 4));
    comms.said(request("comm_msg", content, "buffer"));
    assertThat(heard).containsExactly("{\"value\":4} {version=2} buffer of m1");
  }

  @Test
  void theFrontEndClosesAComm() {
    Widget widget = open("slider");
    comms.closed(request("comm_close", Json.object("comm_id", widget.getID())));
    assertThat(heard).containsExactly("closed");
    assertThat(open().keySet()).isEmpty();
  }

  @Test
  void theOpenOnesAreToldAllOrOfATarget() {
    Widget slider = open("slider");
    Widget button = open("button");
    assertThat(open().keySet()).containsExactlyInAnyOrder(slider.getID(), button.getID());
    assertThat(open("target_name", "button").toString())
        .isEqualTo("{\"" + button.getID() + "\":{\"target_name\":\"button\"}}");
    assertThat(open("target_name", "nothing").keySet()).isEmpty();
  }

  @Test
  void whatIsSaidToNobodyIsPassedOver() {
    comms.said(request("comm_msg", Json.object("comm_id", "gone", "data", new JsonObject()), ""));
    comms.closed(request("comm_close", new JsonObject()));
    assertThat(heard).isEmpty();
    assertThat(open().keySet()).isEmpty();
  }
}
