package org.dlaclab.plot;

import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import javax.imageio.ImageIO;
import org.dlaclab.error.DlacException;

/** Pictures as PNG files. */
public final class Png {
  private static final int COLORS = 256;

  /** The share of pixels in the most frequent colours from which a picture is a drawing. */
  private static final double DRAWING = 0.97;

  private Png() {}

  /** The picture as the bytes of a PNG file; a drawing in its 256 most frequent colours. */
  public static byte[] of(BufferedImage image) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.setUseCache(false);
    try {
      ImageIO.write(indexed(image), "png", out);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return out.toByteArray();
  }

  /**
   * The picture with a byte per pixel, which makes the file of a drawing three times smaller: it
   * has few colours, and many shades of them at edges, where the nearest one serves. The picture
   * itself if it is no drawing.
   */
  private static BufferedImage indexed(BufferedImage image) {
    int width = image.getWidth();
    int height = image.getHeight();
    int[] pixels = image.getRGB(0, 0, width, height, null, 0, width);
    Map<Integer, Integer> counts = new HashMap<>();
    for (int pixel : pixels) {
      counts.merge(pixel, 1, Integer::sum);
    }
    int[] palette =
        counts.entrySet().stream()
            .sorted(Map.Entry.<Integer, Integer>comparingByValue().reversed())
            .limit(COLORS)
            .mapToInt(Map.Entry::getKey)
            .toArray();
    long held = Arrays.stream(palette).mapToLong(rgb -> counts.getOrDefault(rgb, 0)).sum();
    if (image.getColorModel().hasAlpha() || held < DRAWING * pixels.length) {
      return image;
    }
    Map<Integer, Byte> nearest = new HashMap<>();
    counts.keySet().forEach(rgb -> nearest.put(rgb, (byte) nearest(rgb, palette)));
    BufferedImage indexed =
        new BufferedImage(
            width,
            height,
            BufferedImage.TYPE_BYTE_INDEXED,
            new IndexColorModel(8, palette.length, palette, 0, false, -1, DataBuffer.TYPE_BYTE));
    byte[] bytes = new byte[pixels.length];
    for (int i = 0; i < pixels.length; i++) {
      bytes[i] = Objects.requireNonNull(nearest.get(pixels[i]));
    }
    indexed.getRaster().setDataElements(0, 0, width, height, bytes);
    return indexed;
  }

  private static int nearest(int rgb, int[] palette) {
    int best = 0;
    int least = Integer.MAX_VALUE;
    for (int i = 0; i < palette.length && least > 0; i++) {
      int distance = 0;
      for (int shift = 0; shift <= 16; shift += 8) {
        int difference = (rgb >> shift & 0xff) - (palette[i] >> shift & 0xff);
        distance += difference * difference;
      }
      if (distance < least) {
        least = distance;
        best = i;
      }
    }
    return best;
  }

  /**
   * What {@code painter} draws.
   *
   * @throws DlacException if this Java has no font to write with
   */
  static BufferedImage draw(Supplier<BufferedImage> painter) {
    try {
      return painter.get();
    } catch (LinkageError | InternalError e) {
      throw new DlacException(
          "this Java cannot draw text: " + e,
          "an installed font",
          "install one (Debian: apt-get install fontconfig fonts-dejavu-core), or save as .svg",
          e);
    }
  }
}
