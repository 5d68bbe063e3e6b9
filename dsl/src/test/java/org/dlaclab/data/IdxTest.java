package org.dlaclab.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.dlaclab.error.Refusals.assertRefused;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.dlaclab.network.FeatureMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reading folders of IDX files: 6 training and 3 test images of 5 x 4 pixels, in 3 classes. */
class IdxTest {
  private static final String TRAIN_IMAGES = "train-images-idx3-ubyte";
  private static final String TRAIN_LABELS = "train-labels-idx1-ubyte";
  private static final String TEST_LABELS = "t10k-labels-idx1-ubyte";

  @TempDir Path folder;

  @BeforeEach
  void writeFolder() throws IOException {
    IdxFolder.write(folder, new FeatureMap(1, 5, 4), 6, 3);
  }

  @Test
  void readsPixelsAndLabelsOfBothHalves() throws IOException {
    Dataset data = Idx.read(folder);
    byte[] file = Files.readAllBytes(folder.resolve(TRAIN_IMAGES));
    assertThat(data.train().count()).isEqualTo(6);
    assertThat(data.test().count()).isEqualTo(3);
    assertThat(data.ifm()).isEqualTo(new FeatureMap(1, 5, 4));
    assertThat(data.train().labels()).containsExactly(0, 1, 2, 0, 1, 2);
    assertThat(data.classes()).containsExactly("0", "1", "2");
    for (int i = 0; i < 6 * 20; i++) {
      assertThat(data.train().pixel(i / 20, 0, i % 20 / 4, i % 4)).isEqualTo(file[16 + i] & 0xff);
    }
  }

  @Test
  void aPackedFileIsTheSameAsAnUnpackedOne() throws IOException {
    Dataset unpacked = Idx.read(folder);
    for (String name : List.of(TRAIN_IMAGES, TEST_LABELS)) {
      byte[] bytes = Files.readAllBytes(folder.resolve(name));
      Files.delete(folder.resolve(name));
      IdxFolder.file(folder, name + ".gz", bytes);
    }
    assertThat(Idx.read(folder)).isEqualTo(unpacked);
  }

  @Test
  void givesClassesTheNamesOfTheUser() {
    assertThat(Idx.read(folder, "cat", "dog", "owl").classes())
        .containsExactly("cat", "dog", "owl");
    assertRefused(
        () -> Idx.read(folder, "cat", "dog"), "label 2 in ", TRAIN_LABELS, "0 to 1, for 2 classes");
  }

  @Test
  void refusesATestLabelThatTrainingDoesNotHave() throws IOException {
    IdxFolder.file(
        folder, TEST_LABELS, IdxFolder.bytes(new byte[] {0, (byte) 200, 1}, IdxFolder.LABELS, 3));
    assertRefused(() -> Idx.read(folder), "label 1 in ", TEST_LABELS, "is 200", "0 to 2");
  }

  @Test
  void namesAllMissingFilesAtOnce() throws IOException {
    Files.delete(folder.resolve(TRAIN_IMAGES));
    Files.delete(folder.resolve(TEST_LABELS));
    assertRefused(() -> Idx.read(folder), TRAIN_IMAGES + ", " + TEST_LABELS);
  }

  @Test
  void refusesImagesAndLabelsOfDifferentNumber() throws IOException {
    IdxFolder.file(folder, TRAIN_LABELS, IdxFolder.bytes(new byte[5], IdxFolder.LABELS, 5));
    assertRefused(() -> Idx.read(folder), "has 6 images", "5 labels");
  }

  @Test
  void noticesSwappedFiles() throws IOException {
    Files.move(folder.resolve(TRAIN_IMAGES), folder.resolve("kept"));
    Files.move(folder.resolve(TRAIN_LABELS), folder.resolve(TRAIN_IMAGES));
    Files.move(folder.resolve("kept"), folder.resolve(TRAIN_LABELS));
    assertRefused(
        () -> Idx.read(folder), "begins with 0x00000801, that of labels", "0x00000803", "swapped");
  }

  @Test
  void refusesAnotherMagicNumber() throws IOException {
    IdxFolder.file(folder, TRAIN_LABELS, IdxFolder.bytes(new byte[6], 0xd01, 6));
    assertRefused(() -> Idx.read(folder), "begins with 0x00000d01", "0x00000801");
  }

