package org.dlaclab.kernel.eval;

import static org.assertj.core.api.Assertions.assertThat;

import jdk.jshell.JShell;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CodeCompletenessTest {
  private static JShell shell;

  @BeforeAll
  static void begin() {
    shell = Sessions.begin();
  }

  @AfterAll
  static void end() {
    shell.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "   \n",
        "// a comment",
        "/* a comment */",
        "1 + 1",
        "x",
        "a < b",
        "int x = 1",
        "int x = 1;",
        "int a, b = 3",
        "int x = 1; // note",
        "int x = 1;\nint y = x + 1;\nx + y",
        "import java.util.*",
        "import java.util.List;",
        "System.out.println(\"a\")",
        "String s = \"a\\\"b\";",
        "char c = '\\'';",
        "String s = \"\"\"\n  text\n  \"\"\";",
        "Stream.of(1, 2)\n    .map(x -> x + 1)\n    .toList()",
        "var x = switch (3) { case 1 -> 2; default -> 3; };",
        "if (true) System.out.println(1);",
        "if (true) {\n}",
        "for (int i = 0; i < 3; i++) { }",
        "label: for (;;) { break label; }",
        "do { } while (false)",
        "try { } finally { }",
        "throw new RuntimeException(\"x\")",
        "int twice(int n) { return 2 * n; }",
        "<T> T same(T t) { return t; }",
        "public static void main(String[] args) { }",
        "class A { int a; }",
        "abstract class A { abstract void f(); }",
        "enum E { A, B }",
        "record P(int x, int y) { }",
        "@interface Note { }",
        "@FunctionalInterface\ninterface F { void f(); }",
        "sealed interface S permits A, B {}\nrecord A() implements S {}\nrecord B() implements S {}",
        "class A {}\nnew A()",
        "Object o = 3;\nif (o instanceof Integer i && i > 2) { }"
      })
  void complete(String code) {
    assertThat(CodeCompleteness.of(shell, code)).isEqualTo(new Completeness.Complete());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "for (int i = 0; i < 3; i++) {",
        "int x =",
        "1 +",
        "words.stream().",
        "foo(",
        "foo(1,",
        "int[] a = {1,",
        "class A {",
        "class A",
        "int f(int a)",
        "int f(int a) {",
        "while (true)",
        "if (true)",
        "if (true) { } else",
        "do { }",
        "try {\n}",
        "@Deprecated",
        "/* a comment",
        "String s = \"\"\"\n  text",
        "int x = 1;\nint y = (",
        "foo(() -> {\n    bar();"
      })
  void incomplete(String code) {
    assertThat(CodeCompleteness.of(shell, code)).isInstanceOf(Completeness.Incomplete.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "int 3x = ;",
        ")",
        "int x; }",
        "(]",
        "String s = \"abc",
        "char c = 'a",
        "int x = 3 4;",
        "x ==== 3",
        "class {",
        "else",
        "\"a\" \"b\"",
        "int x = 08;",
        "foo(\"a);\nbar();"
      })
  void invalidWhateverFollows(String code) {
    assertThat(CodeCompleteness.of(shell, code)).isEqualTo(new Completeness.Invalid());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "for (;;) {|4",
        "for (;;) {\\n    if (x) {|8",
        "foo(() -> {|4",
        "foo(() -> {\\n    bar();|4",
        "int x =|4",
        "  int x =|6",
        "if (true)|4",
        "1 +\\n    2 +|4",
        "@Deprecated|0",
        "String s = \"\"\"\\n      text|6"
      })
  void theNextLineIsIndented(String code, int indent) {
    assertThat(CodeCompleteness.of(shell, code.replace("\\n", "\n")))
        .isEqualTo(new Completeness.Incomplete(" ".repeat(indent)));
  }

  @Test
  void whatIsRunAsIsIsNeverCalledIncompleteAtTheEndOfALine() {
    String cell = "int total = 0;\nfor (int i = 0; i < 3; i++) {\n    total += i;\n}\ntotal";
    for (int end = 0; end <= cell.length(); end++) {
      String begun = cell.substring(0, end);
      long open = begun.chars().filter(c -> c == '{').count();
      long closed = begun.chars().filter(c -> c == '}').count();
      if (open > closed) {
        assertThat(CodeCompleteness.of(shell, begun))
            .as(begun)
            .isInstanceOf(Completeness.Incomplete.class);
      } else if ((begun.endsWith(";") && !begun.contains("for")) || begun.endsWith("}")) {
        assertThat(CodeCompleteness.of(shell, begun))
            .as(begun)
            .isEqualTo(new Completeness.Complete());
      }
    }
  }
}
