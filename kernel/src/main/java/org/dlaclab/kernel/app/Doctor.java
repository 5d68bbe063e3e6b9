package org.dlaclab.kernel.app;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.dlaclab.kernel.protocol.Connection;
import org.dlaclab.kernel.protocol.Probe;
import org.jspecify.annotations.Nullable;

/** Says what a notebook needs and is missing, and starts the installed kernel once. */
final class Doctor {
  private static final int START_MILLIS = 20_000;

  private final PrintStream out;
  private boolean bad;

  Doctor(PrintStream out) {
    this.out = out;
  }

  /** Returns 0 if notebooks can run. */
  static int run(Options options, PrintStream out) {
    Doctor doctor = new Doctor(out);
    doctor.jupyter();
    doctor.kernel(options);
    return doctor.isContent() ? 0 : 1;
  }

  /** Whether nothing is missing of what it looked at. */
  boolean isContent() {
    return !bad;
  }

  private void say(String verdict, String what, String text) {
    bad |= verdict.equals("MISSING");
    out.printf("%-8s%-13s%s%n", verdict, what, text);
  }

  private void jupyter() {
    String versions = output("jupyter", "--version");
    if (versions == null) {
      say(
          "note",
          "Jupyter",
          "not on the PATH: ./dlac lab makes an environment of its own, or: pip install jupyterlab");
      return;
    }
    String found =
        versions
            .lines()
            .filter(line -> line.matches("(jupyterlab|notebook|nbclient)\\s*:.*\\d.*"))
            .map(line -> line.replaceAll("\\s*:\\s*", " "))
            .reduce((a, b) -> a + ", " + b)
            .orElse("without a front end: pip install jupyterlab");
    say("ok", "Jupyter", found);
  }

  /** Looks at the installed kernel, and starts it. */
  void kernel(Options options) {
    Path folder = options.folder();
    Path spec = folder.resolve("kernel.json");
    if (!Files.isReadable(spec)) {
      say(
          "MISSING",
          "kernel",
          "no kernel '"
              + options.name()
              + "' in "
              + folder.getParent()
              + ": ./dlac kernel install");
      return;
    }
    List<String> command = command(spec);
    if (command.isEmpty()) {
      say("MISSING", "kernel", spec + " cannot be read; install again: ./dlac kernel install");
    } else if (!command.contains(Main.class.getName())) {
      say("MISSING", "kernel", spec + " is another kernel's; --name NAME says which to look at");
    } else if (!Files.isExecutable(Path.of(command.get(0)))) {
      say(
          "MISSING",
          "kernel",
          "its Java, " + command.get(0) + ", is gone; install again: ./dlac kernel install");
    } else {
      start(folder, command);
    }
  }

  /** How a kernel is started; empty if that cannot be read. */
  private static List<String> command(Path spec) {
    List<String> command = new ArrayList<>();
    try {
      if (JsonParser.parseString(Files.readString(spec)) instanceof JsonObject json
          && json.get("argv") instanceof JsonArray argv) {
        for (JsonElement argument : argv) {
          if (!(argument instanceof JsonPrimitive)) {
            return List.of();
          }
          command.add(argument.getAsString());
        }
      }
      return command;
    } catch (IOException | JsonParseException e) {
      return List.of();
    }
  }

  private void start(Path folder, List<String> command) {
    Path file = null;
    Path said = null;
    Process process = null;
    Connection connection = Probe.freePorts();
    try (Probe probe = new Probe(connection)) {
      file = Files.createTempFile("dlac-doctor", ".json");
      said = Files.createTempFile("dlac-doctor", ".txt");
      Files.writeString(file, connection.json());
      String connectionFile = file.toString();
      long begin = System.nanoTime();
      process =
          new ProcessBuilder(
                  command.stream()
                      .map(a -> a.replace("{connection_file}", connectionFile))
                      .toList())
              .redirectErrorStream(true)
              .redirectOutput(said.toFile())
              .start();
      JsonObject reply =
          probe.ask("kernel_info_request", new JsonObject(), START_MILLIS, process::isAlive);
      if (reply == null) {
        String text = new String(Files.readAllBytes(said), Charset.defaultCharset()).strip();
        say(
            "MISSING",
            "kernel",
            "installed in "
                + folder
                + ", but it "
                + (process.isAlive() ? "does not answer" : "ends before it answers")
                + (text.isEmpty() ? "" : ": " + text)
                + "; its options stand in "
                + folder.resolve(Installation.OPTIONS)
                + "; ./dlac kernel install makes it anew");
        return;
      }
      say(
          "ok",
          "kernel",
          String.format(
              Locale.ROOT,
              "%s, answers %.1f s after its start: %s",
              folder,
              (System.nanoTime() - begin) / 1e9,
              reply.get("banner").getAsString()));
      probe.shutdown(2_000);
      process.waitFor(3, TimeUnit.SECONDS);
    } catch (IOException e) {
      say("MISSING", "kernel", "cannot start " + command.get(0) + ": " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      if (process != null) {
        process.destroyForcibly();
      }
      delete(file);
      delete(said);
    }
  }

  private static void delete(@Nullable Path file) {
    try {
      if (file != null) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      // A temporary file more.
    }
  }

  /** What a program prints, or null if there is no such program or it fails. */
  private static @Nullable String output(String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return process.waitFor() == 0 ? text : null;
    } catch (IOException e) {
      return null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }
}
