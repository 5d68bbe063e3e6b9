package org.dlaclab.sim.reference;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The on-chip buffer of one operand. Passes ask it for tiles; it says how many bytes it has to load
 * for each.
 *
 * <p>What it keeps from pass to pass: everything, if the operand fits; else the tile of the pass
 * before, if the loops come back to it at once and it fits; else nothing.
 */
final class Buffer {
  private final long capacity;
  private final int bits;
  private final boolean masked;
  private final boolean outer;
  private final boolean keepsAll;

  /** Whether an element, of those there are, is not zero. */
  private final Map<Integer, Boolean> nonZero = new HashMap<>();

  private final Set<Integer> inside = new HashSet<>();
  private int tileInside = -1;

  /**
   * @param tiles the rows or columns of each tile
   * @param outer whether passes over one tile come one after another
   */
  Buffer(
      long capacity, int bits, boolean masked, boolean outer, Operand operand, List<int[]> tiles) {
    this.capacity = capacity;
    this.bits = bits;
    this.masked = masked;
    this.outer = outer;
    for (int r = 0; r < operand.count(); r++) {
      for (int k = 0; k < operand.elements[r].length; k++) {
        if (operand.elements[r][k] != Operand.PADDING) {
          nonZero.put(operand.elements[r][k], operand.values[r][k] != 0);
        }
      }
    }
    long all = 0;
    Set<Integer> held = new HashSet<>();
    for (int[] tile : tiles) {
      Set<Integer> fresh = elements(operand, tile);
      fresh.removeAll(held);
      held.addAll(fresh);
      all += bytes(fresh);
    }
    this.keepsAll = all <= capacity;
  }

  /** The elements that some rows or columns need. */
  static Set<Integer> elements(Operand operand, int[] tile) {
    Set<Integer> elements = new HashSet<>();
    for (int r : tile) {
      for (int element : operand.elements[r]) {
        if (element != Operand.PADDING) {
          elements.add(element);
        }
      }
    }
    return elements;
  }

  /** Whole bytes of these elements in DRAM. */
  private long bytes(Set<Integer> elements) {
    long size = 0;
    for (int element : elements) {
      size += size(element);
    }
    return (size + 7) / 8;
  }

  private int size(int element) {
    if (!masked) {
      return bits;
    }
    return 1 + (Boolean.TRUE.equals(nonZero.get(element)) ? bits : 0);
  }

  /** A pass needs a tile: the bytes to load for it. */
  long load(int tile, Set<Integer> elements) {
    if (keepsAll) {
      Set<Integer> missing = new HashSet<>(elements);
      missing.removeAll(inside);
      inside.addAll(missing);
      return bytes(missing);
    }
    if (outer && bytes(elements) <= capacity) {
      boolean there = tileInside == tile;
      tileInside = tile;
      return there ? 0 : bytes(elements);
    }
    return bytes(elements);
  }

  /**
   * Whole bytes that a pass reads for these rows or columns: an element as often as it is needed.
   */
  long read(Operand operand, int[] tile) {
    long size = 0;
    for (int r : tile) {
      for (int element : operand.elements[r]) {
        size += element == Operand.PADDING ? 0 : size(element);
      }
    }
    return (size + 7) / 8;
  }
}
