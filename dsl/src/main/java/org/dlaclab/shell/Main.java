package org.dlaclab.shell;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** The programs that the {@code dlac} launcher starts. */
public final class Main {
  private Main() {}

  /**
   * Runs one command and exits with its code.
   *
   * @param args {@code demo}, {@code shell}, {@code run FILE} or {@code doctor}, then its arguments
   */
  public static void main(String... args) throws Exception {
    System.exit(run(List.of(args)));
  }

  private static int run(List<String> args) throws Exception {
    String command = args.isEmpty() ? "" : args.get(0);
    List<String> rest = args.isEmpty() ? args : args.subList(1, args.size());
    return switch (command) {
      case "demo" ->
          script(
              Path.of(System.getProperty("dlac.home", ""), "examples", "demo.jsh").toString(),
              rest);
      case "run" ->
          rest.isEmpty()
              ? usage("run needs a script: run FILE.jsh [ARGUMENT ...]")
              : script(rest.get(0), rest.subList(1, rest.size()));
      case "shell" -> DlacShell.run(rest);
      case "doctor" -> {
        Doctor.run(System.out);
        yield 0;
      }
      default -> usage("no command " + command + ": expected demo, shell, run or doctor");
    };
  }

  private static int script(String file, List<String> args) {
    String text;
    try {
      text = Files.readString(Path.of(file));
    } catch (CharacterCodingException e) {
      return usage("cannot read " + file + ": it is not UTF-8 text");
    } catch (NoSuchFileException e) {
      return usage("cannot read " + file + ": no such file");
    } catch (IOException | InvalidPathException e) {
      return usage("cannot read " + file + ": " + e.getMessage());
    }
    return ScriptRunner.run(file, text, args, System.out, System.err);
  }

  private static int usage(String problem) {
    System.err.println("dlac: " + problem);
    return 2;
  }
}
