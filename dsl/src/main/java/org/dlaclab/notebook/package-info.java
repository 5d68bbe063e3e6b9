/** How the DSL's values, tables and figures show in a Jupyter notebook. */
@NullMarked
package org.dlaclab.notebook;

import org.jspecify.annotations.NullMarked;
