package org.dlaclab.operand;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.dlaclab.network.Layers.*;

import java.nio.FloatBuffer;
import java.util.Random;
import org.dlaclab.error.DlacException;
import org.dlaclab.network.FeatureMap;
import org.dlaclab.network.Network;
import org.dlaclab.tensor.BitMatrix;
import org.dlaclab.tensor.Shape;
import org.dlaclab.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MasksTest {

  @ParameterizedTest(name = "{0} channels, images in parts of {1}")
  @CsvSource({"3, 1", "64, 2", "65, 3", "130, 5"})
  void imagesMayComeInParts(int channels, int part) {
    FeatureMap map = new FeatureMap(channels, 3, 4);
    Random random = new Random(channels);
    float[] values = new float[5 * (int) map.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextInt(3) - 1;
    }
    long[] words = Masks.allocate("test", map, 5);
    for (int first = 0; first < 5; first += part) {
      int count = Math.min(part, 5 - first);
      FloatBuffer some =
          FloatBuffer.wrap(values, first * (int) map.size(), count * (int) map.size());
      Masks.fill("test", map, first, count, some, words);
    }
    BitMatrix mask = BitMatrix.of(5 * 12, channels, words);

    for (int i = 0; i < values.length; i++) {
      int image = i / (int) map.size();
      int channel = i / 12 % channels;
      assertThat(mask.get(image * 12 + i % 12, channel)).isEqualTo(values[i] != 0);
    }
  }

  @Test
  void negativeZeroIsZero() {
    BitMatrix mask =
        Masks.featureMap("test", new FeatureMap(2, 1, 1), FloatBuffer.wrap(new float[] {-0f, 1}));
    assertThat(mask.get(0, 0)).isFalse();
    assertThat(mask.get(0, 1)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"NaN", "Infinity", "-Infinity"})
  void valuesThatAreNotFiniteAreRefusedWithTheirPlace(float bad) {
    float[] values = new float[16];
    values[9] = bad;
    FeatureMap map = new FeatureMap(2, 2, 2);
    assertThatThrownBy(
            () -> Masks.fill("the IFM of \"a\"", map, 6, 2, FloatBuffer.wrap(values), new long[40]))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("the IFM of \"a\" holds NaN or infinity in channel 0 of image 7");
  }

  @Test
  void weightsOfAnotherShapeAreRefusedWithBothShapes() {
    Network network = network("n", ifm(4, 3, 3), conv("c", filters(2), kernel(3), groups(2)));
    assertThatThrownBy(
            () -> Masks.weights(network.node("c"), Tensor.of(Shape.of(2, 4, 3, 3), new float[72])))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("\"c\"")
        .hasMessageContaining("2x4x3x3")
        .hasMessageContaining("2x2x3x3");
  }
}
