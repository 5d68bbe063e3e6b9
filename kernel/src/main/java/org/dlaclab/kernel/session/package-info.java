/** The kernel itself: answers each request with the evaluator, the displays and the magics. */
@NullMarked
package org.dlaclab.kernel.session;

import org.jspecify.annotations.NullMarked;
