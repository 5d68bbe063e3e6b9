package org.dlaclab.kernel.app;

import com.google.gson.JsonObject;
import java.util.List;
import org.dlaclab.kernel.protocol.Connection;
import org.dlaclab.kernel.protocol.Probe;
import org.dlaclab.kernel.session.Kernel;

/**
 * A short session of the kernel with itself, so that the JVM sees the classes that each session
 * needs.
 */
final class Rehearsal {
  private static final int TIMEOUT_MILLIS = 60_000;
  private static final List<String> CELLS =
      List.of(
          "1 + 1",
          "var list = List.of(1, 2, 3);\nfor (int i : list) {\n  System.out.println(i);\n}\nlist",
          "record Point(int x, int y) {}\nnew Point(1, 2)",
          "int twice(int x) { return 2 * x; }\ntwice(21)",
          "display(html(\"<b>bold</b>\"))",
          "throw new IllegalStateException(\"as an example\")",
          "%lsmagic",
          "nosuchname + 1");

  private Rehearsal() {}

  static int run() {
    Connection connection = Probe.freePorts();
    try (Kernel kernel = new Kernel(connection, null);
        Probe probe = new Probe(connection)) {
      kernel.start();
      boolean answered = probe.ask("kernel_info_request", new JsonObject(), TIMEOUT_MILLIS) != null;
      for (String cell : CELLS) {
        answered &= probe.ask("execute_request", code(cell), TIMEOUT_MILLIS) != null;
      }
      for (String type : List.of("complete_request", "inspect_request", "is_complete_request")) {
        answered &= probe.ask(type, code("list.str"), TIMEOUT_MILLIS) != null;
      }
      answered &= probe.shutdown(TIMEOUT_MILLIS) != null;
      return answered ? 0 : 1;
    }
  }

  private static JsonObject code(String code) {
    JsonObject content = new JsonObject();
    content.addProperty("code", code);
    content.addProperty("cursor_pos", code.length());
    content.addProperty("stop_on_error", false);
    return content;
  }
}
