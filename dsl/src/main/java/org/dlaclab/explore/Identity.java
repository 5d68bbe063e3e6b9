package org.dlaclab.explore;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.dlaclab.error.DlacException;
import org.dlaclab.grid.Grid;
import org.dlaclab.network.Network;
import org.dlaclab.operand.Source;
import org.dlaclab.quant.Policy;
import org.dlaclab.tensor.Sha256;

/**
 * What points are, apart from names: an equal point has an equal key, whichever sweep asks, and
 * anything that changes its figures changes the key.
 */
final class Identity {
  /** Raise it when the machine model changes so that equal inputs give other figures. */
  static final int MODEL = 2;

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ANY = "any";

  private final String accuracy;
  private final IdentityHashMap<Object, String> hashes = new IdentityHashMap<>();
  private final Map<Grid, String> grids = new HashMap<>();

  /**
   * @param accuracy how it is measured; empty if it is not
   */
  Identity(String accuracy) {
    this.accuracy = accuracy;
  }

  /** 128 bits in hex. */
  String key(Setting setting) {
    return Sha256.of(
            String.join(
                " ",
                String.valueOf(MODEL),
                network(setting.network()),
                policy(setting.policy()),
                grid(setting.grid()),
                tensors(setting.tensors()),
                setting.passes().toString(),
                accuracy))
        .substring(0, 32);
  }

  private String network(Network network) {
    return hashes.computeIfAbsent(
        network, n -> Sha256.of(Exact.text(new Network(ANY, network.ifm(), network.nodes()))));
  }

  private String policy(Policy policy) {
    return Sha256.of(
        new Policy(ANY, policy.weights(), policy.rules(), policy.activations()).toJson());
  }

  private String grid(Grid grid) {
    return grids.computeIfAbsent(grid.named(ANY), g -> Sha256.of(Exact.text(g)));
  }

  private String tensors(Source tensors) {
    return hashes.computeIfAbsent(tensors, Identity::now);
  }

  private static String now(Object tensors) {
    return Sha256.of(
        ((Source) tensors)
            .identity()
            .orElseThrow(
                () ->
                    new DlacException(
                        "the tensors " + tensors + " do not say what they are",
                        "for store(...), tensors with an identity()",
                        "leave store(...) out, or implement Source.identity()")));
  }

  /**
   * Whether tensors are still those of the keys, which were made before their files were read:
   * somebody may have written the files anew.
   */
  boolean holds(Source tensors) {
    try {
      return now(tensors).equals(tensors(tensors));
    } catch (DlacException e) {
      return false; // They cannot be read any more.
    }
  }

  /**
   * What the store says of a point: all that its key is made of, its figures, and for readers its
   * values.
   */
  ObjectNode line(String sweep, List<Axis> axes, Point point) {
    Setting setting = point.settings();
    ObjectNode line = JSON.createObjectNode();
    line.put("key", key(setting)).put("sweep", sweep);
    ObjectNode levels = line.putObject("values");
    for (int i = 0; i < axes.size(); i++) {
      levels.put(axes.get(i).name(), point.levels().get(i).text());
    }
    ObjectNode figures = line.putObject("figures");
    for (Metric metric : Metric.values()) {
      figures.put(metric.name(), point.figure(metric));
    }
    ObjectNode inputs = line.putObject("inputs");
    inputs.put("network", setting.network().name() + " " + network(setting.network()));
    inputs.put("policy", setting.policy().name() + " " + policy(setting.policy()));
    inputs.put("grid", setting.grid().name() + " " + grid(setting.grid()));
    inputs.put("tensors", setting.tensors() + " " + tensors(setting.tensors()));
    inputs.put("passes", setting.passes().toString());
    if (!accuracy.isEmpty()) {
      inputs.put("accuracy", accuracy);
    }
    ObjectNode versions = line.putObject("versions");
    versions.put("model", MODEL).put("dlac", version());
    versions.put("java", System.getProperty("java.version"));
    return line;
  }

  private static String version() {
    String version = Identity.class.getPackage().getImplementationVersion();
    return version == null ? "unpacked" : version;
  }
}
