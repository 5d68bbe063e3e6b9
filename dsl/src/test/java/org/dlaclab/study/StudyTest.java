package org.dlaclab.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.dlaclab.Dlac.*;
import static org.dlaclab.error.Refusals.assertRefused;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.dlaclab.data.Dataset;
import org.dlaclab.data.Images;
import org.dlaclab.data.Normalization;
import org.dlaclab.error.DlacException;
import org.dlaclab.grid.Grid;
import org.dlaclab.network.Network;
import org.dlaclab.plot.Chart;
import org.dlaclab.plot.LineChart;
import org.dlaclab.progress.Live;
import org.dlaclab.progress.Stop;
import org.dlaclab.quant.Policy;
import org.dlaclab.result.Spread;
import org.dlaclab.tensor.SafeTensors;
import org.dlaclab.train.LearningRate;
import org.dlaclab.train.Recipe;
import org.dlaclab.train.TrainOption;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Studies: what they compare, what they say of it, and that no training is made twice. */
class StudyTest {
  private static final Policy TWN =
      policy("twn", weights(ternary()), except(first(), fullPrecision()));

  private static final Network TINY =
      network(
          "tiny",
          ifm(1, 6, 6),
          conv("c1", filters(3), kernel(3), pad(1)),
          relu(),
          conv("c2", filters(4), kernel(3)),
          relu(),
          flatten(),
          fc("f", 2));

  private static final Grid GRID = grid("small", pes(2, 2));

  /** Bright left halves against bright right halves, with noise. */
  private static final Dataset HALVES =
      new Dataset(
          "halves",
          halves(80, 1),
          halves(40, 2),
          List.of("left", "right"),
          Normalization.PLAIN,
          Map.of());

  private static Images halves(int count, long seed) {
    Random random = new Random(seed);
    byte[] pixels = new byte[count * 36];
    int[] labels = new int[count];
    for (int i = 0; i < count; i++) {
      labels[i] = i % 2;
      for (int p = 0; p < 36; p++) {
        int bright = (p % 6 >= 3) == (labels[i] == 1) ? 60 : 0;
        pixels[i * 36 + p] = (byte) (bright + random.nextInt(120));
      }
    }
    return Images.of(ifm(1, 6, 6), pixels, labels);
  }

  private static Recipe small(TrainOption... more) {
    List<TrainOption> options =
        new ArrayList<>(List.of(batchSize(8), threads(1), learningRate(constant(0.05))));
    for (TrainOption option : more) {
      options.removeIf(o -> o.getClass() == option.getClass());
    }
    options.addAll(Arrays.asList(more));
    return recipe(options.toArray(new TrainOption[0]));
  }

  private static LearningRate constant(double rate) {
    return new LearningRate.Constant(rate);
  }

  private static Recipe five(TrainOption... more) {
    return recipe(
            epochs(12),
            preInit(2),
            learningRate(plateau(0.05)),
            activationPenalty(0.01),
            reluThreshold(0.01))
        .with(more);
  }

  /** Of no training that was made. */
  private static Outcome outcome(String variant, long seed, double accuracy, double speedup) {
    return new Outcome(variant, seed, accuracy, 0.1, 0.5, 0.4, 0.01, 2, 7, 0.2, 0.3, speedup, "");
  }

  @Nested
  class TheAblation {
    @Test
    void leavesOutEachTechniqueInTurnThenAllThenLowPrecision() {
      Policy low =
          policy(
              "twn-first-too",
              weights(ternary()),
              except(first(), fullPrecision()),
              except(first(), ternary()));
      Recipe naive = recipe(epochs(12), learningRate(cosine(0.05)));
      assertThat(Ablation.variants(study(TINY, TWN, HALVES, five())))
          .containsExactly(
              new Variant("all five techniques", TWN, five()),
              new Variant("no pre-initialization", TWN, five(preInit(0))),
              new Variant("first layer as the others", low, five()),
              new Variant("cosine learning rate", TWN, five(learningRate(cosine(0.05)))),
              new Variant("no activation penalty", TWN, five(activationPenalty(0))),
              new Variant(
                  "no raised threshold",
                  TWN,
                  recipe(
                      epochs(12),
                      preInit(2),
                      learningRate(plateau(0.05)),
                      activationPenalty(0.01))),
              new Variant("none (naive)", low, naive),
              new Variant("full precision", policy("full"), naive));
    }

