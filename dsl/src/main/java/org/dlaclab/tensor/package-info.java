/** Dense float tensors, bit-packed masks, and the file formats they come in. */
@NullMarked
package org.dlaclab.tensor;

import org.jspecify.annotations.NullMarked;
