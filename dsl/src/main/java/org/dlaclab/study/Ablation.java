package org.dlaclab.study;

import java.util.ArrayList;
import java.util.List;
import org.dlaclab.error.DlacException;
import org.dlaclab.network.Node;
import org.dlaclab.quant.Policy;
import org.dlaclab.quant.Quantizer;
import org.dlaclab.quant.Selector;
import org.dlaclab.train.LearningRate;
import org.dlaclab.train.Recipe;
import org.dlaclab.train.TrainOption;

/** The variants of {@link Study#ablation}. */
final class Ablation {
  private Ablation() {}

  static List<Variant> variants(Study study) {
    requireAll(study);
    Policy policy = study.policy();
    Recipe all = study.recipe();
    Policy low = withFirstLayer(policy);
    TrainOption noPreInit = new TrainOption.PreInit(0);
    TrainOption cosine = new TrainOption.Rate(new LearningRate.Cosine(all.learningRate().base()));
    TrainOption noPenalty = new TrainOption.ActivationPenalty(0);
    Recipe naive = all.with(noPreInit, cosine, noPenalty).withoutThresholds();
    return List.of(
        new Variant("all five techniques", policy, all),
        new Variant("no pre-initialization", policy, all.with(noPreInit)),
        new Variant("first layer as the others", low, all),
        new Variant("cosine learning rate", policy, all.with(cosine)),
        new Variant("no activation penalty", policy, all.with(noPenalty)),
        new Variant("no raised threshold", policy, all.withoutThresholds()),
        new Variant("none (naive)", low, naive),
        new Variant("full precision", Policy.of("full"), naive));
  }

  private static Policy withFirstLayer(Policy policy) {
    List<Policy.Rule> rules = new ArrayList<>(policy.rules());
    rules.add(new Policy.Rule(new Selector.ByIndex(0), policy.weights()));
    return new Policy(policy.name() + "-first-too", policy.weights(), rules, policy.activations());
  }

  private static void requireAll(Study study) {
    study.requireFixed("ablation()");
    Recipe recipe = study.recipe();
    List<String> missing = new ArrayList<>();
    if (recipe.preInit() == 0) {
      missing.add("preInit(" + Math.max(1, recipe.epochs() / 6) + ") to the recipe");
    }
    if (study.policy().weights() instanceof Quantizer.FullPrecision) {
      missing.add("weights(ternary()) to the policy");
    }
    List<Node> layers = study.network().gridLayers();
    if (layers.isEmpty()
        || !(study.policy().assign(study.network()).get(layers.get(0).name())
            instanceof Quantizer.FullPrecision)) {
      missing.add("except(first(), fullPrecision()) to the policy");
    }
    if (!(recipe.learningRate() instanceof LearningRate.Plateau)) {
      missing.add("learningRate(plateau(" + recipe.learningRate().base() + ")) to the recipe");
    }
    if (recipe.activationPenalty() == 0) {
      missing.add("activationPenalty(0.01) to the recipe");
    }
    if (recipe.thresholds().stream().allMatch(raised -> raised.threshold() == 0)) {
      missing.add("reluThreshold(0.01) to the recipe");
    }
    if (!missing.isEmpty()) {
      throw new DlacException(
          "ablation() of a study that has not all techniques on: nothing is there to leave out",
          "all five techniques",
          "add " + String.join(", ", missing));
    }
  }
}