    @Test
    void givesTheFirstLayerTheQuantizerOfTheOthersAndKeepsOtherExceptions() {
      Policy lastHigh =
          policy("p", weights(binary()), except("c1", fullPrecision()), except(last(), doReFa(4)));
      Policy low = Ablation.variants(study(TINY, lastHigh, HALVES, five())).get(2).policy();
      assertThat(low.assign(TINY))
          .containsExactly(
              Map.entry("c1", binary()), Map.entry("c2", binary()), Map.entry("f", doReFa(4)));
    }

    @Test
    void ofAStudyWithATechniqueOffNamesTheWord() {
      Study none = study(TINY, policy("all", weights(ternary())), HALVES, recipe(epochs(12)));
      assertRefused(
          none::ablation,
          "preInit(2)",
          "except(first(), fullPrecision())",
          "learningRate(plateau(0.1))",
          "activationPenalty(0.01)",
          "reluThreshold(0.01)");
      assertRefused(study(TINY, TWN, HALVES, five(preInit(0)))::ablation, "add preInit(2) to");
      assertRefused(
          study(TINY, TWN, HALVES, recipe(learningRate(plateau(0.1)), adaptive(0.01)))::ablation,
          "adaptive(0.01)");
    }
  }

  @Nested
  class AComparison {
    private final Variant a = variant("a", TWN, five());
    private final Variant b = variant("b", TWN, five(preInit(0)));

    private Comparison of(Outcome... outcomes) {
      return new Comparison("t", List.of(a, b), List.of(1L, 2L, 3L), List.of(outcomes));
    }

    private final Comparison whole =
        of(
            outcome("b", 1, 0.80, 2),
            outcome("a", 1, 0.90, 3),
            outcome("b", 3, 0.88, 4),
            outcome("a", 2, 0.94, 3),
            outcome("b", 2, 0.81, 6),
            outcome("a", 3, 0.92, 3));

    @Test
    void saysMeanAndDeviationOfEachVariant() {
      // a: 90, 94, 92: mean 92, sd sqrt((4 + 4 + 0) / 2). b: 80, 81, 88: mean 83, sd sqrt(38 / 2).
      assertThat(whole.table().table().doubleColumn("accuracy (%)").asDoubleArray())
          .containsExactly(new double[] {92, 83}, within(1e-9));
      assertThat(whole.table().table().doubleColumn("sd (points)").asDoubleArray())
          .containsExactly(new double[] {2, Math.sqrt(19)}, within(1e-9));
      assertThat(whole.table().table().longColumn("n").asList()).containsExactly(3L, 3L);
      assertThat(whole.table().table().doubleColumn("speedup").asDoubleArray())
          .containsExactly(new double[] {3, 4}, within(1e-9));
      assertThat(whole.complete()).isTrue();
      assertThat(whole.toString()).contains("t: 6 trainings, seeds 1, 2, 3", "92.00", "4.36");
    }

    @Test
    void comparesPairsOfTheSameSeed() {
      // -10, -13, -4: mean -9, sd sqrt((1 + 16 + 25) / 2); t(0.975; 2) = 4.302653.
      Spread difference = whole.difference(b);
      assertThat(difference.mean()).isCloseTo(-9, within(1e-9));
      assertThat(difference.sd()).isCloseTo(Math.sqrt(21), within(1e-9));
      assertThat(whole.table().table().doubleColumn("its 95% interval, +/-").getDouble(1))
          .isCloseTo(4.302653 * Math.sqrt(21.0 / 3), within(1e-4));
      assertThat(whole.table().table().column("difference (points)").isMissing(0)).isTrue();
    }

    @Test
    void leavesOutTheSeedsThatOnlyOneVariantHas() {
      Comparison part =
          of(outcome("a", 1, 0.9, 1), outcome("a", 2, 0.5, 1), outcome("b", 1, 0.8, 1));
      assertThat(part.difference(b).n()).isEqualTo(1);
      assertThat(part.difference(b).mean()).isCloseTo(-10, within(1e-9));
      assertThat(part.complete()).isFalse();
      assertThat(part.toString()).contains("3 of 6 trainings");
    }

    @Test
    void withoutAnyTrainingIsATableOfBlanks() {
      assertThat(of().table().table().column("accuracy (%)").countMissing()).isEqualTo(2);
      assertRefused(of()::charts, "categories");
    }

