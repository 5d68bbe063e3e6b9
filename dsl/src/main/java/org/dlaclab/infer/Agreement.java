package org.dlaclab.infer;

import java.util.Locale;
import org.dlaclab.error.Check;

/**
 * How often a network gives the same class under two policies.
 *
 * @param network what results call it
 * @param policy the one that is compared with
 * @param other the one that is compared
 * @param same images of the same class
 * @param images 1 or more
 */
public record Agreement(String network, String policy, String other, int same, int images) {
  public Agreement {
    Check.positive("the number of images to compare classes of", images);
  }

  /** Share of the images, 0 to 1. */
  public double share() {
    return (double) same / images;
  }

  /**
   * For example {@code resnet50: 61 of 64 images (95.3 %) have the same class under twn as ...}.
   */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s: %d of %d images (%.1f %%) have the same class under %s as under %s",
        network,
        same,
        images,
        100 * share(),
        other,
        policy);
  }
}
