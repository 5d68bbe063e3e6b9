package org.dlaclab.operand;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.dlaclab.error.Refusals.assertRefused;
import static org.dlaclab.network.Layers.*;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.dlaclab.error.DlacException;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.quant.Policy;
import org.dlaclab.quant.Quantizer;
import org.dlaclab.tensor.BitMatrix;
import org.dlaclab.tensor.Shape;
import org.dlaclab.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileTensorsTest {
  private static final Policy TERNARY =
      new Policy("twn", new Quantizer.Ternary(Quantizer.Scale.PER_FILTER), List.of());
  private static final Network NETWORK =
      network(
          "small",
          ifm(6, 5, 4),
          conv("conv1", filters(4), kernel(2, 3), groups(2)),
          relu(),
          flatten(),
          fc("fc", 7));

  @TempDir Path folder;
  private final Random random = new Random(5);

  @SuppressWarnings("ArrayRecordComponent")
  private record Saved(boolean mask, Shape shape, float[] values) {}

  private Saved floats(int... dims) {
    Shape shape = Shape.of(dims);
    float[] values = new float[(int) shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextBoolean() ? 0 : (float) random.nextGaussian();
    }
    return new Saved(false, shape, values);
  }

  private Map<String, Saved> sound(int images) {
    return new TreeMap<>(
        Map.of(
            "conv1.weight",
            floats(4, 3, 2, 3),
            "conv1.ifm",
            images == 0 ? floats(6, 5, 4) : floats(images, 6, 5, 4),
            "fc.weight",
            floats(7, 32),
            "fc.ifm",
            images == 0 ? floats(32) : floats(images, 32)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"archive", "folder"})
  void weightsAreQuantizedAndMasksAreInTheSimulatorsOrder(String form) throws IOException {
    Map<String, Saved> saved = sound(3);
    Operands operands = bind(saved, form.equals("archive"));

    assertThat(operands.samples()).isEqualTo(3);
    assertThat(operands.batch()).isEqualTo(1);

    Node conv = NETWORK.node("conv1");
    Saved weight = saved.get("conv1.weight");
    Tensor quantized =
        TERNARY.weights().quantize(Tensor.of(weight.shape(), weight.values().clone()));
    BitMatrix weights = operands.weights(conv);
    assertThat(weights.rows()).isEqualTo(4);
    assertThat(weights.columns()).isEqualTo(2 * 3 * 3);
    for (int k = 0; k < 4; k++) {
      for (int c = 0; c < 3; c++) {
        for (int r = 0; r < 2; r++) {
          for (int s = 0; s < 3; s++) {
            assertThat(weights.get(k, (r * 3 + s) * 3 + c))
                .isEqualTo(quantized.get(((k * 3 + c) * 2 + r) * 3 + s) != 0);
          }
        }
      }
    }
    for (int n = 0; n < 3; n++) {
      BitMatrix ifm = operands.sample(n).ifm(conv);
      assertThat(ifm.rows()).isEqualTo(20);
      assertThat(ifm.columns()).isEqualTo(6);
      for (int c = 0; c < 6; c++) {
        for (int p = 0; p < 20; p++) {
          assertThat(ifm.get(p, c))
              .isEqualTo(saved.get("conv1.ifm").values()[(n * 6 + c) * 20 + p] != 0);
        }
      }
      BitMatrix features = operands.sample(n).ifm(NETWORK.node("fc"));
      assertThat(features.rows()).isEqualTo(1);
      for (int c = 0; c < 32; c++) {
        assertThat(features.get(0, c)).isEqualTo(saved.get("fc.ifm").values()[n * 32 + c] != 0);
      }
      assertThat(operands.sample(n).ofmDensity(conv)).isNaN();
    }
  }

  @Test
  void oneImageNeedsNoDimensionOfItsOwn() throws IOException {
    Operands operands = bind(sound(0), true);
    assertThat(operands.samples()).isEqualTo(1);
    assertThat(operands.sample(0).ifm(NETWORK.node("conv1")).rows()).isEqualTo(20);
    assertThat(operands.sample(0).ifm(NETWORK.node("fc")).columns()).isEqualTo(32);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void gradientsAreInTheOrderOfTheOfm(int images) throws IOException {
    Map<String, Saved> saved = sound(images);
    saved.put("conv1.ofm_gradient", images == 0 ? floats(4, 4, 2) : floats(images, 4, 4, 2));
    saved.put("fc.ofm_gradient", images == 0 ? floats(7) : floats(images, 7, 1, 1));
    Operands operands = bind(saved, true);
    for (int n = 0; n < operands.samples(); n++) {
      BitMatrix gradient = operands.sample(n).ofmGradient(NETWORK.node("conv1"));
      assertThat(List.of(gradient.rows(), gradient.columns())).containsExactly(8, 4);
      for (int k = 0; k < 4; k++) {
        for (int p = 0; p < 8; p++) {
          assertThat(gradient.get(p, k))
              .isEqualTo(saved.get("conv1.ofm_gradient").values()[(n * 4 + k) * 8 + p] != 0);
        }
      }
      BitMatrix flat = operands.sample(n).ofmGradient(NETWORK.node("fc"));
      assertThat(List.of(flat.rows(), flat.columns())).containsExactly(1, 7);
      for (int k = 0; k < 7; k++) {
        assertThat(flat.get(0, k)).isEqualTo(saved.get("fc.ofm_gradient").values()[n * 7 + k] != 0);
      }
    }
  }

  /** Inference does not need them, so they are missed only when they are asked for. */
  @Test
  void aMissingGradientIsNamedWhenItIsNeeded() throws IOException {
    Map<String, Saved> saved = sound(2);
    saved.put("conv1.ofm_gradient", floats(2, 4, 4, 2));
    Operands operands = bind(saved, true);
    assertRefused(
        () -> operands.sample(0).ofmGradient(NETWORK.node("conv1")),
        "t.npz",
        "\"fc.ofm_gradient\"",
        "inference()");
    saved.put("fc.ofm_gradient", floats(3, 7));
    assertRefused(() -> bind(saved, true), "3 images for \"fc.ofm_gradient\", but 2");
    saved.put("fc.ofm_gradient", floats(2, 8));
    assertRefused(() -> bind(saved, true), "fc.ofm_gradient", "2x8", "Nx7x1x1");
  }

  @Test
  void aBooleanMaskIsTakenAsItIs() throws IOException {
    Map<String, Saved> saved = sound(0);
    float[] bits = new float[72];
    for (int i = 0; i < 72; i++) {
      bits[i] = i % 5 == 0 ? 1 : 0;
    }
    saved.put("conv1.weight", new Saved(true, Shape.of(4, 3, 2, 3), bits));
    // A ternary quantizer would drop ones of a filter only if there were larger weights.
    BitMatrix weights = bind(saved, true).weights(NETWORK.node("conv1"));
    assertThat(weights.ones()).isEqualTo(15);
    assertThat(weights.get(0, 0)).isTrue();
  }

  @Test
  void theOriginNamesTheFileAndItsDigest() throws IOException {
    Map<String, Saved> saved = sound(0);
    String origin = bind(saved, true).origin();
    assertThat(origin).contains("t.npz").containsPattern("sha256 [0-9a-f]{12}\\)");
    assertThat(bind(saved, true).origin()).isEqualTo(origin);
    assertThat(bind(sound(0), true).origin()).isNotEqualTo(origin);
  }

  @Test
  void aMissingArrayNamesTheLayerTheFileAndTheShape() {
    for (String name : List.of("conv1.weight", "fc.ifm")) {
      Map<String, Saved> saved = sound(2);
      saved.remove(name);
      assertThatThrownBy(() -> bind(saved, true))
          .isInstanceOf(DlacException.class)
          .hasMessageContaining("t.npz")
          .hasMessageContaining("\"" + name + "\"")
          .hasMessageContaining("of small")
          .hasMessageContaining(name.equals("fc.ifm") ? "32x1x1" : "4x3x2x3");
    }
  }

  @Test
  void aWrongShapeNamesTheLayerTheFileAndBothShapes() {
    Map<String, Saved> weights = sound(2);
    weights.put("conv1.weight", floats(4, 6, 2, 3));
    assertThatThrownBy(() -> bind(weights, true))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("t.npz")
        .hasMessageContaining("conv \"conv1\" of small")
        .hasMessageContaining("4x6x2x3")
        .hasMessageContaining("4x3x2x3");
    Map<String, Saved> ifms = sound(2);
    ifms.put("conv1.ifm", floats(2, 5, 4, 6));
    assertThatThrownBy(() -> bind(ifms, false))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("2x5x4x6")
        .hasMessageContaining("6x5x4 or Nx6x5x4")
        .hasMessageContaining("transpose");
  }

  @Test
  void allLayersHaveTheSameImages() {
    Map<String, Saved> saved = sound(2);
    saved.put("fc.ifm", floats(3, 32));
    assertThatThrownBy(() -> bind(saved, true))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("3 images for \"fc\", but 2 for \"conv1\"");
  }

  @Test
  void valuesThatAreNotFiniteNameTheArray() throws IOException {
    Map<String, Saved> saved = sound(2);
    saved.get("conv1.weight").values()[7] = Float.NaN;
    saved.get("fc.ifm").values()[40] = Float.POSITIVE_INFINITY;
    Operands operands = bind(saved, true);
    assertThatThrownBy(() -> operands.weights(NETWORK.node("conv1")))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("conv1.weight")
        .hasMessageContaining("NaN at index 7");
    assertThat(operands.sample(0).ifm(NETWORK.node("fc"))).isNotNull();
    assertThatThrownBy(() -> operands.sample(1).ifm(NETWORK.node("fc")))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("fc.ifm")
        .hasMessageContaining("infinity");
  }

  private Operands bind(Map<String, Saved> saved, boolean archive) throws IOException {
    Path path = folder.resolve(archive ? "t.npz" : "t");
    if (archive) {
      try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(path))) {
        for (Map.Entry<String, Saved> e : saved.entrySet()) {
          ZipEntry entry = new ZipEntry(e.getKey() + ".npy");
          entry.setTime(0);
          zip.putNextEntry(entry);
          zip.write(npy(e.getValue()));
        }
      }
    } else {
      Files.createDirectories(path);
      for (Map.Entry<String, Saved> e : saved.entrySet()) {
        Files.write(path.resolve(e.getKey() + ".npy"), npy(e.getValue()));
      }
    }
    return new FileTensors(path).bind(NETWORK, TERNARY);
  }

  private static byte[] npy(Saved saved) {
    String dims = saved.shape().dims().toString();
    String header =
        "{'descr': '%s', 'fortran_order': False, 'shape': (%s,), }\n"
            .formatted(saved.mask() ? "|b1" : "<f4", dims.substring(1, dims.length() - 1));
    ByteBuffer buffer =
        ByteBuffer.allocate(10 + header.length() + saved.values().length * (saved.mask() ? 1 : 4))
            .order(ByteOrder.LITTLE_ENDIAN)
            .put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0})
            .putShort((short) header.length())
            .put(header.getBytes(StandardCharsets.US_ASCII));
    for (float value : saved.values()) {
      if (saved.mask()) {
        buffer.put((byte) value);
      } else {
        buffer.putFloat(value);
      }
    }
    return buffer.array();
  }
}
