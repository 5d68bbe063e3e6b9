/** What several packages' tests share. */
@NullMarked
package org.dlaclab.testing;

import org.jspecify.annotations.NullMarked;
