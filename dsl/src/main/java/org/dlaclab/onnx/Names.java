package org.dlaclab.onnx;

import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.HashSet;
import java.util.Set;

/** What operators and layers are called. */
final class Names {
  private static final int MAX_LENGTH = 200;

  private final Set<String> taken = new HashSet<>();
  private final boolean asTheyAre;

  /**
   * @param asTheyAre whether the file's names are those of a network of the DSL
   */
  Names(boolean asTheyAre) {
    this.asTheyAre = asTheyAre;
  }

  /** An operator for errors: its type, its name or its first result, and its inputs. */
  static String of(NodeProto node) {
    String name = node.getName().isEmpty() ? result(node) : node.getName();
    return shown(node.getOpType())
        + " \""
        + shown(name)
        + "\" (inputs: "
        + shown(String.join(", ", node.getInputList()))
        + ")";
  }

  /** A text of the file without control characters, and not longer than a line. */
  static String shown(String text) {
    String clean = text.replaceAll("\\p{Cntrl}", "_");
    return clean.length() <= MAX_LENGTH ? clean : clean.substring(0, MAX_LENGTH) + "...";
  }

  private static String result(NodeProto node) {
    return node.getOutputCount() == 0 ? "" : node.getOutput(0);
  }

  /**
   * A layer's name: the operator's, else that of its result, in which a slash is a dot, because
   * files are called after layers, too.
   */
  String layer(NodeProto node, int output) {
    String name = node.getName().isBlank() || output > 0 ? node.getOutput(output) : node.getName();
    if (!asTheyAre) {
      name = shown(name).replace('/', '.').replace('\\', '.').replaceAll("^[. ]+", "").strip();
    }
    String base = name.isBlank() ? node.getOpType() : name;
    String as = base;
    for (int i = 2; !taken.add(as); i++) {
      as = base + "_" + i;
    }
    return as;
  }
}
