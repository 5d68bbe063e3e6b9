package org.dlaclab.kernel.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.dlaclab.kernel.session.CellText.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a cell prints arrives: all of it, in its order, in whole characters. */
@Timeout(20)
class CellTextTest {
  private final ScheduledExecutorService timer = new ScheduledThreadPoolExecutor(1);

  /** What was sent: a stream's name, a colon, and text. */
  private final List<String> sent = Collections.synchronizedList(new ArrayList<>());

  private final CellText text = new CellText(this::send, timer);

  private boolean send(String stream, String piece) {
    return sent.add(stream + ":" + piece);
  }

  @AfterEach
  void end() {
    timer.shutdownNow();
  }

  private static void print(CellText to, Stream stream, String piece) {
    byte[] bytes = piece.getBytes(StandardCharsets.UTF_8);
    to.write(stream, bytes, 0, bytes.length);
  }

  /** All that was sent, as one text per stream and change of stream. */
  private String joined() {
    StringBuilder all = new StringBuilder();
    String stream = "";
    for (String piece : List.copyOf(sent)) {
      int colon = piece.indexOf(':');
      if (!piece.substring(0, colon).equals(stream)) {
        stream = piece.substring(0, colon);
        all.append('<').append(stream).append('>');
      }
      all.append(piece.substring(colon + 1));
    }
    return all.toString();
  }

  @Test
  void linesWaitForEachOther() {
    print(text, Stream.STDOUT, "a\n");
    print(text, Stream.STDOUT, "b\n");
    text.flush();
    assertThat(sent).containsExactly("stdout:a\nb\n");
  }

  @Test
  void whatWaitsIsSentWithoutBeingAskedFor() throws InterruptedException {
    CountDownLatch arrived = new CountDownLatch(1);
    CellText late =
        new CellText(
            (stream, piece) -> {
              arrived.countDown();
              return send(stream, piece);
            },
            timer);
    print(late, Stream.STDERR, "by itself");
    arrived.await();
    late.flush();
    assertThat(sent).containsExactly("stderr:by itself");
  }

  @Test
  void muchTextIsSentAtOnce() {
    String much = "x".repeat(40_000);
    print(text, Stream.STDOUT, much);
    assertThat(sent).containsExactly("stdout:" + much);
  }

  @Test
  void theOrderAcrossStreamsIsTheOrderOfPrinting() {
    Random random = new Random(11);
    StringBuilder expected = new StringBuilder();
    Stream last = null;
    for (int i = 0; i < 2000; i++) {
      Stream stream = random.nextBoolean() ? Stream.STDOUT : Stream.STDERR;
      String piece = i + (random.nextInt(50) == 0 ? "y".repeat(20_000) : ";");
      print(text, stream, piece);
      if (stream != last) {
        expected.append(stream == Stream.STDOUT ? "<stdout>" : "<stderr>");
        last = stream;
      }
      expected.append(piece);
      if (random.nextInt(100) == 0) {
        text.flush();
      }
    }
    text.flush();
    assertThat(joined()).isEqualTo(expected.toString());
  }

  @Test
  void textSplitAnywhereInItsBytesArrivesWhole() {
    for (long seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      String whole =
          random
              .ints(1 + random.nextInt(60), 0, 4)
              .map(
                  kind ->
                      switch (kind) {
                        case 0 -> 'a' + random.nextInt(26);
                        case 1 -> 0xC0 + random.nextInt(0x100);
                        case 2 -> 0x4E00 + random.nextInt(0x1000);
                        default -> 0x1F600 + random.nextInt(0x40);
                      })
              .mapToObj(Character::toString)
              .collect(Collectors.joining());
      byte[] bytes = whole.getBytes(StandardCharsets.UTF_8);
      sent.clear();
      CellText split = new CellText(this::send, timer);
      for (int at = 0; at < bytes.length; ) {
        int n = Math.min(bytes.length - at, 1 + random.nextInt(5));
        split.write(Stream.STDOUT, bytes, at, n);
        // The other stream has its own rest, and does not take this one's.
        split.write(Stream.STDERR, new byte[0], 0, 0);
        if (random.nextBoolean()) {
          split.flush();
        }
        at += n;
      }
      split.flush();
      assertThat(joined()).as("seed " + seed).isEqualTo("<stdout>" + whole);
      assertThat(sent).as("seed " + seed).noneMatch(piece -> piece.indexOf('\uFFFD') >= 0);
    }
  }

