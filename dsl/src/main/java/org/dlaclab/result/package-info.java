/** What a simulation says: cycles and where they went, per layer, per image and in total. */
@NullMarked
package org.dlaclab.result;

import org.jspecify.annotations.NullMarked;
