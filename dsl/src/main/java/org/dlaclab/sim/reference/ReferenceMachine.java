package org.dlaclab.sim.reference;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.dlaclab.error.DlacException;
import org.dlaclab.grid.Grid;
import org.dlaclab.network.FeatureMap;
import org.dlaclab.network.Layer.Conv;
import org.dlaclab.tensor.Shape;
import org.dlaclab.tensor.Tensor;

/**
 * A DLAC that is stepped cycle by cycle and carries values: slow, exact, and meant to be read.
 * Start with {@link ProductRun}, the grid, then {@link Pe}, which skips, and {@link Port}, which
 * drains.
 *
 * <p>The idea of the machine is from Venkatesh et al., "Accelerating Deep Convolutional Networks
 * using low-precision and sparsity", ICASSP 2017: a grid of PEs whose control skips operations on
 * zeros. Its cycles are DLAC Lab's machine model.
 *
 * <p>Only issued pairs are accumulated, so a machine that skipped too much would compute a wrong
 * OFM.
 */
public final class ReferenceMachine {
  private final Grid grid;
  private final Optional<StorageBits> bits;
  private final Consumer<String> log;

  /** A machine that stores ternary and binary rows in 2 bits, and all else at its precision. */
  public ReferenceMachine(Grid grid) {
    this(grid, Optional.empty(), cycle -> {});
  }

  /** A machine that stores operands and results in these bits. */
  public ReferenceMachine(Grid grid, StorageBits bits) {
    this(grid, bits, cycle -> {});
  }

  /**
   * A machine that tells what its PEs do.
   *
   * @param log takes a text per cycle, and in it a letter per PE, row by row: {@code i} issues,
   *     {@code z} sees zeros alone, {@code w} waits for others, {@code d} stands while results
   *     drain, {@code s} stands while DRAM is busy
   */
  public ReferenceMachine(Grid grid, StorageBits bits, Consumer<String> log) {
    this(grid, Optional.of(bits), log);
  }

  private ReferenceMachine(Grid grid, Optional<StorageBits> bits, Consumer<String> log) {
    this.grid = grid;
    this.bits = bits;
    this.log = log;
  }

  private StorageBits bits(boolean multiplierFree) {
    int full = grid.precision().bits();
    return bits.orElse(new StorageBits(multiplierFree ? 2 : full, full, full));
  }

  /**
   * Runs one masked matrix product, {@code ofm[m][n] = sum over k of rows[m][k] * columns[n][k]}.
   *
   * @param rows {@code M x K}: filters
   * @param columns {@code N x K}: what each output pixel sees of the IFM
   * @param multiplierFree whether the rows are ternary or binary, so that all lanes can work
   * @return with an OFM of {@code M x N}
   * @throws DlacException if the operands are not two matrices of one K
   */
  public Outcome run(Tensor rows, Tensor columns, boolean multiplierFree) {
    requireRank("rows", rows, 2, "M x K");
    requireRank("columns", columns, 2, "N x K");
    int reduction = rows.shape().dim(1);
    if (columns.shape().dim(1) != reduction) {
      throw new DlacException(
          "rows are " + rows.shape() + " and columns are " + columns.shape(),
          "M x K and N x K with the same K",
          "transpose one of them");
    }
    Tally tally = new Tally(grid, log);
    float[][] product =
        new ProductRun(
                grid,
                new Operand(matrix(rows)),
                new Operand(matrix(columns)),
                bits(multiplierFree),
                reduction,
                grid.units(multiplierFree),
                tally)
            .run();
    int n = columns.shape().dim(0);
    float[] ofm = new float[product.length * n];
    for (int m = 0; m < product.length; m++) {
      System.arraycopy(product[m], 0, ofm, m * n, n);
    }
    return tally.outcome(Tensor.of(Shape.of(product.length, n), ofm));
  }

  /**
   * Runs a convolution as one product per group, one after another: a group begins when the last
   * result of the group before has left. The bias is not the grid's work and is left out.
   *
   * @param weights {@code K x C/groups x R x S}
   * @param ifm {@code B x C x H x W}
   * @param multiplierFree whether the weights are ternary or binary, so that all lanes can work
   * @return with an OFM of {@code B x K x P x Q}
   * @throws DlacException if a shape does not fit the layer
   */
  public Outcome conv(Conv conv, Tensor weights, Tensor ifm, boolean multiplierFree) {
    requireRank("the IFM", ifm, 4, "B x C x H x W");
    Shape shape = ifm.shape();
    FeatureMap ifmMap = new FeatureMap(shape.dim(1), shape.dim(2), shape.dim(3));
    FeatureMap ofmMap = conv.ofm(conv.name(), List.of(ifmMap));
    requireShape("weights", conv, weights, weightShape(conv, ifmMap), "K x C/groups x R x S");

    int batch = shape.dim(0);
    Lowering lowering = new Lowering(conv, weights, ifm, batch, ifmMap, ofmMap);
    float[] ofm = new float[Math.toIntExact(batch * ofmMap.size())];
    Tally tally = new Tally(grid, log);
    for (int group = 0; group < conv.groups(); group++) {
      ProductRun run =
          new ProductRun(
              grid,
              lowering.rows(group),
              lowering.columns(group),
              bits(multiplierFree),
              lowering.reduction(),
              grid.units(multiplierFree),
              tally);
      lowering.store(group, run.run(), ofm);
    }
    return tally.outcome(
        Tensor.of(Shape.of(batch, conv.filters(), ofmMap.height(), ofmMap.width()), ofm));
  }

