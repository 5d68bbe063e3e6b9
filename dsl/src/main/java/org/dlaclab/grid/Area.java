package org.dlaclab.grid;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import org.dlaclab.tech.Component;
import org.dlaclab.tech.Technology;
import org.dlaclab.unit.SquareMillimetres;

/**
 * What a grid takes of silicon: its arithmetic and buffers. Control and wires are left out, for
 * which no figure is general enough: a real machine is larger.
 *
 * @param parts by component
 */
public record Area(Map<Component, SquareMillimetres> parts) {
  public Area {
    parts = Collections.unmodifiableMap(new EnumMap<>(parts));
  }

  static Area of(Grid grid) {
    Technology technology = grid.technology();
    double pes = grid.pes().count();
    SquareMillimetres arithmetic =
        technology
            .area(grid.precision().add())
            .times(pes * grid.lanes())
            .plus(technology.area(grid.precision().multiply()).times(pes * grid.multipliers()));
    return new Area(
        Map.of(
            Component.ARITHMETIC,
            arithmetic,
            Component.OFM_BUFFERS,
            technology.bufferArea(grid.ofmBuffer()).times(pes),
            Component.WEIGHT_BUFFER,
            technology.bufferArea(grid.weightBuffer()),
            Component.IFM_BUFFER,
            technology.bufferArea(grid.ifmBuffer())));
  }

  /** All components together. */
  public SquareMillimetres total() {
    return parts.values().stream().reduce(SquareMillimetres.NONE, SquareMillimetres::plus);
  }

  /** A line per component, and the total. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (Map.Entry<Component, SquareMillimetres> part : parts.entrySet()) {
      text.append(line(part.getKey().toString(), part.getValue())).append('\n');
    }
    return text.append(line("total", total())).toString();
  }

  private static String line(String name, SquareMillimetres area) {
    return String.format(Locale.ROOT, "%-14s %8.4f mm2", name, area.value());
  }
}
