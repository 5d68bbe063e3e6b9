package org.dlaclab.explore;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.dlaclab.grid.Grid;
import org.dlaclab.result.Run;
import org.dlaclab.sim.Simulator;
import org.jspecify.annotations.Nullable;

/** Points to simulate, in batches; several threads may take and return them. */
public interface Work {
  /** The next batch; null if none is left, or the user wants to stop. */
  @Nullable Batch next();

  /**
   * A batch has been simulated.
   *
   * @param results one per grid of the batch
   */
  void done(Batch batch, List<Result> results);

  /** Grids to be compared on the same operands. */
  record Batch(Workload workload, List<Point> points) {
    public Batch {
      points = List.copyOf(points);
    }

    /** The grids, one per point. */
    public List<Grid> grids() {
      return points.stream().map(point -> point.settings().grid()).toList();
    }

    List<Result> simulate() {
      return simulate(workload, grids());
    }

    /**
     * One result per grid: the failure of one is not that of the others, and is looked for by
     * halves.
     */
    static List<Result> simulate(Workload workload, List<Grid> grids) {
      try {
        return Simulator.totals(
                workload.network(), workload.policy(), grids, workload.tensors(), workload.passes())
            .stream()
            .map(Batch::result)
            .toList();
      } catch (CancellationException e) {
        throw e;
      } catch (RuntimeException | VirtualMachineError | LinkageError e) {
        if (grids.size() == 1) {
          return List.of(Result.failed(e));
        }
        int half = grids.size() / 2;
        List<Result> results = new ArrayList<>(simulate(workload, grids.subList(0, half)));
        results.addAll(simulate(workload, grids.subList(half, grids.size())));
        return results;
      }
    }

    private static Result result(Run run) {
      return Result.of(Metric.all(run));
    }
  }
}
