package org.dlaclab.kernel.display;

import java.util.Locale;

/** Text as Java source writes it, so that quotes, blanks and control characters are seen. */
final class Literal {
  private static final int NO_QUOTE = -1;

  private Literal() {}

  /** A string: several lines as a text block. */
  static String of(String text) {
    // A text block drops hidden blanks at the ends of lines, even if they are written as escapes.
    boolean block =
        text.indexOf('\n') >= 0
            && text.chars().noneMatch(c -> Character.isWhitespace(c) && " \n\r\t\f".indexOf(c) < 0);
    return block ? block(text) : string(text);
  }

  /** {@code "a\tb"}. */
  static String string(String text) {
    return '"' + escaped(text, '"') + '"';
  }

  /** {@code 'a'}. */
  static String character(char c) {
    return "'" + escaped(String.valueOf(c), '\'') + "'";
  }

  private static String block(String text) {
    StringBuilder out = new StringBuilder("\"\"\"\n");
    String[] lines = text.split("\n", -1);
    boolean indented = true;
    for (int i = 0; i < lines.length; i++) {
      String line = lines[i];
      boolean last = i == lines.length - 1;
      indented &= line.isEmpty() || Character.isWhitespace(line.charAt(0));
      String end = "";
      if (line.endsWith(" ")) {
        end = "\\s";
      } else if (last && line.endsWith("\"")) {
        end = "\\\"";
      }
      String begin = end.isEmpty() ? line : line.substring(0, line.length() - 1);
      out.append(escaped(begin, NO_QUOTE).replace("\"\"\"", "\\\"\\\"\\\"")).append(end);
      // A blank at the end of a line and an indent that all lines share would be lost.
      out.append(last ? (indented && !line.isEmpty() ? "\\\n" : "") : "\n");
    }
    return out.append("\"\"\"").toString();
  }

  private static String escaped(String text, int quote) {
    StringBuilder out = new StringBuilder(text.length() + 2);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        case '\\' -> out.append("\\\\");
        default -> {
          if (c == quote) {
            out.append('\\').append(c);
          } else if (Character.isHighSurrogate(c)
              && i + 1 < text.length()
              && Character.isLowSurrogate(text.charAt(i + 1))) {
            out.append(c).append(text.charAt(++i));
          } else if (isHidden(c)) {
            out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    return out.toString();
  }

  private static boolean isHidden(char c) {
    return Character.isISOControl(c)
        || Character.isSurrogate(c)
        || c == '\u2028'
        || c == '\u2029'
        || c == '\ufeff';
  }
}
