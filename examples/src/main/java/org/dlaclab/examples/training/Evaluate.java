package org.dlaclab.examples.training;

import ai.djl.ndarray.NDManager;
import java.nio.file.Path;
import java.util.Arrays;
import org.dlaclab.error.DlacException;
import org.dlaclab.network.Network;
import org.dlaclab.network.Weights;
import org.dlaclab.tensor.SafeTensors;

/**
 * Runs a file of weights on the 10,000 test images and compares the accuracy with the one that its
 * stamp claims.
 *
 * <p>Exits with 1 if they differ by more than {@link #TOLERANCE} images: another processor adds in
 * another order, and an image on the border between two classes may change sides.
 */
public final class Evaluate {
  static final String USAGE =
      """
      Evaluate NETWORK [--option value]...
        NETWORK         lenet5 or resnet20
        --weights FILE  weights to run          (NETWORK.safetensors)
        --data FOLDER   files of Fashion-MNIST  (%s)
        --threads N     of PyTorch              (the number of cores)
      """
          .formatted(FashionMnist.DEBIAN_FOLDER);

  private static final int TOLERANCE = 5;

  private Evaluate() {}

  /** See {@link #USAGE}. */
  public static void main(String[] args) {
    try {
      if (args.length == 0 || args[0].startsWith("-")) {
        throw new DlacException("no network is named", "lenet5 or resnet20", "\n" + USAGE);
      }
      CommandLine line = new CommandLine(USAGE, Arrays.copyOfRange(args, 1, args.length));
      Path file = line.path("weights", args[0] + ".safetensors");
      FashionMnist test =
          FashionMnist.test(line.path("data", FashionMnist.DEBIAN_FOLDER.toString()));
      int threads = line.whole("threads", Runtime.getRuntime().availableProcessors(), 1);
      line.end();
      PyTorch.start(threads);
      run(Train.network(args[0]), SafeTensors.read(file), test);
    } catch (DlacException e) {
      System.err.println(e.getMessage());
      System.exit(1);
    }
  }

  private static void run(Network network, SafeTensors file, FashionMnist test) {
    Accuracy claimed = Accuracy.parse(file.metadata().getOrDefault("accuracy", "none"));
    Accuracy found;
    try (NDManager manager = NDManager.newBaseManager()) {
      Parameters parameters =
          new Parameters(new Weights(network, file.tensors()), Train.POLICY, manager);
      found = Accuracy.of(new ForwardPass(network), parameters.read(true), test, manager);
    }
    System.out.println(network.name() + " with policy " + Train.POLICY + ": " + found);
    if (Math.abs(found.right() - claimed.right()) > TOLERANCE) {
      throw new DlacException(
          "the stamp claims an accuracy of " + claimed,
          found + ", give or take " + TOLERANCE + " images",
          "train the network again");
    }
    System.out.println("its stamp says " + claimed);
  }
}
