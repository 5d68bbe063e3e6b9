/** The programs behind the {@code dlac} launcher: scripts, the interactive shell, the doctor. */
@NullMarked
package org.dlaclab.shell;

import org.jspecify.annotations.NullMarked;
