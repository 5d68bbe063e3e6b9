package org.dlaclab.infer;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dlaclab.error.DlacException;

/**
 * A session of ONNX Runtime. The only class that touches the native engine, so that all others load
 * without it.
 */
final class OnnxRuntime implements AutoCloseable {
  private final String network;
  private final OrtEnvironment environment;
  private final OrtSession session;

  /** Floats outside of the Java heap, and their shape. */
  record Array(FloatBuffer values, List<Long> dims) {
    OnnxTensor tensor(OrtEnvironment environment) throws OrtException {
      return OnnxTensor.createTensor(
          environment, values, dims.stream().mapToLong(Long::longValue).toArray());
    }
  }

  /**
   * @param network what errors call the graph
   * @param model ONNX file format
   * @param threads that one operator may use
   */
  OnnxRuntime(String network, byte[] model, int threads) {
    this.network = network;
    this.environment = OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
    try {
      // Official builds report to their maker: on Windows all of them, elsewhere 1.29.0.
      environment.setTelemetry(false);
    } catch (OrtException e) {
      throw failed(network, e);
    }
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(threads);
      // Waiting threads sleep: between two runs the cores belong to the simulator.
      options.addConfigEntry("session.intra_op.allow_spinning", "0");
      this.session = environment.createSession(model, options);
    } catch (OrtException e) {
      throw failed(network, e);
    }
  }

  /**
   * Runs the graph; results go where {@code outputs} says, without a copy.
   *
   * @param outputs by the name of a graph output
   */
  void run(String input, Array images, Map<String, Array> outputs) {
    Map<String, OnnxTensor> results = new LinkedHashMap<>();
    try (OnnxTensor in = images.tensor(environment)) {
      for (Map.Entry<String, Array> output : outputs.entrySet()) {
        results.put(output.getKey(), output.getValue().tensor(environment));
      }
      session.run(Map.of(input, in), results).close();
    } catch (OrtException e) {
      throw failed(network, e);
    } finally {
      results.values().forEach(OnnxTensor::close);
    }
  }

  private static DlacException failed(String network, OrtException e) {
    return new DlacException(
        "ONNX Runtime cannot run "
            + network
            + ": "
            + String.valueOf(e.getMessage())
                .lines()
                .findFirst()
                .orElse("")
                .replaceFirst("[.\\s]+$", ""),
        "a graph that it runs",
        "check a file of yours: onnx.checker.check_model(model, full_check=True); report a network of"
            + " the DSL",
        e);
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw failed(network, e);
    }
  }
}
