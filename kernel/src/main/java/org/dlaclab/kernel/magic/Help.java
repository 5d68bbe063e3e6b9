package org.dlaclab.kernel.magic;

import java.util.List;
import java.util.stream.Collectors;
import org.dlaclab.kernel.eval.Inspection;

/**
 * What a user is told of a magic.
 *
 * @param name without percent sign
 * @param form where it may stand
 * @param javaCode whether its arguments, behind the options, are Java code
 * @param summary one line
 * @param usage its arguments
 * @param options those of its arguments that begin with a hyphen
 * @param example a call that makes sense
 * @param notes what else there is to know, or empty
 */
record Help(
    String name,
    Form form,
    boolean javaCode,
    String summary,
    String usage,
    List<Option> options,
    String example,
    String notes) {
  /** Where a magic may stand. */
  enum Form {
    LINE,
    CELL,
    BOTH;

    boolean line() {
      return this != CELL;
    }

    boolean cell() {
      return this != LINE;
    }
  }

  /**
   * @param value what must follow it, or empty
   */
  record Option(String name, String value, String meaning) {
    String usage() {
      return value.isEmpty() ? name : name + " " + value;
    }
  }

  Help {
    options = List.copyOf(options);
  }

  /** How a user writes it. */
  String sign() {
    return (form == Form.CELL ? "%%" : "%") + name;
  }

  String call() {
    String arguments =
        options.stream().map(option -> "[" + option.usage() + "] ").collect(Collectors.joining())
            + usage;
    String line = "%" + name + " " + arguments;
    String cell = "%%" + name + " " + arguments.strip() + "\n    ...";
    return switch (form) {
      case LINE -> line.strip();
      case CELL -> cell;
      case BOTH -> line.strip() + "\n  %%" + name + "\n    ...";
    };
  }

  Inspection inspection() {
    StringBuilder text = new StringBuilder(sign() + ": " + summary + "\n\n  " + call() + "\n");
    StringBuilder markdown =
        new StringBuilder("**`" + sign() + "`** " + summary + "\n\n```\n" + call() + "\n```\n");
    if (!options.isEmpty()) {
      int width = options.stream().mapToInt(option -> option.usage().length()).max().orElse(0);
      text.append('\n');
      markdown.append('\n');
      for (Option option : options) {
        String pad = " ".repeat(width - option.usage().length());
        text.append("  " + option.usage() + pad + "  " + option.meaning() + "\n");
        markdown.append("- `" + option.usage() + "`: " + option.meaning() + "\n");
      }
    }
    text.append("\nExample:\n  " + example.replace("\n", "\n  ") + "\n");
    markdown.append("\nExample:\n\n```\n" + example + "\n```\n");
    if (!notes.isEmpty()) {
      text.append("\n" + notes + "\n");
      markdown.append("\n" + notes + "\n");
    }
    return new Inspection(text.toString(), markdown.toString());
  }
}
