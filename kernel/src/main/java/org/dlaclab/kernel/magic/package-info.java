/** Commands that begin with a percent sign. */
@NullMarked
package org.dlaclab.kernel.magic;

import org.jspecify.annotations.NullMarked;
