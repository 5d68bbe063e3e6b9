package org.dlaclab.result;

import org.dlaclab.grid.Skip;

/**
 * The result of one layer on one sample.
 *
 * @param layer name of the layer
 * @param quantizer what its weights went through
 * @param weightDensity share of non-zero weights, 0 to 1
 * @param ifmDensity share of non-zero IFM elements, padding not counted, 0 to 1
 * @param ofmDensity share of non-zeros in what the layer hands on; NaN if it is not known
 * @param skip the skip mode of the grid
 * @param tally the counts, and the timing in every skip mode; groups one after another
 */
public record LayerResult(
    String layer,
    String quantizer,
    double weightDensity,
    double ifmDensity,
    double ofmDensity,
    Skip skip,
    Tally tally)
    implements Measured {}
