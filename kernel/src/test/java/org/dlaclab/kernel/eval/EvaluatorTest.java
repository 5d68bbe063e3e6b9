package org.dlaclab.kernel.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EvaluatorTest {
  private static final Session session =
      new Session("import java.util.*;", "import java.util.stream.*;");

  @AfterAll
  static void close() {
    session.close();
  }

  @Test
  void valueIsTheObjectOfTheLastExpression() {
    session.nothing("Object o = new Object(); var list = new ArrayList<Object>(List.of(o));");
    assertThat(session.value("o")).isSameAs(session.value("list.get(0)"));
    assertThat(session.value("1; \"two\"; 3.0")).isEqualTo(3.0);
    assertThat(session.value("null")).isNull();
    assertThat(session.value("new int[] {1, 2}")).isEqualTo(new int[] {1, 2});
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "int x = 5;",
        "int x = 5; x = 6",
        "int[] a = {1}; a[0] = 5;",
        "int x = 1; x += 1",
        "int x = 1; x <<= 1",
        "void f() {}",
        "void f() {} f()",
        "class C {}",
        "import java.io.*;",
        "System.out.printf(\"\")",
        "if (true) { }",
        "",
        "\n\n",
        "// only a comment",
        "/* only\n a comment */",
        ";",
        "1; // value\nint y = 2; // none",
      })
  void declarationsAssignmentsAndVoidShowNothing(String cell) {
    session.nothing(cell);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "int x = 5; x++ | 5",
        "int x = 5; x == 5 | true",
        "int x = 5; x <= 4 | false",
        "int x = 5; x != 5 ? \"=\" : \"a=b\" | a=b",
        "new ArrayList<Integer>().add(1) | true",
        "int y = 7; y | 7",
        "Stream.of(1, 2).map(i -> { int k = i; return k; }).toList() | [1, 2]",
      })
  void expressionsShowTheirValue(String cell, String value) {
    assertThat(session.value(cell)).hasToString(value);
  }

  @Test
  void statementsMaySpanLinesAsInAFile() {
    assertThat(session.value("\"abc\"\n  .toUpperCase()\n  // twice\n  .repeat(2)\n  .length()"))
        .isEqualTo(6);
    assertThat(
            session.value(
                "int k = 0;\nif (k > 0) {\n  k = 1;\n}\nelse {\n  k = 2;\n}\nif (k == 2)\n  k++;\nelse\n  k--;\nk"))
        .isEqualTo(3);
    assertThat(session.value("String t = \"\"\"\n  a;\n    \\\"b\n  \"\"\";\nt"))
        .isEqualTo("a;\n  \"b\n");
    assertThat(
            session.value(
                "int s = 0;\nfor (int i = 0; i < 3; i++)\n  s += i;\ndo s++; while (s < 9);\ns"))
        .isEqualTo(9);
    assertThat(
            session.value(
                "try { throw new Exception(); }\ncatch (Exception e) { }\nfinally { }\n1"))
        .isEqualTo(1);
  }

  @Test
  void methodsAndTypesOfACellMayNameEachOtherInAnyOrder() {
    assertThat(
            session.value(
                "int even(int n) { return n == 0 ? 1 : odd(n - 1); }\n"
                    + "int odd(int n) { return n == 0 ? 0 : even(n - 1); }\neven(10)"))
        .isEqualTo(1);
    assertThat(
            session.value(
                """
                record Circle(double r) implements Shape {}
                sealed interface Shape permits Circle, Square {}
                record Square(double a) implements Shape {}
                Shape shape = new Circle(2);
                shape instanceof Circle c ? c.r() : 0
                """))
        .isEqualTo(2.0);
    assertThat(
            session.value(
                """
                class Node { Tree tree; int size() { return tree == null ? 1 : tree.size(); } }
                class Tree { Node left = new Node(), right = new Node(); int size() { return left.size() + right.size(); } }
                enum Colour { RED, GREEN; Colour next() { return values()[(ordinal() + 1) % 2]; } }
                @interface Mark {}
                interface Named { default String name() { return "n" + Colour.RED.next(); } }
                new Tree().size() + new Named() {}.name()
                """))
        .isEqualTo("2nGREEN");
  }

  /** In any order, under a name that is imported or was declared before, and again with more. */
  @Test
  void sealedTypesAndTheirSubtypesAreDeclaredTogether() {
    session.nothing("import java.util.logging.*;"); // Where Level is a class.
    session.nothing(
        """
        sealed interface Level permits Low, High {
          int height();
        }
        record Low() implements Level { public int height() { return 1; } }
        record High() implements Level { public int height() { return 2; } }
        int heightOf(Level level) { return level.height(); }
        """);
    assertThat(session.value("heightOf(new High())")).isEqualTo(2);
    assertThat(session.value("Level.class.isSealed()")).isEqualTo(true);
    session.nothing(
        """
        record Low() implements Level { public int height() { return 1; } }
        record High() implements Level { public int height() { return 2; } }
        record Top(int height) implements Peak {}
        sealed interface Level permits Low, High, Peak {
          int height();
        }
        sealed interface Peak extends Level permits Top {}
        """);
    assertThat(session.value("heightOf(new Top(9))")).isEqualTo(9);
    assertThat(session.value("Level.class.getPermittedSubclasses().length")).isEqualTo(3);
    assertThat(session.value("Peak.class.isSealed()")).isEqualTo(true);
    session.error(
        "sealed interface Level permits Low {}\nrecord Low() implements Level { int x = 0; }");
    assertThat(session.value("heightOf(new High())")).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "record Pair(int x, int y) { Pair { x = Math.abs(x); } }",
        "record Pair(int x, int y) { Pair(int x, int y) { this.x = Math.abs(x); this.y = y; } }",
        """
        record Pair(int x, int y) {
          static int n;
          @Deprecated Pair { x = Math.abs(x); }
          Pair(int x) { this(x, 2); }
          static Pair of(int x) { return new Pair(x); }
        }
        """,
        """
        public record Pair(int x, int y) implements Comparable<Pair> {
          // Pair { in words
          public Pair { x = Math.abs(x); }
          public int compareTo(Pair other) { return x - other.x; }
        }
        """,
      })
  void constructorsOfRecordsNeedNoModifier(String record) {
    session.nothing(record);
    assertThat(session.value("new Pair(-1, 2).x()")).isEqualTo(1);
  }

  @Test
  void laterCellsMayDeclareWhatEarlierOnesName() {
    assertThat(errorOutput(() -> session.nothing("int first(int n) { return second9(n) + 1; }")))
        .contains("note: first() can not be used before method second9(int) is declared");
    assertThat(Session.text(session.error("first(1)")))
        .contains("first() uses method second9(int), which is not declared")
        .contains("Cell In [" + session.count() + "], line 1");
    session.nothing("int second9(int n) { return 2 * n; }");
    assertThat(session.value("first(4)")).isEqualTo(9);
  }

  @Test
  void redefinitionReplaces() {
    session.nothing("int rv = 1; int rf() { return 1; } class Rc { int v = 1; }");
    session.nothing("String rv = \"text\"; int rf() { return 2; } class Rc { int v = 2; }");
    assertThat(session.value("rv + rf() + new Rc().v")).isEqualTo("text22");
  }

  @Test
  void aFailedDeclarationLeavesWhatWasThere() {
    session.nothing("int kept = 42; int keptMethod() { return 7; }");
    session.error("Strng kept = \"x\";");
    session.error("int kept = 1 / 0;");
    session.error("int keptMethod() { return \"x\"; }");
    assertThat(session.value("kept + keptMethod()")).isEqualTo(49);
    session.error("int neverThere = 1 / 0;");
    assertThat(session.error("neverThere").name()).isEqualTo("CompilationError");
  }

  @Test
  void genericsVarAndLambdasOverCellVariables() {
    session.nothing(
        """
        import java.util.function.*;
        <T extends Comparable<T>> T most(List<T> l) { return l.stream().max(Comparator.naturalOrder()).get(); }
        var map = new TreeMap<String, List<Integer>>(Map.of("a", List.of(3, 1)));
        int factor = 2;
        Function<Integer, Integer> times = i -> i * factor;
        """);
    assertThat(session.value("times.apply(most(map.get(\"a\")))")).isEqualTo(6);
    session.nothing("factor = 10");
    assertThat(session.value("times.apply(1)")).isEqualTo(10);
  }

  @Test
  void resultsCanBeNamedUntilAHundredLaterOnesCame() {
    session.value("\"the result\"");
    String name =
        session
            .evaluator
            .shell()
            .variables()
            .map(v -> v.name())
            .filter(n -> n.startsWith("$"))
            .reduce((a, b) -> b)
            .orElseThrow();
    assertThat(session.value(name)).isEqualTo("the result");
    session.nothing("String pinned() { return " + name + "; }");
    session.value("\"another\"");
    String other = "$" + (Integer.parseInt(name.substring(1)) + 1);
    for (int i = 0; i < 101; i++) {
      session.value("1+1");
    }
    assertThat(session.error(other).name()).isEqualTo("CompilationError");
    assertThat(session.value("pinned()")).isEqualTo("the result");
    assertThat(session.evaluator.shell().variables().filter(v -> v.name().startsWith("$")))
        .hasSizeLessThanOrEqualTo(101);
  }

  @Test
  void codeRunsOnAThreadOfTheCellThatInheritsFromTheCaller() {
    InheritableThreadLocal<String> local = new InheritableThreadLocal<>();
    local.set("mine");
    Thread thread =
        (Thread) session.value("Thread t1 = Thread.currentThread(); Thread.currentThread()");
    assertThat(thread).isNotNull();
    assertThat(thread.getName()).isEqualTo("cell-" + session.count());
    assertThat(session.value("t1")).isSameAs(thread);
    assertThat(session.value("Thread.currentThread().getThreadGroup().getName()"))
        .isEqualTo("cell-" + session.count());
    assertThat(session.value("Thread.currentThread().getContextClassLoader()"))
        .isSameAs(session.evaluator.classLoader());
    TestBridge.local = local;
    assertThat(session.value("org.dlaclab.kernel.eval.TestBridge.local.get()")).isEqualTo("mine");
  }

  @Test
  void aCellMayEvaluateCode() {
    TestBridge.evaluator = session.evaluator;
    session.nothing("int outerVar = 5;");
    assertThat(
            session.value(
                "var nested = org.dlaclab.kernel.eval.TestBridge.evaluator.evaluate(77, \"int innerVar = outerVar + 1; innerVar\");\n"
                    + "nested"))
        .isEqualTo(new Outcome.Value(6));
    assertThat(session.value("innerVar")).isEqualTo(6);
  }

  @Test
  void startupThatFailsIsAClearError() {
    assertThatThrownBy(() -> new Evaluator(List.of("import java.util.*;", "import no.such.Thing;")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("package no.such does not exist");
  }

  @Test
  void classPathGrowsWhileCellsRun(@TempDir Path folder) throws Exception {
    Path source = folder.resolve("Added.java");
    Files.writeString(
        source,
        "package added; public class Added { public static String hi() { return \"hi\"; } }");
    ToolProvider.getSystemJavaCompiler()
        .run(null, null, null, "-d", folder.toString(), source.toString());
    Path jar = folder.resolve("added.jar");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
      out.putNextEntry(new JarEntry("added/Added.class"));
      out.write(Files.readAllBytes(folder.resolve("added/Added.class")));
    }
    session.nothing("int beforeJar = 1;");
    assertThat(session.run("added.Added.hi()")).isInstanceOf(Outcome.Failure.class);
    session.evaluator.addToClassPath(List.of(jar));
    assertThat(session.value("import added.*; Added.hi() + beforeJar")).isEqualTo("hi1");
    assertThat(session.evaluator.classLoader().loadClass("added.Added")).isNotNull();
    assertThatThrownBy(() -> session.evaluator.addToClassPath(List.of(folder.resolve("no.jar"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no.jar does not exist");
  }

  @Test
  void variablesHaveTypeAndALineWhateverToStringDoes() {
    try (Session fresh = new Session("import java.util.*;")) {
      fresh.nothing(
          """
          int i = 3; String s = "a\\nb"; Map<String, List<Integer>> m = Map.of("k", List.of(1));
          double[] d = {1, 2}; Object none = null;
          Object bad = new Object() { public String toString() { throw new IllegalStateException(); } };
          Object slow = new Object() { public String toString() { while (true); } };
          List<Integer> big = Collections.nCopies(10_000_000, 1);
          """);
      fresh.value("1 + 1");
      List<String> seen = new ArrayList<>();
      fresh
          .evaluator
          .variables()
          .forEach(v -> seen.add(v.type() + " " + v.name() + " = " + v.value()));
      assertThat(seen).hasSize(8);
      assertThat(seen.subList(0, 5))
          .containsExactly(
              "int i = 3",
              "String s = \"a ⏎ b\"",
              "Map<String, List<Integer>> m = {\"k\"=[1]}",
              "double[] d = double[2] {1.0, 2.0}",
              "Object none = null");
      assertThat(seen.get(5)).contains("toString() throws java.lang.IllegalStateException");
      assertThat(seen.get(6)).contains("toString() takes too long");
      assertThat(seen.get(7)).startsWith("List<Integer> big = [1, 1").hasSizeLessThan(160);
    }
  }

  @Test
  void declarationsAreTheSourceOfWhatIsValid() {
    try (Session fresh = new Session("import java.util.*;")) {
      fresh.nothing(
          "import java.io.*;\nint a = 1, b = 2;\nint old() { return 1; }\nint gone = 1 ;");
      fresh.value("a + b");
      fresh.nothing(
          "System.out.flush(); record R(int v) {}\nint old() { return 2; } String gone = \"\";");
      assertThat(fresh.evaluator.declarations())
          .containsExactly(
              "import java.io.*;",
              "int a = 1, b = 2;",
              "record R(int v) {}",
              "int old() { return 2; }",
              "String gone = \"\";");
    }
  }

  @Test
  void resetForgetsAllButTheStartup() {
    try (Session fresh = new Session("import java.util.*;")) {
      fresh.nothing("int a = 1;");
      fresh.evaluator.reset();
      assertThat(fresh.evaluator.variables()).isEmpty();
      assertThat(fresh.run("a")).isInstanceOf(Outcome.Failure.class);
      assertThat(fresh.value("List.of(1)")).isEqualTo(List.of(1));
    }
  }

  @Test
  void variablesThatARedefinitionResetsAreTold() {
    session.nothing("record Rr(int v) {} Rr rr = new Rr(1);");
    String told = errorOutput(() -> session.nothing("record Rr(int v, int w) {}"));
    assertThat(told).contains("note: variable rr");
    assertThat(errorOutput(() -> session.nothing("record Rq(int v) {} Rq rq = new Rq(1);")))
        .isEmpty();
    assertThat(errorOutput(() -> session.nothing("record Rq(long v) {} Rq rq = new Rq(1);")))
        .isEmpty();
  }

  @Test
  void sizeOfASessionDoesNotGrowWithItsEvaluations() {
    for (int i = 0; i < 150; i++) {
      session.value("1+1");
    }
    assertThat(
            session
                .evaluator
                .shell()
                .snippets()
                .filter(s -> session.evaluator.shell().status(s).isActive()))
        .hasSizeLessThan(400);
  }

  private static String errorOutput(Runnable run) {
    PrintStream before = System.err;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      run.run();
    } finally {
      System.setErr(before);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
