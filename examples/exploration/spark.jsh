// The same sweep in this process and on a Spark cluster: equal to the last cycle, and what it costs beside.
//   ./dlac run examples/exploration/spark.jsh MASTER STORE [NETWORK] [POINTS]
var master = args[0];
var network = zoo(args.length > 2 ? args[2] : "resnet20");
int count = args.length > 3 ? Integer.parseInt(args[3]) : 200;
var twn = policy("twn", weights(ternary()), except(first(), fullPrecision()));
var base = new Setting(network, twn, grid("dlac", pes(4, 8)), seed(42), inference());
Sweep.Option[] options = {
    over(pes(2, 4), pes(4, 4), pes(4, 8), pes(8, 8), pes(8, 16)),
    over(tile(4, 16), tile(8, 8), tile(2, 32), tile(4, 4)),
    over(window(1), window(2), window(4), window(8), window(16)),
    over(sync(1), sync(4)),
    over(drainWidth(1), drainWidth(4)),
    randomSample(count, 1)};
Sweep.Option[] there =
    Stream.concat(Stream.of(options), Stream.of(on(spark(master)), store(args[1]))).toArray(Sweep.Option[]::new);
long begin = System.nanoTime();
var onSpark = Sweep.of("sweep", base, there).run();
double spark = (System.nanoTime() - begin) / 1e9;
begin = System.nanoTime();
var here = Sweep.of("sweep", base, options).run();
double local = (System.nanoTime() - begin) / 1e9;
var lines = Files.readAllLines(Path.of(args[1]));
System.out.printf("%s: %,d points; on Spark %.1f s, here %.1f s%n", network.name(), here.points().size(), spark, local);
System.out.printf("complete: %s, equal: %s, lines in the store: %d, of different points: %d%n",
    onSpark.complete() && onSpark.failed().isEmpty(), onSpark.equals(here), lines.size(),
    lines.stream().map(line -> line.substring(0, 41)).distinct().count());
if (!onSpark.equals(here) || lines.size() != here.points().size()) {
    System.out.println(onSpark.failed().isEmpty() ? "" : onSpark.failed().get(0).failure());
    throw new IllegalStateException("the two sweeps differ");
}
