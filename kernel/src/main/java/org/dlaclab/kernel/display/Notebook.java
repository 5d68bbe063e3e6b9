package org.dlaclab.kernel.display;

import java.util.function.Function;

/** The notebook that code runs in: how values show, and where. */
public interface Notebook {
  /**
   * From now on, values of a type and of its subtypes show like this. The nearest type wins, then
   * the newest.
   */
  <T> void show(Class<T> type, Function<? super T, Bundle> how);

  /** Shows a value below the cell that asks for it. */
  Handle display(Object value);

  /** Shows a value under a name, so that it can be changed from any cell. */
  Handle display(Object value, String id);

  /**
   * Takes away what the cell has shown so far.
   *
   * @param waitForNext only when there is something new to show, so that nothing flickers
   */
  void clearOutput(boolean waitForNext);

  /** Something shown, which can be changed in place. */
  interface Handle {
    /** Its name. */
    String id();

    /** Shows another value in its place, wherever it is shown. */
    void update(Object value);
  }
}
