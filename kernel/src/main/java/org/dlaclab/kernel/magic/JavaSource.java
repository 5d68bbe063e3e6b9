package org.dlaclab.kernel.magic;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.dlaclab.kernel.eval.Completions;
import org.dlaclab.kernel.eval.Evaluator;
import org.dlaclab.kernel.eval.Evaluator.Variable;
import org.dlaclab.kernel.eval.Outcome;

/** All that cells declared, as one Java file. */
final class JavaSource implements Magic {
  private static final Pattern START =
      Pattern.compile(
          "(?s)(?<before>(?:\\s+|//[^\\n]*\\n|/\\*.*?\\*/)*+)"
              + "(?<modifiers>(?:(?:@[\\w.]+(?:\\([^)]*\\))?|public|private|protected|abstract|final"
              + "|sealed|non-sealed|strictfp|synchronized|static)\\s+)*+)(?<rest>.*)");
  private static final Pattern TYPE =
      Pattern.compile("(?s)(?:class|interface|enum|record|@\\s*interface)\\s+\\w+.*");
  private static final Pattern VAR =
      Pattern.compile("(?s)var\\s+(?<name>[\\p{L}_$][\\p{L}\\p{N}_$]*)(?<rest>.*)");

  private final Evaluator evaluator;

  JavaSource(Evaluator evaluator) {
    this.evaluator = evaluator;
  }

  @Override
  public Help help() {
    return new Help(
        "javasrc",
        Help.Form.LINE,
        false,
        "Shows all that cells declared as one Java file, or writes it.",
        "[FILE.java]",
        List.of(),
        "%javasrc Lab.java",
        "Variables, methods and types become static members of a class that is named as the file is."
            + " Statements of cells, such as calls, are not declarations and are left out.");
  }

  @Override
  public Outcome run(Invocation call) throws MagicException {
    if (call.words().size() > 1) {
      throw Invocation.wrong(help(), String.join(" ", call.words()), "one file");
    }
    if (call.words().isEmpty()) {
      System.out.print(file("Notebook"));
      return new Outcome.Nothing();
    }
    Path file = UserPath.path(call.words().get(0));
    String name = String.valueOf(file.getFileName()).replaceFirst("\\.java$", "");
    if (!file.toString().endsWith(".java")
        || !javax.lang.model.SourceVersion.isName(name)
        || name.contains(".")) {
      throw Invocation.wrong(
          help(), file + " cannot hold a class", "a name of a class with .java at its end");
    }
    try {
      String source = file(name);
      Files.writeString(file, source);
      System.out.println("Wrote " + file + " (" + source.lines().count() + " lines).");
    } catch (IOException e) {
      throw new MagicException(
          file + " cannot be written: " + e.getMessage(),
          "a file in a folder that exists",
          help().example());
    }
    return new Outcome.Nothing();
  }

  private String file(String name) {
    Map<String, String> types = new HashMap<>();
    for (Variable variable : evaluator.variables()) {
      types.put(variable.name(), variable.type());
    }
    TreeSet<String> imports = new TreeSet<>(evaluator.imports());
    List<String> members = new ArrayList<>();
    for (String declaration : evaluator.declarations()) {
      String source = declaration.strip();
      if (source.matches("(?s)import\\s.*")) {
        imports.add(source.endsWith(";") ? source : source + ";");
      } else {
        members.add(member(source, types).indent(2));
      }
    }
    return String.join("\n", imports)
        + "\n\n/** What the cells of a notebook declared. */\npublic class "
        + name
        + " {\n"
        + String.join("\n", members)
        + "}\n";
  }

  /** A declaration as a static member. */
  private static String member(String source, Map<String, String> types) {
    Matcher start = START.matcher(source);
    if (!start.matches()) {
      return source;
    }
    String modifiers = start.group("modifiers");
    String rest = start.group("rest");
    boolean type = TYPE.matcher(rest).matches();
    boolean nested = type && !rest.startsWith("class"); // Interfaces and such are static already.
    Matcher var = VAR.matcher(rest);
    if (var.matches() && types.containsKey(var.group("name"))) {
      rest = types.get(var.group("name")) + " " + var.group("name") + var.group("rest");
    }
    boolean isStatic = modifiers.matches("(?s).*\\bstatic\\b.*") || nested;
    int body = rest.indexOf('{');
    int value = rest.indexOf('=');
    boolean method = body >= 0 && (value < 0 || body < value);
    String end = type || method || rest.endsWith(";") ? "" : ";";
    return start.group("before") + modifiers + (isStatic ? "" : "static ") + rest + end;
  }

  @Override
  public List<Completions.Item> suggest(String word) {
    return UserPath.suggest(word, name -> name.endsWith(".java"));
  }
}
