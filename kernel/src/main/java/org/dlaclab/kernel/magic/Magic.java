package org.dlaclab.kernel.magic;

import java.util.List;
import org.dlaclab.kernel.eval.Completions;
import org.dlaclab.kernel.eval.Outcome;

/** A command that begins with a percent sign. */
interface Magic {
  Help help();

  /**
   * Does its work.
   *
   * @throws MagicException if it was called wrongly or cannot do its work
   * @throws Exception for what is nobody's mistake, such as an interrupt
   */
  Outcome run(Invocation call) throws Exception;

  /**
   * What an argument may be.
   *
   * @param word the argument up to the cursor
   */
  default List<Completions.Item> suggest(String word) {
    return List.of();
  }
}
