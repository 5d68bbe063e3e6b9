package org.dlaclab.infer;

import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;
import org.dlaclab.network.FeatureMap;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.network.Weights;
import org.dlaclab.onnx.OnnxModel;
import org.dlaclab.quant.Policy;
import org.dlaclab.tensor.Shape;
import org.dlaclab.tensor.Tensor;

/**
 * Runs a network on images by ONNX Runtime and hands out the results of chosen layers.
 *
 * <p>What is held at once takes at most about 256 MiB, or one image's share if that is larger: more
 * images run in parts, and layers whose results on one image exceed the bound in several runs. The
 * engine's own feature maps count as four of the largest.
 *
 * <p>The same machine gives the same floats. Machines with other vector units may differ in the
 * last bits, because they add in another order.
 */
public final class Inference implements AutoCloseable {
  /** Bound for what is held at once, in bytes. */
  static final long MAX_BYTES = 256L << 20;

  /** The Maven coordinates of the engine. */
  static final String ARTIFACT = "com.microsoft.onnxruntime:onnxruntime:1.28.0";

  private static final Cleaner CLEANER = Cleaner.create();

  private final Network network;
  private final String input;
  private final List<Integer> imageDims;
  private final boolean batches;
  private final Map<String, EngineGraph.Result> results;
  private final List<Node> outputs;
  private final OnnxRuntime runtime;
  private final Cleaner.Cleanable closing;
  private final long maxBytes;
  private ByteBuffer memory = ByteBuffer.allocateDirect(0);

  /** Takes the results of a layer. */
  public interface Sink {
    /**
     * Takes the results of one layer on some images.
     *
     * @param layer whose results these are
     * @param first index of the first image
     * @param count number of images
     * @param values {@code count x C x H x W} of the layer's OFM; valid during this call only
     */
    void accept(Node layer, int first, int count, FloatBuffer values);
  }

  private Inference(
      Network network,
      Function<Collection<String>, EngineGraph> graph,
      Collection<String> outputs,
      int threads,
      long maxBytes) {
    this.network = network;
    this.maxBytes = maxBytes;
    this.outputs = outputs.stream().distinct().map(network::node).collect(Collectors.toList());
    // The graph holds a copy of all weights: it is let go when the engine has its own.
    EngineGraph made = graph.apply(outputs);
    this.input = made.input();
    this.imageDims = made.imageDims();
    this.batches = made.batches();
    this.results = made.results();
    byte[] model = made.model().toByteArray();
    this.runtime = started(() -> new OnnxRuntime(network.name(), model, threads));
    this.closing = CLEANER.register(this, runtime::close);
  }

  /**
   * Prepares to run {@code weights.network()} with the weights that {@code policy} leaves, on all
   * cores.
   *
   * @param outputs names of the layers whose results are wanted
   * @throws DlacException if the network has no such layer, a rule of the policy matches none, or
   *     ONNX Runtime is not on the class path
   */
  public static Inference of(Weights weights, Policy policy, Collection<String> outputs) {
    return of(weights, policy, outputs, Runtime.getRuntime().availableProcessors());
  }

  /** As {@link #of(Weights, Policy, Collection)}, on {@code threads} threads. */
  public static Inference of(
      Weights weights, Policy policy, Collection<String> outputs, int threads) {
    return new Inference(
        weights.network(),
        wanted -> new OnnxExport(weights, policy, wanted).graph(wanted),
        outputs,
        Check.positive("threads", threads),
        MAX_BYTES);
  }

  /**
   * Prepares to run a network that came from a file, by the file's own graph.
   *
   * @param weights of {@code file}, or other ones for its network
   */
  static Inference of(OnnxModel file, Weights weights, Policy policy, Collection<String> outputs) {
    return new Inference(
        file.network(),
        wanted -> OnnxEdit.of(file, weights, policy, wanted),
        outputs,
        Runtime.getRuntime().availableProcessors(),
        MAX_BYTES);
  }

