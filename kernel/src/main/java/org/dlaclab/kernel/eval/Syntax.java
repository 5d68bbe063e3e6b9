package org.dlaclab.kernel.eval;

import com.sun.source.util.JavacTask;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Finds wrong syntax in all statements of a cell at once, without a look at names and types. */
final class Syntax {
  private static final JavaCompiler COMPILER =
      Objects.requireNonNull(ToolProvider.getSystemJavaCompiler(), "a JDK is needed, not a JRE");

  private static final StandardJavaFileManager FILES =
      COMPILER.getStandardFileManager(null, null, null);

  /** The places where a statement, a method or an expression may stand. */
  private static final List<String> BEFORE =
      List.of("class C{void m(){", "class C{", "class C{Object o=(");

  private static final List<String> AFTER = List.of("\n}}", "\n}", "\n);}");

  private Syntax() {}

  /** The statements that can stand nowhere, with what is wrong with them as a statement. */
  static List<Problem> problems(List<Statement> statements) {
    List<Statement> wrong =
        statements.stream().filter(s -> !s.code().startsWith("import")).toList();
    List<Problem> problems = new ArrayList<>();
    for (int i = 0; i < BEFORE.size() && !wrong.isEmpty(); i++) {
      List<Problem> found = parse(wrong, i);
      wrong =
          wrong.stream()
              .filter(s -> found.stream().anyMatch(p -> p.statement().equals(s)))
              .toList();
      List<Statement> still = wrong;
      problems.removeIf(p -> !still.contains(p.statement()));
      if (i == 0) {
        problems.addAll(found);
      }
    }
    return problems;
  }

  private static List<Problem> parse(List<Statement> statements, int as) {
    DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
    List<Text> texts = statements.stream().map(s -> new Text(s, as)).toList();
    JavacTask task =
        (JavacTask) COMPILER.getTask(null, FILES, diagnostics, List.of("-proc:none"), null, texts);
    try {
      task.parse();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<Problem> problems = new ArrayList<>();
    for (Diagnostic<? extends JavaFileObject> d : diagnostics.getDiagnostics()) {
      if (d.getKind() == Diagnostic.Kind.ERROR
          && !d.getCode().equals("compiler.err.not.stmt")
          && d.getSource() instanceof Text text) {
        int shift = text.statement.start() - BEFORE.get(as).length();
        problems.add(
            new Problem(
                text.statement,
                shift + (int) d.getStartPosition(),
                shift + (int) d.getEndPosition(),
                d.getCode(),
                d.getMessage(Locale.ENGLISH)));
      }
    }
    return problems;
  }

  private static final class Text extends SimpleJavaFileObject {
    private final Statement statement;
    private final String text;

    Text(Statement statement, int as) {
      super(URI.create("string:///C.java"), Kind.SOURCE);
      this.statement = statement;
      String code = statement.code();
      String bare = as == 2 && code.endsWith(";") ? code.substring(0, code.length() - 1) : code;
      this.text = BEFORE.get(as) + bare + AFTER.get(as);
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }
}
