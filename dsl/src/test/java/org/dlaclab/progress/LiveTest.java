package org.dlaclab.progress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LiveTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final Terminal terminal =
      new Terminal(new PrintStream(bytes, true, StandardCharsets.UTF_8));

  private String shown() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  /** What a reader sees in the end: lines, with what was taken away left out. */
  private List<String> screen() {
    // Not lines(), for which a carriage return ends a line.
    return Arrays.stream(shown().split("\n", -1))
        .map(line -> line.substring(line.lastIndexOf('\r') + 1).replace("\033[K", ""))
        .toList();
  }

  @Test
  void whereNobodyLooksNoValueIsMade() {
    AtomicInteger made = new AtomicInteger();
    try (Live live = Live.of("training")) {
      live.show(made::incrementAndGet, "epoch 1");
    }
    assertThat(made).hasValue(0);
  }

  @Test
  void aTerminalShowsTheLinesAboveTheBarWhichStaysLastAndGoesInTheEnd() {
    Progress.Display bar = terminal.progress("training", 4);
    try (Live live = new Live(terminal.live())) {
      live.show(() -> "curves", "epoch 1: error 20 %");
      bar.show(1, 2, "loss 0.5");
      live.show(() -> "curves", "epoch 2: error 10 %");
      assertThat(screen())
          .containsExactly(
              "epoch 1: error 20 %",
              "epoch 2: error 10 %", "training: 1 of 4, 0.50/s, 6 s left, loss 0.5");
      bar.end(2);
    }
    assertThat(screen().subList(0, 2))
        .containsExactly("epoch 1: error 20 %", "epoch 2: error 10 %");
    assertThat(shown()).endsWith("\r\033[K");
  }

  @Test
  void theLastValueIsHandedOverInTheEndAndNothingAfterIt() {
    List<Object> told = new ArrayList<>();
    Live live =
        new Live(
            new Live.Display() {
              @Override
              public void show(Supplier<?> value, String line) {
                told.add(line);
              }

              @Override
              public void end(@Nullable Supplier<?> last) {
                told.add("end " + (last == null ? null : last.get()));
              }
            });
    live.show(() -> "one", "first");
    live.show(() -> "two", "second");
    live.close();
    live.close();
    live.show(() -> "three", "late");
    assertThat(told).containsExactly("first", "second", "end two");
  }
}
