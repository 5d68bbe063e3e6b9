/** Labelled images: reading them, holding some out, and dealing them to training in batches. */
@NullMarked
package org.dlaclab.data;

import org.jspecify.annotations.NullMarked;
