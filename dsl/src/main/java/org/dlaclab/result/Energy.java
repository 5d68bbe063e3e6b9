package org.dlaclab.result;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.dlaclab.grid.Grid;
import org.dlaclab.grid.Precision;
import org.dlaclab.grid.Skip;
import org.dlaclab.tech.Component;
import org.dlaclab.tech.Technology;
import org.dlaclab.unit.Bytes;
import org.dlaclab.unit.Joules;

/**
 * What some work on a grid takes of energy, by component: actions, times what the grid's {@link
 * Technology} says that one costs. Leakage, clock, control and wires are left out, for which no
 * figure is general enough: a real machine takes more.
 *
 * <ul>
 *   <li>Arithmetic: an addition per issued pair, and a multiplication where it took a multiplier.
 *   <li>OFM buffers: a partial sum is read and written per issued pair, and read once to drain.
 *   <li>Weight and IFM buffer: every byte that came from DRAM is written, and what passes read is
 *       read.
 *   <li>DRAM: every byte between DRAM and the chip.
 * </ul>
 *
 * @param parts by component
 */
public record Energy(Map<Component, Joules> parts) {
  public Energy {
    parts = Collections.unmodifiableMap(new EnumMap<>(parts));
  }

  /** The energy of {@code work} on {@code grid}, had the grid this skip mode. */
  static Energy of(Tally work, Grid grid, Skip skip) {
    Timing timing = work.timing(skip);
    Traffic traffic = work.traffic(skip);
    Technology technology = grid.technology();
    Precision precision = grid.precision();
    Map<Component, Joules> parts = new EnumMap<>(Component.class);
    parts.put(
        Component.ARITHMETIC,
        technology
            .energy(precision.add())
            .times((double) timing.issued())
            .plus(technology.energy(precision.multiply()).times((double) timing.multiplied())));
    double sums = 2.0 * timing.issued() + traffic.drained();
    parts.put(
        Component.OFM_BUFFERS,
        technology.bufferBit(grid.ofmBuffer()).times(sums * precision.sumBits()));
    parts.put(
        Component.WEIGHT_BUFFER,
        buffer(technology, grid.weightBuffer(), traffic.rows() + traffic.rowReads()));
    parts.put(
        Component.IFM_BUFFER,
        buffer(technology, grid.ifmBuffer(), traffic.columns() + traffic.columnReads()));
    parts.put(Component.DRAM, technology.dramBit().times((double) traffic.dram() * Byte.SIZE));
    return new Energy(parts);
  }

  private static Joules buffer(Technology technology, Bytes size, long bytes) {
    return technology.bufferBit(size).times((double) bytes * Byte.SIZE);
  }

  /** The energy of one component. */
  public Joules of(Component component) {
    return Objects.requireNonNull(parts.get(component));
  }

  /** All components together. */
  public Joules total() {
    return parts.values().stream().reduce(Joules.NONE, Joules::plus);
  }

  /** A line per component with its share, and the total. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    parts.forEach(
        (component, energy) ->
            text.append(
                String.format(
                    Locale.ROOT,
                    "%-14s %10s %5.1f %%\n",
                    component,
                    energy,
                    100 * energy.value() / total().value())));
    return text.append(String.format(Locale.ROOT, "%-14s %10s", "total", total())).toString();
  }
}
