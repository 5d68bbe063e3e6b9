/** Quantization policies: which layer gets which quantizer, and the quantizers themselves. */
@NullMarked
package org.dlaclab.quant;

import org.jspecify.annotations.NullMarked;
