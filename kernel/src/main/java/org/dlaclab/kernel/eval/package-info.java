/**
 * Java code in JShell: running cells, errors, completion, inspection, interrupt. It knows nothing
 * of Jupyter.
 */
@NullMarked
package org.dlaclab.kernel.eval;

import org.jspecify.annotations.NullMarked;
