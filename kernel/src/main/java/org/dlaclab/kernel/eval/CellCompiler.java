package org.dlaclab.kernel.eval;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ErroneousTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.MemberReferenceTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.regex.Pattern;
import javax.lang.model.util.Elements;
import javax.lang.model.util.Types;
import javax.tools.DiagnosticCollector;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import jdk.jshell.ImportSnippet;
import jdk.jshell.JShell;
import jdk.jshell.MethodSnippet;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;
import jdk.jshell.TypeDeclSnippet;
import jdk.jshell.VarSnippet;
import org.dlaclab.kernel.eval.Lexed.Kind;
import org.dlaclab.kernel.eval.Lexed.Token;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a name in a cell as the compiler sees it: among what the session has declared, what the
 * cell itself declares, and the class path.
 *
 * <p>It works beside JShell, with a compiler of its own, and learns of declarations from JShell's
 * events. So it needs no lock against a cell that runs or is compiled.
 */
final class CellCompiler implements AutoCloseable {
  /** The class all declarations of the session are put in. */
  static final String CELLS = "$Cells$";

  private static final String CELL = "$cell$";
  private static final String PACKAGE = "REPL";

  /** What a type of a variable looks like that can be declared; captured types can not. */
  private static final Pattern DECLARABLE = Pattern.compile("[\\w.<>,?$\\[\\]\\s]+");

  private static final Set<String> MODIFIERS =
      Set.of(
          "public",
          "protected",
          "private",
          "static",
          "abstract",
          "final",
          "sealed",
          "non",
          "strictfp",
          "default",
          "synchronized",
          "native");

  /** Words that stand before a name and a parenthesis, but are no type. */
  private static final Set<String> NO_TYPE =
      Set.of("new", "return", "throw", "else", "do", "assert", "yield", "case", "instanceof");

  private final JShell shell;
  private final ClassNames names = new ClassNames();
  private final Map<String, Snippet> declared = new LinkedHashMap<>();
  private final List<Path> classPath = new ArrayList<>();
  private final JShell.Subscription events;
  private final AtomicInteger version = new AtomicInteger();
  private Javac.@Nullable Remembering files;

  /** For a session, from its begin on. */
  CellCompiler(JShell shell) {
    this.shell = shell;
    Pattern.compile(File.pathSeparator, Pattern.LITERAL)
        .splitAsStream(System.getProperty("java.class.path"))
        .filter(entry -> !entry.isBlank())
        .forEach(this::addStarted);
    events = shell.onSnippetEvent(this::changed);
    shell.snippets().filter(s -> shell.status(s).isActive()).forEach(s -> declared.put(s.id(), s));
  }

  private void addStarted(String entry) {
    try {
      Path path = Path.of(entry);
      classPath.add(path);
      names.add(path);
    } catch (InvalidPathException e) {
      // The JVM ignores what is no path, too.
    }
  }

  private void changed(SnippetEvent event) {
    Snippet snippet = event.snippet();
    version.incrementAndGet();
    synchronized (declared) {
      if (event.status().isActive() && snippet.kind().isPersistent()) {
        declared.put(snippet.id(), snippet);
      } else {
        declared.remove(snippet.id());
      }
    }
  }

  /** Jars and folders that cells see from now on. */
  synchronized void addToClassPath(Collection<Path> entries) {
    for (Path entry : entries) {
      classPath.add(entry);
      names.add(entry);
    }
    forgetFiles();
    version.incrementAndGet();
  }

  /** Another number after each change of what cells see. */
  int version() {
    return version.get();
  }

  JShell shell() {
    return shell;
  }

  ClassNames names() {
    return names;
  }

  /** What the session has declared and is valid. */
  List<Snippet> declared() {
    synchronized (declared) {
      return List.copyOf(declared.values());
    }
  }

  @Override
  public void close() {
    shell.unsubscribe(events);
    forgetFiles();
  }

  private synchronized void forgetFiles() {
    Javac.Remembering old = files;
    files = null;
    try {
      if (old != null) {
        old.close();
      }
    } catch (IOException e) {
      // It only read.
    }
  }

  /**
   * A name in attributed code. It holds while the function that got it runs.
   *
   * @param path the tree that the name belongs to
   */
  record Sight(JavacTask task, DocTrees trees, CompilationUnitTree unit, TreePath path) {
    Elements elements() {
      return task.getElements();
    }

    Types types() {
      return task.getTypes();
    }
  }

