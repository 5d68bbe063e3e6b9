package org.dlaclab.kernel.magic;

import java.util.ArrayList;
import java.util.List;

/**
 * A word of a magic's arguments.
 *
 * @param text without its quotes
 * @param start where it begins in the cell
 * @param end where it ends
 * @param closed whether its quotes are in pairs
 */
record Word(String text, int start, int end, boolean closed) {
  /**
   * The words between two places of a cell, as a shell splits them: quotes of both kinds hold
   * spaces. A backslash takes the meaning from a space or a quote only, so that paths of Windows
   * stay as they are.
   */
  static List<Word> split(String cell, int from, int to) {
    List<Word> words = new ArrayList<>();
    int at = from;
    while (at < to) {
      if (Character.isWhitespace(cell.charAt(at))) {
        at++;
        continue;
      }
      StringBuilder text = new StringBuilder();
      int start = at;
      char quote = 0;
      for (; at < to; at++) {
        char c = cell.charAt(at);
        if (quote != 0) {
          if (c == quote) {
            quote = 0;
          } else if (c == '\\' && quote == '"' && at + 1 < to && cell.charAt(at + 1) == '"') {
            text.append(cell.charAt(++at));
          } else {
            text.append(c);
          }
        } else if (Character.isWhitespace(c)) {
          break;
        } else if (c == '"' || c == '\'') {
          quote = c;
        } else if (c == '\\' && at + 1 < to && " \t\"'".indexOf(cell.charAt(at + 1)) >= 0) {
          text.append(cell.charAt(++at));
        } else {
          text.append(c);
        }
      }
      words.add(new Word(text.toString(), start, at, quote == 0));
    }
    return words;
  }
}
