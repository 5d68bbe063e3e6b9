package org.dlaclab.infer;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.dlaclab.error.DlacException;
import org.dlaclab.network.FeatureMap;
import org.dlaclab.network.Layer;
import org.dlaclab.network.Layers;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.network.Option;
import org.dlaclab.network.Part;
import org.dlaclab.quant.Policy;
import org.dlaclab.quant.Quantizer;
import org.dlaclab.quant.Selector;
import org.dlaclab.tensor.Shape;
import org.dlaclab.tensor.Tensor;

/** Small networks of all kinds of layers, with policies and images for them. */
public final class RandomNetworks {
  private final Random random;
  private int layers;

  public RandomNetworks(long seed) {
    this.random = new Random(seed);
  }

  public Network network() {
    while (true) {
      FeatureMap ifm =
          new FeatureMap(1 + random.nextInt(6), 1 + random.nextInt(12), 1 + random.nextInt(12));
      List<Part> parts = new ArrayList<>();
      int length = 3 + random.nextInt(8);
      FeatureMap at = ifm;
      for (int i = 0; i < length; i++) {
        Part part = part(at, true);
        FeatureMap next = after(ifm, parts, part);
        if (next != null) {
          parts.add(part);
          at = next;
        }
      }
      if (random.nextBoolean()) {
        parts.add(random.nextBoolean() ? Layers.flatten() : Layers.globalAvgPool());
        parts.add(Layers.fc("fc" + layers++, 1 + random.nextInt(12)));
        if (random.nextBoolean()) {
          // Layers that follow a flat vector: they run on two dimensions in ONNX.
          parts.add(random.nextBoolean() ? Layers.batchNorm() : Layers.relu());
          parts.add(Layers.conv("conv" + layers++, Layers.filters(3), Layers.kernel(1)));
          parts.add(Layers.residual(Layers.fc("fc" + layers++, 3)));
        }
      }
      if (random.nextInt(3) == 0) {
        parts.add(Layers.softmax());
      }
      if (!parts.isEmpty()) {
        Network network = Network.of("random", ifm, parts);
        if (!network.gridLayers().isEmpty()) {
          return network;
        }
      }
    }
  }

  /** The shape behind {@code parts} and {@code part}, or null if they do not fit. */
  private static FeatureMap after(FeatureMap ifm, List<Part> parts, Part part) {
    List<Part> longer = new ArrayList<>(parts);
    longer.add(part);
    try {
      return Network.of("try", ifm, longer).ofm();
    } catch (DlacException e) {
      return null;
    }
  }

  private Part part(FeatureMap at, boolean nested) {
    int c = at.channels();
    return switch (random.nextInt(nested ? 18 : 15)) {
      case 0, 1, 2 -> conv(1 + random.nextInt(8), 1);
      case 3 -> {
        int groups = c % 3 == 0 ? 3 : c % 2 == 0 ? 2 : c;
        yield conv(groups * (1 + random.nextInt(3)), groups);
      }
      case 4 -> Layers.depthwise("dw" + layers++, Layers.kernel(1 + random.nextInt(3)), padding(3));
      case 5 -> random.nextBoolean() ? Layers.batchNorm() : new Layer.BatchNorm("", 0.01f);
      case 6 ->
          List.of(Layers.relu(), Layers.relu(0.3), Layers.relu6(), new Layer.Relu("", 0.3, 0, 0.5))
              .get(random.nextInt(4));
      case 7 -> pool(true);
      case 8 -> pool(false);
      case 9 ->
          random.nextBoolean()
              ? Layers.localResponseNorm()
              : new Layer.LocalResponseNorm("", 3, 0.5f, 1.25f, 1);
      case 10, 11 -> function();
      case 12 -> Layers.channelShuffle(c % 3 == 0 ? 3 : c % 2 == 0 ? 2 : c);
      case 13 -> {
        int first = random.nextInt(c);
        yield Layers.channels(first, 1 + random.nextInt(c - first));
      }
      case 14 ->
          random.nextBoolean()
              ? Layers.gate(Layers.sigmoid())
              : Layers.gate(
                  Layers.globalAvgPool(),
                  random.nextBoolean()
                      ? Layers.fc("fc" + layers++, c)
                      : Layers.conv("conv" + layers++, Layers.filters(c), Layers.kernel(1)),
                  Layers.hardSigmoid());
      case 15 ->
          Layers.residual(
              Layers.conv("conv" + layers++, Layers.filters(c), Layers.kernel(3), Layers.pad(1)),
              Layers.batchNorm(),
              Layers.relu());
      case 16 ->
          Layers.residual(
              Layers.shortcut(
                  Layers.conv(
                      "conv" + layers++, Layers.filters(4), Layers.kernel(1), Layers.stride(2))),
              Layers.conv(
                  "conv" + layers++,
                  Layers.filters(4),
                  Layers.kernel(3),
                  Layers.stride(2),
                  Layers.pad(1)));
      default ->
          Layers.branches(
              "branches" + layers++,
              Layers.branch(Layers.conv("conv" + layers++, Layers.filters(2), Layers.kernel(1))),
              Layers.branch(),
              Layers.branch(
                  Layers.maxPool(Layers.kernel(3), Layers.stride(1), Layers.pad(1)),
                  Layers.relu()));
    };
  }

