package org.dlaclab.train;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.dlaclab.Dlac.*;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.dlaclab.data.Dataset;
import org.dlaclab.data.Images;
import org.dlaclab.data.Normalization;
import org.dlaclab.error.DlacException;
import org.dlaclab.infer.Trained;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.progress.Stop;
import org.dlaclab.quant.Policy;
import org.dlaclab.result.Run;
import org.dlaclab.tensor.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tech.tablesaw.api.Table;

/** Training on the real engine: small networks, and once real images. */
class TrainingTest {
  private static final Policy TWN =
      policy("twn", weights(ternary()), except(first(), fullPrecision()));

  private static final Network TINY =
      network(
          "tiny",
          ifm(1, 8, 8),
          conv("c1", filters(4), kernel(3), pad(1)),
          batchNorm(),
          relu(),
          maxPool(kernel(2)),
          conv("c2", filters(8), kernel(3), pad(1)),
          relu(),
          flatten(),
          fc("f", 2));

  private static final Network NORMED =
      network(
          "normed",
          ifm(1, 8, 8),
          conv("c1", filters(8), kernel(3), pad(1)),
          localResponseNorm(),
          relu(),
          conv("c2", filters(8), kernel(3), pad(1)),
          relu(),
          flatten(),
          fc("f", 2));

  /** Bright left halves against bright right halves, with noise. */
  private static final Dataset HALVES =
      new Dataset(
          "halves",
          halves(400, 1),
          halves(100, 2),
          List.of("left", "right"),
          Normalization.PLAIN,
          Map.of());

  private static Images halves(int count, long seed) {
    Random random = new Random(seed);
    byte[] pixels = new byte[count * 64];
    int[] labels = new int[count];
    for (int i = 0; i < count; i++) {
      labels[i] = i % 2;
      for (int p = 0; p < 64; p++) {
        int bright = (p % 8 >= 4) == (labels[i] == 1) ? 60 : 0;
        pixels[i * 64 + p] = (byte) (bright + random.nextInt(120));
      }
    }
    return Images.of(ifm(1, 8, 8), pixels, labels);
  }

  @BeforeAll
  static void engine() {
    NeedsPyTorch.assume();
  }

  private static TrainOption[] recipe(TrainOption... more) {
    List<TrainOption> options =
        new ArrayList<>(List.of(epochs(6), batchSize(40), threads(1), randomSeed(3)));
    options.addAll(Arrays.asList(more));
    return options.toArray(new TrainOption[0]);
  }

  private static final List<TrainOption> FIVE =
      List.of(
          preInit(2),
          learningRate(plateau(0.05)),
          activationPenalty(0.01),
          reluThreshold(0.01, 0.6));

  private static TrainOption.ReluThreshold reluThreshold(double threshold, double from) {
    return new TrainOption.ReluThreshold("*", threshold, from);
  }

  private static TrainOption[] five(TrainOption... more) {
    List<TrainOption> options = new ArrayList<>(FIVE);
    options.addAll(Arrays.asList(more));
    return recipe(options.toArray(new TrainOption[0]));
  }

  private static TrainOption[] adaptively(TrainOption... more) {
    List<TrainOption> options =
        new ArrayList<>(List.of(learningRate(plateau(0.05)), adaptive(0.02)));
    options.addAll(Arrays.asList(more));
    return recipe(options.toArray(new TrainOption[0]));
  }

  /**
   * An engine's scalar that autograd still needs must not go with its Java object: its memory would
   * hold something else by the time of the backward pass.
   */
  @Test
  void garbageCollectionDoesNotChangeWhatIsLearnt() throws InterruptedException {
    TrainOption[] recipe = {
      epochs(4),
      batchSize(20),
      threads(1),
      randomSeed(3),
      learningRate(0.01),
      preInit(1),
      activationPenalty(1)
    };
    Policy twoBit =
        policy(
            "two-bit",
            weights(ternary()),
            except(first(), fullPrecision()),
            activations(kBit(2, 4)));
    Map<String, Tensor> calm = train(NORMED, twoBit, HALVES, recipe).weights().tensors();
    AtomicBoolean going = new AtomicBoolean(true);
    ByteBuffer[] garbage = new ByteBuffer[2_000];
    Thread collector =
        new Thread(
            () -> {
              // A collection takes long where other tests have filled the heap.
              for (int i = 0; i < 25 && going.get(); i++) {
                Arrays.setAll(
                    garbage,
                    n -> ByteBuffer.allocateDirect(4).order(LITTLE_ENDIAN).putFloat(1e30f));
                System.gc();
                LockSupport.parkNanos(3_000_000);
              }
            });
    collector.start();
    try {
      assertThat(train(NORMED, twoBit, HALVES, recipe).weights().tensors()).isEqualTo(calm);
    } finally {
      going.set(false);
      collector.join();
    }
  }

