package org.dlaclab.kernel.eval;

import java.lang.management.ManagementFactory;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the code of cells takes while it runs, without what JShell takes to compile it. Whoever
 * wants to know evaluates inside {@link #measure}; the evaluator, on the thread that runs a
 * statement, runs it inside {@link #running}.
 */
public final class Meter {
  private static final InheritableThreadLocal<@Nullable Meter> CURRENT =
      new InheritableThreadLocal<>();

  private long statements;
  private long wallNanos;
  private long cpuNanos;
  private long userNanos;
  private long collectionMillis;
  private long allocatedBytes;

  /**
   * Some work and what it took.
   *
   * @param statements how many were run; 0 if the evaluator does not say, and then the rest is of
   *     the whole work, on the caller's thread
   * @param cpuNanos of the thread that ran them; -1 if not known, as for the next two
   * @param userNanos of these, outside of the operating system
   * @param allocatedBytes by that thread
   * @param collectionMillis that garbage collectors worked meanwhile
   */
  public record Usage<T>(
      T result,
      long statements,
      long wallNanos,
      long cpuNanos,
      long userNanos,
      long allocatedBytes,
      long collectionMillis) {}

  private Meter() {}

  /** Evaluates something and sums up what its statements took. */
  public static <T> Usage<T> measure(Supplier<T> evaluation) {
    Meter meter = new Meter();
    Meter whole = new Meter();
    Meter outer = CURRENT.get();
    CURRENT.set(meter);
    T result;
    try {
      result = whole.running(evaluation);
    } finally {
      CURRENT.set(outer);
    }
    return meter.statements > 0 ? meter.usage(result, meter.statements) : whole.usage(result, 0);
  }

  /**
   * Measures from now on, on the thread that runs a statement, until the span is closed; does
   * nothing where nobody wants to know.
   */
  public static Span running() {
    Meter meter = CURRENT.get();
    return meter == null ? () -> {} : meter.span();
  }

  /** A time that is measured. */
  @FunctionalInterface
  public interface Span extends AutoCloseable {
    @Override
    void close();
  }

  private <T> T running(Supplier<T> work) {
    Span span = span();
    try {
      return work.get();
    } finally {
      span.close();
    }
  }

  private Span span() {
    Readings before = Readings.now();
    return () -> add(before, Readings.now());
  }

  private synchronized void add(Readings before, Readings after) {
    statements++;
    wallNanos += after.wall - before.wall;
    cpuNanos = sum(cpuNanos, before.cpu, after.cpu);
    userNanos = sum(userNanos, before.user, after.user);
    allocatedBytes = sum(allocatedBytes, before.allocated, after.allocated);
    collectionMillis += after.collections - before.collections;
  }

  private static long sum(long total, long before, long after) {
    return total < 0 || before < 0 || after < 0 ? -1 : total + after - before;
  }

  private synchronized <T> Usage<T> usage(T result, long counted) {
    // Clocks for user time tick so slowly that it can seem longer than both together.
    return new Usage<>(
        result,
        counted,
        wallNanos,
        cpuNanos,
        Math.min(userNanos, cpuNanos),
        allocatedBytes,
        collectionMillis);
  }

  private record Readings(long wall, long cpu, long user, long allocated, long collections) {
    static Readings now() {
      var threads = ManagementFactory.getThreadMXBean();
      boolean cpu = threads.isCurrentThreadCpuTimeSupported() && threads.isThreadCpuTimeEnabled();
      long allocated =
          threads instanceof com.sun.management.ThreadMXBean more
                  && more.isThreadAllocatedMemorySupported()
                  && more.isThreadAllocatedMemoryEnabled()
              ? more.getCurrentThreadAllocatedBytes()
              : -1;
      long collections = 0;
      for (var collector : ManagementFactory.getGarbageCollectorMXBeans()) {
        collections += Math.max(0, collector.getCollectionTime());
      }
      return new Readings(
          System.nanoTime(),
          cpu ? threads.getCurrentThreadCpuTime() : -1,
          cpu ? threads.getCurrentThreadUserTime() : -1,
          allocated,
          collections);
    }
  }
}
