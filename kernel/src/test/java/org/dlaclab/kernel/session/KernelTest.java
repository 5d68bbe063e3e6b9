package org.dlaclab.kernel.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.dlaclab.kernel.session.FrontEnd.Ran.data;
import static org.dlaclab.kernel.session.FrontEnd.code;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.dlaclab.kernel.protocol.Client.Received;
import org.dlaclab.kernel.session.FrontEnd.Ran;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The kernel as a front end meets it: requests in, replies and outputs out. */
@Timeout(60)
class KernelTest {
  private static FrontEnd front;

  @TempDir private Path folder;

  @BeforeAll
  static void start() {
    front = new FrontEnd(null);
  }

  @AfterAll
  static void end() {
    front.close();
  }

  private static JsonObject json(String text) {
    return JsonParser.parseString(text.replace('\'', '"')).getAsJsonObject();
  }

  // --- cells ---

  @Test
  void aCellIsBusyShowsItsInputAndItsResultAndIsIdle() {
    Ran ran = front.run("1 + 1");
    assertThat(ran.types()).containsExactly("status", "execute_input", "execute_result", "status");
    assertThat(ran.result()).isEqualTo("2");
    assertThat(ran.status()).isEqualTo("ok");
    assertThat(ran.reply().get("payload").getAsJsonArray()).isEmpty();
    int count = ran.reply().get("execution_count").getAsInt();
    for (String type : List.of("execute_input", "execute_result")) {
      assertThat(ran.all(type).get(0).content().get("execution_count").getAsInt()).isEqualTo(count);
    }
  }

  @Test
  void dateOfEveryMessageIsIsoWithSeconds() {
    for (Received message : front.run("1").published()) {
      String date = message.header().get("date").getAsString();
      assertThat(date).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d.*");
      OffsetDateTime.parse(date);
    }
  }

  @Test
  void nullShowsAndNothingDoesNot() {
    assertThat(front.run("(String) null").result()).isEqualTo("null");
    assertThat(front.run("int nothing = 1;").types()).doesNotContain("execute_result");
  }

  @Test
  void whatShowsNamesNoClassesOfJShell() {
    assertThat(front.run("class Plain {} new Plain()").result()).startsWith("Plain@");
    assertThat(front.run("new Object() { int x; }").result()).startsWith("anonymous Object@");
    assertThat(front.run("new Runnable() { public void run() {} }").result())
        .startsWith("anonymous Runnable@");
  }

  @Test
  void whatIsSilentShowsNothingAndDoesNotCount() {
    int before = front.run("0").reply().get("execution_count").getAsInt();
    Ran silent = front.run("int quiet = 7; quiet", o -> o.addProperty("silent", true));
    assertThat(silent.types()).containsExactly("status", "status");
    assertThat(silent.status()).isEqualTo("ok");
    Ran next = front.run("quiet");
    assertThat(next.result()).isEqualTo("7");
    assertThat(next.reply().get("execution_count").getAsInt()).isEqualTo(before + 1);
  }

  @Test
  void whatIsNotStoredDoesNotCount() {
    int before = front.run("0").reply().get("execution_count").getAsInt();
    assertThat(front.run("2 + 3", o -> o.addProperty("store_history", false)).result())
        .isEqualTo("5");
    assertThat(front.run("0").reply().get("execution_count").getAsInt()).isEqualTo(before + 1);
  }

  @Test
  void userExpressionsAreValuesAfterTheCellEachWithItsOwnError() {
    Ran ran =
        front.run(
            "int side = 6;",
            o -> o.add("user_expressions", json("{'area': 'side * side', 'bad': 'nosuch + 1'}")));
    JsonObject expressions = ran.reply().getAsJsonObject("user_expressions");
    JsonObject area = expressions.getAsJsonObject("area");
    assertThat(area.get("status").getAsString()).isEqualTo("ok");
    assertThat(area.getAsJsonObject("data").get("text/plain").getAsString()).isEqualTo("36");
    JsonObject bad = expressions.getAsJsonObject("bad");
    assertThat(bad.get("status").getAsString()).isEqualTo("error");
    assertThat(bad.get("ename").getAsString()).isEqualTo("CompilationError");
    assertThat(ran.status()).isEqualTo("ok");
  }

