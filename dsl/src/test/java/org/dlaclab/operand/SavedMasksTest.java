package org.dlaclab.operand;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.dlaclab.Dlac.*;
import static org.dlaclab.error.Refusals.assertRefused;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.dlaclab.error.DlacException;
import org.dlaclab.grid.Grid;
import org.dlaclab.infer.Trained;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.quant.Policy;
import org.dlaclab.result.LayerResult;
import org.dlaclab.result.Passes;
import org.dlaclab.result.Run;
import org.dlaclab.tensor.BitMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SavedMasksTest {
  private static final Policy TWN =
      policy("twn", weights(ternary()), except(first(), fullPrecision()));
  private static final Grid GRID = grid("small", pes(4, 8), multipliers(1), lanes(2));

  private static final Network NETWORK =
      network(
          "net",
          ifm(3, 9, 7),
          conv("c1", filters(10), kernel(3), pad(1)),
          relu(),
          residual(
              shortcut(conv("proj", filters(12), kernel(1), stride(2))),
              conv("c2", filters(12), kernel(3), stride(2), pad(1), groups(2))),
          relu(),
          flatten(),
          fc("f", 5));

  @TempDir Path folder;

  private String file() {
    return folder.resolve("net.masks").toString();
  }

  private void assertSameRun(Network network, Policy policy, Source source, Passes passes) {
    SavedMasks saved = saveMasks(file(), network, policy, source, passes);
    Run expected = simulate(network, policy, GRID, source, passes);
    for (SavedMasks masks : List.of(saved, savedMasks(file()))) {
      Run run = simulate(network, policy, GRID, masks, passes);
      assertThat(run.samples()).isEqualTo(expected.samples());
      assertThat(run.batch()).isEqualTo(expected.batch());
      assertThat(run.origin().replace(", saved as net.masks", "")).isEqualTo(expected.origin());
      assertThat(masks.network()).isEqualTo(network);
      assertThat(simulate(masks, GRID, passes)).isEqualTo(run);
    }
  }

  @Test
  void aRunFromTheFileIsTheRunFromTheSourceToTheCycle() {
    assertSameRun(NETWORK, TWN, synthetic(1, samples(3), batch(2)), inference());
    assertSameRun(zoo("resnet20"), TWN, synthetic(2), inference());
    assertSameRun(zoo("googlenet", ifm(3, 32, 32), 10), policy("full"), synthetic(3), inference());
    assertSameRun(
        zoo("alexnet", ifm(3, 67, 67), 10), TWN, synthetic(3, published("alexnet")), inference());
  }

  @Test
  void soIsARunOfTrainingIfGradientsAreSaved() {
    assertSameRun(NETWORK, TWN, synthetic(1, samples(2), batch(3)), training());
    assertSameRun(zoo("lenet5"), TWN, synthetic(1, gradientDensity(0.3)), training());
  }

  @Test
  void soIsARunOfRealImages() {
    Trained lenet = trained("lenet5");
    assertSameRun(lenet.network(), lenet.policy(), lenet.images(4).batch(2), inference());
    Policy low = policy("low", weights(ternary()), activations(threshold(0.2), kBit(4)));
    assertSameRun(lenet.network(), low, lenet.images(2), inference());
    assertThat(simulate(lenet.network(), lenet.policy(), GRID, saveMasks(file(), lenet)).samples())
        .isEqualTo(simulate(lenet, GRID).samples());
  }

  @Test
  void gradientsAreMissedOnlyWhenTheyAreNeeded() {
    SavedMasks forward = saveMasks(file(), NETWORK, TWN, seed(1));
    assertThat(forward.hasGradients()).isFalse();
    assertRefused(
        () -> simulate(NETWORK, TWN, GRID, forward, training()),
        "net.masks holds no gradients",
        "training())");
    assertThat(saveMasks(file(), NETWORK, TWN, seed(1), training()).hasGradients()).isTrue();
  }

  /**
   * Masks of one feature map that differ from reader to reader, as files of users may have them.
   */
  private static Source differing(boolean masks) {
    return (network, policy) ->
        new Operands() {
          @Override
          public String origin() {
            return "of their own";
          }

          @Override
          public int samples() {
            return 3;
          }

          @Override
          public int batch() {
            return 1;
          }

          @Override
          public boolean isMask(Node layer) {
            return masks;
          }

          @Override
          public BitMatrix weights(Node layer) {
            return random(
                layer.index(),
                layer.conv().filters(),
                (int) layer.weights() / layer.conv().filters());
          }

          @Override
          public Sample sample(int index) {
            return new Sample() {
              @Override
              public BitMatrix ifm(Node layer) {
                // In sample 1 both readers of one map see the same.
                int seed = 100 * index + (index == 1 ? layer.inputs().get(0) : layer.index());
                return random(seed, layer.ifm().pixels(), layer.ifm().channels());
              }

              @Override
              public double ofmDensity(Node layer) {
                return index == 1 ? Double.NaN : 1.0 / (3 + layer.index());
              }
            };
          }
        };
  }

  private static BitMatrix random(int seed, int rows, int columns) {
    Random random = new Random(seed);
    boolean[][] mask = new boolean[rows][columns];
    for (boolean[] row : mask) {
      for (int c = 0; c < columns; c++) {
        row[c] = random.nextInt(3) == 0;
      }
    }
    return BitMatrix.of("random", mask);
  }

  @Test
  void readersOfOneFeatureMapMayDiffer() {
    assertSameRun(NETWORK, TWN, differing(false), inference());
  }

  @Test
  void masksThatWereTakenAsTheyAreFitEveryPolicyForWeights() {
    SavedMasks masks = saveMasks(file(), NETWORK, TWN, differing(true));
    Run run = simulate(NETWORK, policy("full"), GRID, masks);
    assertThat(run.samples())
        .isEqualTo(simulate(NETWORK, policy("full"), GRID, differing(true)).samples());
    assertThat(run.layer("c1").get(0).quantizer()).isEqualTo("mask");
  }

  @Test
  void anotherPolicyIsRefusedNamingTheLayer() {
    SavedMasks masks = saveMasks(file(), NETWORK, TWN, seed(1));
    Policy binary = policy("bin", weights(binary()), except(first(), fullPrecision()));
    assertRefused(
        () -> simulate(NETWORK, binary, GRID, masks),
        "net.masks",
        "policy \"twn\"",
        "for \"c2\" policy \"bin\" says binary",
        "ternary");
    Policy cut =
        policy(
            "cut",
            weights(ternary()),
            except(first(), fullPrecision()),
            activations("c1.relu", threshold(0.1)));
    assertRefused(() -> simulate(NETWORK, cut, GRID, masks), "\"c1.relu\" policy \"cut\" says");
  }

  @Test
  void aPolicyThatDoesTheSameByOtherRulesIsTaken() {
    SavedMasks masks = saveMasks(file(), NETWORK, TWN, seed(1));
    Policy same = policy("same", except(matching("*"), ternary()), except("c1", fullPrecision()));
    assertThat(simulate(NETWORK, same, GRID, masks).samples())
        .isEqualTo(simulate(NETWORK, TWN, GRID, seed(1)).samples());
    assertThat(masks.policy()).isEqualTo(TWN);
  }

  @Test
  void anotherNetworkIsRefusedNamingTheFirstLayerThatDiffers() {
    SavedMasks masks = saveMasks(file(), zoo("resnet20"), policy("full"), seed(1));
    assertRefused(
        () -> simulate(zoo("resnet50"), policy("full"), GRID, masks),
        "net.masks holds the masks of another network, \"resnet20\"",
        "\"resnet50\" has \"input 3x224x224\"",
        "\"input 3x32x32\"");
    assertRefused(
        () -> simulate(zoo("resnet32"), policy("full"), GRID, masks), "conv2_4a", "conv3_1a");
    assertRefused(
        () -> simulate(zoo("resnet20", ifm(3, 32, 32), 11), policy("full"), GRID, masks),
        "fc: fc of",
        "11x1x1",
        "10x1x1");
  }

  @Test
  void theFormatIsTheOneThatItsDocumentationSays() throws IOException {
    Source source = differing(false);
    saveMasks(file(), NETWORK, TWN, source);
    try (ZipFile zip = new ZipFile(file());
        Operands operands = source.bind(NETWORK, TWN)) {
      for (Node layer : NETWORK.gridLayers()) {
        byte[] bytes = zip.getInputStream(zip.getEntry("weights/" + layer.name())).readAllBytes();
        assertBits(bytes, 0, operands.weights(layer));
      }
      byte[] sample = zip.getInputStream(zip.getEntry("samples/1")).readAllBytes();
      int at = 0;
      for (String layer : List.of("c1", "c2", "proj", "f")) {
        if (layer.equals("proj")) { // reads what c2 has read
          assertThat(sample[at++]).isEqualTo((byte) 1);
          continue;
        }
        at += assertBits(sample, at, operands.sample(1).ifm(NETWORK.node(layer)));
      }
      assertThat(at).isEqualTo(sample.length);
      String stamp =
          new String(
              zip.getInputStream(zip.getEntry("stamp.json")).readAllBytes(),
              StandardCharsets.UTF_8);
      assertThat(stamp)
          .contains("\"format\" : \"dlac masks 2\"")
          .contains("\"name\" : \"net\"")
          .contains("\"name\" : \"twn\"")
          .contains("\"origin\" : \"of their own\"");
    }
  }

  /** The bits of a mask, least significant bit first; returns how many bytes they take. */
  private static int assertBits(byte[] bytes, int at, BitMatrix mask) {
    int bit = 8 * at;
    for (int r = 0; r < mask.rows(); r++) {
      for (int c = 0; c < mask.columns(); c++, bit++) {
        assertThat((bytes[bit / 8] >> (bit % 8) & 1) == 1).isEqualTo(mask.get(r, c));
      }
    }
    return (mask.rows() * mask.columns() + 7) / 8;
  }

  @Test
  void theSameMasksGiveTheSameBytes() throws IOException {
    saveMasks(file(), NETWORK, TWN, seed(1));
    byte[] once = Files.readAllBytes(Path.of(file()));
    saveMasks(file(), NETWORK, TWN, seed(1));
    assertThat(Files.readAllBytes(Path.of(file()))).isEqualTo(once);
  }

  @Test
  void realMasksTakeLessRoomThanTheirBits() throws IOException {
    Trained resnet = trained("resnet20");
    saveMasks(file(), resnet.network(), resnet.policy(), resnet.images(4));
    long bits = resnet.network().gridLayers().stream().mapToLong(Node::weights).sum();
    bits += 4 * resnet.network().gridLayers().stream().mapToLong(layer -> layer.ifm().size()).sum();
    assertThat(8 * Files.size(Path.of(file()))).isLessThan(bits * 4 / 5);
  }

  @Test
  void aSourceThatFailsLeavesTheFileThatWasThere() throws IOException {
    saveMasks(file(), NETWORK, TWN, seed(1));
    byte[] before = Files.readAllBytes(Path.of(file()));
    assertRefused(
        () -> saveMasks(file(), NETWORK, TWN, differing(false), training()), "no gradients");
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> saveMasks(file(), NETWORK, TWN, synthetic(2)))
        .isInstanceOf(CancellationException.class)
        .hasMessageContaining("net");
    assertThat(Files.readAllBytes(Path.of(file()))).isEqualTo(before);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).hasSize(1);
    }
  }

  @Test
  void aFileOfAnotherVersionSaysWhichOneMadeIt() throws IOException {
    saveMasks(file(), NETWORK, TWN, seed(1));
    assertRefused(
        () -> savedMasks(forged("dlac masks 2", "dlac masks 7").toString()),
        "forged.masks is in the format \"dlac masks 7\"",
        "development build",
        "save the masks anew");
  }

  @Test
  void noFileOrAnotherFileSaysSo() throws IOException {
    assertRefused(() -> savedMasks(file()), "net.masks does not exist", "saveMasks");
    Files.writeString(Path.of(file()), "layer,weights\n");
    assertRefused(() -> savedMasks(file()), "net.masks is no sound file of masks");
    assertRefused(
        () -> saveMasks(folder.resolve("none/x").toString(), NETWORK, TWN, seed(1)), "none");
  }

  @Test
  void aTruncatedFileIsRefused() throws IOException {
    saveMasks(file(), NETWORK, TWN, synthetic(1, samples(2)));
    byte[] whole = Files.readAllBytes(Path.of(file()));
    for (int length = 0; length < whole.length; length += 1 + length / 30) {
      Files.write(Path.of(file()), Arrays.copyOf(whole, length));
      assertRefused(
          () -> simulate(NETWORK, TWN, GRID, savedMasks(file())),
          "net.masks is no sound file of masks",
          "copy the file again");
    }
  }

  @Test
  void aDamagedFileIsRefusedOrGivesTheRightRun() throws IOException {
    saveMasks(file(), NETWORK, TWN, synthetic(1, samples(2)));
    List<List<LayerResult>> right =
        simulate(NETWORK, TWN, GRID, synthetic(1, samples(2))).samples();
    byte[] whole = Files.readAllBytes(Path.of(file()));
    Random random = new Random(3);
    int refused = 0;
    for (int i = 0; i < 600; i++) {
      byte[] damaged = whole.clone();
      for (int n = random.nextInt(3); n >= 0; n--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      }
      Files.write(Path.of(file()), damaged);
      try {
        assertThat(simulate(NETWORK, TWN, GRID, savedMasks(file())).samples()).isEqualTo(right);
      } catch (DlacException e) {
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(200);
  }

  /** A copy of the file whose stamp says something else, with a checksum that is right. */
  private Path forged(String said, String forged) throws IOException {
    Path other = folder.resolve("forged.masks");
    try (ZipFile zip = new ZipFile(file());
        ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(other))) {
      for (ZipEntry entry : Collections.list(zip.entries())) {
        byte[] bytes = zip.getInputStream(entry).readAllBytes();
        if (entry.getName().equals("stamp.json")) {
          String stamp = new String(bytes, StandardCharsets.UTF_8);
          assertThat(stamp).contains(said);
          bytes = stamp.replace(said, forged).getBytes(StandardCharsets.UTF_8);
        }
        out.putNextEntry(new ZipEntry(entry.getName()));
        out.write(bytes);
      }
    }
    return other;
  }

  /** Its checksums are right: it is not damaged, but made to mislead. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "samples" : 2 | "samples" : 2000000000
          "samples" : 2 | "samples" : -1
          "samples" : 2 | "samples" : "many"
          "batch" : 1 | "batch" : 2000000000
          "batch" : 1 | "batch" : 100000
          "batch" : 1 | "batch" : null
          "batch" : 1 | "patch" : 1
          "gradients" : false | "gradients" : true
          "name" : "c1" | "name" : "c2"
          "name" : "twn" | "nome" : "twn"
          "kind" : "ternary" | "kind" : "quaternary"
          "nodes" : [ | "nodes" : [ null,
          "name" : "net" | "name" : null
          "network" : { | "network" : { "network" : 1,
          "inputs" : [ -1 ] | "inputs" : [ 1 ]
          "inputs" : [ -1 ] | "inputs" : [ ]
          "groups" : 2 | "groups" : 5
          "filters" : 10 | "filters" : 2000000000
          "kind" : "conv" | "kind" : "relu"
          "kind" : "conv" | "kind" : "java.lang.String"
          { | [[[[{
          } | }}
          """)
  void aForgedStampIsRefused(String said, String forged) throws IOException {
    saveMasks(file(), NETWORK, TWN, synthetic(1, samples(2)));
    assertRefused(
        () -> simulate(NETWORK, TWN, GRID, savedMasks(forged(said, forged).toString())),
        "forged.masks");
  }

  @Test
  void densitiesAreThoseOfTheRun() {
    SavedMasks masks = saveMasks(file(), NETWORK, TWN, synthetic(1, samples(3)), training());
    Run run = simulate(NETWORK, TWN, GRID, synthetic(1, samples(3)), training());
    for (int i = 0; i < NETWORK.gridLayers().size(); i++) {
      int layer = i;
      var results = run.samples().stream().map(sample -> sample.get(layer)).toList();
      var row = masks.densities().table().row(i);
      assertThat(row.getString("layer")).isEqualTo(results.get(0).layer());
      assertThat(row.getDouble("weights")).isCloseTo(results.get(0).weightDensity(), within(1e-12));
      assertThat(row.getDouble("IFM"))
          .isCloseTo(mean(results, LayerResult::ifmDensity), within(1e-12));
      assertThat(row.getDouble("OFM gradient"))
          .isCloseTo(mean(results, LayerResult::ofmGradientDensity), within(1e-12));
    }
  }

  private static double mean(
      List<LayerResult> results, java.util.function.ToDoubleFunction<LayerResult> density) {
    return results.stream().mapToDouble(density).average().orElseThrow();
  }

  @Test
  void densitiesOfAFileAreThoseOfSyntheticMasks() {
    SavedMasks real =
        saveMasks(
            file(),
            zoo("resnet20"),
            policy("full"),
            synthetic(1, weightDensity(0.3), ifmDensity(0.2), gradientDensity(0.4)),
            training());
    Run run = simulate(zoo("resnet20"), policy("full"), GRID, real, training());
    for (Path table :
        List.of(
            real.densities().save(folder.resolve("d.csv")),
            real.densities().save(folder.resolve("d.json")),
            run.save(folder.resolve("run.csv").toString()),
            run.save(folder.resolve("run.json").toString()))) {
      Source again = synthetic(7, densities(table.toString()));
      Run synthetic = simulate(zoo("resnet20"), policy("full"), GRID, again, training());
      assertThat(synthetic.origin()).contains("22 of 22 layers as in " + table.getFileName());
      for (int i = 0; i < run.samples().get(0).size(); i++) {
        LayerResult a = run.samples().get(0).get(i);
        LayerResult b = synthetic.samples().get(0).get(i);
        // Five standard deviations of the mean of so many draws, for both.
        assertThat(b.ifmDensity())
            .as(a.layer())
            .isCloseTo(a.ifmDensity(), within(4 / Math.sqrt(a.ifm().elements())));
        assertThat(b.weightDensity())
            .isCloseTo(a.weightDensity(), within(4 / Math.sqrt(a.weights().elements())));
        assertThat(b.ofmGradientDensity())
            .isCloseTo(a.ofmGradientDensity(), within(4 / Math.sqrt(a.ofmGradient().elements())));
      }
    }
  }

  @Test
  void densitiesOfMasksNeedNoTableInBetween() {
    SavedMasks masks = saveMasks(file(), NETWORK, TWN, synthetic(1, samples(3)), training());
    Path table = masks.densities().save(folder.resolve("net.json"));
    assertThat(simulate(NETWORK, TWN, GRID, synthetic(7, densities(masks)), training()).samples())
        .isEqualTo(
            simulate(NETWORK, TWN, GRID, synthetic(7, densities(table.toString())), training())
                .samples());
  }

  @Test
  void aTableOfDensitiesMayLackSomeAndMustBeSound() throws IOException {
    Path table = folder.resolve("d.csv");
    Files.writeString(table, "IFM,layer\n0.25,c2\n,f\n");
    Operands operands = synthetic(1, densities(table.toString()), ifmDensity(1)).bind(NETWORK, TWN);
    assertThat(operands.sample(0).ifm(NETWORK.node("c2")).density()).isCloseTo(0.25, within(0.08));
    assertThat(operands.sample(0).ifm(NETWORK.node("f")).density()).isEqualTo(1);
    assertThat(operands.origin()).contains("2 of 4 layers as in d.csv", "IFM density 1");
    refused(table, "layer,IFM\nc2,1.5\n", "column IFM of \"c2\" in", "1.5");
    refused(table, "layer,IFM\nc2,high\n", "\"high\"");
    refused(table, "layer,IFM\nc2,0.5\nc2,0.6\n", "rows of \"c2\" that differ");
    refused(table, "layer,speedup\nc2,2\n", "columns [layer, speedup]");
    refused(table, "IFM\n0.5\n", "a row without a layer");
    refused(table, "", "d.csv");
    refused(folder.resolve("d.json"), "{", "no JSON");
    refused(folder.resolve("d.json"), "7", "no rows");
    refused(folder.resolve("d.txt"), "layer,IFM\n", "neither .csv nor .json");
    assertRefused(() -> densities(folder.resolve("none.csv").toString()), "does not exist");
    Files.writeString(table, "layer,IFM\nother,0.5\n");
    assertRefused(
        () -> synthetic(1, densities(table.toString())).bind(NETWORK, TWN),
        "has densities for layer \"other\", which \"net\" does not have");
    assertRefused(
        () -> synthetic(1, densities(table.toString()), published("alexnet")),
        "d.csv",
        "published(\"alexnet\")");
  }

  private static void refused(Path table, String text, String... says) throws IOException {
    Files.writeString(table, text);
    assertRefused(() -> densities(table.toString()), says);
  }
}
