/** Showing how far long work is. */
@NullMarked
package org.dlaclab.progress;

import org.jspecify.annotations.NullMarked;
