package org.dlaclab.testing;

import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.dlaclab.grid.FilterOrder;
import org.dlaclab.grid.Grid;
import org.dlaclab.grid.LoopOrder;
import org.dlaclab.grid.Precision;
import org.dlaclab.grid.Skip;
import org.dlaclab.grid.Storage;
import org.dlaclab.network.FeatureMap;
import org.dlaclab.network.Layer.Conv;
import org.dlaclab.network.Option.Dilation;
import org.dlaclab.network.Option.Kernel;
import org.dlaclab.network.Option.Padding;
import org.dlaclab.network.Option.Stride;
import org.dlaclab.tensor.Shape;
import org.dlaclab.tensor.Tensor;
import org.dlaclab.unit.Bytes;
import org.dlaclab.unit.BytesPerSecond;

/**
 * Grids, layers and tensors made from a seed. A case prints as its seed and all that it drew, so a
 * failing test can be read and run again.
 *
 * <p>Tensor values are small multiples of 1/8: every sum of products that a case can form is exact
 * in a {@code float}, in any order, so that results can be compared for equality.
 */
public final class RandomCases {
  private static final long MOST_MACS = 120_000;
  private static final List<Skip> SKIPS = List.of(Skip.values());

  private RandomCases() {}

  /**
   * A convolution with its operands on a grid.
   *
   * @param weights {@code K x C/groups x R x S}
   * @param ifm {@code B x C x H x W}
   * @param multiplierFree whether the weights are ternary
   */
  public record ConvCase(
      long seed, Grid grid, Conv conv, Tensor weights, Tensor ifm, boolean multiplierFree) {

    /** The extents of one image's OFM. */
    public FeatureMap ofm() {
      Shape shape = ifm.shape();
      return conv.ofm(
          conv.name(), List.of(new FeatureMap(shape.dim(1), shape.dim(2), shape.dim(3))));
    }

    /** The extents of one image's IFM. */
    public FeatureMap ifmMap() {
      Shape shape = ifm.shape();
      return new FeatureMap(shape.dim(1), shape.dim(2), shape.dim(3));
    }

    /** Images. */
    public int batch() {
      return ifm.shape().dim(0);
    }

    /** A gradient of the OFM, {@code B x K x P x Q}, the same in every skip mode. */
    public Tensor ofmGradient() {
      return tensor(
          random(seed ^ 0x5DEECE66DL), 8, batch(), conv.filters(), ofm().height(), ofm().width());
    }

    /** The same work on another grid. */
    public ConvCase on(Grid other) {
      return new ConvCase(seed, other, conv, weights, ifm, multiplierFree);
    }

    /** The same layer with all operands dense, of the value {@code 1/8}. */
    public ConvCase dense() {
      return new ConvCase(seed, grid, conv, ones(weights), ones(ifm), multiplierFree);
    }

    private static Tensor ones(Tensor tensor) {
      float[] values = new float[tensor.size()];
      java.util.Arrays.fill(values, 1 / 8f);
      return Tensor.of(tensor.shape(), values);
    }

    /** The same work on this grid with another skip mode. */
    public ConvCase with(Skip skip) {
      return new ConvCase(
          seed, grid.with(new Grid.Skipping(skip)), conv, weights, ifm, multiplierFree);
    }

    @Override
    public String toString() {
      return "seed "
          + seed
          + ": "
          + text(conv)
          + ", weights "
          + brief(weights)
          + (multiplierFree ? " ternary" : "")
          + ", IFM "
          + brief(ifm)
          + ", "
          + text(grid);
    }
  }

  /**
   * A masked matrix product on a grid.
   *
   * @param rows {@code M x K}
   * @param columns {@code N x K}
   * @param multiplierFree whether the rows are ternary
   */
  public record ProductCase(
      long seed, Grid grid, Tensor rows, Tensor columns, boolean multiplierFree) {

    /** The same work on this grid with another skip mode. */
    public ProductCase with(Skip skip) {
      return new ProductCase(
          seed, grid.with(new Grid.Skipping(skip)), rows, columns, multiplierFree);
    }

    @Override
    public String toString() {
      return "seed "
          + seed
          + ": rows "
          + brief(rows)
          + (multiplierFree ? " ternary" : "")
          + ", columns "
          + brief(columns)
          + ", "
          + text(grid);
    }
  }

