package org.dlaclab.kernel.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.dlaclab.kernel.protocol.Message;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests are answered one after another. */
@Timeout(20)
class LaneTest {
  private final BlockingQueue<String> begun = new LinkedBlockingQueue<>();
  private final CountDownLatch gate = new CountDownLatch(1);
  private final Lane lane = new Lane("lane", this::answer);

  /** A request named "stays" is answered when the gate opens, one named "fails" never. */
  private void answer(Lane in, Message request) {
    begun.add(request.id());
    if (request.id().equals("fails")) {
      throw new IllegalStateException("cannot answer");
    }
    while (request.id().equals("stays") && gate.getCount() > 0) {
      try {
        gate.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  @AfterEach
  void end() {
    gate.countDown();
    lane.close();
  }

  private static Message request(String id, String type) {
    JsonObject none = new JsonObject();
    return new Message(
        List.of(), Json.object("msg_id", id, "msg_type", type), none, none, none, List.of());
  }

  private boolean add(String id) {
    return lane.add(request(id, "execute_request"));
  }

  private String next() throws InterruptedException {
    return String.valueOf(begun.poll(10, TimeUnit.SECONDS));
  }

  @Test
  void theyAreAnsweredInTheOrderInWhichTheyCame() throws InterruptedException {
    for (int i = 0; i < 100; i++) {
      add("r" + i);
    }
    for (int i = 0; i < 100; i++) {
      assertThat(next()).isEqualTo("r" + i);
    }
  }

  @Test
  void theFirstIsTheOneThatIsAnsweredNow() throws InterruptedException {
    add("stays");
    add("waits");
    lane.add(request("other", "comm_msg"));
    assertThat(next()).isEqualTo("stays");
    assertThat(lane.first(Set.of("execute_request"))).isNotNull();
    assertThat(lane.first(Set.of("execute_request")).id()).isEqualTo("stays");
    assertThat(lane.first(Set.of("comm_msg")).id()).isEqualTo("other");
    assertThat(lane.first(Set.of("inspect_request"))).isNull();
  }

  @Test
  void thoseOfATypeThatWaitCanBeTakenOut() throws InterruptedException {
    add("stays");
    add("waits");
    lane.add(request("other", "comm_msg"));
    add("waits too");
    assertThat(next()).isEqualTo("stays");
    assertThat(lane.withdraw("execute_request"))
        .extracting(Message::id)
        .containsExactly("waits", "waits too");
    gate.countDown();
    assertThat(next()).isEqualTo("other");
  }

  @Test
  void anAnswerThatFailsCostsNoOther() throws InterruptedException {
    add("fails");
    add("comes after");
    assertThat(next()).isEqualTo("fails");
    assertThat(next()).isEqualTo("comes after");
  }

  @Test
  void aLaneThatFinishesAnswersWhatWaitsAndTakesNoMore() throws InterruptedException {
    add("stays");
    assertThat(add("waits")).isTrue();
    lane.finish();
    assertThat(add("too late")).isFalse();
    gate.countDown();
    assertThat(lane.ends(10_000)).isTrue();
    assertThat(begun).containsExactly("stays", "waits");
  }

  @Test
  void aLaneThatClosesAnswersOnlyWhatItHasBegun() throws InterruptedException {
    add("stays");
    assertThat(next()).isEqualTo("stays");
    add("waits");
    lane.close();
    assertThat(lane.ends(1)).isFalse();
    gate.countDown();
    assertThat(lane.ends(10_000)).isTrue();
    assertThat(begun).isEmpty();
  }
}
