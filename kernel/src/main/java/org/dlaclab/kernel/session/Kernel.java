package org.dlaclab.kernel.session;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.dlaclab.kernel.Jupyter;
import org.dlaclab.kernel.display.Displays;
import org.dlaclab.kernel.display.Notebook;
import org.dlaclab.kernel.eval.Completeness;
import org.dlaclab.kernel.eval.Completions;
import org.dlaclab.kernel.eval.Inspection;
import org.dlaclab.kernel.protocol.Channel;
import org.dlaclab.kernel.protocol.Connection;
import org.dlaclab.kernel.protocol.Message;
import org.dlaclab.kernel.protocol.Wire;
import org.jspecify.annotations.Nullable;

/**
 * A Jupyter kernel for Java: answers the requests of front ends (Jupyter's messaging protocol 5.4).
 *
 * <p>Requests of a shell are answered one after another; those of a subshell, and those that only
 * ask (completion, inspection, history, kernel_info), also while a cell runs. There can be one
 * kernel in a JVM at a time: cells share its standard streams.
 */
public final class Kernel implements AutoCloseable {
  static final String NAME = "dlac";

  private static final String EXECUTE = "execute_request";

  /** Requests that run code, which may take long and can be interrupted. */
  private static final Set<String> CODE = Set.of(EXECUTE, "comm_open", "comm_msg", "comm_close");

  /** Requests that do not wait for the cell that runs. */
  private static final Set<String> QUESTIONS =
      Set.of(
          "kernel_info_request",
          "complete_request",
          "inspect_request",
          "is_complete_request",
          "history_request",
          "comm_info_request");

  private final Wire wire;
  private final Outlet outlet;
  private final Questions questions;
  private final Displays displays = new Displays();
  private final LiveNotebook notebook;
  private final Comms comms;
  private final History history;
  private final Cells cells;
  private final ScheduledThreadPoolExecutor timer;
  private final StandardStreams streams;
  private final CompletableFuture<Engine> engine;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Object statuses = new Object();

  /** The request of the shell whose code runs, from its busy to its idle. */
  private @Nullable Message running;

  private final CompletableFuture<Void> ended = new CompletableFuture<>();

  private final Lane shell;
  private final Lane answers;
  private final Lane control;
  private final Map<String, Lane> subshells = new ConcurrentHashMap<>();

  /**
   * Binds the ports of a connection file and answers from now on.
   *
   * @param historyFile where cells are remembered from session to session, or null
   */
  public Kernel(Connection connection, @Nullable Path historyFile) {
    // First of all, since it takes longest: while the ports are bound, and while clients say hello.
    CompletableFuture<Engine.Base> base =
        CompletableFuture.supplyAsync(Engine.Base::create, Kernel::inBackground);
    timer = new ScheduledThreadPoolExecutor(1, task -> Daemon.of("cell text", task));
    // Now, since the thread would otherwise be one of the first cell's, and end with it.
    boolean unused = timer.prestartCoreThread();
    wire = new Wire(connection, this::received);
    outlet = new Outlet(wire);
    questions = new Questions(wire);
    comms = new Comms(outlet);
    notebook = new LiveNotebook(displays, outlet, questions);
    history = new History(historyFile);
    engine = base.thenApply(ready -> new Engine(ready, displays, notebook, comms, version()));
    cells = new Cells(outlet, timer, notebook, displays, history, engine);
    shell = new Lane("shell", this::runCells);
    answers = new Lane("answers", this::answerMeanwhile);
    control = new Lane("control", this::answerControl);
    streams = new StandardStreams(() -> questions.ask(Cell.current(), "", false));
    Jupyter.connect(notebook);
  }

  private static void inBackground(Runnable task) {
    Daemon.of("engine", task).start();
  }

  /** Begins to answer; code is ready to run a moment later. */
  public void start() {
    wire.start();
    outlet.publishNow(new JsonObject(), "status", Json.object("execution_state", "starting"));
  }

