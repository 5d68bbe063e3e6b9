package org.dlaclab.result;

import java.util.Locale;
import org.dlaclab.grid.Skip;

/**
 * The result of one layer, or of all layers together, on one sample.
 *
 * @param layer name of the layer
 * @param quantizer what its weights went through
 * @param weights density of its weights
 * @param ifm density of its IFM, padding not counted
 * @param ofm density of what the layer hands on, after the batch normalization, addition and
 *     activation function that follow it
 * @param skip the skip mode of the grid
 * @param tally the counts, and the timing in every skip mode; groups one after another
 */
public record LayerResult(
    String layer,
    String quantizer,
    Density weights,
    Density ifm,
    Density ofm,
    Skip skip,
    Tally tally)
    implements Measured {

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

  /**
   * For example {@code conv1: 3,104 cycles, speedup 1.42, utilization 51.7 %, effectual 46.9 %}.
   */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s: %,d cycles, speedup %.2f, utilization %.1f %%, effectual %.1f %%",
        layer,
        cycles(),
        speedup(),
        100 * utilization(),
        100.0 * effectual() / macs());
  }
}
