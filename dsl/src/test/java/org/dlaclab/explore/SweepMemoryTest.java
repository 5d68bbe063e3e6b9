package org.dlaclab.explore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.dlaclab.Dlac.*;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A sweep takes the memory of one simulation, and of the counts that its grids share. */
class SweepMemoryTest {
  @Test
  void manyGridsForAResnet152TakeLittleMore() throws Exception {
    assertThat(sweepIn("24m")).contains("64 points");
  }

  private static String sweepIn(String heap) throws IOException, InterruptedException {
    Process jvm =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx" + heap,
                "-cp",
                System.getProperty("java.class.path"),
                OneSweep.class.getName())
            .redirectErrorStream(true)
            .start();
    String output = new String(jvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(jvm.waitFor(2, TimeUnit.MINUTES)).isTrue();
    assertThat(jvm.exitValue()).as(output).isZero();
    return output;
  }

  /** What the JVM runs. */
  static final class OneSweep {
    private OneSweep() {}

    public static void main(String... args) {
      var sweep =
          sweep(
              "grids",
              zoo("resnet152"),
              policy("twn", weights(ternary())),
              grid("dlac", pes(16, 32)),
              seed(42),
              over(pes(8, 16), pes(16, 16), pes(16, 32), pes(32, 32)),
              over(tile(4, 16), tile(4, 8)),
              over(window(1), window(2), window(4), window(8)),
              over(sync(1), sync(4)));
      if (!sweep.failed().isEmpty()) {
        throw new IllegalStateException(sweep.failed().get(0).failure());
      }
      System.out.println(sweep.headline());
    }
  }
}
