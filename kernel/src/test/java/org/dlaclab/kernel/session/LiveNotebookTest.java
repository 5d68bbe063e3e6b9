package org.dlaclab.kernel.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.stream.Stream;
import org.dlaclab.kernel.display.Bundle;
import org.dlaclab.kernel.display.Displays;
import org.dlaclab.kernel.display.Script;
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

/** A script that figures need is stored in the notebook, and once. */
@Timeout(20)
class LiveNotebookTest {
  private final Connection connection = Client.free(Client.KEY);
  private final Client client = new Client(connection);
  private final Wire wire = new Wire(connection, (channel, message) -> {});
  private final Outlet outlet = new Outlet(wire);
  private final Displays displays = new Displays();
  private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
  private final LiveNotebook notebook = new LiveNotebook(displays, outlet, new Questions(wire));
  private ZMQ.Socket iopub;

  @BeforeEach
  void start() {
    wire.start();
    iopub = client.subscribe();
  }

  @AfterEach
  void end() {
    Cell.leave();
    Cell.forgetLatest();
    timer.shutdownNow();
    wire.close();
    client.close();
  }

  private Cell cell(String id, String code) {
    JsonObject metadata = id.isEmpty() ? new JsonObject() : Json.object("cellId", id);
    Message request =
        new Message(
            List.of(),
            Json.object("msg_id", id + code, "msg_type", "execute_request"),
            new JsonObject(),
            metadata,
            Json.object("code", code),
            List.of());
    return new Cell(
        request,
        new CellText((stream, text) -> outlet.print(request.header(), stream, text), timer));
  }

  /** A cell runs and shows figures that need scripts; what it publishes. */
  private List<String> run(Cell cell, String... scripts) {
    notebook.clear(cell);
    return show(cell, scripts);
  }

  private List<String> show(Cell cell, String... scripts) {
    cell.enter();
    for (String script : scripts) {
      notebook.display(figure(script));
    }
    outlet.publishNow(new JsonObject(), "end", new JsonObject());
    return Stream.generate(() -> client.receive(iopub))
        .takeWhile(message -> !message.type().equals("end"))
        .map(LiveNotebookTest::seen)
        .toList();
  }

  private static Bundle figure(String script) {
    return Bundle.text("figure").needs(new Script(script, () -> "/* source of " + script + " */"));
  }

  private static String seen(Received message) {
    JsonObject data = message.content().getAsJsonObject("data");
    String html = data.has("text/html") ? data.get("text/html").getAsString() : "";
    return html.contains("source of")
        ? html.replaceAll("(?s).*source of (\\w+).*", "$1")
        : data.get("text/plain").getAsString();
  }

  @Test
  void itComesBeforeTheFirstFigureThatNeedsIt() {
    assertThat(run(cell("a", ""), "lib", "lib")).containsExactly("lib", "figure", "figure");
    assertThat(run(cell("b", ""), "lib")).containsExactly("figure");
  }

  @Test
  void eachScriptIsItsOwn() {
    assertThat(run(cell("a", ""), "lib")).containsExactly("lib", "figure");
    assertThat(run(cell("b", ""), "lib", "more")).containsExactly("figure", "more", "figure");
  }

  @Test
  void theCellThatHoldsItGetsItAgainWhenItRunsAgain() {
    run(cell("a", ""), "lib");
    assertThat(run(cell("a", "edited"), "lib")).containsExactly("lib", "figure");
  }

  @Test
  void anotherCellGetsItWhenTheOneThatHeldItShowsNoFigureAnyMore() {
    run(cell("a", ""), "lib");
    run(cell("b", ""), "lib");
    assertThat(run(cell("a", "no figure"))).isEmpty();
    assertThat(run(cell("b", ""), "lib")).containsExactly("lib", "figure");
    assertThat(run(cell("a", ""), "lib")).containsExactly("figure");
  }

  @Test
  void figuresOfACellThatShowsLateDoNotBringItAgain() {
    Cell holds = cell("a", "");
    Cell other = cell("b", "");
    run(holds, "lib");
    run(other, "lib");
    assertThat(show(holds, "lib")).containsExactly("figure");
  }

  @Test
  void clearingTakesItAway() {
    Cell cell = cell("a", "");
    run(cell, "lib");
    notebook.clearOutput(false);
    assertThat(client.receive(iopub).type()).isEqualTo("clear_output");
    assertThat(show(cell, "lib")).containsExactly("lib", "figure");
  }

  @Test
  void whereCellsHaveNoNamesTheSameCodeIsTheSameCell() {
    run(cell("", "plot()"), "lib");
    assertThat(run(cell("", "other()"), "lib")).containsExactly("figure");
    assertThat(run(cell("", "plot()"), "lib")).containsExactly("lib", "figure");
  }

  @Test
  void aCellThatIsInterruptedWhileItIsSentDoesNotCountAsHoldingIt() {
    Cell interrupted = cell("a", "");
    interrupted.enter();
    notebook.clear(interrupted);
    Thread.currentThread().interrupt();
    notebook.display(figure("lib"));
    assertThat(Thread.interrupted()).isTrue();
    assertThat(run(cell("b", ""), "lib")).containsExactly("lib", "figure");
  }
}