  /**
   * Runs the gradient of a convolution's IFM: of each group, one product per stride phase, one
   * after another.
   *
   * @param weights {@code K x C/groups x R x S}
   * @param gradient of the OFM, {@code B x K x P x Q}
   * @param ifmMap the IFM's extents, which those of the OFM do not tell
   * @param multiplierFree whether the weights are ternary or binary, so that all lanes can work
   * @return with the gradient of the IFM, {@code B x C x H x W}, in place of an OFM
   * @throws DlacException if a shape does not fit the layer
   */
  public Outcome dgrad(
      Conv conv, Tensor weights, Tensor gradient, FeatureMap ifmMap, boolean multiplierFree) {
    requireShape("weights", conv, weights, weightShape(conv, ifmMap), "K x C/groups x R x S");
    requireRank("the gradient", gradient, 4, "B x K x P x Q");
    int batch = gradient.shape().dim(0);
    Backward backward = backward(conv, gradient, ifmMap, batch);
    return run(
        backward.dgrad(weights, gradient),
        multiplierFree,
        Shape.of(batch, ifmMap.channels(), ifmMap.height(), ifmMap.width()));
  }

  /**
   * Runs the gradient of a convolution's weights: one product per group, one after another. Its row
   * operand, the OFM's gradient, takes multipliers.
   *
   * @param gradient of the OFM, {@code B x K x P x Q}
   * @param ifm {@code B x C x H x W}
   * @return with the gradient of the weights, {@code K x C/groups x R x S}, in place of an OFM
   * @throws DlacException if a shape does not fit the layer
   */
  public Outcome wgrad(Conv conv, Tensor gradient, Tensor ifm) {
    requireRank("the IFM", ifm, 4, "B x C x H x W");
    requireRank("the gradient", gradient, 4, "B x K x P x Q");
    Shape shape = ifm.shape();
    FeatureMap ifmMap = new FeatureMap(shape.dim(1), shape.dim(2), shape.dim(3));
    Backward backward = backward(conv, gradient, ifmMap, shape.dim(0));
    return run(backward.wgrad(gradient, ifm), false, weightShape(conv, ifmMap));
  }

  private static Backward backward(Conv conv, Tensor gradient, FeatureMap ifmMap, int batch) {
    FeatureMap ofmMap = conv.ofm(conv.name(), List.of(ifmMap));
    Shape expected = Shape.of(batch, conv.filters(), ofmMap.height(), ofmMap.width());
    requireShape("gradient", conv, gradient, expected, "B x K x P x Q");
    return new Backward(conv, batch, ifmMap, ofmMap);
  }

  private Outcome run(List<Backward.Product> products, boolean multiplierFree, Shape shape) {
    float[] results = new float[Math.toIntExact(shape.size())];
    Tally tally = new Tally(grid, log);
    for (Backward.Product product : products) {
      float[][] values =
          new ProductRun(
                  grid,
                  product.rows,
                  product.columns,
                  bits(multiplierFree),
                  product.reduction,
                  grid.units(multiplierFree),
                  tally)
              .run();
      for (int m = 0; m < values.length; m++) {
        for (int n = 0; n < values[m].length; n++) {
          results[product.target[m][n]] = values[m][n];
        }
      }
    }
    return tally.outcome(Tensor.of(shape, results));
  }

  private static Shape weightShape(Conv conv, FeatureMap ifmMap) {
    return Shape.of(
        conv.filters(),
        ifmMap.channels() / conv.groups(),
        conv.kernel().height(),
        conv.kernel().width());
  }

  private static void requireShape(
      String what, Conv conv, Tensor tensor, Shape expected, String axes) {
    if (!tensor.shape().equals(expected)) {
      throw new DlacException(
          "the " + what + " of conv \"" + conv.name() + "\" are " + tensor.shape(),
          expected + " (" + axes + ")",
          "correct the " + what + " or the layer");
    }
  }

  private static void requireRank(String name, Tensor tensor, int rank, String axes) {
    if (tensor.shape().rank() != rank) {
      throw new DlacException(
          name + " has shape " + tensor.shape(), axes, "reshape it to " + rank + " dimensions");
    }
  }

  private static float[][] matrix(Tensor tensor) {
    float[][] matrix = new float[tensor.shape().dim(0)][tensor.shape().dim(1)];
    for (int r = 0, i = 0; r < matrix.length; r++) {
      for (int c = 0; c < matrix[r].length; c++, i++) {
        matrix[r][c] = tensor.get(i);
      }
    }
    return matrix;
  }
}
