package org.dlaclab.shell;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import jdk.jshell.tool.JavaShellToolBuilder;

/** JShell with everything imported, a history of its own, and values that are shown whole. */
final class DlacShell {
  /** Present in the state of a shell whose feedback mode was set up by this version of it. */
  private static final String MARK = "dlac.feedback.1";

  /**
   * The normal mode cuts values at 1,000 characters, and so cuts tables.
   *
   * <p>JShell knows no feedback mode before its first prompt: neither a startup script nor a loaded
   * one can set one, but one that was retained in an earlier session is there.
   */
  private static final String FEEDBACK =
      """
      /set mode dlac normal -command
      /set truncation dlac 1000000
      /set prompt dlac "\\ndlac> " "  ...> "
      /set mode -retain dlac
      /set feedback -retain dlac
      /exit
      """;

  private DlacShell() {}

  /**
   * Runs the shell until it ends.
   *
   * @param args options of {@code jshell}, and scripts to load first
   * @return the exit code
   */
  static int run(List<String> args) throws Exception {
    String home = System.getenv().getOrDefault("HOME", System.getProperty("user.home"));
    Path stateFile = Path.of(home, ".dlac", "shell.properties");
    Map<String, String> state = read(stateFile);
    if (!state.containsKey(MARK)) {
      setFeedback(state);
    }
    Path startup = Files.createTempFile("dlac-startup-", ".jsh");
    try {
      Files.writeString(startup, ScriptRunner.startup());
      List<String> all = new ArrayList<>(List.of("--startup", startup.toString()));
      all.addAll(List.of("--class-path", System.getProperty("java.class.path")));
      // The default engine is a second JVM. The local one cannot stop code of a library since JDK
      // 20.
      for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
        if (!flag.startsWith("-XX:SharedArchiveFile")
            && !flag.startsWith("-XX:TieredStopAtLevel")) {
          all.add("-R" + flag);
        }
      }
      all.addAll(args);
      System.out.println(
          "DLAC Lab: all of org.dlaclab is imported. Tab completes, /help explains, /exit leaves.");
      return JavaShellToolBuilder.builder().persistence(state).start(all.toArray(String[]::new));
    } finally {
      Files.deleteIfExists(startup);
      write(state, stateFile);
    }
  }

  private static void setFeedback(Map<String, String> state) throws Exception {
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    JavaShellToolBuilder.builder()
        .persistence(state)
        .in(new ByteArrayInputStream(FEEDBACK.getBytes(StandardCharsets.UTF_8)), null)
        .out(nowhere)
        .err(nowhere)
        .start("--execution", "local", "--no-startup");
    state.keySet().removeIf(key -> key.startsWith("HISTORY_LINE") || key.startsWith("REPLAY"));
    state.put(MARK, "set");
  }

  private static Map<String, String> read(Path file) {
    Properties properties = new Properties();
    if (Files.exists(file)) {
      try (InputStream in = Files.newInputStream(file)) {
        properties.load(in);
      } catch (IOException | IllegalArgumentException e) {
        System.err.println(
            "dlac: starting with an empty history: cannot read " + file + ": " + e.getMessage());
      }
    }
    Map<String, String> state = new HashMap<>();
    properties.stringPropertyNames().forEach(key -> state.put(key, properties.getProperty(key)));
    return state;
  }

  private static void write(Map<String, String> state, Path file) {
    Properties properties = new Properties();
    properties.putAll(state);
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      try (OutputStream out = Files.newOutputStream(file)) {
        properties.store(out, "History and settings of ./dlac shell");
      }
    } catch (IOException e) {
      System.err.println(
          "dlac: the history of this session is lost: cannot write "
              + file
              + ": "
              + e.getMessage());
    }
  }
}
