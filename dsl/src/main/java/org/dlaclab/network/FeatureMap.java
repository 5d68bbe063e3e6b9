package org.dlaclab.network;

import java.io.Serializable;
import org.dlaclab.error.Check;

/**
 * The extents of one image's feature map, at most 2^31 - 1 elements. A flat vector of n features is
 * {@code n x 1 x 1}.
 *
 * @param channels 1 or more
 * @param height in pixels, 1 or more
 * @param width in pixels, 1 or more
 */
public record FeatureMap(int channels, int height, int width) implements Serializable {
  public FeatureMap {
    Check.positive("the channels of a feature map", channels);
    Check.positive("the height of a feature map", height);
    Check.positive("the width of a feature map", width);
    Check.fitsArray(
        "a feature map of " + channels + "x" + height + "x" + width,
        (double) channels * height * width);
  }

  /** {@code channels * height * width}. */
  public long size() {
    return (long) channels * pixels();
  }

  /** {@code height * width}. */
  public int pixels() {
    return height * width;
  }

  /**
   * Whether this is a vector of features, as {@code flatten()} or {@code globalAvgPool()} gives.
   */
  public boolean isFlat() {
    return height == 1 && width == 1;
  }

  /** For example {@code 64x56x56}: channels, height, width. */
  @Override
  public String toString() {
    return channels + "x" + height + "x" + width;
  }
}
