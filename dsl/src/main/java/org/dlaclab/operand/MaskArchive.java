package org.dlaclab.operand;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.dlaclab.network.Node;
import org.dlaclab.tensor.BitMatrix;

/**
 * The archive that {@link MaskWriter} wrote, open. Nothing in it is believed before its checksum.
 */
final class MaskArchive implements AutoCloseable {
  static final String STAMP = "stamp.json";

  /** Deflate cannot shrink data further than this. */
  private static final long MAX_RATIO = 1032;

  private final ZipFile zip;

  MaskArchive(Path file) throws IOException {
    if (!Files.exists(file)) {
      throw new NoSuchFileException(file.toString());
    }
    this.zip = new ZipFile(file.toFile());
  }

  static String weights(Node layer) {
    return "weights/" + layer.name();
  }

  static String sample(int index) {
    return "samples/" + index;
  }

  /**
   * The start of an entry.
   *
   * @throws IOException if there is none of this name
   */
  Entry entry(String name) throws IOException {
    ZipEntry entry = zip.getEntry(name);
    if (entry == null) {
      throw new IOException("it has no entry " + name);
    }
    return new Entry(zip, entry);
  }

  @Override
  public void close() {
    try {
      zip.close();
    } catch (IOException e) {
      // It was read only: nothing is lost.
    }
  }

  /** What is left of an entry. */
  static final class Entry implements AutoCloseable {
    private final InputStream in;
    private final CRC32 crc = new CRC32();
    private final ZipEntry entry;

    /** How many bytes it can give: what its header promises beyond is not believed. */
    private long left;

    private Entry(ZipFile zip, ZipEntry entry) throws IOException {
      this.in = new CheckedInputStream(zip.getInputStream(entry), crc);
      this.entry = entry;
      this.left = Math.min(entry.getSize(), (entry.getCompressedSize() + 1) * MAX_RATIO);
    }

    BitMatrix mask(String what, int rows, int columns) throws IOException {
      long bytes = PackedBits.bytes(rows, columns);
      if (bytes > left) {
        throw new IOException("it has " + left + " bytes and not " + bytes + " for " + what);
      }
      left -= bytes;
      return PackedBits.read(what, rows, columns, in);
    }

    /** A byte that is 0 or 1. */
    boolean flag() throws IOException {
      left--;
      int value = in.read();
      if (value != 0 && value != 1) {
        throw new IOException("a flag is " + value + " in " + entry.getName());
      }
      return value == 1;
    }

    /** What is left, but at most {@code most} bytes. */
    byte[] bytes(int most) throws IOException {
      return in.readNBytes(most);
    }

    /**
     * @throws IOException if this is not the end, or the checksum is another one
     */
    void requireEnd() throws IOException {
      if (in.read() >= 0) {
        throw new IOException("it has more in " + entry.getName() + " than belongs there");
      }
      if (crc.getValue() != entry.getCrc()) {
        throw new IOException("the checksum of " + entry.getName() + " is another one");
      }
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
