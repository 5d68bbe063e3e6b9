// Trains a network as those that ship with DLAC Lab were trained: ./dlac run examples/training/shipped.jsh lenet5|resnet20 [FILE]
// Ternary weights (TWN) in all layers but the first, from weights of full precision. Stopped with Ctrl-C or killed, the same
// command goes on from NETWORK.checkpoint.
var name = args.length > 0 ? args[0] : "lenet5";
var small = name.equals("lenet5");
var data = fashionMnist();
var twn = policy("twn", weights(ternary()), except(first(), fullPrecision()));
var recipe = List.of(epochs(small ? 20 : 10), preInit(small ? 5 : 4), learningRate(cosine(small ? 0.05 : 0.1)),
    small ? augment() : augment(flip()), validation(0), randomSeed(42), threads(1), checkpoint(name + ".checkpoint"));
var training = train(zoo(name, data.ifm(), data.classCount()), twn, data, recipe.toArray(new TrainOption[0]));
System.out.println(training.table());
if (training.complete()) System.out.println("weights written to " + training.save(args.length > 1 ? args[1] : name + ".safetensors"));