  @Test
  void anErrorIsPublishedAndReplied() {
    Ran ran = front.run("throw new IllegalStateException(\"no power\");");
    assertThat(ran.status()).isEqualTo("error");
    for (JsonObject error : List.of(ran.error(), ran.reply())) {
      assertThat(error.get("ename").getAsString()).endsWith("IllegalStateException");
      assertThat(error.get("evalue").getAsString()).contains("no power");
      assertThat(error.get("traceback").getAsJsonArray()).isNotEmpty();
    }
  }

  @Test
  void cellsThatWaitBehindAnErrorAreAborted() {
    JsonObject fails = front.send("Thread.sleep(300); throw new Error(\"stop\");", o -> {});
    JsonObject waits = front.send("int neverSet = 1;", o -> {});
    assertThat(front.await(fails).status()).isEqualTo("error");
    assertThat(front.await(waits).status()).isEqualTo("aborted");
    assertThat(front.run("neverSet").status()).isEqualTo("error");
  }

  @Test
  void cellsThatWaitRunWhereTheFrontEndSaysSo() {
    JsonObject fails =
        front.send(
            "Thread.sleep(300); throw new Error(\"go on\");",
            o -> o.addProperty("stop_on_error", false));
    JsonObject waits = front.send("1 + 2", o -> {});
    assertThat(front.await(fails).status()).isEqualTo("error");
    assertThat(front.await(waits).result()).isEqualTo("3");
  }

  // --- output ---

  @Test
  void textArrivesInTheOrderInWhichItWasPrinted() {
    Ran ran =
        front.run(
            "for (int i = 0; i < 3; i++) { System.out.print(\"o\" + i); System.err.print(\"e\" + i); } \"end\"");
    String order =
        ran.all("stream").stream()
            .map(m -> m.content().get("text").getAsString())
            .collect(Collectors.joining());
    assertThat(order).isEqualTo("o0e0o1e1o2e2");
    assertThat(ran.types().indexOf("execute_result"))
        .isGreaterThan(ran.types().lastIndexOf("stream"));
  }

  @Test
  void oneMessageHoldsManyLinesAndNoneIsLost() {
    Ran ran = front.run("for (int i = 0; i < 20_000; i++) System.out.println(\"line \" + i);");
    assertThat(ran.stream("stdout"))
        .isEqualTo(
            IntStream.range(0, 20_000)
                .mapToObj(i -> "line " + i + System.lineSeparator())
                .collect(Collectors.joining()));
    assertThat(ran.all("stream")).hasSizeLessThan(1000);
  }

  @Test
  void aCharacterWhoseBytesComeOneByOneArrivesWhole() {
    Ran ran =
        front.run(
            """
            byte[] bytes = "grüße \\uD83D\\uDE80!".getBytes(java.nio.charset.StandardCharsets.UTF_8);
            for (byte b : bytes) { System.out.write(b); System.out.flush(); Thread.sleep(15); }
            """);
    assertThat(ran.stream("stdout")).isEqualTo("grüße \uD83D\uDE80!");
  }

  @Test
  void whatAThreadPrintsLateBelongsToTheCellThatStartedIt() {
    JsonObject starts =
        front.send(
            "var gate = new java.util.concurrent.CountDownLatch(1);\n"
                + "new Thread(() -> { try { gate.await(); } catch (Exception e) {} System.out.println(\"late\"); }).start();",
            o -> {});
    front.await(starts);
    JsonObject opens = front.send("gate.countDown(); Thread.sleep(300);", o -> {});
    Received late = front.nextPublished();
    while (!late.type().equals("stream")) {
      late = front.nextPublished();
    }
    assertThat(late.content().get("text").getAsString()).contains("late");
    assertThat(late.parent()).isEqualTo(starts);
    front.await(opens);
  }

  @Test
  void aDisplayIsUpdatedByNameFromAnotherCell() {
    Ran shown = front.run("var handle = display(\"first\", \"the-name\");");
    assertThat(id(shown.all("display_data").get(0))).isEqualTo("the-name");
    Ran updated = front.run("handle.update(\"second\");");
    Received update = updated.all("update_display_data").get(0);
    assertThat(id(update)).isEqualTo("the-name");
    assertThat(data(update).get("text/plain").getAsString()).contains("second");
  }

  private static String id(Received message) {
    return message.content().getAsJsonObject("transient").get("display_id").getAsString();
  }

