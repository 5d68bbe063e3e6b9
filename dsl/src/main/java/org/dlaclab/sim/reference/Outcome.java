package org.dlaclab.sim.reference;

import java.util.List;
import org.dlaclab.tensor.Tensor;

/**
 * What the reference machine did: the values it computed, and where its cycles went.
 *
 * <p>{@code compute + scanLimit + imbalance + drain + stall == cycles}, up to rounding of the
 * means.
 *
 * @param ofm the result: {@code M x N} for a product, {@code B x K x P x Q} for a convolution
 * @param cycles the whole run
 * @param macs pairs of a dense machine, {@code M * N * K} summed over the products
 * @param issued pairs that went to an arithmetic unit
 * @param effectual pairs of two non-zero operands; all of them are issued in every skip mode
 * @param compute cycles in which a PE issues at least one pair, mean over all PEs
 * @param scanLimit cycles in which a PE finds nothing but zeros in its window, mean over all PEs
 * @param imbalance cycles in which a PE waits for another PE's computation, mean over all PEs
 * @param drain cycles in which no PE has work and only results leave
 * @param stall cycles in which the grid waits for DRAM
 * @param rowBytes bytes of row operands that come from DRAM
 * @param columnBytes bytes of column operands that come from DRAM
 * @param resultBytes bytes of results that go to DRAM
 * @param rowReadBytes bytes that passes read from the weight buffer
 * @param columnReadBytes bytes that passes read from the IFM buffer
 * @param issueCycles for each PE, {@code [row][column]}, its cycles of {@code compute}
 */
public record Outcome(
    Tensor ofm,
    long cycles,
    long macs,
    long issued,
    long effectual,
    double compute,
    double scanLimit,
    double imbalance,
    double drain,
    long stall,
    long rowBytes,
    long columnBytes,
    long resultBytes,
    long rowReadBytes,
    long columnReadBytes,
    List<List<Long>> issueCycles) {

  public Outcome {
    issueCycles = issueCycles.stream().map(List::copyOf).toList();
  }
}
