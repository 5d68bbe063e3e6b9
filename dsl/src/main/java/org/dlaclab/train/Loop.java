package org.dlaclab.train;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.loss.Loss;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.dlaclab.data.Batches;
import org.dlaclab.data.Dataset;
import org.dlaclab.data.Images;
import org.dlaclab.error.DlacException;
import org.dlaclab.network.FeatureMap;
import org.dlaclab.network.Layer;
import org.dlaclab.progress.Stop;
import org.dlaclab.quant.Quantizer;
import org.dlaclab.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Trains from a {@link State} to the end, or until its thread is interrupted. */
final class Loop implements AutoCloseable {
  private final Job job;
  private final NDManager manager = NDManager.newBaseManager();
  private final Map<String, Quantizer> quantizers;
  private final @Nullable Images validation;
  private final Batches batches;
  private final Schedule schedule;
  private final Parameters parameters;
  private final List<Epoch> history;
  private final long steps;
  private final int perEpoch;
  private State.Position position;
  private Map<String, Tensor> codes;
  private State.@Nullable Best best;

  /** Sees a training while it goes on. */
  interface Watcher {
    void step(Loop loop, double loss, double error, double rate);

    void epoch(Loop loop);
  }

  /**
   * @param begin values to begin with, unless there is a state to go on from
   */
  Loop(Job job, Map<String, Tensor> begin, @Nullable State from) {
    this.job = job;
    Recipe recipe = job.recipe();
    Dataset data = job.data();
    this.quantizers = job.policy().assign(job.network());
    Images.@Nullable Split split = Trainer.split(job).orElse(null);
    this.validation = split == null ? null : split.held();
    this.batches =
        new Batches(
            split == null ? data.train() : split.kept(),
            data.normalization(),
            recipe.augmentation(),
            recipe.batch(),
            recipe.seed());
    this.perEpoch = batches.count();
    this.steps = (long) perEpoch * recipe.epochs();
    this.schedule =
        recipe.adaptive().isPresent()
            ? new AdaptiveSchedule(recipe)
            : new FixedSchedule(job.network(), recipe);
    Map<String, Tensor> values = from == null ? begin : from.values();
    this.parameters =
        new Parameters(manager, values, from == null ? Map.of() : from.velocities(), quantizers);
    this.history = new ArrayList<>(from == null ? List.of() : from.history());
    if (from == null) {
      Schedule.Phase first = schedule.next(List.of(), probe());
      this.position = State.Position.start(first.stage(), first.thresholds());
      this.codes = codes();
      this.best = null;
    } else {
      this.position = from.position();
      this.codes = from.codes();
      this.best = from.best().orElse(null);
    }
  }

  /**
   * Trains on.
   *
   * @return whether it came to its end; false if it was asked to stop
   */
  boolean run(Stop stop, Watcher watcher) {
    Recipe recipe = job.recipe();
    while (position.epoch() < recipe.epochs()) {
      try {
        if (!epoch(stop, watcher)) {
          return false;
        }
      } catch (Diverged e) {
        throw e;
      } catch (DlacException e) {
        // A quantizer refuses weights that are not finite, which no loss has shown yet.
        List<String> bad = parameters.notFinite();
        throw bad.isEmpty() ? e : diverged(bad.get(0));
      }
      watcher.epoch(this);
    }
    return true;
  }

  /** The rest of an epoch; false if it was asked to stop. */
  private boolean epoch(Stop stop, Watcher watcher) {
    if (quantized()) {
      parameters.beginQuantized();
    }
    ForwardPass forward = forward(position.thresholds());
    Batches.Epoch epoch = batches.epoch(position.epoch());
    while (position.step() < perEpoch) {
      if (stop.asked()) {
        return false;
      }
      step(forward, epoch.get(position.step()), watcher);
    }
    end(forward);
    return true;
  }

  /** All that {@link #Loop} needs to go on from here. */
  State state() {
    return new State(
        position,
        parameters.tensors(),
        parameters.velocities(),
        codes,
        Optional.ofNullable(best),
        history);
  }

  /** What holds all arrays. */
  NDManager manager() {
    return manager;
  }

  List<Epoch> history() {
    return history;
  }

  State.Position position() {
    return position;
  }

  long stepsLeft() {
    return steps - (long) position.epoch() * perEpoch - position.step();
  }

