package org.dlaclab.result;

/**
 * Is told what each PE does while layers run again. Cycles count from 0 for each sample and layer,
 * through all of its passes that are watched.
 */
public interface Watcher {
  /** A layer begins: all that follows is of this sample and layer, until the next one begins. */
  void layer(int sample, String layer);

  /** From cycle {@code at} on, the grid works on other tiles: which ones, in words. */
  void tiles(long at, String which);

  /**
   * A PE works on one block of the reduction. What a PE is told of no work in, while others have
   * some, it waits.
   *
   * @param row of the PE
   * @param column of the PE
   * @param at its first cycle
   * @param issued pairs that took an arithmetic unit
   * @param computing the first of its cycles, in each of which it issues
   * @param scanning the others, in which its window holds nothing to issue
   */
  void block(int row, int column, long at, long issued, long computing, long scanning);

  /** For so many cycles results leave, and no PE computes. */
  void drain(long at, long cycles);

  /** For so many cycles the grid waits for DRAM. */
  void stall(long at, long cycles);
}