  @Test
  void clearingComesAfterWhatWasPrinted() {
    Ran ran = front.run("System.out.println(\"old\"); clearOutput(true);");
    assertThat(ran.types()).containsSubsequence("stream", "clear_output");
    assertThat(ran.all("clear_output").get(0).content().get("wait").getAsBoolean()).isTrue();
  }

  @Test
  void aScriptIsStoredOncePerNotebookAndAgainWhenItsCellRunsAgain() {
    String show =
        "display(org.dlaclab.kernel.display.Bundle.text(\"%s\")"
            + ".needs(new org.dlaclab.kernel.display.Script(\"lib\", () -> \"var x = '</script>'\")));";
    String first = show.formatted("first");
    assertThat(scripts(front.run(first + first)))
        .hasSize(1)
        .first()
        .asString()
        .contains("var x = '<\\/script>'");
    assertThat(scripts(front.run(show.formatted("second")))).isEmpty();
    assertThat(scripts(front.run(first + first))).hasSize(1);
  }

  private static List<String> scripts(Ran ran) {
    return ran.all("display_data").stream()
        .map(m -> data(m).has("text/html") ? data(m).get("text/html").getAsString() : "")
        .filter(html -> html.contains("<script>"))
        .toList();
  }

  // --- input ---

  @Test
  void aCellAsksForLinesAndForPasswords() {
    JsonObject cell =
        front.send(
            "input(\"name? \") + password(\"word? \") + new Scanner(System.in).nextLine()",
            o -> o.addProperty("allow_stdin", true));
    JsonObject name = front.answerNext("ada");
    assertThat(name).isEqualTo(json("{'prompt': 'name? ', 'password': false}"));
    JsonObject word = front.answerNext("secret");
    assertThat(word).isEqualTo(json("{'prompt': 'word? ', 'password': true}"));
    front.answerNext("line");
    assertThat(front.await(cell).result()).contains("adasecretline");
  }

  @Test
  void aFrontEndThatCannotAskIsAnErrorThatSaysSo() {
    Ran ran = front.run("input(\"name? \")", o -> o.addProperty("allow_stdin", false));
    assertThat(ran.reply().get("traceback").toString()).doesNotContain("org.dlaclab.kernel");
    assertThat(ran.error().get("evalue").getAsString()).contains("cannot ask for input");
  }

  @Test
  void anInterruptEndsACellThatWaitsForInput() {
    JsonObject cell = front.send("input(\"name? \")", o -> o.addProperty("allow_stdin", true));
    awaitBusy(cell);
    front.control("interrupt_request", new JsonObject());
    assertThat(front.await(cell).status()).isEqualTo("error");
    assertThat(front.run("6 * 7").result()).isEqualTo("42");
  }

  /** Waits until the code of a cell is under way. */
  private static void awaitBusy(JsonObject cell) {
    Received message = front.nextPublished();
    while (!message.type().equals("execute_input") || !message.parent().equals(cell)) {
      message = front.nextPublished();
    }
  }

  // --- questions ---

  @Test
  void theKernelSaysWhatItIs() {
    JsonObject info = front.reply("kernel_info_request", new JsonObject());
    assertThat(info.get("status").getAsString()).isEqualTo("ok");
    assertThat(info.get("protocol_version").getAsString()).isEqualTo("5.4");
    assertThat(info.getAsJsonObject("language_info").get("name").getAsString()).isEqualTo("java");
    assertThat(info.getAsJsonObject("language_info").get("version").getAsString())
        .isEqualTo(System.getProperty("java.version"));
    assertThat(info.getAsJsonArray("supported_features").toString()).contains("kernel subshells");
  }

  @Test
  void questionsAreAnsweredWhileACellRunsAndTheKernelStaysBusy() {
    front.run("String known = \"x\";");
    JsonObject cell = front.send("Thread.sleep(60_000);", o -> {});
    awaitBusy(cell);
    JsonObject question = front.ask("complete_request", code("known.toUpp"));
    assertThat(front.replyTo(question).getAsJsonArray("matches").toString())
        .contains("toUpperCase");
    front.published(question);
    Received status = front.nextPublished();
    assertThat(status.parent()).isEqualTo(cell);
    assertThat(status.content()).isEqualTo(json("{'execution_state': 'busy'}"));
    front.control("interrupt_request", new JsonObject());
    assertThat(front.await(cell).error().get("ename").getAsString()).isEqualTo("Interrupted");
  }

