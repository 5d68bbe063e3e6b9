package org.dlaclab.train;

import com.fasterxml.jackson.core.type.TypeReference;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.dlaclab.data.Dataset;
import org.dlaclab.data.Images;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;
import org.dlaclab.infer.Trained;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.network.Weights;
import org.dlaclab.plot.Charts;
import org.dlaclab.plot.LineChart;
import org.dlaclab.quant.Policy;
import org.dlaclab.table.Columns;
import org.dlaclab.table.Listing;
import org.dlaclab.tensor.SafeTensors;
import org.dlaclab.tensor.Tensor;

/**
 * A training: complete, or as far as it came before it was stopped. Its weights are those of its
 * best epoch: of those in the precision that was asked for, the one with the lowest error on the
 * held-out images (not on the test images, which nothing is chosen by).
 */
public final class Training {
  private static final String HISTORY = "history";
  private static final String BEST = "best_epoch";
  private static final String RIGHT = "test_right";

  private final Job job;
  private final State state;
  private final Optional<Accuracy> test;

  Training(Job job, State state, Optional<Accuracy> test) {
    this.job = job;
    this.state = state;
    this.test = test;
  }

  /**
   * A complete training that {@link #save} wrote.
   *
   * @throws DlacException if the file holds none, or one of another network, policy, recipe or data
   *     set
   */
  public static Training read(
      Path file, Network network, Policy policy, Dataset data, Recipe recipe) {
    SafeTensors kept = SafeTensors.read(file);
    Map<String, String> stamp = kept.metadata();
    for (String key : List.of(HISTORY, BEST, RIGHT)) {
      if (!stamp.containsKey(key)) {
        throw new DlacException(
            file + " holds no complete training: its stamp has no \"" + key + "\"",
            "a file that save(...) of a complete training wrote",
            "train again, and save that");
      }
    }
    requireSame(file, "network", network.name(), stamp);
    requireSame(file, "recipe", recipe.toString(), stamp);
    requireSame(file, "data", data.toString(), stamp);
    for (String half : List.of("train.sha256", "test.sha256")) {
      requireSame(file, "data." + half, data.provenance().getOrDefault(half, ""), stamp);
    }
    CheckpointFile reader = new CheckpointFile(file);
    List<Epoch> history =
        reader.parse(stamp.getOrDefault(HISTORY, ""), new TypeReference<List<Epoch>>() {});
    int bestEpoch = reader.parse(stamp.getOrDefault(BEST, ""), new TypeReference<Integer>() {});
    int right = reader.parse(stamp.getOrDefault(RIGHT, ""), new TypeReference<Integer>() {});
    if (history.size() != recipe.epochs() || bestEpoch < 1 || bestEpoch > history.size()) {
      throw new DlacException(
          file + " has a history of " + history.size() + " epochs, the best one " + bestEpoch,
          recipe.epochs() + " epochs, and one of them",
          "train again, and save that");
    }
    Map<String, Tensor> values = new Weights(network, kept.tensors()).tensors();
    Epoch best = history.get(bestEpoch - 1);
    Epoch last = history.get(history.size() - 1);
    State state =
        new State(
            State.Position.end(recipe.epochs(), last.stage(), last.thresholds()),
            values,
            Map.of(),
            Map.of(),
            Optional.of(
                new State.Best(bestEpoch, best.stage(), best.error(), best.thresholds(), values)),
            history);
    Training training =
        new Training(
            new Job(network, policy, data, recipe),
            state,
            Optional.of(new Accuracy(right, data.test().count())));
    requireSame(file, "policy_json", training.policy().toJson(), stamp);
    return training;
  }

  private static void requireSame(Path file, String key, String wanted, Map<String, String> stamp) {
    String there = stamp.getOrDefault(key, "(nothing)");
    if (!there.equals(wanted)) {
      throw new DlacException(
          file + " is of another training: its " + key + " is " + there,
          wanted,
          "use another file, or the " + key + " of this one");
    }
  }

  /** The network, as it was described. */
  public Network network() {
    return job.network();
  }

  /** The precision that was trained for, with the ReLU thresholds that training has reached. */
  public Policy policy() {
    return job.with(state.best().map(State.Best::thresholds).orElse(Map.of()));
  }

  /** The images. */
  public Dataset data() {
    return job.data();
  }

  /** How it was trained. */
  public Recipe recipe() {
    return job.recipe();
  }

  /** What each epoch came to. */
  public List<Epoch> history() {
    return state.history();
  }

  /** Whether it came to its end; otherwise {@link #resume} goes on. */
  public boolean complete() {
    return state.position().epoch() >= job.recipe().epochs();
  }

  /** The epoch whose weights were kept, from 1; 0 if none has ended. */
  public int bestEpoch() {
    return state.best().map(State.Best::epoch).orElse(0);
  }

  /**
   * The shadow weights of the best epoch, in full precision: the policy makes of them what is used.
   */
  public Weights weights() {
    return new Weights(network(), values());
  }