  /**
   * Looks at a name.
   *
   * @param before the cell up to the name
   * @param name what stands there, or a name that nothing has, to see what could stand there
   * @param after what must follow for the code to be whole, besides closing brackets
   */
  <T> Optional<T> look(String before, String name, String after, Function<Sight, Optional<T>> use) {
    String code = before + name;
    List<Units.Unit> units = Units.of(shell, code);
    if (units.isEmpty()) {
      return Optional.empty();
    }
    Written written = write(units, name, after);
    synchronized (this) {
      try {
        JavacTask task =
            Javac.task(
                written.source(),
                fileManager(),
                new DiagnosticCollector<>(),
                List.of("-proc:none", "-parameters", "-Xlint:none", "--should-stop=at=ATTR"));
        CompilationUnitTree unit = task.parse().iterator().next();
        task.analyze();
        DocTrees trees = DocTrees.instance(task);
        TreePath path = find(unit, trees.getSourcePositions(), name, written.nameAt());
        return path == null ? Optional.empty() : use.apply(new Sight(task, trees, unit, path));
      } catch (IOException | RuntimeException | AssertionError | StackOverflowError e) {
        // The compiler fails on some broken or deeply nested code. There is just nothing to say
        // about it then.
        return Optional.empty();
      }
    }
  }

  private Javac.Remembering fileManager() throws IOException {
    Javac.Remembering current = files;
    if (current == null) {
      StandardJavaFileManager standard = Javac.compiler().getStandardFileManager(null, null, null);
      standard.setLocationFromPaths(
          StandardLocation.CLASS_PATH, classPath.stream().filter(Files::exists).toList());
      standard.setLocationFromPaths(StandardLocation.SOURCE_PATH, List.of());
      current = new Javac.Remembering(standard);
      files = current;
    }
    return current;
  }

  private record Written(String source, int nameAt) {}

  private Written write(List<Units.Unit> units, String name, String after) {
    StringBuilder imports = new StringBuilder("package " + PACKAGE + ";\n");
    StringBuilder members = new StringBuilder("class " + CELLS + " {\n");
    StringBuilder body = new StringBuilder("void " + CELL + "() throws Throwable {\n");
    Set<String> own = new TreeSet<>();
    for (Units.Unit unit : units.subList(0, units.size() - 1)) {
      switch (Place.of(unit.text())) {
        case IMPORT -> imports.append(unit.text()).append(";\n");
        case TYPE, METHOD -> {
          members.append(unit.text()).append('\n');
          own.add(declaredName(unit.text()));
        }
        case STATEMENT -> body.append(unit.text()).append('\n');
      }
    }
    for (Snippet snippet : declared()) {
      if (snippet instanceof ImportSnippet) {
        imports.append(snippet.source()).append(";\n");
      } else if (snippet instanceof VarSnippet variable) {
        String type = variable.typeName();
        members
            .append(type != null && DECLARABLE.matcher(type).matches() ? type : "Object")
            .append(' ')
            .append(variable.name())
            .append(";\n");
      } else if ((snippet instanceof MethodSnippet || snippet instanceof TypeDeclSnippet)
          && !own.contains(declaredName(snippet.source()))) {
        members.append(snippet.source()).append('\n');
      }
    }
    Units.Unit last = units.get(units.size() - 1);
    boolean method = Place.of(last.text()) == Place.METHOD;
    body.append(method ? "class $Local$ {\n" : "");
    body.append(isBareReference(last.text(), name) ? "Object $reference$ = " : "");
    String head = imports.append(members).append(body).toString();
    String closing = after + Lexed.of(last.text()).closing(last.text());
    String tail = "\n" + (method ? "}" : "") + "}}\n";
    int nameAt = head.length() + last.text().length() - name.length();
    return new Written(head + last.text() + closing + tail, nameAt);
  }

  /** A method reference alone is no statement, so the compiler would not look at it. */
  private static boolean isBareReference(String unit, String name) {
    String before = unit.substring(0, unit.length() - name.length()).stripTrailing();
    return before.endsWith("::")
        && before.indexOf('=') < 0
        && Lexed.of(before).open().isEmpty()
        && !before.stripLeading().startsWith("return");
  }

  private static String declaredName(String declaration) {
    return Place.name(declaration);
  }

  /** Where code of a cell belongs in a class. */
  private enum Place {
    IMPORT,
    TYPE,
    METHOD,
    STATEMENT;

    static Place of(String code) {
      List<Token> tokens = significant(code);
      if (tokens.isEmpty()) {
        return STATEMENT;
      }
      String first = tokens.get(0).in(code);
      if (first.equals("import")) {
        return IMPORT;
      }
      if (isType(code, tokens)) {
        return TYPE;
      }
      return isMethod(code, tokens) ? METHOD : STATEMENT;
    }

    /** The name that a type or method declaration declares. */
    static String name(String code) {
      List<Token> tokens = significant(code);
      if (isType(code, tokens)) {
        int at = tokens.get(0).is(code, '@') ? 2 : 1;
        return at < tokens.size() ? tokens.get(at).in(code) : "";
      }
      int parenthesis = parenthesis(code, tokens);
      return parenthesis > 0 ? tokens.get(parenthesis - 1).in(code) : "";
    }