  @Test
  void refusesATruncatedFileWhereverItIsCut() throws IOException {
    byte[] whole = Files.readAllBytes(folder.resolve(TRAIN_IMAGES));
    byte[] packed = packed(whole);
    for (int length = 0; length < whole.length; length++) {
      IdxFolder.file(folder, TRAIN_IMAGES, Arrays.copyOf(whole, length));
      String[] says =
          length < 16
              ? new String[] {TRAIN_IMAGES + " ends too early"}
              : new String[] {TRAIN_IMAGES + " ends after " + (length - 16) + " of 120 bytes"};
      assertRefused(() -> Idx.read(folder), says);
    }
    Files.delete(folder.resolve(TRAIN_IMAGES));
    for (int length = 0; length < packed.length; length++) {
      Files.write(folder.resolve(TRAIN_IMAGES + ".gz"), Arrays.copyOf(packed, length));
      assertRefused(() -> Idx.read(folder), TRAIN_IMAGES + ".gz ends too early");
    }
  }

  @Test
  void refusesAPackedFileThatDeclaresMoreThanItUnpacksTo() throws IOException {
    Files.delete(folder.resolve(TRAIN_IMAGES));
    IdxFolder.file(
        folder, TRAIN_IMAGES + ".gz", IdxFolder.bytes(new byte[119], IdxFolder.IMAGES, 6, 5, 4));
    assertRefused(() -> Idx.read(folder), "ends after 119 of 120 bytes");
  }

  @Test
  void allocatesNothingForAHeaderThatTheFileCannotHold() throws IOException {
    byte[] header =
        IdxFolder.bytes(new byte[1], IdxFolder.IMAGES, Integer.MAX_VALUE, 40_000, 40_000);
    IdxFolder.file(folder, TRAIN_IMAGES, header);
    assertRefused(() -> Idx.read(folder), "ends after 1 of 3,435,973,835,");
    Files.delete(folder.resolve(TRAIN_IMAGES));
    IdxFolder.file(folder, TRAIN_IMAGES + ".gz", header);
    assertRefused(() -> Idx.read(folder), "2147483647x40000x40000", "cannot hold");
  }

  @Test
  void refusesExtentsThatAreNoExtents() throws IOException {
    for (int extent : new int[] {0, -1}) {
      IdxFolder.file(
          folder, TRAIN_IMAGES, IdxFolder.bytes(new byte[0], IdxFolder.IMAGES, 6, extent, 4));
      assertRefused(() -> Idx.read(folder), "declares 6x" + extent + "x4");
    }
  }

  @Test
  void refusesBytesAfterTheEnd() throws IOException {
    byte[] whole = Files.readAllBytes(folder.resolve(TRAIN_LABELS));
    IdxFolder.file(folder, TRAIN_LABELS, Arrays.copyOf(whole, whole.length + 1));
    assertRefused(() -> Idx.read(folder), "goes on after its 6 bytes of data");
  }

  @Test
  void tellsAPackedFileFromAnUnpackedOne() throws IOException {
    byte[] whole = Files.readAllBytes(folder.resolve(TRAIN_LABELS));
    Files.write(folder.resolve(TRAIN_LABELS), packed(whole));
    assertRefused(() -> Idx.read(folder), "that of a gzip file", "end its name in .gz");
    Files.delete(folder.resolve(TRAIN_LABELS));
    Files.write(folder.resolve(TRAIN_LABELS + ".gz"), whole);
    assertRefused(() -> Idx.read(folder), ".gz cannot be unpacked", "take .gz off its name");
  }

  @Test
  void noticesADamagedPackedFile() throws IOException {
    byte[] packed = packed(Files.readAllBytes(folder.resolve(TRAIN_LABELS)));
    packed[packed.length - 8] ^= 1; // The checksum that gzip keeps.
    Files.delete(folder.resolve(TRAIN_LABELS));
    Files.write(folder.resolve(TRAIN_LABELS + ".gz"), packed);
    assertRefused(() -> Idx.read(folder), TRAIN_LABELS + ".gz cannot be unpacked");
  }

  @Test
  void refusesHalvesOfDifferentSize() throws IOException {
    IdxFolder.file(
        folder,
        "t10k-images-idx3-ubyte",
        IdxFolder.bytes(new byte[3 * 20], IdxFolder.IMAGES, 3, 4, 5));
    assertRefused(() -> Idx.read(folder), "1x5x4", "1x4x5");
  }

  private static byte[] packed(byte[] bytes) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(bytes);
    }
    return packed.toByteArray();
  }
}
