package org.dlaclab.plot;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.dlaclab.table.Listing;

/** One thing that a page shows under a heading. */
public sealed interface Block permits Block.Text, Block.Code, Block.Facts, Block.Rows, Chart, Film {

  /** Plain text; an empty line parts paragraphs. */
  record Text(String text) implements Block {}

  /** Text whose lines and spaces count, such as a program. */
  record Code(String text) implements Block {}

  /** Names with their values, in the order of the map. */
  record Facts(Map<String, String> values) implements Block {
    public Facts {
      values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }
  }

  /** A table. */
  record Rows(Listing listing) implements Block {}
}
