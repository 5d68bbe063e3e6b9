package org.dlaclab.operand;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.stream.Collectors;
import org.dlaclab.error.DlacException;
import org.dlaclab.file.WholeFile;
import org.dlaclab.network.FeatureMap;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.progress.Progress;
import org.dlaclab.quant.Policy;
import org.dlaclab.quant.Quantizer;
import org.dlaclab.table.Columns;
import org.dlaclab.table.Listing;
import org.dlaclab.tensor.BitMatrix;
import org.dlaclab.tensor.Sha256;
import tech.tablesaw.columns.Column;

/**
 * The masks of a simulation in one file, so that it can be repeated to the cycle without the
 * weights, the images or the engine that they came from.
 *
 * <p>The file is a zip archive: {@code stamp.json} says of which network, policy and source the
 * masks are; {@code weights/<layer>} has the bits of a grid layer's weights, {@code K x (R * S *
 * C/groups)}, c fastest; {@code samples/<n>} has, for each grid layer in order, the bits of its
 * IFM, {@code (batch * H * W) x C}, and, if gradients were saved, those of its OFM gradient, {@code
 * (batch * P * Q) x K}. Bits are packed as {@code numpy.packbits(mask, bitorder="little")} does, a
 * mask's last byte filled up with zeros. An IFM that an earlier layer reads, too, begins with a
 * byte that is 1 if the masks are the same and then left out, else 0.
 *
 * <p>Masks are as the policy left them, so that only a policy of the same quantizers and ReLUs
 * takes them. A sample is held at a time.
 */
public final class SavedMasks implements Source {
  /** Room for the densities of a million layers of samples: a stamp beyond is no stamp. */
  private static final int LARGEST_STAMP = 64 << 20;

  private static final String EXPECTED = "a file that saveMasks(...) wrote";

  private final Path file;
  private final MaskStamp stamp;
  private final Network network;
  private final Policy policy;

  private SavedMasks(Path file, MaskStamp stamp, Network network, Policy policy) {
    this.file = file;
    this.stamp = stamp;
    this.network = network;
    this.policy = policy;
  }

  /**
   * Saves the masks that a simulation of {@code network} under {@code policy} takes from {@code
   * source}. The same masks give the same bytes. Interrupting the thread cancels.
   *
   * @param gradients whether to save those of the OFM gradients, too, which training needs
   * @return the file, as {@link #read} gives it
   * @throws DlacException if the source does not fit, has no gradients and they are asked for, or
   *     the file cannot be written; there is no file then, or the one that was there before
   * @throws CancellationException if the thread was interrupted
   */
  public static SavedMasks save(
      Path file, Network network, Policy policy, Source source, boolean gradients) {
    WholeFile.requirePlace(file);
    try (Operands operands = source.bind(network, policy);
        Progress progress =
            Progress.of("save masks of " + network.name() + ", samples", operands.samples())) {
      WholeFile.write(
          file, out -> new MaskWriter(network, policy, operands, gradients).write(out, progress));
    }
    return read(file);
  }

  /**
   * The masks of a file. Its stamp is read at once, masks when they are asked for.
   *
   * @throws DlacException if there is no such file, or it is none that {@link #save} wrote
   */
  public static SavedMasks read(Path file) {
    try (MaskArchive archive = new MaskArchive(file);
        MaskArchive.Entry entry = archive.entry(MaskArchive.STAMP)) {
      byte[] json = entry.bytes(LARGEST_STAMP);
      entry.requireEnd();
      return of(file, MaskStamp.read(file, json));
    } catch (IOException | IllegalArgumentException e) {
      throw damaged(file, e);
    }
  }

  private static SavedMasks of(Path file, MaskStamp stamp) throws IOException {
    try {
      Network network = Network.fromJson(stamp.network().toString());
      Policy policy = Policy.fromJson(stamp.policy().toString());
      policy.assign(network);
      if (!gridLayers(network).equals(layers(stamp))) {
        throw new IOException("its layers are not those of its network");
      }
      return new SavedMasks(file, stamp, network, policy);
    } catch (DlacException e) {
      throw new IOException("in its stamp, " + e.getMessage(), e);
    }
  }

  private static List<String> gridLayers(Network network) {
    return network.gridLayers().stream().map(Node::name).toList();
  }

  private static List<String> layers(MaskStamp stamp) {
    return stamp.layers().stream().map(MaskStamp.Densities::name).toList();
  }

  /** The file. */
  public Path file() {
    return file;
  }

  /** The network that the masks are of, without its weights. */
  public Network network() {
    return network;
  }

