package org.dlaclab.examples.training;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.training.GradientCollector;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.dlaclab.error.DlacException;
import org.dlaclab.network.FeatureMap;
import org.dlaclab.network.Network;
import org.dlaclab.quant.Policy;
import org.dlaclab.quant.Quantizer;
import org.dlaclab.quant.Selector;
import org.dlaclab.tensor.SafeTensors;
import org.dlaclab.zoo.Zoo;

/**
 * Trains a network of the zoo on Fashion-MNIST, first in full precision, then with ternary weights
 * in all layers but the first, and writes the weights with their stamp.
 *
 * <p>The techniques are those of Venkatesh et al., "Accelerating Deep Convolutional Networks using
 * low-precision and sparsity" (ICASSP 2017): begin with a few epochs of full precision, keep the
 * first convolution in full precision, lower the learning rate.
 */
public final class Train {
  /** Ternary weights per layer (TWN), but full precision in the first layer. */
  static final Policy POLICY =
      new Policy(
          "twn",
          new Quantizer.Ternary(Quantizer.Scale.PER_LAYER),
          List.of(new Policy.Rule(new Selector.ByIndex(0), new Quantizer.FullPrecision())));

  private static final int STEPS_PER_LINE = 50;

  private final Settings settings;
  private final Network network;
  private final FashionMnist trainingData;
  private final FashionMnist testData;
  private final List<String> rates = new ArrayList<>();
  private final List<String> accuracies = new ArrayList<>();

