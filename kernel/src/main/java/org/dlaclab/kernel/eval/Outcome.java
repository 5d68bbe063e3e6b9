package org.dlaclab.kernel.eval;

import org.jspecify.annotations.Nullable;

/** How the evaluation of a cell ended. */
public sealed interface Outcome {
  /** The last statement is an expression with this value. */
  record Value(@Nullable Object value) implements Outcome {}

  /** There is nothing to show: declarations, statements, void calls, assignments. */
  record Nothing() implements Outcome {}

  /** It did not compile, threw, or was interrupted. */
  record Failure(ErrorReport error) implements Outcome {}
}
