package org.dlaclab.kernel.magic;

import java.nio.file.Path;
import java.util.List;
import org.dlaclab.kernel.eval.ErrorReport;
import org.dlaclab.kernel.eval.Evaluator;
import org.dlaclab.kernel.eval.Outcome;

/** What magics need of the evaluator, so that tests can do with less than a whole one. */
interface Java {
  Outcome evaluate(int count, String source);

  void addToClassPath(List<Path> entries);

  List<Evaluator.Variable> variables();

  List<String> declarations();

  void reset();

  ErrorReport report(int count, String source, Throwable thrown);

  static Java of(Evaluator evaluator) {
    return new Java() {
      @Override
      public Outcome evaluate(int count, String source) {
        return evaluator.evaluate(count, source);
      }

      @Override
      public void addToClassPath(List<Path> entries) {
        evaluator.addToClassPath(entries);
      }

      @Override
      public List<Evaluator.Variable> variables() {
        return evaluator.variables();
      }

      @Override
      public List<String> declarations() {
        return evaluator.declarations();
      }

      @Override
      public void reset() {
        evaluator.reset();
      }

      @Override
      public ErrorReport report(int count, String source, Throwable thrown) {
        return evaluator.report(count, source, thrown);
      }
    };
  }
}
