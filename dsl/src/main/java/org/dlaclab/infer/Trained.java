package org.dlaclab.infer;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;
import org.dlaclab.file.WholeFile;
import org.dlaclab.network.FeatureMap;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.network.Weights;
import org.dlaclab.onnx.OnnxModel;
import org.dlaclab.operand.Operands;
import org.dlaclab.operand.Source;
import org.dlaclab.quant.Policy;
import org.dlaclab.quant.Quantizer;
import org.dlaclab.quant.Selector;
import org.dlaclab.tensor.SafeTensors;
import org.dlaclab.tensor.Sha256;
import org.dlaclab.tensor.Shape;
import org.dlaclab.tensor.Tensor;
import org.dlaclab.zoo.Zoo;

/**
 * A network with the weights it was trained to, and images to run it on.
 *
 * @param name what reports call it
 * @param weights in full precision: {@code policy} is applied when they are used
 * @param policy the one it was trained with
 * @param stamp what its file says about the training: accuracy, epochs, seed, versions
 * @param images {@code n x C x H x W}, scaled as in training
 * @param labels the class of each image; empty if it is not known
 * @param file the ONNX file it came from, whose own graph runs; empty if it is a network of the DSL
 */
public record Trained(
    String name,
    Weights weights,
    Policy policy,
    Map<String, String> stamp,
    Tensor images,
    List<Integer> labels,
    Optional<OnnxModel> file) {

  private static final List<String> SHIPPED = List.of("lenet5", "resnet20");
  private static final FeatureMap FASHION_MNIST = new FeatureMap(1, 28, 28);
  private static final int CLASSES = 10;

  /** The key of the policy in a file's stamp. */
  private static final String POLICY = "policy_json";

  private static final Policy FULL_PRECISION = Policy.of("full precision");

  /** With which the shipped networks were trained: ternary, first layer in full precision. */
  private static final Policy TWN =
      new Policy(
          "twn",
          new Quantizer.Ternary(Quantizer.Scale.PER_LAYER),
          List.of(new Policy.Rule(new Selector.ByIndex(0), new Quantizer.FullPrecision())));

  /**
   * Checks that the parts fit each other.
   *
   * @throws DlacException if the images do not fit the network, or the labels do not fit the images
   */
  public Trained {
    Check.named("a trained network", name);
    Inference.requireFit(weights.network(), images);
    policy.assign(weights.network());
    stamp = Collections.unmodifiableMap(new TreeMap<>(stamp));
    labels = List.copyOf(labels);
    if (!labels.isEmpty() && labels.size() != images.shape().dim(0)) {
      throw new DlacException(
          name + " gets " + labels.size() + " labels for " + images.shape().dim(0) + " images",
          "one per image, or none",
          "correct the labels");
    }
  }

  /** A network of the DSL. */
  public Trained(
      String name,
      Weights weights,
      Policy policy,
      Map<String, String> stamp,
      Tensor images,
      List<Integer> labels) {
    this(name, weights, policy, stamp, images, labels, Optional.empty());
  }

  /**
   * The network in an ONNX file, in full precision and without images: {@link #withImages} adds
   * them.
   *
   * @throws DlacException as {@link OnnxModel#read(Path)}
   */
  public static Trained onnx(Path file) {
    return of(OnnxModel.read(file));
  }

  /** As {@link #onnx(Path)}, for images of this size, which the file must allow. */
  public static Trained onnx(Path file, FeatureMap ifm) {
    return of(OnnxModel.read(file, ifm));
  }

  static Trained of(OnnxModel file) {
    FeatureMap map = file.network().ifm();
    return new Trained(
        file.network().name(),
        file.weights(),
        FULL_PRECISION,
        Map.of(),
        Tensor.of(Shape.of(0, map.channels(), map.height(), map.width())),
        List.of(),
        Optional.of(file));
  }

  /**
   * A network that comes with DLAC Lab: {@code lenet5} or {@code resnet20}, trained on
   * Fashion-MNIST with ternary weights but for the first layer, with 32 test images.
   *
   * @throws DlacException with the nearest name if there is no such network
   */
  public static Trained load(String name) {
    if (!SHIPPED.contains(name)) {
      throw new DlacException(
          "no trained network \"" + name + "\" comes with DLAC Lab",
          "one of " + SHIPPED,
          "did you mean \""
              + Check.nearest(name, SHIPPED)
              + "\"? Your own: trained(path, network, policy)");
    }
    SafeTensors file = resource(name);
    SafeTensors data = resource("fashion-mnist-32");
    Network network = Zoo.network(name, FASHION_MNIST, CLASSES);
    Tensor labels = data.tensor("labels");
    return new Trained(
        name,
        new Weights(network, file.tensors()),
        TWN,
        file.metadata(),
        scaled(data.tensor("images")),
        IntStream.range(0, labels.size()).mapToObj(i -> (int) labels.get(i)).toList());
  }

  /**
   * Your own weights, without images: {@link #withImages} adds them.
   *
   * @param file safetensors with the names of {@link Weights}
   * @param policy the one it was trained with
   * @throws DlacException naming the layer if the weights do not fit the network
   */
  public static Trained load(Path file, Network network, Policy policy) {
    SafeTensors tensors = SafeTensors.read(file);
    FeatureMap map = network.ifm();
    return new Trained(
        network.name(),
        new Weights(network, tensors.tensors()),
        policy,
        tensors.metadata(),
        Tensor.of(Shape.of(0, map.channels(), map.height(), map.width())),
        List.of());
  }

  /**
   * Your own weights under the policy that the stamp of their file holds, without images: {@link
   * #withImages} adds them.
   *
   * @param file safetensors with the names of {@link Weights}, and {@link Policy#toJson} under
   *     {@code policy_json} in its metadata, as training writes it
   * @throws DlacException if the file holds no policy, or naming the layer if the weights do not
   *     fit the network
   */
  public static Trained load(Path file, Network network) {
    String policy = SafeTensors.read(file).metadata().get(POLICY);
    if (policy == null) {
      throw new DlacException(
          file + " does not say with which policy it was trained",
          "\"" + POLICY + "\" in its metadata, as training writes it",
          "give the policy: trained(path, network, policy)");
    }
    return load(file, network, Policy.fromJson(policy));
  }

  private static SafeTensors resource(String name) {
    String file = "/org/dlaclab/trained/" + name + ".safetensors";
    try (InputStream in = Trained.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new DlacException(
            file + " is not on the class path",
            "the file, which is part of DLAC Lab's jar",
            "build or download the jar again");
      }
      return SafeTensors.read(file, in);
    } catch (IOException e) {
      throw new DlacException(
          file + " cannot be read: " + e, "a sound jar", "build or download the jar again", e);
    }
  }

  /** Bytes 0 to 255 as floats 0 to 1. */
  private static Tensor scaled(Tensor bytes) {
    float[] values = bytes.toArray();
    for (int i = 0; i < values.length; i++) {
      values[i] /= 255;
    }
    return Tensor.of(bytes.shape(), values);
  }

  /** The network that the weights are of. */
  public Network network() {
    return weights.network();
  }

  /**
   * The same network with other images.
   *
   * @param images {@code n x C x H x W}, scaled as in training
   * @param labels one per image, or empty
   */
  public Trained withImages(Tensor images, List<Integer> labels) {
    return new Trained(name, weights, policy, stamp, images, labels, file);
  }

  /**
   * The same network under another policy, for {@link #predict} and all that follows from it.
   *
   * @throws DlacException if a rule of the policy matches no layer
   */
  public Trained withPolicy(Policy policy) {
    return new Trained(name, weights, policy, stamp, images, labels, file);
  }

  /**
   * The first {@code count} images as a source of real activations, one image per sample.
   *
   * @throws DlacException if there are fewer
   */
  public Images images(int count) {
    return new Images(this, count, 1);
  }

  /** These images as a source of real activations, one image per sample. */
  public Images images(Tensor images) {
    return withImages(images, List.of()).images(images.shape().dim(0));
  }

  /**
   * The class of each image under the policy of the training: the index of the largest output, the
   * first one of equals.
   *
   * @param images {@code n x C x H x W}
   * @throws DlacException if the images do not fit, or ONNX Runtime is not on the class path
   */
  public List<Integer> predict(Tensor images) {
    Node last = output();
    int classes = Math.toIntExact(last.ofm().size());
    List<Integer> predicted = new ArrayList<>();
    try (Inference inference = inference(weights, policy, List.of(last.name()))) {
      inference.run(
          images,
          (node, first, count, values) -> {
            for (int i = 0; i < count; i++) {
              int best = 0;
              for (int c = 1; c < classes; c++) {
                if (values.get(i * classes + c) > values.get(i * classes + best)) {
                  best = c;
                }
              }
              predicted.add(best);
            }
          });
    }
    return predicted;
  }

  /**
   * The same network without the batch normalizations that directly follow a convolution: they go
   * into its weights and biases, so that a policy quantizes the product.
   *
   * @throws DlacException if the weights have scales that training found for them as they are
   */
  public Trained foldBatchNorm() {
    if (network().gridLayers().stream().anyMatch(layer -> weights.scales(layer).isPresent())) {
      throw new DlacException(
          name + " has weights with learned scales",
          "weights in full precision, or with scales that follow from them",
          "leave foldBatchNorm() out");
    }
    if (file.isPresent()) {
      OnnxModel folded = file.get().foldBatchNorm(weights);
      return new Trained(
          name, folded.weights(), policy, stamp, images, labels, Optional.of(folded));
    }
    OnnxModel written = OnnxModel.of(name, OnnxExport.model(weights, FULL_PRECISION));
    Weights folded = written.foldBatchNorm(written.weights()).weights();
    return new Trained(name, folded, policy, stamp, images, labels);
  }

  /** The layer whose result is the network's. */
  private Node output() {
    if (file.isPresent()) {
      return network()
          .node(
              file.get()
                  .output()
                  .orElseThrow(
                      () ->
                          new DlacException(
                              "the output of " + name + " is no feature map per image",
                              "a network that gives a score per class",
                              "cut the model behind its last layer of scores")));
    }
    return network().nodes().get(network().nodes().size() - 1);
  }

  /** Runs this network with {@code weights}, which are its own or fit it. */
  Inference inference(Weights weights, Policy policy, Collection<String> outputs) {
    return file.isPresent() && file.get().network().equals(weights.network())
        ? Inference.of(file.get(), weights, policy, outputs)
        : Inference.of(weights, policy, outputs);
  }

  /**
   * How often the class under {@code other} is that under the policy of the training: of a network
   * from {@code onnx(...)}, in full precision.
   *
   * @param images {@code n x C x H x W}, one or more
   */
  public Agreement agreement(Policy other, Tensor images) {
    List<Integer> own = predict(images);
    List<Integer> changed = withPolicy(other).predict(images);
    long same =
        IntStream.range(0, own.size()).filter(i -> own.get(i).equals(changed.get(i))).count();
    return new Agreement(name, policy.name(), other.name(), Math.toIntExact(same), own.size());
  }

  /** As {@link #agreement(Policy, Tensor)}, on all images that the network comes with. */
  public Agreement agreement(Policy other) {
    return agreement(other, images);
  }

  /**
   * The network with its weights as an ONNX file that any tool reads, as {@link #policy} leaves
   * them: ternary weights are exact. A network from {@code onnx(...)} keeps its own graph.
   *
   * @param path by custom ends in {@code .onnx}
   * @throws DlacException if a layer has no counterpart in ONNX, or the file cannot be written
   */
  public void save(String path) {
    if (file.isPresent()) {
      List<String> outputs = List.of(output().name());
      WholeFile.write(
          Path.of(path), OnnxEdit.of(file.get(), weights, policy, outputs).model()::writeTo);
    } else {
      OnnxExport.save(weights, policy, Path.of(path));
    }
  }

  /**
   * Share of images whose class is predicted, from 0 to 1.
   *
   * @param labels one per image
   */
  public double accuracy(Tensor images, List<Integer> labels) {
    List<Integer> predicted = predict(images);
    if (predicted.isEmpty() || predicted.size() != labels.size()) {
      throw new DlacException(
          "the accuracy of "
              + name
              + " is asked for "
              + predicted.size()
              + " images and "
              + labels.size()
              + " labels",
          "one label per image, and one image or more",
          "correct the labels");
    }
    long right =
        IntStream.range(0, labels.size())
            .filter(i -> predicted.get(i).equals(labels.get(i)))
            .count();
    return (double) right / labels.size();
  }

  /** Its name, its stamp in short, and how many images it has. */
  @Override
  public String toString() {
    return describe() + ", " + images.shape().dim(0) + " images";
  }

  private String describe() {
    StringBuilder text =
        new StringBuilder(file.map(OnnxModel::toString).orElse(name + ", trained"));
    String data = stamp.get("data");
    if (data != null) {
      text.append(" on ").append(data.split(",", 2)[0]);
    }
    for (String key : List.of("accuracy", "seed")) {
      String value = stamp.get(key);
      text.append(value == null ? "" : ", " + key + " " + value);
    }
    return text.toString();
  }

  /**
   * Images of a trained network as a source of operands: each sample's activations are those of a
   * real forward pass, with the weights that the simulation's policy leaves.
   *
   * @param count of the first images
   * @param batch images per sample; divides {@code count}
   */
  public record Images(Trained trained, int count, int batch) implements Source {
    public Images {
      Check.positive("the number of images", count);
      Check.positive("the batch", batch);
      int available = trained.images().shape().dim(0);
      if (count > available) {
        throw new DlacException(
            trained.name() + " has " + available + " images, and " + count + " are asked for",
            "at most " + available,
            available == 0
                ? "give it some: trained.withImages(images, labels)"
                : "images(" + available + "), or give it more with withImages(images, labels)");
      }
      if (count % batch != 0) {
        throw new DlacException(
            count + " images in batches of " + batch + " leave " + count % batch + " over",
            "a batch that divides the number of images",
            "images(" + (count - count % batch) + ").batch(" + batch + ")");
      }
    }

    /** The same images, {@code size} of them per sample. */
    public Images batch(int size) {
      return new Images(trained, count, size);
    }

    /**
     * The operands of {@code network}, which need not be the one that was trained, but must have
     * layers of the same names and shapes.
     *
     * @throws DlacException naming the layer if the weights do not fit
     */
    @Override
    public Operands bind(Network network, Policy policy) {
      Weights weights =
          network.equals(trained.network())
              ? trained.weights()
              : new Weights(network, trained.weights().tensors());
      String which = count == 1 ? "its first image" : "its first " + count + " images";
      return new ImageOperands(
          weights,
          policy,
          outputs -> trained.inference(weights, policy, outputs),
          trained.images(),
          count / batch,
          batch,
          "real weights and activations of "
              + trained.describe()
              + "; "
              + which
              + (batch == 1 ? "" : " in batches of " + batch));
    }

    /** The weights, the images, and the graph of an ONNX file. */
    @Override
    public Optional<String> identity() {
      return Optional.of(
          String.join(
              " ",
              "images",
              String.valueOf(count),
              String.valueOf(batch),
              trained.weights().sha256(),
              trained.images().sha256(),
              trained.file().map(f -> Sha256.of(f.graph().toByteArray())).orElse("")));
    }

    @Override
    public String toString() {
      return count + " images of " + trained.name() + (batch == 1 ? "" : " in batches of " + batch);
    }
  }
}