  /** The convolution of this seed. The kind of layer and the skip mode go round with the seed. */
  public static ConvCase conv(long seed) {
    Random random = random(seed);
    Grid grid = grid(random, skip(seed));
    // 0 is a plain layer, 1 has a kernel of 1x1, 2 has groups, 3 is depthwise.
    long kind = Math.floorMod(seed / SKIPS.size(), 4L);
    // Draws until the layer is small enough: a bound on each extent would leave out some shapes.
    while (true) {
      int groups = kind < 2 ? 1 : between(random, 1, 8);
      int channelsPerGroup = kind == 3 ? 1 : between(random, 1, kind == 1 ? 150 : 24);
      int filtersPerGroup = kind == 3 && random.nextBoolean() ? 1 : between(random, 1, 14);
      Kernel kernel =
          kind == 1 ? new Kernel(1, 1) : new Kernel(between(random, 1, 5), between(random, 1, 5));
      Stride stride = new Stride(between(random, 1, 3), between(random, 1, 3));
      Dilation dilation = new Dilation(between(random, 1, 2), between(random, 1, 2));
      Padding padding =
          new Padding(random.nextInt(4), random.nextInt(4), random.nextInt(4), random.nextInt(4));
      int channels = groups * channelsPerGroup;
      int filters = groups * filtersPerGroup;
      int batch = between(random, 1, 3);
      int height = between(random, 1, 9);
      int width = between(random, 1, 9);
      int reachH = dilation.height() * (kernel.height() - 1) + 1;
      int reachW = dilation.width() * (kernel.width() - 1) + 1;
      if (reachH > height + padding.top() + padding.bottom()
          || reachW > width + padding.left() + padding.right()) {
        continue;
      }
      Conv conv =
          new Conv("conv" + seed, filters, kernel, stride, padding, dilation, groups, false);
      FeatureMap ifmMap = new FeatureMap(channels, height, width);
      FeatureMap ofmMap = conv.ofm(conv.name(), List.of(ifmMap));
      if (batch * conv.macs(ifmMap, ofmMap) > MOST_MACS) {
        continue;
      }
      boolean ternary = random.nextBoolean();
      return new ConvCase(
          seed,
          grid,
          conv,
          tensor(
              random, ternary ? 1 : 8, filters, channelsPerGroup, kernel.height(), kernel.width()),
          tensor(random, 8, batch, channels, height, width),
          ternary);
    }
  }

  /** The product of this seed. The skip mode goes round with the seed. */
  public static ProductCase product(long seed) {
    Random random = random(seed);
    Grid grid = grid(random, skip(seed));
    int reduction = between(random, 1, random.nextBoolean() ? 63 : 400);
    int m = between(random, 1, 30);
    int n = Math.max(1, (int) Math.min(between(random, 1, 40), MOST_MACS / reduction / m));
    boolean ternary = random.nextBoolean();
    return new ProductCase(
        seed,
        grid,
        tensor(random, ternary ? 1 : 8, m, reduction),
        tensor(random, 8, n, reduction),
        ternary);
  }

  /** The grid of this seed, small enough that layers of few pixels take many passes. */
  public static Grid grid(long seed) {
    return grid(random(seed), skip(seed));
  }

  /**
   * This grid with a memory of its own: buffers from a few bytes to all that a case needs, DRAM
   * from far too slow to infinite, and any loop order and storage of these.
   */
  public static Grid memory(Grid grid, long seed, Storage... storages) {
    Random random = random(seed ^ 0x2545F491L);
    double[] bytesPerCycle = {0.3, 1, 7.3, 51.2, 1000, Double.POSITIVE_INFINITY};
    return grid.with(
        new Grid.WeightBuffer(new Bytes(8L << random.nextInt(12))),
        new Grid.IfmBuffer(new Bytes(8L << random.nextInt(12))),
        new Grid.Dram(
            new BytesPerSecond(
                bytesPerCycle[random.nextInt(bytesPerCycle.length)] * grid.clock().value())),
        new Grid.Loops(any(random, List.of(LoopOrder.values()))),
        new Grid.Stored(any(random, List.of(storages))),
        new Grid.Arithmetic(any(random, List.of(Precision.values()))));
  }

