package org.dlaclab.train;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.dlaclab.error.DlacException;

/** Tests that are skipped, and say why, where the engine of training is missing. */
final class NeedsPyTorch {
  private NeedsPyTorch() {}

  static void assume() {
    try {
      PyTorch.versions();
    } catch (DlacException e) {
      assumeTrue(false, e.getMessage());
    }
  }
}
