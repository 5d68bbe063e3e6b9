package org.dlaclab.kernel.eval;

import java.util.List;

/**
 * What may stand at the cursor.
 *
 * @param start where the replaced text begins, in UTF-16 units of the code
 * @param end where it ends
 * @param items best first
 */
public record Completions(int start, int end, List<Item> items) {
  /** A copy of the list. */
  public Completions {
    items = List.copyOf(items);
  }

  /**
   * One way to go on.
   *
   * @param text what replaces the text between start and end
   * @param type what it is: function, class, instance, keyword, module, magic, path
   * @param signature parameters and result type, such as {@code (int begin) String}; empty if there
   *     is none
   * @param deprecated whether it should not be used any more
   */
  public record Item(String text, String type, String signature, boolean deprecated) {}
}