  private static <T> T any(Random random, List<T> values) {
    return values.get(random.nextInt(values.size()));
  }

  private static Grid grid(Random random, Skip skip) {
    int lanes = between(random, 1, 4);
    return Grid.of(
        "random",
        new Grid.Pes(between(random, 1, 4), between(random, 1, 4)),
        new Grid.Lanes(lanes),
        new Grid.Multipliers(between(random, 1, lanes)),
        new Grid.Tile(between(random, 1, 5), between(random, 1, 5)),
        new Grid.Window(between(random, 1, 8)),
        new Grid.BlockSize(64 * between(random, 1, 2)),
        new Grid.Sync(random.nextInt(4)),
        new Grid.Skipping(skip),
        new Grid.Filters(random.nextBoolean() ? FilterOrder.NATURAL : FilterOrder.DENSITY_SORTED),
        new Grid.Loops(random.nextBoolean() ? LoopOrder.ROWS_OUTER : LoopOrder.COLS_OUTER),
        new Grid.Drain(between(random, 1, 3)),
        new Grid.DoubleBuffer(random.nextBoolean()));
  }

  /**
   * A tensor in which each slice of the first dimension has a density of its own, sometimes 0 or 1:
   * work on such rows is out of balance.
   *
   * @param magnitudes how many different magnitudes the non-zeros have; 1 gives a ternary tensor
   */
  private static Tensor tensor(Random random, int magnitudes, int... dims) {
    Shape shape = Shape.of(dims);
    float[] values = new float[Math.toIntExact(shape.size())];
    int slice = values.length / dims[0];
    double base = random.nextInt(11) / 10.0;
    double current = 0;
    for (int i = 0; i < values.length; i++) {
      if (i % slice == 0) {
        current = density(random, base);
      }
      if (random.nextDouble() < current) {
        int sign = random.nextBoolean() ? 1 : -1;
        values[i] = sign * between(random, 1, magnitudes) / 8f;
      }
    }
    return Tensor.of(shape, values);
  }

  /** The density of one slice: mostly that of the tensor, but now and then any other. */
  private static double density(Random random, double base) {
    return switch (random.nextInt(6)) {
      case 0 -> 0;
      case 1 -> 1;
      case 2 -> random.nextDouble();
      default -> base;
    };
  }

  private static Random random(long seed) {
    // The first draws of java.util.Random are alike for neighbouring seeds: spread them.
    return new Random(seed * 0x9E3779B97F4A7C15L);
  }

  private static Skip skip(long seed) {
    return SKIPS.get(Math.floorMod(seed, SKIPS.size()));
  }

  /** One of the whole numbers from {@code least} to {@code most}, both included. */
  private static int between(Random random, int least, int most) {
    return least + random.nextInt(most - least + 1);
  }

  private static String brief(Tensor tensor) {
    return tensor.shape() + String.format(Locale.ROOT, " at %.2f", tensor.density());
  }

  private static String text(Conv conv) {
    Padding pad = conv.padding();
    return "conv "
        + conv.kernel()
        + " stride "
        + conv.stride().height()
        + "x"
        + conv.stride().width()
        + " dilation "
        + conv.dilation().height()
        + "x"
        + conv.dilation().width()
        + " pad "
        + List.of(pad.top(), pad.left(), pad.bottom(), pad.right())
        + " groups "
        + conv.groups();
  }

  private static String text(Grid grid) {
    return "pes "
        + grid.pes()
        + " lanes "
        + grid.lanes()
        + "/"
        + grid.multipliers()
        + " tile "
        + grid.tile()
        + " window "
        + grid.window()
        + " block "
        + grid.blockSize()
        + " sync "
        + grid.syncBlocks()
        + " "
        + grid.skip()
        + " "
        + grid.filterOrder()
        + " "
        + grid.loopOrder()
        + " drain "
        + grid.drainWidth()
        + (grid.ofmDoubleBuffered() ? " double" : " single")
        + " buffers "
        + grid.weightBuffer()
        + " + "
        + grid.ifmBuffer()
        + " dram "
        + grid.dram()
        + " "
        + grid.storage()
        + " "
        + grid.precision();
  }
}
