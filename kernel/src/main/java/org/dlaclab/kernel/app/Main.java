package org.dlaclab.kernel.app;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.dlaclab.kernel.protocol.Connection;
import org.dlaclab.kernel.session.Kernel;

/** The kernel's program. Jupyter starts it with a connection file; people install and check it. */
public final class Main {
  private static final String USAGE =
      """
      Usage: CONNECTION_FILE                     answer a Jupyter client
             install [WHERE] [OPTION ...]        let Jupyter know this kernel
             uninstall [WHERE] [--name NAME]
             doctor [--name NAME]                check what is installed, and start it once
      WHERE: --user (default), --prefix FOLDER, --system
      OPTION: --name NAME (default dlac), --display-name TEXT; as often as needed: --jvm-arg ARG, --env NAME=VALUE
      """;

  private Main() {}

  /** Runs a command; the exit code is 0, 1 after an error, 2 for a wrong command line. */
  public static void main(String[] args) {
    int code;
    try {
      code = run(Arrays.asList(args));
    } catch (UserError e) {
      System.err.println("dlac kernel: " + e.getMessage());
      code = e.code();
    }
    exit(code);
  }

  private static int run(List<String> args) {
    String command = args.isEmpty() ? "" : args.get(0);
    List<String> rest = args.isEmpty() ? args : args.subList(1, args.size());
    return switch (command) {
      case "install" -> Installation.install(options(rest), System.out);
      case "uninstall" -> Installation.uninstall(options(rest), System.out);
      case "doctor" -> Doctor.run(options(rest), System.out);
      case "rehearse" -> Rehearsal.run();
      case "-h", "--help" -> {
        System.out.print(USAGE);
        yield 0;
      }
      default -> {
        if (command.isEmpty() || command.startsWith("-") || !rest.isEmpty()) {
          System.err.print(USAGE);
          yield 2;
        }
        yield answer(Path.of(command));
      }
    };
  }

  private static Options options(List<String> args) {
    return Options.of(args, Folders.here());
  }

  /** Answers until a client asks for the end, or until the client's process is gone. */
  private static int answer(Path connectionFile) {
    Connection connection;
    Kernel kernel;
    try {
      connection = Connection.read(connectionFile);
      kernel = new Kernel(connection, Folders.here().history());
    } catch (RuntimeException e) {
      throw new UserError(1, String.valueOf(e.getMessage()), e);
    }
    Runtime.getRuntime().addShutdownHook(new Thread(kernel::leave, "leave"));
    Optional<CompletableFuture<Void>> unused =
        parent().map(parent -> parent.onExit().thenRun(() -> kernel.ended().complete(null)));
    kernel.start();
    kernel.ended().join();
    return 0;
  }

  /**
   * The process that Jupyter names as the kernel's: without it, nobody can reach the kernel any
   * more.
   */
  private static Optional<ProcessHandle> parent() {
    String pid = System.getenv("JPY_PARENT_PID");
    // On Windows it is a handle, not a number of a process.
    return pid == null || !pid.matches("\\d{1,18}") || Folders.here().isWindows()
        ? Optional.empty()
        : ProcessHandle.of(Long.parseLong(pid));
  }

  /** Ends the JVM, also where a cell has left threads or shutdown hooks that never end. */
  private static void exit(int code) {
    Thread force =
        new Thread(
            () -> {
              try {
                Thread.sleep(1500);
              } catch (InterruptedException e) {
                // At once, then.
              }
              Runtime.getRuntime().halt(code);
            },
            "end");
    force.setDaemon(true);
    force.start();
    System.exit(code);
  }
}
