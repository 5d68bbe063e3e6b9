package org.dlaclab.plot;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Supplier;
import javax.imageio.ImageIO;
import org.dlaclab.error.DlacException;

/** Pictures as PNG files. */
public final class Png {
  private Png() {}

  /** The picture as the bytes of a PNG file. */
  public static byte[] of(BufferedImage image) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.setUseCache(false);
    try {
      ImageIO.write(image, "png", out);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return out.toByteArray();
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
