package org.dlaclab.kernel.magic;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.BiFunction;
import org.dlaclab.kernel.eval.Completions;
import org.dlaclab.kernel.eval.ErrorReport;
import org.dlaclab.kernel.eval.Outcome;

/** Code from files. */
final class Load implements Magic {
  private final BiFunction<Integer, String, Outcome> run;

  /** The files that are being loaded, innermost first: one may load another, but not itself. */
  private final Deque<Path> loading = new ArrayDeque<>();

  /**
   * @param run runs a cell, magics included
   */
  Load(BiFunction<Integer, String, Outcome> run) {
    this.run = run;
  }

  @Override
  public Help help() {
    return new Help(
        "load",
        Help.Form.LINE,
        false,
        "Runs a script or the Java cells of a notebook.",
        "FILE ...",
        List.of(),
        "%load setup.jsh",
        "A script may have magics. Of jshell's commands, /exit ends it, /open loads another file,"
            + " /set has no effect; others are refused.");
  }

  @Override
  public Outcome run(Invocation call) throws Exception {
    if (call.words().isEmpty()) {
      throw Invocation.wrong(help(), "there is no file to load", "a .jsh or .ipynb file");
    }
    Outcome outcome = new Outcome.Nothing();
    for (String name : call.words()) {
      outcome = load(call.count(), UserPath.path(name));
      if (outcome instanceof Outcome.Failure) {
        return outcome;
      }
    }
    return outcome;
  }

  private Outcome load(int count, Path file) throws MagicException {
    Path real = file.toAbsolutePath().normalize();
    if (loading.contains(real)) {
      throw new MagicException(
          file + " loads itself", "files that do not load each other in a circle", "the line out");
    }
    String text = read(file);
    loading.push(real);
    try {
      return file.toString().endsWith(".ipynb")
          ? notebook(count, file, text)
          : script(count, file, text);
    } finally {
      loading.pop();
    }
  }

  private static String read(Path file) throws MagicException {
    try {
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new MagicException(file + " is not text in UTF-8", "a .jsh or .ipynb file", "%load?");
    } catch (IOException e) {
      throw UserPath.unreadable(file);
    }
  }

  private Outcome notebook(int count, Path file, String text) throws MagicException {
    Outcome outcome = new Outcome.Nothing();
    int number = 0;
    for (JsonElement element : cells(file, text)) {
      number++;
      JsonObject cell = element.getAsJsonObject();
      if (!cell.get("cell_type").getAsString().equals("code")) {
        continue;
      }
      JsonElement source = cell.get("source");
      StringBuilder code = new StringBuilder();
      if (source.isJsonArray()) {
        source.getAsJsonArray().forEach(line -> code.append(line.getAsString()));
      } else {
        code.append(source.getAsString());
      }
      outcome = named(count, file + ", cell " + number, run.apply(count, code.toString()));
      if (outcome instanceof Outcome.Failure) {
        return outcome;
      }
    }
    return outcome;
  }

  private static JsonArray cells(Path file, String text) throws MagicException {
    try {
      JsonObject notebook = JsonParser.parseString(text).getAsJsonObject();
      JsonObject metadata = notebook.getAsJsonObject("metadata");
      JsonObject kernel = metadata == null ? null : metadata.getAsJsonObject("kernelspec");
      JsonElement language = kernel == null ? null : kernel.get("language");
      if (language != null && !language.getAsString().equalsIgnoreCase("java")) {
        throw new MagicException(
            file + " is a notebook in " + language.getAsString(), "a notebook in Java", "%load?");
      }
      return notebook.getAsJsonArray("cells");
    } catch (JsonParseException | IllegalStateException | ClassCastException e) {
      throw new MagicException(
          file + " is not a notebook", "JSON of nbformat 4, with cells", "%load?");
    }
  }

  /** Runs a script up to where it exits; what jshell's commands are is done between. */
  private Outcome script(int count, Path file, String text) throws MagicException {
    StringBuilder code = new StringBuilder();
    Outcome outcome = new Outcome.Nothing();
    int line = 0;
    for (String row : text.split("(?<=\n)", -1)) {
      line++;
      String command = row.strip();
      if (!row.matches("(?s)/[a-z!?-].*") || !Cell.isClosed(code.toString())) {
        code.append(row);
        continue;
      }
      String[] words = command.split("\\s+", 2);
      String blank = row.replaceAll("[^\r\n]", " ");
      switch (words[0]) {
        case "/exit", "/ex", "/exi" -> {
          return named(count, file.toString(), run.apply(count, code.toString()));
        }
        case "/set", "/se" -> code.append(blank);
        case "/open", "/o", "/op", "/ope" -> {
          outcome = named(count, file.toString(), run.apply(count, code.toString()));
          if (!(outcome instanceof Outcome.Failure)
              && words.length > 1
              && !words[1].matches("[A-Z]+")) {
            outcome = load(count, file.resolveSibling(words[1]));
          }
          if (outcome instanceof Outcome.Failure) {
            return outcome;
          }
          code = new StringBuilder(code.toString().replaceAll("[^\r\n]", " ")).append(blank);
        }
        default ->
            throw new MagicException(
                file + ":" + line + ": " + command + " is a command of the jshell tool",
                "Java code, magics, /open, /set or /exit",
                words[0].startsWith("/env") ? "%classpath or %maven" : "the line out");
      }
    }
    return named(count, file.toString(), run.apply(count, code.toString()));
  }

  /** Errors tell of the file where they would tell of the cell. */
  private static Outcome named(int count, String name, Outcome outcome) {
    if (!(outcome instanceof Outcome.Failure failure)) {
      return outcome;
    }
    ErrorReport error = failure.error();
    return new Outcome.Failure(
        new ErrorReport(
            error.name(),
            error.value(),
            error.traceback().stream().map(line -> named(count, name, line)).toList()));
  }

  private static String named(int count, String name, String line) {
    return line.replace("Cell In [" + count + "], line ", name + ":")
        .replace("In [" + count + "], line ", name + ":")
        .replace("In [" + count + "]", name);
  }

  @Override
  public List<Completions.Item> suggest(String word) {
    return UserPath.suggest(
        word, path -> path.endsWith(".jsh") || path.endsWith(".ipynb") || path.endsWith(".java"));
  }
}
