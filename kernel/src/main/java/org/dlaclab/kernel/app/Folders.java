package org.dlaclab.kernel.app;

import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Where Jupyter looks for kernels on this system, and where the kernel keeps its own files. */
final class Folders {
  private Folders() {}

  static boolean isWindows() {
    return os().contains("win") && !os().contains("darwin");
  }

  private static String os() {
    return System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
  }

  private static boolean isMac() {
    return os().contains("mac");
  }

  private static @Nullable Path environment(String name) {
    String value = System.getenv(name);
    return value == null || value.isEmpty() ? null : Path.of(value);
  }

  private static Path home() {
    return Path.of(System.getProperty("user.home", "."));
  }

  /** The user's Jupyter data, as jupyter_core finds it. */
  static Path userData() {
    Path named = environment("JUPYTER_DATA_DIR");
    if (named != null) {
      return named.toAbsolutePath();
    }
    if (isMac()) {
      return home().resolve("Library/Jupyter");
    }
    if (isWindows()) {
      Path roaming = environment("APPDATA");
      return (roaming == null ? home() : roaming).resolve("jupyter");
    }
    Path share = environment("XDG_DATA_HOME");
    return (share == null ? home().resolve(".local/share") : share).resolve("jupyter");
  }

  /** Jupyter data of all users. */
  static Path systemData() {
    Path programs = environment("PROGRAMDATA");
    return isWindows() && programs != null
        ? programs.resolve("jupyter")
        : Path.of("/usr/local/share/jupyter");
  }

  /** Where cells are remembered. */
  static Path history() {
    String named = System.getProperty("dlac.kernel.history");
    if (named != null) {
      return Path.of(named);
    }
    Path state = environment("XDG_STATE_HOME");
    return (state == null ? home().resolve(".local/state") : state)
        .resolve("dlac-kernel/history.jsonl");
  }
}
