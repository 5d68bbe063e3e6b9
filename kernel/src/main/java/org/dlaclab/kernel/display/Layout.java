package org.dlaclab.kernel.display;

import java.util.ArrayList;
import java.util.List;

/** A structured text that is set on one line where it fits and on several where it does not. */
sealed interface Layout {
  /** How many characters a line may have. */
  int WIDTH = 100;

  /** The whole on one line, or with the line breaks that are in its words. */
  String flat();

  /**
   * Text that stays as it is.
   *
   * @param number whether columns of it line up at the right
   */
  record Word(String text, boolean number) implements Layout {
    Word(String text) {
      this(text, false);
    }

    @Override
    public String flat() {
      return text;
    }
  }

  /** Something with a name before it, such as {@code age=3}. */
  record Named(String name, Layout value) implements Layout {
    @Override
    public String flat() {
      return name + value.flat();
    }
  }

  /** Things between brackets. */
  record Group(String open, List<Layout> items, String close) implements Layout {
    @Override
    public String flat() {
      StringBuilder text = new StringBuilder(open);
      for (int i = 0; i < items.size(); i++) {
        text.append(i == 0 ? "" : ", ").append(items.get(i).flat());
      }
      return text.append(close).toString();
    }

    private boolean hasWordsOnly() {
      return items.stream().allMatch(item -> item instanceof Word && item.flat().indexOf('\n') < 0);
    }

    /** Whether it is a sequence without a name, as an array or a list is. */
    private boolean isPlain() {
      return open.equals("[");
    }

    /** Whether it holds such sequences and, where it is cut, a word. */
    private boolean isNest() {
      return isPlain()
          && items.stream().anyMatch(Group.class::isInstance)
          && items.stream()
              .allMatch(item -> item instanceof Word || (item instanceof Group g && g.isPlain()));
    }
  }

  /** All lines. */
  static String set(Layout layout) {
    StringBuilder out = new StringBuilder();
    write(out, layout, 0, 0, 0);
    return out.toString();
  }

  /**
   * @param column where it begins
   * @param indent where its line begins
   * @param after how many characters must follow on its last line
   */
  private static void write(StringBuilder out, Layout layout, int column, int indent, int after) {
    String flat = layout.flat();
    if (flat.indexOf('\n') < 0 && column + flat.length() + after <= WIDTH) {
      out.append(flat);
      return;
    }
    if (layout instanceof Word word) {
      out.append(word.text().replace("\n", "\n" + " ".repeat(column)));
    } else if (layout instanceof Named named) {
      out.append(named.name());
      write(out, named.value(), column + named.name().length(), indent, after);
    } else if (layout instanceof Group group) {
      if (group.isPlain() && group.hasWordsOnly()) {
        fill(out, group, column, after);
      } else if (group.isNest()) {
        rows(out, group, column, after);
      } else {
        block(out, group, indent);
      }
    }
  }

  /** As many words on each line as fit. */
  private static void fill(StringBuilder out, Group group, int column, int after) {
    out.append(group.open());
    int at = column + group.open().length();
    int begin = at;
    for (int i = 0; i < group.items().size(); i++) {
      String word = group.items().get(i).flat();
      boolean last = i == group.items().size() - 1;
      int needed = word.length() + (last ? group.close().length() + after : 1);
      if (i > 0 && at + 1 + needed > WIDTH) {
        out.append('\n').append(" ".repeat(begin));
        at = begin;
      } else if (i > 0) {
        out.append(' ');
        at++;
      }
      out.append(word).append(last ? "" : ",");
      at += word.length() + 1;
    }
    out.append(group.close());
  }

  /** A sequence on each line, columns of numbers lined up. */
  private static void rows(StringBuilder out, Group group, int column, int after) {
    List<Layout> rows = aligned(group.items());
    out.append(group.open());
    for (int i = 0; i < rows.size(); i++) {
      boolean last = i == rows.size() - 1;
      if (i > 0) {
        out.append(",\n").append(" ".repeat(column + 1));
      }
      write(out, rows.get(i), column + 1, column + 1, last ? after + 1 : 1);
    }
    out.append(group.close());
  }

  private static List<Layout> aligned(List<Layout> rows) {
    List<Integer> widths = new ArrayList<>();
    for (Layout row : rows) {
      if (row instanceof Group group) {
        for (int i = 0; i < group.items().size(); i++) {
          Layout item = group.items().get(i);
          if (i == widths.size()) {
            widths.add(0);
          }
          if (item instanceof Word word && word.number()) {
            widths.set(i, Math.max(widths.get(i), word.text().length()));
          }
        }
      }
    }
    List<Layout> padded = new ArrayList<>();
    for (Layout row : rows) {
      padded.add(row instanceof Group group ? padded(group, widths) : row);
    }
    return padded;
  }

  private static Group padded(Group row, List<Integer> widths) {
    List<Layout> items = new ArrayList<>();
    for (int i = 0; i < row.items().size(); i++) {
      Layout item = row.items().get(i);
      items.add(
          item instanceof Word word && word.number()
              ? new Word(" ".repeat(widths.get(i) - word.text().length()) + word.text(), true)
              : item);
    }
    return new Group(row.open(), items, row.close());
  }

  /** An item on each line, moved to the right. */
  private static void block(StringBuilder out, Group group, int indent) {
    int inner = indent + 2;
    out.append(group.open());
    for (int i = 0; i < group.items().size(); i++) {
      out.append('\n').append(" ".repeat(inner));
      write(out, group.items().get(i), inner, inner, 1);
      out.append(i == group.items().size() - 1 ? "\n" + " ".repeat(indent) : ",");
    }
    out.append(group.close());
  }
}
