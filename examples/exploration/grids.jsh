// 1,000 grids for ResNet-50, with exact counts: how long a point takes beside one plain simulation, and which grids are best.
//   ./dlac run examples/exploration/grids.jsh [NETWORK] [STORE]
var name = args.length > 0 ? args[0] : "resnet50";
var network = zoo(name);
var twn = policy("twn", weights(ternary()), except(first(), fullPrecision()));
var dlac = grid("dlac", pes(16, 32));

// Twice, because the first run also warms the JVM up.
var cold = simulate(network, twn, dlac, seed(42));
long begin = System.nanoTime();
var warm = simulate(network, twn, dlac, seed(42));
double alone = (System.nanoTime() - begin) / 1e9;

Sweep.Option[] options = {
    over(pes(4, 8), pes(8, 8), pes(8, 16), pes(16, 16), pes(16, 32)),
    over(tile(4, 16), tile(8, 8), tile(8, 16), tile(16, 16)),
    over(window(1), window(2), window(4), window(8), window(16)),
    over(sync(1), sync(4)),
    over(filterOrder(NATURAL), filterOrder(DENSITY_SORTED)),
    over(drainWidth(1), drainWidth(4), drainWidth(16)),
    over(lanes(1), lanes(2)),
    randomSample(1000, 1)};
Sweep.Option[] kept =
    args.length > 1 ? Stream.concat(Stream.of(options), Stream.of(store(args[1]))).toArray(Sweep.Option[]::new) : options;
begin = System.nanoTime();
var grids = sweep(name, network, twn, dlac, seed(42), kept);
double seconds = (System.nanoTime() - begin) / 1e9;
System.out.printf("%,d points in %.1f s: %.1f ms each; one simulation alone: %.1f ms%n",
    grids.points().size(), seconds, 1000 * seconds / grids.points().size(), 1000 * alone);
System.out.println(grids.pareto(CYCLES, AREA));
System.out.println(grids.pareto(CYCLES, AREA).chart());
System.out.println(grids.sensitivity(CYCLES));
System.out.println(grids.top(5, TFLOPS_PER_MM2));
