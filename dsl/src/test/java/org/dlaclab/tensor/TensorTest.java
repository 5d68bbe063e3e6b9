package org.dlaclab.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.dlaclab.error.Refusals.assertRefused;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TensorTest {

  @Nested
  class Shapes {
    @Test
    void sizeIsTheProductOfTheExtents() {
      assertThat(Shape.of(64, 3, 7, 7).size()).isEqualTo(9408);
      assertThat(Shape.of().size()).isOne();
      assertThat(Shape.of(5, 0, 2).size()).isZero();
      assertThat(Shape.of(1 << 20, 1 << 20).size()).isEqualTo(1L << 40);
    }

    @Test
    void displayAndAccess() {
      assertThat(Shape.of(64, 3, 7, 7)).hasToString("64x3x7x7");
      assertThat(Shape.of()).hasToString("scalar");
      assertThat(Shape.of(2, 3).rank()).isEqualTo(2);
      assertThat(Shape.of(2, 3).dim(1)).isEqualTo(3);
    }

    @Test
    void areValues() {
      List<Integer> dims = new ArrayList<>(List.of(2, 3));
      Shape shape = new Shape(dims);
      dims.set(0, 7);
      assertThat(shape).isEqualTo(Shape.of(2, 3));
    }

    @Test
    void haveNoNegativeExtent() {
      assertRefused(() -> Shape.of(2, -3), "2x-3", "0 or more");
    }
  }

  @Nested
  class Tensors {
    @Test
    void lastDimensionIsFastest() {
      Tensor tensor = Tensor.of(Shape.of(2, 3), 1, 2, 3, 4, 5, 6);
      assertThat(tensor.get(1 * 3 + 2)).isEqualTo(6);
      assertThat(tensor.size()).isEqualTo(6);
    }

    @Test
    void densityCountsWhatIsNotExactlyZero() {
      assertThat(Tensor.of(Shape.of(4), 0f, -0f, Float.MIN_VALUE, Float.NaN).density())
          .isEqualTo(0.5);
      assertThat(Tensor.of(Shape.of(0)).density()).isZero();
    }

    @Test
    void theArrayIsACopy() {
      Tensor tensor = Tensor.of(Shape.of(2), 1, 2);
      tensor.toArray()[0] = 9;
      assertThat(tensor.get(0)).isEqualTo(1);
    }

    @Test
    void valuesMustFillTheShape() {
      assertRefused(() -> Tensor.of(Shape.of(2, 3), 1f), "2x3", "got 1 value", "6 values");
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void aValueThatIsNotFiniteIsNamedWithItsPlace(float value) {
      Tensor tensor = Tensor.of(Shape.of(2, 2), 1, 2, value, 4);
      assertRefused(
          () -> tensor.requireFinite("conv1.weight"), "conv1.weight", value + " at index 2", "2x2");
      Tensor finite = Tensor.of(Shape.of(2), 0, Float.MAX_VALUE);
      assertThat(finite.requireFinite("it")).isSameAs(finite);
    }
  }
}
