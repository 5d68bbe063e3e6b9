package org.dlaclab.kernel.magic;

import java.util.List;
import java.util.Optional;
import org.dlaclab.kernel.eval.ErrorReport;
import org.dlaclab.kernel.eval.Evaluator;
import org.dlaclab.kernel.eval.Outcome;

/** How long code takes when it is run many times. */
final class TimeIt implements Magic {
  private static final String BENCHMARK = Benchmark.class.getName();

  private final Evaluator evaluator;

  TimeIt(Evaluator evaluator) {
    this.evaluator = evaluator;
  }

  @Override
  public Help help() {
    return new Help(
        "timeit",
        Help.Form.LINE,
        true,
        "Runs code many times and says how long once takes.",
        "CODE",
        List.of(
            new Help.Option(
                "-n", "LOOPS", "how often in a run; chosen by itself, so that a run takes 0.1 s"),
            new Help.Option("-r", "RUNS", "how many runs; 7 if not said")),
        "%timeit Math.sin(1.5)",
        "The code is compiled once, into a loop, and warmed up for 0.5 s. This is not JMH: it is one"
            + " JVM, shared with all that ran before, and a constant result may be computed ahead"
            + " of time. The loop itself, with its check for interrupts, takes about a nanosecond.");
  }

  @Override
  public Outcome run(Invocation call) throws MagicException {
    String code = call.restText().strip();
    while (code.endsWith(";")) {
      code = code.substring(0, code.length() - 1).strip();
    }
    if (code.isEmpty()) {
      throw Invocation.wrong(help(), "there is no code to run", "an expression or statements");
    }
    long loops = number(call, "-n", 0, Long.MAX_VALUE);
    long runs = number(call, "-r", 7, 10_000);
    // An expression's value is handed on, so that its computation is not dropped. What has no value
    // does not compile like this, and is a statement.
    Outcome outcome = measure(call, loops(runs, loops) + "$$to.take(", code, "); } })");
    if (failedToCompile(outcome)) {
      outcome = measure(call, loops(runs, loops), code, "; } })");
    }
    if (failedToCompile(outcome)) {
      // As it stands in the cell, for an error that shows the code of the user and not ours.
      outcome = evaluator.evaluate(call.count(), call.cell().only(call.rest(), call.call().end()));
      if (!(outcome instanceof Outcome.Failure)) {
        throw Invocation.wrong(
            help(), "this cannot be repeated: " + code, "an expression or statements");
      }
    }
    if (outcome instanceof Outcome.Value value && value.value() instanceof Benchmark result) {
      System.out.println(result);
      return new Outcome.Nothing();
    }
    return outcome;
  }

  private static boolean failedToCompile(Outcome outcome) {
    return outcome instanceof Outcome.Failure failure
        && failure.error().name().equals(Magics.COMPILATION_ERROR);
  }

  private static String loops(long runs, long loops) {
    return BENCHMARK
        + ".measure("
        + runs
        + "L, "
        + loops
        + "L, ($$loops, $$to) -> { for (long $$i = 0; $$i < $$loops; $$i++) { ";
  }

  /** Runs code between ours, on its own line; in errors, ours is not shown. */
  private Outcome measure(Invocation call, String before, String code, String after) {
    String above = "\n".repeat(call.cell().lineOf(call.call().start()) - 1);
    Outcome outcome = evaluator.evaluate(call.count(), above + before + code + "\n" + after);
    if (!(outcome instanceof Outcome.Failure failure)) {
      return outcome;
    }
    ErrorReport error = failure.error();
    return new Outcome.Failure(
        new ErrorReport(
            error.name(),
            error.value(),
            error.traceback().stream()
                .filter(line -> !line.stripTrailing().endsWith(" " + after))
                .map(line -> line.replace(before, "%timeit "))
                .toList()));
  }

  private long number(Invocation call, String option, long otherwise, long most)
      throws MagicException {
    Optional<String> given = call.value(option);
    if (given.isEmpty()) {
      return otherwise;
    }
    try {
      long number = Long.parseLong(given.get().replace("_", "").replace(",", ""));
      if (number > 0 && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Told below, as for a number out of range.
    }
    throw Invocation.wrong(
        help(),
        option + " " + given.get(),
        "a whole number from 1" + (most < Long.MAX_VALUE ? " to " + most : ""));
  }
}
