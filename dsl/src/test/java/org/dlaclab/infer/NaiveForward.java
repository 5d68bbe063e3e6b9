package org.dlaclab.infer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.dlaclab.network.FeatureMap;
import org.dlaclab.network.Layer;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.network.Option.Kernel;
import org.dlaclab.network.Option.Padding;
import org.dlaclab.network.Option.Stride;
import org.dlaclab.network.Weights;
import org.dlaclab.quant.Policy;
import org.dlaclab.quant.Quantizer;
import org.dlaclab.tensor.Tensor;

/**
 * The forward pass of a network on one image as the textbook has it: a loop per index, sums in
 * double precision. An oracle for ONNX export and ONNX Runtime, with which it shares nothing.
 */
public final class NaiveForward {
  private final Network network;
  private final Weights weights;
  private final Map<String, Tensor> quantized = new HashMap<>();

  public NaiveForward(Weights weights, Policy policy) {
    this.network = policy.on(weights.network());
    this.weights = weights;
    Map<String, Quantizer> quantizers = policy.assign(network);
    for (Node node : network.gridLayers()) {
      Quantizer quantizer = quantizers.get(node.name());
      Tensor full = weights.get(node, "weight");
      Tensor scales = weights.scales(node).orElse(quantizer.initialScales(full));
      quantized.put(node.name(), quantizer.quantize(full, scales));
    }
  }

  /** A node's IFMs of the first image, from the results of another engine. */
  static List<double[][][]> ifms(
      Network network, Node node, Tensor images, Map<String, Tensor> results) {
    List<double[][][]> ifms = new ArrayList<>();
    for (int input : node.inputs()) {
      ifms.add(
          RandomNetworks.image(
              input == Node.INPUT ? images : results.get(network.nodes().get(input).name()), 0));
    }
    return ifms;
  }

  /** The result of each node, {@code [c][h][w]}. */
  public List<double[][][]> run(double[][][] image) {
    List<double[][][]> results = new ArrayList<>();
    for (Node node : network.nodes()) {
      List<double[][][]> inputs = new ArrayList<>();
      for (int input : node.inputs()) {
        inputs.add(input == Node.INPUT ? image : results.get(input));
      }
      results.add(apply(node, inputs));
    }
    return results;
  }

  /** The result of one node on results of its inputs, which need not be this class's. */
  public double[][][] apply(Node given, List<double[][][]> inputs) {
    Node node = network.node(given.name());
    double[][][] x = inputs.get(0);
    FeatureMap in = node.ifm();
    FeatureMap out = node.ofm();
    double[][][] y = new double[out.channels()][out.height()][out.width()];
    Layer layer = node.layer();
    for (int k = 0; k < out.channels(); k++) {
      for (int p = 0; p < out.height(); p++) {
        for (int q = 0; q < out.width(); q++) {
          double value;
          if (layer instanceof Layer.OnGrid) {
            value = conv(node, x, k, p, q);
          } else if (layer instanceof Layer.BatchNorm norm) {
            value =
                (x[k][p][q] - weights.get(node, "running_mean").get(k))
                        / Math.sqrt(weights.get(node, "running_var").get(k) + norm.epsilon())
                        * weights.get(node, "weight").get(k)
                    + weights.get(node, "bias").get(k);
          } else if (layer instanceof Layer.Relu relu) {
            value = x[k][p][q] > (float) relu.threshold() ? x[k][p][q] : 0;
            value = relu.max() > 0 ? Math.min(value, relu.max()) : value;
            if (relu.bits() > 0) {
              double levels = Math.pow(2, relu.bits()) - 1;
              double level = Math.rint(value * levels / relu.max());
              value = level * relu.max() / levels;
            }
          } else if (layer instanceof Layer.Pool pool) {
            value = pool(pool, in, x[k], p, q);
          } else if (layer instanceof Layer.GlobalAvgPool) {
            value = 0;
            for (double[] row : x[k]) {
              for (double v : row) {
                value += v / (in.height() * in.width());
              }
            }
          } else if (layer instanceof Layer.LocalResponseNorm norm) {
            int reach = norm.channels() / 2;
            double squares = 0;
            for (int c = Math.max(0, k - reach); c <= Math.min(in.channels() - 1, k + reach); c++) {
              squares += x[c][p][q] * x[c][p][q];
            }
            value =
                x[k][p][q]
                    / Math.pow(norm.k() + norm.alpha() / norm.channels() * squares, norm.beta());
          } else if (layer instanceof Layer.Activation activation) {
            value = function(activation.function(), x[k][p][q]);
          } else if (layer instanceof Layer.Multiply) {
            double[][] by = inputs.get(1)[k];
            value = x[k][p][q] * (by.length * by[0].length == 1 ? by[0][0] : by[p][q]);
          } else if (layer instanceof Layer.ChannelShuffle shuffle) {
            int perGroup = in.channels() / shuffle.groups();
            value = x[k % shuffle.groups() * perGroup + k / shuffle.groups()][p][q];
          } else if (layer instanceof Layer.ChannelSlice slice) {
            value = x[slice.first() + k][p][q];
          } else if (layer instanceof Layer.Flatten) {
            int pixels = in.height() * in.width();
            value = x[k / pixels][k % pixels / in.width()][k % in.width()];
          } else if (layer instanceof Layer.Softmax) {
            double sum = 0;
            for (double[][] channel : x) {
              sum += Math.exp(channel[p][q] - x[k][p][q]);
            }
            value = 1 / sum;
          } else if (layer instanceof Layer.Add) {
            value = 0;
            for (double[][][] input : inputs) {
              value += input[k][p][q];
            }
          } else if (layer instanceof Layer.Concat) {
            int c = k;
            int i = 0;
            while (c >= inputs.get(i).length) {
              c -= inputs.get(i++).length;
            }
            value = inputs.get(i)[c][p][q];
          } else {
            throw new AssertionError(layer);
          }
          y[k][p][q] = value;
        }
      }
    }
    return y;
  }

