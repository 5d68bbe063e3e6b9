package org.dlaclab.train;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.loss.Loss;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.dlaclab.data.Batches;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;
import org.dlaclab.network.FeatureMap;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.network.Weights;
import org.dlaclab.operand.Masks;
import org.dlaclab.operand.Operands;
import org.dlaclab.operand.Source;
import org.dlaclab.quant.Policy;
import org.dlaclab.tensor.BitMatrix;
import org.dlaclab.tensor.Tensor;

/**
 * Steps of a training as a source of operands: weights, activations and gradients of a forward and
 * a backward pass over training images, from the weights that the training reached. Batch
 * normalization uses the statistics of the batch, as in training; no weight moves.
 *
 * <p>The gradient of an OFM is that of the layer's own output. Behind a batch normalization it is
 * dense, because its statistics spread each pixel's gradient over the channel; behind a ReLU it has
 * the ReLU's zeros.
 *
 * @param training whose weights and images these are
 * @param count steps, each a sample of its own
 * @param images per step
 */
public record TrainingSteps(Training training, int count, int images) implements Source {
  public TrainingSteps {
    Check.positive("the number of steps", count);
    Check.positive("the number of images per step", images);
    int available = training.data().train().count() / images;
    if (count > available) {
      throw new DlacException(
          count + " steps of " + images + " images of " + training.data().name(),
          "at most " + available + " steps of as many",
          "use fewer steps or images");
    }
  }

  /**
   * The operands under a policy, which need not be the one of the training.
   *
   * @throws DlacException if the network is not the one that was trained
   */
  @Override
  public Operands bind(Network network, Policy policy) {
    if (!network.equals(training.network())) {
      throw new DlacException(
          "steps of the training of "
              + training.network().name()
              + " are asked for by "
              + network.name(),
          "the network that was trained",
          "simulate(training.network(), ...)");
    }
    return new Steps(this, policy);
  }

  /** The weights, the images, and in which order and how changed they come. */
  @Override
  public Optional<String> identity() {
    return Optional.of(
        String.join(
            " ",
            "steps",
            String.valueOf(count),
            String.valueOf(images),
            training.weights().sha256(),
            training.data().train().sha256(),
            training.data().normalization().toString(),
            training.recipe().augmentation().toString(),
            String.valueOf(training.recipe().seed())));
  }

  @Override
  public String toString() {
    return count
        + " steps of "
        + images
        + " images of the training of "
        + training.network().name()
        + " with seed "
        + training.recipe().seed();
  }

  private static final class Steps implements Operands {
    private final TrainingSteps source;
    private final Policy policy;
    private final Network network;
    private final Batches batches;
    private final Weights weights;

    Steps(TrainingSteps source, Policy policy) {
      Recipe recipe = source.training.recipe();
      this.source = source;
      this.policy = policy;
      this.network = policy.on(source.training.network());
      this.weights = source.training.weights();
      this.batches =
          new Batches(source.training.data(), recipe.augmentation(), source.images, recipe.seed());
    }

    @Override
    public String origin() {
      return "real weights and activations of " + source;
    }

    @Override
    public String gradientOrigin() {
      return "real gradients of the same steps";
    }

    @Override
    public int samples() {
      return source.count;
    }

    @Override
    public int batch() {
      return source.images;
    }

    @Override
    public BitMatrix weights(Node layer) {
      return Masks.weights(layer, policy.quantized(weights, layer));
    }

    @Override
    public Sample sample(int index) {
      Objects.checkIndex(index, source.count);
      return PyTorch.with(
          source.training.recipe().threadCount(), () -> pass(batches.epoch(0).get(index)));
    }

    private Sample pass(Batches.Batch batch) {
      Map<Integer, BitMatrix> ifms = new HashMap<>();
      Map<Integer, BitMatrix> gradients = new HashMap<>();
      Map<Integer, Double> densities = new HashMap<>();
      try (NDManager manager = NDManager.newBaseManager();
          Parameters parameters =
              new Parameters(
                  manager, weights.tensors(), Map.of(), policy.assign(source.training.network()));
          NDScope scope = new NDScope()) {
        scope.suppressNotUsedWarning();
        parameters.beginQuantized();
        Map<String, NDArray> read = parameters.readForTraining(true);
        Map<Integer, NDArray> probes = new LinkedHashMap<>();
        Map<Integer, NDArray> inputs = new LinkedHashMap<>();
        Map<Integer, NDArray> results = new HashMap<>();
        FeatureMap map = network.ifm();
        NDArray pixels =
            manager.create(
                batch.pixels(), new Shape(batch.size(), map.channels(), map.height(), map.width()));
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
          NDArray logits =
              new ForwardPass(network)
                  .logits(
                      pixels,
                      read,
                      true,
                      (node, in, result) -> {
                        results.put(node.index(), result);
                        if (!node.onGrid()) {
                          return result;
                        }
                        // A zero that is added gathers the gradient of what it is added to.
                        NDArray probe = manager.zeros(result.getShape());
                        probe.setRequiresGradient(true);
                        probes.put(node.index(), probe);
                        inputs.put(node.index(), in.get(0));
                        return result.add(probe);
                      });
          NDArray labels = manager.create(batch.labels());
          collector.backward(
              Loss.softmaxCrossEntropyLoss().evaluate(new NDList(labels), new NDList(logits)));
          for (Node layer : network.gridLayers()) {
            int index = layer.index();
            ifms.put(index, mask(layer, "IFM", layer.ifm(), get(inputs, index)));
            gradients.put(
                index, mask(layer, "gradient", layer.ofm(), get(probes, index).getGradient()));
            densities.put(
                index, Parameters.tensor(get(results, network.handedOn(layer).index())).density());
          }
        }
        parameters.release(read);
      }
      return new Step(ifms, gradients, densities);
    }

    private static NDArray get(Map<Integer, NDArray> arrays, int index) {
      return Objects.requireNonNull(arrays.get(index));
    }

    private BitMatrix mask(Node layer, String what, FeatureMap map, NDArray array) {
      String name = "the " + what + " of \"" + layer.name() + "\" of " + network.name();
      long[] words = Masks.allocate(name, map, source.images);
      Tensor values = Parameters.tensor(array);
      Masks.fill(name, map, 0, source.images, FloatBuffer.wrap(values.toArray()), words);
      return BitMatrix.of(source.images * map.pixels(), map.channels(), words);
    }
  }

  private record Step(
      Map<Integer, BitMatrix> ifms,
      Map<Integer, BitMatrix> gradients,
      Map<Integer, Double> densities)
      implements Operands.Sample {
    @Override
    public BitMatrix ifm(Node layer) {
      return Objects.requireNonNull(ifms.get(layer.index()), layer.name());
    }

    @Override
    public BitMatrix ofmGradient(Node layer) {
      return Objects.requireNonNull(gradients.get(layer.index()), layer.name());
    }

    @Override
    public double ofmDensity(Node layer) {
      return densities.getOrDefault(layer.index(), Double.NaN);
    }
  }
}
