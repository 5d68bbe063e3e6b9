package org.dlaclab.shell;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import jdk.jshell.DeclarationSnippet;
import jdk.jshell.Diag;
import jdk.jshell.EvalException;
import jdk.jshell.JShell;
import jdk.jshell.Snippet;
import jdk.jshell.Snippet.Kind;
import jdk.jshell.Snippet.Status;
import jdk.jshell.Snippet.SubKind;
import jdk.jshell.SnippetEvent;
import jdk.jshell.SourceCodeAnalysis.Completeness;
import jdk.jshell.SourceCodeAnalysis.CompletionInfo;
import jdk.jshell.UnresolvedReferenceException;
import jdk.jshell.VarSnippet;

/**
 * Runs a JShell script inside this JVM.
 *
 * <p>A script is what {@code jshell FILE} takes: snippets, line by line, with everything imported
 * that {@code dlac shell} imports. Beyond that, a line that starts with a dot or with {@code else}
 * continues the statement before it, the first line may be {@code #!...}, and {@code args} holds
 * the arguments. A bare expression prints its value, unless it is void or null. The only shell
 * command is {@code /exit}. The first snippet that fails ends the script.
 */
final class ScriptRunner {
  private static final String STARTUP = "startup.jsh";

  /** A shell command: a slash that opens no comment. */
  private static final Pattern COMMAND = Pattern.compile("\\s*(/[^/*\\s]\\S*)\\s*(.*?)\\s*");

  /** Blank space and comments. */
  private static final Pattern LEADING = Pattern.compile("(\\s+|//[^\n]*|/\\*(?s:.*?)\\*/)*");

  private static final Pattern CONTINUATION = Pattern.compile("\\.|else\\b");

  private final String name;
  private final String text;
  private final PrintStream out;
  private final PrintStream err;

  /** Where each snippet starts in the text, by the snippet's id. */
  private final Map<String, Integer> starts = new HashMap<>();

  /** Methods and classes that name something that was not declared before them. */
  private final List<DeclarationSnippet> unresolved = new ArrayList<>();

  private ScriptRunner(String name, String text, PrintStream out, PrintStream err) {
    this.name = name;
    this.text = text;
    this.out = out;
    this.err = err;
  }

