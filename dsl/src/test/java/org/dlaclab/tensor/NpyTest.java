package org.dlaclab.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.dlaclab.error.DlacException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The fixtures are numpy's own files, made by make-fixtures.py. */
class NpyTest {
  @TempDir Path folder;
  @TempDir Path fixtures;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "halves-lef2",
        "halves-bef2",
        "halves-lef4",
        "halves-bef4",
        "halves-lef8",
        "halves-bef8",
        "fortran",
        "version1",
        "version2",
        "version3"
      })
  void readsFloatsOfEveryWidthOrderAndVersion(String name) throws IOException {
    Npy npy = Npy.read(fixture(name + ".npy"));

    assertThat(npy.tensor().shape()).isEqualTo(Shape.of(2, 3, 4));
    float[] expected = new float[24];
    for (int i = 0; i < 24; i++) {
      expected[i] = i / 2f - 6;
    }
    assertThat(npy.tensor().toArray()).containsExactly(expected);
    assertThat(npy.isMask()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "whole-lei1",
        "whole-lei2",
        "whole-bei2",
        "whole-lei4",
        "whole-bei4",
        "whole-lei8",
        "whole-bei8"
      })
  void readsWholeNumbersOfEveryWidthAndOrder(String name) throws IOException {
    Tensor tensor = Npy.read(fixture(name + ".npy")).tensor();

    assertThat(tensor.shape()).isEqualTo(Shape.of(2, 3, 4));
    for (int i = 0; i < 24; i++) {
      assertThat(tensor.get(i)).isEqualTo(i - 12);
    }
  }

  @Test
  void bytesAreUnsigned() throws IOException {
    assertThat(Npy.read(fixture("bytes.npy")).tensor().toArray())
        .containsExactly(250, 251, 252, 253, 254, 255);
  }

  @Test
  void aScalarHasNoDimensionsAndAnEmptyArrayNoValues() throws IOException {
    assertThat(Npy.read(fixture("scalar.npy")).tensor().shape()).isEqualTo(Shape.of());
    assertThat(Npy.read(fixture("scalar.npy")).tensor().get(0)).isEqualTo(2.5f);
    assertThat(Npy.read(fixture("empty.npy")).tensor().shape()).isEqualTo(Shape.of(0, 3));
  }

  @ParameterizedTest
  @ValueSource(strings = {"mask", "mask-fortran"})
  void booleansAreAMask(String name) throws IOException {
    Npy npy = Npy.read(fixture(name + ".npy"));

    assertThat(npy.isMask()).isTrue();
    BitMatrix mask = npy.mask();
    assertThat(mask.rows()).isEqualTo(3);
    assertThat(mask.columns()).isEqualTo(4);
    for (int i = 0; i < 12; i++) {
      assertThat(mask.get(i / 4, i % 4)).isEqualTo((i - 12) % 3 == 0);
    }
  }

  @Test
  void anyTwoDimensionalArrayIsAMaskOfItsNonZeros() throws IOException {
    Path file = write("t.npy", "'<f8'", "(2, 3)", doubles(0, -0.0, 1e-300, -3, 0, Double.NaN));
    BitMatrix mask = Npy.read(file).mask();
    assertThat(mask)
        .isEqualTo(BitMatrix.of("t", new boolean[][] {{false, false, true}, {true, false, true}}));
  }

  @Test
  void whatIsTooSmallForAFloatIsNotZero() throws IOException {
    Path file = write("t.npy", "'<f8'", "(2,)", doubles(1e-300, -1e-300));
    assertThat(Npy.read(file).tensor().toArray())
        .containsExactly(Float.MIN_VALUE, -Float.MIN_VALUE);
  }

  @Test
  void aMaskHasTwoDimensions() throws IOException {
    Path file = fixture("version1.npy");
    assertThatThrownBy(() -> Npy.read(file).mask())
        .isInstanceOf(DlacException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("3 dimensions (2x3x4)")
        .hasMessageContaining("reshape");
  }

  @ParameterizedTest
  @CsvSource({
    "complex.npy, '<c16'",
    "text.npy, text",
    "object.npy, Python objects",
    "struct.npy, a structure"
  })
  void anotherDtypeIsNamedWithTheNumpyCallThatHelps(String name, String what) throws IOException {
    Path file = fixture(name);
    assertThatThrownBy(() -> Npy.read(file))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("dtype")
        .hasMessageContaining(what.replace("'", ""))
        .hasMessageContaining("astype(np.float32)");
  }

  @Test
  void aFileThatIsNotThereOrIsNoNpyFileIsNamed() throws IOException {
    assertThatThrownBy(() -> Npy.read(folder.resolve("no.npy")))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("no.npy does not exist");
    for (String text : new String[] {"", "PK", "hello, world"}) {
      Path file = Files.writeString(folder.resolve("t.npy"), text);
      assertThatThrownBy(() -> Npy.read(file))
          .isInstanceOf(DlacException.class)
          .hasMessageContaining("is no .npy file")
          .hasMessageContaining("np.save");
    }
  }

  /** Headers that break one rule each. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)} | truncated",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (60000, 60000)} | has 3600000000 values",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (30000, 30000)} | truncated",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999,)} | has shape",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)} | has shape",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (4000000000,)} | has shape",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2000000000,2000000000,2000000000)} | has shape",
        "{'descr': '<f4', 'fortran_order': False, 'shape': 3} | has shape 3",
        "{'descr': '<f4', 'fortran_order': False} | has shape",
        "{'descr': '<f4', 'fortran_order': maybe, 'shape': (1,)} | fortran_order maybe",
        "{'descr': '<f3', 'fortran_order': False, 'shape': (1,)} | has dtype '<f3'",
        "{'descr': '>i1', 'fortran_order': False, 'shape': (1,)} | has dtype '>i1'",
        "{'fortran_order': False, 'shape': (1,)} | has dtype",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'x': 1} | the key \"x\"",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,) | lacks }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} 7 | goes on",
        "{'descr | without an end",
        "[] | lacks {",
      })
  void aBrokenHeaderIsNamed(String header, String message) throws IOException {
    Path file = Files.write(folder.resolve("t.npy"), npy(header.trim(), new byte[4]));
    assertThatThrownBy(() -> Npy.read(file))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(message.trim());
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4})
  void aDamagedFileGivesAnArrayOrAClearError(long seed) throws IOException {
    Random random = new Random(seed);
    byte[] sound = Files.readAllBytes(fixture("version1.npy"));
    byte[] archive = Files.readAllBytes(fixture("deflated.npz"));
    int refused = 0;
    for (int i = 0; i < 300; i++) {
      byte[] bytes = (i % 2 == 0 ? sound : archive).clone();
      for (int t = 0; t <= random.nextInt(3); t++) {
        bytes[random.nextInt(i % 2 == 0 ? 128 : bytes.length)] = (byte) random.nextInt(256);
      }
      if (random.nextInt(4) == 0) {
        bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
      }
      Path file = Files.write(folder.resolve(i % 2 == 0 ? "t.npy" : "t.npz"), bytes);
      try {
        if (i % 2 == 0) {
          Tensor tensor = Npy.read(file).tensor();
          assertThat(tensor.size()).isLessThanOrEqualTo(224);
        } else {
          NpyFolder open = NpyFolder.open(file);
          open.names().forEach(name -> assertThat(open.read(name).tensor()).isNotNull());
        }
      } catch (DlacException e) {
        assertThat(e).hasMessageContaining(file.toString()).hasMessageContaining("expected:");
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(100);
  }

  @ParameterizedTest
  @ValueSource(strings = {"stored.npz", "deflated.npz"})
  void readsArchives(String name) throws IOException {
    NpyFolder archive = NpyFolder.open(fixture(name));

    assertThat(archive.names()).containsExactly("conv1.ifm", "conv1.weight", "empty");
    assertThat(archive.shape("conv1.weight")).isEqualTo(Shape.of(2, 3, 4));
    assertThat(archive.read("conv1.weight").tensor().get(23)).isEqualTo(5.5f);
    assertThat(archive.read("conv1.ifm").isMask()).isTrue();
    assertThat(archive.read("conv1.weight", 1, 1).tensor().shape()).isEqualTo(Shape.of(1, 3, 4));
    assertThat(archive.read("conv1.weight", 1, 1).tensor().get(0)).isEqualTo(0f);
    assertThatThrownBy(() -> archive.read("conv1.weights"))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("did you mean \"conv1.weight\"?");
    assertThatThrownBy(() -> archive.read("conv1.weight", 1, 2))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("has 2 slices");
  }

  @Test
  void readsFoldersAndSlicesOfFortranOrder() throws IOException {
    Files.copy(fixture("fortran.npy"), folder.resolve("a.npy"));
    Files.copy(fixture("mask.npy"), folder.resolve("b.npy"));
    Files.writeString(folder.resolve("notes.txt"), "x");
    NpyFolder open = NpyFolder.open(folder);

    assertThat(open.names()).containsExactly("a", "b");
    assertThat(open.read("a", 1, 1).tensor().toArray())
        .containsExactly(0, .5f, 1, 1.5f, 2, 2.5f, 3, 3.5f, 4, 4.5f, 5, 5.5f);
  }

  @Test
  void theDigestTellsContentsApart() throws IOException {
    Files.copy(fixture("fortran.npy"), folder.resolve("a.npy"));
    String before = NpyFolder.open(folder).sha256();
    assertThat(before).hasSize(64).isEqualTo(NpyFolder.open(folder).sha256());
    Files.copy(fixture("mask.npy"), folder.resolve("b.npy"));
    assertThat(NpyFolder.open(folder).sha256()).isNotEqualTo(before);
  }

  @Test
  void whatIsNeitherArchiveNorFolderIsNamed() throws IOException {
    Path text = Files.writeString(folder.resolve("t.npz"), "hello");
    assertThatThrownBy(() -> NpyFolder.open(text))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("t.npz cannot be read");
    assertThatThrownBy(() -> NpyFolder.open(folder))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("holds no .npy array")
        .hasMessageContaining("np.savez");
  }

  @Test
  void anArchiveCannotUnpackToMoreThanItsHeadersSay() throws IOException {
    // 256 MiB of zeros behind an array of one value, in some 256 KiB.
    Path file = folder.resolve("bomb.npz");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      zip.putNextEntry(new ZipEntry("a.npy"));
      zip.write(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", new byte[4]));
      byte[] zeros = new byte[1 << 20];
      for (int i = 0; i < 256; i++) {
        zip.write(zeros);
      }
      zip.closeEntry();
      zip.putNextEntry(new ZipEntry("b.npy"));
      zip.write(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (400000000,)}", zeros));
      zip.closeEntry();
    }
    NpyFolder bomb = NpyFolder.open(file);
    assertThat(bomb.read("a").tensor().size()).isEqualTo(1);
    assertThatThrownBy(() -> bomb.read("b"))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("truncated");
  }

  private static byte[] npy(String header, byte[] values) {
    byte[] text = (header + "\n").getBytes(StandardCharsets.UTF_8);
    byte[] file = new byte[10 + text.length + values.length];
    byte[] start = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
    System.arraycopy(start, 0, file, 0, 8);
    file[8] = (byte) text.length;
    file[9] = (byte) (text.length >> 8);
    System.arraycopy(text, 0, file, 10, text.length);
    System.arraycopy(values, 0, file, 10 + text.length, values.length);
    return file;
  }

  private Path write(String name, String descr, String shape, byte[] values) throws IOException {
    String header = "{'descr': " + descr + ", 'fortran_order': False, 'shape': " + shape + ", }";
    return Files.write(folder.resolve(name), npy(header, values));
  }

  private static byte[] doubles(double... values) {
    var buffer =
        java.nio.ByteBuffer.allocate(8 * values.length).order(java.nio.ByteOrder.LITTLE_ENDIAN);
    for (double value : values) {
      buffer.putDouble(value);
    }
    return buffer.array();
  }

  private Path fixture(String name) throws IOException {
    Path file = fixtures.resolve(name);
    try (InputStream in = NpyTest.class.getResourceAsStream(name)) {
      Files.write(file, in.readAllBytes());
    }
    return file;
  }
}