  private static double function(Layer.Function function, double x) {
    if (function instanceof Layer.Function.Clip clip) {
      return x < clip.min() ? clip.min() : x > clip.max() ? clip.max() : x;
    }
    if (function instanceof Layer.Function.LeakyRelu leaky) {
      return x < 0 ? leaky.alpha() * x : x;
    }
    if (function instanceof Layer.Function.Sigmoid) {
      return 1 / (1 + Math.exp(-x));
    }
    if (function instanceof Layer.Function.Tanh) {
      return Math.tanh(x);
    }
    if (function instanceof Layer.Function.HardSigmoid hard) {
      return Math.max(0, Math.min(1, hard.alpha() * x + hard.beta()));
    }
    if (function instanceof Layer.Function.HardSwish) {
      return x <= -3 ? 0 : x >= 3 ? x : x * (x + 3) / 6;
    }
    return x / (1 + Math.exp(-x)); // swish
  }

  private double conv(Node node, double[][][] x, int k, int p, int q) {
    Layer.Conv conv = node.conv();
    Tensor weight = quantized.get(node.name());
    FeatureMap in = node.ifm();
    int channels = in.channels() / conv.groups();
    int group = k / (conv.filters() / conv.groups());
    double sum = conv.bias() ? weights.get(node, "bias").get(k) : 0;
    for (int c = 0; c < channels; c++) {
      for (int r = 0; r < conv.kernel().height(); r++) {
        for (int s = 0; s < conv.kernel().width(); s++) {
          int h = p * conv.stride().height() - conv.padding().top() + r * conv.dilation().height();
          int w = q * conv.stride().width() - conv.padding().left() + s * conv.dilation().width();
          if (h >= 0 && h < in.height() && w >= 0 && w < in.width()) {
            int index =
                ((k * channels + c) * conv.kernel().height() + r) * conv.kernel().width() + s;
            sum += weight.get(index) * x[group * channels + c][h][w];
          }
        }
      }
    }
    return sum;
  }

  private static double pool(Layer.Pool pool, FeatureMap in, double[][] x, int p, int q) {
    Kernel kernel = pool.kernel();
    Stride stride = pool.stride();
    Padding padding = pool.padding();
    double max = Double.NEGATIVE_INFINITY;
    double sum = 0;
    int count = 0;
    for (int r = 0; r < kernel.height(); r++) {
      for (int s = 0; s < kernel.width(); s++) {
        int h = p * stride.height() - padding.top() + r * pool.dilation().height();
        int w = q * stride.width() - padding.left() + s * pool.dilation().width();
        if (h >= 0 && h < in.height() && w >= 0 && w < in.width()) {
          max = Math.max(max, x[h][w]);
          sum += x[h][w];
          count++;
        }
      }
    }
    return pool.max()
        ? max
        : sum / (pool.countPadding() ? kernel.height() * kernel.width() : count);
  }
}
