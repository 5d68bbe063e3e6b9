package org.dlaclab.sim;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.dlaclab.error.Check;
import org.dlaclab.network.FeatureMap;
import org.dlaclab.network.Layer;
import org.dlaclab.network.Node;
import org.dlaclab.result.Pass;
import org.dlaclab.sim.Footprint.Tiling;
import org.dlaclab.tensor.BitMatrix;

/**
 * Lowers a layer to masked products, some for each group.
 *
 * <p>Forward: rows are the group's filters, columns the output pixels of the batch, and the
 * reduction runs over r, s, c with c fastest.
 *
 * <p>Dgrad, one product per stride phase: rows are the group's input channels, columns the input
 * pixels of the phase, and the reduction runs over the phase's r, s, and the filters, these
 * fastest.
 *
 * <p>Wgrad: rows are the group's filters, columns r, s, c, and the reduction runs over the output
 * pixels of the batch: the forward pass's columns turned around.
 */
final class Lowering {
  private final Node layer;
  private final Layer.Conv conv;
  private final int channels;
  private final int filters;
  private final List<Phase> phases;

  /**
   * The input pixels {@code h = i mod stride, w = j mod stride}, and the taps that reach them.
   *
   * @param rows the kernel's r
   * @param columns the kernel's s
   */
  record Phase(int i, int j, List<Integer> rows, List<Integer> columns) {}

  Lowering(Node layer) {
    this.layer = layer;
    this.conv = layer.conv();
    this.channels = layer.ifm().channels() / conv.groups();
    this.filters = conv.filters() / conv.groups();
    this.phases = phases(conv, layer.ifm());
  }

  /** The stride phases that have a tap and a pixel. */
  private static List<Phase> phases(Layer.Conv conv, FeatureMap ifm) {
    List<Phase> phases = new ArrayList<>();
    for (int i = 0; i < Math.min(conv.stride().height(), ifm.height()); i++) {
      List<Integer> rows =
          taps(
              conv.kernel().height(),
              conv.stride().height(),
              conv.dilation().height(),
              i + conv.padding().top());
      for (int j = 0; j < Math.min(conv.stride().width(), ifm.width()); j++) {
        List<Integer> columns =
            taps(
                conv.kernel().width(),
                conv.stride().width(),
                conv.dilation().width(),
                j + conv.padding().left());
        if (!rows.isEmpty() && !columns.isEmpty()) {
          phases.add(new Phase(i, j, rows, columns));
        }
      }
    }
    return phases;
  }

  private static List<Integer> taps(int kernel, int stride, int dilation, int padded) {
    return IntStream.range(0, kernel)
        .filter(tap -> (padded - tap * dilation) % stride == 0)
        .boxed()
        .toList();
  }

  /**
   * Refuses a layer whose masks cannot fit the heap together, before the first of them is made.
   *
   * @param batch images
   */
  void requireHeap(int batch, Set<Pass> passes) {
    FeatureMap in = layer.ifm();
    double pixels = (double) batch * layer.ofm().pixels();
    double ifm = (double) batch * in.pixels() * BitMatrix.wordsPerRow(in.channels());
    int reduction = taps() * channels;
    double lowered = isPointwise() ? 0 : pixels * BitMatrix.wordsPerRow(reduction);
    if (passes.contains(Pass.WGRAD)) {
      // The windows turned around, while they are still there.
      lowered += reduction * pixels / Long.SIZE;
    }
    if (passes.contains(Pass.DGRAD) && !isPointwise()) {
      for (Phase phase : phases) {
        double steps = (double) phase.rows().size() * phase.columns().size() * filters;
        lowered = Math.max(lowered, batch * pixels(phase) * steps / Long.SIZE);
      }
    }
    boolean backward = passes.contains(Pass.DGRAD) || passes.contains(Pass.WGRAD);
    double gradient = backward ? pixels * BitMatrix.wordsPerRow(conv.filters()) : 0;
    Check.fitsHeap(
        "the IFM of layer \""
            + layer.name()
            + "\" (a bit per element, with its overlapping windows side by side"
            + (backward ? ", and its OFM's gradient likewise" : "")
            + ")",
        (ifm + lowered + gradient) * Long.BYTES);
  }

