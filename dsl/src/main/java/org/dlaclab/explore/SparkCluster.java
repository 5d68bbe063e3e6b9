package org.dlaclab.explore;

import static org.dlaclab.library.Library.call;
import static org.dlaclab.library.Library.construct;

import java.io.File;
import java.io.Serializable;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.dlaclab.error.DlacException;
import org.dlaclab.grid.Grid;
import org.dlaclab.library.Library;

/**
 * Apache Spark: a batch of points is a task, and its operands are a broadcast variable, sent to
 * each machine once. Spark tries a task again that failed or whose machine is gone. Results come
 * back here, and go to the same store as those of this machine; figures are the same, to the last
 * cycle.
 *
 * <p>Spark is no part of DLAC Lab: it is called by the names of its methods, of which it takes few,
 * so that nothing here needs its 100 MB to be built or loaded. Its tasks are classes of DLAC Lab's
 * jar, which is sent to the machines, with what it needs.
 */
public final class SparkCluster implements Cluster {
  private static final String CONTEXT = "org.apache.spark.api.java.JavaSparkContext";
  private static final String FUNCTION = "org.apache.spark.api.java.function.Function";

  /** Operands are made here: no machine of the cluster runs or trains a network. */
  private static final List<String> STAY = List.of("onnxruntime-", "pytorch-", "dlac-kernel");

  /** How often to look whether machines have joined. */
  private static final long LOOK_MILLIS = 1000;

  private final String master;
  private final Object given;

  SparkCluster(String master, Object given) {
    this.master = master;
    this.given = given;
  }

  /**
   * A cluster that a sweep connects to, and leaves when it has ended.
   *
   * @param master its address, such as {@code spark://host:7077}, or {@code local[4]}
   * @throws DlacException if Spark is not on the class path
   */
  public static SparkCluster at(String master) {
    require();
    return new SparkCluster(master, "");
  }

  /**
   * A connection that is there already, and stays. The machines are sent DLAC Lab's jars.
   *
   * @param context a {@code JavaSparkContext}, {@code SparkContext} or {@code SparkSession}
   * @throws DlacException if it is something else, or Spark is not on the class path
   */
  public static SparkCluster of(Object context) {
    Class<?> java = require();
    Object connection = context;
    if (context.getClass().getName().contains("SparkSession")) {
      connection = call(context, "sparkContext");
    }
    if (connection.getClass().getName().equals("org.apache.spark.SparkContext")) {
      connection = construct(java, connection);
    }
    if (!java.isInstance(connection)) {
      throw new DlacException(
          "spark(...) is given a " + context.getClass().getName(),
          "a JavaSparkContext, SparkContext or SparkSession, or the address of a master",
          "try spark(\"spark://host:7077\")");
    }
    if (!call(connection, "isLocal").equals(true)) {
      for (String jar : jars()) {
        call(connection, "addJar", jar);
      }
    }
    return new SparkCluster("", connection);
  }

  private static Class<?> require() {
    return Library.find(CONTEXT)
        .orElseThrow(
            () ->
                new DlacException(
                    "spark(...) needs Apache Spark, which is not on the class path",
                    "org.apache.spark:spark-core_2.13:4.2.0 or later",
                    "./dlac fetch spark, and start anew; in a project of your own add that"
                        + " coordinate to its dependencies"));
  }

  @Override
  public Connection connect() {
    if (master.isEmpty()) {
      return Cluster.super.connect();
    }
    Object context = context();
    return new Connection() {
      @Override
      public void run(Work work) {
        SparkCluster.run(work, context);
      }

      @Override
      public void close() {
        call(context, "close");
      }
    };
  }

  @Override
  public void run(Work work) {
    if (master.isEmpty()) {
      run(work, given);
    } else {
      try (Connection connection = connect()) {
        connection.run(work);
      }
    }
  }

