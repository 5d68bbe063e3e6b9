package org.dlaclab.kernel.eval;

import java.io.File;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import jdk.jshell.DeclarationSnippet;
import jdk.jshell.Diag;
import jdk.jshell.ImportSnippet;
import jdk.jshell.JShell;
import jdk.jshell.JShellException;
import jdk.jshell.Snippet;
import jdk.jshell.Snippet.Kind;
import jdk.jshell.Snippet.Status;
import jdk.jshell.Snippet.SubKind;
import jdk.jshell.SnippetEvent;
import jdk.jshell.TypeDeclSnippet;
import jdk.jshell.UnresolvedReferenceException;
import jdk.jshell.VarSnippet;
import jdk.jshell.spi.ExecutionControl;
import jdk.jshell.spi.ExecutionControl.ResolutionException;
import jdk.jshell.spi.ExecutionControl.RunException;
import jdk.jshell.spi.ExecutionControl.UserException;
import jdk.jshell.spi.ExecutionControlProvider;
import jdk.jshell.spi.ExecutionEnv;
import jdk.jshell.spi.SPIResolutionException;
import org.jspecify.annotations.Nullable;

/**
 * One session of JShell, from a start or a reset on. All methods need the lock, which is let go
 * while code of cells runs.
 */
final class Shell {
  /** How many results such as {@code $7} can be named; older ones are dropped. */
  private static final int RESULTS = 100;

  private static final Pattern TWO_WORDS = Pattern.compile("(\\w+)[ \t]*\\R\\s*\\w+\\s*;?\\s*");

  private static final Pattern RESULT = Pattern.compile("\\$\\d+");

  private final ReentrantLock lock;
  private final CellLoader loader;
  private final CellControl control;
  private final JShell jshell;
  private final Names names;
  private final Splitter splitter;
  private final CellCompiler compiler;
  private final CodeCompletion completion;
  private final CodeInspection inspection;

  /** Where each snippet stands, by its id. */
  private final Map<String, Statement> statements = new HashMap<>();

  private final Deque<VarSnippet> results = new ArrayDeque<>();

  /** Results that declarations name, which must stay. */
  private final Set<String> pinned = new HashSet<>();

  private int lastId;
  private int lastResult;
  private int startupId;
  private @Nullable Execution current;

  Shell(ReentrantLock lock, Sources sources) {
    this.lock = lock;
    this.loader = new CellLoader(Evaluator.class.getClassLoader());
    this.control = new CellControl(loader, this::invoke);
    this.jshell =
        JShell.builder()
            .executionEngine(new Provider(control), Map.of())
            .tempVariableNameGenerator(() -> "$" + ++lastResult)
            .idGenerator((snippet, key) -> newId())
            .build();
    this.compiler = new CellCompiler(jshell);
    this.completion = new CodeCompletion(compiler, sources);
    this.inspection = new CodeInspection(compiler, sources, this::line);
    this.names = new Names(jshell, compiler.names(), loader);
    this.splitter = new Splitter(jshell);
  }

  private record Provider(CellControl control) implements ExecutionControlProvider {
    @Override
    public String name() {
      return "cells";
    }

    @Override
    public ExecutionControl generate(ExecutionEnv env, Map<String, String> parameters) {
      return control;
    }
  }

  /** What becomes of a statement while JShell evaluates it. */
  private static final class Execution {
    /** Null if it only translates frames. */
    final @Nullable Cell cell;

    final Statement statement;
    @Nullable Object value;
    @Nullable Throwable thrown;
    boolean interrupted;

    /** Whether it ran to its end although it was interrupted, so that what it gave counts. */
    boolean returned;

    /** The frames in cells that JShell is asked to translate. */
    List<StackTraceElement> frames = List.of();

    Execution(@Nullable Cell cell, Statement statement) {
      this.cell = cell;
      this.statement = statement;
    }
  }

  JShell jshell() {
    return jshell;
  }

  CodeCompletion completion() {
    return completion;
  }

