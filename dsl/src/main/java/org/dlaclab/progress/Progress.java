package org.dlaclab.progress;

import java.util.function.BiFunction;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How far long work is: it shows after a second, in place; short work shows nothing.
 *
 * <p>It shows as a line on standard error if the system property {@code dlac.progress} is {@code
 * true}, which the launcher sets where standard error is a terminal: a JVM cannot tell. For a log,
 * {@code lines} shows the lines of {@link Live} alone. A notebook shows it in its own way, see
 * {@link #showBy}.
 */
public final class Progress implements AutoCloseable {
  private static final long FIRST = 1_000_000_000L;
  private static final long BETWEEN = 200_000_000L;

  /** What shows the progress of some work; null where nobody looks. */
  private static volatile @Nullable BiFunction<String, Long, Display> place =
      Terminal.hasBar() ? Terminal.STANDARD_ERROR::progress : null;

  /** The progress of some work where a user sees it, from when it turns out to be long. */
  public interface Display {
    /**
     * Shows how far the work is.
     *
     * @param done steps
     * @param seconds since the work began
     * @param note what {@link Progress#note} said last, or empty
     */
    void show(long done, double seconds, String note);

    /** The work has ended, complete or not. */
    void end(long done);
  }

  private final String what;
  private final long total;
  private final LongSupplier nanos;
  private final @Nullable BiFunction<String, Long, Display> where;
  private final long begin;
  private long done;
  private long last;
  private String note = "";
  private @Nullable Display display;

  /**
   * Work of {@code total} steps that begins now.
   *
   * @param what the work, as the user knows it
   */
  public static Progress of(String what, long total) {
    return new Progress(what, total, place, System::nanoTime);
  }

  /**
   * From now on, all progress shows by this, made of the name of the work and its steps; by null,
   * nowhere.
   */
  public static void showBy(@Nullable BiFunction<String, Long, Display> place) {
    Progress.place = place;
  }

  Progress(
      String what,
      long total,
      @Nullable BiFunction<String, Long, Display> where,
      LongSupplier nanos) {
    this.what = what;
    this.total = total;
    this.where = where;
    this.nanos = nanos;
    this.begin = nanos.getAsLong();
  }

  /**
   * What the work says of itself, such as {@code loss 0.31, error 10.2 %}; it stands behind the
   * rate from the next step on.
   */
  public void note(String text) {
    note = text;
  }

  /** Shows at once how far the work is: for work of few steps, each of which takes long. */
  public void now() {
    if (where != null) {
      show(nanos.getAsLong(), where);
    }
  }

  /** One more step is done. */
  public void step() {
    done++;
    long now = nanos.getAsLong();
    if (where == null || now - begin < FIRST || (display != null && now - last < BETWEEN)) {
      return;
    }
    show(now, where);
  }

  private void show(long now, BiFunction<String, Long, Display> shownBy) {
    last = now;
    if (display == null) {
      display = shownBy.apply(what, total);
    }
    display.show(done, (now - begin) / 1e9, note);
  }

  /** The work has ended. */
  @Override
  public void close() {
    if (display != null) {
      display.end(done);
      display = null;
    }
  }
}
