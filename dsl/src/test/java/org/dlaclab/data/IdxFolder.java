package org.dlaclab.data;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.dlaclab.network.FeatureMap;

/** Writes folders of IDX files for tests, without the code that reads them. */
final class IdxFolder {
  static final int IMAGES = 0x803;
  static final int LABELS = 0x801;

  private IdxFolder() {}

  /** Noise: {@code count} images for training and half of that for testing, labels 0, 1, ... */
  static void write(Path folder, FeatureMap ifm, int count, int classes) throws IOException {
    for (String half : new String[] {"train", "t10k"}) {
      int images = half.equals("train") ? count : count / 2;
      byte[] pixels = new byte[images * (int) ifm.size()];
      new Random(count).nextBytes(pixels);
      byte[] labels = new byte[images];
      for (int i = 0; i < images; i++) {
        labels[i] = (byte) (i % classes);
      }
      file(
          folder,
          half + "-images-idx3-ubyte",
          bytes(pixels, IMAGES, images, ifm.height(), ifm.width()));
      file(folder, half + "-labels-idx1-ubyte", bytes(labels, LABELS, images));
    }
  }

  /** A file of these bytes, packed if its name says so. */
  static void file(Path folder, String name, byte[] bytes) throws IOException {
    try (OutputStream file = Files.newOutputStream(folder.resolve(name));
        OutputStream out = name.endsWith(".gz") ? new GZIPOutputStream(file) : file) {
      out.write(bytes);
    }
  }

  /** The content of an IDX file. */
  static byte[] bytes(byte[] data, int magic, int... extents) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeInt(magic);
    for (int extent : extents) {
      out.writeInt(extent);
    }
    out.write(data);
    return bytes.toByteArray();
  }
}
