/** Files that are written whole or not at all. */
@NullMarked
package org.dlaclab.file;

import org.jspecify.annotations.NullMarked;
