package org.dlaclab.train;

import ai.djl.ndarray.NDManager;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.dlaclab.data.Dataset;
import org.dlaclab.data.Images;
import org.dlaclab.error.DlacException;
import org.dlaclab.network.Network;
import org.dlaclab.progress.Progress;
import org.dlaclab.quant.Policy;
import org.dlaclab.tensor.Tensor;

/** Trains networks. */
public final class Trainer {
  private Trainer() {}

  /**
   * Trains a network from its beginning, or from its checkpoint if the recipe names one that
   * exists.
   *
   * <p>When the thread is interrupted, the training so far comes back, and the thread is marked as
   * interrupted again: {@link Training#resume} goes on exactly.
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
    try (Loop loop = new Loop(job, from.orElse(null))) {
      long steps = (long) loop.perEpoch() * recipe.epochs();
      boolean complete;
      try (Progress progress = Progress.of("training " + job.network().name(), steps)) {
        complete = loop.run(new Shown(job, progress));
      }
      State state = loop.state();
      recipe.checkpoint().ifPresent(file -> new CheckpointFile(file).write(job, state));
      if (!complete) {
        Thread.currentThread().interrupt();
        return new Training(job, state, Optional.empty());
      }
      Training trained = new Training(job, state, Optional.empty());
      return new Training(job, state, Optional.of(trained.accuracy(job.data().test())));
    }
  }

  /** What a user sees of a training, and what is kept of it on disk. */
  private record Shown(Job job, Progress progress) implements Loop.Watcher {
    @Override
    public void step(Loop loop, double loss, double error, double rate) {
      progress.step();
    }

    @Override
    public void epoch(Loop loop) {
      job.recipe().checkpoint().ifPresent(f -> new CheckpointFile(f).write(job, loop.state()));
    }
  }

  /**
   * How many of {@code images} a network puts into the right class, by the same engine and passes
   * as training.
   *
   * @param values by tensor name, with the scales of quantizers that learn them
   * @param network with its ReLUs' thresholds
   */
  static Accuracy accuracy(
      Job job, Network network, Map<String, Tensor> values, boolean quantized, Images images) {
    return PyTorch.with(
        job.recipe().threadCount(),
        () -> {
          try (NDManager manager = NDManager.newBaseManager();
              Parameters parameters =
                  new Parameters(manager, values, Map.of(), job.policy().assign(network))) {
            Evaluation evaluation =
                new Evaluation(
                    manager, new ForwardPass(network), network.ifm(), job.data().normalization());
            Map<String, ai.djl.ndarray.NDArray> read = parameters.read(quantized);
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
