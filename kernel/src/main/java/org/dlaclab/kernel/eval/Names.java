package org.dlaclab.kernel.eval;

import java.lang.reflect.Modifier;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import jdk.jshell.JShell;
import jdk.jshell.SourceCodeAnalysis;

/** Names that a user may have meant. */
final class Names {
  private final JShell jshell;
  private final ClassNames classes;
  private final ClassLoader loader;

  Names(JShell jshell, ClassNames classes, ClassLoader loader) {
    this.jshell = jshell;
    this.classes = classes;
    this.loader = loader;
  }

  /**
   * The names nearest to one that is unknown, if any are near.
   *
   * @param code where it stands
   * @param at its offset there
   */
  List<String> nearest(String name, String code, int at) {
    Set<String> names = new LinkedHashSet<>();
    for (SourceCodeAnalysis.Suggestion suggestion :
        jshell.sourceCodeAnalysis().completionSuggestions(code, at, new int[1])) {
      names.add(suggestion.continuation().replaceAll("[()<>. ].*", ""));
    }
    jshell.variables().forEach(v -> names.add(v.name()));
    names.removeIf(n -> n.isEmpty() || n.startsWith("$"));
    return nearest(name, names);
  }

  static List<String> nearest(String name, Collection<String> names) {
    int most = name.length() < 3 ? 0 : Math.max(1, name.length() / 3);
    List<String> near =
        names.stream()
            .filter(n -> !n.equals(name) && Math.abs(n.length() - name.length()) <= most)
            .filter(n -> Spelling.distance(name, n) <= most || n.equalsIgnoreCase(name))
            .distinct()
            .sorted(Comparator.comparingInt(n -> Spelling.distance(name, n)))
            .toList();
    return near.stream()
        .filter(n -> Spelling.distance(name, n) == Spelling.distance(name, near.get(0)))
        .limit(3)
        .toList();
  }

  /** Whether one name looks like a slip for the other, rather than a name of its own. */
  static boolean isSlip(String name, String known) {
    return Spelling.distance(name, known) <= (name.length() >= 8 ? 2 : name.length() >= 4 ? 1 : 0)
        && name.replaceAll("[0-9]", "").equals(name);
  }

  /** The full names of public classes with this simple name, those of the JDK first. */
  List<String> classes(String simpleName) {
    return classes.named(simpleName).stream()
        .filter(name -> !name.matches("(?:com\\.)?sun\\..*|.*\\.internal\\..*") && isPublic(name))
        .sorted(Comparator.comparing(name -> rank(name)))
        .distinct()
        .toList();
  }

  private boolean isPublic(String name) {
    try {
      return Modifier.isPublic(Class.forName(name, false, loader).getModifiers());
    } catch (ClassNotFoundException | LinkageError e) {
      return false;
    }
  }

  /** What is meant most often comes first. */
  private static int rank(String name) {
    return name.matches("java\\.(?:util|io|nio|time|math|net)\\..*")
        ? 0
        : name.startsWith("java.") ? 1 : name.startsWith("javax.") ? 2 : 3;
  }
}
