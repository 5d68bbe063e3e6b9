package org.dlaclab.examples;

import static org.dlaclab.Dlac.except;
import static org.dlaclab.Dlac.first;
import static org.dlaclab.Dlac.fullPrecision;
import static org.dlaclab.Dlac.grid;
import static org.dlaclab.Dlac.pes;
import static org.dlaclab.Dlac.policy;
import static org.dlaclab.Dlac.seed;
import static org.dlaclab.Dlac.simulate;
import static org.dlaclab.Dlac.ternary;
import static org.dlaclab.Dlac.weights;
import static org.dlaclab.Dlac.zoo;

/**
 * The DSL in a plain Java program: speedup per layer of a network of the zoo, with synthetic
 * tensors.
 */
public final class SpeedupPerLayer {
  private SpeedupPerLayer() {}

  /**
   * Prints the table of one run.
   *
   * @param args a name of the zoo
   */
  public static void main(String... args) {
    var network = zoo(args.length == 0 ? "resnet50" : args[0]);
    var twn = policy("twn", weights(ternary()), except(first(), fullPrecision()));
    System.out.println(simulate(network, twn, grid("dlac", pes(16, 32)), seed(42)));
  }
}
