/** Published networks by name. */
@NullMarked
package org.dlaclab.zoo;

import org.jspecify.annotations.NullMarked;
