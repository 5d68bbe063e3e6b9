package org.dlaclab.kernel.eval;

import java.util.ArrayList;
import java.util.List;
import jdk.jshell.Diag;
import jdk.jshell.JShell;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;
import jdk.jshell.SourceCodeAnalysis.Completeness;
import jdk.jshell.SourceCodeAnalysis.CompletionInfo;

/** Splits a cell into what JShell takes at once. */
final class Splitter {
  private final JShell jshell;

  Splitter(JShell jshell) {
    this.jshell = jshell;
  }

  List<Statement> split(Source cell) throws SyntaxError {
    List<Statement> statements = new ArrayList<>();
    String text = cell.text();
    int start = 0;
    while (true) {
      start += Code.start(text.substring(start));
      CompletionInfo info = jshell.sourceCodeAnalysis().analyzeCompletion(text.substring(start));
      Completeness completeness = info.completeness();
      if (completeness == Completeness.EMPTY) {
        return statements;
      }
      if (completeness == Completeness.DEFINITELY_INCOMPLETE) {
        throw new SyntaxError(
            List.of(new Problem(start, start, "incomplete", "the cell ends inside this statement")));
      }
      Statement statement = new Statement(cell, start, info.source());
      statements.add(statement);
      if (completeness == Completeness.UNKNOWN) {
        throwIfWrong(statement);
        return statements;
      }
      if (!completeness.isComplete() || info.remaining().isEmpty()) {
        return statements;
      }
      start = text.length() - info.remaining().length();
    }
  }

  /** JShell does not know where this statement ends, so it must be wrong; it says why. */
  private void throwIfWrong(Statement statement) throws SyntaxError {
    List<Snippet> snippets = jshell.sourceCodeAnalysis().sourceToSnippets(statement.code());
    if (snippets.stream().anyMatch(s -> s.kind() == Snippet.Kind.ERRONEOUS)) {
      List<Diag> errors = new ArrayList<>();
      for (SnippetEvent event : jshell.eval(statement.code())) { // Runs nothing.
        jshell.diagnostics(event.snippet()).filter(Diag::isError).forEach(errors::add);
      }
      throw new SyntaxError(Shell.problems(statement, errors));
    }
  }
}
