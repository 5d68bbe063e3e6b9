package org.dlaclab.kernel.magic;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import org.dlaclab.kernel.eval.Spelling;

/** The name that was probably meant. */
final class Nearest {
  private Nearest() {}

  static Optional<String> to(String name, Collection<String> names) {
    int limit = Math.max(1, name.length() / 2);
    return names.stream()
        .filter(other -> Spelling.distance(name, other) <= limit || other.startsWith(name))
        .min(
            Comparator.comparingInt((String other) -> Spelling.distance(name, other))
                .thenComparing(o -> o));
  }
}
