package org.dlaclab.infer;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.dlaclab.network.Layer;
import org.dlaclab.tensor.Shape;
import org.dlaclab.tensor.Tensor;

/** Pieces of ONNX graphs. */
final class Protos {
  /** Operator set from which on rounding and thresholds have operators. */
  private static final int ROUND = 11;

  /** A float of this size has no bits left behind the point. */
  private static final float WHOLE = 1 << 23;

  private Protos() {}

  static NodeProto.Builder op(String type, String... inputs) {
    NodeProto.Builder op = NodeProto.newBuilder().setOpType(type);
    for (String input : inputs) {
      op.addInput(input);
    }
    return op;
  }

  static AttributeProto.Builder ints(String name, long... values) {
    AttributeProto.Builder attribute =
        AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS);
    LongStream.of(values).forEach(attribute::addInts);
    return attribute;
  }

  static AttributeProto.Builder integer(String name, long value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INT)
        .setI(value);
  }

  static AttributeProto.Builder number(String name, float value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.FLOAT)
        .setF(value);
  }

  /** Adds a tensor to the graph, and returns its name. */
  static String initializer(GraphProto.Builder graph, String name, Tensor tensor) {
    graph.addInitializer(
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(TensorProto.DataType.FLOAT_VALUE)
            .addAllDims(
                tensor.shape().dims().stream().map(Integer::longValue).collect(Collectors.toList()))
            .setRawData(bytes(tensor)));
    return name;
  }

  private static ByteString bytes(Tensor tensor) {
    byte[] bytes = new byte[Math.multiplyExact(tensor.size(), Float.BYTES)];
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < tensor.size(); i++) {
      buffer.putFloat(tensor.get(i));
    }
    return UnsafeByteOperations.unsafeWrap(bytes);
  }

  /**
   * Adds what a ReLU is made of but for its last operator, and returns that one, without a name and
   * a result.
   *
   * @param opset operator set of the graph
   * @param fresh makes a name that nothing has yet
   */
  static NodeProto.Builder relu(
      GraphProto.Builder graph,
      long opset,
      Layer.Relu relu,
      String x,
      UnaryOperator<String> fresh) {
    Chain chain = new Chain(graph, fresh);
    boolean old = opset < ROUND;
    if (relu.threshold() == 0 && relu.bits() == 0 && relu.max() > 0 && !old) {
      return op("Clip", x, chain.scalar("min", 0), chain.scalar("max", (float) relu.max()));
    }
    NodeProto.Builder last = op("Relu", x);
    if (relu.threshold() > 0 && !old) {
      last = op("ThresholdedRelu", x).addAttribute(number("alpha", (float) relu.threshold()));
    } else if (relu.threshold() > 0) {
      String positive = chain.then("relu", last);
      String threshold = chain.scalar("threshold", (float) relu.threshold());
      String above = chain.then("above", op("Greater", positive, threshold));
      NodeProto.Builder cast =
          op("Cast", above).addAttribute(integer("to", TensorProto.DataType.FLOAT_VALUE));
      last = op("Mul", positive, chain.then("kept", cast));
    }
    if (relu.max() > 0) {
      String result = chain.then("relu", last);
      last =
          old
              ? op("Clip", result)
                  .addAttribute(number("min", 0))
                  .addAttribute(number("max", (float) relu.max()))
              : op("Min", result, chain.scalar("max", (float) relu.max()));
    }
    if (relu.bits() > 0) {
      String bounded = chain.then("min", last);
      String level = chain.then("mul", op("Mul", bounded, chain.scalar("scale", relu.scale())));
      if (old) {
        // The sum has no bits behind the point: the addition rounds, ties to even.
        String whole = chain.scalar("whole", WHOLE);
        level = chain.then("round", op("Sub", chain.then("sum", op("Add", level, whole)), whole));
      } else {
        level = chain.then("round", op("Round", level));
      }
      last = op("Mul", level, chain.scalar("step", relu.step()));
    }
    return last;
  }

  private record Chain(GraphProto.Builder graph, UnaryOperator<String> fresh) {
    String then(String what, NodeProto.Builder op) {
      String name = fresh.apply(what);
      graph.addNode(op.setName(name).addOutput(name));
      return name;
    }

    String scalar(String what, float value) {
      return initializer(graph, fresh.apply(what), Tensor.of(Shape.of(), value));
    }
  }
}
