package org.dlaclab.kernel.magic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What of a cell is Java and what is magic. */
class CellTest {
  private static List<String> magics(String cell) {
    return Cell.parse(cell).parts().stream()
        .filter(Cell.Call.class::isInstance)
        .map(Cell.Call.class::cast)
        .map(call -> (call.cell() ? "%%" : "%") + call.name())
        .toList();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "%who",
        "   %who",
        "int x = 5;\n%who",
        "int x = 5; // five\n%who",
        "int x = 5; /* five\n more */\n%who",
        "class A {}\n%who",
        "void f() { if (true) { } }\n%who\nf();",
        "String s = \"\\\"%\";\n%who",
        "char c = '\"';\n%who",
        "String s = \"\"\"\n%no\n\"\"\";\n%who",
        "switch (1) { default: }\n%who",
        "int y = switch (1) { default -> 2; };\n%who",
        "\n\n%who",
        "// a comment\n%who",
        "int x = 5;\r\n%who\r\n",
      })
  void aLineThatBeginsWithPercentAndANameAfterACompleteStatementIsAMagic(String cell) {
    assertThat(magics(cell)).containsExactly("%who");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "int a = 5, b = 3;\nint c = a\n%b;",
        "a\n%b",
        "f(a\n%b)",
        "int y = switch (1) { default -> 7; }\n%b;",
        "String s = \"\"\"\n%who\n\"\"\";",
        "/*\n%who\n*/",
        "/* open\n%who\n",
        "void f() {\n%who\n}",
        "int c = a // left\n%b;",
        "int c = (a)\n%b;",
        "int c = array[0]\n%b;",
        "int c = \"a\".length()\n%b;",
        "int c = 'a'\n%b;",
        "5;\n% 3",
        "5;\n%3",
      })
  void aPercentSignThatJavaCanMeanIsJava(String cell) {
    assertThat(magics(cell)).isEmpty();
    assertThat(Cell.parse(cell).only(0, cell.length())).isEqualTo(cell);
  }

  @Test
  void twoPercentSignsOnTheFirstLineTakeAllLinesBelow() {
    Cell cell = Cell.parse("\n%%bash -x\n%who\necho \"\n");
    assertThat(magics(cell.text())).containsExactly("%%bash");
    Cell.Call call = (Cell.Call) cell.parts().get(0);
    assertThat(cell.heads(call)).isTrue();
    assertThat(cell.text().substring(call.body())).isEqualTo("%who\necho \"\n");
  }

  @Test
  void partsCoverAllCodeAndStandWhereTheyStood() {
    Random random = new Random(3);
    String[] lines = {
      "int x = 5;",
      "%who",
      "  %time x",
      "// note",
      "",
      "class A { int f() { return 5 % 3; } }",
      "String s = \"%who\";",
      "f(\n1);",
      "\"\"\"\n %who \"\"\".length();",
      "/* %who */"
    };
    for (int round = 0; round < 300; round++) {
      StringBuilder text = new StringBuilder();
      int expected = 0;
      for (int line = 0; line < 6; line++) {
        int chosen = random.nextInt(lines.length);
        expected += chosen == 1 || chosen == 2 ? 1 : 0;
        text.append(lines[chosen]).append(random.nextBoolean() ? "\n" : "\r\n");
      }
      Cell cell = Cell.parse(text.toString());
      assertThat(magics(cell.text())).as("cell %s", text).hasSize(expected);
      StringBuilder left = new StringBuilder(cell.text());
      for (Cell.Part part : cell.parts()) {
        int end = part instanceof Cell.Java java ? java.end() : ((Cell.Call) part).end();
        String only = cell.only(part.start(), end);
        assertThat(only).hasSameSizeAs(cell.text());
        assertThat(only.lines().count()).isEqualTo(cell.text().lines().count());
        for (int at = part.start(); at < end; at++) {
          left.setCharAt(at, ' ');
        }
      }
      assertThat(left.toString().replaceAll("//[^\\n]*|/\\*[^\\n]*\\*/", "").isBlank())
          .as("nothing but comments is left of %s", text)
          .isTrue();
    }
  }

  @Test
  void argumentsAreSplitAsAShellDoesButPathsOfWindowsStay() {
    assertThat(words("a  'b c' \"d \\\" e\" f\\ g C:\\data\\x.jar x'y z'w \"\""))
        .containsExactly("a", "b c", "d \" e", "f g", "C:\\data\\x.jar", "xy zw", "");
    assertThat(Word.split("'open", 0, 5).get(0).closed()).isFalse();
  }

  private static List<String> words(String text) {
    return Word.split(text, 0, text.length()).stream().map(Word::text).toList();
  }
}
