package org.dlaclab.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.dlaclab.data.Dataset;
import org.dlaclab.data.Images;
import org.dlaclab.error.DlacException;
import org.dlaclab.file.WholeFile;
import org.dlaclab.network.Layer;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.progress.Live;
import org.dlaclab.progress.Progress;
import org.dlaclab.progress.Stop;
import org.dlaclab.quant.Policy;
import org.dlaclab.tensor.Tensor;

/** Trains networks. */
public final class Trainer {
  private static final String DESCRIBE =
      "describe the network for them: one of the zoo is zoo(name, data.ifm(), data.classCount())";

  private Trainer() {}

  /**
   * Trains a network from its beginning, or from its checkpoint if the recipe names one that
   * exists.
   *
   * <p>When a user asks it to stop ({@link Stop}), the training so far comes back: {@link
   * Training#resume} goes on exactly.
   *
   * @throws DlacException if network, policy and data do not fit each other, a layer cannot be
   *     trained, the loss is not finite any more (naming the layer and the step), the checkpoint is
   *     of another training, or PyTorch is not on the class path
   */
  public static Training train(
      Network network, Policy policy, Dataset data, TrainOption... options) {
    return train(network, policy, data, Recipe.of(options));
  }

  /** As {@link #train(Network, Policy, Dataset, TrainOption...)}. */
  public static Training train(Network network, Policy policy, Dataset data, Recipe recipe) {
    requireFit(network, data);
    requireTrainable(network, recipe);
    return begin(
        new Job(network, policy, data, recipe), Parameters.initial(network, recipe.seed()));
  }

  /**
   * Trains on under another policy, from the weights that a training reached: those of full
   * precision, for example, at several precisions.
   */
  public static Training tune(Training from, Policy policy, Recipe recipe) {
    return begin(new Job(from.network(), policy, from.data(), recipe), from.values());
  }

  private static Training begin(Job job, Map<String, Tensor> values) {
    job.policy().assign(job.network());
    job.policy().on(job.network());
    // Not after the first epoch.
    job.recipe().checkpoint().ifPresent(WholeFile::requirePlace);
    return PyTorch.with(
        job.recipe().threadCount(),
        () ->
            run(
                job,
                values,
                job.recipe().checkpoint().flatMap(file -> new CheckpointFile(file).read(job))));
  }

  static Training resume(Job job, State state) {
    return PyTorch.with(job.recipe().threadCount(), () -> run(job, Map.of(), Optional.of(state)));
  }

  private static Training run(Job job, Map<String, Tensor> begin, Optional<State> from) {
    Recipe recipe = job.recipe();
    String what = "training " + job.network().name();
    return Stop.listening(
        stop -> {
          try (Loop loop = new Loop(job, begin, from.orElse(null));
              Progress progress = Progress.of(what, loop.stepsLeft());
              Live live = Live.of(what)) {
            boolean complete = loop.run(stop, new Shown(job, progress, live));
            Training training = new Training(job, loop.state(), Optional.empty());
            recipe.checkpoint().ifPresent(file -> new CheckpointFile(file).write(training));
            return complete
                ? new Training(job, loop.state(), Optional.of(training.accuracy(job.data().test())))
                : training;
          }
        });
  }

  /** What a user sees of a training, and what is kept of it on disk. */
  private record Shown(Job job, Progress progress, Live live) implements Loop.Watcher {
    @Override
    public void step(Loop loop, double loss, double error, double rate) {
      progress.note(
          String.format(
              Locale.ROOT,
              "epoch %d, %s: loss %.3f, train error %.1f %%, learning rate %.4g, %.0f images/s",
              loop.position().epoch() + 1,
              loop.position().stage(),
              loop.position().loss() / loop.position().step(),
              100.0
                  * loop.position().wrong()
                  / ((double) loop.position().step() * job.recipe().batch()),
              rate,
              loop.position().step() * job.recipe().batch() / loop.position().seconds()));
      progress.step();
    }

    @Override
    public void epoch(Loop loop) {
      Training training = new Training(job, loop.state(), Optional.empty());
      job.recipe().checkpoint().ifPresent(file -> new CheckpointFile(file).write(training));
      live.show(training::charts, training.line());
    }
  }

  /**
   * What a network does on some images, by the same engine and passes as training.
   *
   * @param values by tensor name, with the scales of quantizers that learn them
   * @param policy with the thresholds of ReLUs
   */
  static Evaluation.Outcome evaluate(
      Job job, Policy policy, Map<String, Tensor> values, boolean quantized, Images images) {
    return PyTorch.with(
        job.recipe().threadCount(),
        () -> {
          try (NDManager manager = NDManager.newBaseManager();
              Parameters parameters =
                  new Parameters(manager, values, Map.of(), policy.assign(job.network()))) {
            if (quantized) {
              parameters.beginQuantized();
            }
            Evaluation evaluation =
                new Evaluation(
                    manager,
                    new ForwardPass(quantized ? policy.on(job.network()) : job.network()),
                    job.network().ifm(),
                    job.data().normalization());
            Map<String, NDArray> read = parameters.read(quantized);
            Evaluation.Outcome outcome = evaluation.of(images, read);
            parameters.release(read);
            return outcome;
          }
        });
  }

  /** The images that a training holds out, if any. */
  static Optional<Images.Split> split(Job job) {
    int all = job.data().train().count();
    double share = job.recipe().validation();
    int held = (int) Math.round(share * all);
    if (held == 0 && share > 0) {
      throw new DlacException(
          "validation(" + share + ") of " + all + " training images is less than one",
          "at least one held-out image, or none by intention",
          "use a larger share, or validation(0)");
    }
    return held == 0
        ? Optional.empty()
        : Optional.of(job.data().train().hold(held, job.recipe().seed()));
  }

  private static void requireTrainable(Network network, Recipe recipe) {
    if (network.parameters() == 0) {
      throw new DlacException(
          network.name() + " has no weights",
          "something to train",
          "add a conv(...) or an fc(...)");
    }
    for (Node node : network.nodes()) {
      if (node.layer() instanceof Layer.Operator operator) {
        throw new DlacException(
            "layer \""
                + node.name()
                + "\" of "
                + network.name()
                + " is ONNX operator "
                + operator.type()
                + ", of which no gradient is known",
            "layers of the DSL",
            "simulate it, or describe the network in the DSL to train it");
      }
      if (node.layer() instanceof Layer.Pool pool
          && pool.dilation().height() * pool.dilation().width() != 1) {
        throw new DlacException(
            pool.kind() + " \"" + node.name() + "\" of " + network.name() + " has a dilation",
            "pooling without one: the engine of training has none",
            "leave dilation(...) out");
      }
      if (node.layer() instanceof Layer.BatchNorm
          && recipe.batch() * (long) node.ifm().pixels() == 1) {
        throw new DlacException(
            "batchNorm \""
                + node.name()
                + "\" of "
                + network.name()
                + " gets one value per channel from batchSize(1)",
            "at least two, for a mean and a variance",
            "use a larger batch");
      }
    }
  }

  private static void requireFit(Network network, Dataset data) {
    if (!network.ifm().equals(data.ifm())) {
      throw new DlacException(
          network.name()
              + " takes images of "
              + network.ifm()
              + ", and "
              + data.name()
              + " has "
              + data.ifm(),
          "images of the network's IFM",
          DESCRIBE);
    }
    if (network.ofm().size() != data.classCount()) {
      throw new DlacException(
          network.name()
              + " has "
              + network.ofm().size()
              + " outputs, and "
              + data.name()
              + " has "
              + data.classCount()
              + " classes",
          "one output per class",
          DESCRIBE);
    }
  }
}
