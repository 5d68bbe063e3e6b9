package org.dlaclab.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.dlaclab.Dlac;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Memory grows with the largest layer, not with the network: seen from outside, by a JVM that has
 * no more.
 */
class MemoryTest {

  @ParameterizedTest
  @ValueSource(strings = {"resnet20", "resnet50", "resnet152"})
  void sixteenMebibytesOfHeapSimulateAnyResNet(String network) throws Exception {
    assertThat(simulateIn("16m", network, "inference")).contains(network).contains("speedup");
  }

  @Test
  void theySimulateItsTrainingToo() throws Exception {
    assertThat(simulateIn("16m", "resnet50", "training")).contains("% forward", "% backward");
  }

  private static String simulateIn(String heap, String network, String passes)
      throws IOException, InterruptedException {
    Process jvm =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx" + heap,
                "-cp",
                System.getProperty("java.class.path"),
                OneRun.class.getName(),
                network,
                passes)
            .redirectErrorStream(true)
            .start();
    String output = new String(jvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(jvm.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(jvm.exitValue()).as(output).isZero();
    return output;
  }

  /** What the JVM runs. */
  static final class OneRun {
    private OneRun() {}

    public static void main(String... args) {
      var twn = Dlac.policy("twn", Dlac.weights(Dlac.ternary()));
      var dlac = Dlac.grid("dlac", Dlac.pes(16, 32));
      var passes = args[1].equals("training") ? Dlac.training() : Dlac.inference();
      var run = Dlac.simulate(Dlac.zoo(args[0]), twn, dlac, Dlac.seed(42), passes);
      System.out.println(run.headline());
    }
  }
}