  @Test
  void positionsCountCodePoints() {
    String code = "String rocket = \"\uD83D\uDE80\"; rocket.toUpp";
    JsonObject found = front.reply("complete_request", code(code));
    int end = code.codePointCount(0, code.length());
    assertThat(found.get("cursor_end").getAsInt()).isEqualTo(end);
    assertThat(found.get("cursor_start").getAsInt()).isEqualTo(end - "toUpp".length());
  }

  @Test
  void completionsTellTypeAndSignature() {
    JsonObject found = front.reply("complete_request", code("\"abc\".charA"));
    assertThat(found.getAsJsonArray("matches").toString()).contains("charAt");
    JsonObject item =
        found
            .getAsJsonObject("metadata")
            .getAsJsonArray("_jupyter_types_experimental")
            .get(0)
            .getAsJsonObject();
    assertThat(item.get("type").getAsString()).isEqualTo("function");
    assertThat(item.get("signature").getAsString()).contains("int");
  }

  @Test
  void inspectionFindsTheNameBeforeTheCursor() {
    JsonObject found = front.reply("inspect_request", code("Math.abs"));
    assertThat(found.get("found").getAsBoolean()).isTrue();
    assertThat(found.getAsJsonObject("data").get("text/plain").getAsString()).contains("abs(");
    assertThat(front.reply("inspect_request", code("")).get("found").getAsBoolean()).isFalse();
  }

  @Test
  void aQuestionMarkOpensThePager() {
    JsonObject page =
        front.run("Math.abs?").reply().getAsJsonArray("payload").get(0).getAsJsonObject();
    assertThat(page.get("source").getAsString()).isEqualTo("page");
    assertThat(page.getAsJsonObject("data").get("text/plain").getAsString()).contains("abs(");
  }

  @Test
  void codeIsCompleteIncompleteOrInvalid() {
    assertThat(completeness("int x = 1;")).isEqualTo("complete");
    assertThat(completeness("for (int i = 0; i < 3; i++) {")).isEqualTo("incomplete");
    assertThat(completeness("int 3x = ;")).isEqualTo("invalid");
  }

  private static String completeness(String code) {
    return front.reply("is_complete_request", code(code)).get("status").getAsString();
  }

  @Test
  void whatIsUnknownIsNotAnsweredAndHurtsNothing() {
    front.ask("no_such_request", new JsonObject());
    assertThat(front.run("\"still \" + \"here\"").result()).contains("still here");
  }

  // --- history ---

  @Test
  void historyOutlivesTheKernel() throws Exception {
    Path file = folder.resolve("deep/history.jsonl");
    // One kernel in a JVM at a time: the shared one gives way.
    end();
    try {
      try (FrontEnd first = new FrontEnd(file)) {
        first.run("int a = 1;");
        first.run("int b = 2;\nb", o -> o.addProperty("store_history", true));
        first.run("int hidden = 3;", o -> o.addProperty("store_history", false));
        assertThat(first.history(json("{'hist_access_type': 'tail', 'n': 5}")))
            .containsExactly("int a = 1;", "int b = 2;\nb");
      }
      Files.writeString(
          file, Files.readString(file) + "{\"session\": 1, \"li"); // as if it had been cut off
      try (FrontEnd second = new FrontEnd(file)) {
        second.run("int c = 3;");
        assertThat(second.history(json("{'hist_access_type': 'tail', 'n': 2}")))
            .hasSize(2)
            .first()
            .isEqualTo("int b = 2;\nb");
        assertThat(
                second.history(
                    json("{'hist_access_type': 'range', 'session': -1, 'start': 1, 'stop': 2}")))
            .containsExactly("int a = 1;");
        assertThat(second.history(json("{'hist_access_type': 'search', 'pattern': '*b = ?;*'}")))
            .containsExactly("int b = 2;\nb");
      }
    } finally {
      start();
    }
  }

  @Test
  void historyTellsOutputsWhenAsked() {
    front.run("40 + 2");
    JsonObject reply =
        front.reply(
            "history_request", json("{'hist_access_type': 'tail', 'n': 1, 'output': true}"));
    assertThat(reply.getAsJsonArray("history").get(0).getAsJsonArray().get(2).toString())
        .isEqualTo("[\"40 + 2\",\"42\"]");
  }

  // --- comms, subshells, the end ---

