package org.dlaclab.kernel.magic;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.dlaclab.kernel.eval.Completions;
import org.dlaclab.kernel.eval.Outcome;

/** Environment variables, for the processes that cells start with {@code %%bash}. */
final class Environment implements Magic {
  /** Set since the start. A JVM cannot change its own environment. */
  private final Map<String, String> changes = new ConcurrentHashMap<>();

  private final Consumer<Object> show;

  Environment(Consumer<Object> show) {
    this.show = show;
  }

  /** All variables, as a process gets them. */
  Map<String, String> all() {
    Map<String, String> all = new TreeMap<>(System.getenv());
    all.putAll(changes);
    return all;
  }

  @Override
  public Help help() {
    return new Help(
        "env",
        Help.Form.LINE,
        false,
        "Lists, shows or sets environment variables.",
        "[NAME | NAME=VALUE | NAME VALUE]",
        List.of(),
        "%env OMP_NUM_THREADS=2",
        "A running JVM cannot change its own environment: what is set here reaches %%bash, but not"
            + " System.getenv.");
  }

  @Override
  public Outcome run(Invocation call) throws MagicException {
    List<String> words = call.words();
    if (words.isEmpty()) {
      List<List<String>> rows = new ArrayList<>();
      all().forEach((name, value) -> rows.add(List.of(name, shownValue(name, value))));
      show.accept(new Listing(List.of("name", "value"), rows, "").bundle());
      return new Outcome.Nothing();
    }
    String first = words.get(0);
    int equals = first.indexOf('=');
    if (equals > 0 && words.size() == 1) {
      set(first.substring(0, equals), first.substring(equals + 1));
    } else if (equals < 0 && words.size() == 2) {
      set(first, words.get(1));
    } else if (equals < 0 && words.size() == 1) {
      String value = all().get(first);
      if (value == null) {
        throw new MagicException(
            "there is no environment variable " + first,
            "a variable that is set",
            Nearest.to(first, all().keySet())
                .map(name -> "%env " + name)
                .orElse("%env, which lists all"));
      }
      return new Outcome.Value(value);
    } else {
      throw Invocation.wrong(
          help(),
          String.join(" ", words),
          "NAME, or NAME=VALUE, with quotes around a value that has spaces");
    }
    return new Outcome.Nothing();
  }

  private void set(String name, String value) {
    changes.put(name, value);
    System.out.println(name + "=" + value + " (for bash cells; System.getenv does not see it)");
  }

  /** In a list of all, what may be a secret does not get into a notebook by accident. */
  private static String shownValue(String name, String value) {
    return name.matches("(?i).*(password|passwd|secret|token|credential|api_?key|private_?key).*")
            && !value.isEmpty()
        ? "(hidden; %env " + name + " shows it)"
        : value;
  }

  @Override
  public List<Completions.Item> suggest(String word) {
    return all().keySet().stream()
        .filter(name -> name.startsWith(word))
        .map(name -> new Completions.Item(name, "instance", "", false))
        .toList();
  }
}