  Map<String, Tensor> values() {
    return state.best().map(State.Best::values).orElse(state.values());
  }

  /**
   * Accuracy on all test images, with the weights of the best epoch at their precision.
   *
   * @throws DlacException if the training is not complete: resume it, or ask for {@link
   *     #accuracy(Images)}
   */
  public Accuracy accuracy() {
    return test.orElseThrow(
        () ->
            new DlacException(
                "the training of "
                    + job.network().name()
                    + " was stopped in epoch "
                    + (state.position().epoch() + 1)
                    + " of "
                    + job.recipe().epochs(),
                "a complete one for its test accuracy",
                "resume() it, or ask for accuracy(data().test()) of its best epoch so far"));
  }

  /**
   * Accuracy on some images, with the weights of the best epoch at their precision.
   *
   * @throws DlacException if they are not of the network's IFM, or of another class
   */
  public Accuracy accuracy(Images images) {
    // Refuses what does not fit.
    new Dataset(
        job.data().name(),
        job.data().train(),
        images,
        job.data().classes(),
        job.data().normalization(),
        job.data().provenance());
    boolean quantized =
        state.best().map(State.Best::stage).orElse(state.position().stage())
            != Stage.FULL_PRECISION;
    return Trainer.evaluate(job, policy(), values(), quantized, images).accuracy();
  }

  /**
   * Mean cross-entropy on the held-out images, in nats, with the weights of the best epoch at
   * another precision: how much a precision hurts before training has got used to it.
   *
   * @throws DlacException if no images are held out
   */
  public double loss(Policy otherPolicy) {
    Images heldOut =
        Trainer.split(job)
            .orElseThrow(
                () ->
                    new DlacException(
                        "the training of " + job.network().name() + " holds no images out",
                        "held-out images for a loss",
                        "train with validation(0.1)"))
            .held();
    return Trainer.evaluate(job, otherPolicy, values(), true, heldOut).loss();
  }

  /** Goes on exactly where it was stopped; a complete training comes back as it is. */
  public Training resume() {
    return complete() ? this : Trainer.resume(job, state);
  }

  /** What each epoch came to, as a table. */
  public Listing table() {
    List<Epoch> epochs = history();
    return new Listing(
        toString(),
        Columns.table(
            job.network().name(),
            Columns.count("epoch", epochs, Epoch::number),
            Columns.text("stage", epochs, e -> e.stage().toString()),
            Columns.decimal("loss", 4, epochs, Epoch::loss),
            Columns.percent("train error", epochs, Epoch::trainError),
            Columns.percent("validation error", epochs, Epoch::validationError),
            Columns.decimal("learning rate", 5, epochs, Epoch::learningRate),
            Columns.percent("weight density", epochs, this::weightDensity),
            Columns.percent("IFM density", epochs, this::ifmDensity),
            Columns.decimal("threshold", 3, epochs, Epoch::highestThreshold),
            Columns.percent("drift", epochs, Epoch::drift),
            Columns.count("images/s", epochs, e -> Math.round(e.imagesPerSecond())),
            Columns.text("note", epochs, Epoch::note)),
        false);
  }

  /**
   * Non-zero shares layer by layer after each epoch: of the weights as they are used, and of the
   * IFM on the held-out images (missing if none are held out).
   */
  public Listing densities() {
    record Row(Epoch epoch, Node layer) {
      double of(Map<String, Double> densities) {
        return densities.getOrDefault(layer.name(), Double.NaN);
      }
    }
    List<Row> rows = new ArrayList<>();
    for (Epoch epoch : history()) {
      job.network().gridLayers().forEach(layer -> rows.add(new Row(epoch, layer)));
    }
    return new Listing(
        "Densities of " + this,
        Columns.table(
            job.network().name(),
            Columns.count("epoch", rows, row -> row.epoch().number()),
            Columns.text("stage", rows, row -> row.epoch().stage().toString()),
            Columns.text("layer", rows, row -> row.layer().name()),
            Columns.percent("weight density", rows, row -> row.of(row.epoch().weightDensity())),
            Columns.percent("IFM density", rows, row -> row.of(row.epoch().ifmDensity()))),
        false);
  }

  /** How it went over the epochs: error, learning rate, densities, thresholds. */
  public Charts charts() {
    return new Charts(
        toString(),
        chart(
            "Error",
            LineChart.Axis.linear("wrong images (%)"),
            line("training images", e -> 100 * e.trainError()),
            line("held-out images", e -> 100 * e.validationError())),
        chart("Learning rate", LineChart.Axis.log(""), line("learning rate", Epoch::learningRate)),
        chart(
            "Density",
            LineChart.Axis.linear("non-zero (%)"),
            line("weights", e -> 100 * weightDensity(e)),
            line("IFM", e -> 100 * ifmDensity(e))),
        chart(
            "Drift of quantized signs",
            LineChart.Axis.linear("weights whose sign changed (%)"),
            line("drift", e -> 100 * e.drift())));
  }