  private Part conv(int filters, int groups) {
    List<Option.OfConv> options =
        new ArrayList<>(
            List.of(
                Layers.filters(filters),
                Layers.kernel(1 + random.nextInt(4), 1 + random.nextInt(4)),
                Layers.stride(1 + random.nextInt(3), 1 + random.nextInt(3)),
                padding(4),
                Layers.dilation(1 + random.nextInt(2), 1 + random.nextInt(2)),
                Layers.groups(groups)));
    if (random.nextBoolean()) {
      options.add(Layers.noBias());
    }
    return Layers.conv("conv" + layers++, options.toArray(new Option.OfConv[0]));
  }

  private Part function() {
    return List.of(
            Layers.clip(-0.5, 0.75),
            Layers.leakyRelu(0.1),
            Layers.sigmoid(),
            Layers.tanh(),
            Layers.hardSigmoid(),
            Layers.hardSwish(),
            Layers.swish())
        .get(random.nextInt(7));
  }

  private Part pool(boolean max) {
    int kernel = 1 + random.nextInt(4);
    List<Option.OfPool> options =
        new ArrayList<>(
            List.of(
                Layers.kernel(kernel, 1 + random.nextInt(4)),
                Layers.stride(1 + random.nextInt(4), 1 + random.nextInt(4)),
                padding(kernel)));
    if (max && random.nextBoolean()) {
      options.add(Layers.dilation(1 + random.nextInt(2), 1 + random.nextInt(2)));
    } else if (random.nextBoolean()) {
      options.add(Layers.ceilMode());
    } else if (!max && random.nextBoolean()) {
      options.add(Layers.countPadding());
    }
    Option.OfPool[] array = options.toArray(new Option.OfPool[0]);
    return max ? Layers.maxPool(array) : Layers.avgPool(array);
  }

  private Option.Padding padding(int below) {
    return Layers.pad(
        random.nextInt(below), random.nextInt(below), random.nextInt(below), random.nextInt(below));
  }

  public Policy policy(Network network) {
    List<Quantizer> quantizers =
        List.of(
            new Quantizer.FullPrecision(),
            new Quantizer.Ternary(Quantizer.Scale.PER_LAYER),
            new Quantizer.Ternary(Quantizer.Scale.PER_FILTER),
            new Quantizer.Binary(Quantizer.Scale.PER_FILTER),
            new Quantizer.Uniform(3),
            new Quantizer.Ternary(new Quantizer.Scale.PerGroup(2)),
            new Quantizer.TrainedTernary(),
            new Quantizer.DoReFa(3),
            new Quantizer.Affine(4));
    List<Policy.Rule> rules = new ArrayList<>();
    for (int i = 0; i < network.gridLayers().size(); i++) {
      rules.add(
          new Policy.Rule(
              new Selector.ByIndex(i), quantizers.get(random.nextInt(quantizers.size()))));
    }
    return new Policy("mixed", new Quantizer.FullPrecision(), rules);
  }

  /** The policy with thresholds and precisions for single ReLUs, or for all. */
  public Policy withActivations(Policy policy, Network network) {
    List<Policy.Activations> rules = new ArrayList<>();
    for (Node node : network.nodes()) {
      if (node.layer() instanceof Layer.Relu) {
        Policy.Threshold threshold = new Policy.Threshold(random.nextInt(3) * 0.2);
        Policy.KBit bits = new Policy.KBit(1 + random.nextInt(5), 0.5 + 3 * random.nextDouble());
        List<Policy.Activation> does =
            List.<List<Policy.Activation>>of(
                    List.of(threshold), List.of(bits), List.of(threshold, bits))
                .get(random.nextInt(3));
        rules.add(
            new Policy.Activations(
                random.nextInt(4) == 0 ? Policy.Activations.ALL : node.name(), does));
      }
    }
    return new Policy(policy.name(), policy.weights(), policy.rules(), rules);
  }

  /** Half of the pixels are 0. */
  public Tensor images(Network network, int count) {
    FeatureMap map = network.ifm();
    float[] values = new float[count * (int) map.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextBoolean() ? 0 : (float) random.nextGaussian();
    }
    return Tensor.of(Shape.of(count, map.channels(), map.height(), map.width()), values);
  }

  /** Image {@code index} as {@code [c][h][w]}. */
  public static double[][][] image(Tensor images, int index) {
    Shape shape = images.shape();
    double[][][] image = new double[shape.dim(1)][shape.dim(2)][shape.dim(3)];
    int i = index * shape.dim(1) * shape.dim(2) * shape.dim(3);
    for (double[][] channel : image) {
      for (double[] row : channel) {
        for (int w = 0; w < row.length; w++) {
          row[w] = images.get(i++);
        }
      }
    }
    return image;
  }
}
