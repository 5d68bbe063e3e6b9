// How long a network of ResNet-50's size takes to import, and to run on one image and be simulated.
//   ./dlac fetch onnxruntime
//   ./dlac run examples/own-network/timing.jsh resnet50.onnx      # writes the file, random weights, 102 MB
//   ./dlac run examples/own-network/timing.jsh resnet50.onnx      # measures, in a JVM that has done nothing before
// Any other ONNX file of a network will do, too.
import org.dlaclab.infer.Trained;

var file = Path.of(args.length > 0 ? args[0] : "resnet50.onnx");
var twn = policy("twn", weights(ternary()), except(first(), fullPrecision()));
var dlac = grid("dlac", pes(16, 32), lanes(1), tile(4, 16), window(8), clock(MHz(500)));

var process = (com.sun.management.OperatingSystemMXBean) java.lang.management.ManagementFactory.getOperatingSystemMXBean();
var threads = java.lang.management.ManagementFactory.getThreadMXBean();

/** Seconds on the clock, and of processor time, which other work on the machine does not lengthen: of this thread, and of all. */
record Time(double clock, double thread, double all) {
  public String toString() { return String.format("%.2f (%.2f, %.2f)", clock, thread, all); }
}
Time time(Runnable work) {
  long begin = System.nanoTime(), thread = threads.getCurrentThreadCpuTime(), all = process.getProcessCpuTime();
  work.run();
  return new Time((System.nanoTime() - begin) / 1e9, (threads.getCurrentThreadCpuTime() - thread) / 1e9,
      (process.getProcessCpuTime() - all) / 1e9);
}

/** One image of noise: how many activations are zero depends little on it, and how long they take not at all. */
Tensor image(FeatureMap ifm) {
  var random = new Random(1);
  var values = new float[(int) ifm.size()];
  for (int i = 0; i < values.length; i++) values[i] = (float) random.nextGaussian();
  return Tensor.of(Shape.of(1, ifm.channels(), ifm.height(), ifm.width()), values);
}

void write() {
  var network = zoo("resnet50");
  new Trained("resnet50", Weights.random(network, 1), policy("full precision"), Map.of(), Tensor.of(Shape.of(0, 3, 224, 224)), List.of())
      .save(file.toString());
  System.out.printf("wrote %s, %d MB; the same command again measures%n", file, file.toFile().length() / 1_000_000);
}

void measure() {
  System.out.printf("%s, %d MB; JDK %s, %d cores%n", file, file.toFile().length() / 1_000_000, System.getProperty("java.version"),
      Runtime.getRuntime().availableProcessors());
  System.out.printf("load average %.1f; seconds, in brackets processor time of this thread and of all%n%-8s %20s %26s%n", process.getSystemLoadAverage(), "", "import",
      "activations + simulation");
  for (var round : List.of("first", "second", "third")) {
    var models = new ArrayList<Trained>();
    var read = time(() -> models.add(onnx(file.toString())));
    var model = models.get(0);
    var image = image(model.network().ifm());
    var runs = new ArrayList<Run>();
    var run = time(() -> runs.add(simulate(model.network(), twn, dlac, model.images(image))));
    System.out.printf("%-8s %20s %26s%n", round, read, run);
    if (round.equals("third")) System.out.printf("%d layers, %,d cycles%n", runs.get(0).layers().size(), runs.get(0).totals().get(0).cycles());
  }
}

if (Files.exists(file)) measure(); else write();