  private boolean quantized() {
    return position.stage() != Stage.FULL_PRECISION;
  }

  private ForwardPass forward(Map<String, Double> thresholds) {
    return new ForwardPass(quantized() ? job.at(thresholds) : job.network());
  }

  /** Forward, backward, and one move of the weights. */
  private void step(ForwardPass forward, Batches.Batch batch, Watcher watcher) {
    Recipe recipe = job.recipe();
    long begin = System.nanoTime();
    long index = (long) position.epoch() * perEpoch + position.step();
    double rate = recipe.learningRate().at(index, steps, position.errors());
    Map<String, NDArray> read = parameters.readForTraining(quantized());
    double loss;
    int wrong = 0;
    // Frees every array of the pass at once: without it native memory grows until the garbage
    // collector runs.
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      NDArray images = images(batch);
      NDArray labels = manager.create(batch.labels());
      try (GradientCollector gradients = Engine.getInstance().newGradientCollector()) {
        List<NDArray> activations = new ArrayList<>();
        NDArray logits =
            forward.logits(
                images,
                read,
                true,
                (node, inputs, result) -> {
                  if (recipe.activationPenalty() > 0 && node.layer() instanceof Layer.Relu) {
                    activations.add(result.mean());
                  }
                  return result;
                });
        NDArray total =
            Loss.softmaxCrossEntropyLoss().evaluate(new NDList(labels), new NDList(logits));
        for (NDArray mean : activations) {
          total = total.add(mean.mul(ForwardPass.scalar(mean, recipe.activationPenalty())));
        }
        gradients.backward(total);
        loss = total.getFloat();
        long[] classes = logits.argMax(1).toLongArray();
        for (int i = 0; i < classes.length; i++) {
          wrong += classes[i] == batch.labels()[i] ? 0 : 1;
        }
      }
      if (!Double.isFinite(loss)) {
        throw diverged(forward, images, read, loss, rate);
      }
    }
    // Outside of the scope: velocities stay.
    parameters.update(read, rate, recipe.momentum(), recipe.weightDecay());
    parameters.release(read);
    position =
        position.after(loss, wrong, batch.size(), window(), (System.nanoTime() - begin) / 1e9);
    watcher.step(this, loss, (double) wrong / batch.size(), rate);
  }

  private int window() {
    LearningRate rule = job.recipe().learningRate();
    int given = rule instanceof LearningRate.Plateau plateau ? plateau.window() : 0;
    return given > 0 ? given : Math.max(1, perEpoch / 4);
  }

  private NDArray images(Batches.Batch batch) {
    FeatureMap map = job.network().ifm();
    return manager.create(
        batch.pixels(), new Shape(batch.size(), map.channels(), map.height(), map.width()));
  }

  /** Measures what the epoch came to, and moves on to the next one. */
  private void end(ForwardPass forward) {
    Recipe recipe = job.recipe();
    Map<String, Double> weightDensity = new LinkedHashMap<>();
    job.network()
        .gridLayers()
        .forEach(
            layer ->
                weightDensity.put(
                    layer.name(), parameters.weight(layer.name(), quantized()).density()));
    Map<String, Tensor> now = codes();
    double drift = drift(codes, now);
    codes = now;
    Map<String, Double> ifmDensity = new LinkedHashMap<>();
    double error = evaluate(forward, ifmDensity);
    long images = (long) perEpoch * recipe.batch();
    long last = (long) position.epoch() * perEpoch + perEpoch - 1;
    Epoch epoch =
        new Epoch(
            position.epoch() + 1,
            position.stage(),
            position.loss() / perEpoch,
            (double) position.wrong() / images,
            error,
            recipe.learningRate().at(last, steps, position.errors()),
            weightDensity,
            ifmDensity,
            position.thresholds(),
            drift,
            position.seconds(),
            images / position.seconds(),
            "");
    history.add(epoch);
    State.Best kept = best;
    if (kept == null
        || schedule.isBetter(epoch, history.get(kept.epoch() - 1), List.copyOf(history))) {
      best =
          new State.Best(
              epoch.number(),
              epoch.stage(),
              epoch.error(),
              epoch.thresholds(),
              parameters.tensors());
    }
    if (epoch.number() == recipe.epochs()) {
      position = position.next(position.stage(), position.thresholds());
      return;
    }
    Schedule.Phase phase = schedule.next(List.copyOf(history), probe());
    if (!phase.note().isEmpty()) {
      history.set(history.size() - 1, epoch.noted(phase.note()));
    }
    position = position.next(phase.stage(), phase.thresholds());
  }

  /** Quantized sign of each weight of the layers that have low precision. */
  private Map<String, Tensor> codes() {
    Map<String, Tensor> result = new LinkedHashMap<>();
    quantizers.forEach(
        (layer, quantizer) -> {
          if (!(quantizer instanceof Quantizer.FullPrecision)) {
            float[] values = quantizer.quantize(parameters.weight(layer)).toArray();
            for (int i = 0; i < values.length; i++) {
              values[i] = Math.signum(values[i]);
            }
            result.put(layer, Tensor.of(parameters.weight(layer).shape(), values));
          }
        });
    return result;
  }

  private static double drift(Map<String, Tensor> before, Map<String, Tensor> now) {
    long changed = 0;
    long all = 0;
    for (Map.Entry<String, Tensor> entry : now.entrySet()) {
      Tensor old = Objects.requireNonNull(before.get(entry.getKey()));
      Tensor tensor = entry.getValue();
      all += tensor.size();
      for (int i = 0; i < tensor.size(); i++) {
        changed += old.get(i) == tensor.get(i) ? 0 : 1;
      }
    }
    return all == 0 ? 0 : (double) changed / all;
  }

  /**
   * Share of the images that are put into a wrong class; NaN for no images.
   *
   * @param densities gets the IFM density of each grid layer
   */
  private double evaluate(ForwardPass forward, Map<String, Double> densities) {
    Images images = validation;
    if (images == null) {
      return Double.NaN;
    }
    Evaluation evaluation =
        new Evaluation(manager, forward, job.network().ifm(), job.data().normalization());
    Map<String, NDArray> read = parameters.read(quantized());
    try {
      Evaluation.Outcome outcome = evaluation.of(images, read);
      densities.putAll(outcome.ifmDensity());
      return outcome.error();
    } finally {
      parameters.release(read);
    }
  }

  private Schedule.Probe probe() {
    return new Schedule.Probe() {
      @Override
      public Map<String, Double> scales() {
        Evaluation evaluation =
            new Evaluation(
                manager,
                new ForwardPass(job.at(Map.of())),
                job.network().ifm(),
                job.data().normalization());
        Map<String, NDArray> read = parameters.read(true);
        try {
          return evaluation.reluScales(Objects.requireNonNull(validation), read);
        } finally {
          parameters.release(read);
        }
      }

      @Override
      public double error(Map<String, Double> thresholds) {
        return evaluate(new ForwardPass(job.at(thresholds)), new LinkedHashMap<>());
      }
    };
  }

  /** Names the first layer whose result is not finite. */
  private Diverged diverged(
      ForwardPass forward, NDArray images, Map<String, NDArray> read, double loss, double rate) {
    List<String> bad = new ArrayList<>();
    forward.logits(
        images,
        read,
        false,
        (node, inputs, result) -> {
          if (bad.isEmpty() && !Evaluation.isFinite(result)) {
            bad.add(node.layer().kind() + " \"" + node.name() + "\"");
          }
          return result;
        });
    return diverged(
        position.step() + 1,
        "the loss is "
            + loss
            + ", and "
            + (bad.isEmpty()
                ? "the running statistics of batch normalization do not show which layer it was"
                : "the first layer whose OFM is not finite is " + bad.get(0)),
        rate);
  }

  /** The last step made weights that the next one cannot use. */
  private Diverged diverged(String tensor) {
    long last = (long) position.epoch() * perEpoch + position.step() - 1;
    return diverged(
        position.step(),
        "the tensor \"" + tensor + "\" is not finite after it",
        job.recipe().learningRate().at(last, steps, position.errors()));
  }

  private Diverged diverged(int step, String what, double rate) {
    return new Diverged(
        String.format(
            Locale.ROOT,
            "training %s diverged in step %d of epoch %d: %s",
            job.network().name(),
            step,
            position.epoch() + 1,
            what),
        "finite numbers",
        String.format(
            Locale.ROOT,
            "use a lower learning rate (it is %.4g), or add batchNorm() after convolutions",
            rate));
  }

  @Override
  public void close() {
    parameters.close();
    manager.close();
  }
}
