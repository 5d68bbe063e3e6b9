package org.dlaclab.progress;

import java.io.PrintStream;
import java.util.Locale;

/** One line of a terminal: done and total, rate, and the time that is left. It goes in the end. */
final class TerminalLine implements Progress.Display {
  private static final String TAKE_AWAY = "\r\033[K";

  private final String what;
  private final long total;
  private final PrintStream out;

  TerminalLine(String what, long total, PrintStream out) {
    this.what = what;
    this.total = total;
    this.out = out;
  }

  @Override
  public void show(long done, double seconds) {
    out.print(
        String.format(
            Locale.ROOT,
            "%s%s: %,d of %,d, %s/s, %.0f s left",
            TAKE_AWAY,
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

  @Override
  public void end(long done) {
    out.print(TAKE_AWAY);
    out.flush();
  }
}
