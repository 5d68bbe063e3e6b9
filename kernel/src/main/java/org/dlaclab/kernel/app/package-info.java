/** The program: starting a kernel, installing it, checking it. */
@NullMarked
package org.dlaclab.kernel.app;

import org.jspecify.annotations.NullMarked;
