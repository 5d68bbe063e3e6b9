package org.dlaclab.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.dlaclab.data.Dataset;
import org.dlaclab.data.Images;
import org.dlaclab.error.DlacException;
import org.dlaclab.network.Network;
import org.dlaclab.progress.Live;
import org.dlaclab.progress.Progress;
import org.dlaclab.progress.Stop;
import org.dlaclab.quant.Policy;
import org.dlaclab.tensor.Tensor;

/** Trains networks. */
public final class Trainer {
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
    policy.assign(network);
    ForwardPass.requireTrainable(network);
    Job job = new Job(network, policy, data, recipe);
    return PyTorch.with(
        recipe.threadCount(),
        () -> run(job, recipe.checkpoint().flatMap(f -> new CheckpointFile(f).read(job))));
  }

  static Training resume(Job job, State state) {
    return PyTorch.with(job.recipe().threadCount(), () -> run(job, Optional.of(state)));
  }

  private static Training run(Job job, Optional<State> from) {
    Recipe recipe = job.recipe();
    String what = "training " + job.network().name();
    return Stop.listening(
        stop -> {
          try (Loop loop = new Loop(job, from.orElse(null));
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
   * How many of {@code images} a network puts into the right class, by the same engine and passes
   * as training.
   *
   * @param values by tensor name, with the scales of quantizers that learn them
   * @param policy with the thresholds of ReLUs
   */
  static Accuracy accuracy(
      Job job, Policy policy, Map<String, Tensor> values, boolean quantized, Images images) {
    return PyTorch.with(
        job.recipe().threadCount(),
        () -> {
          try (NDManager manager = NDManager.newBaseManager();
              Parameters parameters =
                  new Parameters(manager, values, Map.of(), policy.assign(job.network()))) {
            Evaluation evaluation =
                new Evaluation(
                    manager,
                    new ForwardPass(quantized ? policy.on(job.network()) : job.network()),
                    job.network().ifm(),
                    job.data().normalization());
            Map<String, NDArray> read = parameters.read(quantized);
            double error = evaluation.error(images, read, new LinkedHashMap<>());
            parameters.release(read);
            return new Accuracy((int) Math.round((1 - error) * images.count()), images.count());
          }
        });
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
          String.format(
              Locale.ROOT,
              "describe the network for them: zoo(\"%s\", data.ifm(), data.classCount())",
              network.name()));
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
          String.format(
              Locale.ROOT,
              "describe the network for them: zoo(\"%s\", data.ifm(), data.classCount())",
              network.name()));
    }
  }
}
