package org.dlaclab.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.dlaclab.error.DlacException;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.network.Weights;
import org.dlaclab.onnx.OnnxModel;
import org.dlaclab.quant.Policy;
import org.dlaclab.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files that are damaged, or made to harm: each gives a clear error or a network whose parts fit
 * each other, in little time and memory. Reading does not call the engine, which could take the JVM
 * down with it; files that were read with success are run by it, too.
 */
class MutatedOnnxTest {
  private static final int CASES = 10_000;

  /** A result from which on squares are beyond floats, which a textbook in doubles does not see. */
  private static final double OVERFLOWS = 1e15;

  private static final long[] NUMBERS = {
    -1,
    0,
    1,
    2,
    3,
    7,
    255,
    65536,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    1L << 40,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };

  private final Random random = new Random(1);

  @TempDir Path folder;

  private static List<byte[]> models() throws IOException {
    List<byte[]> models = new ArrayList<>();
    for (long seed = 0; seed < 40; seed++) {
      RandomNetworks random = new RandomNetworks(seed);
      Network network = random.network();
      Policy policy = random.withActivations(random.policy(network), network);
      models.add(OnnxExport.model(Weights.random(network, seed), policy).toByteArray());
    }
    for (String name : List.of("squeezenet", "bvlc_alexnet", "shufflenet")) {
      try (var in =
          MutatedOnnxTest.class.getResourceAsStream("/org/dlaclab/onnx/light_" + name + ".onnx")) {
        models.add(in.readAllBytes());
      }
    }
    return models;
  }

  @Test
  void aMutatedFileGivesAClearErrorOrAWholeNetwork() throws IOException {
    List<byte[]> models = models();
    int read = 0;
    int ran = 0;
    for (int i = 0; i < CASES; i++) {
      // One in twenty is of a published network: they are larger, and slower to read.
      boolean published = i % 20 == 0;
      byte[] original = models.get(published ? 40 + i / 20 % 3 : random.nextInt(40));
      byte[] bytes = mutated(original);
      Path file = Files.write(folder.resolve("mutated.onnx"), bytes);
      try {
        OnnxModel model =
            assertTimeoutPreemptively(Duration.ofSeconds(10), () -> OnnxModel.read(file));
        read++;
        assertWhole(model);
        if (!published && model.isDescribed() && run(model)) {
          ran++;
        }
      } catch (DlacException e) {
        assertThat(e.getMessage()).contains("expected:", "try:");
      }
    }
    // Both happen often, or nothing was tried.
    assertThat(read).isBetween(CASES / 20, CASES * 19 / 20);
    assertThat(ran).isGreaterThan(CASES / 50);
  }

  private static void assertWhole(OnnxModel model) {
    Network network = model.network();
    assertThat(network.nodes()).isNotEmpty();
    for (Node node : network.nodes()) {
      assertThat(node.layer().ofm(node.name(), node.ifms())).isEqualTo(node.ofm());
      for (int input : node.inputs()) {
        assertThat(input).isBetween(Node.INPUT, node.index() - 1);
      }
    }
    assertThat(model.weights().tensors().keySet()).isEqualTo(Weights.shapes(network).keySet());
  }

  /** The largest magnitude; NaN if there is one. */
  private static double largest(double[][][] map) {
    return Arrays.stream(map)
        .flatMap(Arrays::stream)
        .flatMapToDouble(Arrays::stream)
        .map(Math::abs)
        .reduce(0, Math::max);
  }

  /** The engine's results are those of the textbook, or it refuses to run the file. */
  private static boolean run(OnnxModel model) {
    Network network = model.network();
    if (network.macs() > 1_000_000 || network.ifm().size() > 10_000) {
      return false;
    }
    Policy full = Policy.of("full");
    String last = network.nodes().get(network.nodes().size() - 1).name();
    Tensor images = new RandomNetworks(1).images(network, 1);
    try (Inference inference = Inference.of(model, model.weights(), full, List.of(last))) {
      float[] actual = inference.run(images).get(last).toArray();
      List<double[][][]> results =
          new NaiveForward(model.weights(), full).run(RandomNetworks.image(images, 0));
      if (results.stream().anyMatch(result -> !(largest(result) < OVERFLOWS))) {
        return true;
      }
      double[][][] expected = results.get(results.size() - 1);
      double size = Math.max(1, largest(expected));
      int at = 0;
      for (double[][] channel : expected) {
        for (double[] row : channel) {
          for (double value : row) {
            float found = actual[at++];
            assertThat(Math.abs(found - value)).as(network.toString()).isLessThan(1e-2 * size);
          }
        }
      }
      return true;
    }
  }