  /** Done when a front end has asked the kernel to shut down. */
  public CompletableFuture<Void> ended() {
    return ended;
  }

  static String version() {
    return Objects.requireNonNullElse(
        Kernel.class.getPackage().getImplementationVersion(), "development");
  }

  // --- which lane a request takes ---

  private void received(Channel channel, Message message) {
    switch (channel) {
      case STDIN -> questions.answered(message);
      case CONTROL -> {
        if (message.type().equals("interrupt_request")) {
          interrupt();
        }
        control.add(message);
      }
      case SHELL -> {
        String id = message.subshellId();
        Lane lane = id == null ? shell : subshells.get(id);
        boolean meanwhile =
            id == null && QUESTIONS.contains(message.type()) && shell.first(CODE) != null;
        // A subshell that is gone, or goes now: the other lane says so.
        boolean taken = lane != null && !meanwhile && lane.add(message);
        if (!taken) {
          answers.add(message);
        }
      }
    }
  }

  private void runCells(Lane lane, Message request) {
    handle(Channel.SHELL, lane, request);
  }

  private void answerControl(Lane lane, Message request) {
    handle(Channel.CONTROL, lane, request);
  }

  /**
   * Front ends take the last status that they see for the kernel's: after an answer it is busy
   * again, while code runs.
   */
  private void answerMeanwhile(Lane lane, Message request) {
    handle(Channel.SHELL, lane, request);
    synchronized (statuses) {
      if (running != null) {
        status(running, "busy");
      }
    }
  }

  private void begin(Lane lane, Message request) {
    synchronized (statuses) {
      if (lane == shell && CODE.contains(request.type())) {
        running = request;
      }
      status(request, "busy");
    }
  }

  private void end(Message request) {
    synchronized (statuses) {
      if (request.equals(running)) {
        running = null;
      }
      status(request, "idle");
    }
  }

  private void handle(Channel channel, Lane lane, Message request) {
    String reply = replyTo(request.type());
    if (reply == null) {
      // As other kernels do: what is not known is not answered.
      return;
    }
    begin(lane, request);
    JsonObject content;
    try {
      content = answer(channel, request);
    } catch (Throwable e) {
      content = failed(e);
      if (request.type().equals(EXECUTE)) {
        outlet.publishNow(request.header(), "error", content);
      }
    }
    // Before the reply: a cell that is sent because of the reply is no cell that was waiting.
    List<Message> stopped = stops(request, content) ? lane.withdraw(EXECUTE) : List.of();
    if (!reply.isEmpty()) {
      wire.send(channel, request, reply, content);
    }
    end(request);
    for (Message waiting : stopped) {
      status(waiting, "busy");
      wire.send(channel, waiting, "execute_reply", cells.aborted());
      status(waiting, "idle");
    }
    if (request.type().equals("shutdown_request")) {
      ended.complete(null);
    }
  }

  /**
   * After a cell that failed, those that wait behind it do not run, unless the front end wants it
   * so.
   */
  private static boolean stops(Message request, JsonObject reply) {
    return request.type().equals(EXECUTE)
        && Json.text(reply, "status", "").equals("error")
        && Json.flag(request.content(), "stop_on_error", true);
  }

  private void status(Message request, String state) {
    outlet.publishNow(request.header(), "status", Json.object("execution_state", state));
  }

  /** The type of a request's reply: empty if it has none, null if the request is not known. */
  private static @Nullable String replyTo(String type) {
    return switch (type) {
      case "comm_open", "comm_msg", "comm_close" -> "";
      case "execute_request",
          "complete_request",
          "inspect_request",
          "is_complete_request",
          "history_request",
          "comm_info_request",
          "kernel_info_request",
          "shutdown_request",
          "interrupt_request",
          "create_subshell_request",
          "delete_subshell_request",
          "list_subshell_request" ->
          type.substring(0, type.length() - "request".length()) + "reply";
      default -> null;
    };
  }

