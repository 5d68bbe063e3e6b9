// Precision of each layer, ReLU threshold and grid of a trained ResNet-20 together, under budgets of accuracy and area.
//   ./dlac fetch onnxruntime && ./dlac run examples/exploration/codesign.jsh [STORE]
var resnet = trained("resnet20");
var base = grid("dlac", pes(4, 8), lanes(4), multipliers(1));
Sweep.Option[] options = {
    perLayer(ternary(), bits(8)),
    over(threshold(0), threshold(0.01), threshold(0.05)),
    over(pes(2, 4), pes(4, 4), pes(4, 8), pes(8, 8), pes(8, 16)),
    over(tile(4, 16), tile(8, 8), tile(4, 8)),
    over(window(2), window(4), window(8), window(16)),
    accuracy(resnet),
    evolution(24, 20, 1, List.of(CYCLES, AREA), atLeast(ACCURACY, 0.9))};
Sweep.Option[] kept =
    args.length > 0 ? Stream.concat(Stream.of(options), Stream.of(store(args[0]))).toArray(Sweep.Option[]::new) : options;
long begin = System.nanoTime();
var found = sweep("codesign", resnet.network(), resnet.policy(), base, resnet.images(2), kept);
System.out.printf("%,d of %s combinations in %.1f s%n", found.points().size(),
    new java.math.BigDecimal(Sweep.of("all", new Setting(resnet.network(), resnet.policy(), base, resnet.images(2), inference()), kept)
        .combinations()).round(new java.math.MathContext(2)), (System.nanoTime() - begin) / 1e9);
var accurate = found.best(CYCLES, atLeast(ACCURACY, 0.9), atMost(AREA, 0.5));
System.out.println("fewest cycles with an accuracy of at least 0.9 in at most 0.5 mm2:");
System.out.println(accurate);
