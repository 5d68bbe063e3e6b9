package org.dlaclab.result;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.dlaclab.grid.Skip;

/**
 * What some work on a grid amounts to, timed in all four skip modes at once: they share the
 * counting, and the dense machine ({@link Skip#NONE}) is the baseline of the others.
 *
 * @param macs pairs of the dense machine, padded positions included
 * @param effectual pairs with two non-zero operands
 * @param timings one per skip mode
 * @param traffics one per skip mode: they differ if the storage follows the skip mode
 */
public record Tally(
    long macs, long effectual, Map<Skip, Timing> timings, Map<Skip, Traffic> traffics) {
  public Tally {
    timings = Collections.unmodifiableMap(new EnumMap<>(timings));
    traffics = Collections.unmodifiableMap(new EnumMap<>(traffics));
  }

  /** No work. */
  public static Tally none() {
    Map<Skip, Timing> timings = new EnumMap<>(Skip.class);
    Map<Skip, Traffic> traffics = new EnumMap<>(Skip.class);
    for (Skip skip : Skip.values()) {
      timings.put(skip, Timing.NONE);
      traffics.put(skip, Traffic.NONE);
    }
    return new Tally(0, 0, timings, traffics);
  }

  /** The timing in this mode. */
  public Timing timing(Skip skip) {
    return Objects.requireNonNull(timings.get(skip));
  }

  /** The bytes that move in this mode. */
  public Traffic traffic(Skip skip) {
    return Objects.requireNonNull(traffics.get(skip));
  }

  /** Cycles of the dense machine over cycles in this mode; NaN without work. */
  public double speedup(Skip skip) {
    return (double) timing(Skip.NONE).cycles() / timing(skip).cycles();
  }

  /** This work, then {@code next}. */
  public Tally plus(Tally next) {
    Map<Skip, Timing> sum = new EnumMap<>(Skip.class);
    Map<Skip, Traffic> moved = new EnumMap<>(Skip.class);
    for (Skip skip : Skip.values()) {
      sum.put(skip, timing(skip).plus(next.timing(skip)));
      moved.put(skip, traffic(skip).plus(next.traffic(skip)));
    }
    return new Tally(macs + next.macs, effectual + next.effectual, sum, moved);
  }

  /** A line per skip mode: cycles, issued pairs and speedup. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append(String.format(Locale.ROOT, "%,d MACs, %,d effectual", macs, effectual));
    timings.forEach(
        (skip, timing) ->
            text.append(
                String.format(
                    Locale.ROOT,
                    "\n  skip %-11s %,15d cycles  %,15d issued  speedup %.2f",
                    skip,
                    timing.cycles(),
                    timing.issued(),
                    speedup(skip))));
    return text.toString();
  }
}
