package org.dlaclab.operand;

import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.quant.Policy;
import org.dlaclab.tensor.BitMatrix;

/**
 * The masks of another source with their non-zeros dealt anew: as many as before, elsewhere. What a
 * simulation of them differs in from one of the source is what a statistical model of the masks
 * gets wrong, since the densities that it would know are the same, to the last non-zero, for each
 * layer and sample.
 *
 * @param source where the masks are from
 * @param keep which densities stay
 * @param seed of the dealing
 */
public record Shuffled(Source source, Keep keep, long seed) implements Source {
  /** Which densities stay as they are. */
  public enum Keep {
    /** That of each mask, as in a model of one density per layer. */
    LAYER,

    /**
     * Those of each channel of an IFM or a gradient, and of each filter of weights: channels that
     * are always zero stay so, but pixels lose their neighbours.
     */
    CHANNELS,

    /** Those of each pixel of an IFM or a gradient, and of each filter of weights. */
    PIXELS;

    /** For example {@code channels}. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Override
  public Operands bind(Network network, Policy policy) {
    return new Bound(source.bind(network, policy));
  }

  @Override
  public Optional<String> identity() {
    return source.identity().map(id -> String.join(" ", "shuffled", keep.name(), seed + "", id));
  }

  private final class Bound implements Operands {
    private final Operands real;

    Bound(Operands real) {
      this.real = real;
    }

    @Override
    public String origin() {
      return real.origin() + ", non-zeros dealt anew (seed " + seed + ") within each " + within();
    }

    private String within() {
      return switch (keep) {
        case LAYER -> "layer";
        case CHANNELS -> "channel and filter";
        case PIXELS -> "pixel and filter";
      };
    }

    @Override
    public String gradientOrigin() {
      return real.gradientOrigin();
    }

    @Override
    public int samples() {
      return real.samples();
    }

    @Override
    public int batch() {
      return real.batch();
    }

    @Override
    public boolean isMask(Node layer) {
      return real.isMask(layer);
    }

    @Override
    public BitMatrix weights(Node layer) {
      return deal(
          real.weights(layer),
          keep == Keep.LAYER ? Keep.LAYER : Keep.PIXELS,
          random(1, layer.index(), 0));
    }

    @Override
    public Sample sample(int index) {
      Sample sample = real.sample(index);
      return new Sample() {
        @Override
        public BitMatrix ifm(Node layer) {
          // Seeded by the feature map and not by its reader: branches over one IFM see one mask.
          return deal(sample.ifm(layer), keep, random(2, layer.inputs().get(0), index));
        }

        @Override
        public double ofmDensity(Node layer) {
          return sample.ofmDensity(layer);
        }

        @Override
        public BitMatrix ofmGradient(Node layer) {
          return deal(sample.ofmGradient(layer), keep, random(3, layer.index(), index));
        }
      };
    }

    private SplittableRandom random(int stream, int node, int sample) {
      return Synthetic.random(seed, stream, node, sample);
    }

    @Override
    public void close() {
      real.close();
    }
  }

  /**
   * As many non-zeros as before, at random places of the matrix, of each column (a channel) or of
   * each row (a pixel, or a filter): selection sampling (Knuth, The Art of Computer Programming,
   * volume 2, algorithm 3.4.2 S), which makes all ways to deal them equally likely.
   */
  static BitMatrix deal(BitMatrix mask, Keep keep, SplittableRandom random) {
    int rows = mask.rows();
    int columns = mask.columns();
    long[] left = new long[group(keep, rows - 1, columns - 1) + 1];
    long[] ones = new long[left.length];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        left[group(keep, r, c)]++;
        ones[group(keep, r, c)] += mask.get(r, c) ? 1 : 0;
      }
    }
    int perRow = mask.wordsPerRow();
    long[] words = BitMatrix.allocate("a mask dealt anew", rows, columns);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        int group = group(keep, r, c);
        if (random.nextLong(left[group]--) < ones[group]) {
          ones[group]--;
          words[r * perRow + (c >>> 6)] |= 1L << c;
        }
      }
    }
    return BitMatrix.of(rows, columns, words);
  }

  private static int group(Keep keep, int row, int column) {
    return switch (keep) {
      case LAYER -> 0;
      case CHANNELS -> column;
      case PIXELS -> row;
    };
  }
}
