/** The DSL's one entry point, {@link org.dlaclab.Dlac}. */
@NullMarked
package org.dlaclab;

import org.jspecify.annotations.NullMarked;
