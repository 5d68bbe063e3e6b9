package org.dlaclab.kernel.eval;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jdk.jshell.Diag;
import jdk.jshell.JShell;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;
import jdk.jshell.SourceCodeAnalysis;
import jdk.jshell.SourceCodeAnalysis.Completeness;
import jdk.jshell.SourceCodeAnalysis.CompletionInfo;

/** Splits a cell into what JShell takes at once. */
final class Splitter {
  /** What may stand before the word that says which kind of type is declared. */
  static final String MODIFIERS =
      "\\s*(?:(?:public|protected|private|static|abstract|final|strictfp|sealed|non-sealed"
          + "|@(?!interface)\\w+(?:\\([^)]*\\))?)\\s+)*";

  private static final Pattern TYPE =
      Pattern.compile(MODIFIERS + "(?:class|interface|enum|record|@interface)\\s+(?<name>\\w+)");

  private static final Pattern SEALED =
      Pattern.compile("(?=[^{(]*(?<!non-)\\bsealed\\b)" + MODIFIERS + "(?:class|interface)\\s");

  private static final Pattern SEALED_WORD = Pattern.compile("(?<!non-)\\bsealed\\b");

  private static final Pattern PERMITS = Pattern.compile("(?<=^[^{]{0,2000}\\s)permits\\s[^{]*");

  private final JShell jshell;

  Splitter(JShell jshell) {
    this.jshell = jshell;
  }

  /**
   * The statements of a cell, in order.
   *
   * @throws SyntaxError if there is wrong syntax anywhere in it: then nothing of it should run
   */
  List<Statement> split(Source cell) throws SyntaxError {
    List<Statement> statements = parts(cell);
    if (statements.size() > 1) {
      List<Problem> problems = Syntax.problems(statements);
      for (Problem problem : problems) {
        // JShell has the last word: it takes what javac would not.
        if (isWrong(problem.statement())) {
          throw new SyntaxError(
              problems.stream().filter(p -> p.statement().equals(problem.statement())).toList());
        }
      }
    }
    return sealedLast(statements);
  }

  /**
   * Puts sealed types behind those that they permit, and before all of them the same types without
   * the seal. JShell wants the permitted types to exist, and these need what they extend: without
   * this it would take an imported class of the same name for it, or what the name meant before.
   */
  private static List<Statement> sealedLast(List<Statement> statements) {
    List<Statement> ordered = new ArrayList<>();
    for (int i = 0; i < statements.size(); ) {
      int end = i;
      while (end < statements.size() && TYPE.matcher(blanked(statements.get(end))).lookingAt()) {
        end++;
      }
      ordered.addAll(sealedLastOfTypes(statements.subList(i, end)));
      if (end < statements.size()) {
        ordered.add(statements.get(end));
      }
      i = end + 1;
    }
    return ordered;
  }

  private static List<Statement> sealedLastOfTypes(List<Statement> types) {
    List<Statement> open = new ArrayList<>();
    List<Statement> others = new ArrayList<>();
    List<Statement> sealed = new ArrayList<>();
    for (Statement type : types) {
      Matcher permits = PERMITS.matcher(blanked(type));
      if (SEALED.matcher(blanked(type)).lookingAt() && permits.find()) {
        StringBuilder code = new StringBuilder(type.code());
        blank(code, permits.start(), permits.end());
        Matcher word = SEALED_WORD.matcher(blanked(type));
        if (word.find()) {
          blank(code, word.start(), word.end());
        }
        open.add(new Statement(type.cell(), type.start(), code.toString(), true));
        sealed.add(type);
      } else {
        others.add(type);
      }
    }
    List<Statement> ordered = new ArrayList<>(open);
    ordered.addAll(others);
    // Those that others permit come first.
    while (!sealed.isEmpty()) {
      Statement next =
          sealed.stream()
              .filter(s -> sealed.stream().noneMatch(o -> !o.equals(s) && permits(s, name(o))))
              .findFirst()
              .orElse(sealed.get(0));
      sealed.remove(next);
      ordered.add(next);
    }
    return ordered;
  }

