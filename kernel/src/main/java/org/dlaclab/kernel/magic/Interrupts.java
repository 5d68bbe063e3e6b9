package org.dlaclab.kernel.magic;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;

/** What runs now and how to end it. */
final class Interrupts {
  private final Map<Object, Runnable> running = new ConcurrentHashMap<>();

  /**
   * Does some work that an interrupt ends.
   *
   * @param end makes the work return or throw soon; called from another thread, at most once
   * @throws InterruptedException if it was interrupted, however the work then ended
   */
  <T> T during(Runnable end, Callable<T> work) throws Exception {
    Object key = new Object();
    running.put(key, end);
    try {
      T result = work.call();
      if (!running.containsKey(key)) {
        throw new InterruptedException();
      }
      return result;
    } catch (Exception e) {
      if (!running.containsKey(key)) {
        throw (InterruptedException) new InterruptedException().initCause(e);
      }
      throw e;
    } finally {
      running.remove(key);
    }
  }

  void interrupt() {
    for (Object key : List.copyOf(running.keySet())) {
      Runnable end = running.remove(key);
      if (end != null) {
        end.run();
      }
    }
  }
}
