package org.dlaclab.kernel.magic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipEntry;
import javax.tools.ToolProvider;
import org.dlaclab.kernel.eval.Completions;
import org.dlaclab.kernel.eval.ErrorReport;
import org.dlaclab.kernel.eval.Outcome;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What magics do, on the real evaluator. */
@Timeout(60)
class MagicsTest {
  @TempDir Path folder;
  private Lab lab;

  @BeforeEach
  void start() {
    lab = new Lab();
  }

  @AfterEach
  void end() {
    lab.close();
  }

  @Test
  void javaAndMagicsRunInTheOrderTheyStand() {
    assertThat(lab.value("int x = 1;\n%time x = 20;\nint y = x + 1;\n%time x = 30;\nx + y"))
        .isEqualTo(51);
    assertThat(lab.value("1 + 1")).isEqualTo(2);
  }

  @Test
  void errorsBelowAMagicTellTheTrueLine() {
    ErrorReport error = lab.error("%env A=1\n\nint x = nothing;");
    assertThat(error.name()).isEqualTo("CompilationError");
    assertThat(String.join("\n", error.traceback())).contains("line 3").contains("nothing");
  }

  @Test
  void theFirstFailureEndsTheCell() {
    lab.ok("int x = 1;");
    lab.error("%nothing\nx = 2;");
    assertThat(lab.value("x")).isEqualTo(1);
    lab.error("int a = 1 / 0;\n%time x = 3;");
    assertThat(lab.value("x")).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"%whp|%who", "%tiemit 1|%timeit", "%%bsh\nls|%%bash", "%mavn a:b:1|%maven"})
  void anUnknownMagicIsAnErrorWithTheNearestName(String example) {
    String[] parts = example.split("\\|", 2);
    ErrorReport error = lab.error(parts[0]);
    assertThat(error.name()).isEqualTo("MagicError");
    assertThat(error.value()).contains("there is no magic").contains("try:      " + parts[1]);
    assertThat(error.traceback().get(1)).contains("In [3], line 1");
  }

  @Test
  void aMagicIsNoValue() {
    assertThat(lab.error("int a = 1;\nvar x = %time a;").value())
        .contains("%time has no value")
        .contains("%time var x");
    assertThat(lab.evaluator.variables()).isEmpty();
  }

  @Test
  void aMagicBehindAnIncompleteStatementGetsAHint() {
    String text = String.join("\n", lab.error("int x = 5\n%who").traceback());
    assertThat(text).contains("Line 2: %who was read as a remainder").contains("semicolon");
  }

  @Test
  void magicsAreRefusedWhereTheyCannotWork() {
    assertThat(lab.error("int x = 1;\n%%bash\nls").value()).contains("stands below other code");
    assertThat(lab.error("%bash ls").value()).contains("%%bash with two percent signs");
    assertThat(lab.error("%%who\nx").value()).contains("%who with one percent sign");
    assertThat(lab.error("%").value()).contains("without a name");
  }

  @ParameterizedTest
  @ValueSource(strings = {"%maven?", "%maven --help", "%maven ?", "%%bash?"})
  void aQuestionMarkShowsHelp(String call) {
    lab.ok(call);
    assertThat(lab.lastShown()).contains("Example:");
  }

  @Test
  void wrongArgumentsTellWhatIsExpected() {
    assertThat(lab.error("%maven").value()).contains("group:artifact").contains("%maven org.");
    assertThat(lab.error("%maven commons-math3").value()).contains("commons-math3 is not the name");
    assertThat(lab.error("%maven --ofline a:b:1").value()).contains("no option --ofline");
    assertThat(lab.error("%timeit -n many 1").value()).contains("-n many").contains("whole number");
    assertThat(lab.error("%timeit -r 0 1").value()).contains("-r 0").contains("from 1");
    assertThat(lab.error("%time").value()).contains("no code to run");
    assertThat(lab.error("%load").value()).contains("no file to load");
    assertThat(lab.error("%load 'setup.jsh").value()).contains("has no end");
    assertThat(lab.error("%reset x").value()).contains("x");
  }

  @Test
  void lsmagicListsAllWithASummaryAndThoseOfLibraries() {
    lab.registry.registerLineMagic("frame", (kernel, args) -> "frame " + args);
    lab.registry.registerCellMagic("sql", (kernel, args, body) -> args + body);
    lab.ok("%lsmagic");
    assertThat(lab.lastShown().lines().map(line -> line.split(" ", 2)[0].replace(",", "")).toList())
        .contains(
            "%lsmagic",
            "%classpath",
            "%jars",
            "%maven",
            "%time",
            "%timeit",
            "%who",
            "%reset",
            "%load",
            "%%bash",
            "%env",
            "%javasrc",
            "%frame",
            "%%sql");
    assertThat(lab.lastShown()).contains("%time, %%time");
  }

  @Test
  void magicsOfLibrariesRun() {
    lab.registry.registerLineMagic("frame", (kernel, args) -> "frame " + args);
    lab.registry.registerCellMagic("sql", (kernel, args, body) -> args + body);
    lab.registry.registerLineMagic(
        "fails",
        (kernel, args) -> {
          throw new IllegalStateException("no table");
        });
    assertThat(lab.value("%frame a 'b c'")).isEqualTo("frame [a, b c]");
    assertThat(lab.value("%%sql x\nselect 1")).isEqualTo("[x]select 1");
    ErrorReport error = lab.error("%fails");
    assertThat(error.name()).isEqualTo("java.lang.IllegalStateException");
    assertThat(error.value()).isEqualTo("no table");
  }

  @Test
  void timeGivesTheValueAndWhatItTook() {
    assertThat(lab.value("%time 40 + 2")).isEqualTo(42);
    assertThat(lab.printed()).matches("(?s)Wall [\\d.]+ (ns|µs|ms) · CPU .* · GC .*");
    lab.ok("%time var list = new ArrayList<Integer>();");
    assertThat(lab.value("list.size()")).isEqualTo(0);
  }

  @Test
  void timeMeasuresWithoutCompiling() {
    lab.ok("%time Thread.sleep(60)");
    String text = lab.printed();
    double wall = Double.parseDouble(text.replaceAll("(?s)Wall ([\\d.]+) ms .*", "$1"));
    assertThat(wall).isGreaterThanOrEqualTo(60); // Compiling alone is not counted at all.
    lab.ok("%time byte[] b = new byte[8_000_000];");
    double allocated =
        Double.parseDouble(lab.printed().replaceAll("(?s).*allocated ([\\d.]+) MiB.*", "$1"));
    assertThat(allocated).isBetween(7.6, 7.8);
  }

  @Test
  void timeOfACellRunsAllOfIt() {
    assertThat(lab.value("%%time\nint x = 4;\n\nint square() { return x * x; }\nsquare()"))
        .isEqualTo(16);
    assertThat(lab.printed()).startsWith("Wall");
    String error = String.join("\n", lab.error("%%time\n\nint y = nothing;").traceback());
    assertThat(error).contains("line 3");
    assertThat(lab.printed()).isEmpty();
  }

  @Test
  void timeitMeasuresAnExpressionOrAStatement() {
    lab.ok("int calls = 0;\nvoid call() { calls++; }\nint value() { return ++calls; }");
    lab.ok("%timeit -n 10 -r 3 call()");
    assertThat(lab.printed())
        .matches("(?s).* median, .* best, .* worst; 3 runs of 10 loops .*JMH.*");
    int calls = (int) lab.value("calls");
    assertThat(calls).isGreaterThanOrEqualTo(30);
    assertThat(calls % 10).isZero();
    lab.ok("%timeit -n 1 -r 1 value();");
    assertThat((int) lab.value("calls")).isGreaterThan(calls);
    lab.ok("%timeit -n 2 -r 1 for (int i = 0; i < 3; i++) call();");
    assertThat(lab.evaluator.variables()).hasSize(1);
  }

  @Test
  void timeitIsTrueToWhatTakesLong() {
    lab.ok("%timeit -r 2 Thread.sleep(20)");
    double median = Double.parseDouble(lab.printed().replaceAll("(?s)([\\d.]+) ms median.*", "$1"));
    assertThat(median).isGreaterThanOrEqualTo(20.0);
  }

  @Test
  void timeitShowsErrorsOfTheUsersOwnCode() {
    ErrorReport error = lab.error("int x = 1;\n%timeit nothing()");
    assertThat(error.name()).isEqualTo("CompilationError");
    assertThat(String.join("\n", error.traceback())).contains("line 2").doesNotContain("Benchmark");
    ErrorReport thrown = lab.error("%timeit Integer.parseInt(\"x\")");
    assertThat(thrown.name()).isEqualTo("java.lang.NumberFormatException");
    assertThat(String.join("\n", thrown.traceback()))
        .contains("%timeit Integer.parseInt")
        .doesNotContain("Benchmark")
        .doesNotContain("$$");
    assertThat(lab.error("%timeit import java.net.*;").value()).contains("cannot be repeated");
  }

  @Test
  void anInterruptEndsTimeit() throws Exception {
    CompletableFuture<ErrorReport> error =
        CompletableFuture.supplyAsync(
            () -> lab.error("%timeit -r 10000 while (true) {}\n%env X=1"));
    interruptUntil(error);
    assertThat(error.get().name()).isEqualTo("Interrupted");
  }

  /** The session interrupts both; again, should the first come before the start. */
  private void interruptUntil(CompletableFuture<?> ended) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!ended.isDone() && System.nanoTime() < deadline) {
      lab.magics.interrupt();
      lab.evaluator.interrupt();
      try {
        ended.get(500, TimeUnit.MILLISECONDS);
      } catch (java.util.concurrent.TimeoutException e) {
        // Again.
      }
    }
    assertThat(ended).isDone();
  }

  @Test
  void whoListsVariablesByType() {
    lab.ok("%who");
    assertThat(lab.lastShown()).contains("There are no variables");
    lab.ok("int answer = 42;\nvar names = List.of(\"a\");");
    lab.ok("%who");
    assertThat(lab.lastShown()).contains("answer").contains("int").contains("42").contains("names");
    lab.ok("%who List");
    assertThat(lab.lastShown()).contains("names").doesNotContain("answer");
    lab.ok("%who double");
    assertThat(lab.lastShown()).contains("No variable has the type double");
  }

  @Test
  void resetForgetsAndSaysSo() {
    lab.ok("int a = 1;\nvoid f() {}");
    lab.ok("%reset -f");
    assertThat(lab.printed()).contains("2 declarations").contains("1 variable ");
    assertThat(lab.error("a").name()).isEqualTo("CompilationError");
    assertThat(lab.value("new ArrayList<String>().size()")).isEqualTo(0);
  }

  @Test
  void loadRunsAScriptWithItsMagicsAndEndsWhereItExits() throws IOException {
    Files.writeString(folder.resolve("more.jsh"), "int more = 5;\n");
    Path script =
        Files.writeString(
            folder.resolve("set up.jsh"),
            "/set feedback silent\nint a = 4;\n%env FROM=script\n/open more.jsh\nint b = a + more;\n"
                + "/exit\nthis is not Java");
    lab.ok("%load '" + script + "'");
    assertThat(lab.value("b")).isEqualTo(9);
    assertThat(lab.printed()).contains("FROM=script");
  }

  @Test
  void errorsOfALoadedFileNameItAndItsLine() throws IOException {
    Path script = Files.writeString(folder.resolve("bad.jsh"), "int a = 1;\n\nint b = a / 0;\n");
    String text = String.join("\n", lab.error("%load " + script).traceback());
    assertThat(text).contains("bad.jsh:3").doesNotContain("In [3]");
    Files.writeString(script, "int a = 1;\nint b = nothing;\n");
    assertThat(String.join("\n", lab.error("%load " + script).traceback())).contains("bad.jsh:2");
    Files.writeString(script, "int a = 1;\n/env -class-path x\n");
    assertThat(lab.error("%load " + script).value()).contains("bad.jsh:2").contains("%classpath");
    Files.writeString(script, "%load " + script);
    assertThat(lab.error("%load " + script).value()).contains("loads itself");
    assertThat(lab.error("%load " + folder.resolve("bda.jsh")).value())
        .contains("there is no file")
        .contains("bad.jsh");
  }

  @Test
  void loadRunsTheCodeCellsOfANotebook() throws IOException {
    Path notebook =
        Files.writeString(
            folder.resolve("n.ipynb"),
            """
            {"metadata": {"kernelspec": {"language": "java", "name": "x", "display_name": "x"}},
             "nbformat": 4, "nbformat_minor": 5, "cells": [
              {"cell_type": "markdown", "metadata": {}, "source": ["# not Java"]},
              {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": null,
               "source": ["int a = 1;\\n", "int b = 2;"]},
              {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": null,
               "source": "a + b"}]}
            """);
    assertThat(lab.value("%load " + notebook)).isEqualTo(3);
    Files.writeString(notebook, Files.readString(notebook).replace("\"java\"", "\"python\""));
    assertThat(lab.error("%load " + notebook).value()).contains("notebook in python");
    Files.writeString(notebook, "{");
    assertThat(lab.error("%load " + notebook).value()).contains("is not a notebook");
  }

  private void needsBash() {
    assumeThat(Files.isExecutable(Path.of("/bin/bash"))).isTrue();
  }

  @Test
  void bashGetsScriptArgumentsAndEnvironment() {
    needsBash();
    lab.ok("%env GREETING=grüß");
    lab.printed();
    lab.ok("%%bash one 'two three'\necho \"$GREETING $1 $2\" # %no\necho wrong >&2\ncat\n");
    assertThat(lab.printed()).isEqualTo("grüß one two three\n");
    assertThat(lab.printedErrors()).isEqualTo("wrong\n");
  }

  @Test
  void aScriptThatFailsIsAnErrorWithItsCode() {
    needsBash();
    assertThat(lab.error("%%bash\necho before\nexit 7").value())
        .isEqualTo("bash ended with code 7");
    assertThat(lab.printed()).isEqualTo("before\n");
    assertThat(lab.error("%%bash\nnosuchcommand").value()).contains("127").contains("not found");
  }

  @Test
  void withoutBashThereIsAClearError() {
    lab.ok("%env PATH=" + folder);
    assertThat(lab.error("%%bash\nls").value())
        .contains("no bash on this machine")
        .contains("PATH");
  }

  @Test
  void outputOfBashComesWhileItRuns() throws Exception {
    needsBash();
    Path gate = folder.resolve("gate");
    CompletableFuture<Outcome> end =
        CompletableFuture.supplyAsync(
            () -> lab.run("%%bash\necho first\nuntil [ -e " + gate + " ]; do sleep 0.05; done"));
    awaitThat(() -> lab.printed().contains("first"));
    assertThat(end).isNotDone();
    Files.createFile(gate);
    assertThat(end.get(10, TimeUnit.SECONDS)).isInstanceOf(Outcome.Nothing.class);
  }

  @Test
  void anInterruptEndsAllProcessesOfAScript() throws Exception {
    needsBash();
    Path pids = folder.resolve("pids");
    CompletableFuture<ErrorReport> error =
        CompletableFuture.supplyAsync(
            () ->
                lab.error(
                    "%%bash\n(sleep 300 & echo $! >> "
                        + pids
                        + ")\nsleep 300 &\necho $! >> "
                        + pids
                        + "\necho $$ >> "
                        + pids
                        + "\nsleep 300 | cat"));
    awaitThat(() -> Files.exists(pids) && Files.readAllLines(pids).size() == 3);
    lab.magics.interrupt();
    assertThat(error.get(10, TimeUnit.SECONDS).name()).isEqualTo("Interrupted");
    for (String pid : Files.readAllLines(pids)) {
      awaitThat(() -> ended(Long.parseLong(pid)));
    }
  }

  /** A process that init has not collected yet counts as ended. */
  private static boolean ended(long pid) throws IOException {
    Path status = Path.of("/proc/" + pid + "/status");
    if (Files.exists(status)) {
      try {
        return Files.readString(status).contains("State:\tZ");
      } catch (IOException e) {
        return true;
      }
    }
    return ProcessHandle.of(pid).isEmpty();
  }

  private interface Condition {
    boolean holds() throws Exception;
  }

  private static void awaitThat(Condition condition) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.holds()) {
      assertThat(System.nanoTime()).as("deadline").isLessThan(deadline);
      Thread.sleep(10);
    }
  }

  @Test
  void aProcessInTheBackgroundDoesNotHoldTheCell() throws Exception {
    needsBash();
    long start = System.nanoTime();
    lab.ok("%%bash\nsleep 30 &\necho $!");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
    ProcessHandle.of(Long.parseLong(lab.printed().strip()))
        .ifPresent(ProcessHandle::destroyForcibly);
  }

  @Test
  void envShowsSetsAndHidesSecretsInItsList() {
    lab.ok("%env MY_TOKEN=hush\n%env A \"b c\"");
    assertThat(lab.value("%env A")).isEqualTo("b c");
    lab.ok("%env");
    assertThat(lab.lastShown()).contains("MY_TOKEN").doesNotContain("hush").contains("b c");
    assertThat(lab.error("%env MY_TOKN").value()).contains("%env MY_TOKEN");
    assertThat(lab.error("%env A B C").value()).contains("quotes");
  }

  @Test
  void javasrcIsAFileThatCompiles() throws IOException {
    lab.ok(
        """
        import java.util.concurrent.atomic.*;
        int a = 5;
        var list = new ArrayList<Map<String, Integer>>();
        sealed interface Shape permits Circle, Square {}
        record Circle(double r) implements Shape {}
        record Square(double a) implements Shape {}
        enum Colour { RED, GREEN }
        class Box<T> { T value; }
        /** Twice. */
        int twice(int x) { int y = x * 2; return y; }
        static <T extends Comparable<T>> T max(T x, T y) { return x.compareTo(y) > 0 ? x : y; }
        final AtomicInteger count = new AtomicInteger();
        String text = "a = { };";
        int[] squares = {1, 4, 9};
        Runnable later = () -> { twice(1); };
        """);
    Path file = folder.resolve("Lab.java");
    lab.ok("%javasrc " + file);
    assertThat(lab.printed()).contains("Wrote").contains("Lab.java");
    int code =
        ToolProvider.getSystemJavaCompiler()
            .run(null, System.out, System.out, "-d", folder.toString(), file.toString());
    assertThat(code).as(Files.readString(file) + lab.printed()).isZero();
    lab.ok("%javasrc");
    assertThat(lab.printed())
        .contains("public class Notebook {")
        .contains("import java.util.*;", "static int twice(int x) { int y = x * 2; return y; }\n");
    assertThat(lab.error("%javasrc a-b.java").value()).contains("cannot hold a class");
  }

  @Test
  void jarsOnTheClassPathCanBeUsedAndAreNotAddedTwice() throws IOException {
    Path jar = jar("one");
    lab.ok("%jars " + folder + "/*.jar\nvar x = new one.Thing();");
    assertThat(lab.printed()).contains("Added").contains("one.jar");
    assertThat(lab.newClasses).isEqualTo(1);
    lab.ok("%jars " + jar);
    assertThat(lab.printed()).contains("1 was on the class path already").doesNotContain("Added");
    assertThat(lab.newClasses).isEqualTo(1);
    lab.ok("%classpath");
    assertThat(lab.lastShown()).contains("one.jar").contains("%jars");
    lab.ok("%classpath " + folder);
    assertThat(lab.printed()).contains("Added");
    assertThat(lab.error("%jars " + folder + "/no*.jar").value()).contains("nothing is named");
  }

  private Path jar(String name) throws IOException {
    Path source = Files.createDirectories(folder.resolve("src")).resolve("Thing.java");
    Files.writeString(source, "package " + name + "; public class Thing {}");
    Path classes = folder.resolve("classes");
    assertThat(
            ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, "-d", classes.toString(), source.toString()))
        .isZero();
    Path jar = folder.resolve(name + ".jar");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
      out.putNextEntry(new ZipEntry(name + "/Thing.class"));
      Files.copy(classes.resolve(name).resolve("Thing.class"), out);
    }
    return jar;
  }

  private List<String> completed(String textWithBar) {
    int cursor = textWithBar.indexOf('|');
    return lab.magics.complete(textWithBar.replace("|", ""), cursor).orElseThrow().items().stream()
        .map(Completions.Item::text)
        .toList();
  }

  @Test
  void completionKnowsNamesOptionsAndFiles() throws IOException {
    assertThat(completed("%ti|")).containsExactly("%time", "%%time", "%timeit");
    assertThat(completed("int x = 1;\n%ti|")).containsExactly("%time", "%timeit");
    assertThat(completed("%%ti|\nx")).containsExactly("%%time");
    assertThat(completed("%|")).contains("%who", "%%bash");
    assertThat(completed("%maven --o|")).containsExactly("--offline");
    Files.createFile(folder.resolve("setup.jsh"));
    Files.createFile(folder.resolve("a b.jsh"));
    assertThat(completed("%load " + folder + "/s|")).containsExactly(folder + "/setup.jsh");
    assertThat(completed("%load " + folder + "/a|")).containsExactly("\"" + folder + "/a b.jsh\"");
    assertThat(completed("%%bash\nec|")).isEmpty();
    Completions completions = lab.magics.complete("  %wh x", 5).orElseThrow();
    assertThat(completions.start()).isEqualTo(2);
    assertThat(completions.end()).isEqualTo(5);
  }

  @Test
  void inJavaCodeTheEvaluatorCompletes() {
    for (String cell :
        List.of("int x = 1;|", "%time Math.|", "%%time\nMath.|", "a\n%b|", "%who\nMath.|")) {
      int cursor = cell.indexOf('|');
      assertThat(lab.magics.complete(cell.replace("|", ""), cursor)).as(cell).isEmpty();
      assertThat(lab.magics.inspect(cell.replace("|", ""), cursor)).as(cell).isEmpty();
    }
  }

  @Test
  void theCellAsJavaHasNoMagicsAndEverythingElseInPlace() {
    assertThat(lab.magics.java("int x = 1;\n%who int\nx")).isEqualTo("int x = 1;\n        \nx");
    assertThat(lab.magics.java("%time f()\n%timeit -n 3 g()"))
        .isEqualTo(";     f()\n;            g()");
    assertThat(lab.magics.java("%%time\nf();\n%who\ng()")).isEqualTo(";     \nf();\n    \ng()");
    assertThat(lab.magics.java("%%bash\nls -l")).isEqualTo("      \n     ");
    assertThat(lab.magics.java("a\n%b")).isEqualTo("a\n%b");
  }

  @Test
  void inspectionShowsHelp() {
    assertThat(lab.magics.inspect("%maven a:b", 3).orElseThrow().text()).contains("--offline");
    assertThat(lab.magics.inspect("%maven a:b", 0).orElseThrow().markdown())
        .contains("**`%maven`**");
    assertThat(lab.magics.inspect("%nothing", 3)).isEmpty();
  }
}
