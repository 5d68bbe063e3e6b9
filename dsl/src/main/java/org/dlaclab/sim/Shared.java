package org.dlaclab.sim;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.dlaclab.grid.FilterOrder;
import org.dlaclab.grid.Grid;
import org.dlaclab.grid.Precision;
import org.dlaclab.result.Tally;

/**
 * One product on many grids. Effectual pairs depend on how the product is cut into tiles and blocks
 * alone: they are counted once for all grids that cut it alike. What the grids differ in beside
 * that, such as PEs, window or DRAM, is a matter of timing.
 *
 * <p>The counts of one cut are held at a time, an int for each pair of tiles and each block: MACs /
 * 4,096 of them for tiles of 4 x 16 and blocks of 64. Where they would take more than {@link
 * #MOST_COUNTS}, each grid counts for itself, as a grid alone does.
 */
final class Shared {
  /** Counts that are held at once: 64 MiB. */
  private static final long MOST_COUNTS = 1 << 24;

  private final MaskedProduct product;
  private final Function<Footprint.Tiling, Footprint> footprints;

  /** What decides how a product is cut. */
  private record Cut(Grid.Tile tile, int blockSize, FilterOrder order) {
    static Cut of(Grid grid) {
      return new Cut(grid.tile(), grid.blockSize(), grid.filterOrder());
    }
  }

  Shared(MaskedProduct product, Function<Footprint.Tiling, Footprint> footprints) {
    this.product = product;
    this.footprints = footprints;
  }

  /**
   * Times the product.
   *
   * @param widths for each precision of a grid
   * @return a tally per grid
   */
  List<Tally> run(List<Grid> grids, Map<Precision, Widths> widths) {
    Map<Footprint.Tiling, Footprint> known = new HashMap<>();
    List<Footprint> touched =
        grids.stream()
            .map(grid -> known.computeIfAbsent(Footprint.Tiling.of(grid), footprints))
            .collect(Collectors.toList());
    Map<Cut, List<Integer>> cuts = new LinkedHashMap<>();
    for (int g = 0; g < grids.size(); g++) {
      cuts.computeIfAbsent(Cut.of(grids.get(g)), cut -> new ArrayList<>()).add(g);
    }
    Tally[] tallies = new Tally[grids.size()];
    for (List<Integer> alike : cuts.values()) {
      Grid first = grids.get(alike.get(0));
      Engine.requireCountable(product, first);
      Engine.Tiles tiles = Engine.tiles(product, first);
      int[] counts = alike.size() == 1 || tiles.counts() > MOST_COUNTS ? new int[0] : count(tiles);
      alike.stream()
          .parallel()
          .forEach(
              g ->
                  tallies[g] =
                      Engine.run(
                          product,
                          Objects.requireNonNull(widths.get(grids.get(g).precision())),
                          touched.get(g),
                          grids.get(g),
                          tiles,
                          counts));
    }
    return Arrays.asList(tallies);
  }

  /** The effectual pairs of each pair of tiles: {@code [row tile][column tile][block]}. */
  private static int[] count(Engine.Tiles tiles) {
    int[] counts = new int[(int) tiles.counts()];
    int words = tiles.rows().words;
    int blockWords = tiles.blockWords();
    int blocks = tiles.blocks();
    int across = tiles.columns().tiles;
    IntStream.range(0, tiles.rows().tiles)
        .parallel()
        .forEach(
            row -> {
              int[] effectual = new int[words];
              for (int column = 0; column < across; column++) {
                TilePlanes.effectual(tiles.rows(), row, tiles.columns(), column, effectual);
                int at = (row * across + column) * blocks;
                for (int w = 0; w < words; w++) {
                  counts[at + w / blockWords] += effectual[w];
                }
              }
            });
    return counts;
  }
}
