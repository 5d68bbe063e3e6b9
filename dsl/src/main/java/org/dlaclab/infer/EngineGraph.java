package org.dlaclab.infer;

import ai.onnx.proto.OnnxMl.ModelProto;
import java.util.List;
import java.util.Map;

/**
 * A network as the engine runs it.
 *
 * @param input what it calls the images
 * @param imageDims their extents but for the batch
 * @param batches whether it takes several images at once
 * @param results by layer, of those that are wanted
 */
record EngineGraph(
    ModelProto model,
    String input,
    List<Integer> imageDims,
    boolean batches,
    Map<String, Result> results) {
  /**
   * A layer's result.
   *
   * @param value what the graph calls it
   * @param dims its extents but for the batch
   */
  record Result(String value, List<Integer> dims) {}
}
