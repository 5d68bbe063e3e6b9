// What the paper's readers ask: speedup per layer, forward and backward, of nine networks; whether it grows with depth, and why; what
// a statistical model of the zeros gets wrong; how far images and seeds spread it.
//   ./dlac fetch onnxruntime && ./dlac run examples/questions.jsh FOLDER                     (a minute)
//   ./dlac fetch pytorch && ./dlac run examples/questions.jsh FOLDER train EPOCHS SEED...    (trains a LeNet-5 and a ResNet-20 per seed)
//   ./dlac run examples/questions.jsh FOLDER onnx MODEL.onnx PHOTOGRAPHS                     (a network with real weights of your own)
// FOLDER gets a page per network with its speedup per layer, and a checkpoint per training: stopped or killed, the same command goes on.
import org.dlaclab.plot.*;
import org.dlaclab.table.*;
import tech.tablesaw.columns.*;

var folder = Files.createDirectories(Path.of(args[0]));
var task = args.length > 1 ? args[1] : "";
var twn = policy("twn", weights(ternary()), except(first(), fullPrecision()));
var dlac = grid("dlac", pes(16, 32), lanes(1), tile(4, 16), window(8), clock(MHz(500)));
var small = grid("small", dlac, pes(4, 8));
// Of ImageNet networks no weights are at hand. These densities are declared, equal in all layers: they give about the shares of
// effectual operations that the paper reports for ResNets, 16 % forward and 33 % backward (Venkatesh et al., ICASSP 2017).
Synthetic.Option[] asThePaper = {weightDensity(0.44), ifmDensity(0.37), gradientDensity(0.83), samples(2)};

void print(String title, Column<?>... columns) {
  System.out.println(new Listing(title, Columns.table(title, columns), false) + "\n");
}
String text(Spread s) {
  return s.n() < 2 ? String.format("%.2f", s.mean()) : String.format("%.2f (%.2f to %.2f)", s.mean(), s.low(), s.high());
}
/** The last row, the total, of each run's factors. */
void factors(String title, Map<String, Run> runs) {
  var all = runs.values().stream().map(run -> run.factors().last(1)).reduce(Table::append).orElseThrow();
  all.replaceColumn(0, StringColumn.create("total of", runs.keySet().toArray(String[]::new)));
  System.out.println(new Listing(title, all, false) + "\n");
}
/** What a layer is, as far as it matters to speedup. */
String sort(Network network, String layer) {
  var node = network.gridLayers().stream().filter(n -> n.name().equals(layer)).findFirst().orElseThrow();
  return node.inputs().get(0) < 0 ? "first layer" : node.ofm().pixels() == 1 ? "fully connected"
      : node.weights() == (long) node.ifm().channels() * node.ofm().channels() ? "1x1" : "3x3";
}

// --- i.i.d. masks against real ones -----------------------------------------------------------------------------------
/** How much faster a run is than another on the same images, image by image. */
Spread times(Run run, Run other) {
  return Spread.ofRatio(other.totals().stream().mapToDouble(t -> t.cycles()).toArray(),
      run.totals().stream().mapToDouble(t -> t.cycles()).toArray());
}
/** The layer of which the second run errs most. */
String worst(Run real, Run model) {
  var by = Comparator.comparingDouble((String l) -> Math.abs(model.layerSpeedup(l).mean() / real.layerSpeedup(l).mean() - 1));
  var layer = real.layers().stream().max(by).orElseThrow();
  return String.format("%+.1f %% in %s", 100 * (model.layerSpeedup(layer).mean() / real.layerSpeedup(layer).mean() - 1), layer);
}
/** Real masks of a network, and the same with their non-zeros dealt anew. */
void against(Network network, Policy policy, Grid grid, Source real, Passes passes) {
  var runs = new LinkedHashMap<String, Run>();
  runs.put("real", simulate(network, policy, grid, real, passes));
  for (var keep : List.of(PIXELS, CHANNELS, LAYER))
    runs.put("dealt anew, density of " + (keep == LAYER ? "each layer" : keep + " and filters") + " kept",
        simulate(network, policy, grid, shuffled(real, keep, 1), passes));
  System.out.println("tensors: " + runs.get("real").origin() + "\n");
  for (var pass : passes.all()) {
    var of = new Passes(Set.of(pass));
    var names = List.copyOf(runs.keySet());
    var all = names.stream().map(name -> runs.get(name).of(of)).toList();
    var first = all.get(0);
    print(network.name() + " on " + grid.name() + ", " + pass + ": statistical models of its zeros", Columns.text("masks", names, n -> n),
        Columns.text("speedup (95 %)", all, r -> text(r.totalSpeedup())),
        Columns.text("against real, % (95 %)", all, r -> {
          var error = times(r, first);
          return r == first ? "" : String.format("%+.1f (%+.1f to %+.1f)", 100 * error.mean() - 100, 100 * error.low() - 100, 100 * error.high() - 100);
        }),
        Columns.text("worst layer", all, r -> r == first ? "" : worst(first, r)),
        Columns.decimal("sd over samples", 3, all, r -> r.totalSpeedup().sd()));
    var last = new LinkedHashMap<String, Run>();
    last.put("real", first);
    last.put("density of each layer kept", all.get(3));
    factors("What makes the difference", last);
  }
}

