package org.dlaclab.kernel.magic;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A cell's Java code and magics, in the order they stand.
 *
 * <p>A line that begins with {@code %name} is a magic only where Java code cannot go on with a
 * percent sign: before any code, or after a complete statement outside of brackets, strings and
 * comments. So {@code a} with {@code %b} on the next line stays the remainder that it is.
 *
 * @param text the whole cell
 * @param parts what it is made of; a cell magic is the last
 * @param skipped magics' look-alikes that are in the middle of Java code
 * @param assigned where a magic stands behind an equals sign, which is never right
 */
record Cell(String text, List<Part> parts, List<Call> skipped, Optional<Call> assigned) {
  /** Magic names. The rest of the line are arguments. */
  private static final Pattern MAGIC =
      Pattern.compile("[ \\t]*(?<sign>%%?)(?<name>[\\p{L}_][\\p{L}\\p{N}_]*)?(?<help>\\?)?");

  /** Java code or a magic. */
  sealed interface Part {
    /** Where it begins. */
    int start();
  }

  /** Code between two places. */
  record Java(int start, int end) implements Part {}

  /**
   * A call of a magic.
   *
   * @param start where it begins
   * @param cell whether it has two percent signs
   * @param name what follows them, possibly empty
   * @param help whether a question mark follows the name
   * @param arguments where its arguments begin
   * @param end where its line ends
   * @param body where the lines below it begin
   */
  record Call(int start, boolean cell, String name, boolean help, int arguments, int end, int body)
      implements Part {}

  Cell {
    parts = List.copyOf(parts);
    skipped = List.copyOf(skipped);
  }

  static Cell parse(String text) {
    if (text.indexOf('%') < 0) {
      return new Cell(text, List.of(new Java(0, text.length())), List.of(), Optional.empty());
    }
    return new Scan(text).cell();
  }

  /** Whether code leaves no bracket, string or comment open. */
  static boolean isClosed(String code) {
    Scan scan = new Scan(code);
    scan.cell();
    return scan.depth == 0 && !scan.open;
  }

  /** The magic on whose line, or in whose body, a place is. */
  Optional<Call> callAt(int place) {
    for (Part part : parts) {
      if (part instanceof Call call
          && place > call.start()
          && (place <= call.end() || (heads(call) && place >= call.body()))) {
        return Optional.of(call);
      }
    }
    return Optional.empty();
  }

  /** Whether the lines below a magic are its own. */
  boolean heads(Call call) {
    return call.cell() && parts.get(0).equals(call);
  }

  /** The cell, with all but one part replaced by spaces: lines and columns stay true. */
  String only(int start, int end) {
    return blank(0, start) + text.substring(start, end) + blank(end, text.length());
  }

  String blank(int start, int end) {
    StringBuilder blank = new StringBuilder(end - start);
    for (int at = start; at < end; at++) {
      char c = text.charAt(at);
      blank.append(c == '\n' || c == '\r' ? c : ' ');
    }
    return blank.toString();
  }

  /** The number of the line with a place, from 1. */
  int lineOf(int place) {
    return 1 + (int) text.substring(0, place).chars().filter(c -> c == '\n').count();
  }

  /** Reads Java just as far as to know where a statement ends. */
  private static final class Scan {
    private final String text;
    private final List<Part> parts = new ArrayList<>();
    private final List<Call> skipped = new ArrayList<>();
    private Optional<Call> assigned = Optional.empty();
    private int at;
    private int depth;

    /** Whether the code so far may end here: nothing that follows could belong to it. */
    private boolean complete = true;

    /** Whether the statement has a switch in an expression, after which code can go on. */
    private boolean switched;

    /** Whether a comment or string has no end. */
    private boolean open;

    private char last = ';';
    private boolean anyCode;

    Scan(String text) {
      this.text = text;
    }

    Cell cell() {
      int start = 0;
      while (at < text.length()) {
        Optional<Call> call = magicHere();
        if (call.isPresent()) {
          if (anyCode) {
            parts.add(new Java(start, at));
          }
          parts.add(call.get());
          at = call.get().cell() && parts.size() == 1 ? text.length() : call.get().end();
          start = at;
          anyCode = false;
        } else {
          token();
        }
      }
      if (anyCode || parts.isEmpty()) {
        parts.add(new Java(start, text.length()));
      }
      return new Cell(text, parts, skipped, assigned);
    }

    private Optional<Call> magicHere() {
      if (at > 0 && text.charAt(at - 1) != '\n' && text.charAt(at - 1) != '\r') {
        return Optional.empty();
      }
      Optional<Call> call = read(at);
      if (call.isPresent() && !(complete && depth == 0)) {
        skipped.add(call.get());
        return Optional.empty();
      }
      return call;
    }

    /** A magic's call, read from before its percent sign. */
    private Optional<Call> read(int from) {
      Matcher magic = MAGIC.matcher(text).region(from, text.length());
      if (!magic.lookingAt()) {
        return Optional.empty();
      }
      int end = from;
      while (end < text.length() && text.charAt(end) != '\n' && text.charAt(end) != '\r') {
        end++;
      }
      String name = magic.group("name");
      if (name == null && magic.end("sign") != end) {
        return Optional.empty();
      }
      int below = end;
      while (below < text.length() && text.charAt(below++) != '\n') {
        // To the line's end, of either kind.
      }
      boolean cell = magic.group("sign").length() == 2;
      return Optional.of(
          new Call(
              magic.start("sign"),
              cell,
              name == null ? "" : name,
              magic.group("help") != null,
              Math.min(magic.end(), end),
              end,
              below));
    }

    private void token() {
      char c = text.charAt(at);
      if (Character.isWhitespace(c)) {
        at++;
      } else if (text.startsWith("//", at)) {
        int end = text.indexOf('\n', at);
        at = end < 0 ? text.length() : end;
      } else if (text.startsWith("/*", at)) {
        int end = text.indexOf("*/", at + 2);
        anyCode |= end < 0;
        open |= end < 0;
        complete &= end >= 0;
        at = end < 0 ? text.length() : end + 2;
      } else {
        anyCode = true;
        code(c);
      }
    }

    private void code(char c) {
      boolean first = complete;
      switch (c) {
        case '"', '\'' -> {
          complete = false;
          literal(c);
        }
        case '(', '[', '{' -> {
          depth++;
          complete = false;
          at++;
        }
        case ')', ']', '}' -> {
          depth = Math.max(0, depth - 1);
          complete = c == '}' && depth == 0 && !switched;
          at++;
        }
        case ';' -> {
          complete = depth == 0;
          switched &= depth > 0;
          at++;
        }
        default -> {
          complete = false;
          if (c == '%' && last == '=' && assigned.isEmpty()) {
            assigned = read(at).filter(call -> !call.name().isEmpty());
          }
          if (Character.isJavaIdentifierStart(c)) {
            int start = at;
            while (at < text.length() && Character.isJavaIdentifierPart(text.charAt(at))) {
              at++;
            }
            switched |= depth == 0 && !first && text.substring(start, at).equals("switch");
          } else {
            at++;
          }
        }
      }
      last = c;
    }

    private void literal(char quote) {
      boolean block = quote == '"' && text.startsWith("\"\"\"", at);
      String mark = block ? "\"\"\"" : String.valueOf(quote);
      at += mark.length();
      while (at < text.length()) {
        char c = text.charAt(at);
        if (c == '\\') {
          at = Math.min(text.length(), at + 2);
        } else if (text.startsWith(mark, at)) {
          at += mark.length();
          return;
        } else if (!block && c == '\n') {
          return;
        } else {
          at++;
        }
      }
      open = true;
    }
  }
}
