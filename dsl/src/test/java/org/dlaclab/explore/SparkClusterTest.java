package org.dlaclab.explore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the cluster does by itself; with Spark it is tested on a real one. */
@Timeout(60)
class SparkClusterTest {
  /** The methods of a connection that are asked for without a batch. */
  public static final class Context {
    private final AtomicInteger asked = new AtomicInteger();

    /** As of a cluster whose machines are not there yet. */
    public int defaultParallelism() {
      return asked.getAndIncrement() == 0 ? 2 : 16;
    }

    public Context sc() {
      return this;
    }

    public boolean isStopped() {
      return false;
    }
  }

  private interface Next {
    Work.@Nullable Batch next() throws InterruptedException;
  }

  private static Work work(Next next) {
    return new Work() {
      @Override
      public @Nullable Batch next() {
        try {
          return next.next();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
      }

      @Override
      public void done(Batch batch, List<Result> results) {}
    };
  }

  @Test
  void coresThatJoinWhileASweepRunsGetBatchesToo() {
    CountDownLatch feeders = new CountDownLatch(17);

    new SparkCluster("", new Context())
        .run(
            work(
                () -> {
                  feeders.countDown();
                  feeders.await(20, TimeUnit.SECONDS);
                  return null;
                }));

    assertThat(feeders.getCount()).isZero();
  }

  @Test
  void aFailureIsThrownWhenNobodyWorksAnyMore() {
    AtomicInteger working = new AtomicInteger();
    AtomicInteger first = new AtomicInteger();
    Work failing =
        work(
            () -> {
              if (first.getAndIncrement() == 0) {
                throw new IllegalStateException("the disk is full");
              }
              working.incrementAndGet();
              Thread.sleep(500);
              working.decrementAndGet();
              return null;
            });

    assertThatThrownBy(() -> new SparkCluster("", new Context()).run(failing))
        .hasMessageContaining("the disk is full");
    assertThat(working).hasValue(0);
  }
}
