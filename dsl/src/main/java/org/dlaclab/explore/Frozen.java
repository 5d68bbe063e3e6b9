package org.dlaclab.explore;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.operand.Operands;
import org.dlaclab.operand.Source;
import org.dlaclab.quant.Policy;
import org.dlaclab.result.Pass;
import org.dlaclab.result.Passes;
import org.dlaclab.tensor.BitMatrix;

/**
 * All operands of a workload, made here, so that another machine needs neither the files nor the
 * engine that they come from: a bit per weight, and per sample a bit per element of each IFM and,
 * to train, of each OFM gradient.
 */
final class Frozen implements Source, Operands, Serializable {
  private final String origin;
  private final String gradientOrigin;
  private final int batch;
  private final Map<String, BitMatrix> weights = new HashMap<>();
  private final Map<String, Boolean> masks = new HashMap<>();
  private final List<Bits> samples = new ArrayList<>();

  private Frozen(String origin, String gradientOrigin, int batch) {
    this.origin = origin;
    this.gradientOrigin = gradientOrigin;
    this.batch = batch;
  }

  /** The workload, on operands that are made now. */
  static Workload of(Workload workload) {
    boolean backward = workload.passes().all().stream().anyMatch(pass -> pass != Pass.FORWARD);
    try (Operands operands = workload.tensors().bind(workload.network(), workload.policy())) {
      Frozen frozen =
          new Frozen(
              operands.origin(),
              workload.passes().equals(Passes.FORWARD) ? "" : operands.gradientOrigin(),
              operands.batch());
      for (Node layer : workload.network().gridLayers()) {
        frozen.weights.put(layer.name(), operands.weights(layer));
        frozen.masks.put(layer.name(), operands.isMask(layer));
      }
      for (int i = 0; i < operands.samples(); i++) {
        frozen.samples.add(Bits.of(operands.sample(i), workload.network(), backward));
      }
      return new Workload(workload.network(), workload.policy(), frozen, workload.passes());
    }
  }

  @Override
  public Operands bind(Network network, Policy policy) {
    return this;
  }

  @Override
  public String origin() {
    return origin;
  }

  @Override
  public String gradientOrigin() {
    return gradientOrigin;
  }

  @Override
  public int samples() {
    return samples.size();
  }

  @Override
  public int batch() {
    return batch;
  }

  @Override
  public BitMatrix weights(Node layer) {
    return Objects.requireNonNull(weights.get(layer.name()));
  }

  @Override
  public boolean isMask(Node layer) {
    return Objects.requireNonNull(masks.get(layer.name()));
  }

  @Override
  public Sample sample(int index) {
    return samples.get(index);
  }

  /** One sample, by the names of layers. */
  private record Bits(
      Map<String, BitMatrix> ifms,
      Map<String, BitMatrix> gradients,
      Map<String, Double> ofmDensities)
      implements Sample, Serializable {
    static Bits of(Sample sample, Network network, boolean backward) {
      Bits bits = new Bits(new HashMap<>(), new HashMap<>(), new HashMap<>());
      for (Node layer : network.gridLayers()) {
        bits.ifms.put(layer.name(), sample.ifm(layer));
        bits.ofmDensities.put(layer.name(), sample.ofmDensity(layer));
        if (backward) {
          bits.gradients.put(layer.name(), sample.ofmGradient(layer));
        }
      }
      return bits;
    }

    @Override
    public BitMatrix ifm(Node layer) {
      return Objects.requireNonNull(ifms.get(layer.name()));
    }

    @Override
    public double ofmDensity(Node layer) {
      return Objects.requireNonNull(ofmDensities.get(layer.name()));
    }

    @Override
    public BitMatrix ofmGradient(Node layer) {
      return Objects.requireNonNull(gradients.get(layer.name()));
    }
  }
}