  CodeInspection inspection() {
    return inspection;
  }

  ClassLoader loader() {
    return loader;
  }

  private String newId() {
    String id = Integer.toString(++lastId);
    if (current != null) {
      statements.put(id, current.statement);
    }
    return id;
  }

  void endStartup() {
    startupId = lastId;
  }

  void addToClassPath(List<Path> entries) {
    if (!entries.isEmpty()) {
      jshell.addToClasspath(
          entries.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)));
      compiler.addToClassPath(entries);
    }
  }

  void close() {
    compiler.close();
    jshell.close();
  }

  Outcome evaluate(Cell cell, Source source) {
    try {
      return evaluate(cell, source, splitter.split(source));
    } catch (SyntaxError e) {
      return new Outcome.Failure(new CompileReport(names, source).of(e.problems()));
    }
  }

  /**
   * Evaluates a single statement without a look at where it ends: JShell's look starts an index of
   * all classes, which a start should not wait for.
   */
  Outcome evaluateStatement(Cell cell, Source source) {
    return evaluate(cell, source, List.of(new Statement(source, 0, source.text())));
  }

  private Outcome evaluate(Cell cell, Source source, List<Statement> parts) {
    List<DeclarationSnippet> declared = new ArrayList<>();
    List<SnippetEvent> changed = new ArrayList<>();
    try {
      return evaluate(cell, source, parts, declared, changed);
    } finally {
      noteChanged(changed);
    }
  }

  private Outcome evaluate(
      Cell cell,
      Source source,
      List<Statement> parts,
      List<DeclarationSnippet> declared,
      List<SnippetEvent> changed) {
    Outcome outcome = new Outcome.Nothing();
    List<Provisional> provisional = new ArrayList<>();
    for (Statement part : parts) {
      if (cell.isInterrupted()) {
        provisional.forEach(this::takeBack);
        return new Outcome.Failure(InterruptReport.before(source, part));
      }
      if (part.provisional()) {
        provisional.add(declareForNow(part));
        continue;
      }
      boolean last = part.equals(parts.get(parts.size() - 1));
      outcome = evaluate(new Execution(cell, part), declared, changed, last);
      if (outcome instanceof Outcome.Failure) {
        provisional.forEach(this::takeBack);
        return outcome;
      }
    }
    List<Problem> unresolved = unresolved(declared);
    return unresolved.isEmpty()
        ? outcome
        : new Outcome.Failure(new CompileReport(names, source).of(unresolved));
  }

  /** A type that stands in for another one, and what its name meant before. */
  private record Provisional(Statement statement, List<TypeDeclSnippet> before) {}

  private Provisional declareForNow(Statement statement) {
    Provisional provisional = new Provisional(statement, types(Splitter.name(statement)));
    evaluateUnrun(statement, statement.code());
    return provisional;
  }

  /** Where the type that it stood in for did not come, the name means again what it did before. */
  private void takeBack(Provisional provisional) {
    String code = provisional.statement().code().strip();
    for (TypeDeclSnippet type : types(Splitter.name(provisional.statement()))) {
      if (type.source().strip().equals(code)) {
        jshell.drop(type);
        for (TypeDeclSnippet before : provisional.before()) {
          evaluateUnrun(
              statements.getOrDefault(before.id(), provisional.statement()), before.source());
        }
      }
    }
  }

  private List<TypeDeclSnippet> types(String name) {
    return jshell
        .types()
        .filter(type -> type.name().equals(name) && jshell.status(type).isActive())
        .toList();
  }

  private void evaluateUnrun(Statement statement, String code) {
    Execution outer = current;
    current = new Execution(null, statement);
    try {
      jshell.eval(code);
    } finally {
      current = outer;
    }
  }

  /**
   * Methods and types may name what is declared later. It is an error where that can not be meant:
   * a member that its class does not have, a name that looks like a slip, or a class that needs an
   * import. Otherwise a note says what is missing.
   */
  private List<Problem> unresolved(List<DeclarationSnippet> declared) {
    List<Problem> problems = new ArrayList<>();
    for (DeclarationSnippet snippet : declared) {
      Statement statement = statements.get(snippet.id());
      Status status = jshell.status(snippet);
      if (statement == null || !status.isActive() || status == Status.VALID) {
        continue;
      }
      for (String symbol : jshell.unresolvedDependencies(snippet).toList()) {
        Problem problem = unresolved(statement, symbol);
        int at = problem.start() - statement.start();
        String name = nameOf(symbol);
        boolean isMember =
            statement.code().substring(0, at).matches("(?s).*(?:\\.|::)\\s*")
                && !symbol.startsWith("class ");
        boolean isSlip =
            names.nearest(name, statement.code(), at).stream().anyMatch(n -> Names.isSlip(name, n));
        boolean isClass = symbol.startsWith("class ") || Character.isUpperCase(name.charAt(0));
        if (isMember || isSlip || (isClass && !names.classes(name).isEmpty())) {
          problems.add(problem);
        } else {
          note(named(snippet) + " can not be used before " + symbol + " is declared");
        }
      }
    }
    return problems;
  }

  /** An unknown symbol, such as {@code method g(int)}, and where the statement names it. */
  private static Problem unresolved(Statement statement, String symbol) {
    String name = nameOf(symbol);
    Matcher use =
        Pattern.compile("\\b" + Pattern.quote(name) + "\\b")
            .matcher(Code.withoutLiterals(statement.code()));
    int start = statement.start() + (use.find() ? use.start() : 0);
    return new Problem(
        statement,
        start,
        start + name.length(),
        "compiler.err.cant.resolve",
        "cannot find symbol\n  symbol:   " + symbol);
  }

  private static String nameOf(String symbol) {
    return symbol.replaceAll("^\\w+\\s+|[(<].*", "");
  }

  private static String named(DeclarationSnippet snippet) {
    return switch (snippet.kind()) {
      case METHOD -> snippet.name() + "()";
      case VAR -> "variable " + snippet.name();
      default -> snippet.name();
    };
  }

  /** What a user should know although nothing failed. */
  private static void note(String text) {
    System.err.println("note: " + text);
  }

  /** Declarations that JShell compiled anew, because something that they name was declared anew. */
  private void noteChanged(List<SnippetEvent> events) {
    for (SnippetEvent event : events) {
      if (!(event.snippet() instanceof DeclarationSnippet snippet)
          || event.previousStatus() != Status.VALID
          || event.status() != jshell.status(snippet)) {
        continue;
      }
      if (snippet.kind() == Kind.VAR
          && event.status() == Status.VALID
          && event.isSignatureChange()) {
        if (snippet.subKind() != SubKind.TEMP_VAR_EXPRESSION_SUBKIND) {
          note(named(snippet) + " was reset, because its type was declared anew");
        }
      } else if (event.status().isActive() && event.status() != Status.VALID) {
        note(undeclared(snippet));
      }
    }
  }

  private Outcome evaluate(
      Execution execution,
      List<DeclarationSnippet> declared,
      List<SnippetEvent> changed,
      boolean last) {
    Statement statement = execution.statement;
    if (lacksSemicolon(statement)) {
      int at = statement.start() + statement.code().indexOf('\n');
      return new Outcome.Failure(
          new CompileReport(names, statement.cell())
              .of(
                  List.of(
                      new Problem(
                          statement, at, at + 1, "compiler.err.expected", "';' expected"))));
    }
    Execution outer = current;
    current = execution;
    List<SnippetEvent> events;
    try {
      events = jshell.eval(Opened.of(statement.code()).code());
    } finally {
      current = outer;
    }
    Outcome outcome = new Outcome.Nothing();
    for (SnippetEvent event : events) {
      if (event.causeSnippet() != null) {
        changed.add(event);
        continue;
      }
      outcome = outcome(execution, event, declared);
      retainResult(
          event.snippet(),
          (last && outcome instanceof Outcome.Value)
              || (execution.returned && execution.value != null));
      if (outcome instanceof Outcome.Failure && !execution.returned) {
        restore(event.snippet(), events);
      }
      if (outcome instanceof Outcome.Failure) {
        return outcome;
      }
    }
    return outcome;
  }

  /** A declaration that failed leaves what it was to replace as it was before. */
  private void restore(Snippet failed, List<SnippetEvent> events) {
    if (failed instanceof VarSnippet && jshell.status(failed).isActive()) {
      jshell.drop(failed);
    }
    for (SnippetEvent event : events) {
      Statement statement = statements.get(event.snippet().id());
      if (event.status() != Status.OVERWRITTEN || statement == null) {
        continue;
      }
      Execution outer = current;
      current = new Execution(null, statement); // So its code does not run again.
      try {
        if (event.snippet() instanceof VarSnippet old) {
          List<SnippetEvent> again = jshell.eval(old.typeName() + " " + old.name() + ";");
          if (again.get(0).snippet() instanceof VarSnippet fresh
              && jshell.status(fresh) == Status.VALID) {
            field(fresh).set(null, field(old).get(null));
          }
        } else {
          jshell.eval(event.snippet().source());
        }
      } catch (ReflectiveOperationException | IllegalArgumentException e) {
        note(event.snippet().source().strip() + " could not be restored");
      } finally {
        current = outer;
      }
    }
  }

  private Field field(VarSnippet variable) throws ReflectiveOperationException {
    String type = jshell.sourceCodeAnalysis().wrapper(variable).fullClassName();
    Field field = Class.forName(type, true, loader).getDeclaredField(variable.name());
    field.setAccessible(true);
    return field;
  }

  /** Two variables on two lines without a semicolon: JShell would declare the second one anew. */
  private boolean lacksSemicolon(Statement statement) {
    Matcher names = TWO_WORDS.matcher(Code.withoutLiterals(statement.code()));
    return names.matches() && jshell.variables().anyMatch(v -> v.name().equals(names.group(1)));
  }

  private Outcome outcome(
      Execution execution, SnippetEvent event, List<DeclarationSnippet> declared) {
    Snippet snippet = event.snippet();
    Statement statement = execution.statement;
    if (event.status() == Status.REJECTED) {
      return new Outcome.Failure(
          new CompileReport(names, statement.cell())
              .of(problems(statement, jshell.diagnostics(snippet).toList())));
    }
    if (execution.interrupted && execution.cell != null) {
      return new Outcome.Failure(
          InterruptReport.at(
              statement,
              execution.cell,
              places(execution.frames, event.exception()),
              execution.returned && snippet instanceof VarSnippet kept ? kept.name() : ""));
    }
    if (event.exception() instanceof UnresolvedReferenceException e) {
      IllegalStateException unresolved = new IllegalStateException(undeclared(e.getSnippet()));
      unresolved.setStackTrace(
          execution.thrown == null ? e.getStackTrace() : execution.thrown.getStackTrace());
      return new Outcome.Failure(ExceptionReport.of(unresolved, places(execution.frames, e)));
    }
    if (execution.thrown != null) {
      return new Outcome.Failure(
          ExceptionReport.of(execution.thrown, places(execution.frames, event.exception())));
    }
    if (snippet instanceof DeclarationSnippet declaration) {
      if (event.status() != Status.VALID) {
        if (snippet.kind() == Kind.VAR) {
          List<Problem> problems = new ArrayList<>();
          for (String symbol : jshell.unresolvedDependencies(declaration).toList()) {
            problems.add(unresolved(statement, symbol));
          }
          return new Outcome.Failure(new CompileReport(names, statement.cell()).of(problems));
        }
        declared.add(declaration);
      }
    }
    return isShown(snippet, execution.value)
        ? new Outcome.Value(execution.value)
        : new Outcome.Nothing();
  }

  static List<Problem> problems(Statement statement, List<Diag> diagnostics) {
    Opened opened = Opened.of(statement.code());
    return diagnostics.stream()
        .filter(Diag::isError)
        .map(
            d ->
                new Problem(
                    statement,
                    statement.start() + opened.original((int) d.getStartPosition()),
                    statement.start() + opened.original((int) d.getEndPosition()),
                    d.getCode(),
                    d.getMessage(java.util.Locale.ENGLISH)))
        .toList();
  }

  private static boolean isShown(Snippet snippet, @Nullable Object value) {
    boolean expression =
        snippet.subKind() == SubKind.TEMP_VAR_EXPRESSION_SUBKIND
            || snippet.subKind() == SubKind.VAR_VALUE_SUBKIND
            || snippet.subKind() == SubKind.OTHER_EXPRESSION_SUBKIND;
    // System.out.printf returns its stream, and nobody asks for that.
    boolean stream = value != null && (value == System.out || value == System.err);
    return expression && !stream && !Code.isAssignment(snippet.source());
  }

  /** Why a declaration can not be used. */
  private String undeclared(DeclarationSnippet snippet) {
    List<String> symbols = jshell.unresolvedDependencies(snippet).toList();
    return symbols.isEmpty()
        ? named(snippet)
            + " does not compile any more, because what it uses was declared anew; declare it again"
        : named(snippet) + " uses " + String.join(", ", symbols) + ", which is not declared";
  }

  private void retainResult(Snippet snippet, boolean shown) {
    if (snippet.subKind() != SubKind.TEMP_VAR_EXPRESSION_SUBKIND) {
      if (snippet instanceof DeclarationSnippet) {
        Matcher names = RESULT.matcher(snippet.source());
        while (names.find()) {
          pinned.add(names.group());
        }
      }
      return;
    }
    VarSnippet result = (VarSnippet) snippet;
    if (!shown) {
      jshell.drop(result);
      return;
    }
    results.add(result);
    while (results.size() > RESULTS) {
      VarSnippet oldest = results.remove();
      if (!pinned.contains(oldest.name()) && jshell.status(oldest).isActive()) {
        jshell.drop(oldest);
      }
    }
  }

  /** Called by JShell, in the middle of its evaluation, to run what it compiled. */
  private void invoke(Method method) throws RunException {
    Execution execution = current;
    if (execution == null) {
      return;
    }
    Cell cell = execution.cell;
    if (cell == null) {
      throw new UserException("", "", execution.frames.toArray(StackTraceElement[]::new));
    }
    Cell.Result result;
    lock.unlock();
    try {
      result = cell.run(() -> method.invoke(null));
    } finally {
      lock.lock();
      current = execution;
    }
    if (result == null || cell.isInterrupted()) {
      execution.interrupted = true;
      execution.frames = cellFrames(cell.stoodAt());
      if (result != null && result.thrown() == null) {
        execution.returned = true;
        execution.value = result.value();
      }
    } else if (result.thrown() != null) {
      Throwable thrown = result.thrown();
      Throwable cause = thrown instanceof InvocationTargetException ? thrown.getCause() : null;
      execution.thrown = cause == null ? thrown : cause;
      execution.frames = cellFrames(execution.thrown);
      if (execution.thrown instanceof SPIResolutionException e) {
        throw new ResolutionException(e.id(), execution.frames.toArray(StackTraceElement[]::new));
      }
    } else {
      execution.value = result.value();
      return;
    }
    // JShell alone knows which line of which snippet a frame belongs to. It tells so for the frames
    // of an exception, so all frames to be translated go into one.
    throw new UserException("", "", execution.frames.toArray(StackTraceElement[]::new));
  }

  private static List<StackTraceElement> cellFrames(StackTraceElement[] frames) {
    return Arrays.stream(frames).filter(ExceptionReport::isInCell).distinct().toList();
  }

  /** The frames in cells of an exception, of its causes and of those suppressed. */
  private static List<StackTraceElement> cellFrames(Throwable thrown) {
    List<StackTraceElement> frames = new ArrayList<>();
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    Deque<Throwable> open = new ArrayDeque<>(List.of(thrown));
    while (!open.isEmpty()) {
      Throwable next = open.remove();
      if (seen.add(next)) {
        frames.addAll(cellFrames(next.getStackTrace()));
        open.addAll(Arrays.asList(next.getSuppressed()));
        if (next.getCause() != null) {
          open.add(next.getCause());
        }
      }
    }
    return frames.stream().distinct().toList();
  }

  private Map<StackTraceElement, Place> places(
      List<StackTraceElement> frames, @Nullable JShellException translated) {
    Map<StackTraceElement, Place> places = new HashMap<>();
    StackTraceElement[] found =
        translated == null ? new StackTraceElement[0] : translated.getStackTrace();
    for (int i = 0; i < Math.min(found.length, frames.size()); i++) {
      String file = found[i].getFileName();
      Statement statement =
          file != null && file.startsWith("#") ? statements.get(file.substring(1)) : null;
      if (statement != null) {
        int line =
            statement.cell().line(statement.start()) + Math.max(0, found[i].getLineNumber() - 1);
        places.put(
            frames.get(i), new Place(statement.cell(), line, ExceptionReport.in(frames.get(i))));
      }
    }
    return places;
  }

  /** The report of an exception that reached the kernel outside a statement. */
  ErrorReport report(Throwable thrown) {
    List<StackTraceElement> frames = cellFrames(thrown);
    if (frames.isEmpty()) {
      return ExceptionReport.of(thrown, Map.of());
    }
    // Again, JShell translates frames only for what a statement throws.
    Execution translation = new Execution(null, new Statement(new Source(0, ""), 0, ""));
    translation.frames = frames;
    Execution outer = current;
    current = translation;
    try {
      JShellException translated = jshell.eval("{}").get(0).exception();
      return ExceptionReport.of(thrown, places(frames, translated));
    } finally {
      current = outer;
    }
  }

  /** Tells about an exception that ended a thread which a cell started. */
  void uncaught(Thread thread, Throwable thrown) {
    ErrorReport report;
    lock.lock();
    try {
      report = report(thrown);
    } finally {
      lock.unlock();
    }
    System.err.println(
        "in thread "
            + (thread.getName().isEmpty() ? "(unnamed)" : thread.getName())
            + ": "
            + String.join("\n", report.traceback()));
  }

  /** A variable and its value. */
  record Read(String name, String type, @Nullable Object value) {}

  List<Read> variables() {
    List<Read> read = new ArrayList<>();
    for (VarSnippet variable : jshell.variables().toList()) {
      if (jshell.status(variable) == Status.VALID && !isResult(variable)) {
        read.add(new Read(variable.name(), variable.typeName(), value(variable)));
      }
    }
    return read;
  }

  /** The value of a variable as text on one line: code of users, which runs without the lock. */
  private String line(VarSnippet variable) {
    List<@Nullable Object> values = new ArrayList<>();
    lock.lock();
    try {
      values.add(value(variable));
    } finally {
      lock.unlock();
    }
    return Values.lines(values).get(0);
  }

  private @Nullable Object value(VarSnippet variable) {
    jshell.varValue(variable);
    return control.takeRead();
  }

  private static boolean isResult(Snippet snippet) {
    return snippet.subKind() == SubKind.TEMP_VAR_EXPRESSION_SUBKIND;
  }

  /** The source of all that cells declared and is still valid, in order. */
  List<String> declarations() {
    Set<Statement> valid = new LinkedHashSet<>();
    jshell
        .snippets()
        .filter(s -> s instanceof DeclarationSnippet || s instanceof ImportSnippet)
        .filter(s -> jshell.status(s).isActive() && !isResult(s))
        .filter(s -> Integer.parseInt(s.id()) > startupId)
        .forEach(
            s -> {
              Statement statement = statements.get(s.id());
              if (statement != null) {
                valid.add(statement);
              }
            });
    return valid.stream().map(s -> s.code().strip()).toList();
  }
}