  // --- mutations ---

  private byte[] mutated(byte[] original) {
    byte[] bytes = original.clone();
    switch (random.nextInt(6)) {
      case 0 -> {
        for (int n = 1 + random.nextInt(4); n > 0; n--) {
          bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
      }
      case 1 -> bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      case 2 -> bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
      default -> bytes = field(bytes);
    }
    return bytes;
  }

  private byte[] field(byte[] bytes) {
    try {
      ModelProto.Builder model = ModelProto.parseFrom(bytes).toBuilder();
      GraphProto.Builder graph = model.getGraphBuilder();
      for (int n = 1 + random.nextInt(2); n > 0; n--) {
        switch (random.nextInt(6)) {
          case 0 -> tensor(graph);
          case 1 -> input(graph);
          case 2 -> extent(graph);
          case 3 -> model.getOpsetImportBuilder(0).setVersion(random.nextInt(30));
          default -> operator(graph);
        }
      }
      return model.build().toByteArray();
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  private void extent(GraphProto.Builder graph) {
    TensorShapeProto.Builder shape =
        graph
            .getInputBuilder(random.nextInt(graph.getInputCount()))
            .getTypeBuilder()
            .getTensorTypeBuilder()
            .getShapeBuilder();
    if (shape.getDimCount() > 0) {
      shape.getDimBuilder(random.nextInt(shape.getDimCount())).setDimValue(number());
    }
  }

  private void tensor(GraphProto.Builder graph) {
    if (graph.getInitializerCount() == 0) {
      return;
    }
    TensorProto.Builder tensor =
        graph.getInitializerBuilder(random.nextInt(graph.getInitializerCount()));
    switch (random.nextInt(4)) {
      case 0 -> tensor.setDataType(random.nextInt(24));
      case 1 -> tensor.addDims(number());
      case 2 -> tensor.addExternalDataBuilder().setKey("location").setValue("../../../etc/passwd");
      default -> {
        if (tensor.getDimsCount() > 0) {
          tensor.setDims(random.nextInt(tensor.getDimsCount()), number());
        }
      }
    }
  }

  private void input(GraphProto.Builder graph) {
    NodeProto.Builder node = graph.getNodeBuilder(random.nextInt(graph.getNodeCount()));
    NodeProto other = graph.getNode(random.nextInt(graph.getNodeCount()));
    if (node.getInputCount() > 0 && other.getOutputCount() > 0) {
      int at = random.nextInt(node.getInputCount());
      node.setInput(at, random.nextBoolean() ? other.getOutput(0) : "");
    }
  }

  private void operator(GraphProto.Builder graph) {
    NodeProto.Builder node = graph.getNodeBuilder(random.nextInt(graph.getNodeCount()));
    NodeProto other = graph.getNode(random.nextInt(graph.getNodeCount()));
    switch (random.nextInt(6)) {
      case 0 -> node.setOpType(other.getOpType());
      case 1 -> node.setName(other.getName());
      case 2 -> node.setDocString("ceilMode() pad(1, 2, 3, 4)");
      case 3 -> node.clearInput();
      default -> {
        if (node.getAttributeCount() > 0) {
          AttributeProto.Builder attribute =
              node.getAttributeBuilder(random.nextInt(node.getAttributeCount()));
          switch (random.nextInt(4)) {
            case 0 -> attribute.setType(AttributeProto.AttributeType.forNumber(random.nextInt(11)));
            case 1 -> attribute.setI(number()).setF((float) number());
            default -> {
              if (attribute.getIntsCount() > 0) {
                attribute.setInts(random.nextInt(attribute.getIntsCount()), number());
              } else {
                attribute.addInts(number());
              }
            }
          }
        }
      }
    }
  }

  private long number() {
    return random.nextInt(3) == 0 ? random.nextInt(10) : NUMBERS[random.nextInt(NUMBERS.length)];
  }
}
