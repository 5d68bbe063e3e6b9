package org.dlaclab.kernel.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong with an installation is told, with what to do. */
class DoctorTest {
  @TempDir private Path prefix;

  private String says(String... kernelJson) throws IOException {
    Options options = Options.of(List.of("--prefix", prefix.toString()), Folders.here());
    for (String json : kernelJson) {
      Files.createDirectories(options.folder());
      Files.writeString(options.folder().resolve("kernel.json"), json);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Doctor doctor = new Doctor(new PrintStream(out, true, StandardCharsets.UTF_8));
    doctor.kernel(options);
    assertThat(doctor.isContent()).isFalse();
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aKernelThatIsNotInstalled() throws IOException {
    assertThat(says())
        .startsWith("MISSING kernel")
        .contains("no kernel 'dlac' in " + prefix, "./dlac kernel install");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "{", "[]", "{}", "{\"argv\": 7}", "{\"argv\": []}", "{\"argv\": [{}]}"})
  void aSpecThatCannotBeRead(String json) throws IOException {
    assertThat(says(json)).contains("kernel.json cannot be read; install again");
  }

  @Test
  void aSpecOfAnotherKernel() throws IOException {
    assertThat(says("{\"argv\": [\"python3\", \"-m\", \"ipykernel\"]}"))
        .contains("is another kernel's");
  }

  @Test
  void aJavaThatIsGone() throws IOException {
    Path gone = prefix.resolve("jdk/bin/java");
    assertThat(says("{\"argv\": [\"" + gone + "\", \"" + Main.class.getName() + "\"]}"))
        .contains("its Java, " + gone + ", is gone");
  }
}
