package org.dlaclab.kernel.eval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Where a cell was interrupted, and what of it still runs. */
final class InterruptReport {
  private static final String NAME = "Interrupted";

  private InterruptReport() {}

  /** It was interrupted before a statement ran. */
  static ErrorReport before(Source cell, Statement next) {
    String message = "before " + cell.name() + ", line " + cell.line(next.codeStart()) + " began";
    return new ErrorReport(NAME, message, List.of(Style.ERROR.on(NAME) + " " + message));
  }

  /**
   * It was interrupted while a statement ran.
   *
   * @param kept the variable that holds what the statement returned all the same; empty for none
   */
  static ErrorReport at(
      Statement statement, Cell cell, Map<StackTraceElement, Place> places, String kept) {
    StackTraceElement[] stack = cell.stoodAt();
    Place here = new Place(statement.cell(), statement.cell().line(statement.codeStart()), "");
    List<Place> passed = Arrays.stream(stack).filter(places::containsKey).map(places::get).toList();
    Place innermost = passed.isEmpty() ? here : passed.get(0);
    Place outermost = passed.isEmpty() ? here : passed.get(passed.size() - 1);
    boolean called = !innermost.equals(outermost);
    String message = "at " + innermost + (called ? ", called from " + outermost : "");
    message += kept.isEmpty() ? "" : "; " + kept + " holds what it had until then";
    List<String> lines = new ArrayList<>();
    lines.add(Style.ERROR.on(NAME) + " " + message);
    lines.add(marked(innermost));
    if (called) {
      lines.add(marked(outermost));
    }
    if (cell.stillRuns()) {
      String what = stack.length == 0 ? "code of a library" : stack[0].toString();
      String left =
          "It could not be stopped: "
              + what
              + " still runs. It goes on in the background until it ends or the kernel restarts"
              + " (Kernel, Restart). The session can be used meanwhile.";
      lines.add(left);
      message += "; " + left;
    }
    return new ErrorReport(NAME, message, lines);
  }

  private static String marked(Place place) {
    String line =
        String.format(Locale.ROOT, "%5d %s", place.line(), place.cell().lineText(place.line()));
    return "--> " + Style.STRONG.on(line);
  }
}
