package org.dlaclab.kernel.display;

import java.util.List;

/**
 * What a library on the class path adds to the kernel, found by {@link java.util.ServiceLoader}:
 * how its values show, and what a cell may use without an import. Libraries made for JJava ({@code
 * org.dflib.jjava.jupyter.Extension}) work as well.
 */
public interface DisplayProvider {
  /** Called once, before the first cell. */
  void install(Notebook notebook);

  /** Import declarations, one a line, as a cell would write them. */
  default List<String> imports() {
    return List.of();
  }
}
