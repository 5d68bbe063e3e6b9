// Accuracy on all 10,000 test images, by the inference that gives the simulator its activations, against what the stamp claims.
// ./dlac run examples/training/evaluate.jsh [lenet5|resnet20 [FILE]]   without a FILE: the weights that ship
var name = args.length > 0 ? args[0] : "lenet5";
var data = fashionMnist();
var network = args.length > 1 ? trained(args[1], zoo(name, data.ifm(), data.classCount())) : trained(name);
System.out.printf("%s with policy %s%n  its stamp:     %s%n", name, network.policy(), network.stamp().get("accuracy"));
System.out.printf("  ONNX Runtime:  %.2f %%%n", 100 * network.accuracy(data.tensor(data.test()), data.test().labels()));
