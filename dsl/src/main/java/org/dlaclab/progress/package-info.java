/** Showing how far long work is and what it has so far, and ending it before it is done. */
@NullMarked
package org.dlaclab.progress;

import org.jspecify.annotations.NullMarked;
