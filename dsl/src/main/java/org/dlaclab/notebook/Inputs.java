package org.dlaclab.notebook;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.dlaclab.data.ImageFiles;
import org.dlaclab.error.DlacException;
import org.dlaclab.grid.Grid;
import org.dlaclab.infer.Agreement;
import org.dlaclab.infer.Trained;
import org.dlaclab.kernel.display.Bundle;
import org.dlaclab.quant.Policy;
import org.dlaclab.quant.Quantizer;
import org.dlaclab.table.Html;
import org.dlaclab.tensor.Tensor;

/** What simulations take. */
final class Inputs {
  private static final int IMAGES = 16;
  private static final int IMAGES_PER_ROW = 8;

  /** The longest side of an image in a strip, in pixels. */
  private static final int SIDE = 112;

  private static final Set<String> FIRST_OF_STAMP = Set.of("accuracy", "data", "seed");

  private Inputs() {}

  static Facts grid(Grid grid) {
    Facts facts = new Facts("grid " + grid.name());
    grid.facts().forEach(fact -> facts.with(fact.name(), fact.value(), fact.meaning()));
    return facts;
  }

  static Facts policy(Policy policy) {
    Facts facts =
        new Facts("policy " + policy.name())
            .with(policy.rules().isEmpty() ? "all layers" : "layers", text(policy.weights()));
    for (Policy.Rule rule : policy.rules()) {
      facts.with("except " + rule.selector(), text(rule.quantizer()));
    }
    for (Policy.Activations rule : policy.activations()) {
      facts.with(
          rule.relus().equals(Policy.Activations.ALL) ? "ReLUs" : "ReLUs \"" + rule.relus() + "\"",
          rule.does().stream().map(Object::toString).collect(Collectors.joining(", ")));
    }
    return facts;
  }

  private static String text(Quantizer quantizer) {
    int bits = quantizer.bits();
    return quantizer + " (" + bits + (bits == 1 ? " bit)" : " bits)");
  }

  static Facts tensor(Tensor tensor) {
    double sum = 0;
    float least = Float.POSITIVE_INFINITY;
    float most = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < tensor.size(); i++) {
      float value = tensor.get(i);
      sum += value;
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    Facts facts =
        new Facts("Tensor " + tensor.shape())
            .with("elements", tensor.size())
            .withShare("non-zero", tensor.density());
    if (tensor.size() > 0) {
      facts
          .with("range", String.format(Locale.ROOT, "%.4g to %.4g", least, most))
          .with("mean", String.format(Locale.ROOT, "%.4g", sum / tensor.size()));
    }
    return facts;
  }

  static Bundle trained(Trained trained) {
    Facts facts =
        new Facts(trained.name() + (trained.file().isEmpty() ? ", trained" : ", from an ONNX file"))
            .with("policy", trained.policy().toString())
            .with("weights", trained.network().parameters())
            .with("images", trained.images().shape().dim(0));
    trained
        .file()
        .filter(file -> !file.isDescribed())
        .ifPresent(file -> facts.with("opaque", file.opaque(), "run, but not simulated"));
    Facts rest = new Facts("");
    trained
        .stamp()
        .forEach((key, value) -> (FIRST_OF_STAMP.contains(key) ? facts : rest).with(key, value));
    String stamp =
        trained.stamp().isEmpty()
            ? ""
            : "\n<details>\n<summary>How it was trained</summary>\n"
                + rest.table()
                + "\n</details>";
    String pictures =
        trained.images().size() == 0
            ? ""
            : "\n" + Pictures.html(images(trained.images()), 1, "the first images");
    return Bundle.text(trained.toString()).with("text/html", facts.html() + pictures + stamp);
  }

  static Facts agreement(Agreement agreement) {
    return new Facts(agreement.network() + ": agreement")
        .with("policies", agreement.other() + " and " + agreement.policy())
        .with("same class", agreement.same() + " of " + agreement.images() + " images")
        .withShare("share", agreement.share());
  }

  /** A strip of the first ones, as they are before their normalization. */
  static Bundle files(ImageFiles files) {
    ImageFiles some = files.first(Math.min(IMAGES_PER_ROW, files.count()));
    String pictures;
    try {
      Tensor pixels = some.pixels();
      String size =
          pixels.shape().dim(1) + "x" + pixels.shape().dim(2) + "x" + pixels.shape().dim(3);
      pictures =
          "<p>"
              + size
              + "</p>\n"
              + Pictures.html(strip(pixels, some.count(), 0, 1), 1, some.toString());
    } catch (DlacException e) {
      // What cannot be used is said beside what there is.
      pictures = "<pre>" + Html.escape(String.valueOf(e.getMessage())) + "</pre>";
    }
    return Bundle.text(files.toString())
        .with("text/html", "<p>" + Html.escape(files.toString()) + "</p>\n" + pictures);
  }

  /** The first images side by side, from their least to their largest value. */
  static BufferedImage images(Tensor images) {
    int count = Math.min(IMAGES, images.shape().dim(0));
    int size = images.size() / images.shape().dim(0);
    float least = Float.POSITIVE_INFINITY;
    float most = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < count * size; i++) {
      least = Math.min(least, images.get(i));
      most = Math.max(most, images.get(i));
    }
    return strip(images, count, least, most > least ? most : least + 1);
  }

  /**
   * Images side by side: small ones with two pixels for one, large ones within {@link #SIDE}.
   *
   * @param black what is drawn black
   * @param white what is drawn white
   */
  private static BufferedImage strip(Tensor images, int count, float black, float white) {
    int channels = images.shape().dim(1);
    int height = images.shape().dim(2);
    int width = images.shape().dim(3);
    int longest = Math.max(height, width);
    double step = 2 * longest <= SIDE ? 0.5 : Math.max(1, longest / (double) SIDE);
    int shownHeight = (int) Math.ceil(height / step);
    int shownWidth = (int) Math.ceil(width / step);
    int columns = Math.min(count, IMAGES_PER_ROW);
    int rows = (count + columns - 1) / columns;
    BufferedImage picture =
        new BufferedImage(
            columns * (shownWidth + 2), rows * (shownHeight + 2), BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < count; i++) {
      int left = i % columns * (shownWidth + 2);
      int top = i / columns * (shownHeight + 2);
      for (int y = 0; y < shownHeight; y++) {
        for (int x = 0; x < shownWidth; x++) {
          float[] rgb = new float[3];
          for (int c = 0; c < 3; c++) {
            int plane = i * channels + (channels >= 3 ? c : 0);
            int at = (plane * height + (int) (y * step)) * width + (int) (x * step);
            rgb[c] = (images.get(at) - black) / (white - black);
          }
          picture.setRGB(left + x, top + y, new Color(rgb[0], rgb[1], rgb[2]).getRGB());
        }
      }
    }
    return picture;
  }
}
