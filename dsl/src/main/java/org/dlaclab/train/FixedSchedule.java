package org.dlaclab.train;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.dlaclab.error.DlacException;
import org.dlaclab.network.Layer;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.quant.Selector;

/** Changes its stage at epochs that are set in advance (Venkatesh et al., ICASSP 2017). */
record FixedSchedule(Network network, Recipe recipe) implements Schedule {
  FixedSchedule {
    for (TrainOption.ReluThreshold raised : recipe.thresholds()) {
      List<Node> relus = relus(network);
      if (meant(raised, relus).isEmpty()) {
        throw new DlacException(
            "reluThreshold(\"" + raised.layers() + "\", ...) matches no ReLU of " + network.name(),
            "the name of a ReLU, or a pattern such as \"*\"",
            relus.isEmpty()
                ? "leave it out: the network has no ReLU"
                : "the ReLUs are "
                    + relus.stream().limit(8).map(Node::name).collect(Collectors.joining(", ")));
      }
    }
  }

  static List<Node> relus(Network network) {
    return network.nodes().stream()
        .filter(node -> node.layer() instanceof Layer.Relu)
        .collect(Collectors.toList());
  }

  private static List<Node> meant(TrainOption.ReluThreshold raised, List<Node> relus) {
    Selector selector = new Selector.ByPattern(raised.layers());
    return IntStream.range(0, relus.size())
        .filter(i -> selector.selects(relus, i))
        .mapToObj(relus::get)
        .collect(Collectors.toList());
  }

  @Override
  public Phase next(List<Epoch> history, Probe probe) {
    int epoch = history.size();
    if (epoch < recipe.preInit()) {
      return new Phase(Stage.FULL_PRECISION, Map.of(), "");
    }
    Map<String, Double> thresholds = new LinkedHashMap<>();
    boolean raised = false;
    for (TrainOption.ReluThreshold option : recipe.thresholds()) {
      if (epoch >= Math.round(option.from() * recipe.epochs())) {
        raised = true;
        meant(option, relus(network))
            .forEach(relu -> thresholds.put(relu.name(), option.threshold()));
      }
    }
    return new Phase(raised ? Stage.THRESHOLDS : Stage.QUANTIZED, thresholds, "");
  }

  /** The lowest error under the last thresholds counts: that is what was asked for. */
  @Override
  public boolean isBetter(Epoch last, Epoch best, List<Epoch> history) {
    return last.stage() != best.stage()
        || !last.thresholds().equals(best.thresholds())
        || last.error() < best.error();
  }
}
