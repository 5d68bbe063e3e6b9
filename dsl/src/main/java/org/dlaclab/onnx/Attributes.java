package org.dlaclab.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.nio.charset.StandardCharsets;
import org.dlaclab.error.DlacException;
import org.jspecify.annotations.Nullable;

/** The attributes of an operator, by name and type. */
final class Attributes {
  private Attributes() {}

  private static @Nullable AttributeProto find(NodeProto node, String name, int type) {
    for (AttributeProto attribute : node.getAttributeList()) {
      if (attribute.getName().equals(name)) {
        if (attribute.getType().getNumber() != type) {
          throw new DlacException(
              "attribute " + name + " of " + Names.of(node) + " is of type " + attribute.getType(),
              "the type that ONNX gives it: " + AttributeType.forNumber(type),
              "export the model again: the file is damaged");
        }
        return attribute;
      }
    }
    return null;
  }

  static boolean has(NodeProto node, String name) {
    return node.getAttributeList().stream().anyMatch(a -> a.getName().equals(name));
  }

  static long integer(NodeProto node, String name, long otherwise) {
    AttributeProto found = find(node, name, AttributeType.INT_VALUE);
    return found == null ? otherwise : found.getI();
  }

  static float number(NodeProto node, String name, float otherwise) {
    AttributeProto found = find(node, name, AttributeType.FLOAT_VALUE);
    return found == null ? otherwise : found.getF();
  }

  static String text(NodeProto node, String name, String otherwise) {
    AttributeProto found = find(node, name, AttributeType.STRING_VALUE);
    return found == null ? otherwise : found.getS().toString(StandardCharsets.UTF_8);
  }

  static long[] integers(NodeProto node, String name, long... otherwise) {
    AttributeProto found = find(node, name, AttributeType.INTS_VALUE);
    return found == null
        ? otherwise
        : found.getIntsList().stream().mapToLong(Long::longValue).toArray();
  }

  static float[] numbers(NodeProto node, String name) {
    AttributeProto found = find(node, name, AttributeType.FLOATS_VALUE);
    float[] values = new float[found == null ? 0 : found.getFloatsCount()];
    for (int i = 0; i < values.length; i++) {
      values[i] = java.util.Objects.requireNonNull(found).getFloats(i);
    }
    return values;
  }

  static @Nullable TensorProto tensor(NodeProto node, String name) {
    AttributeProto found = find(node, name, AttributeType.TENSOR_VALUE);
    return found == null ? null : found.getT();
  }
}
