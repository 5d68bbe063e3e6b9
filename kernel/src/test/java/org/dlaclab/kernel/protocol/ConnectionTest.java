package org.dlaclab.kernel.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a connection file says, and what is wrong with it. */
class ConnectionTest {
  private static final String WHOLE =
      """
      {
        "shell_port": 50001,
        "iopub_port": 50002,
        "stdin_port": 50003,
        "control_port": 50004,
        "hb_port": 50005,
        "ip": "127.0.0.1",
        "key": "secret",
        "transport": "tcp",
        "signature_scheme": "hmac-sha256",
        "kernel_name": "dlac"
      }
      """;

  @TempDir private Path folder;

  private Connection read(String text) throws Exception {
    return Connection.read(Files.writeString(folder.resolve("kernel-1.json"), text));
  }

  @Test
  void aFileOfJupyterIsRead() throws Exception {
    assertThat(read(WHOLE))
        .isEqualTo(
            new Connection(
                "tcp", "127.0.0.1", 50001, 50004, 50003, 50002, 50005, "hmac-sha256", "secret"));
  }

  @Test
  void whatIsWrittenIsRead() throws Exception {
    Connection connection = Probe.freePorts();
    assertThat(read(connection.json())).isEqualTo(connection);
  }

  @Test
  void aMissingFileIsNamed() {
    Path file = folder.resolve("none.json");
    assertThatThrownBy(() -> Connection.read(file))
        .isInstanceOf(ConnectionException.class)
        .hasMessageContaining("no connection file " + file);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "shell_port": 50001,           |                            | shell_port is missing
          "shell_port": 50001,           | "shell_port": "x",         | shell_port is "x"
          "shell_port": 50001,           | "shell_port": 0,           | shell_port is 0
          "shell_port": 50001,           | "shell_port": 65536,       | shell_port is 65536
          "shell_port": 50001,           | "shell_port": 1e3,         | shell_port is 1e3
          "shell_port": 50001,           | "shell_port": 50002,       | shell_port and iopub_port are both 50002
          "ip": "127.0.0.1",             |                            | ip is missing
          "ip": "127.0.0.1",             | "ip": 5,                   | ip is 5
          "ip": "127.0.0.1",             | "ip": " ",                 | ip is empty
          "transport": "tcp",            | "transport": "ipc",        | "ipc" is not supported
          "transport": "tcp",            | "transport": "udp",        | transport is "udp"
          {                              | [                          | not a JSON object
          """)
  void whatIsWrongIsSaidWithTheFileAndTheField(String good, String bad, String message) {
    String text = WHOLE.replace(good, bad == null ? "" : bad);
    assertThat(text).isNotEqualTo(WHOLE);
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(ConnectionException.class)
        .hasMessageContaining("kernel-1.json")
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "127.1.2.3", "::1", "localhost"})
  void anEmptyKeyIsHonouredOnLoopback(String ip) throws Exception {
    assertThat(read(WHOLE.replace("127.0.0.1", ip).replace("secret", "")).key()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"0.0.0.0", "*", "192.168.1.7", "127.evil.example", "127.0.0.1.evil", "::"})
  void anEmptyKeyIsRefusedElsewhere(String ip) {
    assertThatThrownBy(() -> read(WHOLE.replace("127.0.0.1", ip).replace("secret", "")))
        .isInstanceOf(ConnectionException.class)
        .hasMessageContaining("The key is empty and the ip is " + ip);
  }

  @Test
  void anUnknownSignatureSchemeIsRefusedBeforeAPortIsBound() {
    Connection c = Client.free(Client.KEY);
    Connection unknown =
        new Connection(
            c.transport(),
            c.ip(),
            c.shellPort(),
            c.controlPort(),
            c.stdinPort(),
            c.iopubPort(),
            c.heartbeatPort(),
            "hmac-rot13",
            c.key());
    assertThatThrownBy(() -> new Wire(unknown, (channel, message) -> {}))
        .isInstanceOf(ConnectionException.class)
        .hasMessageContaining("\"hmac-rot13\"");
    new Wire(c, (channel, message) -> {}).close();
  }

  @Test
  void theKeyIsInNoLog() throws Exception {
    assertThat(read(WHOLE).toString()).doesNotContain("secret");
  }
}
