package org.dlaclab.examples.training;

import ai.djl.ndarray.NDManager;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.dlaclab.error.DlacException;
import org.dlaclab.infer.Inference;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.network.Weights;
import org.dlaclab.tensor.SafeTensors;
import org.dlaclab.tensor.Shape;
import org.dlaclab.tensor.Tensor;

/**
 * Runs a file of weights on the 10,000 test images, by DJL as in training and by ONNX Runtime as in
 * the simulator, and compares both accuracies with the one that its stamp claims.
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
      run(Train.network(args[0]), SafeTensors.read(file), test, threads);
    } catch (DlacException e) {
      System.err.println(e.getMessage());
      System.exit(1);
    }
  }

  private static void run(Network network, SafeTensors file, FashionMnist test, int threads) {
    Weights weights = new Weights(network, file.tensors());
    Accuracy claimed = Accuracy.parse(file.metadata().getOrDefault("accuracy", "none"));
    System.out.println(network.name() + " with policy " + Train.POLICY);
    System.out.println("  its stamp:    " + claimed);
    compare("DJL", djl(weights, test), claimed);
    compare("ONNX Runtime", onnxRuntime(weights, test, threads), claimed);
  }

  private static void compare(String engine, Accuracy found, Accuracy claimed) {
    System.out.printf("  %-13s %s%n", engine + ":", found);
    if (Math.abs(found.right() - claimed.right()) > TOLERANCE) {
      throw new DlacException(
          "the stamp claims an accuracy of " + claimed + ", but " + engine + " gives " + found,
          "the same, give or take " + TOLERANCE + " images",
          "train the network again");
    }
  }

  /** As in training. */
  private static Accuracy djl(Weights weights, FashionMnist test) {
    try (NDManager manager = NDManager.newBaseManager()) {
      Parameters parameters = new Parameters(weights, Train.POLICY, manager);
      return Accuracy.of(new ForwardPass(weights.network()), parameters.read(true), test, manager);
    }
  }

  /** As in the simulator: by the inference that gives it its activations. */
  private static Accuracy onnxRuntime(Weights weights, FashionMnist test, int threads) {
    Tensor images =
        Tensor.of(
            Shape.of(test.count(), 1, FashionMnist.SIDE, FashionMnist.SIDE),
            Batches.slice(test, 0, test.count()).pixels());
    List<Node> nodes = weights.network().nodes();
    String last = nodes.get(nodes.size() - 1).name();
    AtomicInteger right = new AtomicInteger();
    try (Inference inference = Inference.of(weights, Train.POLICY, List.of(last), threads)) {
      inference.run(
          images,
          (layer, first, count, logits) -> {
            for (int i = 0; i < count; i++) {
              float[] image = new float[FashionMnist.CLASSES];
              logits.get(image);
              int best = 0;
              for (int c = 1; c < image.length; c++) {
                best = image[c] > image[best] ? c : best;
              }
              if (best == test.labels()[first + i]) {
                right.incrementAndGet();
              }
            }
          });
    }
    return new Accuracy(right.get(), test.count());
  }
}
