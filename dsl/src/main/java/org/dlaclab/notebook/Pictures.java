package org.dlaclab.notebook;

import java.awt.image.BufferedImage;
import java.util.Base64;
import java.util.Map;
import org.dlaclab.kernel.display.Bundle;
import org.dlaclab.plot.Png;
import org.dlaclab.table.Html;

/** Pictures as part of an output: an address that holds the picture itself asks no machine. */
final class Pictures {
  private Pictures() {}

  static String base64(BufferedImage image) {
    return Base64.getEncoder().encodeToString(Png.of(image));
  }

  /**
   * The picture as HTML.
   *
   * @param scale its pixels for one of the page
   */
  static String html(BufferedImage image, int scale, String what) {
    return html(base64(image), image, scale, what);
  }

  static String html(String base64, BufferedImage image, int scale, String what) {
    return "<img alt=\""
        + Html.escape(what)
        + "\" width=\""
        + image.getWidth() / scale
        + "\" height=\""
        + image.getHeight() / scale
        + "\" style=\"max-width:100%;height:auto\" src=\"data:image/png;base64,"
        + base64
        + "\">";
  }

  /** The bundle, and the picture alone beside it. */
  static Bundle with(Bundle bundle, String base64, BufferedImage image, int scale) {
    return bundle
        .with("image/png", base64)
        .withMetadata(
            "image/png",
            Map.of("width", image.getWidth() / scale, "height", image.getHeight() / scale));
  }
}
