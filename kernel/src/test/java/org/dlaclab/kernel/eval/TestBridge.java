package org.dlaclab.kernel.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/** What cells of tests reach in the test. */
@SuppressWarnings("NullAway.Init")
public final class TestBridge {
  public static volatile Evaluator evaluator;
  public static volatile InheritableThreadLocal<String> local;

  static volatile boolean released;
  static volatile boolean wasAsked;

  private TestBridge() {}

  /** A library that ends between two steps when its thread is interrupted, with what it has. */
  public static List<Integer> trainUntilInterrupted() {
    List<Integer> epochs = new ArrayList<>();
    while (!Thread.interrupted()) {
      epochs.add(epochs.size());
      LockSupport.parkNanos(1_000_000);
    }
    return epochs;
  }

  /** A library that is asked to end, and whose steps take longer than a cell waits otherwise. */
  public static List<Integer> trainUntilAsked() {
    CountDownLatch asked = new CountDownLatch(1);
    Runnable ended = Evaluator.onInterrupt(asked::countDown);
    try {
      List<Integer> epochs = new ArrayList<>();
      while (asked.getCount() > 0) {
        epochs.add(epochs.size());
        LockSupport.parkNanos(1_000_000);
      }
      long end = System.nanoTime() + 1_500_000_000L; // More than Cell.PATIENCE_MILLIS.
      while (System.nanoTime() < end && !Thread.currentThread().isInterrupted()) {
        Thread.onSpinWait();
      }
      return epochs;
    } finally {
      ended.run();
    }
  }

  /** A library that is asked to end, and does not. */
  public static void neverEndsThoughAsked() throws InterruptedException {
    Runnable ended = Evaluator.onInterrupt(() -> wasAsked = true);
    try {
      new CountDownLatch(1).await();
    } finally {
      ended.run();
    }
  }

  /** A library that neither waits nor calls back. */
  public static void deaf() {
    while (!released) {
      Thread.onSpinWait();
    }
  }
}
