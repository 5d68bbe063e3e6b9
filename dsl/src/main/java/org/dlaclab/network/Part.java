package org.dlaclab.network;

import java.util.List;
import org.dlaclab.error.DlacException;

/** What a network is described with: a layer, or a structure made of parts. */
public sealed interface Part
    permits Layer, Part.Depthwise, Part.Residual, Part.Gate, Part.Branches {

  /** One filter per IFM channel: becomes a {@link Layer.Conv} with as many groups as channels. */
  record Depthwise(
      String name,
      Option.Kernel kernel,
      Option.Stride stride,
      Option.Padding padding,
      Option.Dilation dilation,
      boolean bias)
      implements Part {}

  /**
   * {@code body(x) + shortcut(x)} (He et al., CVPR 2016, equation 2).
   *
   * @param name may be empty
   * @param shortcut empty for the identity
   */
  record Residual(String name, List<Part> shortcut, List<Part> body) implements Part {
    public Residual {
      if (body.isEmpty()) {
        throw new DlacException(
            "a residual" + (name.isEmpty() ? "" : " \"" + name + "\"") + " has no body",
            "one layer or more beside the shortcut",
            "add its layers: residual(conv(...), batchNorm(), relu(), conv(...), batchNorm())");
      }
      shortcut = List.copyOf(shortcut);
      body = List.copyOf(body);
    }
  }

  /**
   * {@code x * body(x)}: squeeze-and-excitation (Hu et al., CVPR 2018, equation 4) and other gates.
   *
   * @param name may be empty
   * @param body gives the shape of x, or a value per channel
   */
  record Gate(String name, List<Part> body) implements Part {
    public Gate {
      if (body.isEmpty()) {
        throw new DlacException(
            "a gate" + (name.isEmpty() ? "" : " \"" + name + "\"") + " has no body",
            "one layer or more that say how much passes",
            "add its layers: gate(globalAvgPool(), fc(...), relu(), fc(...), sigmoid())");
      }
      body = List.copyOf(body);
    }
  }

  /**
   * Paths over the same IFM whose OFMs are concatenated along the channels, in order.
   *
   * @param name may be empty
   */
  record Branches(String name, List<Branch> paths) implements Part {
    public Branches {
      paths = List.copyOf(paths);
    }
  }

  /** One path of {@link Branches}. Without parts it passes its IFM on. */
  record Branch(List<Part> parts) {
    public Branch {
      parts = List.copyOf(parts);
    }
  }

  /** The path of a {@link Residual} around its body, if that is not the identity. */
  record Shortcut(List<Part> parts) {
    public Shortcut {
      parts = List.copyOf(parts);
    }
  }
}
