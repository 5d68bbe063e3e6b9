package org.dlaclab.kernel.magic;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What {@code %timeit} measured. It is public only because the code of cells, with the loop to
 * measure, lives in another package.
 */
public final class Benchmark {
  private static final double WARM_UP = 0.5e9;
  private static final double RUN = 0.1e9;

  private final long loops;

  /** What the code took once, by run, fastest first. */
  private final double[] nanos;

  private Benchmark(long loops, double[] nanos) {
    this.loops = loops;
    this.nanos = nanos;
  }

  /** Code in a loop. */
  @FunctionalInterface
  public interface Loop {
    /** Runs the code so often and hands on each value. */
    void run(long loops, Sink to) throws Throwable;
  }

  /** Where values go, so that no compiler may take them for unused. */
  public static final class Sink {
    private static final VarHandle LAST;
    private static final VarHandle BITS;

    static {
      try {
        MethodHandles.Lookup lookup = MethodHandles.lookup();
        LAST = lookup.findVarHandle(Sink.class, "last", Object.class);
        BITS = lookup.findVarHandle(Sink.class, "bits", long.class);
      } catch (ReflectiveOperationException e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    @SuppressWarnings("UnusedVariable")
    private volatile @Nullable Object last;

    @SuppressWarnings("UnusedVariable")
    private volatile long bits;

    private Sink() {}

    /** Takes an object. */
    public void take(@Nullable Object value) {
      LAST.setRelease(this, value);
      VarHandle.acquireFence(); // What the next loop reads must be read anew.
    }

    /** Takes a whole number or a character. */
    public void take(long value) {
      BITS.setRelease(this, value);
      VarHandle.acquireFence();
    }

    /** Takes a fraction. */
    public void take(double value) {
      take(Double.doubleToRawLongBits(value));
    }

    /** Takes a truth value. */
    public void take(boolean value) {
      take(value ? 1L : 0L);
    }
  }

  /**
   * Measures a loop.
   *
   * @param loops how often per run; 0 for as often as makes a run long enough
   */
  public static Benchmark measure(long runs, long loops, Loop loop) throws Throwable {
    Sink sink = new Sink();
    long chosen = loops > 0 ? loops : 1;
    double total = 0;
    double once;
    do {
      once = time(chosen, loop, sink);
      total += once;
      if (loops == 0 && once < RUN) {
        double fitting = chosen * RUN / Math.max(once, 1);
        chosen = Math.max(chosen, (long) Math.min(fitting, chosen * 10.0));
      }
    } while (total < WARM_UP);
    double[] nanos = new double[Math.toIntExact(runs)];
    for (int run = 0; run < nanos.length; run++) {
      nanos[run] = time(chosen, loop, sink) / chosen;
    }
    Arrays.sort(nanos);
    return new Benchmark(chosen, nanos);
  }

  private static double time(long loops, Loop loop, Sink sink) throws Throwable {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    long start = System.nanoTime();
    loop.run(loops, sink);
    return System.nanoTime() - start;
  }

  private double median() {
    int middle = nanos.length / 2;
    return nanos.length % 2 == 1 ? nanos[middle] : (nanos[middle - 1] + nanos[middle]) / 2;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s median, %s best, %s worst; %,d %s of %,d %s (after warm-up; not JMH)",
        Amount.time(median()),
        Amount.time(nanos[0]),
        Amount.time(nanos[nanos.length - 1]),
        nanos.length,
        nanos.length == 1 ? "run" : "runs",
        loops,
        loops == 1 ? "loop" : "loops");
  }
}
