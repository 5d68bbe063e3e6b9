/**
 * Training of low-precision networks on DJL's PyTorch engine: the five techniques of Venkatesh et
 * al. (ICASSP 2017), an adaptive schedule, checkpoints. {@link org.dlaclab.train.Trainer} is the
 * door; only it and the classes beside it that are not public touch the engine.
 */
@NullMarked
package org.dlaclab.train;

import org.jspecify.annotations.NullMarked;
