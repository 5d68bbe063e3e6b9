package org.dlaclab.kernel.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dlaclab.kernel.protocol.Client;
import org.dlaclab.kernel.protocol.Connection;
import org.dlaclab.kernel.protocol.Probe;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The kernel's program as a process. */
@Timeout(60)
class MainTest {
  @TempDir private Path folder;

  private ProcessBuilder program(String... args) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Installation.java().toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Ddlac.kernel.history=" + folder.resolve("history.jsonl"),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().remove("JPY_PARENT_PID");
    builder.environment().put("JUPYTER_DATA_DIR", folder.resolve("data").toString());
    return builder;
  }

  /** The exit code, a line of all that was said, in which the folder is named FOLDER. */
  private String run(String... args) throws IOException, InterruptedException {
    Process process = program(args).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return process.waitFor() + " " + said.replace(folder.toString(), "FOLDER").strip();
  }

  private String file(int shell, String ip, String key) throws IOException {
    Path file = folder.resolve("connection.json");
    Connection free = Client.free("k");
    Files.writeString(
        file,
        String.format(
            "{\"transport\": \"tcp\", \"ip\": \"%s\", \"shell_port\": %d, \"control_port\": %d,"
                + " \"stdin_port\": %d, \"iopub_port\": %d, \"hb_port\": %d, \"key\": \"%s\"}",
            ip,
            shell,
            free.controlPort(),
            free.stdinPort(),
            free.iopubPort(),
            free.heartbeatPort(),
            key));
    return file.toString();
  }

  @Test
  void aWrongCommandLineIsToldAndIsExitCode2() throws Exception {
    assertThat(run()).startsWith("2 Usage: CONNECTION_FILE");
    assertThat(run("file", "stray")).startsWith("2 Usage: CONNECTION_FILE");
    assertThat(run("install", "--nam")).startsWith("2 dlac kernel: unknown option --nam");
    assertThat(run("--help")).startsWith("0 Usage: CONNECTION_FILE");
  }

  @Test
  void anErrorIsOneLineAndExitCode1() throws Exception {
    assertThat(run("uninstall"))
        .startsWith("1 dlac kernel: there is no kernel 'dlac' in FOLDER/data/kernels;");
    assertThat(run(folder.resolve("nothing.json").toString()))
        .startsWith("1 dlac kernel: There is no connection file FOLDER/nothing.json.");
    assertThat(run(file(1, "0.0.0.0", "")))
        .startsWith("1 dlac kernel: The connection file FOLDER/connection.json: The key is empty");
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThat(run(file(taken.getLocalPort(), "127.0.0.1", "k")))
          .startsWith("1 dlac kernel: shell_port is " + taken.getLocalPort() + ", which another");
    }
  }

  @Test
  void aKernelThatIsAskedToEndsWithExitCode0AndRemembersItsCells() throws Exception {
    Connection connection = Probe.freePorts();
    Path file = folder.resolve("connection.json");
    Files.writeString(file, connection.json());
    Process kernel = program(file.toString()).start();
    try (Probe probe = new Probe(connection)) {
      JsonObject cell = new JsonObject();
      cell.addProperty("code", "System.out.println(40 + 2)");
      JsonObject reply = probe.ask("execute_request", cell, 30_000, kernel::isAlive);
      assertThat(reply).isNotNull();
      assertThat(reply.get("status").getAsString()).isEqualTo("ok");
      assertThat(probe.shutdown(10_000)).isNotNull();
    }
    assertThat(kernel.waitFor()).isZero();
    assertThat(new String(kernel.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .as("what it says outside of Jupyter")
        .isEmpty();
    assertThat(folder.resolve("history.jsonl")).content().contains("40 + 2");
  }

  @Test
  void aKernelWhoseFrontEndIsGoneEnds() throws Exception {
    Connection connection = Probe.freePorts();
    Path file = folder.resolve("connection.json");
    Files.writeString(file, connection.json());
    ProcessBuilder program = program(file.toString());
    Process parent = new ProcessBuilder("cat").start();
    program.environment().put("JPY_PARENT_PID", Long.toString(parent.pid()));
    Process kernel = program.start();
    try (Probe probe = new Probe(connection)) {
      assertThat(probe.ask("kernel_info_request", new JsonObject(), 30_000, kernel::isAlive))
          .isNotNull();
    }
    parent.destroy();
    assertThat(kernel.waitFor()).isZero();
  }
}