  private LineChart.Line line(String name, ToDoubleFunction<Epoch> value) {
    return LineChart.Line.of(name, history().stream().mapToDouble(value).toArray());
  }

  /** A chart over epochs, with a mark where the stage changed. */
  private LineChart chart(String title, LineChart.Axis y, LineChart.Line... lines) {
    LineChart chart = new LineChart(title, "", LineChart.Axis.linear("epoch"), y, lines);
    for (int i = 1; i < history().size(); i++) {
      Epoch epoch = history().get(i);
      if (epoch.stage() != history().get(i - 1).stage()) {
        chart = chart.withMark(epoch.number() - 0.5, epoch.stage().toString());
      }
    }
    return chart;
  }

  /** The last epoch in short, for a terminal. */
  String line() {
    Epoch last = history().get(history().size() - 1);
    return String.format(
        Locale.ROOT,
        "epoch %d/%d %s: loss %.3f, train error %.1f %%, validation error %.1f %%, learning rate %.4g,"
            + " weight density %.0f %%, IFM density %.0f %%, %.0f images/s%s",
        last.number(),
        job.recipe().epochs(),
        last.stage(),
        last.loss(),
        100 * last.trainError(),
        100 * last.validationError(),
        last.learningRate(),
        100 * weightDensity(last),
        100 * ifmDensity(last),
        last.imagesPerSecond(),
        last.note().isEmpty() ? "" : "; " + last.note());
  }

  Job job() {
    return job;
  }

  State state() {
    return state;
  }

  /** Non-zero share of all weights as they were used after an epoch, 0 to 1. */
  public double weightDensity(Epoch epoch) {
    return job.network().gridLayers().stream()
            .mapToDouble(
                layer ->
                    layer.weights() * epoch.weightDensity().getOrDefault(layer.name(), Double.NaN))
            .sum()
        / job.network().gridLayers().stream().mapToLong(layer -> layer.weights()).sum();
  }

  /**
   * Non-zero share of all IFM elements of grid layers on the held-out images after an epoch, 0 to
   * 1; NaN if none are held out.
   */
  public double ifmDensity(Epoch epoch) {
    return job.network().gridLayers().stream()
            .mapToDouble(
                layer ->
                    layer.ifm().size() * epoch.ifmDensity().getOrDefault(layer.name(), Double.NaN))
            .sum()
        / job.network().gridLayers().stream().mapToLong(layer -> layer.ifm().size()).sum();
  }

  /**
   * The trained network with the first test images, for the simulator.
   *
   * @throws DlacException if there are fewer
   */
  public Trained trained(int images) {
    Check.positive("the number of images", images);
    Images some = job.data().test().first(images);
    return new Trained(
        job.network().name(),
        weights(),
        policy(),
        stamp(),
        job.data().tensor(some),
        new ArrayList<>(some.labels()));
  }

  /**
   * Steps of this training as a source of real activations and gradients, for the simulation of
   * training.
   *
   * @param count steps, each a sample of its own
   * @param images per step
   */
  public TrainingSteps steps(int count, int images) {
    return new TrainingSteps(this, count, images);
  }

  /** Writes the weights of the best epoch, with the {@link #stamp}, as safetensors. */
  public Path save(String file) {
    Path path = Path.of(file);
    SafeTensors.of(values(), stamp()).write(path);
    return path;
  }

  /** What someone who gets the weights needs to know about them, and to make them again. */
  public Map<String, String> stamp() {
    Map<String, String> stamp = new LinkedHashMap<>();
    stamp.put("network", job.network().name());
    stamp.put("policy", policy().toString());
    stamp.put("policy_json", policy().toJson());
    stamp.put("weights", "full-precision shadow weights: apply the policy to get those in use");
    stamp.put("input", job.data().normalization().toString());
    stamp.put("recipe", job.recipe().toString());
    stamp.put("seed", String.valueOf(job.recipe().seed()));
    stamp.put("data", job.data().toString());
    job.data().provenance().forEach((key, value) -> stamp.put("data." + key, value));
    test.ifPresent(
        accuracy -> {
          stamp.put("accuracy", accuracy.toString());
          stamp.put(RIGHT, String.valueOf(accuracy.right()));
          stamp.put(BEST, String.valueOf(bestEpoch()));
          stamp.put(
              "accuracy_of",
              "the test images, after epoch " + bestEpoch() + ", chosen by held-out images");
        });
    stamp.put(HISTORY, CheckpointFile.json(history()));
    stamp.putAll(PyTorch.versions());
    stamp.put("date", LocalDate.now(ZoneOffset.UTC).toString());
    return stamp;
  }

  /**
   * For example {@code lenet5 on mnist, twn, 12 of 12 epochs, accuracy 99.10 % (9910 of 10000)}.
   */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s on %s, policy %s, %d of %d epochs%s",
        job.network().name(),
        job.data().name(),
        job.policy().name(),
        history().size(),
        job.recipe().epochs(),
        test.map(accuracy -> ", test accuracy " + accuracy).orElse(complete() ? "" : ", stopped"));
  }
}
