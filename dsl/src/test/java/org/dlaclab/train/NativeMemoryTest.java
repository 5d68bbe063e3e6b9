package org.dlaclab.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.dlaclab.Dlac.*;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.dlaclab.data.Dataset;
import org.dlaclab.data.Images;
import org.dlaclab.data.Normalization;
import org.dlaclab.network.Network;
import org.dlaclab.progress.Stop;
import org.dlaclab.quant.Policy;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the garbage collector does not see. */
class NativeMemoryTest {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final int PER_EPOCH = 60;
  private static final int BATCH = 32;

  /** The OFM of c1 takes 1 MiB per batch. */
  private static final Network NETWORK =
      network(
          "wide",
          ifm(1, 16, 16),
          conv("c1", filters(32), kernel(1)),
          batchNorm(),
          relu(),
          maxPool(kernel(4)),
          conv("c2", filters(8), kernel(3)),
          relu(),
          flatten(),
          fc("f", 2));

  @BeforeAll
  static void engine() {
    assumeTrue(Files.exists(STATUS), "not Linux");
    NeedsPyTorch.assume();
  }

  private static Images noise(int count, long seed) {
    byte[] pixels = new byte[count * 256];
    new Random(seed).nextBytes(pixels);
    int[] labels = new int[count];
    for (int i = 0; i < count; i++) {
      labels[i] = i % 2;
    }
    return Images.of(ifm(1, 16, 16), pixels, labels);
  }

  /** MiB that are resident, garbage left out. */
  private static double resident() {
    System.gc();
    try (Stream<String> lines = Files.lines(STATUS)) {
      String line = lines.filter(l -> l.startsWith("VmRSS:")).findFirst().orElseThrow();
      return Integer.parseInt(line.replaceAll("[^0-9]", "")) / 1024.0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** An OFM that is not freed would be a MiB per step, 240 in all. */
  @Test
  void stepsOfATrainingLeaveNothingBehind() {
    Dataset data =
        new Dataset(
            "noise",
            noise(PER_EPOCH * BATCH * 10 / 9, 1),
            noise(10, 2),
            List.of("a", "b"),
            Normalization.PLAIN,
            Map.of());
    Policy policy = policy("ttq", weights(trainedTernary()), activations(kBit(4)));
    Recipe recipe =
        recipe(
            epochs(6),
            preInit(1),
            learningRate(0.01),
            activationPenalty(0.01),
            batchSize(BATCH),
            threads(1));
    List<Double> resident = new ArrayList<>();
    List<Integer> arrays = new ArrayList<>();
    PyTorch.with(
        1,
        () ->
            Stop.listening(
                stop -> {
                  Job job = new Job(NETWORK, policy, data, recipe);
                  try (Loop loop = new Loop(job, Parameters.initial(NETWORK, 1), null)) {
                    return loop.run(
                        stop,
                        new Loop.Watcher() {
                          @Override
                          public void step(Loop l, double loss, double error, double rate) {}

                          @Override
                          public void epoch(Loop l) {
                            resident.add(resident());
                            arrays.add(l.manager().getManagedArrays().size());
                          }
                        });
                  }
                }));
    // The first two, one in each precision, warm up.
    assertThat(arrays.get(5)).as("%s arrays", arrays).isEqualTo(arrays.get(1));
    assertThat(resident.get(5) - resident.get(1)).as("%s MiB", resident).isLessThan(120);
  }
}
