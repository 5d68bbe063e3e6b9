/**
 * The DLAC hardware as a value: a grid of PEs, its buffers and its skip control, validated
 * together.
 */
@NullMarked
package org.dlaclab.grid;

import org.jspecify.annotations.NullMarked;
