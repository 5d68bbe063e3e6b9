package org.dlaclab.plot;

import java.util.List;

/** A heading and what stands under it, in order. */
public record Section(String heading, List<Block> blocks) {
  public Section {
    blocks = List.copyOf(blocks);
  }

  /** A heading with these blocks. */
  public Section(String heading, Block... blocks) {
    this(heading, List.of(blocks));
  }
}
