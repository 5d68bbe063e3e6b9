package org.dlaclab.explore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.dlaclab.Dlac.*;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.dlaclab.error.DlacException;
import org.dlaclab.infer.Trained;
import org.dlaclab.network.Network;
import org.dlaclab.network.Weights;
import org.dlaclab.quant.Policy;
import org.dlaclab.tensor.Shape;
import org.dlaclab.tensor.Tensor;
import org.junit.jupiter.api.Test;

class PolicyAccuracyTest {
  private static final Network NET =
      network("net", ifm(1, 4, 4), conv("a", filters(2), kernel(3)), relu());
  private static final Policy TWN = policy("twn", weights(ternary()));
  private static final Setting BASE =
      new Setting(NET, TWN, grid("g", pes(1, 1)), seed(1), inference());

  @Test
  void theAccuracyOfATrainedNetworkIsKnownByAllThatDecidesAboutIt() {
    Trained lenet = trained("lenet5");
    List<Integer> rotated = new ArrayList<>(lenet.labels());
    Collections.rotate(rotated, 1);

    String name = accuracy(lenet).name();

    assertThat(accuracy(trained("lenet5")).name()).isEqualTo(name);
    assertThat(accuracy(lenet.withImages(lenet.images(), rotated)).name())
        .as("other labels")
        .isNotEqualTo(name);
    assertThat(accuracy(trained("resnet20")).name()).as("another network").isNotEqualTo(name);
  }

  @Test
  void theLayersWithoutWeightsDecideAboutTheAccuracyToo() {
    Network linear = network("net", ifm(1, 4, 4), conv("a", filters(2), kernel(3)));
    Map<String, Tensor> weights = Map.of("a.weight", ones(2, 1, 3, 3), "a.bias", ones(2));

    assertThat(accuracy(with(linear, weights)).name())
        .isNotEqualTo(accuracy(with(NET, weights)).name());
  }

  private static Trained with(Network network, Map<String, Tensor> weights) {
    return new Trained(
        "t", new Weights(network, weights), TWN, Map.of(), ones(1, 1, 4, 4), List.of(0));
  }

  private static Tensor ones(int... dims) {
    Shape shape = Shape.of(dims);
    float[] values = new float[Math.toIntExact(shape.size())];
    java.util.Arrays.fill(values, 1);
    return Tensor.of(shape, values);
  }

  @Test
  void anAccuracyOfATrainedNetworkNeedsLabels() {
    Trained lenet = trained("lenet5");

    assertThatThrownBy(() -> accuracy(lenet.withImages(lenet.images(), List.of())))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("accuracy(trained) needs labels")
        .hasMessageContaining("withImages(images, labels)");
  }

  @Test
  void anAccuracyThatIsNoShareIsARowWithItsError() {
    for (double wrong : new double[] {Double.NaN, -0.1, 93.5, Double.POSITIVE_INFINITY}) {
      Exploration sweep =
          Sweep.of("s", BASE, over(window(1), window(2)), accuracy("mine", policy -> wrong)).run();

      assertThat(sweep.failed())
          .hasSize(2)
          .allSatisfy(
              p ->
                  assertThat(p.failure())
                      .contains("accuracy \"mine\" of policy twn is " + wrong, "from 0 to 1"));
    }
  }

  @Test
  void anAccuracyThatFailsIsAskedForOnceAndIsARow() {
    for (Throwable thrown :
        List.of(
            new IllegalStateException("x"),
            new StackOverflowError("x"),
            new NoClassDefFoundError("x"))) {
      List<Policy> asked = new ArrayList<>();
      Exploration sweep =
          Sweep.of(
                  "s",
                  BASE,
                  over(window(1), window(2), window(4)),
                  over(policy("bad", weights(ternary())), policy("good", weights(bits(8)))),
                  accuracy(
                      "mine",
                      policy -> {
                        asked.add(policy);
                        if (policy.name().equals("bad")) {
                          throw sneaky(thrown);
                        }
                        return 0.5;
                      }))
              .run();

      assertThat(asked).hasSize(2);
      assertThat(sweep.succeeded()).hasSize(3);
      assertThat(sweep.failed())
          .hasSize(3)
          .allSatisfy(p -> assertThat(p.failure()).contains(thrown.toString()));
    }
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> RuntimeException sneaky(Throwable thrown) throws T {
    throw (T) thrown;
  }
}
