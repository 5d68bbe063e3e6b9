package org.dlaclab.kernel.session;

/** Threads of the kernel: they hold up no exit, and belong to no cell, whoever starts them. */
final class Daemon {
  private Daemon() {}

  static Thread of(String name, Runnable task) {
    Thread thread = new Thread(null, task, name, 0, false);
    thread.setDaemon(true);
    return thread;
  }
}
