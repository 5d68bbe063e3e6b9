package org.dlaclab.sim.reference;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.dlaclab.grid.Grid;
import org.dlaclab.tensor.Tensor;

/** The counters on the side of the machine. They never decide what it does. */
final class Tally {
  long cycles;
  long drainOnlyCycles;
  long stallCycles;
  long macs;
  long issued;
  long effectual;
  long rowBytes;
  long columnBytes;
  long resultBytes;
  long rowReadBytes;
  long columnReadBytes;

  /** Cycles that each PE spent issuing, and the sums over all PEs of the other two activities. */
  private final long[][] issuing;

  private long scanning;
  private long waiting;

  private final Consumer<String> log;
  private final StringBuilder activities = new StringBuilder();

  Tally(Grid grid, Consumer<String> log) {
    this.log = log;
    issuing = new long[grid.pes().rows()][grid.pes().columns()];
  }

  /** Notes how PE {@code (y, x)} spent one cycle. */
  void note(int y, int x, Pe.Activity activity) {
    activities.append(activity.letter);
    switch (activity) {
      case ISSUING -> issuing[y][x]++;
      case SCANNING -> scanning++;
      case WAITING -> waiting++;
    }
  }

  /** Ends a cycle in which PEs computed. */
  void computed() {
    log.accept(activities.toString());
    activities.setLength(0);
  }

  /** Ends a cycle in which all PEs stood still for one reason. */
  void stood(String letter) {
    log.accept(letter.repeat(issuing.length * issuing[0].length));
  }

  Outcome outcome(Tensor ofm) {
    long allIssuing = 0;
    List<List<Long>> perPe = new ArrayList<>();
    for (long[] peRow : issuing) {
      List<Long> row = new ArrayList<>();
      for (long cycles : peRow) {
        row.add(cycles);
        allIssuing += cycles;
      }
      perPe.add(row);
    }
    double pes = (double) issuing.length * issuing[0].length;
    return new Outcome(
        ofm,
        cycles,
        macs,
        issued,
        effectual,
        allIssuing / pes,
        scanning / pes,
        waiting / pes,
        drainOnlyCycles,
        stallCycles,
        rowBytes,
        columnBytes,
        resultBytes,
        rowReadBytes,
        columnReadBytes,
        perPe);
  }
}