  private static boolean permits(Statement type, String name) {
    Matcher permits = PERMITS.matcher(blanked(type));
    return permits.find() && permits.group().matches("(?s).*\\b" + name + "\\b.*");
  }

  /** The name of the type that a statement declares. */
  static String name(Statement type) {
    Matcher matcher = TYPE.matcher(blanked(type));
    return matcher.lookingAt() ? matcher.group("name") : "";
  }

  private static void blank(StringBuilder code, int start, int end) {
    for (int i = start; i < end; i++) {
      if (code.charAt(i) != '\n') {
        code.setCharAt(i, ' ');
      }
    }
  }

  private static String blanked(Statement statement) {
    return Code.withoutLiterals(statement.code());
  }

  private List<Statement> parts(Source cell) throws SyntaxError {
    List<Statement> statements = new ArrayList<>();
    String text = cell.text();
    int start = 0;
    while (true) {
      start += Code.start(text.substring(start));
      CompletionInfo info = analyze(text.substring(start));
      Completeness completeness = info.completeness();
      if (completeness == Completeness.EMPTY) {
        return statements;
      }
      if (completeness == Completeness.DEFINITELY_INCOMPLETE) {
        throw new SyntaxError(
            List.of(unfinished(new Statement(cell, start, text.substring(start)))));
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

  /** JShell's scanner shares its table of names with whoever else scans: completion does. */
  private CompletionInfo analyze(String text) {
    SourceCodeAnalysis analysis = jshell.sourceCodeAnalysis();
    synchronized (analysis) {
      return analysis.analyzeCompletion(text);
    }
  }

  /** JShell does not know where this statement ends, so it must be wrong; it says why. */
  private void throwIfWrong(Statement statement) throws SyntaxError {
    if (isWrong(statement)) {
      List<Diag> errors = new ArrayList<>();
      for (SnippetEvent event : jshell.eval(Opened.of(statement.code()).code())) { // Runs nothing.
        jshell.diagnostics(event.snippet()).filter(Diag::isError).forEach(errors::add);
      }
      throw new SyntaxError(Shell.problems(statement, errors));
    }
  }

  private boolean isWrong(Statement statement) {
    return jshell.sourceCodeAnalysis().sourceToSnippets(statement.code()).stream()
        .anyMatch(s -> s.kind() == Snippet.Kind.ERRONEOUS);
  }

  /** The cell ends inside a statement: which bracket, quote or comment is open. */
  private static Problem unfinished(Statement statement) {
    String code = Code.withoutLiterals(statement.code());
    Deque<Integer> open = new ArrayDeque<>();
    for (int i = 0; i < code.length(); i++) {
      char c = code.charAt(i);
      if (c == '"' && code.startsWith("\"\"\"", i)) {
        return unfinished(statement, i, 3, "this text block is never closed: \"\"\" is missing");
      } else if (c == '/' && code.startsWith("/*", i)) {
        return unfinished(statement, i, 2, "this comment is never closed: */ is missing");
      } else if (c == '(' || c == '[' || c == '{') {
        open.push(i);
      } else if ((c == ')' || c == ']' || c == '}') && !open.isEmpty()) {
        open.pop();
      }
    }
    if (open.isEmpty()) {
      return unfinished(statement, 0, 1, "the cell ends inside this statement");
    }
    char bracket = code.charAt(open.peek());
    return unfinished(
        statement,
        open.peek(),
        1,
        "this "
            + bracket
            + " is never closed: "
            + (bracket == '(' ? ')' : bracket == '[' ? ']' : '}')
            + " is missing");
  }

  private static Problem unfinished(Statement statement, int at, int width, String message) {
    int start = statement.start() + at;
    return new Problem(statement, start, start + width, "incomplete", message);
  }
}
