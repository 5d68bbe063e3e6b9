/** What arithmetic, buffers and DRAM cost in energy and area, by process; every figure sourced. */
@NullMarked
package org.dlaclab.tech;

import org.jspecify.annotations.NullMarked;
