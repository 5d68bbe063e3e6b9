package org.dlaclab.kernel.display;

import java.lang.ref.WeakReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How far long work is: done and total, rate, time taken and time left. It changes in place, at
 * most ten times a second, however often the work steps; any thread may step.
 *
 * <pre>{@code
 * try (ProgressBar bar = progress("Reading", files.size())) {
 *   for (Path file : files) {
 *     read(file);
 *     bar.step();
 *   }
 * }
 * }</pre>
 */
public final class ProgressBar implements AutoCloseable {
  private static final long FAST = 100_000_000L;
  private static final long SLOW = 1_000_000_000L;

  /** Work that has not stepped for so long is taken as given up, until it steps again. */
  private static final long GIVEN_UP = 60_000_000_000L;

  private final String what;
  private final long total;
  private final Consumer<Progress> place;
  private final LongSupplier nanos;
  private volatile long begin;
  private final LongAdder done = new LongAdder();
  private volatile String message = "";
  private volatile @Nullable Thread ticker;

  // Guarded by this.
  private boolean closed;
  private long shownDone;
  private String shownMessage = "";
  private long lastChange;

  ProgressBar(String what, long total, Consumer<Progress> place, LongSupplier nanos) {
    if (total < -1) {
      throw new IllegalArgumentException(
          "total = " + total + ": a progress bar has 0 or more steps, or -1 if it is not known");
    }
    this.what = what;
    this.total = total;
    this.place = place;
    this.nanos = nanos;
    this.begin = nanos.getAsLong();
    this.lastChange = begin;
    place.accept(state(Progress.Stage.RUNNING, 0, begin));
    startTicker();
  }

  /** A bar that is shown in a notebook. */
  static ProgressBar in(Notebook notebook, String what, long total) {
    return new ProgressBar(what, total, new InNotebook(notebook), System::nanoTime);
  }

  /** One more step is done. */
  public void step() {
    step(1);
  }

  /** More steps are done. */
  public void step(long steps) {
    if (steps < 0) {
      throw new IllegalArgumentException("steps = " + steps + ": work does not go back");
    }
    done.add(steps);
    if (ticker == null) {
      startTicker();
    }
  }

  /**
   * The work began before it had a bar: so long ago, from which rate and time left are reckoned.
   */
  public void begunAgo(double seconds) {
    begin = nanos.getAsLong() - (long) (seconds * 1e9);
  }

  /** What is being done now, such as the name of a file or a loss; it stands behind the bar. */
  public void message(String text) {
    message = text;
    if (ticker == null) {
      startTicker();
    }
  }

  /** Shows the last state: complete, or where it stopped. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    Thread running = ticker;
    if (running != null) {
      LockSupport.unpark(running);
    }
    long steps = done.sum();
    boolean complete = total < 0 || steps >= total;
    place.accept(
        state(
            complete ? Progress.Stage.COMPLETE : Progress.Stage.STOPPED, steps, nanos.getAsLong()));
  }

  /** Shows the state if there is a change, and says after how long to ask again; -1 for never. */
  private synchronized long tick() {
    if (closed) {
      return -1;
    }
    long now = nanos.getAsLong();
    long steps = done.sum();
    String text = message;
    boolean changed = steps != shownDone || !text.equals(shownMessage);
    if (changed) {
      lastChange = now;
    }
    shownDone = steps;
    shownMessage = text;
    place.accept(state(Progress.Stage.RUNNING, steps, now));
    if (now - lastChange <= GIVEN_UP) {
      return changed ? FAST : SLOW;
    }
    // A step that saw a ticker counted before, so it is in the sum that is read here.
    ticker = null;
    if (done.sum() != steps || !message.equals(text)) {
      startTicker();
    }
    return -1;
  }

  private Progress state(Progress.Stage stage, long steps, long now) {
    return new Progress(what, steps, total, now - begin, message, stage);
  }

  /**
   * A thread of this bar alone: it belongs to the cell that made the bar, and so does what it
   * shows. There is none when no bar is open.
   */
  private synchronized void startTicker() {
    if (closed || ticker != null) {
      return;
    }
    Thread thread = new Thread(new Ticker(new WeakReference<>(this)), "progress: " + what);
    thread.setDaemon(true);
    ticker = thread;
    thread.start();
  }

  /** Knows its bar weakly, so that a bar that nobody closed ends with the work that it was for. */
  private record Ticker(WeakReference<ProgressBar> bar) implements Runnable {
    @Override
    public void run() {
      long wait = FAST;
      while (wait > 0) {
        LockSupport.parkNanos(wait);
        if (Thread.interrupted()) {
          stop(); // With the cell that it belongs to; parking would not wait any more.
          return;
        }
        wait = ask();
      }
    }

    private void stop() {
      ProgressBar here = bar.get();
      try {
        if (here != null) {
          here.close();
        }
      } catch (RuntimeException e) {
        // It can not be shown any more.
      }
    }

    private long ask() {
      ProgressBar here = bar.get();
      try {
        return here == null ? -1 : here.tick();
      } catch (RuntimeException e) {
        return -1; // It can not be shown any more; the work goes on.
      }
    }
  }

  /** One display, changed in place. */
  private static final class InNotebook implements Consumer<Progress> {
    private final Notebook notebook;
    private Notebook.@Nullable Handle handle;

    InNotebook(Notebook notebook) {
      this.notebook = notebook;
    }

    @Override
    public void accept(Progress state) {
      if (handle == null) {
        handle = notebook.display(state.bundle());
      } else {
        handle.update(state.bundle());
      }
    }
  }
}
