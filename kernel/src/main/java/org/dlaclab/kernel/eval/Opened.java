package org.dlaclab.kernel.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Code as JShell needs it. It makes a cell's record public, so the compiler wants the record's
 * canonical constructor to be public as well, which in a file it need not be.
 *
 * @param code with {@code public} put in
 * @param places where in the original
 */
record Opened(String code, List<Integer> places) {
  private static final String PUBLIC = "public ";

  private static final Pattern RECORD = Pattern.compile(Splitter.MODIFIERS + "record\\s+(\\w+)");

  private static final Pattern ANNOTATIONS =
      Pattern.compile("\\s*(?:@[\\w.]+(?:\\s*\\([^()]*\\))?\\s*)*");

  static Opened of(String code) {
    List<Integer> places = code.contains("record") ? constructors(code) : List.of();
    StringBuilder opened = new StringBuilder(code);
    for (int i = places.size() - 1; i >= 0; i--) {
      opened.insert(places.get(i), PUBLIC);
    }
    return new Opened(opened.toString(), List.copyOf(places));
  }

  /** The offset in the original that this one comes from. */
  int original(int offset) {
    int shift = 0;
    for (int place : places) {
      int begin = place + shift;
      if (offset <= begin) {
        break;
      }
      shift += Math.min(PUBLIC.length(), offset - begin);
    }
    return offset - shift;
  }

  /** Where a record declares a constructor without a modifier. */
  private static List<Integer> constructors(String code) {
    String text = Code.withoutLiterals(code);
    Matcher record = RECORD.matcher(text);
    record.region(Code.start(text), text.length());
    if (!record.lookingAt()) {
      return List.of();
    }
    Pattern constructor = Pattern.compile(Pattern.quote(record.group(1)) + "\\s*[({]");
    List<Integer> places = new ArrayList<>();
    int parentheses = 0;
    int braces = 0;
    for (int i = record.end(); i < text.length(); i++) {
      char c = text.charAt(i);
      parentheses += c == '(' ? 1 : c == ')' ? -1 : 0;
      if (parentheses > 0) {
        continue; // Annotations of components have braces too.
      }
      braces += c == '{' ? 1 : c == '}' ? -1 : 0;
      if (braces == 1 && "{};".indexOf(c) >= 0) {
        Matcher begin = ANNOTATIONS.matcher(text).region(i + 1, text.length());
        int member = begin.lookingAt() ? begin.end() : i + 1;
        if (constructor.matcher(text).region(member, text.length()).lookingAt()) {
          places.add(member);
        }
      }
    }
    return places;
  }
}
