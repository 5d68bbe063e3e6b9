package org.dlaclab.progress;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a terminal shows of long work: a bar, which is one line that goes in the end, and lines of
 * news above it, which stay. Work inside of other work stands behind it in the same line.
 */
final class Terminal {
  private static final String TAKE_AWAY = "\r\033[K";

  /**
   * Where {@code dlac.progress} is {@code true}, with the bar; where it is {@code lines}, such as
   * for a log, without.
   */
  static final Terminal STANDARD_ERROR = new Terminal(System.err);

  private final PrintStream out;

  /** Of work that goes on, the outermost first: they share the line. */
  private final List<Bar> bars = new ArrayList<>();

  /** The line of bars as it stands; empty for none. */
  private String bar = "";

  Terminal(PrintStream out) {
    this.out = out;
  }

  static boolean hasBar() {
    return Boolean.getBoolean("dlac.progress");
  }

  static boolean isLive() {
    return hasBar() || "lines".equals(System.getProperty("dlac.progress"));
  }

  Progress.Display progress(String what, long total) {
    return new Bar(what, total);
  }

  Live.Display live() {
    return new Lines();
  }

  private synchronized void draw(Bar work) {
    if (!bars.contains(work)) {
      bars.add(work);
    }
    bars();
  }

  private synchronized void end(Bar work) {
    bars.remove(work);
    bars();
  }

  private void bars() {
    bar(shortened(bars.stream().map(work -> work.text).collect(Collectors.joining(" | "))));
  }

  private void bar(String text) {
    if (!bar.isEmpty() || !text.isEmpty()) {
      out.print(TAKE_AWAY + text);
      out.flush();
    }
    bar = text;
  }

  synchronized void line(String text) {
    out.print(bar.isEmpty() ? text + "\n" : TAKE_AWAY + text + "\n" + bar);
    out.flush();
  }

  /** Done and total, rate, the time that is left, and a note. */
  private final class Bar implements Progress.Display {
    private final String what;
    private final long total;
    private String text = "";

    Bar(String what, long total) {
      this.what = what;
      this.total = total;
    }

    @Override
    public void show(long done, double seconds, String note) {
      text =
          String.format(
              Locale.ROOT,
              "%s: %,d of %,d%s%s",
              what,
              done,
              total,
              done == 0
                  ? ""
                  : ", " + rate(done / seconds) + ", " + left((total - done) * seconds / done),
              note.isEmpty() ? "" : ", " + note);
      draw(this);
    }

    @Override
    public void end(long done) {
      Terminal.this.end(this);
    }
  }

  /** What wraps can not be taken away. */
  private static String shortened(String line) {
    int columns = Integer.getInteger("dlac.columns", 0);
    return columns > 1 && line.length() >= columns ? line.substring(0, columns - 1) : line;
  }

  private static String rate(double perSecond) {
    return perSecond < 0.1
        ? String.format(Locale.ROOT, "%.0f s each", 1 / perSecond)
        : String.format(Locale.ROOT, perSecond < 100 ? "%.2f/s" : "%,.0f/s", perSecond);
  }

  /**
   * As fine as an estimate can be: {@code 44 s left}, {@code 12 min left}, {@code 1 h 12 min left}.
   */
  static String left(double seconds) {
    long whole = Math.round(seconds);
    long minutes = Math.round(seconds / 60);
    long hours = Math.round(seconds / 3_600);
    if (whole < 100) {
      return whole + " s left";
    }
    if (minutes < 60) {
      return minutes + " min left";
    }
    return hours < 48
        ? minutes / 60 + " h " + minutes % 60 + " min left"
        : hours / 24 + " d " + hours % 24 + " h left";
  }

  private final class Lines implements Live.Display {
    @Override
    public void show(Supplier<?> value, String line) {
      line(line);
    }

    @Override
    public void end(@Nullable Supplier<?> last) {
      // Lines stay.
    }
  }
}
