package org.dlaclab.result;

import java.util.Locale;
import org.dlaclab.grid.Grid;
import org.dlaclab.grid.Skip;

/**
 * The result of one masked matrix product.
 *
 * @param grid the machine
 * @param rows M
 * @param columns N
 * @param reduction K
 */
public record ProductResult(Grid grid, int rows, int columns, int reduction, Tally tally)
    implements Measured {
  @Override
  public Skip skip() {
    return grid.skip();
  }

  /** What it takes of energy, by component. */
  public Energy energy() {
    return Energy.of(tally, grid, skip());
  }

  /** All figures, a line each. */
  @Override
  public String toString() {
    Timing t = timing();
    return String.format(
        Locale.ROOT,
        """
        masked product %d x %d x %d (M x N x K) on %s, skip %s
          MACs         %,d
          effectual    %,d (%.1f %%)
          issued       %,d
          cycles       %,d
            compute    %,.1f
            imbalance  %,.1f
            scan limit %,.1f
            drain      %,d%s
          utilization  %.1f %%
          speedup      %.2fx over skip NONE (%,d cycles)""",
        rows,
        columns,
        reduction,
        grid.name(),
        skip(),
        macs(),
        effectual(),
        100 * effectualShare(),
        issued(),
        cycles(),
        t.compute(),
        t.imbalance(),
        t.scanLimit(),
        t.drain(),
        grid.dram().isInfinite()
            ? ""
            : String.format(
                Locale.ROOT,
                "\n    stall      %,d\n  DRAM bytes   %,d",
                t.stall(),
                traffic().dram()),
        100 * utilization(),
        speedup(),
        tally.timing(Skip.NONE).cycles());
  }
}
