/**
 * Trains the networks that DLAC Lab ships with ternary weights, and checks the accuracy that their
 * stamps claim.
 *
 * <p>A plain loop on DJL with the PyTorch engine. It needs the Maven profile {@code train}; see
 * {@code examples/README.md}.
 */
@NullMarked
package org.dlaclab.examples.training;

import org.jspecify.annotations.NullMarked;
