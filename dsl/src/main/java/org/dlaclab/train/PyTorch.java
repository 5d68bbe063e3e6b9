package org.dlaclab.train;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import java.util.Map;
import java.util.function.Supplier;
import org.dlaclab.error.DlacException;

/** Starts DJL's PyTorch engine. */
final class PyTorch {
  private static final String THREADS = "ai.djl.pytorch.num_threads";

  private PyTorch() {}

  /**
   * Runs work that needs the engine.
   *
   * @param threads of one operation. The engine takes the number of the first start only.
   * @throws DlacException if the engine is not on the class path, or does not load here
   */
  static <T> T with(int threads, Supplier<T> work) {
    try {
      return Started.with(threads, work);
    } catch (NoClassDefFoundError e) {
      if (e.getMessage() == null || !e.getMessage().startsWith("ai/djl")) {
        throw e;
      }
      // Not kept as the cause: which class is missing tells a user nothing, and a shell shows it.
      throw new DlacException(
          "training needs PyTorch, which is not on the class path",
          "ai.djl.pytorch:pytorch-engine with its native library",
          "run ./dlac fetch pytorch and start this again (a shell too: /exit first)");
    }
  }

  /** What a stamp says about the software. */
  static Map<String, String> versions() {
    return with(
        1,
        () ->
            Map.of(
                "djl",
                Engine.getDjlVersion(),
                "pytorch",
                Engine.getInstance().getVersion(),
                "java",
                System.getProperty("java.version")));
  }

  /** All that links against the engine's classes. */
  private static final class Started {
    private Started() {}

    static <T> T with(int threads, Supplier<T> work) {
      // Without this, DJL would look for a missing library on the web.
      System.setProperty("ai.djl.offline", "true");
      if (System.getProperty(THREADS) == null) {
        System.setProperty(THREADS, String.valueOf(threads));
      }
      try {
        Engine.getEngine("PyTorch");
      } catch (EngineException | LinkageError e) {
        throw new DlacException(
            "PyTorch's native library does not load on "
                + System.getProperty("os.name")
                + " "
                + System.getProperty("os.arch")
                + ": "
                + e.getMessage(),
            "a system that it is built for: Linux with glibc, macOS or Windows on x86-64, or ARM",
            "run ./dlac fetch pytorch, and ./dlac doctor to see what is missing",
            e);
      }
      return work.get();
    }
  }
}
