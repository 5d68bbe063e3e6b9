package org.dlaclab.data;

import org.dlaclab.error.Check;

/**
 * A random change of training images that leaves their class as it is. Each image of each epoch is
 * drawn anew.
 */
public sealed interface Augmentation {
  /**
   * The image is surrounded by black pixels (bytes of 0, before normalization) and a part of its
   * own size cut out, all positions as likely: He et al., CVPR 2016, section 4.2, with a padding of
   * 4.
   *
   * @param padding pixels on each side, 1 or more
   */
  record Crop(int padding) implements Augmentation {
    public Crop {
      Check.positive("crop", padding);
    }
  }

  /** Every other image, at random, is mirrored left to right. */
  record Flip() implements Augmentation {}
}
