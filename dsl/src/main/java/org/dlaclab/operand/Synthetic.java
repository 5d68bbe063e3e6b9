package org.dlaclab.operand;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;
import org.dlaclab.network.Layer;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.quant.Policy;
import org.dlaclab.quant.Quantizer;
import org.dlaclab.tensor.BitMatrix;

/**
 * Random masks in which every element is non-zero independently of the others, with a density per
 * layer. Real zeros cluster; what these masks cannot show is imbalance that comes from that.
 *
 * <p>Where no density is declared: weights have what the policy's quantizer leaves of normally
 * distributed weights; an IFM has 0.5, as after a ReLU of symmetric values; the network's input has
 * 1.
 *
 * <p>Gradients of OFMs, which training needs: where a ReLU follows the layer at once, a gradient is
 * zero where the ReLU's output is, so it has that density, the published one or an IFM's. Elsewhere
 * it has 1: behind a batch normalization each gradient depends on all of its channel, and an
 * addition or a softmax brings no zeros either. Zeros that a max pooling makes are not assumed;
 * declare {@link GradientDensity} to assume your own.
 */
public final class Synthetic implements Source {
  /** What {@code synthetic(...)} takes after the seed. */
  public sealed interface Option {}

  /** Density of all weights, 0 to 1, whatever the policy. */
  public record WeightDensity(double density) implements Option {
    public WeightDensity {
      Check.fraction("weightDensity", density);
    }

    @Override
    public String toString() {
      return "weightDensity(" + density + ")";
    }
  }

  /** Density of all IFMs but the network's input, 0 to 1. */
  public record IfmDensity(double density) implements Option {
    public IfmDensity {
      Check.fraction("ifmDensity", density);
    }

    @Override
    public String toString() {
      return "ifmDensity(" + density + ")";
    }
  }

  /** Density of the gradients of all OFMs, 0 to 1. */
  public record GradientDensity(double density) implements Option {
    public GradientDensity {
      Check.fraction("gradientDensity", density);
    }

    @Override
    public String toString() {
      return "gradientDensity(" + density + ")";
    }
  }

  /**
   * Published densities of this network's layers; layers that are not in the table follow the other
   * options.
   */
  public record PublishedFor(String network) implements Option {
    public PublishedFor {
      Published.table(network);
    }

    @Override
    public String toString() {
      return "published(\"" + network + "\")";
    }
  }

  /**
   * Densities of this network's layers from a table in CSV or JSON, which {@link
   * SavedMasks#densities} and a run's {@code save} write: its columns are {@code layer}, {@code
   * weights}, {@code IFM}, {@code OFM} and {@code OFM gradient}; or those of saved masks. What is
   * not in the table follows the other options.
   *
   * @param file where the densities were read
   * @param byLayer the table's rows
   */
  public record DensitiesOf(Path file, Map<String, LayerDensities> byLayer) implements Option {
    public DensitiesOf {
      byLayer = Map.copyOf(byLayer);
    }

    /**
     * Reads a table.
     *
     * @throws DlacException if it is no such table
     */
    public static DensitiesOf read(Path file) {
      return new DensitiesOf(file, DensityFile.read(file));
    }

    /** The densities of saved masks, over all of their samples. */
    public static DensitiesOf of(SavedMasks masks) {
      return new DensitiesOf(masks.file(), masks.byLayer());
    }

    @Override
    public String toString() {
      return "densities(\"" + file + "\")";
    }
  }

  /** Independent samples, each simulated on its own. */
  public record Samples(int count) implements Option {
    public Samples {
      Check.positive("samples", count);
    }

    @Override
    public String toString() {
      return "samples(" + count + ")";
    }
  }

  /** Images per sample, which share the weights of a pass. */
  public record Batch(int images) implements Option {
    public Batch {
      Check.positive("batch", images);
    }

    @Override
    public String toString() {
      return "batch(" + images + ")";
    }
  }

  private static final double AFTER_RELU = 0.5;

  /** The row of a run's table that is no layer. */
  private static final String TOTAL = "total";

  /**
   * Densities by layer.
   *
   * @param option where they are from, as the user wrote it
   * @param says the same, in words
   */
  private record Known(String option, String says, Map<String, LayerDensities> layers) {}

  private static final LayerDensities UNKNOWN =
      new LayerDensities(Double.NaN, Double.NaN, Double.NaN, Double.NaN);

  private final long seed;
  private final OptionalDouble weightDensity;
  private final double ifmDensity;
  private final OptionalDouble gradientDensity;
  private final Optional<Known> known;
  private final int samples;
  private final int batch;

