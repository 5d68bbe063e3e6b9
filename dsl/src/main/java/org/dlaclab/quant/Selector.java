package org.dlaclab.quant;

import java.io.Serializable;
import java.util.List;
import java.util.regex.Pattern;
import org.dlaclab.network.Layer;
import org.dlaclab.network.Node;

/** Which of a network's grid layers (convolutions and fully connected layers) a rule is about. */
public sealed interface Selector extends Serializable {

  /** Whether layer {@code index} of {@code gridLayers} is meant. */
  boolean selects(List<Node> gridLayers, int index);

  /** The layer of this name. */
  record ByName(String name) implements Selector {
    @Override
    public boolean selects(List<Node> gridLayers, int index) {
      return gridLayers.get(index).name().equals(name);
    }

    @Override
    public String toString() {
      return "\"" + name + "\"";
    }
  }

  /**
   * The layer at this position among the grid layers, 0 first; negative positions count from the
   * end, -1 last.
   */
  record ByIndex(int position) implements Selector {
    @Override
    public boolean selects(List<Node> gridLayers, int index) {
      return index == (position < 0 ? gridLayers.size() + position : position);
    }

    @Override
    public String toString() {
      return position == 0 ? "first()" : position == -1 ? "last()" : "layer(" + position + ")";
    }
  }

  /**
   * All layers whose name matches a pattern in which {@code *} stands for any text and {@code ?}
   * for a character.
   */
  record ByPattern(String glob) implements Selector {
    @Override
    public boolean selects(List<Node> gridLayers, int index) {
      return matches(glob, gridLayers.get(index).name());
    }

    static boolean matches(String glob, String name) {
      StringBuilder regex = new StringBuilder();
      for (int i = 0; i < glob.length(); i++) {
        char c = glob.charAt(i);
        regex.append(c == '*' ? ".*" : c == '?' ? "." : Pattern.quote(String.valueOf(c)));
      }
      return Pattern.matches(regex.toString(), name);
    }

    @Override
    public String toString() {
      return "matching(\"" + glob + "\")";
    }
  }

  /** All layers of a kind. */
  record ByKind(Kind kind) implements Selector {
    @Override
    public boolean selects(List<Node> gridLayers, int index) {
      Node node = gridLayers.get(index);
      boolean fc = node.layer() instanceof Layer.FullyConnected;
      Layer.Conv conv = node.conv();
      return switch (kind) {
        case FC -> fc;
        case CONV -> !fc;
        case DEPTHWISE -> !fc && conv.groups() > 1 && conv.groups() == node.ifm().channels();
        case POINTWISE -> !fc && conv.kernel().height() == 1 && conv.kernel().width() == 1;
      };
    }

    @Override
    public String toString() {
      return "kind(" + kind + ")";
    }
  }

  /** Kinds of grid layers. Depthwise and pointwise (1x1) layers are convolutions, too. */
  enum Kind {
    CONV,
    FC,
    DEPTHWISE,
    POINTWISE
  }
}
