package org.dlaclab.kernel.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.dlaclab.kernel.protocol.Channel;
import org.dlaclab.kernel.protocol.Client;
import org.dlaclab.kernel.protocol.Client.Received;
import org.dlaclab.kernel.protocol.Connection;
import org.jspecify.annotations.Nullable;
import org.zeromq.ZMQ;

/** A front end with a kernel of its own, over real sockets. */
final class FrontEnd implements AutoCloseable {
  private final Connection connection = Client.free(Client.KEY);
  private final Kernel kernel;
  private final Client client = new Client(connection);
  private final ZMQ.Socket shell = client.connect(Channel.SHELL, "front");
  private final ZMQ.Socket control = client.connect(Channel.CONTROL, "front");
  private final ZMQ.Socket stdin = client.connect(Channel.STDIN, "front");
  private final ZMQ.Socket iopub;

  FrontEnd(@Nullable Path history) {
    kernel = new Kernel(connection, history);
    kernel.start();
    iopub = client.subscribe();
  }

  /** What came of a cell: its reply, and all outputs until it was idle. */
  record Ran(JsonObject reply, List<Received> published) {
    String status() {
      return reply.get("status").getAsString();
    }

    List<Received> all(String type) {
      return published.stream().filter(m -> m.type().equals(type)).toList();
    }

    List<String> types() {
      return published.stream().map(Received::type).toList();
    }

    String stream(String name) {
      return all("stream").stream()
          .map(Received::content)
          .filter(c -> c.get("name").getAsString().equals(name))
          .map(c -> c.get("text").getAsString())
          .collect(Collectors.joining());
    }

    /** The text form of the result. */
    String result() {
      List<Received> results = all("execute_result");
      assertThat(results).as("results among " + types()).hasSize(1);
      return data(results.get(0)).get("text/plain").getAsString();
    }

    JsonObject error() {
      assertThat(all("error")).as("errors among " + types()).hasSize(1);
      return all("error").get(0).content();
    }

    static JsonObject data(Received message) {
      return message.content().getAsJsonObject("data");
    }
  }

  Ran run(String code) {
    return run(code, options -> {});
  }

  /** Runs a cell that must not fail. */
  Ran succeed(String code) {
    Ran ran = run(code);
    assertThat(ran.status()).as(ran.reply().toString()).isEqualTo("ok");
    return ran;
  }

  /** Runs a cell to its end. */
  Ran run(String code, Consumer<JsonObject> options) {
    return await(send(code, options));
  }

  /** Sends a cell; its header. */
  JsonObject send(String code, Consumer<JsonObject> options) {
    JsonObject content = code(code);
    options.accept(content);
    return ask("execute_request", content);
  }

  static JsonObject code(String code) {
    JsonObject content = new JsonObject();
    content.addProperty("code", code);
    content.addProperty("cursor_pos", code.codePointCount(0, code.length()));
    return content;
  }

  /** Sends a request to the shell; its header. */
  JsonObject ask(String type, JsonObject content) {
    return ask(shell, null, type, content);
  }

  private JsonObject ask(
      ZMQ.Socket socket, @Nullable String subshell, String type, JsonObject content) {
    JsonObject header = client.header(type);
    if (subshell != null) {
      header.addProperty("subshell_id", subshell);
    }
    client.send(socket, header.toString(), "{}", "{}", content.toString());
    return header;
  }

  /** Sends a request to a subshell; its header. */
  JsonObject ask(String subshell, String type, JsonObject content) {
    return ask(shell, subshell, type, content);
  }

  /** The content of the reply to a question. */
  JsonObject reply(String type, JsonObject content) {
    return replyTo(ask(type, content));
  }

  /** The content of the reply to a request on the shell; replies to others are passed over. */
  JsonObject replyTo(JsonObject header) {
    return replyTo(shell, header);
  }

  private JsonObject replyTo(ZMQ.Socket socket, JsonObject header) {
    Received reply = client.receive(socket);
    while (!reply.parent().equals(header)) {
      reply = client.receive(socket);
    }
    return reply.content();
  }

  /** The content of the reply to a question on the control channel. */
  JsonObject control(String type, JsonObject content) {
    return replyTo(control, ask(control, null, type, content));
  }

  /** The next message that is published. */
  Received nextPublished() {
    return client.receive(iopub);
  }

  /** Waits until a request is idle and has its reply. */
  Ran await(JsonObject header) {
    List<Received> published = published(header);
    return new Ran(replyTo(header), published);
  }

  /** All that is published for a request until it is idle. */
  List<Received> published(JsonObject header) {
    List<Received> published = new ArrayList<>();
    while (true) {
      Received message = client.receive(iopub);
      if (message.parent().equals(header)) {
        published.add(message);
        if (message.type().equals("status")
            && message.content().get("execution_state").getAsString().equals("idle")) {
          return published;
        }
      }
    }
  }

  /** Answers the question that a cell asks next; the question's content. */
  JsonObject answerNext(String value) {
    Received question = client.receive(stdin);
    JsonObject content = new JsonObject();
    content.addProperty("value", value);
    client.send(
        stdin,
        client.header("input_reply").toString(),
        question.header().toString(),
        "{}",
        content.toString());
    return question.content();
  }

  List<String> history(JsonObject request) {
    JsonArray rows = reply("history_request", request).getAsJsonArray("history");
    List<String> cells = new ArrayList<>();
    rows.forEach(row -> cells.add(row.getAsJsonArray().get(2).getAsString()));
    return cells;
  }

  boolean hasEnded() {
    return kernel.ended().isDone();
  }

  /** Ends the kernel; what it has sent can still be received. */
  void endKernel() {
    kernel.close();
  }

  @Override
  public void close() {
    kernel.close();
    client.close();
  }
}
