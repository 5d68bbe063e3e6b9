package org.dlaclab.examples.training;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import org.dlaclab.error.DlacException;

/** Starts DJL's PyTorch engine. */
final class PyTorch {
  private PyTorch() {}

  /**
   * Loads the native library; must come before anything else of DJL.
   *
   * @param threads of one operation. One is faster than two where other programs keep the cores
   *     busy, because the threads of an operation wait for each other.
   */
  static void start(int threads) {
    // The library comes with Maven's profile "train". Without this, DJL would look for one on the
    // web.
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("ai.djl.pytorch.num_threads", String.valueOf(threads));
    try {
      Engine.getEngine("PyTorch");
    } catch (EngineException | LinkageError e) {
      throw new DlacException(
          "PyTorch's native library does not load (" + e + ")",
          "Linux on x86-64, with the libraries of Maven's profile \"train\" on the class path",
          "start it with examples/train.sh",
          e);
    }
  }
}