  int groups() {
    return conv.groups();
  }

  List<Phase> phases() {
    return phases;
  }

  /** Into how many products a pass falls. */
  int products(Pass pass) {
    return groups() * (pass == Pass.DGRAD ? phases.size() : 1);
  }

  /**
   * @param weights {@code K x (R * S * C/groups)}
   * @param windows from {@link #windows}
   */
  MaskedProduct forward(int group, BitMatrix weights, BitMatrix windows, boolean multiplierFree) {
    return new MaskedProduct(filters(group, weights), windows, multiplierFree);
  }

  /**
   * @param weights {@code K x (R * S * C/groups)}
   * @param reached from {@link #reached}
   */
  MaskedProduct dgrad(
      int group, Phase phase, BitMatrix weights, BitMatrix reached, boolean multiplierFree) {
    return new MaskedProduct(channels(group, phase, weights), reached, multiplierFree);
  }

  /**
   * @param gradient of the OFM, {@code (batch * P * Q) x K}: never ternary
   * @param windows from {@link #windows}
   */
  MaskedProduct wgrad(int group, BitMatrix gradient, BitMatrix windows) {
    return new MaskedProduct(
        Bits.transpose(
            named("the turned OFM gradient"),
            gradient,
            0,
            gradient.rows(),
            group * filters,
            filters),
        Bits.transpose(named("the turned IFM"), windows, 0, windows.rows(), 0, windows.columns()),
        false);
  }

  private BitMatrix filters(int group, BitMatrix weights) {
    if (groups() == 1) {
      return weights;
    }
    int perRow = weights.wordsPerRow();
    long[] words = new long[filters * perRow];
    for (int f = 0; f < filters; f++) {
      for (int w = 0; w < perRow; w++) {
        words[f * perRow + w] = weights.word(group * filters + f, w);
      }
    }
    return BitMatrix.of(filters, weights.columns(), words);
  }

  /**
   * The columns of a product.
   *
   * @param bits non-zeros
   * @param footprints what tiles of them touch of the tensor that they were gathered from
   */
  record Columns(BitMatrix bits, Map<Tiling, Footprint> footprints) {
    Footprint footprint(Tiling tiling) {
      return Objects.requireNonNull(footprints.get(tiling));
    }

    /** Columns none of whose elements is another's, nor padding. */
    static Columns ofDistinct(BitMatrix bits, Set<Tiling> tilings) {
      Map<Tiling, Footprint> footprints = new HashMap<>();
      tilings.forEach(t -> footprints.put(t, Footprint.ofDistinct(bits, t)));
      return new Columns(bits, footprints);
    }

    static Columns of(BitMatrix bits, Counter... counters) {
      Map<Tiling, Footprint> footprints = new HashMap<>();
      for (Counter counter : counters) {
        footprints.put(counter.tiling, counter.footprint);
      }
      return new Columns(bits, footprints);
    }
  }

  /**
   * What each output pixel sees of the IFM.
   *
   * @param ifm {@code (batch * H * W) x C}
   * @param tilings for which to count footprints
   * @return {@code (batch * P * Q) x (R * S * C/groups)}
   */
  Columns windows(int group, BitMatrix ifm, Set<Tiling> tilings) {
    if (isPointwise()) {
      return Columns.ofDistinct(ifm, tilings);
    }
    int batch = ifm.rows() / layer.ifm().pixels();
    int reduction = taps() * channels;
    long columns = (long) batch * layer.ofm().pixels();
    int perRow = BitMatrix.wordsPerRow(reduction);
    long[] words = BitMatrix.allocate(named("the lowered IFM"), columns, reduction);
    Counter[] counters = counters((int) columns, tilings, ifm, group * channels, channels);
    eachWindow(
        batch,
        (column, tap, pixel) -> {
          Bits.copy(ifm, pixel, group * channels, channels, words, column * perRow, tap * channels);
          for (Counter counter : counters) {
            counter.count(column, pixel);
          }
        });
    return Columns.of(BitMatrix.of((int) columns, reduction, words), counters);
  }

