package org.dlaclab.kernel.magic;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.dlaclab.kernel.magic.Help.Option;

/**
 * A magic's call with its arguments read.
 *
 * @param count the cell's number
 * @param options values by option; an empty string for an option without value
 * @param words the arguments that are no options
 * @param rest where the arguments behind the options begin
 */
record Invocation(
    int count,
    Cell cell,
    Cell.Call call,
    Map<String, List<String>> options,
    List<String> words,
    int rest) {
  /** Whether the lines below belong to it. */
  boolean hasBody() {
    return cell.heads(call);
  }

  String body() {
    return cell.text().substring(call.body());
  }

  boolean has(String option) {
    return options.containsKey(option);
  }

  /** The last value given for an option. */
  Optional<String> value(String option) {
    List<String> values = values(option);
    return values.isEmpty() ? Optional.empty() : Optional.of(values.get(values.size() - 1));
  }

  List<String> values(String option) {
    return options.getOrDefault(option, List.of());
  }

  /** What stands behind the options, as it was written. */
  String restText() {
    return cell.text().substring(rest, call.end());
  }

  static Invocation read(int count, Cell cell, Cell.Call call, Help help) throws MagicException {
    Map<String, List<String>> options = new LinkedHashMap<>();
    List<String> words = new ArrayList<>();
    List<Word> all = Word.split(cell.text(), call.arguments(), call.end());
    int rest = all.isEmpty() ? call.end() : all.get(0).start();
    boolean onlyWords = false;
    for (int i = 0; i < all.size(); i++) {
      Word word = all.get(i);
      String text = word.text();
      int equals = text.startsWith("--") ? text.indexOf('=') : -1;
      Optional<Option> option =
          onlyWords
              ? Optional.empty()
              : option(help, equals < 0 ? text : text.substring(0, equals));
      if (option.isPresent()) {
        String name = option.get().name();
        String value = "";
        if (!option.get().value().isEmpty()) {
          if (text.length() > name.length()) {
            value = text.substring(name.length() + 1);
          } else if (++i < all.size()) {
            value = all.get(i).text();
          } else {
            throw new MagicException(
                name + " of " + help.sign() + " has no value",
                name + " " + option.get().value() + ": " + option.get().meaning(),
                help.example());
          }
        }
        options.computeIfAbsent(name, key -> new ArrayList<>()).add(value);
        rest = i + 1 < all.size() ? all.get(i + 1).start() : call.end();
        continue;
      }
      if (help.javaCode()) {
        break;
      }
      if (!word.closed()) {
        throw new MagicException(
            "a quote in " + cell.text().substring(word.start(), word.end()) + " has no end",
            "quotes in pairs",
            "a backslash before a quote that is part of the argument");
      }
      if (!onlyWords && text.equals("--")) {
        onlyWords = true;
        continue;
      }
      if (!onlyWords && text.length() > 1 && text.charAt(0) == '-' && !help.options().isEmpty()) {
        throw new MagicException(
            help.sign() + " has no option " + text,
            String.join(", ", help.options().stream().map(Option::usage).toList()),
            "%" + help.name() + "? shows its help");
      }
      words.add(text);
    }
    return new Invocation(count, cell, call, options, List.copyOf(words), rest);
  }

  private static Optional<Option> option(Help help, String text) {
    return help.options().stream().filter(option -> option.name().equals(text)).findFirst();
  }

  /** The error for arguments that a magic cannot use. */
  static MagicException wrong(Help help, String problem, String expected) {
    return new MagicException(
        help.sign() + ": " + problem,
        expected,
        help.example() + "   (%" + help.name() + "? helps)");
  }
}
