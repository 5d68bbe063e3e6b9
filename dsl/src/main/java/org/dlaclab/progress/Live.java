package org.dlaclab.progress;

import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A value that is shown while long work goes on, and replaced in place when it has changed:
 *
 * <pre>{@code
 * try (Live live = Live.of("training lenet5")) {
 *   for (int epoch = 1; epoch <= epochs; epoch++) {
 *     train();
 *     live.show(this::curves, "epoch " + epoch + ": error 10.2 %");
 *   }
 * }
 * }</pre>
 *
 * <p>A notebook shows the value, at most about once a second, and keeps the last one. A terminal
 * shows the lines, above the bar of {@link Progress}, which see for what counts as a terminal.
 * Elsewhere nothing is shown.
 */
public final class Live implements AutoCloseable {
  /** What shows some work; null where nobody looks. */
  private static volatile @Nullable Function<String, Display> place =
      Terminal.isLive() ? what -> Terminal.STANDARD_ERROR.live() : null;

  /** The place where a user sees the values of some work. */
  public interface Display {
    /**
     * There is a newer value.
     *
     * @param value gives it; called at once or never
     * @param line the news in short
     */
    void show(Supplier<?> value, String line);

    /**
     * The work has ended: the last value stays.
     *
     * @param last gives it; null if there was none
     */
    void end(@Nullable Supplier<?> last);
  }

  private final @Nullable Display display;
  private @Nullable Supplier<?> last;
  private boolean closed;

  Live(@Nullable Display display) {
    this.display = display;
  }

  /**
   * A view of work that begins now.
   *
   * @param what the work, as the user knows it
   */
  public static Live of(String what) {
    Function<String, Display> where = place;
    return new Live(where == null ? null : where.apply(what));
  }

  /** From now on, live values show by this, made of the name of the work; by null, nowhere. */
  public static void showBy(@Nullable Function<String, Display> place) {
    Live.place = place;
  }

  /**
   * There is something new.
   *
   * @param value the value now; called on this thread, where and when it is shown, the last one
   *     also by {@link #close}
   * @param line the news in short, for a terminal
   */
  public void show(Supplier<?> value, String line) {
    if (display != null && !closed) {
      last = value;
      display.show(value, line);
    }
  }

  /** The work has ended; the last value stays. */
  @Override
  public void close() {
    if (display != null && !closed) {
      closed = true;
      display.end(last);
    }
  }
}
