package org.dlaclab.data;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** How a camera was held, which it notes in a JPEG file's Exif segment (Exif 2.3, tag 274). */
final class Orientation {
  private static final int UPRIGHT = 1;
  private static final int TAG = 0x0112;
  private static final int SHORT = 3;
  private static final byte[] EXIF = "Exif\0\0".getBytes(StandardCharsets.US_ASCII);

  private Orientation() {}

  /**
   * The orientation of a file, 1 to 8; 1, upright, where none is noted or the note makes no sense.
   *
   * @throws IOException if the file cannot be read
   */
  static int of(Path file) throws IOException {
    try (InputStream bytes = Files.newInputStream(file);
        DataInputStream in = new DataInputStream(new BufferedInputStream(bytes))) {
      if (in.read() != 0xff || in.read() != 0xd8) {
        return UPRIGHT; // no JPEG file
      }
      // Segments: 0xff, a marker, two bytes of length, which count themselves.
      while (in.read() == 0xff) {
        int marker = in.read();
        byte[] length = in.readNBytes(2);
        if (length.length < 2 || marker == 0xda) {
          return UPRIGHT; // what follows are the pixels
        }
        int size = (((length[0] & 0xff) << 8) | (length[1] & 0xff)) - 2;
        byte[] segment = in.readNBytes(Math.max(0, size));
        if (marker == 0xe1
            && segment.length > EXIF.length + 8
            && ByteBuffer.wrap(segment, 0, EXIF.length).equals(ByteBuffer.wrap(EXIF))) {
          return tag(ByteBuffer.wrap(segment, EXIF.length, segment.length - EXIF.length).slice());
        }
      }
      return UPRIGHT;
    }
  }

  /** The tag in the first directory of a TIFF header: entries of 12 bytes behind their number. */
  private static int tag(ByteBuffer tiff) {
    tiff.order(tiff.get(0) == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    int directory = tiff.getInt(4);
    if (directory < 8 || directory > tiff.limit() - 2) {
      return UPRIGHT;
    }
    int entries = tiff.getShort(directory) & 0xffff;
    for (int i = 0, at = directory + 2; i < entries && at <= tiff.limit() - 12; i++, at += 12) {
      if ((tiff.getShort(at) & 0xffff) == TAG) {
        int value = tiff.getShort(at + 8);
        return tiff.getShort(at + 2) == SHORT && value >= 1 && value <= 8 ? value : UPRIGHT;
      }
    }
    return UPRIGHT;
  }

  /** The picture as it was seen. */
  static Decoder.Picture upright(Decoder.Picture picture, int orientation) {
    if (orientation == UPRIGHT) {
      return picture;
    }
    boolean turned = orientation > 4; // by a quarter: rows are columns
    boolean fromRight =
        orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    boolean fromBottom =
        orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    int height = turned ? picture.width() : picture.height();
    int width = turned ? picture.height() : picture.width();
    byte[] from = picture.samples();
    byte[] samples = new byte[from.length];
    for (int c = 0, i = 0; c < picture.channels(); c++) {
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++, i++) {
          int row = turned ? x : y;
          int column = turned ? y : x;
          row = fromBottom ? picture.height() - 1 - row : row;
          column = fromRight ? picture.width() - 1 - column : column;
          samples[i] = from[(c * picture.height() + row) * picture.width() + column];
        }
      }
    }
    return new Decoder.Picture(picture.channels(), height, width, samples);
  }
}
