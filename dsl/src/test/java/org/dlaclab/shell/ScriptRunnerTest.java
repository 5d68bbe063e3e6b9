package org.dlaclab.shell;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ScriptRunnerTest {
  private record Outcome(int code, String out, String err) {}

  private static Outcome run(String script, String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code =
        ScriptRunner.run(
            "t.jsh",
            script,
            List.of(args),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    return new Outcome(
        code,
        out.toString(StandardCharsets.UTF_8).replace("\r\n", "\n"),
        err.toString(StandardCharsets.UTF_8).replace("\r\n", "\n"));
  }

  @Test
  void aScriptPrintsTheValuesOfItsBareExpressions() {
    Outcome outcome =
        run(
            """
            #!/usr/bin/env -S dlac run
            // neither declarations nor assignments, void calls and null print
            int x = 3
            var y = Stream.of(1, 2)     // no semicolon, and a chain
                // of lines
                .mapToInt(i -> i)
                .sum();
            x = 4;
            new ArrayList<>(List.of(x)).clear();
            new HashMap<>().get(x)
            /* these do */
            x + y
            x; y
            "a \\"quoted\\" string\\n▇ and a second line"
            'c'
            class Table { public String toString() { return "title\\n  row"; } }
            new Table()
            if (x > 100) {
              throw new IllegalStateException();
            }
            else {
              x = 5;
            }
            String.join("|", args)
            """,
            "one",
            "two \"words\" \\ \n é");

    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.code()).isZero();
    assertThat(outcome.out())
        .isEqualTo(
            """
            7
            4
            3
            a "quoted" string
            ▇ and a second line
            c
            title
              row
            one|two "words" \\\s
             é
            """);
  }

  @Test
  void thePrintStreamThatPrintfReturnsIsNotShown() {
    assertThat(run("System.out.printf(\"%s\", \"\")\nSystem.out.append(\"\");").out()).isEmpty();
  }

  @Test
  void theWordsOfTheDslNeedNoImport() {
    Outcome outcome = run("zoo(\"lenet5\").name()\nskip(BOTH)\nMHz(500)");

    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.out().lines()).hasSize(3);
  }

  @Test
  void exitEndsTheScriptWithItsCode() {
    assertThat(run("1 + 1\n/exit 7\n2 + 2")).isEqualTo(new Outcome(7, "2\n", ""));
    assertThat(run("/exit\n2 + 2")).isEqualTo(new Outcome(0, "", ""));
    assertThat(run("/exit 255")).isEqualTo(new Outcome(255, "", ""));
    // The system would make 0 of it: a failure that looks like success.
    assertThat(run("/exit 256").code()).isEqualTo(1);
    assertThat(run("/exit 256").err()).contains("a number from 0 to 255, not 256");
  }

  @Test
  void aMethodMayNameOneBelowIt() {
    assertThat(run("int f() {\n  return g() + 1;\n}\nint g() { return 1; }\nf()"))
        .isEqualTo(new Outcome(0, "2\n", ""));
  }

  @Test
  void aMethodThatNamesWhatIsNeverDeclaredIsAnErrorInTheEnd() {
    assertThat(run("\nvoid f() { nothing(); }\n1 + 1"))
        .isEqualTo(
            new Outcome(
                1,
                "2\n",
                """
                t.jsh:2:1: f uses something that is not declared: method nothing()
                    void f() { nothing(); }
                    ^
                """));
  }

  static Stream<Arguments> failures() {
    return Stream.of(
        Arguments.of(
            "a word that does not exist",
            "int x = 3;\n\n  // why\n  foo(x);",
            """
            t.jsh:4:3: cannot find symbol
              symbol:   method foo(int)
                  foo(x);
                  ^
            """),
        Arguments.of(
            "an error in a later line of a method",
            "void f() {\n  int a = 1;\n\tint b = \"s\";\n}",
            """
            t.jsh:3:10: incompatible types: java.lang.String cannot be converted to int
                \tint b = "s";
                \t        ^
            """),
        Arguments.of(
            "the second of two declarations",
            "int a = 1, b = \"s\";",
            """
            t.jsh:1:16: incompatible types: java.lang.String cannot be converted to int
                int a = 1, b = "s";
                               ^
            """),
        Arguments.of(
            "an unfinished statement",
            "int x = 1;\n/* a */ f(1,\n  2",
            """
            t.jsh:2:9: the script ends inside this statement
                /* a */ f(1,
                        ^
            """),
        Arguments.of(
            "an exception in a method, with its own line",
            "int[] a = {1};\nvoid f(int i) {\n  a[i] = 1;\n}\nf(1);",
            """
            t.jsh:3:3: java.lang.ArrayIndexOutOfBoundsException: Index 1 out of bounds for length 1
                  a[i] = 1;
                  ^
            """),
        Arguments.of(
            "an exception with a cause",
            "throw new IllegalStateException(\"outer\", new IOException(\"inner\"));",
            """
            t.jsh:1:1: java.lang.IllegalStateException: outer
              caused by java.io.IOException: inner
                throw new IllegalStateException("outer", new IOException("inner"));
                ^
            """),
        Arguments.of(
            "a call of a method that names something undeclared",
            "void f() { nothing(); }\nf();",
            """
            t.jsh:2:1: f uses something that is not declared: method nothing()
                f();
                ^
            """),
        Arguments.of(
            "a variable of an unknown type",
            "Netwrk n;",
            """
            t.jsh:1:1: n uses something that is not declared: class Netwrk
                Netwrk n;
                ^
            """),
        Arguments.of(
            "a command of the shell",
            "int x;\n /set feedback verbose",
            """
            t.jsh:2:2: a script knows no shell command but /exit; use ./dlac shell for /set
                 /set feedback verbose
                 ^
            """));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("failures")
  void aFailureEndsTheScriptWithOneErrorThatShowsItsLine(
      String what, String script, String expected) {
    Outcome outcome = run(script + "\n\"not reached\"");

    assertThat(outcome).isEqualTo(new Outcome(1, "", expected));
  }

  @Test
  void theProductsOwnErrorsShowTheirMessageOnly() {
    Outcome outcome = run("var n = zoo(\"resnet5O\");");

    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err())
        .startsWith("t.jsh:1:1: ")
        .contains("resnet5O", "resnet50")
        .doesNotContain("DlacException", "REPL");
  }
}