    private static boolean isType(String code, List<Token> tokens) {
      if (tokens.size() < 2) {
        return false;
      }
      String first = tokens.get(0).in(code);
      boolean word = tokens.get(1).kind() == Kind.WORD;
      boolean annotation = first.equals("@") && tokens.get(1).in(code).equals("interface");
      boolean record =
          first.equals("record")
              && word
              && tokens.size() > 2
              && (tokens.get(2).is(code, '(') || tokens.get(2).is(code, '<'));
      return annotation || record || (word && Set.of("class", "interface", "enum").contains(first));
    }

    private static int parenthesis(String code, List<Token> tokens) {
      for (int i = 0; i < tokens.size(); i++) {
        if (tokens.get(i).is(code, '(')) {
          return i;
        }
        if ("={;".indexOf(code.charAt(tokens.get(i).start())) >= 0) {
          return -1;
        }
      }
      return -1;
    }

    private static boolean isMethod(String code, List<Token> tokens) {
      int parenthesis = parenthesis(code, tokens);
      if (parenthesis < 2 || tokens.get(parenthesis - 1).kind() != Kind.WORD) {
        return false;
      }
      Token type = tokens.get(parenthesis - 2);
      if (type.kind() == Kind.WORD) {
        return !NO_TYPE.contains(type.in(code));
      }
      // List<String> f(, or a > f(: only what follows the parameters tells.
      return (type.is(code, '>') || type.is(code, ']'))
          && tokens.stream().anyMatch(t -> t.is(code, '{') || t.in(code).equals("throws"));
    }

    /** Without comments, annotations and modifiers in front. */
    private static List<Token> significant(String code) {
      List<Token> tokens =
          Lexed.of(code).tokens().stream().filter(t -> t.kind() != Kind.COMMENT).toList();
      int at = 0;
      while (at < tokens.size()) {
        Token token = tokens.get(at);
        if (token.is(code, '@')
            && at + 1 < tokens.size()
            && !tokens.get(at + 1).in(code).equals("interface")) {
          at = afterAnnotation(code, tokens, at);
        } else if (MODIFIERS.contains(token.in(code))
            && !(at + 1 < tokens.size() && tokens.get(at + 1).is(code, '('))) {
          at += token.in(code).equals("non") ? 3 : 1;
        } else {
          break;
        }
      }
      return tokens.subList(Math.min(at, tokens.size()), tokens.size());
    }

    private static int afterAnnotation(String code, List<Token> tokens, int start) {
      int at = start + 2;
      while (at + 1 < tokens.size() && tokens.get(at).is(code, '.')) {
        at += 2;
      }
      if (at < tokens.size() && tokens.get(at).is(code, '(')) {
        int depth = 0;
        do {
          depth += tokens.get(at).is(code, '(') ? 1 : tokens.get(at).is(code, ')') ? -1 : 0;
          at++;
        } while (depth > 0 && at < tokens.size());
      }
      return at;
    }
  }

  private static @Nullable TreePath find(
      CompilationUnitTree unit, SourcePositions positions, String name, int start) {
    int end = start + name.length();
    class Finder extends TreePathScanner<@Nullable Void, @Nullable Void> {
      @Nullable TreePath used;
      @Nullable TreePath declared;

      @Override
      public @Nullable Void visitErroneous(ErroneousTree node, @Nullable Void nothing) {
        return scan(node.getErrorTrees(), null);
      }

      @Override
      public @Nullable Void scan(@Nullable Tree tree, @Nullable Void nothing) {
        if (used != null || tree == null) {
          return null;
        }
        long from = positions.getStartPosition(unit, tree);
        long to = positions.getEndPosition(unit, tree);
        if (from >= 0 && from > end) {
          return null;
        }
        if (tree instanceof IdentifierTree identifier
            && from == start
            && identifier.getName().contentEquals(name)) {
          used = path(tree);
        } else if (tree instanceof MemberSelectTree select
            && to == end
            && select.getIdentifier().contentEquals(name)) {
          used = path(tree);
        } else if (tree instanceof MemberReferenceTree reference
            && to == end
            && reference.getName().contentEquals(name)) {
          used = path(tree);
        } else if (from <= start && declares(tree, name)) {
          declared = path(tree);
        }
        return super.scan(tree, null);
      }

      private TreePath path(Tree tree) {
        return new TreePath(getCurrentPath(), tree);
      }
    }

    Finder finder = new Finder();
    finder.scan(new TreePath(unit), null);
    return finder.used != null ? finder.used : finder.declared;
  }

  private static boolean declares(Tree tree, String name) {
    return (tree instanceof VariableTree variable && variable.getName().contentEquals(name))
        || (tree instanceof MethodTree method && method.getName().contentEquals(name))
        || (tree instanceof ClassTree type && type.getSimpleName().contentEquals(name));
  }
}
