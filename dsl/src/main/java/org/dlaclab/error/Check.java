package org.dlaclab.error;

import java.math.BigDecimal;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;

/** The checks that many inputs share, each with the message a user can act on. */
public final class Check {
  private Check() {}

  /**
   * Returns {@code value} if it is at least 1; {@code name} is the parameter as the user wrote it.
   */
  public static int positive(String name, int value) {
    return atLeast(name, value, 1);
  }

  /** Returns {@code value} if it is at least {@code least}. */
  public static int atLeast(String name, int value, int least) {
    if (value < least) {
      throw new DlacException(
          name + " is " + value,
          "a whole number of at least " + least,
          name.contains(" ")
              ? "use " + least + " or more"
              : "use " + name + "(" + least + ") or more");
    }
    return value;
  }

  /** Returns {@code value} if it is a finite number above zero. */
  public static double positive(String name, double value) {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw new DlacException(name + " is " + value, "a finite number above 0", "correct " + name);
    }
    return value;
  }

  /** Returns {@code value} if it lies in 0 to 1, both included. */
  public static double fraction(String name, double value) {
    if (!(value >= 0 && value <= 1)) {
      String hint =
          value > 1 && value <= 100
              ? "write " + percent(value, -2) + " for " + percent(value, 0) + " %"
              : "correct " + name;
      throw new DlacException(name + " is " + value, "a fraction from 0 to 1", hint);
    }
    return value;
  }

  /** {@code value} with its point moved, without the digits that binary fractions add. */
  private static String percent(double value, int places) {
    return BigDecimal.valueOf(value).scaleByPowerOfTen(places).stripTrailingZeros().toPlainString();
  }

  /** Returns {@code name} if it is not blank; {@code what} says what is being named. */
  public static String named(String what, String name) {
    if (name.isBlank()) {
      throw new DlacException(
          "the name of " + what + " is empty", "a name", "give " + what + " a name");
    }
    return name;
  }

  /**
   * Refuses an option that is given twice.
   *
   * @param what what the options are for, for example {@code conv "conv1"}
   * @param word what the DSL calls an option of a type
   */
  public static void distinct(String what, Function<Class<?>, String> word, Object... options) {
    Set<Class<?>> seen = new HashSet<>();
    for (Object option : options) {
      if (!seen.add(option.getClass())) {
        throw new DlacException(
            what + " has " + word.apply(option.getClass()) + "(...) twice",
            "each option at most once",
            "remove one of them");
      }
    }
  }

  /** The candidate that is nearest to {@code wanted} by edit distance, for "did you mean". */
  public static String nearest(String wanted, Collection<String> candidates) {
    String w = wanted.toLowerCase(Locale.ROOT);
    return candidates.stream()
        .min(
            Comparator.comparingInt((String c) -> distance(w, c.toLowerCase(Locale.ROOT)))
                .thenComparing(c -> c))
        .orElse("");
  }

  /** Levenshtein distance, two rows at a time. */
  private static int distance(String a, String b) {
    int[] previous = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] row = new int[b.length() + 1];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int swap = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(swap, Math.min(previous[j], row[j - 1]) + 1);
      }
      previous = row;
    }
    return previous[b.length()];
  }

  /**
   * Refuses what has more elements than a Java array holds; {@code what} names it with its extents.
   */
  public static void fitsArray(String what, double elements) {
    if (elements > Integer.MAX_VALUE - 8) {
      throw new DlacException(
          String.format(Locale.ROOT, "%s: %.3g elements", what, elements),
          "at most 2^31 - 9, what one Java array holds",
          "make it smaller: extents, channels, filters or batch");
    }
  }

  /**
   * Refuses work that cannot fit the heap, before the allocation fails half way.
   *
   * @param what the thing that needs the memory, as the user knows it
   * @param bytes the memory needed at once, in bytes
   */
  public static void fitsHeap(String what, double bytes) {
    double free = freeHeap();
    if (bytes > free) {
      System.gc(); // What is not used any more counts as free only then.
      free = freeHeap();
    }
    if (bytes > free) {
      long needed = (long) Math.ceil(bytes / (1 << 20));
      double used = Runtime.getRuntime().maxMemory() - free;
      long suggested = (long) Math.ceil((bytes + used) * 1.25 / (1 << 30));
      throw new DlacException(
          what
              + " needs "
              + needed
              + " MiB of heap at once, but "
              + (long) (free / (1 << 20))
              + " MiB are free",
          "at most the free heap",
          "start Java with -Xmx"
              + suggested
              + "g (with the launcher: DLAC_JAVA_OPTS=-Xmx"
              + suggested
              + "g), or use a smaller batch or network");
    }
  }

  private static double freeHeap() {
    Runtime vm = Runtime.getRuntime();
    return (double) vm.maxMemory() - (vm.totalMemory() - vm.freeMemory());
  }
}
