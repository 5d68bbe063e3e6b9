package org.dlaclab.paper;

import java.util.Locale;

/** What a figure of a reproduction is worth. */
public enum Standing {
  /** The paper says so, and it went into the grid. */
  TAKEN,
  /** A parameter was chosen so that this figure comes out: it proves nothing. */
  FITTED,
  /** The paper does not say, and it went into the grid all the same. */
  ASSUMED,
  /** A property of the tensors that were simulated, and as real as they are. */
  TENSORS,
  /** Nothing was chosen for it. */
  PREDICTED;

  /** For example {@code predicted}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
