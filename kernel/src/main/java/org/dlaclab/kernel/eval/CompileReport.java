package org.dlaclab.kernel.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the compiler has against a cell: the place, its words without noise, and a hint. */
final class CompileReport {
  private static final String NAME = "CompilationError";
  private static final int MAX_PROBLEMS = 10;
  private static final int MAX_WIDTH = 160;

  private static final Pattern SYMBOL = Pattern.compile("symbol:\\s+(\\w+)\\s+(.+?)\\s*(?:\n|$)");
  private static final Pattern LOCATION = Pattern.compile("location:\\s+(.+?)\\s*(?:\n|$)");
  private static final Pattern TYPES =
      Pattern.compile(
          "incompatible types: (?:possible lossy conversion from )?(.+?) (?:to|cannot be converted to) (.+)");

  private static final List<String> KEYWORDS =
      List.of(
          "abstract",
          "class",
          "double",
          "enum",
          "final",
          "import",
          "interface",
          "private",
          "protected",
          "public",
          "record",
          "return",
          "sealed",
          "static",
          "throw",
          "void",
          "while");

  private final Names names;
  private final Source cell;

  CompileReport(Names names, Source cell) {
    this.names = names;
    this.cell = cell;
  }

  ErrorReport of(List<Problem> found) {
    // What does not even parse makes the compiler stumble over the rest.
    List<Problem> syntax = found.stream().filter(CompileReport::isSyntax).toList();
    List<Problem> problems = syntax.isEmpty() ? found : syntax;
    List<String> lines = new ArrayList<>();
    for (Problem wide : problems.subList(0, Math.min(MAX_PROBLEMS, problems.size()))) {
      Problem problem = narrowed(wide);
      lines.add(Style.ERROR.on(NAME) + ": " + words(problem));
      int line = cell.line(problem.start());
      lines.add(
          "  "
              + Style.PLACE.on(
                  cell.name() + ", line " + line + ":" + cell.column(problem.start())));
      lines.addAll(marked(problem, line));
      String hint = hint(problem);
      if (hint != null) {
        lines.add("  " + Style.STRONG.on("hint: ") + hint);
      }
    }
    if (problems.size() > MAX_PROBLEMS) {
      lines.add("… " + (problems.size() - MAX_PROBLEMS) + " more errors");
    }
    String first =
        problems.isEmpty()
            ? "the compiler rejects the cell but does not say why"
            : words(problems.get(0));
    if (problems.isEmpty()) {
      lines.add(Style.ERROR.on(NAME) + ": " + first);
    }
    return new ErrorReport(NAME, first, lines);
  }

  /** The unknown name itself, where the compiler marks all that it belongs to. */
  private Problem narrowed(Problem problem) {
    Matcher symbol = SYMBOL.matcher(problem.message());
    if (!symbol.find()) {
      return problem;
    }
    String name = symbol.group(2).replaceAll("[(<].*", "");
    int at =
        cell.text().lastIndexOf(name, Math.max(problem.start(), problem.end() - name.length()));
    return at < problem.start()
        ? problem
        : new Problem(
            problem.statement(), at, at + name.length(), problem.code(), problem.message());
  }

  private static boolean isSyntax(Problem problem) {
    return problem
        .code()
        .matches("compiler\\.err\\.(expected\\d?|illegal\\.start.*|premature\\.eof|unclosed\\..*)");
  }

  /** The source line, and carets under what is meant. */
  private List<String> marked(Problem problem, int line) {
    String text = cell.lineText(line);
    int column = cell.column(problem.start()) - 1;
    int width = Math.max(1, Math.min(problem.end() - problem.start(), text.length() - column));
    String before = text.substring(0, Math.min(column, text.length())).replaceAll("[^\t]", " ");
    int from = Math.max(0, Math.min(column - MAX_WIDTH / 2, text.length() - MAX_WIDTH));
    if (from > 0 || text.length() > MAX_WIDTH) {
      text = text.substring(from, Math.min(text.length(), from + MAX_WIDTH));
      before = before.substring(Math.min(from, before.length()));
      width = Math.min(width, Math.max(1, MAX_WIDTH - before.length()));
    }
    String number = String.format("%9d ", line);
    return List.of(
        number + text, " ".repeat(number.length()) + before + Style.MARK.on("^".repeat(width)));
  }

