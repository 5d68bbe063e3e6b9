package org.dlaclab.kernel.session;

import com.google.gson.JsonObject;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.dlaclab.kernel.display.Bundle;
import org.dlaclab.kernel.display.Displays;
import org.dlaclab.kernel.display.Notebook;
import org.dlaclab.kernel.display.Script;
import org.dlaclab.kernel.eval.Evaluator;
import org.jspecify.annotations.Nullable;

/** The notebook of the front end that asked for the cell. */
final class LiveNotebook implements Notebook {
  private final Displays displays;
  private final Outlet outlet;
  private final Questions questions;

  /** Which cell's output holds a script, by its name, so that the notebook holds it once. */
  private final Map<String, String> carriers = new HashMap<>();

  /** Guards the carriers, also while a script is sent, which may take long. */
  private final ReentrantLock lock = new ReentrantLock();

  LiveNotebook(Displays displays, Outlet outlet, Questions questions) {
    this.displays = displays;
    this.outlet = outlet;
    this.questions = questions;
  }

  @Override
  public <T> void show(Class<T> type, Function<? super T, Bundle> how) {
    displays.show(type, how);
  }

  @Override
  public Handle display(@Nullable Object value, String id) {
    Cell cell = Cell.current();
    Bundle bundle = displays.bundle(value);
    if (!bundle.isEmpty()) {
      sendScripts(cell, bundle);
      outlet.publish(cell, "display_data", named(bundle, id));
    }
    return new Shown(id);
  }

  @Override
  public void update(@Nullable Object value, String id) {
    Cell cell = Cell.current();
    Bundle bundle = displays.bundle(value);
    if (!bundle.isEmpty()) {
      sendScripts(cell, bundle);
      outlet.publish(cell, "update_display_data", named(bundle, id));
    }
  }

  private static JsonObject named(Bundle bundle, String id) {
    JsonObject content = content(bundle);
    content.add("transient", Json.object("display_id", id));
    return content;
  }

  /** A bundle as the content of a message. */
  static JsonObject content(Bundle bundle) {
    return Json.object(
        "data", Json.object(bundle.data()), "metadata", Json.object(bundle.metadata()));
  }

  /** A cell runs again, or is cleared: it loses its output, with the scripts in it. */
  void clear(Cell cell) {
    lock.lock();
    try {
      carriers.values().removeIf(cell.key()::equals);
    } finally {
      lock.unlock();
    }
  }

  /** Sends the scripts that a bundle needs, unless the notebook has them. */
  void sendScripts(@Nullable Cell cell, Bundle bundle) {
    if (bundle.scripts().isEmpty()) {
      return;
    }
    try {
      lock.lockInterruptibly();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    try {
      for (Script script : bundle.scripts()) {
        if (!carriers.containsKey(script.name())
            && outlet.publish(cell, "display_data", content(carrying(script)))) {
          carriers.put(script.name(), cell == null ? "" : cell.key());
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * A script as an output of its own. A page with a module loader, such as the classic Notebook's,
   * would take the library for a module and hide it: in here, there is no loader.
   */
  private static Bundle carrying(Script script) {
    String source = script.source().get().replace("</script", "<\\/script");
    return Bundle.text("[" + script.name() + ", stored once for all figures of this notebook]")
        .with(
            "text/html",
            "<script>(function(){var define,exports,module;\n"
                + source
                + "\n}).call(window);</script>");
  }

  @Override
  public void clearOutput(boolean waitForNext) {
    Cell cell = Cell.current();
    if (cell != null) {
      clear(cell);
    }
    outlet.publish(cell, "clear_output", Json.object("wait", waitForNext));
  }

  @Override
  public String input(String prompt, boolean password) {
    return questions.ask(Cell.current(), prompt, password);
  }

  @Override
  public Runnable onInterrupt(Runnable ask) {
    return Evaluator.onInterrupt(ask);
  }

  private final class Shown implements Handle {
    private final String id;

    Shown(String id) {
      this.id = id;
    }

    @Override
    public String id() {
      return id;
    }

    @Override
    public void update(@Nullable Object value) {
      LiveNotebook.this.update(value, id);
    }
  }
}
