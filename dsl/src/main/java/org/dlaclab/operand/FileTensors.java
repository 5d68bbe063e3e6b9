package org.dlaclab.operand;

import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.dlaclab.error.DlacException;
import org.dlaclab.network.FeatureMap;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.network.Weights;
import org.dlaclab.quant.Policy;
import org.dlaclab.quant.Quantizer;
import org.dlaclab.tensor.BitMatrix;
import org.dlaclab.tensor.Npy;
import org.dlaclab.tensor.NpyFolder;
import org.dlaclab.tensor.Shape;
import org.dlaclab.tensor.Tensor;

/**
 * Operands that numpy has saved, in a {@code .npz} archive or a folder of {@code .npy} files, with
 * two arrays for each grid layer:
 *
 * <ul>
 *   <li>{@code <layer>.weight}: {@code K x C/groups x R x S}, or {@code outputs x inputs} for a
 *       fully connected layer. Numbers are weights to which the policy's quantizer is applied;
 *       booleans are a mask that is taken as it is.
 *   <li>{@code <layer>.ifm}: {@code C x H x W} or {@code N x C x H x W}, for a fully connected
 *       layer also {@code features} or {@code N x features}. Numbers or booleans; what is not zero
 *       counts.
 * </ul>
 *
 * <p>and a third one for each if training is to be simulated:
 *
 * <ul>
 *   <li>{@code <layer>.ofm_gradient}: the gradient of the loss with respect to the layer's own
 *       output, before a batch normalization or activation function: {@code K x P x Q} or {@code N
 *       x K x P x Q}, for a fully connected layer also {@code outputs} or {@code N x outputs}.
 * </ul>
 *
 * <p>N images are N samples of batch 1, and the same N for all layers. Other arrays are ignored.
 * Arrays are read when they are needed: for many images save with {@code np.savez}, not compressed,
 * and in C order, or each image has to be unpacked past the ones before it.
 *
 * @param path the archive or folder
 */
public record FileTensors(Path path) implements Source {
  private static final String IFM = ".ifm";
  private static final String GRADIENT = ".ofm_gradient";

  /**
   * Looks whether every grid layer has its arrays, and their shapes; values are read layer by layer
   * when they are asked for.
   *
   * @throws DlacException naming the layer, the file and both shapes if an array is missing or does
   *     not fit
   */
  @Override
  public Operands bind(Network network, Policy policy) {
    NpyFolder files = NpyFolder.open(path);
    Map<String, Quantizer> quantizers = policy.assign(network);
    Set<String> masks = new HashSet<>();
    List<String> noGradient = new ArrayList<>();
    int samples = 0;
    String first = "";
    for (Node layer : network.gridLayers()) {
      Shape weight = require(files, network, layer, ".weight", Weights.shape(layer));
      if (!weight.equals(Weights.shape(layer))) {
        throw mismatch(network, layer, ".weight", weight, Weights.shape(layer).toString());
      }
      if (files.isMask(layer.name() + ".weight")) {
        masks.add(layer.name());
      }
      Shape ifm = require(files, network, layer, IFM, perImage(layer.ifm()));
      int images = images(network, layer, IFM, layer.ifm(), ifm);
      if (first.isEmpty()) {
        first = layer.name();
        samples = images;
      }
      requireSame(layer.name(), images, first, samples);
      if (files.names().contains(layer.name() + GRADIENT)) {
        Shape gradient = files.shape(layer.name() + GRADIENT);
        requireSame(
            layer.name() + GRADIENT,
            images(network, layer, GRADIENT, layer.ofm(), gradient),
            first,
            samples);
      } else {
        noGradient.add(layer.name());
      }
    }
    String origin = "tensors of " + path + " (sha256 " + files.sha256().substring(0, 12) + ")";
    return new Files(files, quantizers, masks, noGradient, origin, samples);
  }

  /** The contents of the files. */
  @Override
  public Optional<String> identity() {
    return Optional.of("files " + NpyFolder.open(path).sha256());
  }

  private void requireSame(String name, int images, String first, int expected) {
    if (images != expected) {
      throw new DlacException(
          path
              + " has "
              + images
              + " images for \""
              + name
              + "\", but "
              + expected
              + " for \""
              + first
              + "\"",
          "one number of images for all layers",
          "save the tensors of the same images for each layer");
    }
  }

  private Shape require(NpyFolder files, Network network, Node layer, String part, Shape expected) {
    String name = layer.name() + part;
    if (!files.names().contains(name)) {
      throw new DlacException(
          path + " holds no array \"" + name + "\" for " + describe(network, layer),
          "an array of shape " + expected,
          "np.savez(file, **{\""
              + name
              + "\": array, ...}); it holds "
              + files.names().stream().limit(6).toList()
              + (files.names().size() > 6 ? " and more" : ""));
    }
    return files.shape(name);
  }

