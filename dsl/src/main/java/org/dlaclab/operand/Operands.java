package org.dlaclab.operand;

import org.dlaclab.error.DlacException;
import org.dlaclab.network.Node;
import org.dlaclab.tensor.BitMatrix;

/**
 * Which operands of a network's grid layers are non-zero, after the quantization policy has been
 * applied. Calls may be slow: masks are made when they are asked for, so that memory is bounded by
 * a layer and not by the network.
 */
public interface Operands extends AutoCloseable {
  /** One line for reports: which tensors these are, with seed, densities or files. */
  String origin();

  /**
   * What {@link #origin()} leaves to say of the gradients, if training is simulated; may be empty.
   */
  default String gradientOrigin() {
    return "";
  }

  /** How many samples there are: each is simulated on its own. */
  int samples();

  /** Images per sample. */
  int batch();

  /**
   * Non-zero weights of a grid layer.
   *
   * @return {@code K x (R * S * C/groups)}, c fastest, then s, then r
   */
  BitMatrix weights(Node layer);

  /**
   * Whether a grid layer's weights were given as a mask, of which no values are known. A mask
   * counts as ternary: adder lanes serve it, whatever the policy.
   */
  default boolean isMask(Node layer) {
    return false;
  }

  /**
   * Sample {@code index}, 0 to {@code samples() - 1}.
   *
   * @throws org.dlaclab.error.DlacException if its real activations cannot be computed
   */
  Sample sample(int index);

  /** Frees what is held outside of the heap, if anything; nothing may be asked for after it. */
  @Override
  default void close() {}

  /** The activations of one batch of images and, where training goes on, the gradients. */
  interface Sample {
    /**
     * Non-zero elements of a grid layer's IFM.
     *
     * @return {@code (batch * H * W) x C}: a row per pixel, w fastest, then h, then image
     */
    BitMatrix ifm(Node layer);

    /**
     * Share of non-zeros in what a grid layer hands on, after the batch normalization, addition and
     * activation function that follow it and before pooling; NaN if it is not known.
     */
    double ofmDensity(Node layer);

    /**
     * Non-zero elements of the gradient of the loss with respect to a grid layer's OFM: to the
     * layer's own output, before the batch normalization, addition or activation function that
     * follows it. Training needs it, inference does not.
     *
     * @return {@code (batch * P * Q) x K}: a row per pixel, q fastest, then p, then image
     * @throws DlacException if these tensors come without gradients, as they do unless a source
     *     says otherwise
     */
    default BitMatrix ofmGradient(Node layer) {
      throw new DlacException(
          "the tensors to simulate hold no gradients, such as that of the OFM of \""
              + layer.name()
              + "\"",
          "for training(), tensors with gradients",
          "use training.steps(...) of your own training, files(...) with an array"
              + " <layer>.ofm_gradient for each layer, or synthetic(seed, gradientDensity(0.5));"
              + " or simulate inference()");
    }
  }
}