if (task.equals("onnx")) {
  var model = onnx(args[2]);
  var ifm = model.network().ifm();
  // From 0 to 1; give imagenet() before resize(...) to a network that takes those of ImageNet.
  var photographs = images(args[3], resize(ifm.height()), centreCrop(ifm.height(), ifm.width())).images();
  against(model.network(), policy("as the file has it", weights(fullPrecision())), dlac, model.images(photographs), inference());
} else if (task.equals("train")) {
  var data = fashionMnist().first(12_000, 10_000);
  int count = Integer.parseInt(args[2]);
  for (var name : List.of("lenet5", "resnet20")) {
    var big = name.startsWith("resnet");
    var network = zoo(name, data.ifm(), data.classCount());
    var runs = new ArrayList<Run>();
    for (var seed : List.of(args).subList(3, args.length)) {
      var training = train(network, twn, data, epochs(count), preInit(Math.max(1, count / 6)), learningRate(plateau(big ? 0.1 : 0.05)),
          activationPenalty(0.01), reluThreshold(0.01), randomSeed(Long.parseLong(seed)), threads(1), big ? augment(flip()) : augment(),
          checkpoint(folder + "/" + name + "-" + count + "-" + seed + ".safetensors"));
      System.out.println(name + ", seed " + seed + ": " + training.accuracy());
      var steps = training.steps(4, 8);
      runs.add(simulate(network, training.policy(), small, steps, training()));
      if (runs.size() == 1) against(network, training.policy(), small, steps, training());
    }
    var seeds = overSeeds(runs.toArray(Run[]::new));
    System.out.println(seeds.listing() + "\n\n" + seeds.speedup() + "\n");
    seeds.speedup().save(folder.resolve(name + "-seeds.html"));
    var passes = List.of(FORWARD, DGRAD, WGRAD, training());
    print(name + ", " + runs.size() + " trainings, 4 steps of 8 images each, real weights, activations and gradients",
        Columns.text("pass", passes, p -> p.toString()),
        Columns.text("speedup, 95 % over seeds", passes, p -> text(seeds.of(p).totalSpeedup())),
        Columns.text("of the first seed, 95 % over its steps", passes, p -> text(runs.get(0).of(p).totalSpeedup())),
        Columns.decimal("sd over seeds", 3, passes, p -> seeds.of(p).totalSpeedup().sd()));
  }
} else {
  // --- speedup per layer, forward and backward -------------------------------------------------------------------------
  var networks = List.of("resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "resnet20", "alexnet", "vgg16", "googlenet");
  var declared = new LinkedHashMap<String, OverSeeds>();
  for (var name : progress("networks", networks)) {
    declared.put(name, overSeeds(IntStream.rangeClosed(1, 3)
        .mapToObj(seed -> simulate(zoo(name), twn, dlac, synthetic(seed, asThePaper), training())).toArray(Run[]::new)));
    declared.get(name).runs().get(0).report(folder + "/" + name + ".html");
    declared.get(name).save(folder + "/" + name + ".csv");
  }
  System.out.println("tensors: " + declared.get("resnet18").runs().get(0).origin() + "\n");
  print("Declared densities, equal in all layers; mean of 3 seeds of 2 samples (95 % over seeds); nothing of it is real",
      Columns.text("network", networks, n -> n),
      Columns.percent("effectual forward", networks, n -> declared.get(n).runs().get(0).effectualShare(FORWARD).mean()),
      Columns.percent("backward", networks, n -> declared.get(n).runs().get(0).effectualShare(BACKWARD).mean()),
      Columns.text("speedup forward", networks, n -> text(declared.get(n).of(FORWARD).totalSpeedup())),
      Columns.text("dgrad", networks, n -> text(declared.get(n).of(DGRAD).totalSpeedup())),
      Columns.text("wgrad", networks, n -> text(declared.get(n).of(WGRAD).totalSpeedup())),
      Columns.text("all", networks, n -> text(declared.get(n).totalSpeedup())));
  for (var pass : List.of(FORWARD, DGRAD, WGRAD)) {
    var runs = new LinkedHashMap<String, Run>();
    declared.forEach((name, seeds) -> runs.put(name, seeds.runs().get(0).of(pass)));
    factors("What the speedup is made of, " + pass, runs);
  }
  var published = List.of("alexnet", "vgg16", "googlenet");
  var pruned = new LinkedHashMap<String, Run>();
  for (var name : published)
    pruned.put(name, simulate(zoo(name), twn, dlac, synthetic(42, published(name), samples(4))));
  factors("Densities per layer as published for pruned networks (Timeloop, EIE), drawn independently, forward", pruned);
  pruned.forEach((name, run) -> run.report(folder + "/" + name + "-published.html"));

  // --- does it grow with depth? ----------------------------------------------------------------------------------------
  for (var pass : List.of(FORWARD, BACKWARD)) {
    record Group(String network, String sort, double share, double speedup) {}
    var groups = new ArrayList<Group>();
    for (var name : networks.subList(0, 5)) {
      var run = declared.get(name).runs().get(0).of(pass);
      double total = run.totals().get(0).tally().timing(NONE).cycles();
      var bySort = run.layers().stream().collect(Collectors.groupingBy(l -> sort(zoo(name), l), TreeMap::new, Collectors.toList()));
      bySort.forEach((sort, layers) -> {
        double dense = layers.stream().mapToLong(l -> run.layer(l).get(0).tally().timing(NONE).cycles()).sum();
        double cycles = layers.stream().mapToLong(l -> run.layer(l).get(0).cycles()).sum();
        groups.add(new Group(name, sort, dense / total, dense / cycles));
      });
    }
    print("Where the dense machine spends its cycles, and what these gain; 1 / speedup is the sum of share / speedup; " + pass,
        Columns.text("network", groups, Group::network), Columns.text("layers", groups, Group::sort),
        Columns.percent("share of dense cycles", groups, Group::share), Columns.decimal("speedup", 2, groups, Group::speedup));
  }
  // The same networks where the first layer has no zeros to skip but all else is as before; batches fill the PE columns that small maps leave idle.
  var ways = Map.of("one image", 1, "batches of 8", 8);
  for (var way : new TreeMap<>(ways).entrySet()) {
    var runs = new LinkedHashMap<String, Run>();
    for (var name : networks.subList(0, 5))
      runs.put(name, simulate(zoo(name), twn, dlac, synthetic(1, weightDensity(0.44), ifmDensity(0.37), batch(way.getValue()))));
    factors("Depth, forward, " + way.getKey(), runs);
  }

  // --- what caps it silently -------------------------------------------------------------------------------------------
  var drains = new LinkedHashMap<String, Run>();
  for (int width : List.of(1, 4, 16))
    drains.put("resnet50, drainWidth(" + width + ")", simulate(zoo("resnet50"), twn, grid("dlac", dlac, drainWidth(width)), synthetic(1, asThePaper)));
  factors("Results leave through one port per PE column: of a layer at most K * drainWidth / PE rows", drains);

  // --- real tensors: the networks that ship ----------------------------------------------------------------------------
  for (var name : List.of("lenet5", "resnet20")) {
    var real = trained(name);
    against(real.network(), real.policy(), small, real.images(32), inference());
    var run = simulate(real, small);
    run.report(folder + "/" + name + "-real.html");
    run.save(folder + "/" + name + "-real.csv");
    var model = simulate(real.network(), real.policy(), small, synthetic(1, densities(folder + "/" + name + "-real.csv"), samples(32)));
    print(name + ": one density per layer for all images", Columns.text("masks", List.of("real", "independent"), m -> m),
        Columns.text("speedup", List.of(run, model), r -> r.totalSpeedup().toString()));
    var orders = new LinkedHashMap<String, Run>();
    for (var order : List.of(NATURAL, DENSITY_SORTED)) {
      var grid = grid("small", small, filterOrder(order));
      orders.put("real, " + order, simulate(real, grid));
      orders.put("dealt anew, " + order, simulate(real.network(), real.policy(), grid, shuffled(real.images(32), LAYER, 1)));
    }
    factors(name + ": sorting filters by their density", orders);
  }
  System.out.println("pages and tables: " + folder);
}