  /** The policy that the masks are under. */
  public Policy policy() {
    return policy;
  }

  /** The content of the file. */
  @Override
  public Optional<String> identity() {
    return Optional.of("masks " + Sha256.of(file));
  }

  /** How many samples there are. */
  public int samples() {
    return stamp.samples();
  }

  /** Images per sample. */
  public int batch() {
    return stamp.batch();
  }

  /** Whether {@code training()} can be simulated. */
  public boolean hasGradients() {
    return stamp.gradients();
  }

  /**
   * The share of non-zeros in the operands of each layer, over all samples. {@code synthetic(seed,
   * densities(masks))} takes them from here, {@code densities(file)} where they are saved as CSV or
   * JSON.
   */
  public Listing densities() {
    List<MaskStamp.Densities> layers = stamp.layers();
    List<Column<?>> columns = new ArrayList<>();
    columns.add(Columns.text("layer", layers, MaskStamp.Densities::name));
    columns.add(Columns.percent("weights", layers, MaskStamp.Densities::weight));
    columns.add(Columns.percent("IFM", layers, MaskStamp.Densities::ifm));
    columns.add(Columns.percent("OFM", layers, MaskStamp.Densities::meanOfm));
    if (stamp.gradients()) {
      columns.add(Columns.percent("OFM gradient", layers, MaskStamp.Densities::gradient));
    }
    return new Listing(
        "Densities, " + this,
        Columns.table(network.name(), columns.toArray(Column<?>[]::new)),
        false);
  }

  /** The same by layer. */
  Map<String, LayerDensities> byLayer() {
    return stamp.layers().stream()
        .collect(
            Collectors.toMap(
                MaskStamp.Densities::name,
                d -> new LayerDensities(d.weight(), d.ifm(), d.meanOfm(), d.gradient())));
  }

  /**
   * The masks as operands of the network that they were saved for.
   *
   * @throws DlacException naming the first layer that differs if the network is another one, or the
   *     policy another one on it
   */
  @Override
  public Operands bind(Network other, Policy under) {
    requireSame(other);
    requireSame(other, under);
    try {
      return new Bound(this, other, new MaskArchive(file));
    } catch (IOException e) {
      throw damaged(file, e);
    }
  }

  private void requireSame(Network other) {
    List<String> given = MaskStamp.nodes(other);
    List<String> saved = MaskStamp.nodes(network);
    for (int i = 0; i < Math.max(given.size(), saved.size()); i++) {
      String here = i < given.size() ? given.get(i) : "no layer " + i;
      String there = i < saved.size() ? saved.get(i) : "no layer " + i;
      if (!here.equals(there)) {
        throw new DlacException(
            file
                + " holds the masks of another network, \""
                + network.name()
                + "\": \""
                + other.name()
                + "\" has \""
                + here
                + "\"",
            "\"" + there + "\"",
            "take the network of the masks, savedMasks(file).network()");
      }
    }
  }

  /**
   * Masks are what a policy left, and whether adders serve a layer is the policy's to say: another
   * one would have left others.
   */
  private void requireSame(Network same, Policy other) {
    Map<String, Quantizer> saved = policy.assign(same);
    Map<String, Quantizer> given = other.assign(same);
    for (MaskStamp.Densities layer : stamp.layers()) {
      Quantizer there = Objects.requireNonNull(saved.get(layer.name()));
      Quantizer here = Objects.requireNonNull(given.get(layer.name()));
      if (!layer.mask() && !there.equals(here)) {
        throw otherPolicy(other, layer.name(), here.toString(), there.toString());
      }
    }
    List<Node> reluThere = policy.on(same).nodes();
    List<Node> reluHere = other.on(same).nodes();
    for (int i = 0; i < reluThere.size(); i++) {
      if (!reluThere.get(i).equals(reluHere.get(i))) {
        throw otherPolicy(
            other,
            reluHere.get(i).name(),
            reluHere.get(i).layer().toString(),
            reluThere.get(i).layer().toString());
      }
    }
  }

  private DlacException otherPolicy(Policy other, String layer, String here, String there) {
    return new DlacException(
        file
            + " holds masks under policy \""
            + policy.name()
            + "\": for \""
            + layer
            + "\" policy \""
            + other.name()
            + "\" says "
            + here,
        there,
        "take the policy of the masks, savedMasks(file).policy(), or save them under the other one");
  }

