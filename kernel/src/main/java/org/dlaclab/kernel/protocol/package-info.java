/**
 * Jupyter's wire: connection file, messages, signatures, channels on JeroMQ. It knows nothing of
 * Java code.
 */
@NullMarked
package org.dlaclab.kernel.protocol;

import org.jspecify.annotations.NullMarked;
