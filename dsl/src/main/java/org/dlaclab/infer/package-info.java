/**
 * The one inference path: a network with its weights and quantizers, written as an ONNX graph and
 * run by ONNX Runtime, which gives predictions and the real activations of every layer.
 */
@NullMarked
package org.dlaclab.infer;

import org.jspecify.annotations.NullMarked;
