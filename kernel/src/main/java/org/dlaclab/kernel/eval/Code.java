package org.dlaclab.kernel.eval;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What can be told of Java code without parsing it. */
final class Code {
  private static final Pattern LEADING = Pattern.compile("(?:\\s+|//[^\n]*|/\\*(?s:.*?)\\*/)*+");

  /** A literal or a comment, which may hold any character. */
  private static final Pattern OPAQUE =
      Pattern.compile(
          "\"\"\"(?s:\\\\.|.)*?\"\"\"|\"\"\"|\"(?:\\\\.|[^\"\\\\\n])*+\"|'(?:\\\\.|[^'\\\\\n])*+'"
              + "|//[^\n]*|/\\*(?s:.*?)\\*/");

  private Code() {}

  /** How much blank space and how many comments stand before the code. */
  static int start(String code) {
    Matcher matcher = LEADING.matcher(code);
    return matcher.lookingAt() && matcher.end() < code.length() ? matcher.end() : 0;
  }

  /** The code with the content of literals and comments blanked; offsets stay. */
  static String withoutLiterals(String code) {
    Matcher matcher = OPAQUE.matcher(code);
    StringBuilder blanked = new StringBuilder(code);
    while (matcher.find()) {
      if (matcher.group().equals("\"\"\"")) {
        continue; // It is never closed.
      }
      for (int i = matcher.start(); i < matcher.end(); i++) {
        if (blanked.charAt(i) != '\n') {
          blanked.setCharAt(i, code.charAt(matcher.start()) == '/' ? ' ' : '_');
        }
      }
    }
    return blanked.toString();
  }

  /**
   * Whether an expression statement is an assignment, such as {@code a[0] = 1} or {@code x += 2}.
   */
  static boolean isAssignment(String expression) {
    if (expression.indexOf('=') < 0) {
      return false;
    }
    String code = withoutLiterals(expression);
    int depth = 0;
    for (int i = 0; i < code.length(); i++) {
      char c = code.charAt(i);
      char next = i + 1 < code.length() ? code.charAt(i + 1) : ' ';
      char before = i > 0 ? code.charAt(i - 1) : ' ';
      switch (c) {
        case '(', '[', '{' -> depth++;
        case ')', ']', '}' -> depth--;
        case '=' -> {
          if (next == '=') {
            i++;
          } else if (depth == 0 && !isComparison(code, i, before)) {
            return true;
          }
        }
        case '-' -> {
          if (next == '>' && depth == 0) {
            return false; // The rest is the body of a lambda.
          }
        }
        default -> {}
      }
    }
    return false;
  }

  /** Whether the equals sign ends {@code <=}, {@code >=} or {@code !=}, and not {@code <<=}. */
  private static boolean isComparison(String code, int at, char before) {
    return before == '!'
        || ((before == '<' || before == '>') && !(at > 1 && code.charAt(at - 2) == before));
  }
}
