package org.dlaclab.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.dlaclab.error.Refusals.assertRefused;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.dlaclab.network.FeatureMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** CIFAR-10's binary format, on files of two records instead of 10,000. */
class Cifar10Test {
  private static final int RECORD = 1 + 3 * 32 * 32;

  @TempDir Path folder;
  private final byte[][] files = new byte[6][2 * RECORD];

  @BeforeEach
  void writeFiles() throws IOException {
    Random random = new Random(1);
    for (int f = 0; f < 6; f++) {
      random.nextBytes(files[f]);
      files[f][0] = (byte) f;
      files[f][RECORD] = (byte) (9 - f);
      Files.write(folder.resolve(name(f)), files[f]);
    }
  }

  private static String name(int f) {
    return f < 5 ? "data_batch_" + (f + 1) + ".bin" : "test_batch.bin";
  }

  @Test
  void readsRecordsFileByFile() {
    Dataset data = Cifar10.read(folder, 2);
    assertThat(data).hasToString("cifar-10: 10 training and 2 test images of 3x32x32, 10 classes");
    assertThat(data.ifm()).isEqualTo(new FeatureMap(3, 32, 32));
    assertThat(data.train().labels()).containsExactly(0, 9, 1, 8, 2, 7, 3, 6, 4, 5);
    assertThat(data.classes().get(data.test().label(0))).isEqualTo("dog");
    for (int f = 0; f < 6; f++) {
      Images images = f < 5 ? data.train().slice(2 * f, 2) : data.test();
      for (int i = 0; i < 3072; i++) {
        assertThat(images.pixel(1, i / 1024, i % 1024 / 32, i % 32))
            .isEqualTo(files[f][RECORD + 1 + i] & 0xff);
      }
    }
  }

  @Test
  void saysWhereToGetAMissingFile() throws IOException {
    Files.delete(folder.resolve("data_batch_3.bin"));
    assertRefused(
        () -> Cifar10.read(folder, 2), "has no data_batch_3.bin", "cifar-10-binary.tar.gz");
  }

  @Test
  void refusesAFileOfAnotherSize() throws IOException {
    Files.write(folder.resolve(name(1)), Arrays.copyOf(files[1], RECORD));
    assertRefused(() -> Cifar10.read(folder, 2), "data_batch_2.bin has 3,073 bytes", "6,146");
    Files.write(folder.resolve(name(1)), Arrays.copyOf(files[1], 2 * RECORD + 1));
    assertRefused(() -> Cifar10.read(folder, 2), "data_batch_2.bin has 6,147 bytes");
    assertRefused(() -> Cifar10.read(folder), "30,730,000 bytes, for 10,000 images");
  }

  @Test
  void refusesALabelThatIsNoClass() throws IOException {
    files[5][RECORD] = 10;
    Files.write(folder.resolve(name(5)), files[5]);
    assertRefused(() -> Cifar10.read(folder, 2), "label 1 in ", "test_batch.bin is 10", "0 to 9");
  }
}
