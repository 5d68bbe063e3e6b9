package org.dlaclab.kernel.eval;

import java.util.ArrayList;
import java.util.List;
import jdk.jshell.JShell;

/** What the compiler has against a cell, with the place and a hint. */
final class CompileReport {
  private static final int MAX_PROBLEMS = 10;

  private final JShell jshell;
  private final Source cell;

  CompileReport(JShell jshell, Source cell) {
    this.jshell = jshell;
    this.cell = cell;
  }

  ErrorReport of(List<Problem> problems) {
    List<String> lines = new ArrayList<>();
    for (Problem p : problems.subList(0, Math.min(MAX_PROBLEMS, problems.size()))) {
      lines.add(Style.ERROR.on("CompilationError") + ": " + p.message());
      lines.add("  " + Style.PLACE.on(cell.name() + ", line " + cell.line(p.start()) + ":" + cell.column(p.start())));
      String prefix = String.format("%5d ", cell.line(p.start()));
      String text = cell.lineText(cell.line(p.start()));
      int column = cell.column(p.start()) - 1;
      int width = Math.max(1, Math.min(p.end() - p.start(), text.length() - column));
      lines.add("    " + prefix + text);
      lines.add("    " + " ".repeat(prefix.length()) + text.substring(0, Math.min(column, text.length())).replaceAll("[^\t]", " ") + Style.MARK.on("^".repeat(width)));
    }
    return new ErrorReport("CompilationError", problems.isEmpty() ? "" : problems.get(0).message(), lines);
  }
}
