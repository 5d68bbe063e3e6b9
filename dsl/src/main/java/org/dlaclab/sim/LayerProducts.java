package org.dlaclab.sim;

import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.dlaclab.grid.Precision;
import org.dlaclab.network.Node;
import org.dlaclab.operand.Operands;
import org.dlaclab.quant.Policy;
import org.dlaclab.quant.Quantizer;
import org.dlaclab.result.Pass;
import org.dlaclab.tensor.BitMatrix;

/**
 * The masked products that a layer's passes are lowered to, made one at a time: per group, and for
 * dgrad per stride phase.
 *
 * @param isMask whether the weights were given as a mask
 * @param policyWidths for each precision of a grid
 * @param gradient of the OFM; empty if no pass needs it
 */
record LayerProducts(
    Node layer,
    Quantizer quantizer,
    boolean isMask,
    Map<Precision, Policy.Widths> policyWidths,
    BitMatrix weights,
    BitMatrix ifm,
    BitMatrix gradient) {
  private static final BitMatrix NO_GRADIENT = BitMatrix.of(0, 0, new long[0]);

  /** Takes one product after another. */
  interface Taker {
    /**
     * Takes the next product.
     *
     * @param widths for each precision of a grid
     * @param footprints what tiles of its columns touch
     */
    void take(
        Pass pass,
        MaskedProduct product,
        Map<Precision, Widths> widths,
        Function<Footprint.Tiling, Footprint> footprints);
  }

  /** Those of a layer on a sample, for these passes. */
  static LayerProducts of(
      Node layer,
      Quantizer quantizer,
      boolean isMask,
      Map<Precision, Policy.Widths> policyWidths,
      int batch,
      BitMatrix weights,
      Operands.Sample sample,
      Set<Pass> passes) {
    new Lowering(layer).requireHeap(batch, passes);
    boolean backward = passes.contains(Pass.DGRAD) || passes.contains(Pass.WGRAD);
    BitMatrix gradient = backward ? sample.ofmGradient(layer) : NO_GRADIENT;
    BitMatrix ifm = sample.ifm(layer);
    return new LayerProducts(layer, quantizer, isMask, policyWidths, weights, ifm, gradient);
  }

  /** Makes the products of these passes. */
  void each(Set<Pass> passes, Set<Footprint.Tiling> tilings, Taker taker) {
    Lowering lowering = new Lowering(layer);
    boolean multiplierFree = isMask || quantizer.multiplierFree();
    for (int g = 0; g < lowering.groups(); g++) {
      int group = g;
      if (passes.contains(Pass.FORWARD) || passes.contains(Pass.WGRAD)) {
        Lowering.Columns windows = lowering.windows(group, ifm, tilings);
        if (passes.contains(Pass.FORWARD)) {
          taker.take(
              Pass.FORWARD,
              lowering.forward(group, weights, windows.bits(), multiplierFree),
              widths(Pass.FORWARD),
              windows::footprint);
        }
        if (passes.contains(Pass.WGRAD)) {
          taker.take(
              Pass.WGRAD,
              lowering.wgrad(group, gradient, windows.bits()),
              widths(Pass.WGRAD),
              tiling -> lowering.wgradFootprint(group, ifm, tiling));
        }
      }
      if (passes.contains(Pass.DGRAD)) {
        for (Lowering.Phase phase : lowering.phases()) {
          Lowering.Columns reached = lowering.reached(group, phase, gradient, tilings);
          taker.take(
              Pass.DGRAD,
              lowering.dgrad(group, phase, weights, reached.bits(), multiplierFree),
              widths(Pass.DGRAD),
              reached::footprint);
        }
      }
    }
  }

  private Map<Precision, Widths> widths(Pass pass) {
    Map<Precision, Widths> widths = new EnumMap<>(Precision.class);
    policyWidths.forEach(
        (precision, of) -> {
          int weightBits = isMask ? Widths.TERNARY : of.weights();
          int full = precision.bits();
          widths.put(
              precision,
              switch (pass) {
                case FORWARD -> new Widths(weightBits, of.ifm(), of.ofm());
                case DGRAD -> new Widths(weightBits, full, full);
                case WGRAD -> new Widths(full, of.ifm(), full);
              });
        });
    return widths;
  }
}