  /** With another bound, so that tests see results come in parts. */
  static Inference bounded(
      Weights weights, Policy policy, Collection<String> outputs, long maxBytes) {
    return new Inference(
        weights.network(),
        wanted -> new OnnxExport(weights, policy, wanted).graph(wanted),
        outputs,
        1,
        maxBytes);
  }

  private static OnnxRuntime started(Supplier<OnnxRuntime> start) {
    try {
      return start.get();
    } catch (NoClassDefFoundError e) {
      // Not kept as the cause: which class is missing tells a user nothing, and a shell shows it.
      throw new DlacException(
          "real activations need ONNX Runtime, which is not on the class path",
          ARTIFACT + " on the class path",
          "run ./dlac fetch onnxruntime and start this again (a shell too: /exit first), or add that"
              + " Maven artifact; synthetic(seed) needs nothing");
    } catch (UnsatisfiedLinkError | ExceptionInInitializerError e) {
      throw new DlacException(
          "ONNX Runtime's native library does not load on "
              + System.getProperty("os.name")
              + " "
              + System.getProperty("os.arch")
              + ": "
              + e,
          "a system that it is built for: Linux with glibc or macOS on x86-64 or ARM, Windows",
          "use another machine, or synthetic(seed), which needs no native library",
          e);
    }
  }

  /**
   * Runs all images and hands the results to {@code sink}, in parts of one or more images.
   *
   * @param images {@code n x C x H x W}, as the network's IFM
   * @throws DlacException if the images do not fit the network
   */
  public void run(Tensor images, Sink sink) {
    run(images, 0, images.shape().rank() == 0 ? 0 : images.shape().dim(0), sink);
  }

  /** As {@link #run(Tensor, Sink)}, for the {@code count} images from {@code first} on. */
  public synchronized void run(Tensor images, int first, int count, Sink sink) {
    requireFit(network, images);
    java.util.Objects.checkFromIndexSize(first, count, images.shape().dim(0));
    long perImage =
        outputs.stream().mapToLong(node -> bytes(node, 1)).sum()
            + 4 * network.nodes().stream().mapToLong(node -> bytes(node, 1)).max().orElse(0);
    long fitting = batches ? maxBytes / Math.max(1, perImage) : 1;
    int atOnce = (int) Math.max(1, Math.min(count, fitting));
    for (int done = 0; done < count; done += Math.min(atOnce, count - done)) {
      int batch = Math.min(atOnce, count - done);
      for (List<Node> group : groups(batch)) {
        part(images, first + done, batch, group, done, sink);
      }
    }
  }

  /**
   * The results of all images, by layer: {@code n x C x H x W}. They stay on the heap: for few
   * layers or small ones.
   */
  public Map<String, Tensor> run(Tensor images) {
    requireFit(network, images);
    int count = images.shape().dim(0);
    Map<String, float[]> values = new LinkedHashMap<>();
    for (Node node : outputs) {
      double size = (double) count * node.ofm().size();
      String what = "the OFM of \"" + node.name() + "\" for " + count + " images";
      Check.fitsArray(what, size);
      Check.fitsHeap(what, size * Float.BYTES);
      values.put(node.name(), new float[(int) size]);
    }
    run(
        images,
        (node, first, batch, part) -> {
          int size = (int) node.ofm().size();
          part.get(values.get(node.name()), first * size, batch * size);
        });
    Map<String, Tensor> results = new LinkedHashMap<>();
    for (Node node : outputs) {
      FeatureMap map = node.ofm();
      results.put(
          node.name(),
          Tensor.of(
              Shape.of(count, map.channels(), map.height(), map.width()),
              java.util.Objects.requireNonNull(values.get(node.name()))));
    }
    return results;
  }

  private static String hint(FeatureMap map, Shape shape) {
    if (shape.rank() == 4
        && shape.dim(1) == map.height()
        && shape.dim(2) == map.width()
        && shape.dim(3) == map.channels()) {
      return "put channels before height and width: leave nhwc() out";
    }
    return String.format(
        Locale.ROOT,
        "prepare them so: images(folder, resize(%d, %d)%s); or describe the network with ifm(%s)",
        map.height(),
        map.width(),
        map.channels() == 1 ? ", grey()" : "",
        shape.rank() == 4
            ? shape.dim(1) + ", " + shape.dim(2) + ", " + shape.dim(3)
            : "channels, height, width");
  }

