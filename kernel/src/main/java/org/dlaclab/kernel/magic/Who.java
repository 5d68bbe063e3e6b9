package org.dlaclab.kernel.magic;

import java.util.List;
import java.util.function.Consumer;
import org.dlaclab.kernel.eval.Completions;
import org.dlaclab.kernel.eval.Evaluator;
import org.dlaclab.kernel.eval.Evaluator.Variable;
import org.dlaclab.kernel.eval.Outcome;

/** The variables of all cells. */
final class Who implements Magic {
  private final Evaluator evaluator;
  private final Consumer<Object> show;

  Who(Evaluator evaluator, Consumer<Object> show) {
    this.evaluator = evaluator;
    this.show = show;
  }

  @Override
  public Help help() {
    return new Help(
        "who",
        Help.Form.LINE,
        false,
        "Lists variables: name, type, value.",
        "[TYPE ...]",
        List.of(),
        "%who int String",
        "With types, only variables of these; a generic type can be given without its arguments.");
  }

  @Override
  public Outcome run(Invocation call) {
    List<Variable> all = evaluator.variables();
    List<Variable> some =
        all.stream()
            .filter(
                variable ->
                    call.words().isEmpty()
                        || call.words().stream().anyMatch(type -> is(variable.type(), type)))
            .toList();
    String note = "";
    if (all.isEmpty()) {
      note = "There are no variables.";
    } else if (some.isEmpty()) {
      note =
          "No variable has the type "
              + String.join(" or ", call.words())
              + "; there are "
              + String.join(", ", all.stream().map(Variable::type).distinct().toList())
              + ".";
    }
    show.accept(
        new Listing(
                List.of("name", "type", "value"),
                some.stream().map(v -> List.of(v.name(), v.type(), v.value())).toList(),
                note)
            .bundle());
    return new Outcome.Nothing();
  }

  private static boolean is(String type, String wanted) {
    return type.equals(wanted) || raw(type).equals(wanted) || raw(type).endsWith("." + wanted);
  }

  private static String raw(String type) {
    return type.replaceFirst("<.*>", "");
  }

  @Override
  public List<Completions.Item> suggest(String word) {
    return evaluator.variables().stream()
        .map(variable -> raw(variable.type()))
        .filter(type -> type.startsWith(word))
        .distinct()
        .map(type -> new Completions.Item(type, "class", "", false))
        .toList();
  }
}
