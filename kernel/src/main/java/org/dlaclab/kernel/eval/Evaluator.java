package org.dlaclab.kernel.eval;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Runs cells in JShell, inside this JVM. All methods may be called from any thread: completion and
 * inspection answer while a cell runs, and a cell may evaluate further code.
 */
@SuppressWarnings("DoNotCallSuggester")
public final class Evaluator implements AutoCloseable {
  /**
   * A new session.
   *
   * @param startup declarations and imports that each session begins with
   */
  public Evaluator(List<String> startup) {
    throw new UnsupportedOperationException();
  }

  /**
   * Runs a cell, statement by statement, on a thread of its own that inherits the caller's
   * inheritable thread locals. Text outside the part that is to run can be blanked with spaces, so
   * that lines and columns in errors stay true.
   *
   * @param count the cell's number, as in {@code In [3]}
   * @param source the cell
   */
  public Outcome evaluate(int count, String source) {
    throw new UnsupportedOperationException();
  }

  /** Ends the cells that run now, as soon as it can; returns at once. */
  public void interrupt() {
    throw new UnsupportedOperationException();
  }

  /** Whether code can run as it is. */
  public Completeness completeness(String code) {
    throw new UnsupportedOperationException();
  }

  /** What may stand at the cursor (UTF-16 units). */
  public Completions complete(String code, int cursor) {
    throw new UnsupportedOperationException();
  }

  /**
   * What is known of the name at the cursor (UTF-16 units).
   *
   * @param detail 0 or, for more, 1
   */
  public Optional<Inspection> inspect(String code, int cursor, int detail) {
    throw new UnsupportedOperationException();
  }

  /** Jars and folders that cells see from now on. */
  public void addToClassPath(List<Path> entries) {
    throw new UnsupportedOperationException();
  }

  /** The variables that cells declared, oldest first, without temporaries such as {@code $1}. */
  public List<Variable> variables() {
    throw new UnsupportedOperationException();
  }

  /** Source of all that cells declared and is still valid. */
  public List<String> declarations() {
    throw new UnsupportedOperationException();
  }

  /** Forgets all that cells declared; the class path stays. */
  public void reset() {
    throw new UnsupportedOperationException();
  }

  /** The error that a cell shows for an exception thrown outside JShell, such as by a magic. */
  public ErrorReport report(int count, String source, Throwable thrown) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }

  /**
   * A variable of a cell.
   *
   * @param type as declared or inferred
   * @param value as JShell shows it, cut to a line
   */
  public record Variable(String name, String type, String value) {}
}
