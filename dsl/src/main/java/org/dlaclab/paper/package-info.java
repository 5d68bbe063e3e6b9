/** Machines of papers as grids, and their published figures beside ours. */
@NullMarked
package org.dlaclab.paper;

import org.jspecify.annotations.NullMarked;
