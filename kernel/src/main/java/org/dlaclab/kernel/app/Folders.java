package org.dlaclab.kernel.app;

import java.nio.file.Path;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Where Jupyter looks for kernels on a system, and where the kernel keeps its own files.
 *
 * @param os name of the operating system, as Java gives it
 * @param home the user's folder
 * @param environment value of an environment variable, or null
 */
record Folders(String os, Path home, Function<String, @Nullable String> environment) {
  /** Those of this system and user. */
  static Folders here() {
    return new Folders(
        System.getProperty("os.name", ""),
        Path.of(System.getProperty("user.home", ".")),
        System::getenv);
  }

  boolean isWindows() {
    return os.toLowerCase(Locale.ROOT).startsWith("windows");
  }

  private boolean isMac() {
    return os.toLowerCase(Locale.ROOT).startsWith("mac");
  }

  private @Nullable Path environment(String name) {
    String value = environment.apply(name);
    return value == null || value.isEmpty() ? null : Path.of(value);
  }

  /** The user's Jupyter data, as jupyter_core finds it. */
  Path userData() {
    Path named = environment("JUPYTER_DATA_DIR");
    if (named != null) {
      return named.toAbsolutePath();
    }
    if (isMac()) {
      return home.resolve("Library/Jupyter");
    }
    if (isWindows()) {
      Path roaming = environment("APPDATA");
      return (roaming == null ? home : roaming).resolve("jupyter");
    }
    Path share = environment("XDG_DATA_HOME");
    return (share == null ? home.resolve(".local/share") : share).resolve("jupyter");
  }

  /** Jupyter data of all users. */
  Path systemData() {
    Path programs = environment("PROGRAMDATA");
    return isWindows() && programs != null
        ? programs.resolve("jupyter")
        : Path.of("/usr/local/share/jupyter");
  }

  /** Where cells are remembered. */
  Path history() {
    String named = System.getProperty("dlac.kernel.history");
    if (named != null) {
      return Path.of(named);
    }
    Path state = environment("XDG_STATE_HOME");
    return (state == null ? home.resolve(".local/state") : state)
        .resolve("dlac-kernel/history.jsonl");
  }
}
