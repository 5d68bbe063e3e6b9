package org.dlaclab.kernel.eval;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import jdk.jshell.JShell;
import org.jspecify.annotations.Nullable;

/**
 * Runs cells in JShell, inside this JVM. All methods may be called from any thread: completion and
 * inspection answer while a cell runs, and a cell may evaluate further code.
 *
 * <p>A cell runs as a whole or, if its syntax is wrong anywhere, not at all. Only the value of its
 * last statement is an outcome; declarations and assignments have none. Methods and types may name
 * what comes later, in the same cell or in another one; but what can never come, or looks like a
 * slip, is an error.
 *
 * <p>The code of a cell can be interrupted anywhere. Code of libraries ends where it waits, where
 * it calls the cell, or, before JDK 20, anywhere; what still runs then is left behind.
 */
public final class Evaluator implements AutoCloseable {
  private static final int RESERVE = 8 << 20;

  private final List<String> startup;
  private final List<Path> classPath = new ArrayList<>();

  /** A cell comes before those that it evaluates. */
  private final List<Cell> running = new CopyOnWriteArrayList<>();

  /**
   * Held by whoever uses JShell, which keeps one state for analysis and evaluation alike; let go
   * while a cell's code runs.
   */
  private final ReentrantLock lock = new ReentrantLock();

  private final Sources sources = new Sources();
  private boolean sourcesKnown;

  private volatile Shell shell;

  private volatile byte[] reserve = new byte[RESERVE];

  /**
   * A new session.
   *
   * @param startup declarations and imports that each session begins with
   * @throws IllegalStateException if one of them fails
   */
  public Evaluator(List<String> startup) {
    this.startup = List.copyOf(startup);
    this.shell = start();
  }

  private Shell start() {
    Shell fresh = new Shell(lock, sources);
    fresh.addToClassPath(classPath);
    for (String line : startup) {
      Cell cell = new Cell(0, fresh.loader(), fresh::uncaught);
      lock.lock();
      try {
        Source source = new Source(0, line);
        // An import is one statement; anything else may be several.
        Outcome outcome =
            line.startsWith("import ")
                ? fresh.evaluateStatement(cell, source)
                : fresh.evaluate(cell, source);
        if (outcome instanceof Outcome.Failure failure) {
          fresh.close();
          throw new IllegalStateException(
              "what the session should begin with fails: "
                  + failure.error().name()
                  + ": "
                  + failure.error().value());
        }
      } finally {
        lock.unlock();
        cell.end();
      }
    }
    fresh.endStartup();
    return fresh;
  }

  /**
   * Runs a cell, statement by statement, on a thread of its own that inherits the caller's
   * inheritable thread locals. Text outside the part that is to run can be blanked with spaces, so
   * that lines and columns in errors stay true. A cell that calls this waits as any caller does.
   *
   * @param count the cell's number, as in {@code In [3]}
   * @param source the cell
   */
  public Outcome evaluate(int count, String source) {
    return evaluate(shell, new Source(count, source));
  }

  private Outcome evaluate(Shell shell, Source source) {
    Cell caller = Cell.current();
    if (caller == null) {
      return evaluate(shell, source, null);
    }
    caller.enterEvaluator();
    Outcome outcome;
    try {
      outcome = evaluate(shell, source, caller);
    } finally {
      caller.leaveEvaluator();
    }
    if (caller.isInterrupted()) {
      throw new CellInterrupted(); // It waited here: it must not go on with what came of that.
    }
    return outcome;
  }

  private Outcome evaluate(Shell shell, Source source, @Nullable Cell caller) {
    Cell cell = new Cell(source.count(), shell.loader(), shell::uncaught);
    running.add(cell);
    lock.lock();
    try {
      reserve();
      if (caller != null && caller.isInterrupted()) {
        cell.interrupt();
      }
      return shell.evaluate(cell, source);
    } catch (OutOfMemoryError | StackOverflowError e) {
      // Not of the cell, whose errors do not come here, but of the compiler.
      return new Outcome.Failure(ExceptionReport.of(e, Map.of()));
    } finally {
      lock.unlock();
      cell.end();
      running.remove(cell);
    }
  }

  /**
   * Keeps some memory back for the compiler: with it a cell can still be run after an earlier one
   * filled the memory, to free what it holds.
   */
  private void reserve() {
    Runtime runtime = Runtime.getRuntime();
    long free = runtime.maxMemory() - runtime.totalMemory() + runtime.freeMemory();
    if (free < RESERVE) {
      reserve = new byte[0];
    } else if (reserve.length == 0 && free > 4 * RESERVE) {
      reserve = new byte[RESERVE];
    }
  }

  /**
   * For long work of libraries, called by the code of a cell: it ends by itself when a user
   * interrupts the cell, and returns what it has until then. From then until it has ended, the cell
   * is let alone, unless it is interrupted once more, two seconds later or more. What the statement
   * returns is kept in its variable, and the cell ends after it.
   *
   * @param ask asks the work to end: called at most once, from another thread, and at once where
   *     the cell has been interrupted already
   * @return to be called when the work has ended
   */
  public static Runnable onInterrupt(Runnable ask) {
    Cell cell = Cell.current();
    return cell == null ? () -> {} : cell.onInterrupt(ask);
  }

