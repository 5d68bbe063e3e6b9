package org.dlaclab.examples.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.dlaclab.network.Weights;
import org.dlaclab.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The weights that training begins with. */
class ParametersTest {

  @Test
  void haveTheVarianceOfHeEtAl() {
    // 64 filters of 64 x 3 x 3: 36,864 weights, whose sample variance is within 5 % of 2 / 576 for
    // any sane generator.
    Tensor weights =
        Parameters.initial(Train.network("resnet20"), 1).tensors().get("conv4_3b.weight");
    assertThat(weights).isNotNull();
    double squares = 0;
    for (float w : weights.toArray()) {
      squares += (double) w * w;
    }
    assertThat(squares / weights.size()).isCloseTo(2.0 / 576, within(0.05 * 2 / 576));
  }

  @ParameterizedTest
  @ValueSource(strings = {"lenet5", "resnet20"})
  void areTheSameForTheSameSeedOnly(String network) {
    Weights weights = Parameters.initial(Train.network(network), 5);
    Weights same = Parameters.initial(Train.network(network), 5);
    Weights other = Parameters.initial(Train.network(network), 6);
    assertThat(values(same)).isEqualTo(values(weights));
    assertThat(values(other)).isNotEqualTo(values(weights));
  }

  private static float[] values(Weights weights) {
    Tensor tensor = weights.tensors().get("conv1.weight");
    assertThat(tensor).isNotNull();
    return tensor.toArray();
  }
}
