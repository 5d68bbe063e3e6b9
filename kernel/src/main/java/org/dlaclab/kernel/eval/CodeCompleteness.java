package org.dlaclab.kernel.eval;

import java.util.List;
import java.util.Set;
import javax.tools.Diagnostic;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import jdk.jshell.JShell;
import org.dlaclab.kernel.eval.Lexed.Token;
import org.dlaclab.kernel.eval.Lexed.Unclosed;

/** Tells whether code can run as it is. */
final class CodeCompleteness {
  private static final String INDENT = "    ";

  /** Words that only go on with a statement that has ended before them. */
  private static final Set<String> HEADLESS = Set.of("else", "catch", "finally");

  /** Only parses, so it looks up no class; each thread has its own. */
  private static final ThreadLocal<StandardJavaFileManager> FILES =
      ThreadLocal.withInitial(() -> Javac.compiler().getStandardFileManager(null, null, null));

  /** A place in Java where a unit may stand: what goes before and after it. */
  private record Place(String before, String after) {}

  private static final List<Place> PLACES =
      List.of(
          new Place("class C{void f(){", "\n;}}"),
          new Place("class C{", "\n;}"),
          new Place("", "\n;"),
          new Place("class C{Object o=", "\n;}"));

  private CodeCompleteness() {}

  /** Whether code can run as it is. */
  static Completeness of(JShell shell, String code) {
    Lexed lexed = Lexed.of(code);
    if (lexed.mismatched() || lexed.tokens().stream().anyMatch(CodeCompleteness::brokenLiteral)) {
      if (lexed.unclosed() != Unclosed.TEXT_BLOCK || lexed.mismatched()) {
        return new Completeness.Invalid();
      }
    }
    if (lexed.unclosed() == Unclosed.COMMENT || lexed.unclosed() == Unclosed.TEXT_BLOCK) {
      return new Completeness.Incomplete(leading(lastLine(code)));
    }
    for (Units.Unit unit : Units.of(shell, code)) {
      switch (read(unit)) {
        case WRONG -> {
          return new Completeness.Invalid();
        }
        case ENDS_EARLY -> {
          return new Completeness.Incomplete(indent(code, lexed, unit));
        }
        case RIGHT -> {}
      }
    }
    return new Completeness.Complete();
  }

  private static boolean brokenLiteral(Token token) {
    return token.kind() == Lexed.Kind.TEXT && !token.closed();
  }

  private enum Reading {
    RIGHT,
    ENDS_EARLY,
    WRONG
  }

  /**
   * What the compiler's parser says in the place that suits the unit best. JShell's own analysis
   * looks at the shape of code only: it takes much for complete that no compiler accepts.
   */
  private static Reading read(Units.Unit unit) {
    boolean cutOff =
        switch (unit.completeness()) {
          case DEFINITELY_INCOMPLETE, CONSIDERED_INCOMPLETE -> true;
          case COMPLETE, COMPLETE_WITH_SEMI, EMPTY, UNKNOWN -> false;
        };
    Lexed lexed = Lexed.of(unit.text());
    boolean headless =
        lexed.tokens().stream()
            .filter(t -> t.kind() != Lexed.Kind.COMMENT)
            .findFirst()
            .filter(t -> HEADLESS.contains(t.in(unit.text())))
            .isPresent();
    if (headless) {
      return Reading.WRONG;
    }
    int end = lexed.tokens().isEmpty() ? 0 : lexed.tokens().get(lexed.tokens().size() - 1).end();
    Reading best = Reading.WRONG;
    for (Place place : PLACES) {
      if (!cutOff && errors(place.before() + unit.text() + place.after()).isEmpty()) {
        return Reading.RIGHT;
      }
      List<Diagnostic<? extends JavaFileObject>> errors = errors(place.before() + unit.text());
      if (errors.isEmpty() || early(errors.get(0), place.before().length() + end)) {
        best = Reading.ENDS_EARLY;
      }
    }
    return best;
  }

  private static List<Diagnostic<? extends JavaFileObject>> errors(String source) {
    return Javac.errors(source, FILES.get()).stream().filter(e -> !tolerated(e)).toList();
  }

  /** Whether an error says that something is missing at the end. */
  private static boolean early(Diagnostic<?> error, int end) {
    return error.getPosition() >= end
        || error.getCode().endsWith("premature.eof")
        || error.getCode().contains("try.without.catch");
  }

  /** A bare expression is fine in a cell. */
  private static boolean tolerated(Diagnostic<?> error) {
    return error.getCode().endsWith("not.stmt");
  }

  /** Where the next line begins: inside the innermost open bracket, or after the statement. */
  private static String indent(String code, Lexed lexed, Units.Unit unit) {
    String last = leading(lastLine(code));
    if (!lexed.open().isEmpty()) {
      Token bracket = lexed.open().get(lexed.open().size() - 1);
      return leading(lineOf(code, bracket.start())) + INDENT;
    }
    int start = unit.start();
    while (start < code.length() && Character.isWhitespace(code.charAt(start))) {
      start++;
    }
    String first = leading(lineOf(code, start));
    if (code.startsWith("@", start) && annotationsOnly(code, lexed, start)) {
      return first;
    }
    return last.length() > first.length() ? last : first + INDENT;
  }

  private static boolean annotationsOnly(String code, Lexed lexed, int start) {
    int depth = 0;
    boolean name = false;
    for (Token token : lexed.tokens()) {
      if (token.start() < start || token.kind() == Lexed.Kind.COMMENT) {
        continue;
      }
      if (token.is(code, '(')) {
        depth++;
      } else if (token.is(code, ')')) {
        depth--;
      } else if (depth == 0) {
        boolean sign = token.is(code, '@') || token.is(code, '.');
        if (!sign && !name) {
          return false;
        }
        name = sign;
      }
    }
    return true;
  }

  private static String lastLine(String code) {
    return lineOf(code, code.length());
  }

  private static String lineOf(String code, int at) {
    int start = code.lastIndexOf('\n', at - 1) + 1;
    int end = code.indexOf('\n', start);
    return code.substring(start, end < 0 ? code.length() : end);
  }

  private static String leading(String line) {
    return line.substring(0, line.length() - line.stripLeading().length());
  }
}
