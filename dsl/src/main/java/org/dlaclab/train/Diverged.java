package org.dlaclab.train;

import org.dlaclab.error.DlacException;

/** A training whose loss is not finite any more; the message names the layer and the step. */
public final class Diverged extends DlacException {
  private static final long serialVersionUID = 1L;

  Diverged(String problem, String expected, String hint) {
    super(problem, expected, hint);
  }
}
