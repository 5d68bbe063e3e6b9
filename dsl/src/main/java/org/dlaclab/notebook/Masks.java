package org.dlaclab.notebook;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.Locale;
import org.dlaclab.kernel.display.Bundle;
import org.dlaclab.sim.MaskedProduct;
import org.dlaclab.table.Html;
import org.dlaclab.tensor.BitMatrix;

/** Masks as pictures: a row of the matrix is a row of the picture, ones are dark. */
final class Masks {
  private static final int MOST_PIXELS = 512;
  private static final int LARGEST_CELL = 12;
  private static final Color ONE = new Color(0x0072b2);
  private static final Color ZERO = new Color(0xe9edf1);

  private Masks() {}

  static Bundle mask(BitMatrix mask) {
    Bundle bundle = Bundle.text(mask.toString());
    if (mask.rows() == 0 || mask.columns() == 0) {
      return bundle.with("text/html", "<p>" + Html.escape(mask.toString()) + "</p>");
    }
    BufferedImage image = image(mask);
    String base64 = Pictures.base64(image);
    return Pictures.with(
        bundle.with("text/html", html(mask.toString(), base64, image)), base64, image, 1);
  }

  private static String html(String title, String base64, BufferedImage image) {
    return "<p>" + Html.escape(title) + "</p>\n" + Pictures.html(base64, image, 1, title);
  }

  static Bundle product(MaskedProduct product) {
    String text =
        String.format(
            Locale.ROOT,
            "masked product %,d x %,d x %,d (M x N x K), rows %s",
            product.rows().rows(),
            product.columns().rows(),
            product.rows().columns(),
            product.multiplierFree() ? "need adders only" : "need multipliers");
    return Bundle.text(text + "\nrows: " + product.rows() + "\ncolumns: " + product.columns())
        .with(
            "text/html",
            "<p><b>"
                + Html.escape(text)
                + "</b></p>\n"
                + part("rows: ", product.rows())
                + "\n"
                + part("columns: ", product.columns()));
  }

  private static String part(String what, BitMatrix mask) {
    BufferedImage image = image(mask);
    return html(what + mask, Pictures.base64(image), image);
  }

  /** Cells of a large mask share a pixel, which shows their density; cells of a small one grow. */
  static BufferedImage image(BitMatrix mask) {
    int longest = Math.max(mask.rows(), mask.columns());
    int cell = Math.max(1, Math.min(LARGEST_CELL, MOST_PIXELS / longest));
    int width = Math.min(MOST_PIXELS, mask.columns());
    int height = Math.min(MOST_PIXELS, mask.rows());
    BufferedImage image =
        new BufferedImage(width * cell, height * cell, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      int fromRow = (int) ((long) y * mask.rows() / height);
      int toRow = (int) ((y + 1L) * mask.rows() / height);
      for (int x = 0; x < width; x++) {
        int fromColumn = (int) ((long) x * mask.columns() / width);
        int toColumn = (int) ((x + 1L) * mask.columns() / width);
        int rgb = color(density(mask, fromRow, toRow, fromColumn, toColumn));
        for (int dy = 0; dy < cell; dy++) {
          for (int dx = 0; dx < cell; dx++) {
            image.setRGB(x * cell + dx, y * cell + dy, rgb);
          }
        }
      }
    }
    return image;
  }

  private static double density(
      BitMatrix mask, int fromRow, int toRow, int fromColumn, int toColumn) {
    int ones = 0;
    for (int r = fromRow; r < toRow; r++) {
      for (int c = fromColumn; c < toColumn; c++) {
        ones += mask.get(r, c) ? 1 : 0;
      }
    }
    return (double) ones / ((toRow - fromRow) * (double) (toColumn - fromColumn));
  }

  private static int color(double density) {
    return new Color(
            mix(ZERO.getRed(), ONE.getRed(), density),
            mix(ZERO.getGreen(), ONE.getGreen(), density),
            mix(ZERO.getBlue(), ONE.getBlue(), density))
        .getRGB();
  }

  private static int mix(int zero, int one, double share) {
    return (int) Math.round(zero + (one - zero) * share);
  }
}
