package org.dlaclab.kernel.session;

import com.google.gson.JsonObject;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.dlaclab.kernel.display.Bundle;
import org.dlaclab.kernel.display.Displays;
import org.dlaclab.kernel.display.Notebook;
import org.dlaclab.kernel.display.Script;
import org.jspecify.annotations.Nullable;

/** The notebook of the front end that asked for the cell. */
final class LiveNotebook implements Notebook {
  private final Displays displays;
  private final Outlet outlet;
  private final Questions questions;

  /** Which cell's output holds a script, so that the notebook holds it once. */
  private final Map<String, String> carriers = new HashMap<>();

  /** The scripts that the request under way has sent. */
  private final Set<String> sentNow = new HashSet<>();

  private @Nullable Cell sentBy;

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
  public Handle display(@Nullable Object value) {
    return display(value, UUID.randomUUID().toString());
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

  /**
   * Sends the scripts that a bundle needs, unless the notebook has them. A cell that holds one and
   * runs again loses it with its other output, and gets it again.
   */
  synchronized void sendScripts(@Nullable Cell cell, Bundle bundle) {
    if (bundle.scripts().isEmpty()) {
      return;
    }
    if (sentBy != cell) {
      sentBy = cell;
      sentNow.clear();
    }
    String key = cell == null ? "" : cell.key();
    for (Script script : bundle.scripts()) {
      String carrier = carriers.get(script.name());
      if (carrier == null || (carrier.equals(key) && !sentNow.contains(script.name()))) {
        carriers.put(script.name(), key);
        sentNow.add(script.name());
        outlet.publish(cell, "display_data", content(carrying(script)));
      }
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
      synchronized (this) {
        carriers.values().removeIf(cell.key()::equals);
      }
    }
    outlet.publish(cell, "clear_output", Json.object("wait", waitForNext));
  }

  @Override
  public String input(String prompt, boolean password) {
    return questions.ask(Cell.current(), prompt, password);
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
