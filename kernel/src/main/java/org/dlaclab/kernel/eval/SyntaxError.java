package org.dlaclab.kernel.eval;

import java.util.List;

/** A cell that can not be split into statements. */
final class SyntaxError extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient List<Problem> problems;

  SyntaxError(List<Problem> problems) {
    this.problems = List.copyOf(problems);
  }

  List<Problem> problems() {
    return problems;
  }
}
