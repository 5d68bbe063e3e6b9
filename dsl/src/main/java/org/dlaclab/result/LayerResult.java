package org.dlaclab.result;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import org.dlaclab.grid.Skip;

/**
 * The result of one layer, or of all layers together, on one sample. Its figures are those of all
 * its passes taken together; {@link #of} picks some.
 *
 * @param layer name of the layer
 * @param quantizer what its weights went through
 * @param weights density of its weights
 * @param ifm density of its IFM, padding not counted
 * @param ofm density of what the layer hands on, after the batch normalization, addition and
 *     activation function that follow it
 * @param ofmGradient density of the gradient of its own output; not known if only the forward pass
 *     was simulated
 * @param skip the skip mode of the grid
 * @param passes for each pass the counts, and the timing in every skip mode; groups and stride
 *     phases one after another. A layer with nothing to train before it has no dgrad.
 */
public record LayerResult(
    String layer,
    String quantizer,
    Density weights,
    Density ifm,
    Density ofm,
    Density ofmGradient,
    Skip skip,
    Map<Pass, Tally> passes)
    implements Measured {
  public LayerResult {
    Map<Pass, Tally> ordered = new EnumMap<>(Pass.class);
    ordered.putAll(passes);
    passes = Collections.unmodifiableMap(ordered);
  }

  /** A forward pass. */
  public LayerResult(
      String layer,
      String quantizer,
      Density weights,
      Density ifm,
      Density ofm,
      Skip skip,
      Tally tally) {
    this(
        layer,
        quantizer,
        weights,
        ifm,
        ofm,
        Density.of(Double.NaN, 0),
        skip,
        Map.of(Pass.FORWARD, tally));
  }

  /** All passes together. */
  @Override
  public Tally tally() {
    return passes.size() == 1
        ? passes.values().iterator().next()
        : passes.values().stream().reduce(Tally.none(), Tally::plus);
  }

  /** This layer's work in these passes only; none is left of a pass that it does not have. */
  public LayerResult of(Passes some) {
    Map<Pass, Tally> left = new EnumMap<>(Pass.class);
    passes.forEach(
        (pass, tally) -> {
          if (some.contains(pass)) {
            left.put(pass, tally);
          }
        });
    return new LayerResult(layer, quantizer, weights, ifm, ofm, ofmGradient, skip, left);
  }

  /** Bytes of this operand that its passes move between DRAM and the chip. */
  public long dramBytes(Operand operand) {
    long bytes = 0;
    for (Map.Entry<Pass, Tally> entry : passes.entrySet()) {
      Pass pass = entry.getKey();
      Traffic traffic = entry.getValue().traffic(skip);
      bytes += pass.rows() == operand ? traffic.rows() : 0;
      bytes += pass.columns() == operand ? traffic.columns() : 0;
      bytes += pass.results() == operand ? traffic.results() : 0;
    }
    return bytes;
  }

  /** Share of non-zero weights, 0 to 1. */
  public double weightDensity() {
    return weights.share();
  }

  /** Share of non-zero IFM elements, 0 to 1. */
  public double ifmDensity() {
    return ifm.share();
  }

  /** Share of non-zero OFM elements, 0 to 1; NaN if it is not known. */
  public double ofmDensity() {
    return ofm.share();
  }

  /** Share of non-zero elements of the OFM's gradient, 0 to 1; NaN if it is not known. */
  public double ofmGradientDensity() {
    return ofmGradient.share();
  }

  /**
   * For example {@code conv1: 3,104 cycles, speedup 1.42, utilization 51.7 %, effectual 46.9 %},
   * and the passes if there are more than the forward pass.
   */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s%s: %,d cycles, speedup %.2f, utilization %.1f %%, effectual %.1f %%",
        layer,
        passes.keySet().equals(Passes.FORWARD.all()) || passes.isEmpty()
            ? ""
            : " (" + new Passes(passes.keySet()) + ")",
        cycles(),
        speedup(),
        100 * utilization(),
        100 * effectualShare());
  }
}
