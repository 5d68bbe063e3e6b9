package org.dlaclab.examples.training;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.GZIPInputStream;
import org.dlaclab.error.DlacException;

/** One half of Fashion-MNIST: grey images of 28 x 28 pixels with a label from 0 to 9. */
final class FashionMnist {
  static final int SIDE = 28;
  static final int PIXELS = SIDE * SIDE;
  static final int CLASSES = 10;

  /** Where Debian's package {@code dataset-fashion-mnist} puts the files. */
  static final Path DEBIAN_FOLDER = Path.of("/usr/share/datasets/fashion-mnist");

  private static final String HINT =
      "apt-get install dataset-fashion-mnist, or get the four files from github.com/zalandoresearch/fashion-mnist "
          + "and name their folder with --data FOLDER";
  private static final int IMAGES_MAGIC = 0x803;
  private static final int LABELS_MAGIC = 0x801;

  private final byte[] images;
  private final byte[] labels;
  private final String sha256;

  /**
   * @param images the pixels, {@code count * 784} bytes, row by row
   * @param labels one byte per image
   * @param sha256 see {@link #sha256()}
   */
  FashionMnist(byte[] images, byte[] labels, String sha256) {
    this.images = images;
    this.labels = labels;
    this.sha256 = sha256;
  }

  static FashionMnist train(Path folder) {
    return read(folder, "train", 60_000);
  }

  static FashionMnist test(Path folder) {
    return read(folder, "t10k", 10_000);
  }

  /** The pixels, 784 unsigned bytes per image. Not a copy. */
  byte[] images() {
    return images;
  }

  /** One label per image. Not a copy. */
  byte[] labels() {
    return labels;
  }

  /**
   * Checksum of all pixels followed by all labels, before {@link #first} was applied. It is taken
   * over the unpacked bytes, because a distribution may compress the same files again.
   */
  String sha256() {
    return sha256;
  }

  int count() {
    return labels.length;
  }

  /** The first {@code n} images, or all of them if there are fewer. */
  FashionMnist first(int n) {
    int kept = Math.min(n, count());
    return new FashionMnist(
        Arrays.copyOf(images, kept * PIXELS), Arrays.copyOf(labels, kept), sha256);
  }

  private static FashionMnist read(Path folder, String prefix, int count) {
    byte[] images =
        idx(folder, prefix + "-images-idx3-ubyte", IMAGES_MAGIC, new int[] {count, SIDE, SIDE});
    byte[] labels = idx(folder, prefix + "-labels-idx1-ubyte", LABELS_MAGIC, new int[] {count});
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < 0 || labels[i] >= CLASSES) {
        throw new DlacException(
            "label " + i + " of " + prefix + " in " + folder + " is " + labels[i], "0 to 9", HINT);
      }
    }
    return new FashionMnist(images, labels, sha256(images, labels));
  }

  /** Reads an IDX file, packed or not: a magic number, the sizes (big-endian), the bytes. */
  private static byte[] idx(Path folder, String name, int magic, int[] sizes) {
    Path file = folder.resolve(name + ".gz");
    if (!Files.isRegularFile(file)) {
      file = folder.resolve(name);
    }
    if (!Files.isRegularFile(file)) {
      throw new DlacException(
          "there is no " + name + " in " + folder.toAbsolutePath(),
          "the four files of Fashion-MNIST, packed (.gz) or not",
          HINT);
    }
    try (InputStream raw = Files.newInputStream(file);
        DataInputStream in =
            new DataInputStream(
                file.toString().endsWith(".gz") ? new GZIPInputStream(raw, 1 << 16) : raw)) {
      expect(file, "the magic number", magic, in.readInt());
      int bytes = 1;
      for (int d = 0; d < sizes.length; d++) {
        expect(file, "size " + d, sizes[d], in.readInt());
        bytes *= sizes[d];
      }
      byte[] data = in.readNBytes(bytes);
      expect(file, "the number of data bytes", bytes, data.length);
      if (in.read() >= 0) {
        throw new DlacException(
            file + " goes on after its " + bytes + " data bytes", "the end of the file", HINT);
      }
      return data;
    } catch (IOException e) {
      throw new DlacException(
          file + " cannot be read (" + e + ")", "an IDX file, packed with gzip or not", HINT, e);
    }
  }

  private static void expect(Path file, String what, int expected, int found) {
    if (found != expected) {
      throw new DlacException(
          what + " of " + file + " is " + found, String.valueOf(expected), HINT);
    }
  }

  private static String sha256(byte[]... parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (byte[] part : parts) {
        digest.update(part);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
