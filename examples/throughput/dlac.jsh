// Training throughput of DLAC Lab: the peer of pytorch.py, with the same work in each step. Arguments: NETWORK (lenet5 or
// resnet20), THREADS, PRECISION (full or ternary: all layers but the first). Prints one line, its fields between tabs: who,
// network, precision, threads, and the median of images/s over windows of 20 steps after a first one, which does not count.
var network = args[0];
var threads = Integer.parseInt(args[1]);
var ternary = args[2].equals("ternary");
// To be written with train(...): batch 128, SGD with momentum 0.9 and weight decay 1e-4 at a learning rate of 0.05, no
// augmentation; loss and errors read after each step.
throw new UnsupportedOperationException("training from a script is not there yet");
// System.out.printf("dlac\t%s\t%s\t%d\t%.0f%n", network, ternary ? "ternary" : "full", threads, imagesPerSecond);
