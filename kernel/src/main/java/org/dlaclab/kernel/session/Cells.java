package org.dlaclab.kernel.session;

import com.google.gson.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.dlaclab.kernel.display.Bundle;
import org.dlaclab.kernel.display.Displays;
import org.dlaclab.kernel.eval.ErrorReport;
import org.dlaclab.kernel.eval.Inspection;
import org.dlaclab.kernel.eval.Outcome;
import org.dlaclab.kernel.protocol.Message;

/** Runs cells: what an execute_request does. */
final class Cells {
  /**
   * IPython's way to ask for documentation: {@code List.of?}, with two question marks for the
   * source as well.
   */
  private static final Pattern HELP = Pattern.compile("\\s*(%{0,2}[\\w.$]+)(\\?{1,2})\\s*");

  private final Outlet outlet;
  private final ScheduledExecutorService timer;
  private final LiveNotebook notebook;
  private final Displays displays;
  private final History history;
  private final CompletableFuture<Engine> engine;
  private final AtomicInteger count = new AtomicInteger();

  Cells(
      Outlet outlet,
      ScheduledExecutorService timer,
      LiveNotebook notebook,
      Displays displays,
      History history,
      CompletableFuture<Engine> engine) {
    this.outlet = outlet;
    this.timer = timer;
    this.notebook = notebook;
    this.displays = displays;
    this.history = history;
    this.engine = engine;
  }

  private Cell cell(Message request) {
    JsonObject header = request.header();
    return new Cell(
        request, new CellText((stream, text) -> outlet.print(header, stream, text), timer));
  }

  /**
   * Runs code that a request calls, such as a comm's, so that it can be interrupted: what it shows
   * belongs to the request, and so does the error that it ends with.
   */
  void within(Message request, Runnable code) {
    Engine engine = this.engine.join();
    Cell cell = cell(request);
    cell.enter();
    try {
      int number = count.get();
      boolean done =
          engine
              .call(
                  number,
                  () -> {
                    code.run();
                    return true;
                  })
              .isPresent();
      if (!done) {
        System.err.println(request.type() + " was interrupted");
      }
    } catch (RuntimeException | Error e) {
      System.err.println(String.join("\n", engine.report(e).traceback()));
    } finally {
      cell.text().flush();
      Cell.leave();
    }
  }

  /** Runs a cell, publishes what it shows, and returns the content of the reply. */
  JsonObject execute(Message request) {
    JsonObject content = request.content();
    String code = Json.text(content, "code", "");
    boolean silent = Json.flag(content, "silent", false);
    boolean stored = !silent && Json.flag(content, "store_history", true);
    int number = stored ? count.incrementAndGet() : count.get();
    Cell cell = cell(request);
    if (!silent) {
      notebook.clear(cell);
      outlet.publish(cell, "execute_input", Json.object("code", code, "execution_count", number));
    }
    cell.enter();
    try {
      return run(cell, code, number, silent, stored);
    } finally {
      cell.text().flush();
      Cell.leave();
    }
  }

  private JsonObject run(Cell cell, String code, int number, boolean silent, boolean stored) {
    Engine engine = this.engine.join();
    Matcher help = HELP.matcher(code);
    if (help.matches()) {
      return page(engine, help.group(1), help.group(2).length() - 1, number);
    }
    Outcome outcome = engine.run(number, code);
    String output = "";
    if (outcome instanceof Outcome.Value value) {
      Bundle bundle = bundle(engine, number, value);
      output = String.valueOf(bundle.data().getOrDefault("text/plain", ""));
      if (!silent && !bundle.isEmpty()) {
        notebook.sendScripts(cell, bundle);
        JsonObject result = LiveNotebook.content(bundle);
        result.addProperty("execution_count", number);
        outlet.publish(cell, "execute_result", result);
      }
    }
    if (stored) {
      history.add(number, code, output);
    }
    if (outcome instanceof Outcome.Failure failure) {
      return failed(cell, failure.error(), number, silent);
    }
    JsonObject expressions = new JsonObject();
    JsonObject asked = Json.child(cell.request().content(), "user_expressions");
    for (String name : asked.keySet()) {
      expressions.add(name, expression(engine, number, Json.text(asked, name, "")));
    }
    return ok(number, List.of(), expressions);
  }

  /** The content of the reply to a cell that does not run because one before it failed. */
  JsonObject aborted() {
    return Json.object("status", "aborted", "execution_count", count.get());
  }

  private static JsonObject ok(int number, List<?> payload, JsonObject expressions) {
    return Json.object(
        "status",
        "ok",
        "execution_count",
        number,
        "payload",
        payload,
        "user_expressions",
        expressions);
  }

  private JsonObject failed(Cell cell, ErrorReport error, int number, boolean silent) {
    JsonObject content = error(error);
    if (!silent) {
      outlet.publish(cell, "error", content);
    }
    JsonObject reply = content.deepCopy();
    reply.addProperty("status", "error");
    reply.addProperty("execution_count", number);
    return reply;
  }

  private static JsonObject error(ErrorReport error) {
    return Json.object(
        "ename", error.name(), "evalue", error.value(), "traceback", error.traceback());
  }

  private JsonObject expression(Engine engine, int number, String expression) {
    Outcome outcome = engine.evaluate(number, expression);
    if (outcome instanceof Outcome.Failure failure) {
      JsonObject error = error(failure.error());
      error.addProperty("status", "error");
      return error;
    }
    JsonObject shown =
        LiveNotebook.content(
            outcome instanceof Outcome.Value value
                ? bundle(engine, number, value)
                : Bundle.text(""));
    shown.addProperty("status", "ok");
    return shown;
  }

  private Bundle bundle(Engine engine, int number, Outcome.Value value) {
    return engine
        .call(number, () -> displays.bundle(value.value()))
        .orElseGet(() -> Bundle.text("[interrupted before it could show]"));
  }

  /** Documentation, in the front end's pager. */
  private static JsonObject page(Engine engine, String name, int detail, int number) {
    Optional<Inspection> found = engine.inspect(name, name.length(), detail);
    JsonObject data =
        found
            .map(Kernel::data)
            .orElseGet(() -> Json.object("text/plain", "No documentation found for " + name));
    return ok(
        number, List.of(Json.object("source", "page", "data", data, "start", 0)), new JsonObject());
  }
}