  @Test
  void bytesThatAreNoTextAreMarkedAndTheRestArrives() {
    text.write(Stream.STDOUT, new byte[] {'a', (byte) 0xFF, 'b'}, 0, 3);
    text.flush();
    assertThat(sent).containsExactly("stdout:a\uFFFDb");
  }

  @Test
  void whatCouldNotBeSentIsSentLaterInItsPlace() {
    List<String> refused = new ArrayList<>(List.of("first", "second"));
    CellText shy =
        new CellText((stream, piece) -> !refused.remove(piece) && send(stream, piece), timer);
    print(shy, Stream.STDOUT, "first");
    print(shy, Stream.STDERR, "second");
    shy.flush();
    print(shy, Stream.STDOUT, "third");
    while (sent.size() < 3) {
      shy.flush();
    }
    assertThat(sent).containsExactly("stdout:first", "stderr:second", "stdout:third");
    assertThat(refused).isEmpty();
  }

  /** A front end that takes nothing until it is told to. */
  private final class Stuck {
    final CountDownLatch reached = new CountDownLatch(1);
    final CountDownLatch free = new CountDownLatch(1);

    boolean send(String stream, String piece) {
      reached.countDown();
      try {
        free.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
      return CellTextTest.this.send(stream, piece);
    }
  }

  @Test
  void whoPrintsLittleDoesNotWaitForAFrontEndThatIsStuck() throws InterruptedException {
    Stuck front = new Stuck();
    CellText stuck = new CellText(front::send, timer);
    print(stuck, Stream.STDOUT, "held by the timer ");
    front.reached.await();
    print(stuck, Stream.STDOUT, "printed meanwhile"); // Would not return.
    front.free.countDown();
    stuck.flush();
    assertThat(joined()).isEqualTo("<stdout>held by the timer printed meanwhile");
  }

  @Test
  void whoWaitsForAFrontEndThatIsStuckCanBeInterruptedAndLosesNothing()
      throws InterruptedException {
    Stuck front = new Stuck();
    CellText stuck = new CellText(front::send, timer);
    print(stuck, Stream.STDOUT, "held by the timer ");
    front.reached.await();
    String much = "z".repeat(40_000);
    boolean[] flag = {false};
    Thread cell =
        new Thread(
            () -> {
              print(stuck, Stream.STDOUT, much);
              flag[0] = Thread.currentThread().isInterrupted();
            });
    cell.start();
    while (cell.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    cell.interrupt();
    cell.join();
    assertThat(flag[0]).as("the interrupt is still to be seen").isTrue();
    front.free.countDown();
    stuck.flush();
    assertThat(joined()).isEqualTo("<stdout>held by the timer " + much);
  }

  @Test
  void manyThreadsLoseNothingAndKeepEachOnesOrder() throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      int id = t;
      threads.add(
          new Thread(
              () -> {
                for (int i = 0; i < 5000; i++) {
                  print(text, i % 7 == 0 ? Stream.STDERR : Stream.STDOUT, id + "." + i + "\n");
                }
              }));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    text.flush();
    for (int t = 0; t < 4; t++) {
      String mine = t + ".";
      List<String> lines =
          Arrays.stream(joined().replaceAll("<\\w+>", "").split("\n"))
              .filter(line -> line.startsWith(mine))
              .toList();
      assertThat(lines).isEqualTo(IntStream.range(0, 5000).mapToObj(i -> mine + i).toList());
    }
  }

  @Test
  void withoutATimerTextIsSentAtOnce() {
    timer.shutdownNow();
    print(text, Stream.STDOUT, "while the kernel closes");
    assertThat(sent).containsExactly("stdout:while the kernel closes");
  }
}
