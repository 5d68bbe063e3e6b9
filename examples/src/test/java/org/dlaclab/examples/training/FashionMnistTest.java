package org.dlaclab.examples.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.dlaclab.error.DlacException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reading Fashion-MNIST, on files of its size that hold noise. */
class FashionMnistTest {
  private static final int COUNT = 10_000;

  @TempDir Path folder;
  private final byte[] pixels = new byte[COUNT * FashionMnist.PIXELS];
  private final byte[] labels = new byte[COUNT];

  @BeforeEach
  void writeNoise() throws IOException {
    Random random = new Random(1);
    random.nextBytes(pixels);
    for (int i = 0; i < COUNT; i++) {
      labels[i] = (byte) random.nextInt(10);
    }
    write("t10k-images-idx3-ubyte", idx(pixels, 0x803, COUNT, 28, 28));
    write("t10k-labels-idx1-ubyte", idx(labels, 0x801, COUNT));
  }

  @Test
  void readsPixelsAndLabels() {
    FashionMnist test = FashionMnist.test(folder);
    assertThat(test.images()).isEqualTo(pixels);
    assertThat(test.labels()).isEqualTo(labels);
  }

  @Test
  void readsPackedFilesAndGivesThemTheSameChecksum() throws IOException {
    String plain = FashionMnist.test(folder).sha256();
    Files.delete(folder.resolve("t10k-images-idx3-ubyte"));
    write("t10k-images-idx3-ubyte.gz", idx(pixels, 0x803, COUNT, 28, 28));
    assertThat(FashionMnist.test(folder).images()).isEqualTo(pixels);
    assertThat(FashionMnist.test(folder).sha256()).isEqualTo(plain);
  }

  @Test
  void keepsTheFirstImages() {
    FashionMnist three = FashionMnist.test(folder).first(3);
    assertThat(three.count()).isEqualTo(3);
    assertThat(three.images()).hasSize(3 * FashionMnist.PIXELS).startsWith(pixels[0], pixels[1]);
  }

  @Test
  void saysWhereToGetAMissingFile() {
    assertThatThrownBy(() -> FashionMnist.train(folder))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("train-images-idx3-ubyte")
        .hasMessageContaining("apt-get install dataset-fashion-mnist")
        .hasMessageContaining("--data");
  }

  @Test
  void refusesAnotherMagicNumber() throws IOException {
    write("t10k-labels-idx1-ubyte", idx(labels, 0x803, COUNT));
    refused("the magic number", "2051", "2049");
  }

  @Test
  void refusesAnotherNumberOfImages() throws IOException {
    write("t10k-images-idx3-ubyte", idx(pixels, 0x803, 60_000, 28, 28));
    refused("size 0", "60000", "10000");
  }

  @Test
  void refusesImagesOfAnotherSize() throws IOException {
    write("t10k-images-idx3-ubyte", idx(pixels, 0x803, COUNT, 14, 56));
    refused("size 1", "14", "28");
  }

  @Test
  void refusesATruncatedFile() throws IOException {
    byte[] whole = idx(pixels, 0x803, COUNT, 28, 28);
    write("t10k-images-idx3-ubyte", java.util.Arrays.copyOf(whole, whole.length - 1));
    refused("the number of data bytes", "7839999", "7840000");
  }

  @Test
  void refusesBytesAfterTheEnd() throws IOException {
    byte[] whole = idx(labels, 0x801, COUNT);
    write("t10k-labels-idx1-ubyte", java.util.Arrays.copyOf(whole, whole.length + 1));
    refused("goes on after its 10000 data bytes");
  }

  @Test
  void refusesALabelThatIsNoClass() throws IOException {
    labels[77] = 10;
    write("t10k-labels-idx1-ubyte", idx(labels, 0x801, COUNT));
    refused("label 77", "is 10", "0 to 9");
  }

  @Test
  void refusesAFileThatIsNotPacked() throws IOException {
    Files.write(folder.resolve("t10k-labels-idx1-ubyte.gz"), idx(labels, 0x801, COUNT));
    refused("t10k-labels-idx1-ubyte.gz cannot be read");
  }

  private void refused(String... words) {
    assertThatThrownBy(() -> FashionMnist.test(folder))
        .isInstanceOf(DlacException.class)
        .hasMessageContainingAll(words);
  }

  private void write(String name, byte[] bytes) throws IOException {
    try (OutputStream file = Files.newOutputStream(folder.resolve(name));
        OutputStream out = name.endsWith(".gz") ? new GZIPOutputStream(file) : file) {
      out.write(bytes);
    }
  }

  private static byte[] idx(byte[] data, int magic, int... sizes) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeInt(magic);
    for (int size : sizes) {
      out.writeInt(size);
    }
    out.write(data);
    return bytes.toByteArray();
  }
}
