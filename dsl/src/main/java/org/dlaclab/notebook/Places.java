package org.dlaclab.notebook;

import java.util.Locale;
import java.util.function.Supplier;
import org.dlaclab.kernel.display.Notebook;
import org.dlaclab.kernel.display.ProgressBar;
import org.dlaclab.progress.Live;
import org.dlaclab.progress.Progress;
import org.jspecify.annotations.Nullable;

/**
 * Where long work shows in a notebook. Work inside of other work has no place of its own: a study
 * of twenty trainings is one bar, whose message says how far the training is, and one view.
 */
final class Places {
  private final Notebook notebook;
  private @Nullable Bar bar;
  private @Nullable Outer view;

  Places(Notebook notebook) {
    this.notebook = notebook;
  }

  synchronized Progress.Display progress(String what, long total) {
    Bar outer = bar;
    if (outer != null) {
      return new Inside(outer, what, total);
    }
    Bar made = new Bar(notebook.progress(what, total));
    bar = made;
    return made;
  }

  synchronized Live.Display live(String what) {
    if (view != null) {
      return Hidden.INSTANCE;
    }
    Outer made = new Outer(new LiveView(what, notebook, System::nanoTime));
    view = made;
    return made;
  }

  private synchronized void end(Bar ended) {
    bar = bar == ended ? null : bar;
  }

  private synchronized void end(Outer ended) {
    view = view == ended ? null : view;
  }

  /** The notebook's bar, told of steps. */
  private final class Bar implements Progress.Display {
    private final ProgressBar shows;
    private long shown;
    private String note = "";

    Bar(ProgressBar shows) {
      this.shows = shows;
    }

    @Override
    public void show(long done, double seconds, String said) {
      if (shown == 0) {
        shows.begunAgo(seconds);
      }
      note = said;
      shows.message(note);
      shows.step(done - shown);
      shown = done;
    }

    /** What goes on inside of it; empty when that has ended. */
    void inside(String text) {
      shows.message(text.isEmpty() ? note : note.isEmpty() ? text : note + " | " + text);
      shows.step(0);
    }

    @Override
    public void end(long done) {
      Places.this.end(this);
      shows.message(note);
      shows.step(done - shown);
      shows.close();
    }
  }

  private record Inside(Bar outer, String what, long total) implements Progress.Display {
    @Override
    public void show(long done, double seconds, String note) {
      outer.inside(
          String.format(Locale.ROOT, "%s: %,d of %,d", what, done, total)
              + (note.isEmpty() ? "" : ", " + note));
    }

    @Override
    public void end(long done) {
      outer.inside("");
    }
  }

  private final class Outer implements Live.Display {
    private final LiveView shows;

    Outer(LiveView shows) {
      this.shows = shows;
    }

    @Override
    public void show(Supplier<?> value, String line) {
      shows.show(value, line);
    }

    @Override
    public void end(@Nullable Supplier<?> last) {
      Places.this.end(this);
      shows.end(last);
    }
  }

  private enum Hidden implements Live.Display {
    INSTANCE;

    @Override
    public void show(Supplier<?> value, String line) {
      // The view of the work around it shows.
    }

    @Override
    public void end(@Nullable Supplier<?> last) {
      // The view of the work around it stays.
    }
  }
}