  /**
   * For example {@code masks of lenet5 under twn, 32 samples; real weights and activations of ...}.
   */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "masks of %s under %s, %,d %s%s%s; %s",
        network.name(),
        policy.name(),
        samples(),
        samples() == 1 ? "sample" : "samples",
        batch() == 1 ? "" : " of " + batch() + " images",
        hasGradients() ? ", with gradients" : "",
        stamp.origin());
  }

  private static DlacException damaged(Path file, Exception e) {
    if (e instanceof DlacException said) {
      return said;
    }
    if (e instanceof NoSuchFileException missing) {
      return DlacException.unreadable(file.toString(), EXPECTED, missing);
    }
    String why = e.getMessage() == null ? e.toString() : e.getMessage();
    return new DlacException(
        file + " is no sound file of masks: " + why.lines().findFirst().orElse(why),
        EXPECTED + ", whole",
        "copy the file again, or save the masks anew",
        e);
  }

  /** What the archive gives. */
  private static final class Bound implements Operands {
    private final SavedMasks masks;
    private final List<Node> layers;
    private final MaskArchive archive;

    Bound(SavedMasks masks, Network network, MaskArchive archive) {
      this.masks = masks;
      this.layers = network.gridLayers();
      this.archive = archive;
    }

    @Override
    public String origin() {
      return masks.stamp.origin() + ", saved as " + masks.file.getFileName();
    }

    @Override
    public String gradientOrigin() {
      return masks.stamp.gradientOrigin();
    }

    @Override
    public int samples() {
      return masks.samples();
    }

    @Override
    public int batch() {
      return masks.batch();
    }

    @Override
    public boolean isMask(Node layer) {
      return masks.stamp.layers().get(layers.indexOf(layer)).mask();
    }

    @Override
    public BitMatrix weights(Node layer) {
      int filters = layer.conv().filters();
      try (MaskArchive.Entry entry = archive.entry(MaskArchive.weights(layer))) {
        BitMatrix mask =
            entry.mask(
                "the weights of \"" + layer.name() + "\"",
                filters,
                Math.toIntExact(layer.weights() / filters));
        entry.requireEnd();
        return mask;
      } catch (IOException e) {
        throw damaged(masks.file, e);
      }
    }

    @Override
    public Sample sample(int index) {
      Objects.checkIndex(index, samples());
      Map<Integer, BitMatrix> ifms = new HashMap<>();
      Map<Integer, BitMatrix> gradients = new HashMap<>();
      Map<Integer, BitMatrix> first = new HashMap<>();
      try (MaskArchive.Entry entry = archive.entry(MaskArchive.sample(index))) {
        for (Node layer : layers) {
          BitMatrix shared = first.get(layer.inputs().get(0));
          BitMatrix ifm =
              shared != null && entry.flag()
                  ? shared
                  : entry.mask(
                      "the IFM of \"" + layer.name() + "\"",
                      rows(layer.ifm()),
                      layer.ifm().channels());
          first.putIfAbsent(layer.inputs().get(0), ifm);
          ifms.put(layer.index(), ifm);
          if (masks.hasGradients()) {
            String what = "the OFM gradient of \"" + layer.name() + "\"";
            gradients.put(
                layer.index(), entry.mask(what, rows(layer.ofm()), layer.ofm().channels()));
          }
        }
        entry.requireEnd();
      } catch (IOException e) {
        throw damaged(masks.file, e);
      }
      return new Saved(masks, layers, index, ifms, gradients);
    }

    private int rows(FeatureMap map) throws IOException {
      long rows = (long) batch() * map.pixels();
      if (rows > Integer.MAX_VALUE) {
        throw new IOException("it has a batch of " + batch());
      }
      return (int) rows;
    }

    @Override
    public void close() {
      archive.close();
    }
  }

  private record Saved(
      SavedMasks masks,
      List<Node> layers,
      int index,
      Map<Integer, BitMatrix> ifms,
      Map<Integer, BitMatrix> gradients)
      implements Operands.Sample {
    @Override
    public BitMatrix ifm(Node layer) {
      return Objects.requireNonNull(ifms.get(layer.index()), layer.name());
    }

    @Override
    public double ofmDensity(Node layer) {
      return masks.stamp.layers().get(layers.indexOf(layer)).ofm().get(index);
    }

    @Override
    public BitMatrix ofmGradient(Node layer) {
      if (!masks.hasGradients()) {
        throw new DlacException(
            masks.file + " holds no gradients, such as that of the OFM of \"" + layer.name() + "\"",
            "for training(), masks that were saved with those of gradients",
            "saveMasks(file, network, policy, source, training()), or simulate inference()");
      }
      return Objects.requireNonNull(gradients.get(layer.index()), layer.name());
    }
  }
}