  private Train(Settings settings) {
    Path folder = settings.out().toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      // Better now than after the first hour.
      throw new DlacException(
          "--out is " + settings.out(), "a file in a folder that exists", "mkdir -p " + folder);
    }
    this.settings = settings;
    this.network = network(settings.network());
    this.trainingData = FashionMnist.train(settings.data()).first(settings.limit());
    this.testData = FashionMnist.test(settings.data());
  }

  /** See {@link Settings#USAGE}. */
  public static void main(String[] args) {
    try {
      new Train(Settings.parse(args)).run();
    } catch (DlacException e) {
      System.err.println(e.getMessage());
      System.exit(1);
    }
  }

  /** A network of the zoo, fitted to the data. */
  static Network network(String name) {
    return Zoo.network(
        name, new FeatureMap(1, FashionMnist.SIDE, FashionMnist.SIDE), FashionMnist.CLASSES);
  }

  private void run() {
    PyTorch.start(settings.threads());
    System.out.println(settings);
    Rate rate = new Rate();
    Optimizer optimizer =
        Optimizer.sgd()
            .setLearningRateTracker(rate)
            .optMomentum(Settings.MOMENTUM)
            .optWeightDecays((float) settings.weightDecay())
            .build();
    Batches batches =
        new Batches(
            trainingData, settings.batch(), settings.mirror(), new Random(settings.seed() + 1));
    ForwardPass forward = new ForwardPass(network);
    try (NDManager manager = NDManager.newBaseManager()) {
      Parameters parameters =
          new Parameters(Parameters.initial(network, settings.seed()), POLICY, manager);
      int steps = settings.epochs() * batches.perEpoch();
      Progress progress = new Progress(steps, settings.batch());
      int step = 0;
      for (int epoch = 0; epoch < settings.epochs(); epoch++) {
        boolean ternary = epoch >= settings.fullPrecisionEpochs();
        batches.shuffle();
        progress.begin(epoch + 1, settings.epochs(), ternary);
        for (int i = 0; i < batches.perEpoch(); i++, step++) {
          rate.now = (float) settings.learningRate(step, steps);
          Map<String, NDArray> values = parameters.read(ternary);
          Step done = step(forward, values, batches.get(i), manager);
          // Outside of the scope that step() has closed: the optimizer keeps its momentum arrays.
          parameters.update(optimizer, values);
          parameters.release(values);
          progress.step(i + 1, batches.perEpoch(), done, rate.now);
        }
        rates.add(String.format(Locale.ROOT, "%.4f", rate.now));
        Map<String, NDArray> values = parameters.read(ternary);
        Accuracy accuracy = Accuracy.of(forward, values, testData, manager);
        parameters.release(values);
        accuracies.add(String.format(Locale.ROOT, "%.2f", accuracy.percent()));
        progress.end(accuracy);
        if (ternary) {
          SafeTensors.of(parameters.tensors(), stamp(epoch + 1, accuracy)).write(settings.out());
        }
      }
      System.out.println("weights written to " + settings.out());
    }
  }

  /** Mean loss and number of wrong classes of one batch. */
  record Step(double loss, int wrong) {}

  /** Forward and backward; the gradients stay with {@code values}. */
  private static Step step(
      ForwardPass forward, Map<String, NDArray> values, Batches.Batch batch, NDManager manager) {
    // Frees every array of the pass at once: without it native memory grows until the garbage
    // collector runs.
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      NDArray images = manager.create(batch.pixels(), Accuracy.images(batch));
      NDArray labels = manager.create(batch.labels());
      try (GradientCollector gradients = Engine.getInstance().newGradientCollector()) {
        NDArray logits = forward.logits(images, values, true);
        NDArray loss =
            Loss.softmaxCrossEntropyLoss().evaluate(new NDList(labels), new NDList(logits));
        gradients.backward(loss);
        long[] classes = logits.argMax(1).toLongArray();
        int wrong = 0;
        for (int i = 0; i < classes.length; i++) {
          wrong += classes[i] == batch.labels()[i] ? 0 : 1;
        }
        float value = loss.getFloat();
        if (!Float.isFinite(value)) {
          throw new DlacException(
              "the loss became " + value, "a finite loss", "use a lower --learning-rate");
        }
        return new Step(value, wrong);
      }
    }
  }

  /** What someone who gets the file needs to know about it, and to make it again. */
  private Map<String, String> stamp(int epochs, Accuracy accuracy) {
    Map<String, String> stamp = new LinkedHashMap<>();
    stamp.put("network", network.name());
    stamp.put(
        "policy",
        "ternary weights (TWN, Li and Liu 2016: threshold 0.7 * mean |w| per layer, scale mean |w| above it) in "
            + "every convolution and fully connected layer but the first, which is in full precision; ReLU threshold 0");
    stamp.put("weights", "full-precision shadow weights: apply the policy to get the ternary ones");
    stamp.put("input", "pixel / 255, no mean subtracted");
    stamp.put("accuracy", accuracy.toString());
    stamp.put(
        "accuracy_of",
        "ternary weights, all test images, after the last epoch (no epoch was picked)");
    stamp.put("test_accuracy_percent_by_epoch", String.join(" ", accuracies));
    stamp.put("epochs_full_precision", String.valueOf(settings.fullPrecisionEpochs()));
    stamp.put("epochs_ternary", String.valueOf(epochs - settings.fullPrecisionEpochs()));
    stamp.put("epochs_planned", String.valueOf(settings.epochs()));
    stamp.put(
        "optimizer",
        String.format(
            Locale.ROOT,
            "SGD, momentum %s, weight decay %s, batch %d",
            Settings.MOMENTUM,
            settings.weightDecay(),
            settings.batch()));
    stamp.put(
        "learning_rate",
        String.format(
            Locale.ROOT,
            "linear rise to %s over %d steps, half a cosine to 0 over %d epochs; after each epoch: %s",
            settings.learningRate(),
            Settings.WARM_UP,
            settings.epochs(),
            String.join(" ", rates)));
    stamp.put("augmentation", settings.mirror() ? "half of the images mirrored" : "none");
    stamp.put("seed", String.valueOf(settings.seed()));
    stamp.put(
        "data",
        "Fashion-MNIST, "
            + trainingData.count()
            + " training and "
            + testData.count()
            + " test images");
    stamp.put("data_train_sha256", trainingData.sha256());
    stamp.put("data_test_sha256", testData.sha256());
    stamp.put("djl", Engine.getDjlVersion());
    stamp.put("pytorch", Engine.getInstance().getVersion());
    stamp.put("java", System.getProperty("java.version"));
    stamp.put("threads", String.valueOf(settings.threads()));
    stamp.put("date", LocalDate.now(ZoneOffset.UTC).toString());
    return stamp;
  }

  /**
   * The learning rate of the next update. No lambda: DJL's interface has two methods of one name.
   */
  private static final class Rate implements Tracker {
    private float now;

    @Override
    public float getNewValue(int update) {
      return now;
    }
  }

  /** One line now and then: where the run is, how it does, how long it will take. */
  private static final class Progress {
    private final long start = System.nanoTime();
    private final long steps;
    private final int batch;
    private long done;
    private String title = "";
    private double loss;
    private long wrong;
    private int inEpoch;
    private long lineStart = System.nanoTime();
    private int inLine;

    Progress(long steps, int batch) {
      this.steps = steps;
      this.batch = batch;
    }

    void begin(int epoch, int epochs, boolean ternary) {
      title =
          String.format(
              Locale.ROOT, "epoch %d/%d %s", epoch, epochs, ternary ? "ternary" : "full precision");
      loss = 0;
      wrong = 0;
      inEpoch = 0;
    }

    void step(int index, int perEpoch, Step step, double rate) {
      done++;
      inEpoch++;
      inLine++;
      loss += step.loss();
      wrong += step.wrong();
      if (index % STEPS_PER_LINE == 0) {
        long now = System.nanoTime();
        double seconds = (now - lineStart) / 1e9;
        double left = (now - start) / 1e9 / done * (steps - done);
        System.out.printf(
            Locale.ROOT,
            "%s  step %d/%d  loss %.4f  train error %.2f %%  lr %.4f  %.0f images/s  %.0f min left%n",
            title,
            index,
            perEpoch,
            loss / inEpoch,
            100.0 * wrong / ((double) inEpoch * batch),
            rate,
            inLine * batch / seconds,
            Math.ceil(left / 60));
        lineStart = now;
        inLine = 0;
      }
    }

    void end(Accuracy accuracy) {
      System.out.printf(
          Locale.ROOT,
          "%s  loss %.4f  train error %.2f %%  test error %.2f %%  test accuracy %s%n",
          title,
          loss / inEpoch,
          100.0 * wrong / ((double) inEpoch * batch),
          100 - accuracy.percent(),
          accuracy);
      lineStart = System.nanoTime();
      inLine = 0;
    }
  }
}