  /** Where a column finds what one of its taps needs. */
  private interface Gather {
    /**
     * @param pixel of the tensor that columns are gathered from, image first; never padding
     */
    void from(int column, int tap, int pixel);
  }

  /** All taps of all windows on the IFM, column by column. */
  private void eachWindow(int batch, Gather gather) {
    eachWindow(batch, 0, taps() - 1, gather);
  }

  /** Of these windows the taps from {@code first} to {@code last}. */
  private void eachWindow(int batch, int first, int last, Gather gather) {
    FeatureMap in = layer.ifm();
    FeatureMap out = layer.ofm();
    int across = conv.kernel().width();
    for (int b = 0, n = 0; b < batch; b++) {
      for (int p = 0; p < out.height(); p++) {
        int top = p * conv.stride().height() - conv.padding().top();
        for (int q = 0; q < out.width(); q++, n++) {
          int left = q * conv.stride().width() - conv.padding().left();
          for (int tap = first, r = first / across, s = first % across; tap <= last; tap++) {
            int h = top + r * conv.dilation().height();
            int w = left + s * conv.dilation().width();
            if (h >= 0 && h < in.height() && w >= 0 && w < in.width()) {
              gather.from(n, tap, (b * in.height() + h) * in.width() + w);
            }
            if (++s == across) {
              s = 0;
              r++;
            }
          }
        }
      }
    }
  }

  private int taps() {
    return conv.kernel().height() * conv.kernel().width();
  }

  /** Pixels of one image's IFM that are of this phase. */
  private long pixels(Phase phase) {
    int strideH = conv.stride().height();
    int strideW = conv.stride().width();
    return (long) ((layer.ifm().height() - phase.i() + strideH - 1) / strideH)
        * ((layer.ifm().width() - phase.j() + strideW - 1) / strideW);
  }

  /** The weights of each input channel: {@code C/groups x (r, s of the phase, filters)}. */
  private BitMatrix channels(int group, Phase phase, BitMatrix weights) {
    String what = named("the turned weights");
    int reduction = phase.rows().size() * phase.columns().size() * filters;
    int perRow = BitMatrix.wordsPerRow(reduction);
    long[] words = BitMatrix.allocate(what, channels, reduction);
    int bit = 0;
    for (int r : phase.rows()) {
      for (int s : phase.columns()) {
        int tap = r * conv.kernel().width() + s;
        BitMatrix turned =
            Bits.transpose(what, weights, group * filters, filters, tap * channels, channels);
        for (int c = 0; c < channels; c++) {
          Bits.copy(turned, c, 0, filters, words, c * perRow, bit);
        }
        bit += filters;
      }
    }
    return BitMatrix.of(channels, reduction, words);
  }

  /**
   * The OFM gradients that reach each input pixel of the phase, zero outside the OFM.
   *
   * @param gradient of the OFM, {@code (batch * P * Q) x K}
   * @param tilings for which to count footprints
   * @return {@code (batch, h, w) x (r, s of the phase, filters)}
   */
  Columns reached(int group, Phase phase, BitMatrix gradient, Set<Tiling> tilings) {
    if (isPointwise()) {
      return Columns.ofDistinct(gradient, tilings);
    }
    int batch = gradient.rows() / layer.ofm().pixels();
    int reduction = phase.rows().size() * phase.columns().size() * filters;
    long pixels = batch * pixels(phase);
    int perRow = BitMatrix.wordsPerRow(reduction);
    long[] words = BitMatrix.allocate(named("the lowered OFM gradient"), pixels, reduction);
    Counter[] counters = counters((int) pixels, tilings, gradient, group * filters, filters);
    eachReached(
        batch,
        phase,
        (column, tap, pixel) -> {
          Bits.copy(
              gradient, pixel, group * filters, filters, words, column * perRow, tap * filters);
          for (Counter counter : counters) {
            counter.count(column, pixel);
          }
        });
    return Columns.of(BitMatrix.of((int) pixels, reduction, words), counters);
  }

