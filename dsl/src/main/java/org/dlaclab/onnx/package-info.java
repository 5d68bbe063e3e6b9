/**
 * Networks from ONNX files: a file is checked, its shapes are inferred, and what the DSL has words
 * for becomes layers. Nothing here runs a network or loads native code.
 */
@NullMarked
package org.dlaclab.onnx;

import org.jspecify.annotations.NullMarked;
