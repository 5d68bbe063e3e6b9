package org.dlaclab.kernel.eval;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import jdk.jshell.JShell;
import jdk.jshell.Snippet;

/** JShell sessions for tests, as the kernel begins them. */
final class Sessions {
  private static final List<String> IMPORTS =
      List.of(
          "import java.io.*;",
          "import java.math.*;",
          "import java.util.*;",
          "import java.util.concurrent.*;",
          "import java.util.function.*;",
          "import java.util.stream.*;",
          "import static java.lang.Math.*;");

  private Sessions() {}

  static JShell begin(String... cells) {
    JShell shell = JShell.builder().executionEngine("local").build();
    IMPORTS.forEach(line -> run(shell, line));
    for (String cell : cells) {
      run(shell, cell);
    }
    return shell;
  }

  static void run(JShell shell, String cell) {
    assertThat(shell.eval(cell))
        .as(cell)
        .allSatisfy(event -> assertThat(event.status()).isNotEqualTo(Snippet.Status.REJECTED));
  }
}
