package org.dlaclab.shell;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.prefs.Preferences;
import jdk.jshell.tool.JavaShellToolBuilder;

/** JShell with everything imported, a history of its own, and values that are shown whole. */
final class DlacShell {
  private DlacShell() {}

  /**
   * Runs the shell until it ends.
   *
   * @param args options of {@code jshell} and scripts to load first
   * @return the exit code
   */
  static int run(List<String> args) throws Exception {
    Path startup = Files.createTempFile("dlac-", ".jsh");
    try {
      Files.writeString(startup, ScriptRunner.startup() + FEEDBACK);
      List<String> all = new ArrayList<>(List.of("--startup", startup.toString()));
      all.addAll(args);
      return JavaShellToolBuilder.builder()
          .persistence(Preferences.userRoot().node("org/dlaclab/shell"))
          .start(all.toArray(String[]::new));
    } finally {
      Files.deleteIfExists(startup);
    }
  }

  private static final String FEEDBACK =
      """
      /set mode dlac normal -command
      /set truncation dlac 1000000
      /set prompt dlac "\\ndlac> " "   ...> "
      /set feedback dlac
      """;
}
