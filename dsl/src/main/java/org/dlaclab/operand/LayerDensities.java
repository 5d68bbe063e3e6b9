package org.dlaclab.operand;

/**
 * The share of non-zeros in a grid layer's operands, each 0 to 1, or NaN where it is not known.
 *
 * @param weight of its weights
 * @param ifm of its IFM
 * @param ofm of what it hands on, see {@link Operands.Sample#ofmDensity}
 * @param gradient of its OFM gradient
 */
public record LayerDensities(double weight, double ifm, double ofm, double gradient) {}
