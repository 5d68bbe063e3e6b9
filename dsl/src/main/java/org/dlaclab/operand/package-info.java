/**
 * Where the operands of a simulation come from: synthetic masks, files, or the real activations of
 * a trained network.
 */
@NullMarked
package org.dlaclab.operand;

import org.jspecify.annotations.NullMarked;