  /** The compiler's message in one line, without the classes that JShell makes. */
  static String words(Problem problem) {
    String message = problem.message();
    Matcher symbol = SYMBOL.matcher(message);
    if (!symbol.find()) {
      return message
          .lines()
          .map(l -> shortened(l.strip()))
          .filter(l -> !l.matches("location:\\s+class\\s*|\\(?use .*(-Xlint|--enable-preview).*"))
          .collect(Collectors.joining("\n  "));
    }
    String words = message.substring(0, message.indexOf('\n')).strip();
    Matcher location = LOCATION.matcher(message);
    String where = location.find() ? location.group(1).strip() : "class";
    return shortened(
        words
            + ": "
            + symbol.group(1)
            + " "
            + symbol.group(2)
            + (where.equals("class") || where.matches("class \\$JShell\\S*")
                ? ""
                : " in " + where));
  }

  /** With {@code String} for {@code java.lang.String}. */
  private static String shortened(String message) {
    return message.replaceAll("\\bjava\\.(?:lang|util|io)\\.([A-Z])", "$1");
  }

  /** What may help, or null. */
  private @Nullable String hint(Problem problem) {
    String semicolon = missingSemicolon(problem);
    if (semicolon != null) {
      return semicolon;
    }
    Matcher symbol = SYMBOL.matcher(problem.message());
    if (problem.code().startsWith("compiler.err.cant.resolve") && symbol.find()) {
      return unknown(problem, symbol.group(1), symbol.group(2).replaceAll("[(<].*", ""));
    }
    if (problem.code().equals("compiler.err.doesnt.exist")) {
      return "packages come from the class path; %maven and %classpath add to it";
    }
    Matcher types = TYPES.matcher(words(problem));
    if (types.find()) {
      return conversion(problem, types.group(1), types.group(2));
    }
    return switch (problem.code()) {
      case "compiler.err.sealed.class.must.have.subclasses" ->
          "in a cell it must name them, behind its own name: permits A, B";
      case "compiler.err.missing.ret.stmt" ->
          "each way through the method must end with return or throw";
      case "compiler.err.unclosed.str.lit" ->
          "close the text with \" on the same line; text of several lines stands between \"\"\"";
      case "compiler.err.unclosed.char.lit" -> "text stands between \", and ' is for one character";
      case "compiler.err.var.might.not.have.been.initialized" ->
          "give it a value where it is declared";
      case "compiler.err.local.variables.not.allowed",
          "compiler.err.local.var.accessed.from.icls.needs.final",
          "compiler.err.cant.ref.non.effectively.final.var" ->
          "a lambda sees only variables that never change; variables of the cell itself may change";
      default -> null;
    };
  }

  /** JShell takes two statements for one if the first lacks its semicolon. */
  private @Nullable String missingSemicolon(Problem problem) {
    String code = Code.withoutLiterals(cell.text());
    int at = Math.max(0, Math.min(problem.start(), code.length()));
    boolean expected = problem.message().startsWith("';' expected");
    if (expected) {
      int next = code.indexOf('\n', at);
      if (!code.substring(at, next < 0 ? code.length() : next).isBlank()) {
        return misspelledKeyword(code, at);
      }
      return "is a ; missing at the end of line "
          + cell.line(at)
          + "? Without it two statements are taken for one";
    }
    // The wrong token ends its line or begins it, and nothing joins the two lines.
    int end = Math.max(at, Math.min(problem.end(), code.length()));
    int lineEnd = code.indexOf('\n', end);
    if (lineEnd >= 0 && code.substring(end, lineEnd).isBlank() && joined(code, lineEnd)) {
      return "is a ; missing at the end of line "
          + cell.line(at)
          + "? Without it two statements are taken for one";
    }
    int lineStart = cell.lineStart(at);
    if (lineStart > 0 && code.substring(lineStart, at).isBlank() && joined(code, lineStart - 1)) {
      return "is a ; missing at the end of line "
          + (cell.line(at) - 1)
          + "? Without it two statements are taken for one";
    }
    return null;
  }

