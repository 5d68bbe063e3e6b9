package org.dlaclab.operand;

import java.io.IOException;
import java.io.OutputStream;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.progress.Progress;
import org.dlaclab.quant.Policy;
import org.dlaclab.tensor.BitMatrix;

/** Writes the archive of {@link SavedMasks}, sample by sample. */
final class MaskWriter {
  /** The time of every entry, so that the same masks give the same bytes. */
  private static final LocalDateTime TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

  private final Network network;
  private final Policy policy;
  private final List<Node> layers;
  private final Operands operands;
  private final boolean gradients;

  /** Ones of each layer's IFM and OFM gradient, over the samples so far. */
  private final long[] ifm;

  private final long[] gradient;
  private final List<List<Double>> ofm = new ArrayList<>();

  MaskWriter(Network network, Policy policy, Operands operands, boolean gradients) {
    this.network = network;
    this.policy = policy;
    this.layers = network.gridLayers();
    this.operands = operands;
    this.gradients = gradients;
    this.ifm = new long[layers.size()];
    this.gradient = new long[layers.size()];
    layers.forEach(layer -> ofm.add(new ArrayList<>()));
  }

  void write(OutputStream out, Progress progress) throws IOException {
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      double[] weights = new double[layers.size()];
      for (int i = 0; i < weights.length; i++) {
        BitMatrix mask = operands.weights(layers.get(i));
        weights[i] = mask.density();
        begin(zip, MaskArchive.weights(layers.get(i)));
        PackedBits.write(mask, zip);
      }
      for (int s = 0; s < operands.samples(); s++) {
        if (Thread.interrupted()) {
          throw new CancellationException(
              "saveMasks("
                  + network.name()
                  + ") was cancelled at sample "
                  + (s + 1)
                  + " of "
                  + operands.samples());
        }
        begin(zip, MaskArchive.sample(s));
        write(operands.sample(s), zip);
        progress.step();
      }
      begin(zip, MaskArchive.STAMP);
      zip.write(stamp(weights).write());
    }
  }

  private static void begin(ZipOutputStream zip, String name) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    entry.setTimeLocal(TIME);
    zip.putNextEntry(entry);
  }

  private void write(Operands.Sample sample, ZipOutputStream zip) throws IOException {
    Map<Integer, Integer> readers = new HashMap<>();
    layers.forEach(layer -> readers.merge(layer.inputs().get(0), 1, Integer::sum));
    Map<Integer, BitMatrix> shared = new HashMap<>();
    for (int i = 0; i < layers.size(); i++) {
      Node layer = layers.get(i);
      int input = layer.inputs().get(0);
      BitMatrix mask = sample.ifm(layer);
      BitMatrix first = shared.get(input);
      boolean same = first != null && mask.equals(first);
      if (first != null) {
        zip.write(same ? 1 : 0);
      }
      if (!same) {
        PackedBits.write(mask, zip);
      }
      if (readers.merge(input, -1, Integer::sum) == 0) {
        shared.remove(input);
      } else {
        shared.putIfAbsent(input, mask);
      }
      ifm[i] += mask.ones();
      ofm.get(i).add(sample.ofmDensity(layer));
      if (gradients) {
        BitMatrix ofmGradient = sample.ofmGradient(layer);
        gradient[i] += ofmGradient.ones();
        PackedBits.write(ofmGradient, zip);
      }
    }
  }

  private MaskStamp stamp(double[] weights) {
    double images = (double) operands.samples() * operands.batch();
    List<MaskStamp.Densities> densities = new ArrayList<>();
    for (int i = 0; i < weights.length; i++) {
      Node layer = layers.get(i);
      densities.add(
          new MaskStamp.Densities(
              layer.name(),
              operands.isMask(layer),
              weights[i],
              ifm[i] / (images * layer.ifm().size()),
              gradients ? gradient[i] / (images * layer.ofm().size()) : Double.NaN,
              ofm.get(i)));
    }
    return new MaskStamp(
        MaskStamp.FORMAT,
        MaskStamp.version(),
        MaskStamp.json(network.toJson()),
        MaskStamp.json(policy.toJson()),
        operands.origin(),
        gradients ? operands.gradientOrigin() : "",
        operands.samples(),
        operands.batch(),
        gradients,
        densities);
  }
}
