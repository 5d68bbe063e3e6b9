package org.dlaclab.kernel.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the kernel's program is told. */
class OptionsTest {
  private static final Folders FOLDERS =
      new Folders("Linux", Path.of("/home/ada"), Map.<String, String>of()::get);

  private static Options of(String... args) {
    return Options.of(List.of(args), FOLDERS);
  }

  @Test
  void withoutAnyItIsTheUsersKernel() {
    assertThat(of())
        .isEqualTo(
            new Options(
                Path.of("/home/ada/.local/share/jupyter"),
                "dlac",
                "Java (DLAC Lab)",
                List.of(),
                Map.of()));
    assertThat(of().folder()).isEqualTo(Path.of("/home/ada/.local/share/jupyter/kernels/dlac"));
    assertThat(of("--user")).isEqualTo(of());
  }

  @Test
  void whereWhatAndHowCanBeSaid() {
    Options options =
        of(
            "--prefix",
            "env",
            "--name",
            "java-8g",
            "--display-name",
            "Java, 8 GiB",
            "--jvm-arg",
            "-Xmx8g",
            "--jvm-arg",
            "-ea",
            "--env",
            "WHO=me",
            "--env",
            "PATHS=a=b");
    assertThat(options.folder())
        .isEqualTo(Path.of("env/share/jupyter/kernels/java-8g").toAbsolutePath());
    assertThat(options.displayName()).isEqualTo("Java, 8 GiB");
    assertThat(options.jvmArgs()).containsExactly("-Xmx8g", "-ea");
    assertThat(options.environment())
        .containsExactly(Map.entry("WHO", "me"), Map.entry("PATHS", "a=b"));
    assertThat(of("--system").data()).isEqualTo(Path.of("/usr/local/share/jupyter"));
  }

  @Test
  void theLastWordCounts() {
    assertThat(of("--system", "--user").data()).isEqualTo(of().data());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--nam x            | unknown option --nam: expected",
        "stray              | unknown option stray: expected",
        "--name             | --name needs a value",
        "--user --prefix    | --prefix needs a value",
        "--env WHO          | --env WHO: expected --env NAME=VALUE",
        "--name a/b         | the name 'a/b' has other characters",
        "--name ..          | the name '..' needs a letter"
      })
  void aWrongCommandLineIsToldInAWord(String line, String said) {
    assertThatThrownBy(() -> of(line.split(" ")))
        .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo(2))
        .hasMessageStartingWith(said);
  }
}
