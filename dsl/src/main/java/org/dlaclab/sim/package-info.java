/**
 * The exact simulator: layers lowered to masked matrix products, and the machine model that times
 * them.
 */
@NullMarked
package org.dlaclab.sim;

import org.jspecify.annotations.NullMarked;
