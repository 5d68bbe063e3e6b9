package org.dlaclab.kernel.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.dlaclab.kernel.session.FrontEnd.code;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dlaclab.kernel.protocol.Client.Received;
import org.dlaclab.kernel.session.FrontEnd.Ran;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What happens at the same time, at a bad moment, or never ends. */
@Timeout(60)
class KernelUnderStressTest {
  private static final String TARGETS =
      """
      import org.dflib.jjava.jupyter.kernel.BaseKernel;
      import org.dflib.jjava.jupyter.kernel.comm.*;
      import org.dflib.jjava.jupyter.messages.Message;
      import org.dflib.jjava.jupyter.messages.comm.*;
      class Talk extends Comm {
        Talk(CommManager m, String id, String target) { super(m, id, target); }
        protected void onMessage(Message<CommMsgCommand> message) {
          if (message.getContent().getData().has("loop")) { System.out.print("looping"); while (true) {} }
          throw new IllegalStateException("the comm fails");
        }
        protected void onClose(Message<CommCloseCommand> message, boolean sending) {}
      }
      var manager = BaseKernel.notebookKernel().getCommManager();
      manager.registerTarget("talk", (m, id, target, message) -> new Talk(m, id, target));
      manager.registerTarget("broken", (m, id, target, message) -> { throw new IllegalStateException("no such widget"); });
      """;

  private FrontEnd front;

  @BeforeEach
  void start() {
    front = new FrontEnd(null);
  }

  @AfterEach
  void end() {
    front.close();
  }

  /** Waits until a request has printed something. */
  private void awaitOutput(JsonObject request) {
    Received message = front.nextPublished();
    while (!message.type().equals("stream") || !message.parent().equals(request)) {
      message = front.nextPublished();
    }
  }

  private static String text(List<Received> published, String stream) {
    return new Ran(new JsonObject(), published).stream(stream);
  }

  private static JsonObject comm(String id, String target, JsonObject data) {
    return Json.object("comm_id", id, "target_name", target, "data", data);
  }

  @Test
  void codeOfACommCanBeInterrupted() {
    front.succeed(TARGETS);
    front.published(front.ask("comm_open", comm("c", "talk", new JsonObject())));
    JsonObject says = front.ask("comm_msg", comm("c", "talk", Json.object("loop", true)));
    awaitOutput(says);
    assertThat(front.reply("kernel_info_request", new JsonObject()).get("status").getAsString())
        .as("an answer meanwhile")
        .isEqualTo("ok");
    front.control("interrupt_request", new JsonObject());
    assertThat(text(front.published(says), "stderr")).contains("comm_msg was interrupted");
    assertThat(front.run("6 * 7").result()).isEqualTo("42");
  }

  @Test
  void whatACommThrowsIsToldAndCostsNothingElse() {
    front.succeed(TARGETS);
    front.published(front.ask("comm_open", comm("c", "talk", new JsonObject())));
    JsonObject says = front.ask("comm_msg", comm("c", "talk", new JsonObject()));
    assertThat(text(front.published(says), "stderr"))
        .contains("IllegalStateException", "the comm fails")
        .doesNotContain("org.dlaclab");
    assertThat(front.run("6 * 7").result()).isEqualTo("42");
  }

  @Test
  void aCommWhoseTargetFailsIsClosedAgain() {
    front.succeed(TARGETS);
    List<Received> published =
        front.published(front.ask("comm_open", comm("c", "broken", new JsonObject())));
    assertThat(text(published, "stderr")).contains("no such widget");
    assertThat(published).extracting(Received::type).contains("comm_close");
  }

  @Test
  void aSubshellThatIsDeletedEndsItsCellAndRefusesWhatWaits() {
    front.succeed("var gate = new CountDownLatch(1);");
    String id =
        front.control("create_subshell_request", new JsonObject()).get("subshell_id").getAsString();
    JsonObject runs =
        front.ask(id, "execute_request", code("System.out.print(\"in\"); gate.await(); 41 + 1"));
    JsonObject waits = front.ask(id, "execute_request", code("1"));
    awaitOutput(runs);
    JsonObject delete = Json.object("subshell_id", id);
    assertThat(front.control("delete_subshell_request", delete).get("status").getAsString())
        .isEqualTo("ok");
    front.send("gate.countDown();", o -> {});
    assertThat(front.await(runs).result()).isEqualTo("42");
    JsonObject refused = front.replyTo(waits);
    assertThat(refused.get("ename").getAsString()).isEqualTo("NoSuchSubshell");
  }

