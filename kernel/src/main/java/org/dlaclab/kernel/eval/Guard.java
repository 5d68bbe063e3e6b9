package org.dlaclab.kernel.eval;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;

/**
 * What the compiled code of cells calls: {@link Weaver} puts these calls in. It is public only
 * because cells live in another package; nothing else should use it.
 */
public final class Guard {
  /** Cells that were interrupted and have threads that still run. */
  private static final Set<Cell> STOPPING = ConcurrentHashMap.newKeySet();

  /** Whether there are any: one read is all that a loop pays while nothing is interrupted. */
  private static volatile boolean stopping;

  private Guard() {}

  /** Called where a method begins and where a loop goes back: throws once the cell must end. */
  public static void check() {
    if (stopping) {
      throwIfStopped();
    }
  }

  /** In place of {@link System#exit}. */
  @SuppressWarnings("DoNotCallSuggester")
  public static void exit(int status) {
    throw refused(status);
  }

  /** In place of {@link Runtime#exit} and {@link Runtime#halt}. */
  @SuppressWarnings("DoNotCallSuggester")
  public static void exit(Runtime runtime, int status) {
    throw refused(status);
  }

  private static SecurityException refused(int status) {
    return new SecurityException(
        "a cell can not end the kernel with exit("
            + status
            + "); to end it, use the notebook's menu: Kernel, Shut Down");
  }

  private static void throwIfStopped() {
    Cell cell = Cell.current();
    if (cell != null && cell.mustEnd()) {
      throw new CellInterrupted();
    }
    // Workers of the common pool belong to no cell: they serve whichever cell asks. Cells that were
    // given up do not count, or no cell could use the pool until they end.
    if (Thread.currentThread() instanceof ForkJoinWorkerThread worker
        && worker.getPool() == ForkJoinPool.commonPool()
        && STOPPING.stream().anyMatch(c -> !c.isAbandoned())) {
      throw new CellInterrupted();
    }
  }

  static synchronized void stop(Cell cell) {
    STOPPING.add(cell);
    stopping = true;
  }

  static synchronized void ended(Cell cell) {
    STOPPING.remove(cell);
    stopping = !STOPPING.isEmpty();
  }
}