  private static void run(Work work, Object context) {
    Map<Workload, Object> broadcasts = new ConcurrentHashMap<>();
    Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    List<Thread> feeders = new ArrayList<>();
    boolean interrupted = false;
    try {
      int ended = 0;
      do {
        // One more than there are cores, so that none waits for this machine. Machines join later.
        while (feeders.size() < Math.max(4, cores(context) + 1)) {
          Thread feeder =
              new Thread(
                  () -> feed(work, context, broadcasts, failures),
                  "sweep-on-spark-" + feeders.size());
          feeder.setDaemon(true);
          feeder.start();
          feeders.add(feeder);
        }
        try {
          feeders.get(ended).join(LOOK_MILLIS);
        } catch (InterruptedException e) {
          // Nothing interrupts who waits here: a user who wants to stop is heard between batches.
          interrupted = true;
        }
        if (!feeders.get(ended).isAlive()) {
          ended++;
        }
      } while (ended < feeders.size());
    } finally {
      if (!isStopped(context)) {
        broadcasts.values().forEach(inputs -> call(inputs, "destroy"));
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    Throwable failure = failures.peek();
    if (failure != null) {
      throw failure instanceof RuntimeException cause ? cause : new IllegalStateException(failure);
    }
  }

  /** Of the machines that are there now. */
  private static int cores(Object context) {
    return isStopped(context) ? 0 : (int) call(context, "defaultParallelism");
  }

  private static boolean isStopped(Object context) {
    return call(call(context, "sc"), "isStopped").equals(true);
  }

  /** The failure of one feeder, such as of the store, ends the others with their batches. */
  private static void feed(
      Work work, Object context, Map<Workload, Object> broadcasts, Queue<Throwable> failures) {
    try {
      for (Work.Batch batch = work.next();
          batch != null && failures.isEmpty();
          batch = work.next()) {
        work.done(batch, simulate(batch, context, broadcasts));
      }
    } catch (RuntimeException | Error e) {
      failures.add(e);
    }
  }

  private static List<Result> simulate(
      Work.Batch batch, Object context, Map<Workload, Object> broadcasts) {
    try {
      Object inputs =
          broadcasts.computeIfAbsent(
              batch.workload(), w -> call(context, "broadcast", Frozen.of(w)));
      Class<?> function = Library.type(FUNCTION);
      Object simulate =
          Proxy.newProxyInstance(
              function.getClassLoader(), new Class<?>[] {function}, new Task(inputs));
      List<Serializable> tasks = List.of(new ArrayList<>(batch.grids()));
      Object task = call(call(context, "parallelize", tasks, 1), "map", simulate);
      List<?> results = (List<?>) await((Future<?>) call(task, "collectAsync"), context);
      return ((List<?>) results.get(0)).stream().map(Result.class::cast).toList();
    } catch (RuntimeException | VirtualMachineError | LinkageError e) {
      Result failed = Result.failed(e);
      return batch.points().stream().map(point -> failed).toList();
    }
  }

  /** A cluster that gives an application up says so to the context, and to no job. */
  private static Object await(Future<?> job, Object context) {
    while (true) {
      try {
        return job.get(1, TimeUnit.SECONDS);
      } catch (TimeoutException e) {
        if (isStopped(context)) {
          throw new IllegalStateException(
              "Spark has ended the application: the logs of its master and workers say why", e);
        }
      } catch (ExecutionException e) {
        throw new IllegalStateException(String.valueOf(e.getCause()), e.getCause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("a task was interrupted", e);
      }
    }
  }

  /** What runs on the machines: {@code Function.call(grids)}. */
  private record Task(Object broadcast) implements InvocationHandler, Serializable {
    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
      if (!method.getName().equals("call")) {
        return method.invoke(this, arguments);
      }
      Workload workload = (Workload) call(broadcast, "value");
      List<Grid> grids = ((List<?>) arguments[0]).stream().map(Grid.class::cast).toList();
      return new ArrayList<>(Work.Batch.simulate(workload, grids));
    }
  }

  private Object context() {
    Object conf = construct(Library.type("org.apache.spark.SparkConf"));
    call(conf, "setMaster", master);
    call(conf, "setAppName", "DLAC Lab");
    call(conf, "setIfMissing", "spark.ui.enabled", "false");
    if (!master.startsWith("local")) {
      call(conf, "setIfMissing", "spark.jars", String.join(",", jars()));
    }
    return construct(require(), conf);
  }

  /** The class path without Spark, which is there already. */
  private static List<String> jars() {
    Path spark;
    try {
      spark =
          Objects.requireNonNull(
              Path.of(require().getProtectionDomain().getCodeSource().getLocation().toURI())
                  .getParent());
    } catch (URISyntaxException e) {
      throw new IllegalStateException("the class path has no jar of Spark", e);
    }
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(entry -> Path.of(entry).toAbsolutePath())
        .filter(jar -> jar.toString().endsWith(".jar") && Files.exists(jar))
        .filter(jar -> !spark.equals(jar.getParent()))
        .filter(jar -> STAY.stream().noneMatch(String.valueOf(jar.getFileName())::startsWith))
        .map(Path::toString)
        .toList();
  }

  /** Where it is. */
  @Override
  public String toString() {
    return "spark(" + (master.isEmpty() ? given : "\"" + master + "\"") + ")";
  }
}
