/**
 * Quantities with their unit: small records, so that no public signature takes a naked number of
 * bytes or hertz.
 */
@NullMarked
package org.dlaclab.unit;

import org.jspecify.annotations.NullMarked;
