package org.dlaclab.kernel.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.LIST;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class InterruptTest {
  /** Far more than the second that is promised: the machine of a test may be busy. */
  private static final Duration DEADLINE = Duration.ofSeconds(15);

  private static final Session session =
      new Session(
          "import java.util.*;",
          "import java.util.concurrent.*;",
          "import java.util.concurrent.locks.*;",
          "import java.util.stream.*;",
          "int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }",
          "volatile boolean begun = false; int kept = 41;");

  @AfterAll
  static void close() {
    session.close();
  }

  /** Starts a cell, interrupts it once its code runs, and returns what it showed. */
  private static ErrorReport interrupted(String cell) throws Exception {
    CompletableFuture<Outcome> outcome = begin(cell);
    session.evaluator.interrupt();
    return error(outcome);
  }

  private static CompletableFuture<Outcome> begin(String cell) throws Exception {
    session.nothing("begun = false;");
    CompletableFuture<Outcome> outcome =
        CompletableFuture.supplyAsync(
            () -> session.run("begun = true;\n" + cell), r -> new Thread(r).start());
    until(() -> Boolean.TRUE.equals(field("begun")) && cellThread() != null);
    Thread.sleep(50); // Into the statement itself.
    return outcome;
  }

  private static ErrorReport error(CompletableFuture<Outcome> outcome) throws Exception {
    return ((Outcome.Failure) outcome.get(DEADLINE.toSeconds(), TimeUnit.SECONDS)).error();
  }

  private static Object field(String name) {
    return session.evaluator.variables().stream()
        .filter(v -> v.name().equals(name))
        .map(v -> v.value().equals("true"))
        .findFirst()
        .orElseThrow();
  }

  private static Thread cellThread() {
    return threads().stream()
        .filter(t -> t.getName().equals("cell-" + session.count()))
        .findFirst()
        .orElse(null);
  }

  private static List<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream().filter(Thread::isAlive).toList();
  }

  private static void until(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + DEADLINE.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited too long").isLessThan(end);
      Thread.sleep(10);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "while (true) {}",
        "for (long i = 0; ; i++) { double d = Math.sin(i); }",
        "Thread.sleep(1_000_000);",
        "new LinkedBlockingQueue<String>().take();",
        "Object o = new Object(); synchronized (o) { o.wait(); }",
        "new CountDownLatch(1).await();",
        "new CompletableFuture<String>().get();",
        "fib(90)",
        "while (true) { try { Thread.sleep(10); } catch (Exception e) { } }",
        "while (true) { try { Thread.sleep(10_000); } catch (InterruptedException e) { } }",
        "while (true) { try { fib(20); } catch (Throwable t) { } }",
        "for (;;) { try { throw new Exception(); } catch (Exception e) { } finally { continue; } }",
        "void r(int n) { try { r(n + 1); } finally { r(n + 1); } } r(0);",
        "IntStream.range(0, 1_000_000_000).parallel().map(i -> fib(30)).sum()",
        "Stream.iterate(1, i -> i + 1).filter(i -> i < 0).findFirst()",
        "Thread t = new Thread(() -> { while (true); }); t.start(); t.join();",
        "var pool = Executors.newFixedThreadPool(3); try { for (int i = 0; i < 3; i++) pool.submit(() -> { while (true); }); Thread.sleep(1_000_000); } finally { pool.shutdownNow(); }",
        "Object monitor = new Object(); new Thread(() -> { synchronized (monitor) { while (true); } }).start(); Thread.sleep(100); synchronized (monitor) { }",
        "class Deep { static int run() { while (true); } } Callable<Integer> c = Deep::run; c.call();",
      })
  void endsTheCellAndAllItsThreads(String cell) throws Exception {
    ErrorReport error = interrupted(cell);
    assertThat(error.name()).isEqualTo("Interrupted");
    assertThat(Session.text(error))
        .contains("Cell In [" + session.count() + "]")
        .doesNotContain("still runs");
    String name = "cell-" + session.count();
    until(() -> threads().stream().noneMatch(t -> t.getName().equals(name) || inGroup(t, name)));
    assertThat(session.value("kept + 1")).as("the session is intact").isEqualTo(42);
    assertThat(session.value("IntStream.range(0, 100).parallel().sum()")).isEqualTo(4950);
  }

  private static boolean inGroup(Thread thread, String name) {
    ThreadGroup group = thread.getThreadGroup();
    return group != null && group.getName().equals(name);
  }

  /** Such a class could not be used any more until the kernel restarts. */
  @Test
  void aClassOfALibraryThatIsBeingInitializedStaysWhole(@TempDir Path folder) throws Exception {
    Path source =
        Files.writeString(
            folder.resolve("Slow.java"),
            """
            package slow;
            public class Slow {
              public static final int VALUE;
              static {
                try {
                  Thread.sleep(300);
                  VALUE = 7;
                } catch (InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              }
            }
            """);
    ToolProvider.getSystemJavaCompiler()
        .run(null, null, null, "-d", folder.toString(), source.toString());
    session.evaluator.addToClassPath(List.of(folder));
    assertThat(interrupted("while (true) { int x = slow.Slow.VALUE; }").name())
        .isEqualTo("Interrupted");
    assertThat(session.value("slow.Slow.VALUE")).isEqualTo(7);
  }

  @Test
  void saysWhereTheCellStood() throws Exception {
    ErrorReport error = interrupted("int k = 0;\n\nThread.sleep(1_000_000);\nint never = 1;");
    assertThat(error.value()).contains("Cell In [" + session.count() + "], line 4");
    assertThat(Session.text(error)).contains("Thread.sleep(1_000_000);");
    assertThat(session.run("never")).isInstanceOf(Outcome.Failure.class);
  }

  private static final String BRIDGE = "org.dlaclab.kernel.eval.TestBridge.";

  @ParameterizedTest
  @ValueSource(strings = {"trainUntilInterrupted", "trainUntilAsked"})
  void whatAStatementReturnsAllTheSameIsKeptAndTheRestOfTheCellDoesNotRun(String train)
      throws Exception {
    session.nothing("List<Integer> trained = List.of(); int after = 0;");
    ErrorReport error =
        interrupted("var trained = " + BRIDGE + train + "();\nafter = 1;\ntrained.clear();");
    assertThat(error.name()).isEqualTo("Interrupted");
    assertThat(Session.text(error))
        .contains("Cell In [" + session.count() + "], line 2")
        .contains("trained holds what it had until then")
        .doesNotContain("still runs");
    assertThat(session.value("trained")).asInstanceOf(LIST).isNotEmpty().startsWith(0);
    assertThat(session.value("after")).isEqualTo(0);
    assertThat(session.value("IntStream.range(0, 100).parallel().map(i -> fib(5)).sum()"))
        .isEqualTo(500);
  }

  @Test
  void aResultWithoutANameIsKeptUnderTheNameThatTheErrorTells() throws Exception {
    String message = interrupted(BRIDGE + "trainUntilAsked()").value();
    Matcher name = Pattern.compile("(\\$\\d+) holds").matcher(message);
    assertThat(name.find()).as(message).isTrue();
    assertThat(session.value(name.group(1))).asInstanceOf(LIST).isNotEmpty();
  }

  @Test
  void aLoopOfTheCellEndsAfterTheWorkThatWasAsked() throws Exception {
    session.nothing("List<Object> all = new ArrayList<>();");
    interrupted("for (int i = 0; i < 100; i++) { all.add(" + BRIDGE + "trainUntilAsked()); }");
    assertThat(session.value("all.size()")).isEqualTo(1);
  }

  @Test
  void aSecondInterruptEndsWorkThatWasAskedAndDoesNotEnd() throws Exception {
    TestBridge.wasAsked = false;
    CompletableFuture<Outcome> outcome = begin(BRIDGE + "neverEndsThoughAsked();");
    session.evaluator.interrupt();
    until(() -> TestBridge.wasAsked);
    session.evaluator.interrupt(); // A second click at once is the same interrupt.
    Thread.sleep(100);
    assertThat(outcome).isNotDone();
    until(
        () -> {
          session.evaluator.interrupt();
          return outcome.isDone();
        });
    assertThat(error(outcome).name()).isEqualTo("Interrupted");
    assertThat(session.value("kept")).isEqualTo(41);
  }

  @Test
  void returnsAtOnceAndDoesNothingWhileNothingRuns() {
    long start = System.nanoTime();
    session.evaluator.interrupt();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(500));
    assertThat(session.value("kept")).isEqualTo(41);
  }

  @Test
  void threadsOfEarlierCellsLiveOn() throws Exception {
    session.nothing(
        "var server = new Thread(() -> { while (true) { try { Thread.sleep(1); } catch (InterruptedException e) { return; } } }, \"server\"); server.start();");
    interrupted("while (true) {}");
    assertThat(session.value("server.isAlive()")).isEqualTo(true);
    session.nothing("server.interrupt();");
  }

  @Test
  void aCellThatEvaluatesMoreCodeEndsWithIt() throws Exception {
    TestBridge.evaluator = session.evaluator;
    ErrorReport error =
        interrupted(
            "org.dlaclab.kernel.eval.TestBridge.evaluator.evaluate(900, \"while (true);\")");
    assertThat(error.name()).isEqualTo("Interrupted");
    until(() -> threads().stream().noneMatch(t -> t.getName().equals("cell-900")));
    assertThat(session.value("kept")).isEqualTo(41);
  }

  @Test
  void codeOfLibrariesThatCanNotBeStoppedIsLeftBehindAndNamed() throws Exception {
    ErrorReport error = interrupted("org.dlaclab.kernel.eval.TestBridge.deaf();");
    String thread = "cell-" + session.count();
    if (Session.text(error).contains("still runs")) { // JDK 20 and later can not stop it.
      assertThat(Session.text(error))
          .contains("TestBridge.deaf")
          .contains("background")
          .contains("Restart");
    } else {
      assertThat(Runtime.version().feature()).isLessThan(20);
    }
    assertThat(session.value("kept")).as("the session can be used meanwhile").isEqualTo(41);
    assertThat(session.value("IntStream.range(0, 100).parallel().map(i -> fib(5)).sum()"))
        .isEqualTo(500);
    TestBridge.released = true;
    until(() -> threads().stream().noneMatch(t -> t.getName().equals(thread)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"while (true);", BRIDGE + "neverEndsThoughAsked();"})
  void closeEndsWhatRuns(String cell) throws Exception {
    Session other = new Session();
    CompletableFuture<Outcome> outcome =
        CompletableFuture.supplyAsync(
            () -> other.evaluator.evaluate(800, cell), r -> new Thread(r).start());
    until(() -> threads().stream().anyMatch(t -> t.getName().equals("cell-800")));
    other.close();
    assertThat(outcome.get(DEADLINE.toSeconds(), TimeUnit.SECONDS))
        .isInstanceOf(Outcome.Failure.class);
    until(() -> threads().stream().noneMatch(t -> t.getName().equals("cell-800")));
  }
}
