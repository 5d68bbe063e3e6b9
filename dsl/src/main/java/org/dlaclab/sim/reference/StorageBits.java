package org.dlaclab.sim.reference;

/**
 * Bits in which the elements of a product are stored.
 *
 * @param rows of a row operand's element
 * @param columns of a column operand's element
 * @param results of a result
 */
public record StorageBits(int rows, int columns, int results) {}
