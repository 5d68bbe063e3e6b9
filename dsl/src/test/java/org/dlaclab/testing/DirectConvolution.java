package org.dlaclab.testing;

import org.dlaclab.network.FeatureMap;
import org.dlaclab.network.Layer.Conv;
import org.dlaclab.tensor.Shape;
import org.dlaclab.tensor.Tensor;
import org.dlaclab.testing.RandomCases.ConvCase;

/**
 * A convolution and its gradients by their definition: one loop over all that an output pixel sees,
 * which knows nothing of products, phases or machines.
 *
 * @param gradientOfIfm {@code B x C x H x W}
 * @param gradientOfWeights {@code K x C/groups x R x S}
 * @param touched triples of an output value, an IFM element and the weight between them, padding
 *     not counted
 * @param forward how many of them have a non-zero weight and IFM element
 * @param dgrad how many have a non-zero weight and OFM gradient
 * @param wgrad how many have a non-zero OFM gradient and IFM element
 */
public record DirectConvolution(
    Tensor gradientOfIfm,
    Tensor gradientOfWeights,
    long touched,
    long forward,
    long dgrad,
    long wgrad) {

  /** The gradients of the case for this gradient of its OFM, {@code B x K x P x Q}. */
  public static DirectConvolution of(ConvCase c, Tensor gradient) {
    Conv conv = c.conv();
    FeatureMap in = c.ifmMap();
    FeatureMap out = c.ofm();
    int channels = in.channels() / conv.groups();
    int filters = conv.filters() / conv.groups();
    double[] ofIfm = new double[c.ifm().size()];
    double[] ofWeights = new double[c.weights().size()];
    long touched = 0;
    long forward = 0;
    long dgrad = 0;
    long wgrad = 0;
    for (int b = 0; b < c.batch(); b++) {
      for (int f = 0; f < conv.filters(); f++) {
        for (int p = 0; p < out.height(); p++) {
          for (int q = 0; q < out.width(); q++) {
            double g =
                gradient.get(((b * conv.filters() + f) * out.height() + p) * out.width() + q);
            for (int ch = 0; ch < channels; ch++) {
              for (int r = 0; r < conv.kernel().height(); r++) {
                for (int s = 0; s < conv.kernel().width(); s++) {
                  int h = p * conv.stride().height() + r * conv.dilation().height();
                  int w = q * conv.stride().width() + s * conv.dilation().width();
                  h -= conv.padding().top();
                  w -= conv.padding().left();
                  if (h < 0 || h >= in.height() || w < 0 || w >= in.width()) {
                    continue;
                  }
                  int channel = f / filters * channels + ch;
                  int x = ((b * in.channels() + channel) * in.height() + h) * in.width() + w;
                  int k =
                      ((f * channels + ch) * conv.kernel().height() + r) * conv.kernel().width()
                          + s;
                  double weight = c.weights().get(k);
                  double value = c.ifm().get(x);
                  ofIfm[x] += weight * g;
                  ofWeights[k] += value * g;
                  touched++;
                  forward += weight != 0 && value != 0 ? 1 : 0;
                  dgrad += weight != 0 && g != 0 ? 1 : 0;
                  wgrad += value != 0 && g != 0 ? 1 : 0;
                }
              }
            }
          }
        }
      }
    }
    return new DirectConvolution(
        floats(c.ifm().shape(), ofIfm),
        floats(c.weights().shape(), ofWeights),
        touched,
        forward,
        dgrad,
        wgrad);
  }

  private static Tensor floats(Shape shape, double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return Tensor.of(shape, floats);
  }
}
