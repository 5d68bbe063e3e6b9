package org.dlaclab.progress;

import java.io.PrintStream;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * One line that tells how far long work is: done and total, rate, and the time that is left. It
 * shows after a second, in place, and is gone when the work ends; short work shows nothing.
 *
 * <p>It goes to standard error if the system property {@code dlac.progress} is {@code true}, which
 * the launcher sets where standard error is a terminal: a JVM cannot tell.
 */
public final class Progress implements AutoCloseable {
  private static final long FIRST = 1_000_000_000L;
  private static final long BETWEEN = 200_000_000L;

  private final String what;
  private final long total;
  private final PrintStream out;
  private final LongSupplier nanos;
  private final boolean on;
  private final long begin;
  private long done;
  private long last;
  private boolean shown;

  /**
   * Work of {@code total} steps that begins now.
   *
   * @param what the work, as the user knows it
   */
  public static Progress of(String what, long total) {
    return new Progress(
        what, total, System.err, System::nanoTime, Boolean.getBoolean("dlac.progress"));
  }

  Progress(String what, long total, PrintStream out, LongSupplier nanos, boolean on) {
    this.what = what;
    this.total = total;
    this.out = out;
    this.nanos = nanos;
    this.on = on;
    this.begin = nanos.getAsLong();
  }

  /** One more step is done. */
  public void step() {
    done++;
    long now = nanos.getAsLong();
    if (!on || now - begin < FIRST || (shown && now - last < BETWEEN)) {
      return;
    }
    shown = true;
    last = now;
    double seconds = (now - begin) / 1e9;
    out.print(
        String.format(
            Locale.ROOT,
            "\r\033[K%s: %,d of %,d, %s/s, %.0f s left",
            what,
            done,
            total,
            rate(done / seconds),
            (total - done) * seconds / done));
    out.flush();
  }

  private static String rate(double perSecond) {
    return String.format(Locale.ROOT, perSecond < 100 ? "%.2f" : "%,.0f", perSecond);
  }

  /** Takes the line away. */
  @Override
  public void close() {
    if (shown) {
      out.print("\r\033[K");
      out.flush();
    }
  }
}
