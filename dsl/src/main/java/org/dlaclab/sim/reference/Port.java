package org.dlaclab.sim.reference;

import java.util.ArrayDeque;
import java.util.Queue;

/** The port through which the results of one PE column leave, {@code drainWidth} per cycle. */
final class Port {
  private record Result(int row, int column, float value) {}

  private final int drainWidth;
  private final float[][] ofm;
  private final Queue<Result> waiting = new ArrayDeque<>();

  /**
   * @param ofm where results go, as {@code [row][column]} of the product
   */
  Port(int drainWidth, float[][] ofm) {
    this.drainWidth = drainWidth;
    this.ofm = ofm;
  }

  /** Takes over a result of the pass that has just ended. */
  void accept(int row, int column, float value) {
    waiting.add(new Result(row, column, value));
  }

  boolean isDraining() {
    return !waiting.isEmpty();
  }

  /** One clock cycle. */
  void step() {
    for (int i = 0; i < drainWidth && !waiting.isEmpty(); i++) {
      Result result = waiting.remove();
      ofm[result.row()][result.column()] = result.value();
    }
  }
}
