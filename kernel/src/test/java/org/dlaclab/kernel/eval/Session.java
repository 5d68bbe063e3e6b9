package org.dlaclab.kernel.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A session for tests, which counts its cells as a notebook does. */
final class Session implements AutoCloseable {
  final Evaluator evaluator;
  private int count;

  Session(String... startup) {
    this.evaluator = new Evaluator(List.of(startup));
  }

  /** The number of the cell that ran last. */
  int count() {
    return count;
  }

  Outcome run(String cell) {
    return evaluator.evaluate(++count, cell);
  }

  /** The value of a cell that must have one. */
  @Nullable Object value(String cell) {
    Outcome outcome = run(cell);
    if (outcome instanceof Outcome.Value value) {
      return value.value();
    }
    return fail("no value but %s", describe(outcome));
  }

  /** Runs a cell that must work and show nothing. */
  void nothing(String cell) {
    Outcome outcome = run(cell);
    assertThat(outcome).as(describe(outcome)).isInstanceOf(Outcome.Nothing.class);
  }

  ErrorReport error(String cell) {
    Outcome outcome = run(cell);
    if (outcome instanceof Outcome.Failure failure) {
      return failure.error();
    }
    return fail("no error but %s", describe(outcome));
  }

  /** What a reader sees of an error, without colours. */
  static String text(ErrorReport error) {
    return String.join("\n", error.traceback()).replaceAll("\u001b\\[[\\d;]*m", "");
  }

  static String describe(Outcome outcome) {
    return outcome instanceof Outcome.Failure failure ? text(failure.error()) : outcome.toString();
  }

  @Override
  public void close() {
    evaluator.close();
  }
}
