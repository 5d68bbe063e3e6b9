package org.dlaclab.explore;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.dlaclab.error.DlacException;
import org.dlaclab.grid.Grid;
import org.dlaclab.operand.FileTensors;
import org.dlaclab.operand.SavedMasks;
import org.dlaclab.operand.Shuffled;
import org.dlaclab.operand.Source;
import org.dlaclab.progress.Live;
import org.dlaclab.progress.Progress;
import org.dlaclab.progress.Stop;
import org.dlaclab.quant.Policy;
import org.jspecify.annotations.Nullable;

/** One run of a sweep: hands out batches of points, and takes in what came of them. */
final class Runner implements Work {
  /** A batch should take about so long: what a kill may cost, and how often there is news. */
  private static final double BATCH_SECONDS = 2;

  private static final int FIRST_BATCH = 8;
  private static final int MOST_IN_BATCH = 256;

  /** How often to look whether another process has computed a point. */
  private static final long POLL_MILLIS = 200;

  private final Sweep sweep;
  private final Sweep.Space space;
  private final Stop stop;
  private final Identity identity;
  private final @Nullable Store store;
  private final Map<String, Result> accuracies;
  private final Point[] points;

  /** Those with points that are still to do. */
  private final Deque<Group> waiting = new ArrayDeque<>();

  /** Where a point stands, by its number. */
  private final Map<Long, Integer> places = new HashMap<>();

  private final Map<Integer, Store.Claim> claims = new HashMap<>();
  private final IdentityHashMap<Batch, Begun> begun = new IdentityHashMap<>();
  private int best = -1;
  private @Nullable Progress progress;
  private @Nullable Live live;

  /** Points that share all but the grid; those of one tile shape side by side. */
  private static final class Group {
    private final Workload workload;
    private final Deque<Integer> waiting;

    /** How many points make the next batch. */
    private int size = FIRST_BATCH;

    Group(Workload workload, List<Integer> places) {
      this.workload = workload;
      this.waiting = new ArrayDeque<>(places);
    }
  }

  private record Begun(Group group, long nanos) {}

  Runner(Sweep sweep, Sweep.Space space, Stop stop, Known known) {
    this.identity = known.identity();
    this.store = known.store();
    this.accuracies = known.accuracies();
    this.sweep = sweep;
    this.space = space;
    this.stop = stop;
    this.points = space.points().toArray(new Point[0]);
    for (int i = 0; i < points.length; i++) {
      places.put(points[i].number(), i);
    }
  }

  Exploration run(Cluster cluster) {
    try (Progress bar = Progress.of("sweep " + sweep.name() + ", points", points.length);
        Live view = Live.of("sweep " + sweep.name())) {
      progress = bar;
      live = view;
      if (store != null) {
        store.refresh();
      }
      Map<List<Object>, List<Integer>> groups = new LinkedHashMap<>();
      IdentityHashMap<Object, Integer> ids = new IdentityHashMap<>();
      for (int i = 0; i < points.length; i++) {
        if (points[i].setting().isEmpty() || found(i)) {
          bar.step();
        } else {
          groups
              .computeIfAbsent(shared(points[i].settings(), ids), shared -> new ArrayList<>())
              .add(i);
        }
      }
      for (List<Integer> group : groups.values()) {
        group.sort(Comparator.comparing((Integer i) -> tiling(points[i].settings().grid())));
        waiting.add(new Group(points[group.get(0)].settings().workload(), group));
      }
      cluster.run(this);
      return exploration();
    }
  }

  /**
   * What is equal for points with one workload. Networks and tensors go by which they are: to look
   * at all of their weights for each point takes longer than to simulate it.
   */
  private static List<Object> shared(Setting setting, IdentityHashMap<Object, Integer> ids) {
    return List.of(
        ids.computeIfAbsent(setting.network(), n -> ids.size()),
        setting.policy(),
        ids.computeIfAbsent(setting.tensors(), t -> ids.size()));
  }

  /** Counts are shared by grids of one tiling. */
  private static String tiling(Grid grid) {
    return grid.tile() + " " + grid.blockSize() + " " + grid.filterOrder();
  }

  /** Takes the figures of a point from the store, if it has them. */
  private boolean found(int place) {
    Point point = points[place];
    Optional<Map<Metric, Double>> figures =
        store == null ? Optional.empty() : store.find(identity.key(point.settings()));
    figures.ifPresent(
        values -> {
          points[place] = point.with(Result.of(values));
          consider(place);
        });
    return figures.isPresent();
  }

