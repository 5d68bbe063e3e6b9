package org.dlaclab.progress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
  private final AtomicLong nanos = new AtomicLong();

  @Test
  void shortWorkShowsNothing() {
    run(true, 5, 100);
    assertThat(shown()).isEmpty();
  }

  @Test
  void longWorkShowsDoneRateAndTimeLeftAndTakesTheLineAway() {
    run(true, 4, 500);
    assertThat(shown())
        .contains("work: 2 of 4, 2.00/s, 1 s left")
        .contains("4 of 4")
        .endsWith("\r\033[K");
  }

  @Test
  void aHighRateIsAWholeNumberWithoutExponent() {
    run(true, 3000, 1);
    assertThat(shown()).contains(", 1,000/s, ");
  }

  @Test
  void theLineIsDrawnAtMostFiveTimesASecond() {
    run(true, 3000, 1);
    assertThat(shown()).contains("1,000 of 3,000, 1,000/s, 2 s left");
    assertThat(shown().split("\r", -1).length).isBetween(10, 14);
  }

  @Test
  void nothingShowsWhereNobodyLooks() {
    run(false, 4, 500);
    assertThat(shown()).isEmpty();
  }

  @Test
  void aNotebookShowsItInItsOwnWayAndIsToldTheEnd() {
    List<String> told = new ArrayList<>();
    work(
        4,
        500,
        (what, total) -> {
          told.add(what + " of " + total);
          return new Progress.Display() {
            @Override
            public void show(long done, double seconds, String note) {
              told.add(done + " after " + seconds + note);
            }

            @Override
            public void end(long done) {
              told.add("ended at " + done);
            }
          };
        });
    assertThat(told)
        .containsExactly("work of 4", "2 after 1.0", "3 after 1.5", "4 after 2.0", "ended at 4");
  }

  @Test
  void aNoteStandsBehindTheRate() {
    try (Progress progress = new Progress("work", 4, new Terminal(out)::progress, nanos::get)) {
      progress.note("loss 0.31, error 10.2 %");
      nanos.addAndGet(2_000_000_000L);
      progress.step();
    }
    assertThat(shown()).contains("work: 1 of 4, 0.50/s, 6 s left, loss 0.31, error 10.2 %");
  }

  @Test
  void workInsideOfWorkStandsBehindItWhichShowsAtOnceAndStays() {
    Terminal terminal = new Terminal(out);
    try (Progress study = new Progress("study", 3, terminal::progress, nanos::get)) {
      study.note("naive, seed 1");
      study.now();
      assertThat(shown()).endsWith("study: 0 of 3, naive, seed 1");
      try (Progress training = new Progress("training", 4, terminal::progress, nanos::get)) {
        nanos.addAndGet(2_000_000_000L);
        training.step();
        assertThat(shown())
            .endsWith("study: 0 of 3, naive, seed 1 | training: 1 of 4, 0.50/s, 6 s left");
      }
      assertThat(shown()).endsWith("\r\033[Kstudy: 0 of 3, naive, seed 1");
      study.step();
      assertThat(shown()).endsWith("study: 1 of 3, 0.50/s, 4 s left, naive, seed 1");
    }
    assertThat(shown()).endsWith("\r\033[K");
  }

  @Test
  void theTimeLeftIsAsFineAsAnEstimateCanBe() {
    assertThat(Terminal.left(44.4)).isEqualTo("44 s left");
    assertThat(Terminal.left(99.6)).isEqualTo("2 min left");
    assertThat(Terminal.left(720)).isEqualTo("12 min left");
    assertThat(Terminal.left(3_590)).isEqualTo("1 h 0 min left");
    assertThat(Terminal.left(4_330)).isEqualTo("1 h 12 min left");
    assertThat(Terminal.left(183_600)).isEqualTo("2 d 3 h left");
  }

  private void run(boolean on, int steps, long millisEach) {
    work(steps, millisEach, on ? (what, total) -> new Terminal(out).progress(what, total) : null);
  }

  private void work(int steps, long millisEach, BiFunction<String, Long, Progress.Display> where) {
    try (Progress progress = new Progress("work", steps, where, nanos::get)) {
      for (int i = 0; i < steps; i++) {
        nanos.addAndGet(millisEach * 1_000_000);
        progress.step();
      }
    }
  }

  private String shown() {
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
