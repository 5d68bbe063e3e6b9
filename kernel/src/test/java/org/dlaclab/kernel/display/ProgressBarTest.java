package org.dlaclab.kernel.display;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.dlaclab.kernel.display.Progress.Stage;
import org.junit.jupiter.api.Test;

class ProgressBarTest {
  private static final long SECOND = 1_000_000_000L;

  private final List<Progress> shown = new CopyOnWriteArrayList<>();
  private final AtomicLong now = new AtomicLong();

  private ProgressBar bar(long total) {
    return new ProgressBar("Work", total, shown::add, now::get);
  }

  private Progress last() {
    return shown.get(shown.size() - 1);
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + 10 * SECOND;
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("deadline").isLessThan(deadline);
      Thread.sleep(5);
    }
  }

  private static boolean ticks(String what) {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(thread -> thread.getName().equals("progress: " + what) && thread.isAlive());
  }

  @Test
  void workThatBeganBeforeItsBarIsReckonedFromItsBeginning() {
    now.set(100 * SECOND);
    ProgressBar bar = bar(20);
    bar.begunAgo(10);
    bar.step(5);
    bar.close();
    assertThat(last().line(200)).isEqualTo("Work: stopped at 5 of 20, 2.0 s each, 0:10");
  }

  @Test
  void itTellsDoneTotalRateTimeTakenAndTimeLeft() {
    Progress half = new Progress("Train", 450, 1_000, 36 * SECOND, "loss 0.3", Stage.RUNNING);
    assertThat(half.line(200))
        .isEqualTo(
            "Train: [#########-----------] 45%, 450 of 1,000, 12.5/s, 0:36, 0:44 left, loss 0.3");
    assertThat(new Progress("Train", 1_000, 1_000, 80 * SECOND, "", Stage.COMPLETE).line(200))
        .isEqualTo("Train: 1,000 of 1,000, 12.5/s, 1:20");
    assertThat(new Progress("Train", 450, 1_000, 36 * SECOND, "", Stage.STOPPED).line(200))
        .isEqualTo("Train: stopped at 450 of 1,000, 12.5/s, 0:36");
    assertThat(new Progress("Read", 3, -1, 6 * SECOND, "", Stage.RUNNING).line(200))
        .isEqualTo("Read: 3, 2.0 s each, 0:06");
    assertThat(new Progress("Nothing", 0, 0, 0, "", Stage.COMPLETE).line(200))
        .isEqualTo("Nothing: 0 of 0, 0:00");
    assertThat(half.line(79))
        .isEqualTo("Train: 45%, 450 of 1,000, 12.5/s, 0:36, 0:44 left, loss 0.3");
    assertThat(half.line(40)).hasSize(40).endsWith("...");
  }

  @Test
  void ratesAndTimesReadAsPeopleSayThem() {
    assertThat(Progress.rate(0.001)).isEqualTo("16:40 each");
    assertThat(Progress.rate(0.4)).isEqualTo("2.5 s each");
    assertThat(Progress.rate(12.34)).isEqualTo("12.3/s");
    assertThat(Progress.rate(123.4)).isEqualTo("123/s");
    assertThat(Progress.rate(999.7)).isEqualTo("1.0 k/s");
    assertThat(Progress.rate(1_234)).isEqualTo("1.2 k/s");
    assertThat(Progress.rate(5.6e6)).isEqualTo("5.6 M/s");
    assertThat(Progress.time(7)).isEqualTo("0:07");
    assertThat(Progress.time(59.7)).isEqualTo("1:00");
    assertThat(Progress.time(3_723)).isEqualTo("1:02:03");
    assertThat(Progress.time(183_600)).isEqualTo("2 d 03:00:00");
    assertThat(Progress.time(Double.POSITIVE_INFINITY)).isEqualTo("years");
    assertThat(Progress.left(44)).isEqualTo("0:44");
    assertThat(Progress.left(3_599)).isEqualTo("59:59");
    assertThat(Progress.left(4_330)).isEqualTo("1 h 12 min");
    assertThat(Progress.left(86_390)).isEqualTo("1 d 0 h");
    assertThat(Progress.left(183_600)).isEqualTo("2 d 3 h");
    assertThat(Progress.left(Double.POSITIVE_INFINITY)).isEqualTo("years");
  }

  @Test
  void aHundredPerCentMeansDone() {
    assertThat(new Progress("x", 999_999, 1_000_000, 1, "", Stage.RUNNING).line(200))
        .contains(" 99%");
  }

  @Test
  void itShowsAtOnceAndItsEndAtTheEnd() {
    ProgressBar bar = bar(3);
    assertThat(shown).extracting(Progress::done).containsExactly(0L);
    bar.step();
    bar.step(2);
    bar.close();
    assertThat(last()).isEqualTo(new Progress("Work", 3, 3, 0, "", Stage.COMPLETE));
    int count = shown.size();
    bar.close();
    bar.step();
    assertThat(shown).hasSize(count);
  }

  @Test
  void closedEarlyItShowsWhereItStopped() {
    try (ProgressBar bar = bar(10)) {
      bar.step(4);
      bar.message("out of paper");
    }
    assertThat(last()).isEqualTo(new Progress("Work", 4, 10, 0, "out of paper", Stage.STOPPED));
  }

  @Test
  void ofUnknownLengthItIsCompleteWhenClosed() {
    try (ProgressBar bar = bar(-1)) {
      bar.step(4);
    }
    assertThat(last().stage()).isEqualTo(Stage.COMPLETE);
  }

  @Test
  void itChangesInPlaceWhileTheWorkRuns() throws InterruptedException {
    try (ProgressBar bar = bar(10)) {
      bar.step();
      await(() -> last().done() == 1);
      bar.message("page 2");
      await(() -> last().message().equals("page 2"));
    }
  }

  /** How often it shows does not depend on how often the work steps. */
  @Test
  void stepsFromAllThreadsAreCountedAndFewAreShown() throws InterruptedException {
    ProgressBar bar = new ProgressBar("Steps", 4_000_000, shown::add, System::nanoTime);
    Thread[] threads = new Thread[4];
    long begin = System.nanoTime();
    for (int i = 0; i < threads.length; i++) {
      threads[i] =
          new Thread(
              () -> {
                for (int k = 0; k < 1_000_000; k++) {
                  bar.step();
                }
              });
      threads[i].start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    long tenths = (System.nanoTime() - begin) / (SECOND / 10);
    bar.close();
    assertThat(last().done()).isEqualTo(4_000_000);
    assertThat((long) shown.size()).isLessThanOrEqualTo(tenths + 3);
  }

  @Test
  void noThreadIsLeftWhenItIsClosed() throws InterruptedException {
    ProgressBar bar = new ProgressBar("Closed bar", 3, shown::add, now::get);
    assertThat(ticks("Closed bar")).isTrue();
    bar.close();
    await(() -> !ticks("Closed bar"));
  }

  /** An interrupt of a cell interrupts all its threads, that of the bar too. */
  @Test
  void interruptedItShowsWhereItStoppedAndNoThreadIsLeft() throws InterruptedException {
    ProgressBar bar = new ProgressBar("Cut bar", 3, shown::add, now::get);
    bar.step();
    Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("progress: Cut bar"))
        .forEach(Thread::interrupt);
    await(() -> !ticks("Cut bar"));
    assertThat(last().stage()).isEqualTo(Stage.STOPPED);
    bar.step();
    assertThat(ticks("Cut bar")).isFalse();
  }

  /** As after a loop that ended with break. */
  @Test
  void noThreadIsLeftWhenNobodyHoldsIt() throws InterruptedException {
    forgotten();
    await(
        () -> {
          System.gc();
          return !ticks("Forgotten bar");
        });
  }

  private void forgotten() {
    new ProgressBar("Forgotten bar", 3, shown::add, now::get).step();
  }

  @Test
  void noThreadWaitsForWorkThatWasGivenUpUntilItGoesOn() throws InterruptedException {
    try (ProgressBar bar = new ProgressBar("Idle bar", 3, shown::add, now::get)) {
      now.addAndGet(61 * SECOND);
      await(() -> !ticks("Idle bar"));
      bar.step();
      await(() -> last().done() == 1);
    }
  }

  @Test
  void wrongNumbersAreRefused() {
    assertThatThrownBy(() -> bar(-2)).hasMessageStartingWith("total = -2: ");
    try (ProgressBar bar = bar(2)) {
      assertThatThrownBy(() -> bar.step(-1)).hasMessageStartingWith("steps = -1: ");
    }
  }

  @Test
  void inHtmlNamesAndMessagesAreTextAndTheBarReadsWithoutStyle() {
    Bundle bundle = new Progress("a<b>", 1, 4, SECOND, "<script>", Stage.RUNNING).bundle();
    String html = (String) bundle.data().get("text/html");
    assertThat(html).contains("a&lt;b&gt;", "&lt;script&gt;", "width:25.0%").doesNotContain("<b>");
    assertThat(html.replaceAll("<[^>]*>", ""))
        .isEqualTo("a&lt;b&gt; 25% 1 of 4 · 1.0/s · 0:01 · 0:03 left &lt;script&gt;");
  }
}
