package org.dlaclab.notebook;

import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.dlaclab.kernel.display.Notebook;
import org.dlaclab.plot.Chart;
import org.dlaclab.progress.Live;
import org.jspecify.annotations.Nullable;

/**
 * A value that changes in one place of a notebook: charts as pictures while they change, and in
 * full in the end.
 */
final class LiveView implements Live.Display {
  private static final long BETWEEN = 1_000_000_000L;

  /** So many times as long as it takes to show a value, no other is shown: work goes first. */
  private static final long TIMES_AS_LONG = 25;

  private final String what;
  private final Notebook notebook;
  private final LongSupplier nanos;
  private Notebook.@Nullable Handle handle;
  private long next;
  private boolean broken;

  LiveView(String what, Notebook notebook, LongSupplier nanos) {
    this.what = what;
    this.notebook = notebook;
    this.nanos = nanos;
  }

  @Override
  public void show(Supplier<?> value, String line) {
    long begin = nanos.getAsLong();
    if (handle == null || begin >= next) {
      replace(value, true);
      long now = nanos.getAsLong();
      next = now + Math.max(BETWEEN, TIMES_AS_LONG * (now - begin));
    }
  }

  @Override
  public void end(@Nullable Supplier<?> last) {
    if (last != null) {
      replace(last, false);
    }
  }

  /** What can not be shown must not end hours of work. */
  private void replace(Supplier<?> value, boolean changing) {
    if (broken) {
      return;
    }
    try {
      Object now = value.get();
      Object shown = changing && now instanceof Chart chart ? ChartBundles.still(chart) : now;
      if (handle == null) {
        handle = notebook.display(shown);
      } else {
        handle.update(shown);
      }
    } catch (RuntimeException e) {
      broken = true;
      System.err.println("note: the live view of " + what + " can not be shown: " + e.getMessage());
    }
  }
}
