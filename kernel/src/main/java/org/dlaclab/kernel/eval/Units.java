package org.dlaclab.kernel.eval;

import java.util.ArrayList;
import java.util.List;
import jdk.jshell.JShell;
import jdk.jshell.SourceCodeAnalysis;
import jdk.jshell.SourceCodeAnalysis.CompletionInfo;

/** A cell cut into what JShell evaluates one by one. */
final class Units {
  private Units() {}

  /**
   * A statement, declaration, import or expression.
   *
   * @param start where it begins in the cell
   * @param text as in the cell, without an added semicolon
   * @param completeness what JShell makes of it
   */
  record Unit(int start, String text, SourceCodeAnalysis.Completeness completeness) {
    int end() {
      return start + text.length();
    }
  }

  /**
   * The units, in order; the last one may be incomplete or unreadable.
   *
   * <p>JShell's scanner shares its table of names between calls, so calls must not overlap: whoever
   * calls {@code analyzeCompletion} holds the monitor of the analysis object.
   */
  static List<Unit> of(JShell shell, String code) {
    SourceCodeAnalysis analysis = shell.sourceCodeAnalysis();
    List<Unit> units = new ArrayList<>();
    int start = 0;
    while (start < code.length()) {
      String rest = code.substring(start);
      CompletionInfo info;
      synchronized (analysis) {
        info = analysis.analyzeCompletion(rest);
      }
      boolean last = !info.completeness().isComplete() || info.remaining().isEmpty();
      int length = last ? rest.length() : rest.length() - info.remaining().length();
      if (length <= 0) {
        length = rest.length();
      }
      if (!rest.substring(0, length).isBlank()) {
        units.add(new Unit(start, rest.substring(0, length), info.completeness()));
      }
      start += length;
    }
    return units;
  }
}
