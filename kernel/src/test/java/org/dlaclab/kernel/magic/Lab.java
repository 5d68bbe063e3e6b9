package org.dlaclab.kernel.magic;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.dflib.jjava.jupyter.kernel.magic.MagicsRegistry;
import org.dlaclab.kernel.display.Bundle;
import org.dlaclab.kernel.display.Notebook;
import org.dlaclab.kernel.eval.ErrorReport;
import org.dlaclab.kernel.eval.Evaluator;
import org.dlaclab.kernel.eval.Outcome;

/** A session with magics, whose output is kept. */
final class Lab implements AutoCloseable {
  final Evaluator evaluator = new Evaluator(List.of("import java.util.*;"));
  final MagicsRegistry registry = new MagicsRegistry();
  final List<Object> shown = new ArrayList<>();
  int newClasses;
  final Magics magics;

  private final PrintStream realOut = System.out;
  private final PrintStream realErr = System.err;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  Lab() {
    this(new Resolver(Optional.empty(), Optional.empty()));
  }

  Lab(Resolver resolver) {
    magics = new Magics(evaluator, resolver, registry, () -> null, this::show, () -> newClasses++);
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  private synchronized Notebook.Handle show(Object value) {
    shown.add(value);
    int place = shown.size() - 1;
    return new Notebook.Handle() {
      @Override
      public String id() {
        return "x";
      }

      @Override
      public void update(Object another) {
        shown.set(place, another);
      }
    };
  }

  Outcome run(String cell) {
    return magics.run(3, cell);
  }

  Object value(String cell) {
    Outcome outcome = run(cell);
    if (outcome instanceof Outcome.Value value) {
      return value.value();
    }
    throw new AssertionError(outcome);
  }

  void ok(String cell) {
    if (run(cell) instanceof Outcome.Failure failure) {
      throw new AssertionError(String.join("\n", failure.error().traceback()));
    }
  }

  ErrorReport error(String cell) {
    if (run(cell) instanceof Outcome.Failure failure) {
      return failure.error();
    }
    throw new AssertionError("no error: " + cell);
  }

  /** What was printed so far, but not before the last time this was asked. */
  String printed() {
    String text = out.toString(StandardCharsets.UTF_8);
    out.reset();
    return text;
  }

  String printedErrors() {
    String text = err.toString(StandardCharsets.UTF_8);
    err.reset();
    return text;
  }

  String lastShown() {
    return (String) ((Bundle) shown.get(shown.size() - 1)).data().get("text/plain");
  }

  @Override
  public void close() {
    System.setOut(realOut);
    System.setErr(realErr);
    evaluator.close();
  }
}