  @Test
  void aCommToNobodyIsClosedAgain() {
    JsonObject opens =
        front.ask("comm_open", json("{'comm_id': 'c1', 'target_name': 'nobody', 'data': {}}"));
    assertThat(front.published(opens))
        .filteredOn(m -> m.type().equals("comm_close"))
        .singleElement()
        .satisfies(m -> assertThat(m.content().get("comm_id").getAsString()).isEqualTo("c1"));
  }

  /** JJava's base class has ways of its own for some types; it must not read or fetch a value. */
  @Test
  void picturesStreamsAndUrlsShowTheKernelsWay() {
    assertThat(
            front
                .run(
                    "new java.awt.image.BufferedImage(4, 3, java.awt.image.BufferedImage.TYPE_INT_RGB)")
                .result())
        .isEqualTo("BufferedImage 4 x 3");
    front.succeed("var bytes = new ByteArrayInputStream(new byte[] {7});");
    assertThat(front.run("bytes").result()).startsWith("java.io.ByteArrayInputStream@");
    assertThat(front.run("bytes.read()").result()).isEqualTo("7");
    assertThat(front.run("new URL(\"http://127.0.0.1:1/\")").result())
        .isEqualTo("http://127.0.0.1:1/");
  }

  @Test
  void aCommTalksInBothDirections() {
    front.succeed(
        """
        import org.dflib.jjava.jupyter.kernel.BaseKernel;
        import org.dflib.jjava.jupyter.kernel.comm.*;
        import org.dflib.jjava.jupyter.messages.Message;
        import org.dflib.jjava.jupyter.messages.comm.*;
        import com.google.gson.JsonObject;
        class Echo extends Comm {
          Echo(CommManager m, String id, String target) { super(m, id, target); }
          protected void onMessage(Message<CommMsgCommand> message) { send(message.getContent().getData()); }
          protected void onClose(Message<CommCloseCommand> message, boolean sending) { System.out.println("closed"); }
        }
        BaseKernel.notebookKernel().getCommManager().registerTarget("echo", (m, id, target, message) -> new Echo(m, id, target));
        """);
    front.published(
        front.ask("comm_open", json("{'comm_id': 'c2', 'target_name': 'echo', 'data': {}}")));
    assertThat(
            front
                .reply("comm_info_request", json("{'target_name': 'echo'}"))
                .getAsJsonObject("comms")
                .toString())
        .contains("c2");
    JsonObject says = front.ask("comm_msg", json("{'comm_id': 'c2', 'data': {'x': 1}}"));
    assertThat(front.published(says))
        .filteredOn(m -> m.type().equals("comm_msg"))
        .singleElement()
        .satisfies(m -> assertThat(m.content().get("data")).isEqualTo(json("{'x': 1}")));
    front.published(front.ask("comm_close", json("{'comm_id': 'c2', 'data': {}}")));
    assertThat(front.reply("comm_info_request", new JsonObject()).getAsJsonObject("comms").size())
        .isZero();
  }

  @Test
  void aSubshellRunsCellsWhileTheShellIsBusy() {
    String id =
        front.control("create_subshell_request", new JsonObject()).get("subshell_id").getAsString();
    assertThat(front.control("list_subshell_request", new JsonObject()).toString()).contains(id);
    JsonObject busy = front.send("Thread.sleep(60_000);", o -> {});
    awaitBusy(busy);
    JsonObject quick = front.ask(id, "execute_request", code("1 + 41"));
    assertThat(front.replyTo(quick).get("status").getAsString()).isEqualTo("ok");
    front.control("interrupt_request", new JsonObject());
    front.await(busy);
    assertThat(
            front
                .control("delete_subshell_request", json("{'subshell_id': '" + id + "'}"))
                .get("status")
                .getAsString())
        .isEqualTo("ok");
    JsonObject late = front.ask(id, "execute_request", code("1"));
    assertThat(front.replyTo(late).get("ename").getAsString()).isEqualTo("NoSuchSubshell");
  }

  @Test
  void shutdownIsRepliedAndEndsTheKernel() {
    end();
    try (FrontEnd other = new FrontEnd(null)) {
      JsonObject reply = other.control("shutdown_request", json("{'restart': true}"));
      assertThat(reply).isEqualTo(json("{'status': 'ok', 'restart': true}"));
      org.assertj.core.api.Assertions.assertThatCode(
              () -> {
                while (!other.hasEnded()) {
                  Thread.sleep(5);
                }
              })
          .doesNotThrowAnyException();
    } finally {
      start();
    }
  }
}
