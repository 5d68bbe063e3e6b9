package org.dlaclab.kernel.magic;

import java.util.List;
import org.dlaclab.kernel.eval.Evaluator;
import org.dlaclab.kernel.eval.Outcome;

/** A clean slate. */
final class Reset implements Magic {
  private final Evaluator evaluator;

  Reset(Evaluator evaluator) {
    this.evaluator = evaluator;
  }

  @Override
  public Help help() {
    return new Help(
        "reset",
        Help.Form.LINE,
        false,
        "Forgets all variables, methods, types and imports of cells.",
        "",
        List.of(new Help.Option("-f", "", "accepted, as in IPython; it never asks")),
        "%reset",
        "The class path, the environment and the history stay.");
  }

  @Override
  public Outcome run(Invocation call) throws MagicException {
    if (!call.words().isEmpty()) {
      throw Invocation.wrong(
          help(), "it cannot forget " + String.join(" ", call.words()) + " alone", "no argument");
    }
    int variables = evaluator.variables().size();
    int declarations = evaluator.declarations().size();
    evaluator.reset();
    System.out.println(
        declarations == 0
            ? "There was nothing to forget."
            : "Forgot "
                + counted(declarations, "declaration")
                + ", "
                + counted(variables, "variable")
                + " among them. The class path stays.");
    return new Outcome.Nothing();
  }

  private static String counted(int count, String noun) {
    return count + " " + noun + (count == 1 ? "" : "s");
  }
}