  private static @Nullable String misspelledKeyword(String code, int at) {
    Matcher word = Pattern.compile("\\w+$").matcher(code.substring(0, at).stripTrailing());
    return word.find()
        ? Names.nearest(word.group(), KEYWORDS).stream()
            .findFirst()
            .map(k -> "did you mean " + Style.STRONG.on(k) + "?")
            .orElse(null)
        : null;
  }

  /** Whether a line end stands between two words, or what ends like a statement and a word. */
  private static boolean joined(String code, int newline) {
    String before = code.substring(0, newline).stripTrailing();
    String after = code.substring(newline).stripLeading();
    if (before.isEmpty() || after.isEmpty()) {
      return false;
    }
    char last = before.charAt(before.length() - 1);
    return (Character.isJavaIdentifierPart(last) || last == ')' || last == ']')
        && Character.isJavaIdentifierStart(after.charAt(0))
        && !after.matches("(?s)(?:instanceof|implements|extends|throws|permits|else)\\b.*")
        && !before.matches("(?s).*\\b(?:return|throw|new|else|do|public|static|final|private)");
  }

  private @Nullable String unknown(Problem problem, String kind, String name) {
    if (kind.equals("class") || Character.isUpperCase(name.charAt(0))) {
      List<String> classes = names.classes(name);
      if (!classes.isEmpty()) {
        return classes.stream()
            .limit(3)
            .map(c -> Style.STRONG.on("import " + c + ";"))
            .collect(Collectors.joining(" or ", "is this import missing? ", ""));
      }
    }
    List<String> near = nearest(problem, name);
    return near.isEmpty()
        ? null
        : near.stream()
            .map(Style.STRONG::on)
            .collect(Collectors.joining(" or ", "did you mean ", "?"));
  }

  private List<String> nearest(Problem problem, String name) {
    Statement statement = problem.statement();
    int at = statement.code().indexOf(name, Math.max(0, problem.start() - statement.start()));
    return at < 0 ? List.of() : names.nearest(name, statement.code(), at);
  }

  private @Nullable String conversion(Problem problem, String from, String to) {
    String text =
        cell.text()
            .substring(
                Math.min(problem.start(), cell.text().length()),
                Math.min(Math.max(problem.start(), problem.end()), cell.text().length()));
    String shown = text.isBlank() || text.contains("\n") || text.length() > 40 ? "…" : text;
    String argument = shown.matches("[\\w.]+(\\([^()]*\\))?") ? shown : "(" + shown + ")";
    if (problem.message().contains("possible lossy conversion")) {
      return "to cut it down, write " + Style.STRONG.on("(" + to + ") " + argument);
    }
    if (from.equals("String")) {
      return switch (to) {
        case "int", "Integer" ->
            "to read a number, write " + Style.STRONG.on("Integer.parseInt(" + shown + ")");
        case "double", "Double" ->
            "to read a number, write " + Style.STRONG.on("Double.parseDouble(" + shown + ")");
        case "long", "Long" ->
            "to read a number, write " + Style.STRONG.on("Long.parseLong(" + shown + ")");
        default -> null;
      };
    }
    if (to.equals("String")) {
      return "to make text of it, write " + Style.STRONG.on("String.valueOf(" + shown + ")");
    }
    return from.equals("Object")
        ? "if it is one, write " + Style.STRONG.on("(" + to + ") " + argument)
        : null;
  }
}