  @Test
  void theHistoryShowsEveryTechnique() {
    Training training = train(TINY, TWN, HALVES, five());
    assertThat(training.complete()).isTrue();
    assertThat(training.accuracy().share()).isGreaterThan(0.9);
    assertThat(training.history())
        .extracting(Epoch::stage)
        .containsExactly(
            Stage.FULL_PRECISION,
            Stage.FULL_PRECISION,
            Stage.QUANTIZED,
            Stage.QUANTIZED,
            Stage.THRESHOLDS,
            Stage.THRESHOLDS);
    assertThat(training.history().get(5).highestThreshold()).isEqualTo(0.01);
    assertThat(training.history().get(1).weightDensity().get("c2")).isEqualTo(1);
    assertThat(training.history().get(5).weightDensity().get("c2")).isBetween(0.1, 0.9);
    assertThat(training.policy().on(TINY).nodes())
        .filteredOn(node -> node.layer() instanceof org.dlaclab.network.Layer.Relu)
        .allSatisfy(
            node ->
                assertThat(((org.dlaclab.network.Layer.Relu) node.layer()).threshold())
                    .isEqualTo(0.01));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 4, 9, 20, 31, 40, 53})
  void aStoppedTrainingGoesOnExactly(int steps) {
    for (TrainOption[] options : List.of(five(), adaptively())) {
      Training whole = train(TINY, TWN, HALVES, options);
      Training stopped = stoppedAfter(steps, options);
      assertThat(stopped.complete()).isFalse();
      Training resumed = stopped.resume();
      assertThat(resumed.state().values()).isEqualTo(whole.state().values());
      assertThat(resumed.weights().tensors()).isEqualTo(whole.weights().tensors());
      assertThat(resumed.accuracy()).isEqualTo(whole.accuracy());
      assertThat(resumed.policy()).isEqualTo(whole.policy());
    }
  }

  /** As if the user had asked for it after so many steps. */
  private static Training stoppedAfter(int steps, TrainOption... options) {
    return stoppedAfter(steps, TWN, options);
  }

  private static Training stoppedAfter(int steps, Policy policy, TrainOption... options) {
    Job job = new Job(TINY, policy, HALVES, Recipe.of(options));
    return Stop.listening(
        stop -> {
          try (Loop loop = new Loop(job, Parameters.initial(TINY, 3), null)) {
            int[] done = {0};
            try {
              if (steps > 0) {
                loop.run(
                    stop,
                    new Loop.Watcher() {
                      @Override
                      public void step(Loop l, double loss, double error, double rate) {
                        if (++done[0] == steps) {
                          Thread.currentThread().interrupt();
                        }
                      }

                      @Override
                      public void epoch(Loop l) {}
                    });
              }
            } finally {
              Thread.interrupted();
            }
            return new Training(job, loop.state(), java.util.Optional.empty());
          }
        });
  }

  @Test
  void aCheckpointGoesOnExactlyAndIsOfOneTrainingOnly(@TempDir Path folder) {
    String file = folder.resolve("state.safetensors").toString();
    Training whole = train(TINY, TWN, HALVES, five());
    new CheckpointFile(Path.of(file)).write(stoppedAfter(25, five(checkpoint(file))));
    Training resumed = train(TINY, TWN, HALVES, five(checkpoint(file)));
    assertThat(resumed.state().values()).isEqualTo(whole.state().values());
    assertThat(resumed.history()).hasSize(6);
    // A complete one comes back as it is.
    assertThat(train(TINY, TWN, HALVES, five(checkpoint(file))).weights())
        .isEqualTo(resumed.weights());
    assertThatThrownBy(() -> train(TINY, TWN, HALVES, five(checkpoint(file), weightDecay(0.5))))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("another training")
        .hasMessageContaining("0.5");
  }

  /** Learned scales, augmentation, and no error on held-out images to write as a number. */
  @ParameterizedTest
  @ValueSource(ints = {7, 20, 33})
  void scalesAndAugmentationGoOnExactlyFromACheckpoint(int steps, @TempDir Path folder) {
    Policy ttq = policy("ttq", weights(trainedTernary()), activations(kBit(4)));
    TrainOption[] options = recipe(preInit(2), augment(crop(1), flip()), validation(0));
    String file = folder.resolve("state.safetensors").toString();
    TrainOption[] kept =
        recipe(preInit(2), augment(crop(1), flip()), validation(0), checkpoint(file));
    Training whole = train(TINY, ttq, HALVES, options);
    new CheckpointFile(Path.of(file)).write(stoppedAfter(steps, ttq, kept));
    Training resumed = train(TINY, ttq, HALVES, kept);
    assertThat(whole.weights().tensors()).containsKey("c2.scales");
    assertThat(resumed.state().values()).isEqualTo(whole.state().values());
    assertThat(resumed.state().velocities()).isEqualTo(whole.state().velocities());
    assertThat(resumed.state().codes()).isEqualTo(whole.state().codes());
    assertThat(resumed.history().stream().map(TrainingTest::untimed))
        .containsExactlyElementsOf(whole.history().stream().map(TrainingTest::untimed).toList());
    assertThat(resumed.accuracy()).isEqualTo(whole.accuracy());
  }

  /** All but how long it took. */
  private static Epoch untimed(Epoch epoch) {
    return new Epoch(
        epoch.number(),
        epoch.stage(),
        epoch.loss(),
        epoch.trainError(),
        epoch.validationError(),
        epoch.learningRate(),
        epoch.weightDensity(),
        epoch.ifmDensity(),
        epoch.thresholds(),
        epoch.drift(),
        0,
        0,
        epoch.note());
  }

  @Test
  void densitiesHaveARowPerEpochAndLayerThatAddUpToTheEpochs() {
    Training training = train(TINY, TWN, HALVES, recipe(preInit(2)));
    Table table = training.densities().table();
    assertThat(table.rowCount()).isEqualTo(6 * 3);
    for (Epoch epoch : training.history()) {
      double weights = 0;
      double ifms = 0;
      long ifmSize = 0;
      for (int row = 0; row < table.rowCount(); row++) {
        Node layer = TINY.node(table.stringColumn("layer").get(row));
        if (table.longColumn("epoch").getLong(row) == epoch.number()) {
          weights += layer.weights() * table.doubleColumn("weight density").getDouble(row);
          ifms += layer.ifm().size() * table.doubleColumn("IFM density").getDouble(row);
          ifmSize += layer.ifm().size();
        }
      }
      long all = TINY.gridLayers().stream().mapToLong(Node::weights).sum();
      assertThat(weights / all).isCloseTo(training.weightDensity(epoch), within(1e-12));
      assertThat(ifms / ifmSize).isCloseTo(training.ifmDensity(epoch), within(1e-12));
    }
    // The first layer stays in full precision.
    assertThat(table.where(table.stringColumn("layer").isEqualTo("c1")).doubleColumn(3).min())
        .isEqualTo(1);
    assertThat(train(TINY, TWN, HALVES, epochs(1), batchSize(40), validation(0)).densities().csv())
        .contains("1,quantized,c2,")
        .contains("1,quantized,c1,1.0,\r\n");
  }

  @Test
  void aCheckpointOfOtherImagesOfTheSameNameAndNumberIsRefused(@TempDir Path folder) {
    String file = folder.resolve("state.safetensors").toString();
    train(TINY, TWN, HALVES, epochs(1), batchSize(40), threads(1), checkpoint(file));
    Dataset others =
        new Dataset(
            HALVES.name(),
            halves(400, 3),
            HALVES.test(),
            HALVES.classes(),
            HALVES.normalization(),
            Map.of());
    assertThatThrownBy(
            () -> train(TINY, TWN, others, epochs(1), batchSize(40), threads(1), checkpoint(file)))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("its data is")
        .hasMessageContaining(HALVES.train().sha256());
  }

  @Test
  void savedWeightsGiveTheSimulatorsInferenceTheSameAccuracy(@TempDir Path folder) {
    Training training = train(TINY, TWN, HALVES, five());
    Path file = training.save(folder.resolve("tiny.safetensors").toString());
    Trained read = trained(file.toString(), TINY);
    assertThat(read.policy()).isEqualTo(training.policy());
    assertThat(read.weights()).isEqualTo(training.weights());
    assertThat(read.accuracy(HALVES.tensor(HALVES.test()), HALVES.test().labels()))
        .isCloseTo(training.accuracy().share(), within(0.011));
  }

  @Test
  void ternaryLayersHaveThreeValuesAndTheFirstMany() {
    Training training = train(TINY, TWN, HALVES, five());
    assertThat(values(training, "c2")).hasSize(3).contains(0f);
    assertThat(values(training, "c1").size()).isGreaterThan(3);
  }

  private static java.util.SortedSet<Float> values(Training training, String layer) {
    Tensor weights = training.policy().quantized(training.weights(), TINY.node(layer));
    TreeSet<Float> values = new TreeSet<>();
    for (int i = 0; i < weights.size(); i++) {
      values.add(weights.get(i));
    }
    return values;
  }

  @Test
  void everyQuantizerTrains() {
    for (Policy policy :
        List.of(
            policy("ttq", weights(trainedTernary()), except(first(), fullPrecision())),
            policy("binary", weights(binary()), except(first(), fullPrecision())),
            policy("dorefa", weights(doReFa(3)), activations(kBit(4))),
            policy("integer", weights(integer(4))),
            policy("groups", weights(ternary(perGroup(4)))))) {
      assertThat(
              train(TINY, policy, HALVES, recipe(preInit(2), learningRate(0.02)))
                  .accuracy()
                  .share())
          .as(policy.toString())
          .isGreaterThan(0.8);
    }
  }

  @Test
  void realGradientsFeedTheBackwardPasses() {
    Training training = train(TINY, TWN, HALVES, five());
    Run run =
        simulate(TINY, training.policy(), grid("g", pes(2, 2)), training.steps(2, 4), training());
    assertThat(run.samples()).hasSize(2);
    // Behind c2 is a ReLU, whose zeros its gradient has; the first layer needs no dgrad.
    assertThat(run.effectualShare(BACKWARD).mean()).isStrictlyBetween(0.0, 1.0);
    assertThat(run.effectualShare(FORWARD).mean()).isStrictlyBetween(0.0, 1.0);
  }

  @Test
  void aTrainingThatDivergesStopsAndNamesTheStep() {
    Network bare =
        network(
            "bare", ifm(1, 8, 8), conv("c1", filters(4), kernel(3)), relu(), flatten(), fc("f", 2));
    assertThatThrownBy(() -> train(bare, TWN, HALVES, recipe(learningRate(1e20))))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("bare diverged in step")
        .hasMessageContaining("learning rate");
  }

  /** The loss of the last step was still finite. */
  @Test
  void weightsThatAreNotFiniteAreFoundByTheStepThatMadeThem() {
    assertThatThrownBy(
            () ->
                train(
                    TINY,
                    policy("ternary", weights(ternary())),
                    HALVES,
                    recipe(learningRate(1e40))))
        .isInstanceOf(Diverged.class)
        .hasMessageMatching("(?s).*diverged in step \\d+ of epoch 1: the tensor \"c1.weight\".*");
  }

  @Test
  void whatCannotBeTrainedIsRefusedBeforeItBegins(@TempDir Path folder) {
    Network points =
        network(
            "points",
            ifm(1, 8, 8),
            conv("c1", filters(2), kernel(8)),
            batchNorm(),
            flatten(),
            fc("f", 2));
    assertRefused(points, batchSize(1), "batchNorm \"c1.bn\"", "batchSize(1)");
    Network bare = network("bare", ifm(1, 8, 8), maxPool(kernel(8, 4)), flatten());
    assertRefused(bare, batchSize(40), "bare has no weights");
    assertRefused(TINY, validation(0.001), "validation(0.001)", "validation(0)");
    assertRefused(TINY, checkpoint(folder.resolve("no/file").toString()), "no", "does not exist");
    assertRefused(TINY, checkpoint(folder.toString()), "is a folder");
  }

  private static void assertRefused(Network network, TrainOption option, String... words) {
    assertThatThrownBy(() -> train(network, policy("full"), HALVES, option))
        .isInstanceOf(DlacException.class)
        .message()
        .contains(words);
  }

  @Test
  void accuracyRefusesImagesThatTheNetworkWasNotTrainedFor() {
    Training training = train(TINY, TWN, HALVES, epochs(1), batchSize(40), threads(1));
    assertThatThrownBy(() -> training.accuracy(Images.of(ifm(1, 9, 9), new byte[81], 0)))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("1x9x9");
    assertThatThrownBy(() -> training.accuracy(Images.of(ifm(1, 8, 8), new byte[64], 2)))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("2 classes");
  }

  @Test
  void stepsOfATrainingRunUnderAPolicyWithScalesThatItHasNotLearned() {
    Training training = train(TINY, TWN, HALVES, epochs(1), batchSize(40), threads(1));
    Policy ttq = policy("ttq", weights(trainedTernary()));
    Run run = simulate(TINY, ttq, grid("g", pes(2, 2)), training.steps(1, 4), training());
    assertThat(run.effectualShare(BACKWARD).mean()).isStrictlyBetween(0.0, 1.0);
  }

  @Test
  void dataThatDoesNotFitIsRefused() {
    assertThatThrownBy(() -> train(zoo("lenet5"), TWN, HALVES, recipe()))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("halves");
    assertThatThrownBy(
            () ->
                train(TINY, TWN, HALVES, recipe(new TrainOption.ReluThreshold("nope*", 0.1, 0.5))))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("nope*");
  }

  @Test
  void realImagesAreLearntAtTwoBits() {
    assumeTrue(
        Files.exists(Path.of("/usr/share/datasets/fashion-mnist")),
        "Fashion-MNIST is not installed");
    Dataset data = fashionMnist().first(6_000, 2_000);
    Training training =
        train(
            zoo("lenet5", data.ifm(), data.classCount()),
            TWN,
            data,
            epochs(4),
            preInit(1),
            learningRate(cosine(0.1)),
            batchSize(64),
            threads(1),
            randomSeed(1));
    assertThat(training.accuracy().share()).isGreaterThan(0.72);
  }
}