  /**
   * Runs a script to its end or to its first error.
   *
   * @param name how errors name the script
   * @param text the script
   * @param args what the script sees as {@code args}
   * @param out gets the values of bare expressions; what the script prints itself goes to {@link
   *     System#out}
   * @param err gets the error
   * @return 0, the number that {@code /exit} names, or 1 after an error
   */
  static int run(String name, String text, List<String> args, PrintStream out, PrintStream err) {
    // The local engine starts in a tenth of the time of a second JVM, and a script needs no stop.
    try (JShell shell = JShell.builder().executionEngine("local").build()) {
      for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
        if (!entry.isEmpty()) {
          shell.addToClasspath(entry);
        }
      }
      int started = new ScriptRunner(STARTUP, startup(), out, err).evaluate(shell);
      if (started != 0) {
        return started;
      }
      shell.eval(
          args.stream()
              .map(ScriptRunner::literal)
              .collect(Collectors.joining(", ", "String[] args = {", "};")));
      return new ScriptRunner(
              name, text.startsWith("#!") ? "//" + text.substring(2) : text, out, err)
          .evaluate(shell);
    }
  }

  /** The snippets that every session starts with. */
  static String startup() {
    try (InputStream in =
        Objects.requireNonNull(ScriptRunner.class.getResourceAsStream(STARTUP), STARTUP)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Evaluates the whole text, and returns the exit code. */
  private int evaluate(JShell shell) {
    int start = 0;
    int end = 0;
    while (true) {
      String unit = text.substring(start, end);
      boolean last = end == text.length();
      Matcher command = COMMAND.matcher(unit);
      if (command.matches()) {
        return command(command.group(1), command.group(2), start + codeStart(unit));
      }
      CompletionInfo info = shell.sourceCodeAnalysis().analyzeCompletion(unit);
      Completeness completeness = info.completeness();
      if (last && completeness == Completeness.EMPTY) {
        return unresolvedAtEnd(shell);
      }
      if (last && completeness == Completeness.DEFINITELY_INCOMPLETE) {
        return error(start + codeStart(unit), "the script ends inside this statement");
      }
      boolean complete =
          completeness.isComplete() || (last && completeness == Completeness.CONSIDERED_INCOMPLETE);
      if (!complete || (info.remaining().isBlank() && continues(end))) {
        start = completeness == Completeness.EMPTY ? end : start;
        end = lineEnd(end);
        continue;
      }
      List<SnippetEvent> events = shell.eval(info.source());
      for (SnippetEvent event : events) {
        starts.put(event.snippet().id(), start);
      }
      for (SnippetEvent event : events) {
        int code = event.causeSnippet() == null ? accept(shell, event, start) : 0;
        if (code != 0) {
          return code;
        }
      }
      start = end - info.remaining().length();
    }
  }

  /** Handles the outcome of the snippet at an offset; not 0 after an error. */
  private int accept(JShell shell, SnippetEvent event, int start) {
    Snippet snippet = event.snippet();
    int code = start + codeStart(snippet.source());
    if (event.status() == Status.REJECTED) {
      Optional<Diag> diagnostic = shell.diagnostics(snippet).filter(Diag::isError).findFirst();
      return diagnostic.isPresent()
          ? error(start + (int) diagnostic.get().getPosition(), message(diagnostic.get()))
          : error(code, "this does not compile");
    }
    if (event.exception() instanceof UnresolvedReferenceException exception) {
      return error(code, undeclared(shell, exception.getSnippet()));
    }
    if (event.exception() instanceof EvalException exception) {
      return error(thrownAt(exception, code), message(exception));
    }
    if (snippet instanceof DeclarationSnippet declaration && event.status() != Status.VALID) {
      if (snippet.kind() == Kind.VAR) {
        return error(code, undeclared(shell, declaration));
      }
      unresolved.add(declaration);
    }
    String value = event.value();
    if (value != null && !value.equals("null") && isBareExpression(snippet)) {
      out.println(plain(value));
    }
    return 0;
  }

  private int command(String command, String argument, int offset) {
    if (!command.equals("/exit")) {
      return error(
          offset, "a script knows no shell command but /exit; use ./dlac shell for " + command);
    }
    if (argument.isEmpty()) {
      return 0;
    }
    if (argument.matches("\\d{1,3}") && Integer.parseInt(argument) <= 255) {
      return Integer.parseInt(argument);
    }
    return error(offset, "/exit takes a number from 0 to 255, not " + argument);
  }

  /** A method may name another one below it, but not one that never comes. */
  private int unresolvedAtEnd(JShell shell) {
    for (DeclarationSnippet snippet : unresolved) {
      Status status = shell.status(snippet);
      if (status.isActive() && status != Status.VALID) {
        int start = starts.getOrDefault(snippet.id(), 0);
        return error(start + codeStart(snippet.source()), undeclared(shell, snippet));
      }
    }
    return 0;
  }

  private static String undeclared(JShell shell, DeclarationSnippet snippet) {
    return shell
        .unresolvedDependencies(snippet)
        .collect(
            Collectors.joining(
                ", ", snippet.name() + " uses something that is not declared: ", ""));
  }

  /** Where an exception was thrown: the innermost line of the script, else the statement itself. */
  private int thrownAt(EvalException exception, int otherwise) {
    for (StackTraceElement frame : exception.getStackTrace()) {
      String file = frame.getFileName();
      Integer start = file != null && file.startsWith("#") ? starts.get(file.substring(1)) : null;
      if (start != null) {
        int offset = start;
        for (int line = 1; line < frame.getLineNumber(); line++) {
          offset = lineEnd(offset);
        }
        return offset + codeStart(text.substring(offset));
      }
    }
    return otherwise;
  }

  private static String message(EvalException exception) {
    StringBuilder message = new StringBuilder(described(exception));
    if (isOurs(exception)) {
      return message.toString();
    }
    for (Throwable cause = exception.getCause(); cause != null; cause = cause.getCause()) {
      message.append("\n  caused by ");
      message.append(cause instanceof EvalException e ? described(e) : cause.getMessage());
    }
    return message.toString();
  }

  private static String described(EvalException exception) {
    String type = exception.getExceptionClassName();
    String message = exception.getMessage();
    if (message == null || message.isEmpty()) {
      return type;
    }
    return isOurs(exception) ? message : type + ": " + message;
  }

  /** Whether the message is written for the reader; others say little without type and cause. */
  private static boolean isOurs(EvalException exception) {
    return exception.getExceptionClassName().startsWith("org.dlaclab.");
  }

  /** The compiler's message without the place, which is a class that JShell made up. */
  private static String message(Diag diagnostic) {
    return diagnostic
        .getMessage(Locale.ENGLISH)
        .lines()
        .filter(line -> !line.strip().matches("location:\\s+class\\s*"))
        .collect(Collectors.joining("\n"));
  }

  /** Prints one error with its line and a caret, and returns the exit code. */
  private int error(int offset, String message) {
    int at = Math.min(offset, text.length());
    int lineStart = text.lastIndexOf('\n', at - 1) + 1;
    int line = (int) text.substring(0, lineStart).chars().filter(c -> c == '\n').count() + 1;
    String source = text.substring(lineStart, lineEnd(lineStart)).stripTrailing();
    String before = text.substring(lineStart, at).replaceAll("[^\t]", " ");
    err.println(name + ":" + line + ":" + (at - lineStart + 1) + ": " + message);
    err.println("    " + source);
    err.println("    " + before + "^");
    return 1;
  }

  /** Whether the code at an offset can only belong to the statement before it. */
  private boolean continues(int offset) {
    String rest = text.substring(offset);
    return CONTINUATION.matcher(rest.substring(codeStart(rest))).lookingAt();
  }

  /** The offset after the line that an offset lies in. */
  private int lineEnd(int offset) {
    int newline = text.indexOf('\n', offset);
    return newline < 0 ? text.length() : newline + 1;
  }

  /** How much blank space and how many comments stand before the code. */
  private static int codeStart(String unit) {
    Matcher matcher = LEADING.matcher(unit);
    return matcher.lookingAt() && matcher.end() < unit.length() ? matcher.end() : 0;
  }

  /** An expression whose value is shown; printf returns its stream, and nobody asks for that. */
  private static boolean isBareExpression(Snippet snippet) {
    if (snippet instanceof VarSnippet variable && variable.typeName().endsWith("PrintStream")) {
      return false;
    }
    return snippet.subKind() == SubKind.TEMP_VAR_EXPRESSION_SUBKIND
        || snippet.subKind() == SubKind.VAR_VALUE_SUBKIND
        || snippet.subKind() == SubKind.OTHER_EXPRESSION_SUBKIND;
  }

  /** A value as {@code println} shows it: JShell quotes strings and characters. */
  private static String plain(String value) {
    boolean quoted =
        value.length() >= 2
            && (value.charAt(0) == '"' || value.charAt(0) == '\'')
            && value.charAt(value.length() - 1) == value.charAt(0);
    return quoted ? value.substring(1, value.length() - 1).translateEscapes() : value;
  }

  /** An argument as a Java string literal. */
  private static String literal(String argument) {
    StringBuilder literal = new StringBuilder("\"");
    for (char c : argument.toCharArray()) {
      if (c < 0x20 || c == '"' || c == '\\') {
        literal.append(String.format(Locale.ROOT, "\\%03o", (int) c));
      } else {
        literal.append(c);
      }
    }
    return literal.append('"').toString();
  }
}