  @Test
  void afterACellHasEndedNoAnswerMakesTheKernelBusyForIt() {
    for (int i = 0; i < 40; i++) {
      JsonObject cell = front.send("1", o -> {});
      int asked = 200;
      for (int q = 0; q < asked; q++) {
        front.ask("comm_info_request", new JsonObject());
      }
      List<Received> all = new ArrayList<>();
      for (int idle = 0; idle < asked + 1; ) {
        Received next = front.nextPublished();
        all.add(next);
        idle += state(next).equals("idle") ? 1 : 0;
      }
      JsonObject last = front.ask("kernel_info_request", new JsonObject());
      Received message = front.nextPublished();
      while (!message.parent().equals(last) || !state(message).equals("idle")) {
        all.add(message);
        message = front.nextPublished();
      }
      List<String> ofCell =
          all.stream()
              .filter(m -> m.parent().equals(cell) && m.type().equals("status"))
              .map(KernelUnderStressTest::state)
              .toList();
      assertThat(ofCell.subList(ofCell.indexOf("idle"), ofCell.size())).containsExactly("idle");
    }
  }

  private static String state(Received message) {
    return message.type().equals("status")
        ? message.content().get("execution_state").getAsString()
        : "";
  }

  @Test
  void closingInterruptsWhatRunsAndItsLastWordsAndItsReplyArrive() {
    JsonObject cell =
        front.send(
            "System.out.print(\"first words\"); try { new CountDownLatch(1).await(); }"
                + " finally { System.out.print(\", last words\"); }",
            o -> {});
    awaitOutput(cell);
    front.endKernel();
    Ran ran = front.await(cell);
    assertThat(ran.stream("stdout")).isEqualTo(", last words");
    assertThat(ran.error().get("ename").getAsString()).isEqualTo("Interrupted");
  }

  @Test
  void closingEndsACellThatWaitsForInput() {
    JsonObject cell =
        front.send(
            "System.out.print(\"asks\"); input(\"?\")", o -> o.addProperty("allow_stdin", true));
    awaitOutput(cell);
    front.endKernel();
    assertThat(front.await(cell).status()).isEqualTo("error");
  }

  @Test
  void cellsThatReadAtTheSameTimeCanAllBeInterrupted() {
    String id =
        front.control("create_subshell_request", new JsonObject()).get("subshell_id").getAsString();
    JsonObject reads = code("System.out.print(\"reads\"); System.in.read()");
    reads.addProperty("allow_stdin", true);
    JsonObject one = front.ask("execute_request", reads);
    awaitOutput(one);
    JsonObject other = front.ask(id, "execute_request", reads);
    awaitOutput(other);
    front.control("interrupt_request", new JsonObject());
    List<Received> errors = new ArrayList<>();
    while (errors.size() < 2) {
      Received message = front.nextPublished();
      if (message.type().equals("error")) {
        errors.add(message);
      }
    }
    assertThat(errors).extracting(Received::parent).containsExactlyInAnyOrder(one, other);
    assertThat(errors)
        .extracting(error -> error.content().get("evalue").getAsString())
        .allSatisfy(value -> assertThat(value).doesNotContain("could not be stopped"));
  }

  @Test
  void aThreadThatPrintsWhileTheKernelClosesIsNotDisturbed() throws InterruptedException {
    System.setProperty("test.prints", "yes");
    try {
      JsonObject cell =
          front.send(
              """
              var out = System.out;
              var printer = new Thread(() -> {
                try {
                  while (System.getProperty("test.prints") != null) { out.println("x"); }
                  System.setProperty("test.end", "well");
                } catch (Throwable e) {
                  System.setProperty("test.end", e.toString());
                }
              });
              printer.start();
              """,
              o -> {});
      awaitOutput(cell);
      front.endKernel();
    } finally {
      System.clearProperty("test.prints");
    }
    while (System.getProperty("test.end") == null) {
      Thread.onSpinWait();
    }
    assertThat(System.clearProperty("test.end")).isEqualTo("well");
  }

  @Test
  void aDisplayThatCannotBeLoadedIsNotedAndCostsNothingElse(@TempDir Path folder)
      throws IOException {
    Path services = Files.createDirectories(folder.resolve("META-INF/services"));
    Files.writeString(
        services.resolve("org.dlaclab.kernel.display.DisplayProvider"), "no.such.Provider\n");
    Ran added = front.succeed("%classpath " + folder);
    assertThat(added.stream("stderr")).contains("no.such.Provider");
    assertThat(front.run("6 * 7").result()).isEqualTo("42");
  }

  @Test
  void noThreadOfTheKernelIsOneOfACell() {
    front.succeed("System.out.println(\"starts what sends text\");");
    Ran ran =
        front.run(
            "for (var t : Thread.getAllStackTraces().keySet()) if (t.getThreadGroup() != null)"
                + " System.out.println(t.getName() + \" in \" + t.getThreadGroup().getName());");
    assertThat(ran.stream("stdout")).contains("cell text in ").doesNotContain("cell text in cell");
  }
}
