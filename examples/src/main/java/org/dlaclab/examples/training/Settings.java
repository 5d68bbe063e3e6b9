package org.dlaclab.examples.training;

import java.nio.file.Path;
import java.util.Arrays;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;

/**
 * What a training run depends on.
 *
 * @param network name of a network of the zoo
 * @param data folder with the files of Fashion-MNIST
 * @param out file of weights to write
 * @param fullPrecisionEpochs epochs before the weights become ternary. Venkatesh et al. (ICASSP
 *     2017) begin with about 15 of 90.
 * @param ternaryEpochs epochs with ternary weights
 * @param batch images per step
 * @param learningRate at its highest; see {@link #learningRate(int, int)}
 * @param weightDecay of SGD with momentum 0.9
 * @param mirror whether half of the training images are mirrored left to right
 * @param seed of the initial weights, the order of images and mirroring
 * @param limit at most this many training images, for a quick trial
 * @param threads of PyTorch
 */
record Settings(
    String network,
    Path data,
    Path out,
    int fullPrecisionEpochs,
    int ternaryEpochs,
    int batch,
    double learningRate,
    double weightDecay,
    boolean mirror,
    long seed,
    int limit,
    int threads) {

  static final String USAGE =
      """
      Train NETWORK [--option value]...
        NETWORK                  lenet5 or resnet20
        --out FILE               weights to write            (NETWORK.safetensors)
        --data FOLDER            files of Fashion-MNIST      (%s)
        --full-precision-epochs N  before ternary weights    (lenet5: 5, resnet20: 4)
        --epochs N               with ternary weights        (lenet5: 15, resnet20: 6)
        --batch N                images per step             (128)
        --learning-rate X        at its highest              (0.1; lenet5: 0.05)
        --weight-decay X                                     (0.0001)
        --mirror true|false      mirror half of the images   (true; lenet5: false)
        --seed N                                             (42)
        --limit N                use only N training images  (60000)
        --threads N              of PyTorch; one is better than two where other programs keep the cores busy
                                                             (the number of cores)
      """
          .formatted(FashionMnist.DEBIAN_FOLDER);

  /** Momentum of SGD. */
  static final float MOMENTUM = 0.9f;

  /** Steps in which the learning rate climbs to its highest value. */
  static final int WARM_UP = 200;

  static Settings parse(String... args) {
    boolean named = args.length > 0 && !args[0].startsWith("-");
    if (!named) {
      throw new DlacException("no network is named", "lenet5 or resnet20", "\n" + USAGE);
    }
    String network = args[0];
    boolean small = network.equals("lenet5");
    CommandLine line = new CommandLine(USAGE, Arrays.copyOfRange(args, 1, args.length));
    int batch = line.whole("batch", 128, 1);
    Settings settings =
        new Settings(
            network,
            line.path("data", FashionMnist.DEBIAN_FOLDER.toString()),
            line.path("out", network + ".safetensors"),
            line.whole("full-precision-epochs", small ? 5 : 4, 0),
            line.whole("epochs", small ? 15 : 6, 1),
            batch,
            Check.positive("--learning-rate", line.real("learning-rate", small ? 0.05 : 0.1, 0)),
            line.real("weight-decay", 1e-4, 0),
            line.flag("mirror", !small),
            line.number("seed", 42),
            line.whole("limit", 60_000, batch),
            line.whole("threads", Runtime.getRuntime().availableProcessors(), 1));
    line.end();
    return settings;
  }

  int epochs() {
    return fullPrecisionEpochs + ternaryEpochs;
  }

  /**
   * Rises over the first steps, then falls along half a cosine to 0 (Loshchilov and Hutter, ICLR
   * 2017). So ternary training begins at a lower rate than full precision did, as Venkatesh et al.
   * advise, and ends with small steps, in which few weights still cross the threshold.
   *
   * @param step from 0
   * @param steps of the whole run
   */
  double learningRate(int step, int steps) {
    double rise = Math.min(1, (step + 1.0) / Math.min(WARM_UP, steps));
    return learningRate * rise * 0.5 * (1 + Math.cos(Math.PI * step / steps));
  }
}
