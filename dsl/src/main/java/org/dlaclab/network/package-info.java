/** Describing a convolutional network: layers, shape inference, counts. */
@NullMarked
package org.dlaclab.network;

import org.jspecify.annotations.NullMarked;
