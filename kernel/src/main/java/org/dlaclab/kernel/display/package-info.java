/** Values as MIME bundles, and the SPI through which libraries show theirs. */
@NullMarked
package org.dlaclab.kernel.display;

import org.jspecify.annotations.NullMarked;
