/** What cells may use: {@link org.dlaclab.kernel.Jupyter}, which each session imports. */
@NullMarked
package org.dlaclab.kernel;

import org.jspecify.annotations.NullMarked;
