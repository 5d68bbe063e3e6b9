package org.dlaclab.kernel.eval;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Code as tokens: enough to know what a cursor stands in, and which brackets are open. It accepts
 * any text.
 *
 * @param tokens in order, comments too
 * @param open the brackets without a partner, outermost first
 * @param mismatched whether a closing bracket has no partner
 * @param unclosed what the text ends inside of
 */
record Lexed(List<Token> tokens, List<Token> open, boolean mismatched, Unclosed unclosed) {
  /** What a token is. */
  enum Kind {
    WORD,
    NUMBER,
    TEXT,
    COMMENT,
    SYMBOL
  }

  /** What a text ends inside of. */
  enum Unclosed {
    NOTHING,
    TEXT,
    TEXT_BLOCK,
    COMMENT
  }

  /** A piece of code; {@code closed} is false for a literal or comment that goes on. */
  record Token(Kind kind, int start, int end, boolean closed) {
    String in(String code) {
      return code.substring(start, end);
    }

    boolean is(String code, char symbol) {
      return kind == Kind.SYMBOL && code.charAt(start) == symbol;
    }
  }

  static Lexed of(String code) {
    List<Token> tokens = new ArrayList<>();
    Deque<Token> open = new ArrayDeque<>();
    boolean mismatched = false;
    Unclosed unclosed = Unclosed.NOTHING;
    int at = 0;
    while (at < code.length()) {
      char c = code.charAt(at);
      if (Character.isWhitespace(c)) {
        at++;
        continue;
      }
      Token token = token(code, at);
      tokens.add(token);
      at = token.end();
      if (!token.closed()) {
        if (token.kind() == Kind.COMMENT) {
          unclosed = Unclosed.COMMENT;
        } else if (code.startsWith("\"\"\"", token.start())) {
          unclosed = Unclosed.TEXT_BLOCK;
        } else {
          unclosed = Unclosed.TEXT;
        }
      }
      if (token.kind() == Kind.SYMBOL) {
        switch (c) {
          case '(', '[', '{' -> open.addLast(token);
          case ')', ']', '}' -> {
            Token last = open.peekLast();
            if (last != null && partner(code.charAt(last.start())) == c) {
              open.removeLast();
            } else {
              mismatched = true;
            }
          }
          default -> {}
        }
      }
    }
    return new Lexed(List.copyOf(tokens), List.copyOf(open), mismatched, unclosed);
  }

  static char partner(char bracket) {
    return switch (bracket) {
      case '(' -> ')';
      case '[' -> ']';
      default -> '}';
    };
  }

  /** Whether nothing can be completed at the end: inside of a comment, a literal or a number. */
  boolean endsInText(String code) {
    if (tokens.isEmpty()) {
      return false;
    }
    Token last = tokens.get(tokens.size() - 1);
    boolean lineComment = last.kind() == Kind.COMMENT && code.charAt(last.start() + 1) == '/';
    boolean text = last.kind() == Kind.NUMBER || last.kind() == Kind.TEXT || lineComment;
    return !last.closed() || (text && last.end() == code.length());
  }

  /** What closes the brackets that are open, as statements. */
  String closing(String code) {
    StringBuilder closing = new StringBuilder();
    for (int i = open.size() - 1; i >= 0; i--) {
      char partner = partner(code.charAt(open.get(i).start()));
      closing.append(partner == '}' ? ";}" : String.valueOf(partner));
    }
    return closing.append(';').toString();
  }

  private static Token token(String code, int at) {
    char c = code.charAt(at);
    if (code.startsWith("//", at)) {
      int end = code.indexOf('\n', at);
      return new Token(Kind.COMMENT, at, end < 0 ? code.length() : end, true);
    }
    if (code.startsWith("/*", at)) {
      int end = code.indexOf("*/", at + 2);
      return new Token(Kind.COMMENT, at, end < 0 ? code.length() : end + 2, end >= 0);
    }
    if (code.startsWith("\"\"\"", at)) {
      return textBlock(code, at);
    }
    if (c == '"' || c == '\'') {
      return literal(code, at, c);
    }
    int point = code.codePointAt(at);
    if (Character.isJavaIdentifierStart(point)) {
      int end = at;
      while (end < code.length() && Character.isJavaIdentifierPart(code.codePointAt(end))) {
        end += Character.charCount(code.codePointAt(end));
      }
      return new Token(Kind.WORD, at, end, true);
    }
    boolean fraction = c == '.' && at + 1 < code.length() && Character.isDigit(code.charAt(at + 1));
    if (Character.isDigit(c) || fraction) {
      int end = at + 1;
      while (end < code.length()
          && (Character.isLetterOrDigit(code.charAt(end))
              || code.charAt(end) == '_'
              || code.charAt(end) == '.'
              || ("+-".indexOf(code.charAt(end)) >= 0 && exponent(code, at, end)))) {
        end++;
      }
      return new Token(Kind.NUMBER, at, end, true);
    }
    return new Token(Kind.SYMBOL, at, at + Character.charCount(point), true);
  }

  private static boolean exponent(String code, int start, int at) {
    boolean hexadecimal = code.startsWith("0x", start) || code.startsWith("0X", start);
    return (hexadecimal ? "pP" : "eE").indexOf(code.charAt(at - 1)) >= 0;
  }

  private static Token literal(String code, int at, char quote) {
    for (int end = at + 1; end < code.length(); end++) {
      char c = code.charAt(end);
      if (c == quote) {
        return new Token(Kind.TEXT, at, end + 1, true);
      }
      if (c == '\n') {
        return new Token(Kind.TEXT, at, end, false);
      }
      if (c == '\\') {
        end++;
      }
    }
    return new Token(Kind.TEXT, at, code.length(), false);
  }

  private static Token textBlock(String code, int at) {
    for (int end = at + 3; end < code.length(); end++) {
      if (code.startsWith("\"\"\"", end)) {
        return new Token(Kind.TEXT, at, end + 3, true);
      }
      if (code.charAt(end) == '\\') {
        end++;
      }
    }
    return new Token(Kind.TEXT, at, code.length(), false);
  }
}
