/** Sweeps over networks, policies, grids and tensors: what each point costs, and which are best. */
@NullMarked
package org.dlaclab.explore;

import org.jspecify.annotations.NullMarked;
