package org.dlaclab.progress;

import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Whether a user wants long work to end. The work asks between its steps, and then returns what it
 * has:
 *
 * <pre>{@code
 * return Stop.listening(
 *     stop -> {
 *       while (epochs < wanted && !stop.asked()) {
 *         step();
 *       }
 *       return trained();
 *     });
 * }</pre>
 *
 * <p>A user asks by an interrupt of the notebook's cell, by Ctrl-C in {@code ./dlac shell}, by an
 * interrupt of the thread that called, or by the end of the JVM, such as by Ctrl-C in {@code ./dlac
 * run}: it waits ten seconds for work that wants to store something. Who asks a second time gets
 * his thread back at once, and the work goes on alone until it asks.
 */
public final class Stop {
  /** What users are told where they see progress. */
  public static final String STOPPING =
      "stopping when the step that runs has ended, with what there is; a second time stops at once,"
          + " with nothing";

  private static final long PATIENCE_SECONDS = 10;

  private static final String ENDING =
      "stopping when the step that runs has ended, in at most " + PATIENCE_SECONDS + " s";

  /** Where users ask, beside interrupts: given how to ask, returns how to say that it ended. */
  private static volatile Function<Runnable, Runnable> place = ask -> () -> {};

  private static final ThreadLocal<@Nullable Stop> CURRENT = new ThreadLocal<>();

  private volatile boolean asked;

  /** The JVM ends: nothing that comes after the work may begin. */
  private volatile boolean jvmEnds;

  private Stop() {}

  /** From now on, work is also asked to stop by this: see {@link #listening}. */
  public static void hearBy(Function<Runnable, Runnable> place) {
    Stop.place = place;
  }

  /** Whether the work should end now, and return what it has. */
  public boolean asked() {
    return asked || Thread.currentThread().isInterrupted();
  }

  /**
   * Runs work that ends when a user asks it to. It runs on a thread of its own, which nothing
   * interrupts while it computes or stores; work inside of such work shares its thread and its
   * stop.
   *
   * @return what the work returns, complete or not
   */
  public static <T extends @Nullable Object> T listening(Function<Stop, T> work) {
    Stop outer = CURRENT.get();
    return outer == null ? new Stop().run(work) : work.apply(outer);
  }

  private <T extends @Nullable Object> T run(Function<Stop, T> work) {
    FutureTask<T> task =
        new FutureTask<>(
            () -> {
              CURRENT.set(this);
              return work.apply(this);
            });
    Thread caller = Thread.currentThread();
    Thread worker = new Thread(task, caller.getName() + "-work");
    worker.setDaemon(true);
    Thread atExit = new Thread(() -> end(task), worker.getName() + "-end");
    boolean guarded = guard(() -> Runtime.getRuntime().addShutdownHook(atExit));
    Runnable ended = place.apply(() -> ask(STOPPING));
    try {
      worker.start();
      return await(task);
    } finally {
      ended.run();
      if (guarded) {
        guard(() -> Runtime.getRuntime().removeShutdownHook(atExit));
      }
    }
  }

  /** False if the JVM ends already. */
  private static boolean guard(Runnable change) {
    try {
      change.run();
      return true;
    } catch (IllegalStateException e) {
      return false;
    }
  }

  /** A user who sees nothing happen would ask again, and lose what the work has. */
  private synchronized void ask(String told) {
    if (!asked && Terminal.isLive()) {
      Terminal.STANDARD_ERROR.line(told);
    }
    asked = true;
  }

  private void end(FutureTask<?> task) {
    jvmEnds = true;
    ask(ENDING);
    try {
      task.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      // Nobody is left who could be told.
    }
  }

  private <T extends @Nullable Object> T await(FutureTask<T> task) {
    boolean interrupted = false;
    boolean thrown = false;
    while (true) {
      try {
        T value = task.get();
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
        return returned(value);
      } catch (ExecutionException e) {
        throw ofCaller(e.getCause());
      } catch (InterruptedException e) {
        ask(STOPPING);
        if (interrupted) {
          Thread.currentThread().interrupt();
          throw new CancellationException("interrupted twice: what the work has is lost");
        }
        interrupted = true;
      } catch (Throwable e) {
        // JShell throws at the thread that waits here.
        ask(STOPPING);
        if (thrown) {
          throw e;
        }
        thrown = true;
      }
    }
  }

  private <T extends @Nullable Object> T returned(T value) {
    while (jvmEnds) {
      LockSupport.park(this);
    }
    return value;
  }

  /** What the work threw, with the frames of who called it: they say where the user stood. */
  private static RuntimeException ofCaller(@Nullable Throwable thrown) {
    if (thrown == null) {
      return new IllegalStateException("the work failed");
    }
    StackTraceElement[] here = new Throwable().getStackTrace();
    thrown.setStackTrace(
        Stream.concat(Stream.of(thrown.getStackTrace()), Stream.of(here))
            .toArray(StackTraceElement[]::new));
    if (thrown instanceof Error error) {
      throw error;
    }
    return thrown instanceof RuntimeException runtime
        ? runtime
        : new IllegalStateException(thrown.toString(), thrown);
  }
}
