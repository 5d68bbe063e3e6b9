package org.dlaclab.kernel.magic;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.Reader;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.dlaclab.kernel.eval.Outcome;
import org.jspecify.annotations.Nullable;

/** A shell script. */
final class Bash implements Magic {
  /** The longest argument that Linux hands to a process is 128 KiB. */
  private static final int LONGEST_ARGUMENT = 100_000;

  private final Environment environment;
  private final Interrupts interrupts;

  Bash(Environment environment, Interrupts interrupts) {
    this.environment = environment;
    this.interrupts = interrupts;
  }

  @Override
  public Help help() {
    return new Help(
        "bash",
        Help.Form.CELL,
        false,
        "Runs the lines below as a bash script.",
        "[ARGUMENT ...]",
        List.of(),
        "%%bash\nls -l",
        "The script gets the variables set with %env, and no input. A script that ends with another"
            + " code than 0 is an error. What it leaves running in the background goes on.");
  }

  @Override
  public Outcome run(Invocation call) throws Exception {
    Path bash =
        find("bash")
            .orElseThrow(
                () ->
                    new MagicException(
                        "there is no bash on this machine",
                        "the program bash in a folder of the variable PATH",
                        "ProcessBuilder, to start another program from Java"));
    String script = call.body();
    Optional<Path> file = Optional.empty();
    List<String> command = new ArrayList<>();
    // In a group of its own, all processes of the script can be ended together.
    find("setsid").ifPresent(setsid -> command.add(setsid.toString()));
    boolean group = !command.isEmpty();
    command.add(bash.toString());
    if (script.length() > LONGEST_ARGUMENT) {
      file = Optional.of(Files.createTempFile("cell", ".sh"));
      Files.writeString(file.get(), script);
      command.add(file.get().toString());
    } else {
      command.addAll(List.of("-c", script, "bash"));
    }
    command.addAll(call.words());
    try {
      int code = run(command, group);
      if (code != 0) {
        throw new MagicException("bash ended with code " + code + signal(code));
      }
      return new Outcome.Nothing();
    } finally {
      if (file.isPresent()) {
        Files.deleteIfExists(file.get());
      }
    }
  }

  private int run(List<String> command, boolean group) throws Exception {
    boolean windows = File.separatorChar == '\\';
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.redirectInput(new File(windows ? "NUL" : "/dev/null"));
    builder.environment().clear();
    builder.environment().putAll(environment.all());
    // An interrupt may come before there is a process that it could end.
    AtomicBoolean ended = new AtomicBoolean();
    AtomicReference<@Nullable Process> started = new AtomicReference<>();
    try {
      return interrupts.during(
          () -> {
            ended.set(true);
            endIfStarted(started.get(), group);
          },
          () -> {
            Process process = builder.start();
            started.set(process);
            if (ended.get()) {
              end(process, group);
            }
            // The threads inherit from the one of the cell whose output this is.
            Thread out = pass(process.getInputStream(), System.out);
            Thread err = pass(process.getErrorStream(), System.err);
            int code = process.waitFor();
            // Not for long: what runs on in the background may hold the streams open.
            out.join(1000);
            err.join(100);
            return code;
          });
    } catch (InterruptedException e) {
      Process process = started.get();
      endIfStarted(process, group);
      if (process != null) {
        process.waitFor(5, TimeUnit.SECONDS);
      }
      throw e;
    }
  }

  private static void endIfStarted(@Nullable Process process, boolean group) {
    if (process != null) {
      end(process, group);
    }
  }

  private static void end(Process process, boolean group) {
    List<ProcessHandle> children = process.descendants().toList();
    if (group) {
      try {
        new ProcessBuilder("kill", "-KILL", "--", "-" + process.pid())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor(2, TimeUnit.SECONDS);
      } catch (IOException e) {
        // No such program: one by one, then.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    children.forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  private static Thread pass(InputStream from, PrintStream to) {
    Thread thread =
        new Thread(
            () -> {
              char[] buffer = new char[8192];
              try (Reader reader = new InputStreamReader(from, charset())) {
                for (int read; (read = reader.read(buffer)) >= 0; ) {
                  to.print(new String(buffer, 0, read));
                  to.flush();
                }
              } catch (IOException e) {
                // The process was ended.
              }
            },
            "bash output");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  /** In which programs of this machine write; {@code file.encoding} is always UTF-8 from JDK 18. */
  private static Charset charset() {
    String name = System.getProperty("native.encoding", "UTF-8");
    // A server without a locale says ASCII; its files are UTF-8 nonetheless.
    return name.startsWith("ANSI_X3") || name.equals("US-ASCII")
        ? StandardCharsets.UTF_8
        : Charset.forName(name);
  }

  private Optional<Path> find(String program) {
    for (String folder : environment.all().getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
      for (String name : List.of(program, program + ".exe")) {
        Path file = Path.of(folder.isEmpty() ? "." : folder, name);
        if (Files.isRegularFile(file) && Files.isExecutable(file)) {
          return Optional.of(file);
        }
      }
    }
    return Optional.empty();
  }

  private static String signal(int code) {
    return switch (code) {
      case 126 -> " (a command could not be executed)";
      case 127 -> " (a command was not found)";
      case 137 -> " (it was killed, possibly for want of memory)";
      case 143 -> " (it was terminated)";
      default -> "";
    };
  }
}
