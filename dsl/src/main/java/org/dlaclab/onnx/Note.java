package org.dlaclab.onnx;

import org.dlaclab.network.Option.Padding;

/**
 * What the DSL knows of a layer and ONNX has no word for: it is written into an operator's
 * documentation, so that a network comes back as it was. Other tools ignore it.
 */
public final class Note {
  /** The producer of the files that have notes. */
  public static final String PRODUCER = "DLAC Lab";

  /** A layer that the user gave no name. */
  public static final String UNNAMED = "unnamed";

  /** An operator that is part of a layer, and none of its own. */
  public static final String IMPLIED = "implied";

  /** A {@code flatten()} of the network, even where it changes nothing. */
  public static final String FLATTEN = "flatten()";

  private static final String CEIL = "ceilMode()";

  private Note() {}

  /** A pooling whose last, incomplete window is written as padding. */
  public static String ceil(Padding padding) {
    return CEIL + " " + padding;
  }

  /** A note and whether the layer has a name, in one. */
  public static String of(String note, boolean unnamed) {
    return unnamed ? (note + " " + UNNAMED).strip() : note;
  }
}
