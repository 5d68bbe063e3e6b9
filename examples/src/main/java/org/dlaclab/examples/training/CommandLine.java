package org.dlaclab.examples.training;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.dlaclab.error.DlacException;

/**
 * Options of a command, {@code --name value} each. Reading an option takes it away; what is left at
 * the {@link #end} is an error, so that no misspelled option passes unnoticed.
 */
final class CommandLine {
  private final String usage;
  private final Map<String, String> options = new LinkedHashMap<>();

  /**
   * @param usage what to show when the command line is wrong
   */
  CommandLine(String usage, String... args) {
    this.usage = usage;
    for (int i = 0; i < args.length; i += 2) {
      if (!args[i].startsWith("--") || i + 1 == args.length) {
        throw wrong("\"" + args[i] + "\" is not followed by a value", "--name value");
      }
      if (options.put(args[i].substring(2), args[i + 1]) != null) {
        throw wrong(args[i] + " is given twice", "each option at most once");
      }
    }
  }

  String text(String name, String otherwise) {
    String value = options.remove(name);
    return value == null ? otherwise : value;
  }

  Path path(String name, String otherwise) {
    return Path.of(text(name, otherwise));
  }

  /** A whole number of at least {@code least}. */
  int whole(String name, int otherwise, int least) {
    long value = number(name, otherwise);
    if (value < least || value > Integer.MAX_VALUE) {
      throw wrong("--" + name + " is " + value, "a whole number of at least " + least);
    }
    return (int) value;
  }

  long number(String name, long otherwise) {
    String value = text(name, String.valueOf(otherwise));
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw wrong("--" + name + " is " + value, "a whole number");
    }
  }

  /** A finite number of at least {@code least}. */
  double real(String name, double otherwise, double least) {
    String value = text(name, String.valueOf(otherwise));
    try {
      double number = Double.parseDouble(value);
      if (number >= least && Double.isFinite(number)) {
        return number;
      }
      throw wrong("--" + name + " is " + number, "a finite number of at least " + least);
    } catch (NumberFormatException e) {
      throw wrong("--" + name + " is " + value, "a number");
    }
  }

  boolean flag(String name, boolean otherwise) {
    String value = text(name, String.valueOf(otherwise));
    if (!value.equals("true") && !value.equals("false")) {
      throw wrong("--" + name + " is " + value, "true or false");
    }
    return value.equals("true");
  }

  /** Refuses options that nothing has read. */
  void end() {
    for (String name : options.keySet()) {
      throw wrong("there is no option --" + name, "one of those below");
    }
  }

  private DlacException wrong(String problem, String expected) {
    return new DlacException(problem, expected, "\n" + usage);
  }
}