  /** All pixels of the OFM that reach a pixel of the phase, by a tap of the phase. */
  private void eachReached(int batch, Phase phase, Gather gather) {
    FeatureMap in = layer.ifm();
    FeatureMap out = layer.ofm();
    int strideH = conv.stride().height();
    int strideW = conv.stride().width();
    for (int b = 0, n = 0; b < batch; b++) {
      for (int h = phase.i(); h < in.height(); h += strideH) {
        for (int w = phase.j(); w < in.width(); w += strideW, n++) {
          int tap = 0;
          for (int r : phase.rows()) {
            // A multiple of the stride, so that the division is exact also below zero.
            int p = (h + conv.padding().top() - r * conv.dilation().height()) / strideH;
            for (int s : phase.columns()) {
              int q = (w + conv.padding().left() - s * conv.dilation().width()) / strideW;
              if (p >= 0 && p < out.height() && q >= 0 && q < out.width()) {
                gather.from(n, tap, (b * out.height() + p) * out.width() + q);
              }
              tap++;
            }
          }
        }
      }
    }
  }

  private static Counter[] counters(
      int columns, Set<Tiling> tilings, BitMatrix source, int firstChannel, int channels) {
    return tilings.stream()
        .map(tiling -> new Counter(columns, tiling, source, firstChannel, channels))
        .toArray(Counter[]::new);
  }

  /** Counts pixels as columns come along, each once per tile. */
  private static final class Counter {
    final Tiling tiling;
    final Footprint footprint;
    private final long width;
    private final int channels;
    private final int[] lastTile;
    private final int[] ones;
    private int tile;
    private long end;

    /** The non-zeros of each pixel are counted once, unless they are not asked for. */
    Counter(int columns, Tiling tiling, BitMatrix source, int firstChannel, int channels) {
      this.tiling = tiling;
      this.footprint = new Footprint(Footprint.tiles(columns, tiling.width()));
      this.width = tiling.width();
      this.channels = channels;
      this.end = width;
      this.lastTile = new int[source.rows()];
      this.ones = new int[tiling.ones() ? source.rows() : 0];
      for (int pixel = 0; pixel < this.ones.length; pixel++) {
        this.ones[pixel] = Bits.ones(source, pixel, firstChannel, channels);
      }
    }

    void count(int column, int pixel) {
      while (column >= end) {
        tile++;
        end += width;
      }
      footprint.read[tile] += channels;
      int last = lastTile[pixel];
      if (last != tile + 1) {
        lastTile[pixel] = tile + 1;
        footprint.touch(tile, channels, ones.length == 0 ? 0 : ones[pixel], last == 0);
      }
    }
  }

  /**
   * What tiles of {@code width} columns of {@link #wgrad} touch of the IFM. A column is a tap and a
   * channel, and touches every pixel that the tap meets. A tile's columns are some taps in a row of
   * each channel; channels of the same taps are counted together.
   */
  Footprint wgradFootprint(int group, BitMatrix ifm, Tiling tiling) {
    long width = tiling.width();
    boolean ones = tiling.ones();
    Taps taps = new Taps(ifm);
    int columns = taps() * channels;
    Footprint footprint = new Footprint(Footprint.tiles(columns, width));
    for (int tile = 0; tile < footprint.read.length; tile++) {
      int first = (int) (tile * width);
      int last = (int) Math.min(columns, first + width) - 1;
      // Below the first bound a channel's taps begin one later, from the second on they end one
      // earlier.
      int begin = first % channels;
      int end = last % channels + 1;
      int[] bounds = {0, Math.min(begin, end), Math.max(begin, end), channels};
      for (int part = 0; part < 3; part++) {
        int channel = bounds[part];
        int count = bounds[part + 1] - channel;
        int from = first / channels + (channel < begin ? 1 : 0);
        int to = last / channels - (channel >= end ? 1 : 0);
        if (count > 0 && from <= to) {
          footprint.read[tile] += taps.met(from, to) * count;
          taps.add(footprint, tile, from, to, group * channels + channel, count, ones);
        }
      }
    }
    return footprint;
  }

