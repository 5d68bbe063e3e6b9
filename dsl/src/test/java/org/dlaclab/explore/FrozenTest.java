package org.dlaclab.explore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.dlaclab.Dlac.*;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.List;
import org.dlaclab.error.DlacException;
import org.dlaclab.grid.Grid;
import org.dlaclab.testing.RandomCases;
import org.junit.jupiter.api.Test;

/** What is sent to another machine. */
class FrozenTest {
  private static Object sent(Object value) throws IOException, ClassNotFoundException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(value);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      return in.readObject();
    }
  }

  @Test
  void aWorkloadThatWasSentGivesTheSameFigures() throws Exception {
    Workload workload =
        new Workload(
            zoo("lenet5"),
            policy("p", weights(ternary()), except(first(), bits(4)), activations(kBit(3))),
            synthetic(3, samples(2), batch(2)),
            training());
    List<Grid> grids = List.of(RandomCases.grid(1), RandomCases.grid(2), grid("g", pes(4, 8)));

    Workload there = (Workload) sent(Frozen.of(workload));
    List<Grid> gridsThere = List.of((Grid) sent(grids.get(0)), grids.get(1), grids.get(2));

    assertThat(gridsThere).isEqualTo(grids);
    assertThat(Work.Batch.simulate(there, gridsThere))
        .isEqualTo(Work.Batch.simulate(workload, grids));
  }

  @Test
  void withoutSparkItIsSaidWhatIsMissing() {
    assertThatThrownBy(() -> spark("spark://host:7077"))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("org.apache.spark:spark-core_2.13:4.2.0")
        .hasMessageContaining("./dlac fetch spark");
  }
}