  /** Masks that depend on {@code seed}, the layer and the sample only. */
  public Synthetic(long seed, Option... options) {
    this.seed = seed;
    for (int i = 0; i < options.length; i++) {
      for (int j = 0; j < i; j++) {
        if (options[i].getClass() == options[j].getClass()) {
          throw new DlacException(
              "synthetic(" + seed + ", ...) gets " + options[j] + " and " + options[i],
              "each option at most once",
              "remove one of them");
        }
      }
    }
    OptionalDouble declaredWeights = OptionalDouble.empty();
    double declaredIfm = AFTER_RELU;
    OptionalDouble declaredGradients = OptionalDouble.empty();
    Optional<Known> table = Optional.empty();
    int sampleCount = 1;
    int batchSize = 1;
    for (Option option : options) {
      if (option instanceof WeightDensity o) {
        declaredWeights = OptionalDouble.of(o.density());
      } else if (option instanceof IfmDensity o) {
        declaredIfm = o.density();
      } else if (option instanceof GradientDensity o) {
        declaredGradients = OptionalDouble.of(o.density());
      } else if (option instanceof PublishedFor o) {
        table =
            unique(
                table,
                new Known(
                    o.toString(), "as published for " + o.network(), Published.table(o.network())));
      } else if (option instanceof DensitiesOf o) {
        table =
            unique(table, new Known(o.toString(), "as in " + o.file().getFileName(), o.byLayer()));
      } else if (option instanceof Samples o) {
        sampleCount = o.count();
      } else if (option instanceof Batch o) {
        batchSize = o.images();
      }
    }
    this.weightDensity = declaredWeights;
    this.ifmDensity = declaredIfm;
    this.gradientDensity = declaredGradients;
    this.known = table;
    this.samples = sampleCount;
    this.batch = batchSize;
  }

  private static Optional<Known> unique(Optional<Known> before, Known now) {
    if (before.isPresent()) {
      throw new DlacException(
          "synthetic(...) gets " + before.get().option() + " and " + now.option(),
          "one table of densities",
          "remove one of them");
    }
    return Optional.of(now);
  }

  @Override
  public Operands bind(Network network, Policy policy) {
    return new Bound(network, policy.assign(network));
  }

  /**
   * For example {@code synthetic(seed 42), independent non-zeros: weight density 0.400, IFM density
   * 0.500, input dense}. It differs where two sources do.
   */
  @Override
  public String toString() {
    return describe("layers", false)
        + (gradientDensity.isPresent()
            ? ", OFM gradient density " + digits(gradientDensity.getAsDouble())
            : "")
        + (samples == 1 ? "" : ", " + samples + " samples")
        + (batch == 1 ? "" : ", batches of " + batch);
  }

  @Override
  public Optional<String> identity() {
    return Optional.of(
        String.join(
            " ",
            "synthetic",
            String.valueOf(seed),
            weightDensity.toString(),
            String.valueOf(ifmDensity),
            gradientDensity.toString(),
            known.map(table -> new TreeMap<>(table.layers()).toString()).orElse(""),
            String.valueOf(samples),
            String.valueOf(batch)));
  }

  /**
   * @param knownLayers how many layers have densities of their own, in words
   * @param all whether these are all layers, so that no other density is used
   */
  private String describe(String knownLayers, boolean all) {
    List<String> says = new ArrayList<>();
    known.ifPresent(table -> says.add(knownLayers + " " + table.says()));
    if (!all) {
      says.addAll(others());
    }
    return "synthetic(seed " + seed + "), independent non-zeros: " + String.join(", ", says);
  }

  private List<String> others() {
    List<String> says = new ArrayList<>();
    says.add(
        weightDensity.isPresent()
            ? "weight density " + digits(weightDensity.getAsDouble())
            : "weight density as the policy leaves of normal weights");
    says.add("IFM density " + digits(ifmDensity));
    says.add("input dense");
    return says;
  }

  /** Three digits, or all where there are more. */
  private static String digits(double density) {
    String three = String.format(Locale.ROOT, "%.3g", density);
    return Double.parseDouble(three) == density ? three : String.valueOf(density);
  }

  private final class Bound implements Operands {
    private final Network network;
    private final Map<String, Quantizer> quantizers;
    private final Map<String, LayerDensities> table;

    Bound(Network network, Map<String, Quantizer> quantizers) {
      this.network = network;
      this.quantizers = quantizers;
      this.table = new LinkedHashMap<>(known.map(Known::layers).orElse(Map.of()));
      List<String> names =
          network.gridLayers().stream().map(Node::name).collect(Collectors.toList());
      if (!names.contains(TOTAL)) {
        table.remove(TOTAL);
      }
      for (String layer : table.keySet()) {
        if (!names.contains(layer)) {
          throw new DlacException(
              known.map(Known::option).orElse("")
                  + " has densities for layer \""
                  + layer
                  + "\", which \""
                  + network.name()
                  + "\" does not have",
              "a network with all layers of the table",
              "use the network of the table, or declare weightDensity(...) and ifmDensity(...)");
        }
      }
    }

    @Override
    public String origin() {
      List<Node> layers = network.gridLayers();
      long inTable = layers.stream().filter(n -> table.containsKey(n.name())).count();
      boolean all =
          layers.stream()
              .map(n -> table.getOrDefault(n.name(), UNKNOWN))
              .noneMatch(d -> Double.isNaN(d.weight()) || Double.isNaN(d.ifm()));
      return describe(inTable + " of " + layers.size() + " layers", all);
    }

