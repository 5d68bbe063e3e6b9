/** Libraries that need not be there. */
@NullMarked
package org.dlaclab.library;

import org.jspecify.annotations.NullMarked;
