package org.dlaclab.kernel.display;

import java.util.function.Function;
import org.dflib.jjava.jupyter.kernel.display.Renderer;
import org.jspecify.annotations.Nullable;

/** How values show: a {@link Bundle} for each. */
public final class Displays {
  private final Renderer renderer = new Renderer();

  /** What is built in. */
  public Displays() {}

  /**
   * From now on, values of a type and of its subtypes show like this. The nearest type wins: the
   * class before a superclass before an interface. Then the newest.
   */
  public <T> void show(Class<T> type, Function<? super T, Bundle> how) {}

  /** Where libraries that were made for JJava say how their values show. */
  public Renderer renderer() {
    return renderer;
  }

  /**
   * A value in all its forms. It is empty for what should not show at all, such as a {@link
   * Notebook.Handle}, whose value is shown already.
   */
  public Bundle bundle(@Nullable Object value) {
    return Bundle.text(String.valueOf(value));
  }
}