  /** An error of the kernel itself, or of a library that it was told to use. */
  private static JsonObject failed(Throwable thrown) {
    Throwable e =
        thrown instanceof CompletionException && thrown.getCause() != null
            ? thrown.getCause()
            : thrown;
    return refused(e.getClass().getName(), String.valueOf(e.getMessage()));
  }

  private static JsonObject refused(String name, String message) {
    return Json.object(
        "status",
        "error",
        "ename",
        name,
        "evalue",
        message,
        "traceback",
        List.of(name + ": " + message));
  }

  // --- answers ---

  private JsonObject answer(Channel channel, Message request) {
    JsonObject content = request.content();
    String subshell = channel == Channel.SHELL ? request.subshellId() : null;
    if (subshell != null && !subshells.containsKey(subshell)) {
      return refused("NoSuchSubshell", "there is no subshell " + subshell + ", or no more");
    }
    switch (request.type()) {
      case "comm_open" -> cells.within(request, () -> comms.opened(request));
      case "comm_msg" -> cells.within(request, () -> comms.said(request));
      case "comm_close" -> cells.within(request, () -> comms.closed(request));
      default -> {
        // Answered below.
      }
    }
    return switch (request.type()) {
      case "execute_request" -> cells.execute(request);
      case "kernel_info_request" -> info();
      case "complete_request" -> complete(content);
      case "inspect_request" -> inspect(content);
      case "is_complete_request" -> completeness(content);
      case "history_request" -> history.answer(content);
      case "comm_info_request" -> comms.answer(content);
      case "interrupt_request" -> Json.object("status", "ok");
      case "shutdown_request" -> shutdown(request);
      case "create_subshell_request" -> createSubshell();
      case "delete_subshell_request" -> deleteSubshell(Json.text(content, "subshell_id", ""));
      case "list_subshell_request" ->
          Json.object("status", "ok", "subshell_id", List.copyOf(subshells.keySet()));
      default -> new JsonObject();
    };
  }

  private static JsonObject info() {
    String java = System.getProperty("java.version");
    String name = "DLAC Lab kernel " + version();
    return Json.object(
        "status",
        "ok",
        "protocol_version",
        Wire.PROTOCOL_VERSION,
        "implementation",
        NAME,
        "implementation_version",
        version(),
        "language_info",
        Json.object(
            "name",
            "java",
            "version",
            java,
            "mimetype",
            "text/x-java",
            "file_extension",
            ".jsh",
            "pygments_lexer",
            "java",
            "codemirror_mode",
            "text/x-java",
            "nbconvert_exporter",
            "script"),
        "banner",
        name + " on Java " + java + ": %lsmagic lists commands, name? shows documentation",
        "debugger",
        false,
        "help_links",
        List.of(
            Map.of(
                "text",
                "Java API",
                "url",
                "https://docs.oracle.com/en/java/javase/"
                    + Runtime.version().feature()
                    + "/docs/api/index.html")),
        "supported_features",
        List.of("kernel subshells"));
  }

  private JsonObject complete(JsonObject content) {
    String code = Json.text(content, "code", "");
    Completions found = engine.join().complete(code, Cursor.units(code, content));
    int start = Cursor.points(code, found.start());
    int end = Cursor.points(code, found.end());
    JsonArray matches = new JsonArray();
    JsonArray details = new JsonArray();
    for (Completions.Item item : found.items()) {
      matches.add(item.text());
      details.add(
          Json.object(
              "start",
              start,
              "end",
              end,
              "text",
              item.text(),
              "type",
              item.type(),
              "signature",
              item.signature(),
              "deprecated",
              item.deprecated()));
    }
    return Json.object(
        "status",
        "ok",
        "matches",
        matches,
        "cursor_start",
        start,
        "cursor_end",
        end,
        "metadata",
        Json.object("_jupyter_types_experimental", details));
  }

