package org.dlaclab.explore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.dlaclab.Dlac.*;

import org.junit.jupiter.api.Test;

class IdentityTest {
  /**
   * Stores keep figures by inputs and by the number of the model. These are of the model of the
   * number beside them, and say nothing of whether they are right: who changes what equal inputs
   * come to raises {@code Identity.MODEL}, so that stores compute their points again, and then
   * writes the new figures here.
   */
  @Test
  void otherFiguresOfEqualInputsNeedAnotherNumberOfTheModel() {
    var net =
        network(
            "net",
            ifm(5, 9, 9),
            conv("a", filters(10), kernel(3), stride(2), pad(1)),
            relu(),
            conv("b", filters(6), kernel(2)),
            relu(),
            flatten(),
            fc("c", 4));
    var machine =
        grid(
            "g",
            pes(2, 2),
            tile(2, 4),
            lanes(4),
            multipliers(2),
            window(4),
            skip(BOTH),
            storage(BY_SKIP),
            weightBuffer(KiB(0.0625)),
            ifmBuffer(KiB(0.0625)),
            dram(GBps(2)));
    Exploration points =
        Sweep.of(
                "s",
                new Setting(
                    net,
                    policy("twn", weights(ternary())),
                    machine,
                    synthetic(1, samples(2), batch(2)),
                    training()),
                over(policy("twn", weights(ternary())), policy("int8", weights(bits(8)))))
            .run();

    assertThat(Identity.MODEL).isEqualTo(2);
    assertThat(points.points())
        .extracting(Point::toString)
        .containsExactly(
            """
            point 1: twn
              cycles 16,185
              time 0.032 ms
              speedup 1.27
              utilization 0.145
              effectual share 0.347
              MACs/cycle 4.6
              DRAM bytes 64,045
              energy 10.26 uJ
              area 0.0221 mm2
              TFLOP/s/mm2 0.209
              PE count 4""",
            """
            point 2: int8
              cycles 18,151
              time 0.036 ms
              speedup 1.25
              utilization 0.251
              effectual share 0.488
              MACs/cycle 4.1
              DRAM bytes 70,540
              energy 11.32 uJ
              area 0.0221 mm2
              TFLOP/s/mm2 0.186
              PE count 4""");
  }
}