    @Test
    void listsRunsByVariantThenSeedWithTheirFailures() {
      Comparison part = of(outcome("b", 1, 0.8, 1), Outcome.failed("a", 2, "step 3 of conv"));
      assertThat(part.runs().table().stringColumn("variant").asList()).containsExactly("a", "b");
      assertThat(part.runs().csv()).contains("step 3 of conv");
      assertThat(part.table().table().longColumn("diverged").asList()).containsExactly(1L, 0L);
      assertThat(part.table().table().longColumn("n").asList()).containsExactly(0L, 1L);
    }

    @Test
    void chartsErrorsWithIntervalsThatStayWithinWhatAnErrorCanBe() {
      var errors = whole.errors();
      assertThat(errors.categories()).containsExactly("a", "b");
      assertThat(errors.series().get(0).values().get(0)).isCloseTo(8, within(1e-9));
      assertThat(errors.series().get(0).low())
          .satisfiesExactly(
              low -> assertThat(low).isCloseTo(8 - 4.302653 * 2 / Math.sqrt(3), within(1e-4)),
              low -> assertThat(low).isBetween(0.0, 17.0));
      assertThat(
              of(outcome("a", 1, 0.9, 1), outcome("b", 1, 0.8, 1)).errors().series().get(0).low())
          .isNull();
    }

    @Test
    void chartsAPointPerTrainingOverSpeedup() {
      LineChart chart = whole.tradeOff();
      assertThat(chart.lines()).extracting(LineChart.Line::name).containsExactly("a", "b");
      assertThat(chart.lines().get(1).points())
          .extracting(LineChart.Point::x)
          .containsExactly(2.0, 6.0, 4.0);
      assertRefused(of(outcome("a", 1, 0.9, Double.NaN))::tradeOff, "on(grid)");
    }

    @Test
    void chartsPreInitializationOnlyWhereVariantsDifferInNothingElse() {
      assertThat(titles(whole)).contains("Accuracy by epochs in full precision");
      Comparison other =
          new Comparison(
              "t",
              List.of(a, variant("b", TWN, five(preInit(0), epochs(9)))),
              List.of(1L),
              List.of(outcome("a", 1, 0.9, 1)));
      assertThat(titles(other)).containsExactly("Test error per variant", "Accuracy and speedup");
    }

    private List<String> titles(Comparison comparison) {
      return comparison.charts().charts().stream().map(Chart::title).toList();
    }
  }

  @Nested
  class AStudyRefuses {
    @Test
    void whatItsTrainingsCannotShare() {
      assertRefused(() -> study(TINY, TWN, HALVES, recipe(randomSeed(5))), "seeds(5)");
      assertRefused(() -> study(TINY, TWN, HALVES, recipe(checkpoint("x"))), "keepIn(");
      Study study = study(TINY, TWN, HALVES, recipe(epochs(2)));
      assertRefused(() -> study.compare(variant("v", TWN, recipe(randomSeed(5)))), "seeds(5)");
    }

    @Test
    void whatCannotBeCompared() {
      assertRefused(() -> study(TINY, TWN, HALVES, recipe(), seeds(1, 1)), "all different");
      assertRefused(
          () -> study(TINY, TWN, HALVES, recipe(), seeds(1), seeds(2)), "seeds(...) twice");
      Study study = study(TINY, TWN, HALVES, recipe(epochs(2)));
      assertRefused(study::compare, "compares nothing");
      Variant one = variant("one", TWN, recipe());
      assertRefused(() -> study.compare(one, one), "\"one\" twice");
      assertRefused(() -> study.preInit(0, 2), "preInit(2) of epochs(2)");
      assertRefused(() -> study.preInit(0, 3), "preInit(3)");
    }
  }

  /** On the real engine. */
  @Nested
  class Training {
    private @TempDir Path folder;

    @BeforeAll
    static void engine() {
      try {
        train(TINY, TWN, HALVES, epochs(1), batchSize(40), threads(1));
      } catch (DlacException e) {
        assumeTrue(!String.valueOf(e.getMessage()).contains("PyTorch"), e.getMessage());
        throw e;
      }
    }

    @AfterEach
    void nobodyLooks() {
      Live.showBy(null);
      Stop.hearBy(ask -> () -> {});
    }

