package org.dlaclab.kernel.magic;

import java.util.List;
import java.util.function.BiFunction;
import org.dlaclab.kernel.eval.Meter;
import org.dlaclab.kernel.eval.Outcome;

/** How long code takes, once. */
final class Time implements Magic {
  /** The clock for user time ticks every 10 ms only: of less it tells nothing. */
  private static final long TICK_NANOS = 50_000_000;

  private final BiFunction<Integer, String, Outcome> run;

  /**
   * @param run runs a cell, magics included
   */
  Time(BiFunction<Integer, String, Outcome> run) {
    this.run = run;
  }

  @Override
  public Help help() {
    return new Help(
        "time",
        Help.Form.BOTH,
        true,
        "Runs code and says how long it took.",
        "CODE",
        List.of(),
        "%time Thread.sleep(50)",
        "Compiling is not counted. CPU time and allocated bytes are those of the cell's thread;"
            + " garbage collection is that of the whole JVM. For short code see %timeit.");
  }

  @Override
  public Outcome run(Invocation call) throws MagicException {
    Cell cell = call.cell();
    String code = call.restText();
    if (call.hasBody()) {
      code = code.isBlank() ? call.body() : code + "\n" + call.body();
    }
    if (code.isBlank()) {
      throw Invocation.wrong(help(), "there is no code to run", "an expression or statements");
    }
    int end = call.hasBody() ? cell.text().length() : call.call().end();
    String source = cell.only(call.rest(), end);
    Meter.Usage<Outcome> usage = Meter.measure(() -> run.apply(call.count(), source));
    if (!(usage.result() instanceof Outcome.Failure failure)
        || !failure.error().name().equals(Magics.COMPILATION_ERROR)) {
      System.out.println(text(usage));
    }
    return usage.result();
  }

  static String text(Meter.Usage<?> usage) {
    StringBuilder text = new StringBuilder("Wall " + Amount.time(usage.wallNanos()));
    if (usage.statements() == 0) {
      return text + " (compiling included)";
    }
    if (usage.cpuNanos() >= 0) {
      text.append(" · CPU " + Amount.time(usage.cpuNanos()));
      if (usage.cpuNanos() > TICK_NANOS) {
        text.append(" (user " + Amount.time(usage.userNanos()));
        text.append(", system " + Amount.time(usage.cpuNanos() - usage.userNanos()) + ")");
      }
    }
    text.append(" · GC " + usage.collectionMillis() + " ms");
    if (usage.allocatedBytes() >= 0) {
      text.append(" · allocated " + Amount.bytes(usage.allocatedBytes()));
    }
    return text.toString();
  }
}
