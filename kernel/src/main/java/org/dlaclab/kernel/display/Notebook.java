package org.dlaclab.kernel.display;

import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The notebook that code runs in: how values show, and where. A value that is a {@link Bundle}
 * shows as it is.
 */
public interface Notebook {
  /** No notebook: all words work, as text on standard output. */
  static Notebook terminal() {
    return new Terminal();
  }

  /**
   * From now on, values of a type and of its subtypes show like this. The nearest type wins, then
   * the newest.
   */
  <T> void show(Class<T> type, Function<? super T, Bundle> how);

  /** Shows a value below the cell that asks for it. */
  default Handle display(@Nullable Object value) {
    return display(value, UUID.randomUUID().toString());
  }

  /** Shows a value under a name, so that it can be changed from any cell. */
  Handle display(@Nullable Object value, String id);

  /** Shows another value wherever something of this name is shown. */
  void update(@Nullable Object value, String id);

  /**
   * Takes away what the cell has shown so far.
   *
   * @param waitForNext only when there is something new to show, so that nothing flickers
   */
  void clearOutput(boolean waitForNext);

  /**
   * Asks the user for a line.
   *
   * @param prompt what to enter
   * @param password whether what is typed stays hidden
   */
  String input(String prompt, boolean password);

  /**
   * A bar that tells how far long work is, below the cell that asks for it.
   *
   * @param what the work, as the user knows it
   * @param total steps; -1 if it is not known
   */
  default ProgressBar progress(String what, long total) {
    return ProgressBar.in(this, what, total);
  }

  /**
   * For long work that ends by itself when a user interrupts its cell, and returns what it has: the
   * cell waits for it, keeps what its statement returns, and ends after that statement. A second
   * interrupt, two seconds later or more, ends it like any other work.
   *
   * @param ask asks the work to end: called at most once, from any thread
   * @return to be called when the work has ended
   */
  default Runnable onInterrupt(Runnable ask) {
    return () -> {};
  }

  /** Something shown, which can be changed in place. */
  interface Handle {
    /** Its name. */
    String id();

    /** Shows another value in its place, wherever it is shown. */
    void update(@Nullable Object value);
  }
}
