package org.dlaclab.grid;

/** In which order filters are dealt to the PE rows. */
public enum FilterOrder {
  /** As the network has them. */
  NATURAL,
  /**
   * By their number of non-zeros, most first, ties by index, so that filters of like work meet in a
   * pass.
   */
  DENSITY_SORTED
}
