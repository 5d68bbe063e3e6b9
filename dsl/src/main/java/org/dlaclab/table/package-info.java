/**
 * One table model, a tablesaw {@code Table} with formatted columns, and the forms it is written in.
 */
@NullMarked
package org.dlaclab.table;

import org.jspecify.annotations.NullMarked;
