package org.dlaclab.data;

import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.function.IntToDoubleFunction;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;
import org.jspecify.annotations.Nullable;

/** Image files as bytes: channels, rows, columns. */
final class Decoder {
  private static final String EXPECTED = "a PNG or JPEG file, grey or RGB";

  private final ImageFolder.@Nullable Resize resize;
  private final boolean grey;

  Decoder(ImageFolder.@Nullable Resize resize, boolean grey) {
    this.resize = resize;
    this.grey = grey;
  }

  /** A decoded file: {@code channels x height x width} samples. */
  static final class Picture {
    private final int channels;
    private final int height;
    private final int width;
    private final byte[] samples;

    private Picture(int channels, int height, int width, byte[] samples) {
      this.channels = channels;
      this.height = height;
      this.width = width;
      this.samples = samples;
    }

    int channels() {
      return channels;
    }

    int height() {
      return height;
    }

    int width() {
      return width;
    }

    /** Not a copy. */
    byte[] samples() {
      return samples;
    }
  }

  Picture read(Path file) {
    BufferedImage image = decode(file);
    Picture picture = isGrey(image.getColorModel()) ? greyOf(image) : colours(file, image);
    if (grey && picture.channels > 1) {
      picture = luma(picture);
    }
    return resize == null || (resize.height() == picture.height && resize.width() == picture.width)
        ? picture
        : resized(picture, resize.height(), resize.width());
  }

  private static BufferedImage decode(Path file) {
    try (ImageInputStream in = ImageIO.createImageInputStream(file.toFile())) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        throw new DlacException(
            file + " is not an image, whatever its name says", EXPECTED, "replace or delete it");
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(in, true, true);
        // A truncated JPEG file is a warning to the JDK, which makes the rest of the image up.
        reader.addIIOReadWarningListener(
            (source, warning) -> {
              throw new DlacException(
                  file + " is damaged: " + warning, EXPECTED + ", whole", "replace or delete it");
            });
        // A small file can declare a large image. Four bytes per pixel, and as much to work in.
        Check.fitsHeap(
            file + ", " + reader.getHeight(0) + "x" + reader.getWidth(0) + " pixels,",
            8.0 * reader.getHeight(0) * reader.getWidth(0));
        return reader.read(0);
      } finally {
        reader.dispose();
      }
    } catch (IOException | RuntimeException e) {
      // The decoders of the JDK answer some damaged files with unchecked exceptions.
      if (e instanceof DlacException said) {
        throw said;
      }
      throw new DlacException(
          file + " cannot be decoded: " + e, EXPECTED + ", whole", "replace or delete it", e);
    }
  }

  private static boolean isGrey(ColorModel model) {
    if (!(model instanceof IndexColorModel palette)) {
      return model.getNumColorComponents() == 1 && !model.hasAlpha();
    }
    // PNG files of less than 8 bits of grey come with a palette.
    for (int i = 0; i < palette.getMapSize(); i++) {
      if (palette.getRed(i) != palette.getGreen(i)
          || palette.getRed(i) != palette.getBlue(i)
          || palette.getAlpha(i) != 255) {
        return false;
      }
    }
    return true;
  }

  private static Picture greyOf(BufferedImage image) {
    Raster raster = image.getRaster();
    int width = image.getWidth();
    int height = image.getHeight();
    byte[] samples = new byte[width * height];
    int[] row = new int[width];
    boolean palette = image.getColorModel() instanceof IndexColorModel;
    int shift = image.getSampleModel().getSampleSize(0) - 8;
    for (int y = 0; y < height; y++) {
      if (palette) {
        image.getRGB(0, y, width, 1, row, 0, width);
      } else {
        // Not getRGB: it takes the grey of a file as linear light, and changes it.
        raster.getSamples(0, y, width, 1, 0, row);
      }
      for (int x = 0; x < width; x++) {
        samples[y * width + x] = (byte) (palette ? row[x] : row[x] >> shift);
      }
    }
    return new Picture(1, height, width, samples);
  }

  private static Picture colours(Path file, BufferedImage image) {
    int width = image.getWidth();
    int height = image.getHeight();
    Check.fitsArray(file + ", " + height + "x" + width + " pixels", 3.0 * width * height);
    int plane = width * height;
    byte[] samples = new byte[3 * plane];
    int[] row = new int[width];
    for (int y = 0; y < height; y++) {
      image.getRGB(0, y, width, 1, row, 0, width);
      for (int x = 0; x < width; x++) {
        if (row[x] >>> 24 != 255) {
          throw new DlacException(
              file + " is transparent at row " + y + ", column " + x,
              "images without transparent pixels",
              "draw it on a background");
        }
        int at = y * width + x;
        samples[at] = (byte) (row[x] >> 16);
        samples[plane + at] = (byte) (row[x] >> 8);
        samples[2 * plane + at] = (byte) row[x];
      }
    }
    return new Picture(3, height, width, samples);
  }

  private static Picture luma(Picture picture) {
    int plane = picture.height * picture.width;
    byte[] samples = new byte[plane];
    for (int i = 0; i < plane; i++) {
      int red = picture.samples[i] & 0xff;
      int green = picture.samples[plane + i] & 0xff;
      int blue = picture.samples[2 * plane + i] & 0xff;
      // In thousandths, so that grey stays what it is.
      samples[i] = (byte) ((299 * red + 587 * green + 114 * blue + 500) / 1000);
    }
    return new Picture(1, picture.height, picture.width, samples);
  }

  /** Each pixel is the average of the rectangle of the original that it covers. */
  private static Picture resized(Picture from, int height, int width) {
    Check.fitsArray("an image of " + height + "x" + width, 3.0 * height * width);
    byte[] samples = new byte[from.channels * height * width];
    double[] rows = new double[height * from.width];
    for (int c = 0; c < from.channels; c++) {
      // Rows first, then columns: the weights of a rectangle are products.
      int plane = c * from.height * from.width;
      for (int y = 0; y < height; y++) {
        double scale = (double) from.height / height;
        for (int x = 0; x < from.width; x++) {
          int column = x;
          rows[y * from.width + x] =
              average(
                  y * scale,
                  (y + 1) * scale,
                  from.height,
                  i -> from.samples[plane + i * from.width + column] & 0xff);
        }
      }
      for (int y = 0; y < height; y++) {
        double scale = (double) from.width / width;
        int row = y * from.width;
        for (int x = 0; x < width; x++) {
          double value = average(x * scale, (x + 1) * scale, from.width, i -> rows[row + i]);
          samples[(c * height + y) * width + x] = (byte) Math.round(value);
        }
      }
    }
    return new Picture(from.channels, height, width, samples);
  }

  /** Average of a step function over {@code from} to {@code to}; step i is from i to i + 1. */
  private static double average(double from, double to, int steps, IntToDoubleFunction value) {
    double sum = 0;
    int last = Math.min(steps, (int) Math.ceil(to));
    for (int i = (int) from; i < last; i++) {
      sum += value.applyAsDouble(i) * (Math.min(to, i + 1) - Math.max(from, i));
    }
    return sum / (to - from);
  }
}