  /**
   * Ends the cells that run now, as soon as it can; returns at once. Work that {@link #onInterrupt}
   * knows of is asked to end, and ended if it was asked two seconds ago or more.
   */
  public void interrupt() {
    running.forEach(Cell::interrupt);
  }

  /**
   * Runs code that calls the cell's code, such as the {@code toString} of a value, so that it can
   * be interrupted like the cell.
   *
   * @param count the cell's number
   * @return what the code returns; empty if it was interrupted
   */
  public <T> Optional<T> call(int count, Supplier<T> code) {
    Shell now = shell;
    Cell cell = new Cell(count, now.loader(), now::uncaught);
    running.add(cell);
    try {
      AtomicReference<@Nullable T> value = new AtomicReference<>();
      Cell.Result result =
          cell.run(
              () -> {
                value.set(code.get());
                return null;
              });
      // What an interrupted cell throws is how it ends.
      Throwable thrown = result == null || cell.isInterrupted() ? null : result.thrown();
      if (thrown instanceof RuntimeException e) {
        throw e;
      }
      if (thrown instanceof Error e) {
        throw e;
      }
      return Optional.ofNullable(value.get());
    } finally {
      cell.end();
      running.remove(cell);
    }
  }

  /** Whether code can run as it is. */
  public Completeness completeness(String code) {
    return locked(s -> CodeCompleteness.of(s.jshell(), code));
  }

  /** What may stand at the cursor (UTF-16 units). */
  public Completions complete(String code, int cursor) {
    knowSources();
    return shell.completion().complete(code, cursor);
  }

  /**
   * What is known of the name at the cursor (UTF-16 units).
   *
   * @param detail 0 or, for more, 1
   */
  public Optional<Inspection> inspect(String code, int cursor, int detail) {
    knowSources();
    return shell.inspection().inspect(code, cursor, detail);
  }

  /** Most sessions ask for a name's documentation late, or never. */
  private void knowSources() {
    synchronized (sources) {
      if (!sourcesKnown) {
        sourcesKnown = true;
        Pattern.compile(File.pathSeparator, Pattern.LITERAL)
            .splitAsStream(System.getProperty("java.class.path"))
            .filter(entry -> !entry.isBlank())
            .forEach(entry -> sources.add(Path.of(entry)));
      }
    }
  }

  /**
   * Jars and folders that cells see from now on, after all that they see already.
   *
   * @throws IllegalArgumentException if one of them does not exist
   */
  public void addToClassPath(List<Path> entries) {
    for (Path entry : entries) {
      if (!Files.exists(entry)) {
        throw new IllegalArgumentException(
            entry.toAbsolutePath() + " does not exist; the class path takes jars and folders");
      }
    }
    lock.lock();
    try {
      List<Path> fresh = entries.stream().map(Path::toAbsolutePath).distinct().toList();
      fresh = fresh.stream().filter(e -> !classPath.contains(e)).toList();
      shell.addToClassPath(fresh);
      classPath.addAll(fresh);
      fresh.forEach(sources::add);
    } finally {
      lock.unlock();
    }
  }

  /** Looks again for the sources of jars on the class path: they have come since. */
  public void addSources(List<Path> jars) {
    jars.forEach(jar -> sources.add(jar.toAbsolutePath()));
  }

  /** The loader of the cells' classes: it sees the JVM's class path and what was added to it. */
  public ClassLoader classLoader() {
    return shell.loader();
  }

  /** The variables that cells declared, oldest first, without temporaries such as {@code $1}. */
  public List<Variable> variables() {
    List<Shell.Read> read = locked(Shell::variables);
    List<@Nullable Object> values = new ArrayList<>();
    read.forEach(r -> values.add(r.value()));
    List<String> lines = Values.lines(values);
    return IntStream.range(0, read.size())
        .mapToObj(i -> new Variable(read.get(i).name(), read.get(i).type(), lines.get(i)))
        .toList();
  }

  /** Source of all that cells declared and is still valid, in order. */
  public List<String> declarations() {
    return locked(Shell::declarations);
  }

  /** The imports that each session begins with, as statements. */
  public List<String> imports() {
    return startup.stream().filter(line -> line.startsWith("import ")).toList();
  }

  /** Forgets all that cells declared; the class path stays. */
  public void reset() {
    lock.lock();
    try {
      Shell old = shell;
      shell = start();
      old.close();
    } finally {
      lock.unlock();
    }
  }

  /** The error that a cell shows for an exception thrown outside JShell, such as by a magic. */
  public ErrorReport report(int count, String source, Throwable thrown) {
    return locked(s -> s.report(thrown));
  }

  /** The session's JShell. To be used by tests, and while no cell runs. */
  JShell shell() {
    return shell.jshell();
  }

  private <T> T locked(Function<Shell, T> use) {
    lock.lock();
    try {
      return use.apply(shell);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    running.forEach(Cell::interruptForGood);
    lock.lock();
    try {
      shell.close();
      sources.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      lock.unlock();
    }
  }

  /**
   * A variable of a cell.
   *
   * @param type as declared or inferred
   * @param value as JShell shows it, cut to a line
   */
  public record Variable(String name, String type, String value) {}
}
