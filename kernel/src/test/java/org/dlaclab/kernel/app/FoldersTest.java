package org.dlaclab.kernel.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Folders as Jupyter and the system name them. */
class FoldersTest {
  private static final Path HOME = Path.of("/home/ada");

  private static Folders on(String os, Map<String, String> environment) {
    return new Folders(os, HOME, environment::get);
  }

  @Test
  void theUsersDataIsWhereEachSystemHasIt() {
    assertThat(on("Linux", Map.of()).userData()).isEqualTo(HOME.resolve(".local/share/jupyter"));
    assertThat(on("Mac OS X", Map.of()).userData()).isEqualTo(HOME.resolve("Library/Jupyter"));
    assertThat(on("Windows 11", Map.of("APPDATA", "/roaming")).userData())
        .isEqualTo(Path.of("/roaming/jupyter"));
    assertThat(on("Windows 11", Map.of()).userData()).isEqualTo(HOME.resolve("jupyter"));
    // Has "win" in its name.
    assertThat(on("Darwin", Map.of("APPDATA", "/roaming")).isWindows()).isFalse();
  }

  @Test
  void theEnvironmentNamesAnother() {
    Map<String, String> named = Map.of("JUPYTER_DATA_DIR", "/data", "XDG_DATA_HOME", "/share");
    for (String os : new String[] {"Linux", "Mac OS X", "Windows 11"}) {
      assertThat(on(os, named).userData()).isEqualTo(Path.of("/data").toAbsolutePath());
    }
    assertThat(on("Linux", Map.of("XDG_DATA_HOME", "/share")).userData())
        .isEqualTo(Path.of("/share/jupyter"));
    assertThat(on("Linux", Map.of("JUPYTER_DATA_DIR", "")).userData())
        .as("an empty name is none")
        .isEqualTo(HOME.resolve(".local/share/jupyter"));
  }

  @Test
  void dataOfAllUsersIsTheSystems() {
    assertThat(on("Linux", Map.of("PROGRAMDATA", "/programs")).systemData())
        .isEqualTo(Path.of("/usr/local/share/jupyter"));
    assertThat(on("Windows 11", Map.of("PROGRAMDATA", "/programs")).systemData())
        .isEqualTo(Path.of("/programs/jupyter"));
  }

  @Test
  void historyIsStateOfTheUserUnlessAPropertyNamesIt() {
    assertThat(on("Linux", Map.of()).history())
        .isEqualTo(HOME.resolve(".local/state/dlac-kernel/history.jsonl"));
    assertThat(on("Linux", Map.of("XDG_STATE_HOME", "/state")).history())
        .isEqualTo(Path.of("/state/dlac-kernel/history.jsonl"));
    System.setProperty("dlac.kernel.history", "/else/where.jsonl");
    try {
      assertThat(on("Linux", Map.of("XDG_STATE_HOME", "/state")).history())
          .isEqualTo(Path.of("/else/where.jsonl"));
    } finally {
      System.clearProperty("dlac.kernel.history");
    }
  }
}
