package org.dlaclab.result;

import java.io.Serializable;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.dlaclab.error.DlacException;

/**
 * Some passes, taken together: those to simulate, or those of a run to look at.
 *
 * @param all one or more, in the order of {@link Pass}
 */
public record Passes(Set<Pass> all) implements Serializable {
  /** What inference takes. */
  public static final Passes FORWARD = of(Pass.FORWARD);

  /** The gradients of IFMs. */
  public static final Passes DGRAD = of(Pass.DGRAD);

  /** The gradients of weights. */
  public static final Passes WGRAD = of(Pass.WGRAD);

  /** Both gradients. */
  public static final Passes BACKWARD = of(Pass.DGRAD, Pass.WGRAD);

  /** What a step of training takes. */
  public static final Passes TRAINING = of(Pass.values());

  public Passes {
    if (all.isEmpty()) {
      throw new DlacException(
          "no pass is named",
          "one or more of forward, dgrad and wgrad",
          "use inference() or training()");
    }
    all = Collections.unmodifiableSet(EnumSet.copyOf(all));
  }

  private static Passes of(Pass... passes) {
    return new Passes(EnumSet.copyOf(List.of(passes)));
  }

  /** Whether {@code pass} is one of these. */
  public boolean contains(Pass pass) {
    return all.contains(pass);
  }

  /** For example {@code dgrad + wgrad}. */
  @Override
  public String toString() {
    return all.stream().map(Pass::toString).collect(Collectors.joining(" + "));
  }
}
