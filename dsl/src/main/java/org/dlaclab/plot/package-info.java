/**
 * Charts and pages: one immutable description, shown as an interactive page without network, as a
 * static picture, and as text in a terminal.
 */
@NullMarked
package org.dlaclab.plot;

import org.jspecify.annotations.NullMarked;