  private JsonObject inspect(JsonObject content) {
    String code = Json.text(content, "code", "");
    return engine
        .join()
        .inspect(code, Cursor.units(code, content), Json.number(content, "detail_level", 0))
        .map(found -> inspected(true, data(found)))
        .orElseGet(() -> inspected(false, new JsonObject()));
  }

  private static JsonObject inspected(boolean found, JsonObject data) {
    return Json.object("status", "ok", "found", found, "data", data, "metadata", new JsonObject());
  }

  static JsonObject data(Inspection found) {
    return Json.object("text/plain", found.text(), "text/markdown", found.markdown());
  }

  private JsonObject completeness(JsonObject content) {
    Completeness found = engine.join().completeness(Json.text(content, "code", ""));
    if (found instanceof Completeness.Incomplete incomplete) {
      return Json.object("status", "incomplete", "indent", incomplete.indent());
    }
    return Json.object("status", found instanceof Completeness.Complete ? "complete" : "invalid");
  }

  /**
   * Ends the cell that runs, or is about to: decided when the interrupt comes, not when it is
   * answered.
   */
  private void interrupt() {
    Message meant = shell.first(CODE);
    boolean elsewhere = subshells.values().stream().anyMatch(lane -> lane.first(CODE) != null);
    if (meant != null || elsewhere) {
      Daemon.of("interrupt", () -> interrupt(meant)).start();
    }
  }

  /** A cell that has just begun may not have reached the code that the interrupt is meant for. */
  private void interrupt(@Nullable Message meant) {
    try {
      Engine ready = engine.get();
      int tries = 0;
      do {
        ready.interrupt();
        Thread.sleep(50);
      } while (++tries < 20 && meant != null && isFirst(meant));
    } catch (ExecutionException e) {
      // There is no engine: the cell has failed already.
    } catch (InterruptedException e) {
      // Nobody does that.
      Thread.currentThread().interrupt();
    }
  }

  private boolean isFirst(Message cell) {
    Message first = shell.first(CODE);
    return first != null && first.id().equals(cell.id());
  }

  private JsonObject shutdown(Message request) {
    JsonObject content =
        Json.object("status", "ok", "restart", Json.flag(request.content(), "restart", false));
    outlet.publishNow(request.header(), "shutdown_reply", content);
    return content;
  }

  private JsonObject createSubshell() {
    String id = UUID.randomUUID().toString();
    subshells.put(id, new Lane("subshell", this::runCells));
    return Json.object("status", "ok", "subshell_id", id);
  }

  private JsonObject deleteSubshell(String id) {
    Lane lane = subshells.remove(id);
    if (lane == null) {
      return refused("NoSuchSubshell", "there is no subshell " + id + " to delete");
    }
    // The cell that runs there ends as it would have; those behind it are refused.
    lane.finish();
    return Json.object("status", "ok");
  }

  /** Sends what waits and lets the ports go, and no more: the JVM ends, which ends all else. */
  public void leave() {
    shell.close();
    history.close();
    wire.close();
  }

  /** Ends all threads and interrupts what runs, whose last output and reply are still sent. */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    List<Lane> lanes = new ArrayList<>(subshells.values());
    lanes.addAll(List.of(shell, answers, control));
    lanes.forEach(Lane::close);
    try {
      // It may still be starting: what it has set up by then would outlive it.
      Engine ready = engine.get(5, TimeUnit.SECONDS);
      for (int tries = 0; tries < 40 && !lanes.stream().allMatch(Kernel::ends); tries++) {
        ready.interrupt();
      }
      ready.close();
      timer.shutdown();
      boolean unused = timer.awaitTermination(500, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      // It never ran.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    timer.shutdownNow();
    streams.close();
    Cell.forgetLatest();
    Jupyter.connect(Notebook.terminal());
    history.close();
    wire.close();
  }

  private static boolean ends(Lane lane) {
    try {
      return lane.ends(50);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }
}
