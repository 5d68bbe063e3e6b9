package org.dlaclab.testing;

import java.util.Optional;
import org.dlaclab.network.Node;
import org.dlaclab.operand.Operands;
import org.dlaclab.tensor.BitMatrix;
import org.dlaclab.tensor.Shape;
import org.dlaclab.tensor.Tensor;
import org.dlaclab.testing.RandomCases.ConvCase;

/** A case's own tensors as masks; with a gradient of its OFM, if one is given. */
public class GivenOperands implements Operands, Operands.Sample {
  private final ConvCase c;
  private final Optional<Tensor> gradient;

  /** For inference. */
  public GivenOperands(ConvCase c) {
    this.c = c;
    this.gradient = Optional.empty();
  }

  /** For training. */
  public GivenOperands(ConvCase c, Tensor gradient) {
    this.c = c;
    this.gradient = Optional.of(gradient);
  }

  @Override
  public String origin() {
    return "given";
  }

  @Override
  public int samples() {
    return 1;
  }

  @Override
  public int batch() {
    return c.batch();
  }

  @Override
  public BitMatrix weights(Node layer) {
    return BitMatrix.nonZeros(channelsLast(c.weights()), c.conv().filters());
  }

  @Override
  public Sample sample(int index) {
    return this;
  }

  @Override
  public BitMatrix ifm(Node layer) {
    return BitMatrix.nonZeros(channelsLast(c.ifm()), c.batch() * layer.ifm().pixels());
  }

  @Override
  public BitMatrix ofmGradient(Node layer) {
    return gradient.isEmpty()
        ? Operands.Sample.super.ofmGradient(layer)
        : BitMatrix.nonZeros(channelsLast(gradient.get()), c.batch() * layer.ofm().pixels());
  }

  @Override
  public double ofmDensity(Node layer) {
    return Double.NaN;
  }

  /** {@code A x C x H x W} to {@code A x H x W x C}. */
  private static Tensor channelsLast(Tensor tensor) {
    Shape s = tensor.shape();
    float[] values = new float[tensor.size()];
    int to = 0;
    for (int a = 0; a < s.dim(0); a++) {
      for (int h = 0; h < s.dim(2); h++) {
        for (int w = 0; w < s.dim(3); w++) {
          for (int ch = 0; ch < s.dim(1); ch++) {
            values[to++] = tensor.get(((a * s.dim(1) + ch) * s.dim(2) + h) * s.dim(3) + w);
          }
        }
      }
    }
    return Tensor.of(Shape.of(s.dim(0), s.dim(2), s.dim(3), s.dim(1)), values);
  }
}