  @Override
  public synchronized @Nullable Batch next() {
    while (!stop.asked()) {
      if (store != null) {
        store.refresh();
      }
      int held = 0;
      for (int groups = waiting.size(); groups > 0; groups--) {
        Group group = waiting.remove();
        List<Integer> taken = new ArrayList<>();
        for (int left = group.waiting.size(); left > 0 && taken.size() < group.size; left--) {
          int place = group.waiting.remove();
          if (found(place)) {
            step();
          } else if (claim(place)) {
            taken.add(place);
          } else {
            group.waiting.add(place);
            held++;
          }
        }
        if (!group.waiting.isEmpty()) {
          waiting.add(group);
        }
        dropFound(taken);
        if (!taken.isEmpty()) {
          return begin(group, taken);
        }
      }
      if (held == 0) {
        return null;
      }
      try {
        wait(POLL_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return null;
      }
    }
    return null;
  }

  /** What another process has computed between the look into the store and the claim. */
  private void dropFound(List<Integer> taken) {
    if (store != null) {
      store.refresh();
      taken.removeIf(
          place -> {
            boolean there = found(place);
            if (there) {
              free(place);
              step();
            }
            return there;
          });
    }
  }

  private Batch begin(Group group, List<Integer> taken) {
    List<Point> batch = taken.stream().map(place -> points[place]).toList();
    Batch begin = new Batch(group.workload, batch);
    begun.put(begin, new Begun(group, System.nanoTime()));
    return begin;
  }

  private void free(int place) {
    Store.Claim claim = claims.remove(place);
    if (claim != null) {
      claim.free();
    }
  }

  private boolean claim(int place) {
    if (store == null) {
      return true;
    }
    Optional<Store.Claim> claim = store.claim(identity.key(points[place].settings()));
    claim.ifPresent(c -> claims.put(place, c));
    return claim.isPresent();
  }

  @Override
  public void done(Batch batch, List<Result> results) {
    // Before anything else takes time.
    long nanos = System.nanoTime();
    done(batch, results, nanos);
  }

  private synchronized void done(Batch batch, List<Result> simulated, long nanos) {
    List<Result> results = ofTheKeys(batch, simulated);
    List<Integer> batchPlaces = new ArrayList<>();
    for (int i = 0; i < results.size(); i++) {
      int place = place(batch.points().get(i));
      points[place] = points[place].with(measured(points[place], results.get(i)));
      batchPlaces.add(place);
    }
    if (store != null) {
      store.append(
          batchPlaces.stream()
              .map(place -> points[place])
              .filter(Point::succeeded)
              .map(point -> identity.line(sweep.name(), sweep.axes(), point))
              .toList());
    }
    for (int place : batchPlaces) {
      free(place);
      consider(place);
      step();
    }
    grow(batch, nanos);
  }

  /** A file that has changed since its hash went into keys gave other figures. */
  private List<Result> ofTheKeys(Batch batch, List<Result> simulated) {
    Source tensors = batch.workload().tensors();
    if (store == null || !readsFiles(tensors) || identity.holds(tensors)) {
      return simulated;
    }
    Result changed =
        Result.failed(
            new DlacException(
                tensors + " has changed since the sweep began",
                "files that stay as they are",
                "run the sweep again"));
    return simulated.stream().map(result -> changed).toList();
  }

  private static boolean readsFiles(Source tensors) {
    return tensors instanceof FileTensors
        || tensors instanceof SavedMasks
        || (tensors instanceof Shuffled shuffled && readsFiles(shuffled.source()));
  }

  /** The result with the accuracy of its policy, if that is asked for. */
  private Result measured(Point point, Result result) {
    if (sweep.accuracy().isEmpty() || result.figures().isEmpty()) {
      return result;
    }
    Policy policy = point.settings().policy();
    Result accuracy =
        accuracies.computeIfAbsent(policy.toJson(), json -> sweep.accuracy().get().measure(policy));
    if (accuracy.figures().isEmpty()) {
      return accuracy;
    }
    Map<Metric, Double> figures = new EnumMap<>(result.figures());
    figures.putAll(accuracy.figures());
    return Result.of(figures);
  }

  private int place(Point point) {
    return Objects.requireNonNull(places.get(point.number()));
  }

  private void grow(Batch batch, long nanos) {
    Begun begin = begun.remove(batch);
    if (begin != null) {
      double seconds = (nanos - begin.nanos()) / 1e9;
      double wanted = batch.points().size() * BATCH_SECONDS / seconds;
      Group group = begin.group();
      group.size = (int) Math.max(1, Math.min(MOST_IN_BATCH, Math.min(wanted, 2.0 * group.size)));
    }
  }

  private void step() {
    if (progress != null) {
      progress.step();
    }
  }

  /** Whether this point is the best so far: then it is news. */
  private void consider(int place) {
    Metric metric = Exploration.headlineMetric(sweep.axes());
    Point point = points[place];
    if (!point.succeeded()
        || (best >= 0
            && metric.cost(points[best].figure(metric)) <= metric.cost(point.figure(metric)))) {
      return;
    }
    best = place;
    String news =
        "best so far: "
            + metric.text(point.figure(metric))
            + (sweep.axes().isEmpty() ? "" : " (" + Point.text(sweep.axes(), point.levels()) + ")");
    if (progress != null) {
      progress.note(news);
    }
    if (live != null) {
      live.show(() -> exploration().top(10, metric), news);
    }
  }

  private synchronized Exploration exploration() {
    return new Exploration(
        sweep.name(),
        sweep.axes(),
        List.of(points),
        sweep.sampling() instanceof Sampling.All,
        space.excluded());
  }
}