  /** Which pixels of the IFM the kernel's taps meet, over all windows. */
  private final class Taps {
    private final BitMatrix ifm;
    private final int batch;
    private final Axis down;
    private final Axis across;
    private final int[] seen;
    private int stamp;

    Taps(BitMatrix ifm) {
      FeatureMap in = layer.ifm();
      this.ifm = ifm;
      this.batch = ifm.rows() / in.pixels();
      this.down =
          new Axis(
              in.height(),
              layer.ofm().height(),
              conv.kernel().height(),
              conv.stride().height(),
              conv.dilation().height(),
              conv.padding().top());
      this.across =
          new Axis(
              in.width(),
              layer.ofm().width(),
              conv.kernel().width(),
              conv.stride().width(),
              conv.dilation().width(),
              conv.padding().left());
      this.seen = new int[ifm.rows()];
    }

    /** Pixels that these taps meet, one that several meet as often. */
    long met(int from, int to) {
      long pixels = 0;
      for (int tap = from; tap <= to; tap++) {
        pixels += (long) down.met[tap / across.met.length] * across.met[tap % across.met.length];
      }
      return batch * pixels;
    }

    /** The first tap that meets a pixel, or one beyond all taps. */
    private int first(int pixel) {
      int inImage = pixel % layer.ifm().pixels();
      int r = down.first[inImage / layer.ifm().width()];
      int s = across.first[inImage % layer.ifm().width()];
      return s == across.met.length ? taps() : r * across.met.length + s;
    }

    /** Adds to a tile the pixels that these taps meet, each once, in some channels. */
    void add(
        Footprint footprint, int tile, int from, int to, int channel, int count, boolean ones) {
      if (from == 0) {
        // With the first tap among them, they meet whatever is met for the first time by one.
        for (int pixel = 0; pixel < ifm.rows(); pixel++) {
          if (first(pixel) <= to) {
            footprint.touch(tile, count, ones(ones, pixel, channel, count), true);
          }
        }
        return;
      }
      stamp++;
      eachWindow(
          batch,
          from,
          to,
          (column, tap, pixel) -> {
            if (seen[pixel] != stamp) {
              seen[pixel] = stamp;
              footprint.touch(tile, count, ones(ones, pixel, channel, count), first(pixel) >= from);
            }
          });
    }

    private int ones(boolean ones, int pixel, int channel, int count) {
      return ones ? Bits.ones(ifm, pixel, channel, count) : 0;
    }
  }

  /** How the kernel's taps meet the IFM's pixels along one axis: windows are products of two. */
  private static final class Axis {
    /** Pixels that each tap meets. */
    final int[] met;

    /** The first tap that meets each pixel, or one beyond all taps. */
    final int[] first;

    Axis(int pixels, int windows, int taps, int stride, int dilation, int padding) {
      met = new int[taps];
      first = new int[pixels];
      Arrays.fill(first, taps);
      for (int tap = 0; tap < taps; tap++) {
        for (int window = 0; window < windows; window++) {
          int pixel = window * stride - padding + tap * dilation;
          if (pixel >= 0 && pixel < pixels) {
            met[tap]++;
            first[pixel] = Math.min(first[pixel], tap);
          }
        }
      }
    }
  }

  private String named(String what) {
    return what + " of layer \"" + layer.name() + "\"";
  }

  /** Whether the lowered IFM is the IFM: a plain 1x1 convolution. */
  private boolean isPointwise() {
    return groups() == 1
        && conv.kernel().height() == 1
        && conv.kernel().width() == 1
        && layer.ofm().height() == layer.ifm().height()
        && layer.ofm().width() == layer.ifm().width()
        && conv.stride().height() == 1
        && conv.stride().width() == 1
        && conv.padding().top() == 0
        && conv.padding().left() == 0;
  }
}
