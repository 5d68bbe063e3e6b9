package org.dlaclab.kernel.display;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.math.BigDecimal;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import jdk.jshell.JShell;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextTest {
  record Point(int x, double y) {}

  record Person(String name, List<String> langs, Optional<Point> home) {}

  record Own(int x) {
    @Override
    public String toString() {
      return "I am " + x;
    }
  }

  @Test
  void simpleValuesReadAsJavaPrintsThem() {
    assertThat(Text.of(null)).isEqualTo("null");
    assertThat(Text.of(42)).isEqualTo("42");
    assertThat(Text.of(1e-7)).isEqualTo("1.0E-7");
    assertThat(Text.of(0.1f)).isEqualTo("0.1");
    assertThat(Text.of(true)).isEqualTo("true");
    assertThat(Text.of(new BigDecimal("1.50"))).isEqualTo("1.50");
    assertThat(Text.of(LocalDate.of(2024, 2, 29))).isEqualTo("2024-02-29");
    assertThat(Text.of(Thread.State.NEW)).isEqualTo("NEW");
    assertThat(Text.of(String.class)).isEqualTo("class java.lang.String");
    assertThat(Text.of(OptionalInt.of(3))).isEqualTo("OptionalInt[3]");
  }

  @Test
  void stringsAndCharactersStandInQuotes() {
    assertThat(Text.of("a \"b\"\t\\")).isEqualTo("\"a \\\"b\\\"\\t\\\\\"");
    assertThat(Text.of("")).isEqualTo("\"\"");
    assertThat(Text.of('\'')).isEqualTo("'\\''");
    assertThat(Text.of("Zürich 😀")).isEqualTo("\"Zürich 😀\"");
    assertThat(Text.of("\ud83d!")).isEqualTo("\"\\ud83d!\"");
    assertThat(Text.of("\u001b[31m")).isEqualTo("\"\\u001b[31m\"");
  }

  @Test
  void stringsOfSeveralLinesAreTextBlocks() {
    assertThat(Text.of("one\ntwo")).isEqualTo("\"\"\"\none\ntwo\"\"\"");
    assertThat(Text.of("one\ntwo\n")).isEqualTo("\"\"\"\none\ntwo\n\"\"\"");
  }

  /** Whatever the string, its text is Java source of that string, as the compiler reads it. */
  @Test
  void anyStringIsShownAsJavaSourceOfIt(@TempDir Path folder) throws Exception {
    String[] pieces = {
      "a", "Z9", " ", "  ", "\n", "\n\n", "\"", "\"\"\"", "\\", "\\u", "\t", "\r", "'", "\0",
      "\u001b", "ä", "😀", "\udc00", "\u2028", "\f", "\\n", "\\s", "{", "\u00a0"
    };
    Random random = new Random(7);
    List<String> strings = new ArrayList<>();
    for (int i = 0; i < 1500; i++) {
      strings.add(
          random
              .ints(random.nextInt(9), 0, pieces.length)
              .mapToObj(k -> pieces[k])
              .collect(Collectors.joining()));
    }
    String source =
        strings.stream()
            .map(Text::of)
            .collect(Collectors.joining(",\n", "class Read { static String[] all = {\n", "}; }"));
    String[] read = read(source, folder);
    for (int i = 0; i < read.length; i++) {
      assertThat(read[i]).as(Text.of(strings.get(i))).isEqualTo(strings.get(i));
    }
  }

  private static String[] read(String source, Path folder) throws Exception {
    Path file = folder.resolve("Read.java");
    // A lone half of a character has no UTF-8; the text must have written it as an escape.
    Files.writeString(file, source);
    int code =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-encoding", "UTF-8", "-d", folder.toString(), file.toString());
    assertThat(code).isZero();
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
      Field all = loader.loadClass("Read").getDeclaredField("all");
      all.setAccessible(true);
      return (String[]) all.get(null);
    }
  }

  @Test
  void arraysShowTheirValues() {
    assertThat(Text.of(new int[] {1, 2, 3})).isEqualTo("[1, 2, 3]");
    assertThat(Text.of(new int[0])).isEqualTo("[]");
    assertThat(Text.of(new char[] {'a', '\n'})).isEqualTo("['a', '\\n']");
    assertThat(Text.of(new boolean[] {true})).isEqualTo("[true]");
    assertThat(Text.of(new Object[] {"a", null, new double[] {0.5}}))
        .isEqualTo("[\"a\", null, [0.5]]");
    assertThat(Text.of(new int[][] {{1, 2}, {3}})).isEqualTo("[[1, 2], [3]]");
  }

  /** For few numbers, Arrays.toString is the oracle. */
  @Test
  void numbersReadAsInTheJdkButForLineBreaks() {
    Random random = new Random(3);
    for (int i = 0; i < 200; i++) {
      long[] values = random.longs(random.nextInt(101)).toArray();
      String text = Text.of(values);
      assertThat(text.replace(",\n ", ", ")).isEqualTo(Arrays.toString(values));
      assertThat(text.lines()).allMatch(line -> line.length() <= Layout.WIDTH);
    }
  }

  @Test
  void longSequencesAreCutAndTellTheirLength() {
    String text = Text.of(IntStream.range(0, 1_000_000).toArray());
    assertThat(text).startsWith("[0, 1, 2,").endsWith("… 1,000,000 values]").hasSizeLessThan(600);
    assertThat(Text.of(Collections.nCopies(5_000, "x"))).endsWith("… 5,000 values]");
    Map<Integer, Integer> map = new HashMap<>();
    IntStream.range(0, 5_000).forEach(i -> map.put(i, i));
    assertThat(Text.of(map)).startsWith("{").contains("… 5,000 entries");
  }

  @Test
  void matricesHaveARowOnEachLineAndColumnsLineUp() {
    int[][] matrix = new int[3][12];
    for (int i = 0; i < 36; i++) {
      matrix[i / 12][i % 12] = i * i * i;
    }
    assertThat(Text.of(matrix))
        .isEqualTo(
            """
            [[    0,     1,     8,    27,    64,   125,   216,   343,   512,   729,  1000,  1331],
             [ 1728,  2197,  2744,  3375,  4096,  4913,  5832,  6859,  8000,  9261, 10648, 12167],
             [13824, 15625, 17576, 19683, 21952, 24389, 27000, 29791, 32768, 35937, 39304, 42875]]""");
  }

  @Test
  void recordsAreSetOverLinesWhereTheyAreLong() {
    assertThat(Text.of(new Point(1, 2))).isEqualTo("Point[x=1, y=2.0]");
    Person ada =
        new Person(
            "Ada Lovelace", List.of("Analytical Engine", "French"), Optional.of(new Point(1, 2)));
    Map<String, Person> people = new LinkedHashMap<>();
    people.put("ada", ada);
    people.put("bob", new Person("Bob", List.of(), Optional.empty()));
    assertThat(Text.of(people))
        .isEqualTo(
            """
            {
              "ada"=Person[
                name="Ada Lovelace",
                langs=["Analytical Engine", "French"],
                home=Optional[Point[x=1, y=2.0]]
              ],
              "bob"=Person[name="Bob", langs=[], home=Optional.empty]
            }""");
  }

  @Test
  void aRecordsOwnTextWins() {
    assertThat(Text.of(List.of(new Own(3)))).isEqualTo("[I am 3]");
  }

  @Test
  void optionalsShowWhatTheyHold() {
    assertThat(Text.of(Optional.of(new int[] {1, 2}))).isEqualTo("Optional[[1, 2]]");
    assertThat(Text.of(Optional.empty())).isEqualTo("Optional.empty");
  }

  @Test
  void streamsAndIteratorsAreNotConsumed() {
    Stream<Integer> stream = Stream.of(1, 2);
    assertThat(Text.of(stream)).isEqualTo("Stream, not consumed: .toList() shows its values");
    assertThat(stream.toList()).containsExactly(1, 2);
    IntStream ints = IntStream.of(1, 2);
    assertThat(Text.of(ints)).isEqualTo("IntStream, not consumed: .toArray() shows its values");
    assertThat(ints.toArray()).containsExactly(1, 2);
    var iterator = List.of(1, 2).iterator();
    assertThat(Text.of(iterator)).startsWith("Iterator, not consumed");
    assertThat(iterator.next()).isEqualTo(1);
  }

  @Test
  void futuresTellTheirState() {
    CompletableFuture<String> future = new CompletableFuture<>();
    assertThat(Text.of(future)).isEqualTo("CompletableFuture[not done]");
    future.complete("x");
    assertThat(Text.of(future)).isEqualTo("CompletableFuture[\"x\"]");
    assertThat(Text.of(CompletableFuture.failedFuture(new IllegalStateException("no"))))
        .isEqualTo("CompletableFuture[failed: java.lang.IllegalStateException: no]");
    CompletableFuture<String> cancelled = new CompletableFuture<>();
    cancelled.cancel(true);
    assertThat(Text.of(cancelled)).isEqualTo("CompletableFuture[cancelled]");
  }

  @Test
  void throwablesTellTheirCauses() {
    Throwable thrown = new RuntimeException("outer", new IOException("inner"));
    assertThat(Text.of(thrown))
        .isEqualTo("java.lang.RuntimeException: outer\ncaused by java.io.IOException: inner");
  }

  @Test
  void lambdasAndPlainObjectsHaveAShortName() {
    Function<String, Integer> length = String::length;
    assertThat(Text.of(length)).isEqualTo("Function lambda");
    assertThat(Text.of((Runnable) () -> {})).isEqualTo("Runnable lambda");
    Object plain = new Object();
    assertThat(Text.of(plain)).isEqualTo(plain.toString());
    Runnable anonymous =
        new Runnable() {
          @Override
          public void run() {}
        };
    assertThat(Text.of(anonymous)).startsWith("anonymous Runnable@");
  }

  @Test
  void whatHoldsItselfEnds() {
    List<Object> list = new ArrayList<>();
    list.add(1);
    list.add(list);
    assertThat(Text.of(list)).isEqualTo("[1, (this ArrayList)]");
    Object[] array = new Object[1];
    array[0] = array;
    assertThat(Text.of(array)).isEqualTo("[(this Object[])]");
    Map<String, Object> map = new HashMap<>();
    map.put("a", List.of(map));
    assertThat(Text.of(map)).isEqualTo("{\"a\"=[(this HashMap)]}");
    Object deep = 1;
    for (int i = 0; i < 100_000; i++) {
      deep = new Object[] {deep};
    }
    assertThat(Text.of(deep)).isEqualTo("[[[[[[[[…]]]]]]]]");
  }

  @Test
  void wideAndDeepStructuresStaySmall() {
    Object value = 7;
    for (int i = 0; i < 6; i++) {
      value = Collections.nCopies(50, value);
    }
    assertThat(Text.of(value)).hasSizeLessThan(50_000);
  }

  @Test
  void aToStringThatFailsIsNamed() {
    class Throwing {
      @Override
      public String toString() {
        throw new IllegalStateException("not open");
      }
    }
    @SuppressWarnings("ToStringReturnsNull") // as a careless class does
    class Null {
      @Override
      public String toString() {
        return null;
      }
    }
    class Endless {
      @Override
      public String toString() {
        return "x" + this;
      }
    }
    assertThat(Text.of(new Throwing()))
        .contains("Throwing@")
        .endsWith("(its toString() throws java.lang.IllegalStateException: not open)");
    assertThat(Text.of(List.of(new Throwing()))).startsWith("[").contains("not open");
    assertThat(Text.of(new Null())).endsWith("(its toString() returns null)");
    assertThat(Text.of(new Endless()))
        .endsWith("(its toString() throws java.lang.StackOverflowError)");
  }

  @Test
  void anEnormousTextIsCutAndTellsItsSize() {
    class Huge {
      @Override
      public String toString() {
        return "😀".repeat(500_000);
      }
    }
    String text = Text.of(new Huge());
    assertThat(text).endsWith("… 1,000,000 characters").hasSizeLessThan(Text.LONGEST + 100);
    assertThat(Text.of("y".repeat(3_000_000)))
        .endsWith("\" … 3,000,000 characters")
        .hasSizeLessThan(Text.LONGEST + 100);
    assertThat(Text.of(List.of("y".repeat(3_000)))).endsWith("\"… 3,000 characters]");
  }

  @Test
  void collectionsWithATextOfTheirOwnKeepIt() {
    class Shelf extends ArrayList<String> {
      @Override
      public String toString() {
        return "shelf of " + size();
      }
    }
    assertThat(Text.of(new Shelf())).isEqualTo("shelf of 0");
  }

  @Test
  void classesOfCellsShowWithoutWhatJShellPutsAroundThem() {
    try (JShell shell = JShell.builder().executionEngine("local").build()) {
      shell.addToClasspath(System.getProperty("java.class.path"));
      shell.eval("class Foo {}");
      shell.eval("class Bad extends RuntimeException { Bad(String m) { super(m); } }");
      String text = Text.class.getName();
      String show =
          "var m = Class.forName(\"" + text + "\").getDeclaredMethod(\"of\", Object.class);";
      shell.eval(show);
      shell.eval("m.setAccessible(true);");
      assertThat(value(shell, "m.invoke(null, new Foo())")).matches("\"Foo@[0-9a-f]+\"");
      assertThat(value(shell, "m.invoke(null, Foo.class)")).isEqualTo("\"class Foo\"");
      assertThat(value(shell, "m.invoke(null, new Bad(\"x\"))")).isEqualTo("\"Bad: x\"");
      shell.eval("record Pair(int a, String b) {}");
      assertThat(value(shell, "m.invoke(null, new Pair(1, \"z\"))"))
          .isEqualTo("\"Pair[a=1, b=\\\"z\\\"]\"");
      shell.eval("Runnable r = () -> {};");
      assertThat(value(shell, "m.invoke(null, r)")).isEqualTo("\"Runnable lambda\"");
    }
  }

  private static String value(JShell shell, String code) {
    var event = shell.eval(code).get(0);
    assertThat(event.exception()).isNull();
    return event.value();
  }
}
