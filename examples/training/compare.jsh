// What the techniques are worth: full precision, naive ternary weights, ternary weights with all five techniques of the paper, and
// the adaptive schedule; accuracy, densities, effectual operations forward and backward, and simulated speedup.
//   ./dlac run examples/training/compare.jsh lenet5|resnet20 mnist|fashion FOLDER SEED...
// Each training is kept in FOLDER: stopped or killed, the same command goes on, and several may share the folder for other seeds.
var name = args[0];
var big = name.startsWith("resnet");
var all = args[1].equals("mnist") ? mnist() : fashionMnist();
var data = big ? all.first(12_000, 10_000) : all; // ResNet-20: what two cores reach in an hour
var network = zoo(name, data.ifm(), data.classCount());
var rate = big ? 0.1 : 0.05;

var full = policy("full");
var naive = policy("naive", weights(ternary()));
var twn = policy("twn", weights(ternary()), except(first(), fullPrecision()));
record Case(String name, Policy policy, List<TrainOption> options) {}
var cases = List.of(
    new Case("full", full, List.of(learningRate(cosine(rate)))),
    new Case("naive", naive, List.of(learningRate(cosine(rate)))),
    new Case("five", twn,
        List.of(learningRate(plateau(rate)), preInit(2), activationPenalty(0.01), reluThreshold(0.01))),
    new Case("adaptive", twn, List.of(learningRate(plateau(rate)), activationPenalty(0.01), adaptive(0.002))));

var dlac = grid("dlac", pes(4, 8), lanes(1), tile(4, 16), window(8), clock(MHz(500)));
System.out.printf("%-9s %4s  %9s  %7s  %5s  %7s  %8s  %7s  %8s  %s%n", "", "seed", "accuracy", "weights", "IFM", "forward",
    "backward", "speedup", "training", "epochs in full precision");
for (var one : cases) {
  for (var seed : List.of(args).subList(3, args.length)) {
    var options = new ArrayList<TrainOption>(one.options());
    options.addAll(List.of(epochs(12), randomSeed(Long.parseLong(seed)), threads(1), big ? augment(flip()) : augment(),
        checkpoint(args[2] + "/" + String.join("-", name, args[1], one.name(), seed) + ".safetensors")));
    var training = train(network, one.policy(), data, options.toArray(new TrainOption[0]));
    if (!training.complete()) break;
    // 4 steps of 8 training images, with real weights, activations and gradients.
    var run = simulate(network, training.policy(), dlac, training.steps(4, 8), training());
    var inference = simulate(network, training.policy(), dlac, training.trained(32).images(32));
    var density = inference.totals().get(0).weightDensity();
    var ifm = inference.totals().stream().mapToDouble(t -> t.ifmDensity()).average().orElseThrow();
    var before = training.history().stream().filter(e -> e.stage() == Stage.FULL_PRECISION).count();
    System.out.printf("%-9s %4s  %7.2f %%  %5.1f %%  %3.0f %%  %5.1f %%  %6.1f %%  %7.2f  %8.2f  %d%n", one.name(), seed,
        100 * training.accuracy().share(), 100 * density, 100 * ifm, 100 * run.effectualShare(FORWARD).mean(),
        100 * run.effectualShare(BACKWARD).mean(), inference.totalSpeedup().mean(), run.totalSpeedup().mean(), before);
  }
}
