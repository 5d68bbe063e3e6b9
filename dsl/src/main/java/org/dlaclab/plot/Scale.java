package org.dlaclab.plot;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.dlaclab.plot.Numbers.Tick;

/**
 * Where the values of an axis lie: from {@code low} at 0 to {@code high} at 1.
 *
 * @param ticks within the axis
 */
record Scale(boolean log, double low, double high, List<Tick> ticks) {
  /** From this many decades on, a logarithmic axis has powers of ten alone. */
  private static final double DECADES = 3;

  /** Below this, a logarithmic axis is so short that round steps serve better. */
  private static final double LEAST_DECADES = 0.8;

  /** The part of a tight axis that stays free at its ends, so that no marker is cut. */
  private static final double MARGIN = 0.02;

  /**
   * An axis for values.
   *
   * @param wanted about how many ticks
   * @param tight whether it ends where the values end, not at a tick
   */
  static Scale of(LineChart.Axis axis, double[] values, int wanted, boolean tight) {
    double[] shown = Arrays.stream(values).filter(axis::shows).toArray();
    double low = Arrays.stream(shown).min().orElse(axis.log() ? 0.1 : 0);
    double high = Arrays.stream(shown).max().orElse(1);
    if (axis.log()) {
      return log(low == high ? low / 2 : low, low == high ? high * 2 : high, wanted, tight);
    }
    boolean whole = tight && Arrays.stream(shown).allMatch(v -> v == Math.rint(v));
    if (!tight && low >= 0 && low <= high / 2) {
      low = 0; // Near enough to zero to show it.
    }
    if (low == high || !Double.isFinite(high - low)) {
      double room = low == 0 ? 1 : Math.abs(low) / 10;
      low -= tight ? room : low >= 0 ? Math.min(low, room) : room;
      high += room;
    }
    return linear(low, high, Numbers.ticks(low, high, wanted, whole ? 1 : 0), tight);
  }

  private static Scale linear(double low, double high, List<Tick> ticks, boolean tight) {
    double margin = tight ? MARGIN * (high - low) : 0;
    return tight
        ? within(false, low - margin, high + margin, ticks)
        : within(false, ticks.get(0).value(), ticks.get(ticks.size() - 1).value(), ticks);
  }

  private static Scale log(double low, double high, int wanted, boolean tight) {
    double decades = Math.log10(high / low);
    List<Tick> ticks = new ArrayList<>();
    if (decades < LEAST_DECADES) {
      Numbers.ticks(low, high, wanted, 0).stream().filter(t -> t.value() > 0).forEach(ticks::add);
    } else {
      int every = Math.max(1, (int) Math.ceil(decades / wanted));
      int first = (int) Math.floor(Math.log10(low) + 1e-9);
      int last = (int) Math.ceil(Math.log10(high) - 1e-9);
      for (int power = first; power <= last; power++) {
        for (int digit : decades > DECADES ? new int[] {1} : new int[] {1, 2, 5}) {
          // Read, not computed: 1e-3 and no neighbour of it.
          double value = Double.parseDouble(digit + "e" + power);
          if ((power - first) % every == 0 && value < high * 10) {
            ticks.add(
                new Tick(value, power < 4 ? Numbers.tick(value) : Numbers.round(digit, power)));
          }
        }
      }
    }
    double margin = Math.pow(high / low, MARGIN);
    double from = tight ? low / margin : below(low, ticks);
    return within(true, from, tight ? high * margin : above(high, ticks), ticks);
  }

  private static double below(double low, List<Tick> ticks) {
    return ticks.stream()
        .mapToDouble(Tick::value)
        .filter(t -> t <= low * (1 + 1e-9))
        .max()
        .orElse(low);
  }

  private static double above(double high, List<Tick> ticks) {
    return ticks.stream()
        .mapToDouble(Tick::value)
        .filter(t -> t >= high * (1 - 1e-9))
        .min()
        .orElse(high);
  }

  private static Scale within(boolean log, double low, double high, List<Tick> ticks) {
    double slack = 1e-9 * (high - low);
    return new Scale(
        log,
        low,
        high,
        ticks.stream().filter(t -> t.value() >= low - slack && t.value() <= high + slack).toList());
  }

  /** The factor between the ends of a logarithmic axis, as powers of ten. */
  double decades() {
    return Math.log10(high / low);
  }

  /** Whether a logarithmic axis has ticks at powers of ten alone. */
  boolean hasPowersAlone() {
    return decades() > DECADES;
  }

  /** Whether ticks are as near as 1 and no nearer, as of whole numbers that are few. */
  boolean stepsByOne() {
    return ticks.size() > 1 && ticks.get(1).value() - ticks.get(0).value() == 1;
  }

  /** Where a value lies, from 0 to 1. */
  double at(double value) {
    double at = log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
    return Math.max(0, Math.min(1, at));
  }
}
