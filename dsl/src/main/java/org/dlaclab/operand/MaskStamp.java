package org.dlaclab.operand;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;
import org.dlaclab.network.Layer;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.quant.Policy;

/**
 * What a file of masks says of itself, as JSON.
 *
 * @param format {@link #FORMAT}
 * @param madeBy the version of DLAC Lab
 * @param network {@link Network#toJson} of the network that the masks are of
 * @param policy {@link Policy#toJson} of the policy that the masks are under
 * @param origin {@link Operands#origin}
 * @param gradientOrigin {@link Operands#gradientOrigin}
 * @param samples how many
 * @param batch images per sample
 * @param gradients whether each layer has the masks of its OFM gradient
 * @param layers the grid layers, in order
 */
record MaskStamp(
    String format,
    String madeBy,
    JsonNode network,
    JsonNode policy,
    String origin,
    String gradientOrigin,
    int samples,
    int batch,
    boolean gradients,
    List<Densities> layers) {

  static final String FORMAT = "dlac masks 2";

  private static final ObjectMapper MAPPER =
      new ObjectMapper()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES);

  /**
   * What is kept of a grid layer beside its masks.
   *
   * @param name the layer's
   * @param mask {@link Operands#isMask}
   * @param weight density of its weights
   * @param ifm density of its IFM over all samples
   * @param gradient density of its OFM gradient over all samples; NaN without gradients
   * @param ofm density of what it hands on, of each sample; NaN where it is not known
   */
  record Densities(
      String name, boolean mask, double weight, double ifm, double gradient, List<Double> ofm) {
    Densities {
      Stream.concat(Stream.of(weight, ifm, gradient), ofm.stream())
          .map(Objects::requireNonNull)
          .filter(density -> !density.isNaN())
          .forEach(density -> Check.fraction("a density of \"" + name + "\"", density));
      ofm = List.copyOf(ofm);
    }

    double meanOfm() {
      return ofm.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
    }
  }

  MaskStamp {
    Check.positive("the number of samples", samples);
    Check.positive("the batch", batch);
    layers = List.copyOf(layers);
    for (Densities layer : layers) {
      if (layer.ofm().size() != samples) {
        throw new IllegalArgumentException(
            "\"" + layer.name() + "\" has OFM densities of " + layer.ofm().size() + " samples");
      }
    }
  }

  /** The version of the running DLAC Lab. */
  static String version() {
    String version = MaskStamp.class.getPackage().getImplementationVersion();
    return version == null ? "development build" : version;
  }

  static JsonNode json(String text) {
    try {
      return MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  byte[] write() throws IOException {
    return MAPPER.writeValueAsBytes(this);
  }

  /**
   * @param file it is of, for errors
   * @throws DlacException if another version of DLAC Lab wrote it
   * @throws JsonProcessingException if this is no such stamp
   */
  static MaskStamp read(Path file, byte[] json) throws IOException {
    JsonNode tree = MAPPER.readTree(json);
    String format = tree.path("format").asText();
    if (!format.equals(FORMAT)) {
      throw new DlacException(
          file
              + " is in the format \""
              + format
              + "\", made by DLAC Lab "
              + tree.path("madeBy").asText(),
          "\"" + FORMAT + "\"",
          "read it with the version that made it, or save the masks anew");
    }
    return MAPPER.treeToValue(tree, MaskStamp.class);
  }

  /**
   * All that the masks of a network depend on but for weights and images: a line per node, with
   * what it does, on which nodes, and to which shape.
   */
  static List<String> nodes(Network network) {
    return Stream.concat(
            Stream.of("input " + network.ifm()),
            network.nodes().stream().map(node -> text(network, node)))
        .toList();
  }

  private static String text(Network network, Node node) {
    String inputs =
        node.inputs().stream()
            .map(i -> i == Node.INPUT ? "input" : network.nodes().get(i).name())
            .collect(Collectors.joining(", "));
    return node.name() + ": " + does(node) + " of " + inputs + " to " + node.ofm();
  }

  /** In words of its own: what a record's toString says changes when it gets another component. */
  private static String does(Node node) {
    Layer layer = node.layer();
    if (layer instanceof Layer.Conv conv) {
      return String.format(
          "conv %s stride %dx%d %s dilation %dx%d groups %d",
          conv.kernel(),
          conv.stride().height(),
          conv.stride().width(),
          conv.padding(),
          conv.dilation().height(),
          conv.dilation().width(),
          conv.groups());
    }
    if (layer instanceof Layer.Pool pool) {
      return String.format(
          "%s %s stride %dx%d %s dilation %dx%d%s",
          pool.kind(),
          pool.kernel(),
          pool.stride().height(),
          pool.stride().width(),
          pool.padding(),
          pool.dilation().height(),
          pool.dilation().width(),
          pool.countPadding() ? " counted" : "");
    }
    if (layer instanceof Layer.Relu relu) {
      return String.format(
          "relu above %s in %d bits to %s", relu.threshold(), relu.bits(), relu.max());
    }
    if (layer instanceof Layer.Activation activation) {
      return activation.function().toString();
    }
    if (layer instanceof Layer.ChannelSlice slice) {
      return String.format("channels %d to %d", slice.first(), slice.first() + slice.count() - 1);
    }
    return layer instanceof Layer.ChannelShuffle shuffle
        ? "channelShuffle of " + shuffle.groups() + " groups"
        : layer.kind();
  }
}