    private Study kept(Study.Option... more) {
      List<Study.Option> options = new ArrayList<>(List.of(keepIn(folder.toString())));
      options.addAll(Arrays.asList(more));
      return study(TINY, TWN, HALVES, small(epochs(3)), options.toArray(new Study.Option[0]));
    }

    private Map<Path, FileTime> files() throws IOException {
      Map<Path, FileTime> files = new TreeMap<>();
      try (Stream<Path> all = Files.list(folder)) {
        for (Path file : all.toList()) {
          files.put(file, Files.getLastModifiedTime(file));
        }
      }
      return files;
    }

    @Test
    void ofEachVariantWithEachSeedIsTheTrainingThatTrainWouldMake() {
      Comparison comparison =
          study(TINY, TWN, HALVES, small(epochs(3)), seeds(1, 2), on(GRID, 16)).preInit(0, 1);
      assertThat(comparison.complete()).isTrue();
      assertThat(comparison.outcomes())
          .extracting(o -> o.variant() + " " + o.seed())
          .containsExactly(
              "0 epochs in full precision 1",
              "0 epochs in full precision 2",
              "1 epoch in full precision 1",
              "1 epoch in full precision 2");
      var training =
          train(
              TINY,
              TWN,
              HALVES,
              epochs(3),
              preInit(1),
              batchSize(8),
              threads(1),
              learningRate(0.05),
              randomSeed(2));
      Outcome last = comparison.outcomes().get(3);
      var best = training.history().get(training.bestEpoch() - 1);
      assertThat(last.accuracy()).isEqualTo(training.accuracy().share());
      assertThat(last.weightDensity()).isEqualTo(training.weightDensity(best));
      assertThat(last.fullPrecisionEpochs()).isEqualTo(1);
      var run = simulate(training.trained(16), GRID);
      assertThat(last.speedup()).isEqualTo(run.totalSpeedup().mean());
      assertThat(last.effectualForward()).isEqualTo(run.effectualShare().mean());
      var steps = simulate(TINY, training.policy(), GRID, training.steps(2, 8), training());
      assertThat(last.effectualBackward()).isEqualTo(steps.effectualShare(BACKWARD).mean());
    }

    @Test
    void isNotMadeAgainIfItIsKept() throws IOException {
      Comparison first = kept(seeds(1), on(GRID, 8)).preInit(0, 1);
      Map<Path, FileTime> before = files();
      assertThat(before).hasSize(2);
      Comparison again = kept(seeds(1), on(GRID, 8)).preInit(0, 1);
      assertThat(again.outcomes()).isEqualTo(first.outcomes());
      assertThat(files()).isEqualTo(before);
      // Another study with one training in common, and one more seed.
      Comparison more = kept(seeds(1, 2), on(GRID, 8)).compare(variant("x", TWN, small(epochs(3))));
      assertThat(files()).hasSize(3).containsAllEntriesOf(before);
      assertThat(more.outcomes("x").get(0).accuracy())
          .isEqualTo(first.outcomes().get(0).accuracy());
    }

    @Test
    void thatIsKeptIsSimulatedOnAnotherGridWithoutTraining() {
      Comparison without = kept(seeds(1)).preInit(0);
      assertThat(without.outcomes().get(0).speedup()).isNaN();
      Live.showBy(
          what -> {
            assertThat(what).startsWith("study");
            return new Shown(() -> {});
          });
      Outcome on = kept(seeds(1), on(GRID, 8)).preInit(0).outcomes().get(0);
      assertThat(on.speedup()).isGreaterThanOrEqualTo(1);
      Live.showBy(null);
      Outcome fresh =
          study(TINY, TWN, HALVES, small(epochs(3)), seeds(1), on(GRID, 8))
              .preInit(0)
              .outcomes()
              .get(0);
      assertThat(on.speedup()).isEqualTo(fresh.speedup());
      assertThat(on.effectualBackward()).isEqualTo(fresh.effectualBackward());
    }

