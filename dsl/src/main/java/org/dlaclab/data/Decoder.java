package org.dlaclab.data;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;

/**
 * Image files as bytes: channels, rows, columns. The bytes are those of the file: a colour profile
 * is not applied. Only the orientation that a camera notes in a JPEG file is.
 */
final class Decoder {
  private static final String EXPECTED = "a PNG or JPEG file, grey or RGB";

  /** What becomes of pixels that are not opaque. */
  enum Transparency {
    REFUSED,
    /** The colour that is written under them is taken, as {@code convert("RGB")} of PIL does. */
    LEFT_OUT
  }

  private final Transparency transparency;
  private final boolean grey;

  /**
   * @param grey whether coloured images become grey
   */
  Decoder(Transparency transparency, boolean grey) {
    this.transparency = transparency;
    this.grey = grey;
  }

  /** A decoded file: {@code channels x height x width} samples. */
  static final class Picture {
    private final int channels;
    private final int height;
    private final int width;
    private final byte[] samples;

    Picture(int channels, int height, int width, byte[] samples) {
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

    /**
     * Refuses this picture if it has another size than the first one.
     *
     * @param orTry what there is to try beside resizing, or empty
     */
    void requireSizeOf(Picture first, Path firstFile, Path file, String orTry) {
      if (first.height != height || first.width != width) {
        throw new DlacException(
            file
                + " has "
                + height
                + "x"
                + width
                + " pixels, and "
                + firstFile
                + " "
                + first.height
                + "x"
                + first.width,
            "images of one size, height x width",
            "use resize(" + first.height + ", " + first.width + ")" + orTry);
      }
    }
  }

  Picture read(Path file) {
    BufferedImage image = decode(file);
    requireColours(file, image.getColorModel());
    if (transparency == Transparency.REFUSED) {
      requireOpaque(file, image);
    }
    Picture picture = isGrey(image.getColorModel()) ? greyOf(image) : colours(file, image);
    if (grey && picture.channels > 1) {
      picture = luma(picture);
    }
    return Orientation.upright(picture, orientation(file));
  }

  /** The JDK decodes colours of print, too, in its own way. */
  private static void requireColours(Path file, ColorModel model) {
    int space = model.getColorSpace().getType();
    if (space != ColorSpace.TYPE_GRAY && space != ColorSpace.TYPE_RGB) {
      throw new DlacException(
          file
              + " has "
              + model.getNumColorComponents()
              + " channels of colour"
              + (space == ColorSpace.TYPE_CMYK ? ", CMYK" : ""),
          EXPECTED + ": 1 or 3 channels",
          "convert it to RGB");
    }
  }

  private static int orientation(Path file) {
    try {
      return Orientation.of(file);
    } catch (IOException e) {
      throw DlacException.unreadable(file.toString(), EXPECTED, e);
    }
  }

  private static void requireOpaque(Path file, BufferedImage image) {
    if (!image.getColorModel().hasAlpha()) {
      return;
    }
    int[] row = new int[image.getWidth()];
    for (int y = 0; y < image.getHeight(); y++) {
      image.getRGB(0, y, row.length, 1, row, 0, row.length);
      for (int x = 0; x < row.length; x++) {
        if (row[x] >>> 24 != 255) {
          throw new DlacException(
              file + " is transparent at row " + y + ", column " + x,
              "images without transparent pixels",
              "draw it on a background");
        }
      }
    }
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
      return model.getNumColorComponents() == 1;
    }
    // PNG files of less than 8 bits of grey come with a palette.
    for (int i = 0; i < palette.getMapSize(); i++) {
      if (palette.getRed(i) != palette.getGreen(i) || palette.getRed(i) != palette.getBlue(i)) {
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
    // Not getRGB where the file's own numbers are at hand: it applies the file's colour profile.
    boolean direct = image.getColorModel() instanceof ComponentColorModel;
    for (int y = 0; y < height; y++) {
      if (!direct) {
        image.getRGB(0, y, width, 1, row, 0, width);
      }
      for (int c = 0; c < 3; c++) {
        int shift = 16 - 8 * c;
        if (direct) {
          image.getRaster().getSamples(0, y, width, 1, c, row);
          shift = image.getSampleModel().getSampleSize(c) - 8;
        }
        int at = c * plane + y * width;
        for (int x = 0; x < width; x++) {
          samples[at + x] = (byte) (row[x] >> shift);
        }
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
}