  /** Refuses images whose shape is not that of the network's IFM. */
  static void requireFit(Network network, Tensor images) {
    FeatureMap map = network.ifm();
    Shape shape = images.shape();
    if (shape.rank() != 4
        || shape.dim(1) != map.channels()
        || shape.dim(2) != map.height()
        || shape.dim(3) != map.width()) {
      throw new DlacException(
          network.name() + " gets images of shape " + shape,
          "n x " + map.channels() + " x " + map.height() + " x " + map.width(),
          hint(map, shape));
    }
  }

  /** The outputs in groups that fit the bound; at least one per group. */
  private List<List<Node>> groups(int batch) {
    List<List<Node>> groups = new ArrayList<>();
    long held = Long.MAX_VALUE;
    for (Node node : outputs) {
      long bytes = bytes(node, batch);
      if (held > maxBytes - bytes) {
        groups.add(new ArrayList<>());
        held = 0;
      }
      groups.get(groups.size() - 1).add(node);
      held += bytes;
    }
    return groups;
  }

  private void part(Tensor images, int from, int batch, List<Node> group, int first, Sink sink) {
    FeatureMap ifm = network.ifm();
    int imageSize = (int) ifm.size();
    long bytes = (long) batch * imageSize * Float.BYTES;
    for (Node node : group) {
      bytes += bytes(node, batch);
    }
    reserve(bytes);
    ByteBuffer free = memory.duplicate().order(ByteOrder.nativeOrder());
    OnnxRuntime.Array in =
        new OnnxRuntime.Array(take(free, batch * imageSize), dims(imageDims, batch));
    for (int i = from * imageSize, end = i + batch * imageSize; i < end; i++) {
      in.values().put(images.get(i));
    }
    in.values().rewind();
    Map<String, OnnxRuntime.Array> arrays = new LinkedHashMap<>();
    for (Node node : group) {
      EngineGraph.Result result = result(node);
      arrays.computeIfAbsent(
          result.value(),
          value ->
              new OnnxRuntime.Array(
                  take(free, (int) (bytes(node, batch) / Float.BYTES)),
                  dims(result.dims(), batch)));
    }
    runtime.run(input, in, arrays);
    for (Node node : group) {
      FloatBuffer values =
          java.util.Objects.requireNonNull(arrays.get(result(node).value())).values();
      sink.accept(node, first, batch, values.duplicate().rewind());
    }
  }

  private EngineGraph.Result result(Node node) {
    return java.util.Objects.requireNonNull(results.get(node.name()));
  }

  private static List<Long> dims(List<Integer> perImage, long batch) {
    List<Long> dims = new ArrayList<>(List.of(batch));
    perImage.forEach(dim -> dims.add((long) dim));
    return dims;
  }

  private static FloatBuffer take(ByteBuffer free, int floats) {
    ByteBuffer slice =
        free.slice(free.position(), floats * Float.BYTES).order(ByteOrder.nativeOrder());
    free.position(free.position() + floats * Float.BYTES);
    return slice.asFloatBuffer();
  }

  /** Makes room outside of the heap, which is kept for the next run. */
  private void reserve(long bytes) {
    if (bytes <= memory.capacity()) {
      return;
    }
    try {
      memory = ByteBuffer.allocateDirect(Math.toIntExact(bytes));
    } catch (OutOfMemoryError | ArithmeticException e) {
      throw new DlacException(
          network.name() + " needs " + (bytes >> 20) + " MiB outside of the heap for its results",
          "at most what -XX:MaxDirectMemorySize allows (as much as -Xmx, unless set) and 2 GiB",
          "raise -Xmx, or use smaller images",
          e);
    }
  }

  private static long bytes(Node node, int batch) {
    return batch * node.ofm().size() * Float.BYTES;
  }

  /** Frees the native session; later runs fail. It is freed without this call, too, but later. */
  @Override
  public void close() {
    closing.clean();
  }
}
