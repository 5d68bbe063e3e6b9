package org.dlaclab.kernel.session;

import com.google.gson.JsonObject;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import org.dlaclab.kernel.protocol.Message;
import org.jspecify.annotations.Nullable;

/**
 * A request that runs code: what its output is attributed to. Each thread knows the cell that
 * started it, by inheritance.
 */
final class Cell {
  private static final InheritableThreadLocal<@Nullable Cell> OF_THREAD =
      new InheritableThreadLocal<>();
  private static volatile @Nullable Cell latest;

  private final Message request;
  private final String key;
  private final CellText text;

  Cell(Message request, CellText text) {
    this.request = request;
    this.text = text;
    // JupyterLab names its cells; elsewhere the same code is taken for the same cell.
    String code = Json.text(request.content(), "code", "");
    this.key = Json.text(request.metadata(), "cellId", code);
  }

  /**
   * From now on, what this thread and the threads that it starts print and show belongs to the
   * cell.
   */
  void enter() {
    OF_THREAD.set(this);
    latest = this;
  }

  /** This thread prints for nobody in particular again. */
  static void leave() {
    OF_THREAD.remove();
  }

  /** The kernel closes: nobody sees any more what is printed for a cell. */
  static void forgetLatest() {
    latest = null;
  }

  /**
   * The cell that started the current thread. Threads of the common pool, which outlive the cell
   * that happened to need them first, and threads that no cell started work for the cell that began
   * last.
   */
  static @Nullable Cell current() {
    Cell own = OF_THREAD.get();
    return own == null || isShared(Thread.currentThread()) ? latest : own;
  }

  private static boolean isShared(Thread thread) {
    return thread instanceof ForkJoinWorkerThread worker
        && worker.getPool() == ForkJoinPool.commonPool();
  }

  Message request() {
    return request;
  }

  /** The header that outputs name as their parent. */
  JsonObject header() {
    return request.header();
  }

  /** What stays the same when the cell runs again. */
  String key() {
    return key;
  }

  /** What it prints. */
  CellText text() {
    return text;
  }

  boolean mayAsk() {
    return Json.flag(request.content(), "allow_stdin", false);
  }
}
