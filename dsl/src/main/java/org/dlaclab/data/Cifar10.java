package org.dlaclab.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;
import org.dlaclab.network.FeatureMap;

/**
 * CIFAR-10 (Krizhevsky, 2009) in its binary version: 50,000 training and 10,000 test images of 32 x
 * 32 pixels in three channels and 10 classes.
 *
 * <p>A folder has {@code data_batch_1.bin} to {@code data_batch_5.bin} and {@code test_batch.bin},
 * each of 10,000 records: a byte for the label, then the red, the green and the blue channel. No
 * checksum of the unpacked files is published, so none is verified; their sizes are.
 */
public final class Cifar10 {
  private static final FeatureMap IFM = new FeatureMap(3, 32, 32);
  private static final int PIXELS = (int) IFM.size();
  private static final int RECORDS_PER_FILE = 10_000;

  private static final List<String> TRAIN =
      List.of(
          "data_batch_1.bin",
          "data_batch_2.bin",
          "data_batch_3.bin",
          "data_batch_4.bin",
          "data_batch_5.bin");

  private static final List<String> TEST = List.of("test_batch.bin");

  private static final List<String> CLASSES =
      List.of(
          "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

  private static final String HINT =
      "unpack cifar-10-binary.tar.gz from www.cs.toronto.edu/~kriz/cifar.html and name the folder"
          + " cifar-10-batches-bin";

  private Cifar10() {}

  /**
   * Reads the six files of a folder.
   *
   * @throws DlacException if one is missing, of another size, or has a label above 9
   */
  public static Dataset read(Path folder) {
    return read(folder, RECORDS_PER_FILE);
  }

  /** As {@link #read(Path)}, with another number of records in each file. */
  static Dataset read(Path folder, int records) {
    Images train = images(folder, TRAIN, records);
    Images test = images(folder, TEST, records);
    Map<String, String> provenance = new LinkedHashMap<>();
    provenance.put("source", "www.cs.toronto.edu/~kriz/cifar.html");
    provenance.put("licence", "none stated");
    provenance.put("train.sha256", train.sha256());
    provenance.put("test.sha256", test.sha256());
    return new Dataset("cifar-10", train, test, CLASSES, Normalization.PLAIN, provenance);
  }

  private static Images images(Path folder, List<String> names, int records) {
    names.forEach(name -> requireFile(folder, name, records));
    int count = names.size() * records;
    Check.fitsHeap("CIFAR-10", (double) count * PIXELS);
    byte[] pixels = new byte[count * PIXELS];
    int[] labels = new int[count];
    int image = 0;
    for (String name : names) {
      Path file = folder.resolve(name);
      byte[] bytes = bytes(file, records);
      for (int r = 0; r < records; r++, image++) {
        int at = r * (1 + PIXELS);
        labels[image] = bytes[at] & 0xff;
        if (labels[image] >= CLASSES.size()) {
          throw new DlacException(
              "label " + r + " in " + file + " is " + labels[image], "0 to 9", HINT);
        }
        System.arraycopy(bytes, at + 1, pixels, image * PIXELS, PIXELS);
      }
    }
    return new Images(IFM, pixels, labels);
  }

  private static void requireFile(Path folder, String name, int records) {
    Path file = folder.resolve(name);
    if (!Files.isRegularFile(file)) {
      throw new DlacException(
          folder.toAbsolutePath() + " has no " + name,
          "the six .bin files of CIFAR-10's binary version",
          HINT);
    }
    try {
      requireSize(file, Files.size(file), records);
    } catch (IOException e) {
      throw DlacException.unreadable(file.toString(), "a file of CIFAR-10", e);
    }
  }

  private static byte[] bytes(Path file, int records) {
    int size = records * (1 + PIXELS);
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(size);
      requireSize(file, bytes.length, records);
      return bytes;
    } catch (IOException e) {
      throw DlacException.unreadable(file.toString(), "a file of CIFAR-10", e);
    }
  }

  private static void requireSize(Path file, long found, int records) {
    long expected = (long) records * (1 + PIXELS);
    if (found != expected) {
      throw new DlacException(
          String.format(Locale.ROOT, "%s has %,d bytes", file, found),
          String.format(
              Locale.ROOT,
              "%,d bytes, for %,d images; a smaller file is truncated",
              expected,
              records),
          HINT);
    }
  }
}