    @Test
    void underTheNameOfAnotherIsRefused() throws IOException {
      kept(seeds(1)).compare(variant("v", TWN, small(epochs(1))));
      Path one = files().keySet().iterator().next();
      kept(seeds(1)).compare(variant("v", TWN, small(epochs(2))));
      Path two = files().keySet().stream().filter(f -> !f.equals(one)).findFirst().orElseThrow();
      Files.copy(one, two, StandardCopyOption.REPLACE_EXISTING);
      assertRefused(
          () -> kept(seeds(1)).compare(variant("v", TWN, small(epochs(2)))),
          two.getFileName().toString(),
          "its recipe is 1 epochs",
          "2 epochs");
    }

    @Test
    void isKeptWithItsStampAndReadByAnyone() throws IOException {
      kept(seeds(4)).preInit(1);
      Path file = files().keySet().iterator().next();
      assertThat(file.getFileName().toString()).startsWith("tiny-twn-seed4-");
      Map<String, String> stamp = SafeTensors.read(file).metadata();
      assertThat(stamp).containsEntry("seed", "4").containsKeys("outcome", "accuracy", "history");
      assertThat(trained(file.toString(), TINY).policy()).isEqualTo(TWN);
    }

    @Test
    void ofOtherImagesIsAnotherOne() throws IOException {
      kept(seeds(1)).preInit(0);
      Dataset others =
          new Dataset(
              "halves",
              halves(80, 3),
              HALVES.test(),
              HALVES.classes(),
              HALVES.normalization(),
              Map.of());
      study(TINY, TWN, others, small(epochs(3)), seeds(1), keepIn(folder.toString())).preInit(0);
      assertThat(files()).hasSize(2);
    }

    @Test
    void thatDivergesIsARowAndOthersGoOn() {
      Comparison comparison =
          study(TINY, TWN, HALVES, small(epochs(1)), seeds(1, 2))
              .compare(
                  variant("wild", TWN, small(epochs(1), learningRate(1e20))),
                  variant("calm", TWN, small(epochs(1))));
      assertThat(comparison.complete()).isTrue();
      assertThat(comparison.outcomes("wild"))
          .hasSize(2)
          .allSatisfy(o -> assertThat(o.failure()).contains("tiny diverged in step"));
      assertThat(comparison.outcomes("calm")).allMatch(Outcome::succeeded);
      assertThat(comparison.errors().categories()).containsExactly("calm");
    }

    @Test
    void thatWasStoppedGoesOnExactly() throws IOException {
      Comparison whole = study(TINY, TWN, HALVES, small(epochs(3)), seeds(1)).preInit(0, 1);
      AtomicReference<Runnable> ask = new AtomicReference<>(() -> {});
      Stop.hearBy(
          how -> {
            ask.set(how);
            return () -> {};
          });
      // In the midst of the second training: after its first epoch.
      int[] trainings = {0};
      Live.showBy(
          what -> {
            boolean second = what.startsWith("training") && ++trainings[0] == 2;
            return new Shown(() -> (second ? ask.get() : (Runnable) () -> {}).run());
          });
      Comparison stopped = kept(seeds(1)).preInit(0, 1);
      assertThat(stopped.complete()).isFalse();
      assertThat(stopped.outcomes()).hasSize(1);
      assertThat(files().keySet()).anyMatch(f -> f.toString().endsWith(".checkpoint"));
      Live.showBy(null);
      Comparison resumed = kept(seeds(1)).preInit(0, 1);
      assertThat(resumed.outcomes())
          .extracting(Outcome::accuracy, Outcome::validationError, Outcome::weightDensity)
          .isEqualTo(
              whole.outcomes().stream()
                  .map(
                      o ->
                          org.assertj.core.groups.Tuple.tuple(
                              o.accuracy(), o.validationError(), o.weightDensity()))
                  .toList());
      assertThat(files().keySet()).hasSize(2).allMatch(f -> f.toString().endsWith("safetensors"));
    }
  }

  /** Does something whenever there is news. */
  private record Shown(Runnable news) implements Live.Display {
    @Override
    public void show(Supplier<?> value, String line) {
      assertThat(String.valueOf(value.get())).isNotBlank();
      news.run();
    }

    @Override
    public void end(@Nullable Supplier<?> last) {}
  }

  /** Its trainings would share the file, and the second one refuse what the first one left. */
  @Test
  void aSearchOfAPolicyRefusesACheckpoint() {
    assertRefused(
        () ->
            searchPolicy(
                TINY, TWN, fullPrecision(), HALVES, GRID, 0.1, epochs(1), checkpoint("a.file")),
        "checkpoint(\"a.file\")");
  }
}
