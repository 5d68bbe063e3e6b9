package org.dlaclab.progress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.dlaclab.error.DlacException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class StopTest {
  @AfterEach
  void nobodyAsks() {
    Stop.hearBy(ask -> () -> {});
  }

  /** Steps until it is asked to stop, and says how far it came. */
  private static int work(Stop stop, CountDownLatch begun) {
    int steps = 0;
    while (!stop.asked()) {
      steps++;
      begun.countDown();
      Thread.onSpinWait();
    }
    return steps;
  }

  @Test
  void workThatNobodyStopsReturnsWhatItComputes() {
    assertThat(Stop.<String>listening(stop -> "all, asked: " + stop.asked()))
        .isEqualTo("all, asked: false");
  }

  @Test
  void anInterruptOfTheCallerEndsTheWorkWithWhatItHas() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CompletableFuture<Integer> steps = new CompletableFuture<>();
    CompletableFuture<Boolean> flag = new CompletableFuture<>();
    Thread caller =
        new Thread(
            () -> {
              steps.complete(Stop.listening(stop -> work(stop, begun)));
              flag.complete(Thread.interrupted());
            });
    caller.start();
    begun.await();
    caller.interrupt();
    assertThat(steps.get(30, TimeUnit.SECONDS)).isPositive();
    assertThat(flag.get(30, TimeUnit.SECONDS)).as("the caller's caller learns of it").isTrue();
  }

  @Test
  void theWorkItselfIsNotInterruptedSoThatItCanStoreWhatItHas() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    Thread caller =
        new Thread(
            () ->
                interrupted.complete(
                    Stop.<Boolean>listening(
                        stop -> {
                          work(stop, begun);
                          return Thread.currentThread().isInterrupted();
                        })));
    caller.start();
    begun.await();
    caller.interrupt();
    assertThat(interrupted.get(30, TimeUnit.SECONDS)).isFalse();
  }

  @Test
  void whoAsksTwiceGetsTheThreadBackThoughTheWorkGoesOn() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch heard = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    CompletableFuture<Throwable> thrown = new CompletableFuture<>();
    Thread caller =
        new Thread(
            () ->
                thrown.complete(
                    catchThrowable(
                        () ->
                            Stop.listening(
                                stop -> {
                                  int steps = work(stop, begun);
                                  heard.countDown();
                                  await(release); // A step that never ends.
                                  return steps;
                                }))));
    caller.start();
    begun.await();
    caller.interrupt();
    heard.await();
    caller.interrupt();
    assertThat(thrown.get(30, TimeUnit.SECONDS)).isInstanceOf(CancellationException.class);
    release.countDown();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError("the work is not interrupted", e);
    }
  }

  @Test
  void aNotebookAsksInItsOwnWayAndLearnsOfTheEnd() {
    AtomicReference<Runnable> ask = new AtomicReference<>();
    AtomicInteger ended = new AtomicInteger();
    Stop.hearBy(
        how -> {
          ask.set(how);
          return ended::incrementAndGet;
        });
    int steps =
        Stop.listening(
            stop -> {
              int done = 0;
              while (!stop.asked()) {
                if (++done == 3) {
                  ask.get().run();
                }
              }
              assertThat(ended).hasValue(0);
              return done;
            });
    assertThat(steps).isEqualTo(3);
    assertThat(ended).hasValue(1);
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  @Test
  void workInsideOfWorkStopsWithItAndSharesItsThread() {
    AtomicReference<Runnable> ask = new AtomicReference<>();
    AtomicInteger listeners = new AtomicInteger();
    Stop.hearBy(
        how -> {
          ask.set(how);
          listeners.incrementAndGet();
          return () -> {};
        });
    String ends =
        Stop.listening(
            outer -> {
              Thread thread = Thread.currentThread();
              String inner =
                  Stop.listening(
                      stop -> {
                        ask.get().run();
                        return stop.asked() + ", " + (Thread.currentThread() == thread);
                      });
              return inner + ", " + outer.asked();
            });
    assertThat(ends).isEqualTo("true, true, true");
    assertThat(listeners).hasValue(1);
  }

  @Test
  void whatTheWorkThrowsComesOutWithTheFramesOfTheCaller() {
    assertThatThrownBy(
            () ->
                Stop.listening(
                    stop -> {
                      throw new DlacException("loss is NaN", "a number", "lower the rate");
                    }))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("loss is NaN")
        .satisfies(
            thrown ->
                assertThat(thrown.getStackTrace())
                    .anyMatch(
                        frame ->
                            frame
                                .getMethodName()
                                .equals("whatTheWorkThrowsComesOutWithTheFramesOfTheCaller")));
  }
}
