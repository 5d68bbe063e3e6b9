package org.dlaclab.study;

import org.dlaclab.quant.Policy;
import org.dlaclab.result.Passes;
import org.dlaclab.result.Run;
import org.dlaclab.sim.Simulator;
import org.dlaclab.train.Training;

/**
 * What a simulation of a trained network came to.
 *
 * @param on the grid and the number of images, as text
 * @param effectualForward share of the forward pass's pairs, 0 to 1
 * @param effectualBackward share of the pairs of dgrad and wgrad, 0 to 1
 * @param speedup of inference over the same grid with skip {@code NONE}
 */
record Simulated(String on, double effectualForward, double effectualBackward, double speedup) {
  static final Simulated NOT = new Simulated("", Double.NaN, Double.NaN, Double.NaN);

  /** Images of one training step. */
  private static final int STEP = 8;

  /** What {@link #on} says of simulations as {@code how} wants them. */
  static String on(Study.On how) {
    return how.images() + " images on " + how.grid();
  }

  /** Inference of test images; the backward pass of steps over as many training images. */
  static Simulated of(Training training, Study.On how) {
    Policy policy = training.policy();
    int images = Math.min(how.images(), training.data().test().count());
    Run inference =
        Simulator.run(
            training.network(), policy, how.grid(), training.trained(images).images(images));
    int trained = Math.min(how.images(), training.data().train().count());
    int step = Math.min(STEP, trained);
    Run backward =
        Simulator.run(
            training.network(),
            policy,
            how.grid(),
            training.steps(trained / step, step),
            Passes.BACKWARD);
    return new Simulated(
        on(how),
        inference.effectualShare().mean(),
        backward.effectualShare().mean(),
        inference.totalSpeedup().mean());
  }
}
