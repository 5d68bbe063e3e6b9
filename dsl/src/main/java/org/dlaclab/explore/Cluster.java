package org.dlaclab.explore;

/** Where points are simulated. */
public interface Cluster {
  /** All cores of this machine, in this process. */
  Cluster HERE =
      work -> {
        for (Work.Batch batch = work.next(); batch != null; batch = work.next()) {
          work.done(batch, batch.simulate());
        }
      };

  /** Takes batches of {@code work}, simulates them and hands the results in, until none is left. */
  void run(Work work);

  /** This cluster for several runs, such as the generations of a search. */
  default Connection connect() {
    return new Connection() {
      @Override
      public void run(Work work) {
        Cluster.this.run(work);
      }

      @Override
      public void close() {}
    };
  }

  /** A cluster that is left when it is closed. */
  interface Connection extends Cluster, AutoCloseable {
    @Override
    void close();
  }
}
