package org.dlaclab.result;

import java.util.Locale;

/** What a grid layer computes when its network is trained: three masked matrix products. */
public enum Pass {
  /** The layer's OFM, of its IFM and weights: all that inference needs. */
  FORWARD,
  /** The gradient of the layer's IFM, of its weights and the gradient of its OFM. */
  DGRAD,
  /** The gradient of the layer's weights, of its IFM and the gradient of its OFM. */
  WGRAD;

  /** {@code forward}, {@code dgrad} or {@code wgrad}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
