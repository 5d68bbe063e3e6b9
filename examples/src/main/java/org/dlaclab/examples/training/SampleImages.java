package org.dlaclab.examples.training;

import java.nio.file.Path;
import java.util.Map;
import org.dlaclab.error.DlacException;
import org.dlaclab.tensor.SafeTensors;
import org.dlaclab.tensor.Shape;
import org.dlaclab.tensor.Tensor;

/**
 * Writes the first test images of Fashion-MNIST, bytes as they are, to a small file that DLAC Lab
 * can ship.
 */
public final class SampleImages {
  static final String USAGE =
      """
      SampleImages [--option value]...
        --out FILE      images to write         (fashion-mnist-32.safetensors)
        --data FOLDER   files of Fashion-MNIST  (%s)
      """
          .formatted(FashionMnist.DEBIAN_FOLDER);

  private static final int COUNT = 32;

  private SampleImages() {}

  /** See {@link #USAGE}. */
  public static void main(String[] args) {
    try {
      CommandLine line = new CommandLine(USAGE, args);
      Path data = line.path("data", FashionMnist.DEBIAN_FOLDER.toString());
      Path out = line.path("out", "fashion-mnist-32.safetensors");
      line.end();
      FashionMnist test = FashionMnist.test(data);
      FashionMnist kept = test.first(COUNT);
      new SafeTensors(
              Map.of(
                  "images",
                  bytes(kept.images(), COUNT, 1, FashionMnist.SIDE, FashionMnist.SIDE),
                  "labels",
                  bytes(kept.labels(), COUNT)),
              Map.of(
                  "content", "the first " + COUNT + " of the 10000 test images of Fashion-MNIST",
                  "source", "Zalando Research, github.com/zalandoresearch/fashion-mnist",
                  "citation", "Xiao, Rasul, Vollgraf: Fashion-MNIST, arXiv:1708.07747",
                  "licence", "MIT, copyright 2017 Zalando SE",
                  "pixels", "0 to 255; networks take pixel / 255",
                  "classes",
                      "T-shirt/top, Trouser, Pullover, Dress, Coat, Sandal, Shirt, Sneaker, Bag, Ankle boot",
                  "test_images_and_labels_sha256", test.sha256()))
          .write(out);
      System.out.println(COUNT + " images written to " + out);
    } catch (DlacException e) {
      System.err.println(e.getMessage());
      System.exit(1);
    }
  }

  private static SafeTensors.Entry bytes(byte[] bytes, int... dims) {
    float[] values = new float[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      values[i] = bytes[i] & 0xff;
    }
    return new SafeTensors.Entry(SafeTensors.Type.U8, Tensor.of(Shape.of(dims), values));
  }
}
