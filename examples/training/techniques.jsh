// What each technique is worth, how long full precision must last, and which layers may go to 2 bits: an ablation, a study of
// pre-initialization and a policy search, each over real images.
//   ./dlac run examples/training/techniques.jsh lenet5|resnet20 IMAGES EPOCHS FOLDER SEED...
// Each training is kept in FOLDER: stopped or killed, the same command goes on.
var name = args[0];
var data = fashionMnist().first(Integer.parseInt(args[1]), 10_000);
var count = Integer.parseInt(args[2]);
var network = zoo(name, data.ifm(), data.classCount());
var rate = name.startsWith("resnet") ? 0.1 : 0.05;
var twn = policy("twn", weights(ternary()), except(first(), fullPrecision()));
var dlac = grid("dlac", pes(4, 8), lanes(1), tile(4, 16), window(8), clock(MHz(500)));

var study = study(network, twn, data,
    recipe(epochs(count), preInit(count / 6), learningRate(plateau(rate)), activationPenalty(0.01), reluThreshold(0.01), threads(1)),
    seeds(List.of(args).subList(4, args.length).stream().mapToLong(Long::parseLong).toArray()), keepIn(args[3]), on(dlac));

var ablation = study.ablation();
System.out.println(ablation);
ablation.save(args[3] + "/" + name + "-ablation.html");

var preInit = study.preInit(IntStream.of(0, 1, count / 6, count / 3, count / 2, 2 * count / 3).distinct().toArray());
System.out.println(preInit);
preInit.save(args[3] + "/" + name + "-preinit.html");

System.out.println(searchPolicy(network, policy("low", weights(ternary())), fullPrecision(), data, dlac, 0.005, epochs(count),
    learningRate(cosine(rate)), randomSeed(1), threads(1)));
