package org.dlaclab.kernel.eval;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ErrorsTest {
  private static final Session session =
      new Session(
          "import java.util.*;",
          "import java.util.stream.*;",
          "import static java.lang.Math.*;",
          "int counter = 1;",
          "int ran = 0;",
          "double average(double... values) { return DoubleStream.of(values).average().orElse(0); }");

  @AfterAll
  static void close() {
    session.close();
  }

  /** What a cell shows when it does not compile. */
  private static String rejected(String cell) {
    ErrorReport error = session.error(cell);
    assertThat(error.name()).isEqualTo("CompilationError");
    assertThat(error.value()).doesNotContain("JShell$", "REPL");
    return Session.text(error);
  }

  @Test
  void compileErrorShowsCellLineColumnSourceAndCaret() {
    String text = rejected("int a = 1;\n  int b = countr + 2;");
    assertThat(text)
        .isEqualTo(
            """
            CompilationError: cannot find symbol: variable countr
              Cell In [%d], line 2:11
                    2   int b = countr + 2;
                                ^^^^^^
              hint: did you mean counter?"""
                .formatted(session.count()));
  }

  @Test
  void placesBehindARecordsConstructorAreTrue() {
    assertThat(rejected("record P(int x) { P { int y = \"a\"; } int z() { return \"b\"; } }"))
        .contains("line 1:31", "line 1:55");
  }

  @Test
  void allErrorsOfTheStatementAreShown() {
    assertThat(rejected("void two() {\n  int i = \"a\";\n  double d = 1 + true;\n}"))
        .contains("line 2:11", "line 3:14");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"abc\".lenght() | did you mean length?",
        "averge(1.0) | did you mean average?",
        "Strng s; | did you mean String?",
        "sqroot(2.0) | did you mean sqrt?",
        "System.out.printn(1) | println",
        "void slip() { System.out.printn(1); } | println",
        "int slip2() { return countr; } | did you mean counter?",
        "ExecutorService e = null; | import java.util.concurrent.ExecutorService;",
        "Files.list(null) | import java.nio.file.Files;",
        "sealed interface Open {} | permits A, B",
        "DateTimeFormatter f = null; | import java.time.format.DateTimeFormatter;",
        "BufferedImage i = null; | import java.awt.image.BufferedImage;",
        "void imp() { Path p; } | import java.nio.file.Path;",
        "int i = 3.5; | (int) 3.5",
        "int i = 1 + 2.5; | (int) (1 + 2.5)",
        "int i = \"3\"; | Integer.parseInt(\"3\")",
        "String s = counter; | String.valueOf(counter)",
        "Object o = 1; Integer n = o; | (Integer) o",
        "int f() { if (counter > 0) return 1; } | each way through the method must end with return",
        "privte int x = 3; | did you mean private?",
        "char c = 'ab'; | ' is for one character",
        "String s = \"abc; | close the text with \"",
      })
  void frequentErrorsComeWithAHint(String cell, String hint) {
    assertThat(rejected(cell).lines().filter(l -> l.contains("hint:")).toList())
        .anySatisfy(l -> assertThat(l).contains(hint));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "int a = 5\nint b = 6",
        "System.out.println(1)\nSystem.out.println(2)",
        "counter\ncounter",
        "counter = 3\ncounter++",
      })
  void aMissingSemicolonIsNamed(String cell) {
    assertThat(rejected(cell)).contains("is a ; missing at the end of line 1?");
    assertThat(session.value("counter")).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "void f() {\\n  if (true) {\\n    int x;\\n  } | line 1:10 | this { is never closed",
        "Math.max(1, 2 | line 1:9 | this ( is never closed",
        "int[] a = new int[3; | line 1:18 | this [ is never closed",
        "/* open | line 1:1 | this comment is never closed",
        "int x = 1 +; | line 1:12 | illegal start of expression",
      })
  void unfinishedCodeIsShownWhereItBegins(String cell, String place, String words) {
    assertThat(rejected(cell.replace("\\n", "\n"))).contains(place, words);
  }

  @Test
  void unclosedTextBlockIsShownWhereItBegins() {
    assertThat(rejected("String s = \"\"\"\n  abc"))
        .contains("line 1:12", "text block is never closed");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"int z = = 5;", "int f( { }", "foo(", "String s = \"a;", "class { }", "} "})
  void wrongSyntaxAnywhereMeansThatNothingRuns(String wrong) {
    session.nothing("ran = 0;");
    rejected("ran++;\n" + wrong);
    rejected("ran++;\n" + wrong + "\nran++;");
    assertThat(session.value("ran")).isEqualTo(0);
  }

  @Test
  void forwardReferenceThatNothingCanResolveIsAnError() {
    assertThat(rejected("int f9() { return \"\".size9(); }")).contains("method size9()");
  }

  @Test
  void assertionsOfCellsAreChecked() {
    session.nothing("assert counter == 1;");
    assertThat(Session.text(session.error("assert counter == 2 : \"one too few\";")))
        .isEqualTo(
            """
            java.lang.AssertionError: one too few
              Cell In [%d], line 1
            -->     1 assert counter == 2 : "one too few";"""
                .formatted(session.count()));
  }

  @Test
  void exceptionShowsClassMessageAndEachCellFrame() {
    session.nothing(
        "int thrower(int n) {\n  if (n == 0)\n    throw new IllegalStateException(\"boom\");\n  return thrower(n - 1);\n}");
    int declared = session.count();
    ErrorReport error = session.error("int start = 2;\n\nthrower(start)");
    assertThat(error.name()).isEqualTo("java.lang.IllegalStateException");
    assertThat(error.value()).isEqualTo("boom");
    assertThat(Session.text(error))
        .isEqualTo(
            """
            java.lang.IllegalStateException: boom
              Cell In [%1$d], line 3, in thrower()
                    1 int thrower(int n) {
                    2   if (n == 0)
            -->     3     throw new IllegalStateException("boom");
                    4   return thrower(n - 1);
                    5 }
              Cell In [%1$d], line 4, in thrower()
            -->     4   return thrower(n - 1);
              … the same as above, 1 times
              Cell In [%2$d], line 3
            -->     3 thrower(start)"""
                .formatted(declared, session.count()));
  }

  @Test
  void causesAndSuppressedAreShownWithTheirPlaces() {
    String text =
        Session.text(
            session.error(
                """
                class Own extends Exception { Own(String m, Throwable c) { super(m, c); } }
                void deep() { throw new IllegalArgumentException("root"); }
                void middle() throws Own {
                  try { deep(); } catch (RuntimeException e) { Own o = new Own("outer", e); o.addSuppressed(new RuntimeException("side")); throw o; }
                }
                middle();
                """));
    assertThat(text.lines().filter(l -> !l.matches("[ >-]*\\d+ .*")).toList())
        .containsExactly(
            "Own: outer",
            "  Cell In [%d], line 4, in middle()".formatted(session.count()),
            "  Cell In [%d], line 6".formatted(session.count()),
            "  suppressed: java.lang.RuntimeException: side",
            "caused by: java.lang.IllegalArgumentException: root",
            "  Cell In [%d], line 2, in deep()".formatted(session.count()));
  }

  @Test
  void framesOfLibrariesAreFewAndThoseOfTheKernelHidden() {
    String text = Session.text(session.error("Stream.of(1, 0).map(i -> 10 / i).toList()"));
    assertThat(text)
        .startsWith("java.lang.ArithmeticException: / by zero")
        .contains("at java.base/java.util.stream.", "more")
        .doesNotContain("jdk.internal", "jdk.jshell", "org.dlaclab", "REPL", "do_it", "lambda$");
    assertThat(text.lines().filter(l -> l.startsWith("  at "))).hasSizeLessThanOrEqualTo(8);
  }

  @Test
  void frameOfATypesMethodNamesTheType() {
    assertThat(
            Session.text(
                session.error(
                    "class Car { Car() { go(); } void go() { throw new RuntimeException(); } } new Car();")))
        .contains("in Car.go()", "in new Car()");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "void so() { so(); } so();",
        "void a1() { b1(); } void b1() { a1(); } a1();",
        "throw new RuntimeException(\"x\".repeat(1_000_000));",
        "throw new RuntimeException(\"x\\n\".repeat(1_000));",
        "var e = new RuntimeException(); for (int i = 0; i < 1000; i++) e = new RuntimeException(e); throw e;",
        "var c1 = new RuntimeException(\"c1\"); var c2 = new RuntimeException(\"c2\", c1); c1.initCause(c2); throw c1;",
        "throw new RuntimeException() { public String getMessage() { throw new IllegalStateException(); } };",
      })
  void reportsAreBoundedAndReadable(String cell) {
    ErrorReport error = session.error(cell);
    assertThat(error.traceback()).hasSizeLessThan(120);
    assertThat(Session.text(error).length()).isLessThan(20_000);
    assertThat(error.traceback())
        .noneMatch(l -> l.matches("(?s).*\u001b\\[(?:\\d+;)*(?:30|37|40|47|90|97)m.*"));
  }

  /** The virtual machine keeps 1,024 frames; the last may be in code that the cell calls. */
  @Test
  void stackOverflowSaysHowMuchIsLeftOut() {
    assertThat(Session.text(session.error("void so() { so(); } so();")))
        .startsWith("java.lang.StackOverflowError")
        .containsPattern("… the same as above, 1,0[0-2]\\d times");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "System.exit(1);",
        "Runtime.getRuntime().exit(1);",
        "Runtime.getRuntime().halt(1);",
        "Runnable r = () -> System.exit(1); r.run();",
        "java.util.function.IntConsumer c = System::exit; c.accept(1);",
        "java.util.function.IntConsumer h = Runtime.getRuntime()::halt; h.accept(1);",
      })
  void exitIsRefused(String cell) {
    ErrorReport error = session.error(cell);
    assertThat(error.name()).isEqualTo("java.lang.SecurityException");
    assertThat(error.value()).contains("can not end the kernel");
    assertThat(Session.text(error)).contains("Cell In [" + session.count() + "], line 1");
  }

  @Test
  void aSessionWhoseMemoryIsFullCanFreeIt() {
    assertThat(
            session
                .error(
                    "var full = new ArrayList<byte[]>();\nwhile (true) full.add(new byte[1 << 20]);")
                .name())
        .isEqualTo("java.lang.OutOfMemoryError");
    session.nothing("full = null;");
    assertThat(session.value("new byte[16 << 20].length")).isEqualTo(16 << 20);
  }

  @Test
  void exceptionOfAThreadIsReportedWithItsPlace() {
    session.nothing(
        "var late = new Exception[1];\nThread t = new Thread(() -> {\n  late[0] = new Exception(\"later\"); });\nt.start(); t.join();");
    int cell = session.count();
    Throwable thrown = (Throwable) session.value("late[0]");
    assertThat(thrown).isNotNull();
    String text = Session.text(session.evaluator.report(5, "", thrown));
    assertThat(text)
        .startsWith("java.lang.Exception: later")
        .contains("Cell In [" + cell + "], line 3");
  }

  @Test
  void exceptionFromOutsideIsReported() {
    ErrorReport report =
        session.evaluator.report(3, "%magic", new IllegalArgumentException("no such magic"));
    assertThat(report.name()).isEqualTo("java.lang.IllegalArgumentException");
    assertThat(List.of(report.value())).containsExactly("no such magic");
  }
}