    @Override
    public String gradientOrigin() {
      if (gradientDensity.isPresent()) {
        return "OFM gradient density " + digits(gradientDensity.getAsDouble());
      }
      boolean some = table.values().stream().anyMatch(d -> !Double.isNaN(d.gradient()));
      return (some
              ? "OFM gradients " + known.map(Known::says).orElse("") + ", others "
              : "OFM gradients ")
          + "dense, but at a ReLU as dense as its output";
    }

    @Override
    public int samples() {
      return samples;
    }

    @Override
    public int batch() {
      return batch;
    }

    private LayerDensities known(Node layer) {
      return table.getOrDefault(layer.name(), UNKNOWN);
    }

    private double weightDensity(Node layer) {
      double inTable = known(layer).weight();
      return Double.isNaN(inTable)
          ? weightDensity.orElseGet(
              () ->
                  Objects.requireNonNull(quantizers.get(layer.name()))
                      .gaussianDensity(layer.weights()))
          : inTable;
    }

    private double ifmDensity(Node layer) {
      double inTable = known(layer).ifm();
      return Double.isNaN(inTable) ? (readsInput(layer) ? 1 : ifmDensity) : inTable;
    }

    private double gradientDensity(Node layer) {
      if (gradientDensity.isPresent()) {
        return gradientDensity.getAsDouble();
      }
      LayerDensities inTable = known(layer);
      if (!Double.isNaN(inTable.gradient())) {
        return inTable.gradient();
      }
      if (!feedsReluAlone(layer)) {
        return 1;
      }
      return Double.isNaN(inTable.ofm()) ? ifmDensity : inTable.ofm();
    }

    /** Whether nothing but one activation function reads a layer's OFM. */
    private boolean feedsReluAlone(Node layer) {
      List<Node> readers =
          network.nodes().stream()
              .filter(node -> node.inputs().contains(layer.index()))
              .collect(Collectors.toList());
      return readers.size() == 1 && readers.get(0).layer() instanceof Layer.Relu;
    }

    /** Whether a layer's IFM is the network's input, as it is or flattened. */
    private boolean readsInput(Node layer) {
      int from = layer.inputs().get(0);
      while (from != Node.INPUT && network.nodes().get(from).layer() instanceof Layer.Flatten) {
        from = network.nodes().get(from).inputs().get(0);
      }
      return from == Node.INPUT;
    }

    @Override
    public BitMatrix weights(Node layer) {
      int filters = layer.conv().filters();
      return mask(
          "the weight mask of layer \"" + layer.name() + "\"",
          filters,
          Math.toIntExact(layer.weights() / filters),
          weightDensity(layer),
          random(1, layer.index(), 0));
    }

    @Override
    public Sample sample(int index) {
      return new Sample() {
        @Override
        public BitMatrix ifm(Node layer) {
          // Seeded by the feature map and not by its reader: branches over one IFM see one mask.
          return mask(
              "the IFM mask of layer \"" + layer.name() + "\"",
              (long) batch * layer.ifm().pixels(),
              layer.ifm().channels(),
              ifmDensity(layer),
              random(2, layer.inputs().get(0), index));
        }

        @Override
        public double ofmDensity(Node layer) {
          return known(layer).ofm();
        }

        @Override
        public BitMatrix ofmGradient(Node layer) {
          return mask(
              "the mask of the OFM gradient of layer \"" + layer.name() + "\"",
              (long) batch * layer.ofm().pixels(),
              layer.ofm().channels(),
              gradientDensity(layer),
              random(3, layer.index(), index));
        }
      };
    }

    private SplittableRandom random(int stream, int node, int sample) {
      return Synthetic.random(seed, stream, node, sample);
    }

    @Override
    public String toString() {
      return origin() + " for " + network.name();
    }
  }

  /** Numbers of their own for each kind of operand, node and sample. */
  static SplittableRandom random(long seed, int stream, int node, int sample) {
    long mixed = seed;
    for (int part : new int[] {stream, node + 1, sample}) {
      mixed = new SplittableRandom(mixed * 31 + part).nextLong();
    }
    return new SplittableRandom(mixed);
  }

  /** Resolution of a density: 2^-24. */
  private static final int PRECISION = 24;

  /**
   * A mask of independent bits. 64 of them are drawn at once: the binary digits of the density,
   * least first, say whether to OR or to AND a random word, which halves the distance to 1 or to 0.
   */
  static BitMatrix mask(
      String what, long rows, int columns, double density, SplittableRandom random) {
    long[] words = BitMatrix.allocate(what, rows, columns);
    int perRow = BitMatrix.wordsPerRow(columns);
    int digits = (int) Math.round(density * (1 << PRECISION));
    int lowest = Math.min(PRECISION, Integer.numberOfTrailingZeros(digits));
    long lastWord = (columns & 63) == 0 ? -1 : (1L << columns) - 1;
    for (int i = 0; i < words.length; i++) {
      long word = digits == 1 << PRECISION ? -1 : 0;
      for (int d = lowest; d < PRECISION; d++) {
        word = (digits >>> d & 1) != 0 ? word | random.nextLong() : word & random.nextLong();
      }
      words[i] = (i + 1) % perRow == 0 ? word & lastWord : word;
    }
    return BitMatrix.of((int) rows, columns, words);
  }
}