  private static Shape perImage(FeatureMap map) {
    return Shape.of(map.channels(), map.height(), map.width());
  }

  /** The number of images, or an error if this is no shape of the layer's IFM or gradient. */
  private int images(Network network, Node layer, String part, FeatureMap map, Shape shape) {
    Shape image = perImage(map);
    if (shape.equals(image)) {
      return 1;
    }
    boolean flat = map.isFlat();
    if (flat && shape.equals(Shape.of(map.channels()))) {
      return 1;
    }
    int[] behind = shape.dims().stream().skip(1).mapToInt(Integer::intValue).toArray();
    int[] wanted = image.dims().stream().mapToInt(Integer::intValue).toArray();
    if (shape.rank() > 0
        && shape.dim(0) > 0
        && (Arrays.equals(behind, wanted)
            || (flat && Arrays.equals(behind, new int[] {map.channels()})))) {
      return shape.dim(0);
    }
    throw mismatch(
        network,
        layer,
        part,
        shape,
        image + " or Nx" + image + (flat ? ", or " + image.dim(0) + " or Nx" + image.dim(0) : ""));
  }

  private DlacException mismatch(
      Network network, Node layer, String part, Shape shape, String expected) {
    return new DlacException(
        path
            + ": array \""
            + layer.name()
            + part
            + "\" has shape "
            + shape
            + " for "
            + describe(network, layer),
        "shape " + expected,
        part.equals(".weight")
            ? "save it as filters, channels, height, width (fc: outputs, inputs), as PyTorch does"
            : "save it as channels, height, width: array.transpose(2, 0, 1) turns HWC around");
  }

  private static String describe(Network network, Node layer) {
    return layer.layer().kind() + " \"" + layer.name() + "\" of " + network.name();
  }

  private static final class Files implements Operands {
    private final NpyFolder files;
    private final Map<String, Quantizer> quantizers;
    private final Set<String> masks;
    private final List<String> noGradient;
    private final String origin;
    private final int samples;

    Files(
        NpyFolder files,
        Map<String, Quantizer> quantizers,
        Set<String> masks,
        List<String> noGradient,
        String origin,
        int samples) {
      this.files = files;
      this.quantizers = quantizers;
      this.masks = masks;
      this.noGradient = noGradient;
      this.origin = origin;
      this.samples = samples;
    }

    @Override
    public String origin() {
      return origin;
    }

    @Override
    public int samples() {
      return samples;
    }

    @Override
    public int batch() {
      return 1;
    }

    @Override
    public BitMatrix weights(Node layer) {
      Npy array = files.read(layer.name() + ".weight");
      Tensor weights = array.tensor();
      if (!isMask(layer)) {
        Quantizer quantizer = Objects.requireNonNull(quantizers.get(layer.name()));
        weights = quantizer.quantize(weights.requireFinite(array.name()));
      }
      return Masks.weights(layer, weights);
    }

    @Override
    public boolean isMask(Node layer) {
      return masks.contains(layer.name());
    }

    @Override
    public Sample sample(int index) {
      Objects.checkIndex(index, samples);
      return new OneImage(index);
    }

    private final class OneImage implements Sample {
      private final int index;

      OneImage(int index) {
        this.index = index;
      }

      @Override
      public BitMatrix ifm(Node layer) {
        return mask(layer.name() + IFM, layer.ifm());
      }

      @Override
      public BitMatrix ofmGradient(Node layer) {
        if (!noGradient.isEmpty()) {
          String name = noGradient.get(0) + GRADIENT;
          throw new DlacException(
              origin
                  + " hold no array \""
                  + name
                  + "\""
                  + (noGradient.size() == 1
                      ? ""
                      : " and lack " + (noGradient.size() - 1) + " more"),
              "for training(), a gradient of the OFM of each layer on the grid",
              "np.savez(file, **{\"" + name + "\": array, ...}), or simulate inference()");
        }
        return mask(layer.name() + GRADIENT, layer.ofm());
      }

      private BitMatrix mask(String name, FeatureMap map) {
        boolean perImage = IntStream.of(1, 3).anyMatch(rank -> rank == files.shape(name).rank());
        Npy array = perImage ? files.read(name) : files.read(name, index, 1);
        return Masks.featureMap(array.name(), map, FloatBuffer.wrap(array.tensor().toArray()));
      }

      /** A file of IFMs does not say what a layer hands on. */
      @Override
      public double ofmDensity(Node layer) {
        return Double.NaN;
      }
    }
  }
}
