// Training throughput of DLAC Lab: the peer of pytorch.py, with the same work in each step. Arguments: NETWORK (lenet5 or
// resnet20), THREADS, PRECISION (full or ternary: all layers but the first). Prints one line, its fields between tabs: who,
// network, precision, threads, and the median of images/s over windows of 20 steps after a first one, which does not count.
var network = args[0];
var ternary = args[2].equals("ternary");
var windows = network.equals("lenet5") ? 21 : 6;
var data = fashionMnist().first(20 * 128, 128); // an epoch is a window
var policy = ternary ? policy("twn", weights(ternary()), except(first(), fullPrecision())) : policy("full");
var training = train(zoo(network, data.ifm(), data.classCount()), policy, data, epochs(windows), batchSize(128),
    learningRate(0.05), momentum(0.9), weightDecay(1e-4), validation(0), threads(Integer.parseInt(args[1])));
var perSecond = training.history().stream().skip(1).mapToDouble(Epoch::imagesPerSecond).sorted().toArray();
System.out.printf("dlac\t%s\t%s\t%s\t%.0f%n", network, args[2], args[1], perSecond[perSecond.length / 2]);
