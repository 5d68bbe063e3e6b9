package org.dlaclab.kernel.eval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One evaluation of a cell: the thread that its statements run on, and how it ends. The thread
 * starts with the first statement that runs.
 */
final class Cell {
  /** How long a cell has to end after an interrupt, before it is given up. */
  static final long PATIENCE_MILLIS = 850;

  /**
   * An interrupt that soon after the first says nothing new to work that was asked to end: the
   * kernel repeats it, and users click twice.
   */
  private static final long SAME_MILLIS = 2_000;

  private static final long LAST_RESORT_MILLIS = 400;

  private static final InheritableThreadLocal<@Nullable Cell> CURRENT =
      new InheritableThreadLocal<>();

  static {
    // A virtual thread is in no group of its cell.
    Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
    Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> uncaught(before, thread, thrown));
  }

  private final int count;
  private final ClassLoader loader;
  private final BiConsumer<Thread, Throwable> uncaught;

  /** Statements to run; empty for the end. */
  private final LinkedBlockingQueue<Optional<Runnable>> work = new LinkedBlockingQueue<>();

  private @Nullable ThreadGroup group;
  private @Nullable Thread thread;
  private boolean running;

  /** Threads of the cell that evaluate more code. */
  private final Set<Thread> evaluating = new HashSet<>();

  /** Ends work that wants to end by itself: what asks it to. */
  private final List<Runnable> asks = new ArrayList<>();

  private long interruptedAt;
  private boolean abandoned;
  private volatile boolean stopping;
  private volatile boolean interrupted;
  private StackTraceElement[] stoodAt = {};

  /**
   * @param uncaught is told of the exception that ends a thread which the cell started
   */
  Cell(int count, ClassLoader loader, BiConsumer<Thread, Throwable> uncaught) {
    this.count = count;
    this.loader = loader;
    this.uncaught = uncaught;
  }

  /** The cell that the current thread belongs to: it runs the cell, or was started by it. */
  static @Nullable Cell current() {
    return CURRENT.get();
  }

  private static void uncaught(
      Thread.@Nullable UncaughtExceptionHandler before, Thread thread, Throwable thrown) {
    Cell cell = CURRENT.get();
    if (cell != null) {
      cell.report(thread, thrown);
    } else if (before != null) {
      before.uncaughtException(thread, thrown);
    } else {
      System.err.print("Exception in thread " + thread.getName() + " ");
      thrown.printStackTrace();
    }
  }

  private void report(Thread thread, Throwable thrown) {
    if (!(thrown instanceof CellInterrupted || thrown instanceof InterruptedException)) {
      uncaught.accept(thread, thrown);
    }
  }

  /** How a statement ended: at most one of the two is not null. */
  record Result(@Nullable Object value, @Nullable Throwable thrown) {}

  /**
   * Runs a statement on the cell's thread and waits for it.
   *
   * @return null if the cell was interrupted before the statement began, or before it ended and it
   *     was given up
   */
  @Nullable Result run(Callable<@Nullable Object> statement) {
    Holder holder = new Holder();
    synchronized (this) {
      if (interrupted) {
        return null;
      }
      running = true;
      start();
    }
    work.add(
        Optional.of(
            () -> {
              Result result;
              Meter.Span span = Meter.running();
              try {
                result = new Result(statement.call(), null);
              } catch (Throwable e) {
                result = new Result(null, e);
              } finally {
                span.close();
              }
              finish(holder, result);
            }));
    boolean callerInterrupted = false;
    try {
      synchronized (this) {
        while (holder.result == null && !abandoned) {
          try {
            wait();
          } catch (InterruptedException e) {
            callerInterrupted = true;
          }
        }
        return holder.result;
      }
    } finally {
      if (callerInterrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Hands the result over, whatever is thrown at this thread meanwhile. */
  private void finish(Holder holder, Result result) {
    while (holder.result == null) {
      try {
        synchronized (this) {
          running = false;
          holder.result = result;
          notifyAll();
        }
      } catch (Throwable e) {
        // Thread.stop, meant for the statement.
      }
    }
  }

  private static final class Holder {
    volatile @Nullable Result result;
  }

  private void start() {
    if (thread == null) {
      group = new CellThreads("cell-" + count);
      thread = new Thread(group, this::work, "cell-" + count);
      thread.setDaemon(true);
      thread.setContextClassLoader(loader);
      thread.start();
    }
  }

  private void work() {
    CURRENT.set(this);
    while (true) {
      try {
        Optional<Runnable> next = work.take();
        if (next.isEmpty()) {
          return;
        }
        next.get().run();
      } catch (InterruptedException | CellInterrupted e) {
        // Meant for a statement that has ended meanwhile.
      }
    }
  }

  /** No more statements follow. */
  void end() {
    synchronized (this) {
      if (thread != null) {
        work.add(Optional.empty());
      }
    }
  }

  /**
   * Ends what runs, as soon as it can; returns at once. Work that wants to end by itself is asked
   * to, and may take its time; a later interrupt ends it like any other.
   */
  void interrupt() {
    interrupt(false);
  }

  /** Ends what runs, also work that would end by itself. */
  void interruptForGood() {
    interrupt(true);
  }

  private void interrupt(boolean forGood) {
    List<Runnable> first;
    synchronized (this) {
      long now = System.nanoTime();
      first = interrupted || forGood ? List.of() : List.copyOf(asks);
      boolean same = interrupted && now - interruptedAt < SAME_MILLIS * 1_000_000;
      if (!interrupted) {
        interruptedAt = now;
      }
      interrupted = true;
      if (thread == null || stopping || (same && !asks.isEmpty() && !forGood)) {
        return;
      }
      if (first.isEmpty()) {
        startStopping();
      } else if (running) {
        stoodAt = thread.getStackTrace();
      }
    }
    first.forEach(Runnable::run);
  }

  /**
   * Work in this cell ends by itself once it is asked to: until then, an interrupt leaves the cell
   * alone.
   *
   * @param ask called once if the cell is interrupted; at once if it has been
   * @return to be called when the work has ended
   */
  Runnable onInterrupt(Runnable ask) {
    boolean late;
    synchronized (this) {
      late = interrupted;
      asks.add(ask);
    }
    if (late) {
      ask.run();
    }
    return () -> ended(ask);
  }

  private synchronized void ended(Runnable ask) {
    asks.remove(ask);
    if (interrupted && asks.isEmpty() && !stopping) {
      startStopping();
    }
  }

  private synchronized void startStopping() {
    stopping = true;
    Guard.stop(this);
    Thread stopper = new Thread(null, this::stop, "stop-cell-" + count, 0, false);
    stopper.setDaemon(true);
    stopper.start();
  }

  /** Interrupts the cell's threads until they have gone. */
  private void stop() {
    long start = System.nanoTime();
    boolean first = true;
    while (true) {
      List<Thread> left = new ArrayList<>();
      synchronized (this) {
        if (first && running && thread != null) {
          // Work that was asked to end has told where it stood.
          stoodAt = stoodAt.length == 0 ? thread.getStackTrace() : stoodAt;
          first = false;
        }
        List<Thread> all = threads();
        // Its helpers too are let alone: it may wait for what they find.
        boolean initializing = all.stream().anyMatch(Cell::initializesLibrary);
        for (Thread t : all) {
          if (t != thread) {
            left.add(t);
          }
          if ((t != thread || running) && !evaluating.contains(t) && !initializing) {
            t.interrupt();
          }
        }
        long millis = (System.nanoTime() - start) / 1_000_000;
        boolean dead = thread != null && !thread.isAlive(); // Of Thread.stop, at a bad moment.
        if ((dead || millis > PATIENCE_MILLIS) && !abandoned) {
          abandoned = true;
          if (running && thread != null) {
            stoodAt = thread.getStackTrace();
          }
          notifyAll();
        } else if (millis > LAST_RESORT_MILLIS
            && running
            && thread != null
            && !evaluating.contains(thread)) {
          kill(thread);
        }
        boolean done = (!running || dead) && left.isEmpty();
        if (done) {
          Guard.ended(this);
          return;
        }
      }
      try {
        // Little by little longer: a thread that can not be stopped may run for hours.
        Thread.sleep(Math.min(1000, 5 + (System.nanoTime() - start) / 50_000_000));
      } catch (InterruptedException e) {
        // Nobody interrupts this thread.
      }
    }
  }

  /** A class of a library that fails to initialize stays broken for the whole session. */
  private static boolean initializesLibrary(Thread thread) {
    return Arrays.stream(thread.getStackTrace())
        .anyMatch(f -> f.getMethodName().equals("<clinit>") && !ExceptionReport.isInCell(f));
  }

  /** The last resort for loops in libraries, while the JDK has it. */
  @SuppressWarnings({"removal", "deprecation"})
  private static void kill(Thread thread) {
    if (Runtime.version().feature() >= 20) {
      return; // It only throws there.
    }
    for (StackTraceElement frame : thread.getStackTrace()) {
      if (frame.getMethodName().equals("<clinit>")
          || frame.getClassName().startsWith("java.lang.ClassLoader")) {
        return; // A class that fails to initialize stays broken for all.
      }
    }
    thread.stop();
  }

  private List<Thread> threads() {
    ThreadGroup threads = group;
    if (threads == null) {
      return List.of();
    }
    Thread[] array = new Thread[threads.activeCount() + 16];
    int n = threads.enumerate(array);
    return new ArrayList<>(Arrays.asList(array).subList(0, n));
  }

  /** Whether a thread of this cell must end now. */
  boolean mustEnd() {
    return stopping;
  }

  /** Whether it did not end in time after an interrupt. */
  synchronized boolean isAbandoned() {
    return abandoned;
  }

  /** Whether a statement still runs although the cell was given up. */
  synchronized boolean stillRuns() {
    return abandoned && running && thread != null && thread.isAlive();
  }

  boolean isInterrupted() {
    return interrupted;
  }

  /** Where the cell's thread stood when it was interrupted, or was given up. */
  synchronized StackTraceElement[] stoodAt() {
    return stoodAt.clone();
  }

  /**
   * The current thread of the cell is about to evaluate more code, so it must not be interrupted:
   * an interrupted thread that reads a class file breaks the compiler for good.
   */
  synchronized void enterEvaluator() {
    evaluating.add(Thread.currentThread());
    Thread.interrupted();
  }

  synchronized void leaveEvaluator() {
    evaluating.remove(Thread.currentThread());
  }

  /** The threads that a cell starts. */
  private final class CellThreads extends ThreadGroup {
    CellThreads(String name) {
      super(name);
    }

    @Override
    public void uncaughtException(Thread thread, Throwable thrown) {
      report(thread, thrown);
    }
  }
}
