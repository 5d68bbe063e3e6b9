package org.dlaclab.kernel.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import jdk.jshell.JShell;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** In the code, a bar is the cursor. */
class CodeInspectionTest {
  private static final String GADGET =
      """
      package lib;

      /** A thing that spins. */
      public class Gadget implements Spinning {
        /** How often at most. */
        public static final int LIMIT = 3;

        /** A gadget of some size. */
        public Gadget(int size) {}

        /**
         * Spins it &lt;fast&gt;, see {@link java.util.List#size() its size} and {@link #LIMIT}.
         *
         * <ul>
         *   <li>once,
         *   <li>twice
         * </ul>
         *
         * <pre>{@code
         * new Gadget(1)
         *     .spin(2, "a");
         * }</pre>
         *
         * @param times how often, as {@code int}
         * @param name of the spin
         * @return the angle
         * @throws IllegalStateException if <b>broken</b>
         * @since 3
         */
        public double spin(int times, java.util.List<String>... name) {
          return times;
        }

        /** Spins it once. */
        public double spin() {
          return 1;
        }

        @Override
        public void stop(int after) {}

        /** Here too. {@inheritDoc} */
        @Override
        public void begin(int at) {}

        /** A part of it. */
        public static class Part {
          /** Its weight. */
          public int weight;
        }
      }
      """;

  private static final String SPINNING =
      """
      package lib;

      /** What spins. */
      public interface Spinning {
        /**
         * Stops it.
         *
         * @param after the seconds
         */
        void stop(int after);

        /** Begins it. */
        void begin(int at);
      }
      """;

  @TempDir private static Path folder;

  private static JShell shell;
  private static CellCompiler compiler;
  private static Sources sources;
  private static CodeInspection inspection;

  @BeforeAll
  static void begin() throws IOException {
    shell =
        Sessions.begin(
            "int count = 3;",
            "List<String> words = new ArrayList<>(List.of(\"a\"));",
            "/**\n * Twice a number.\n * @param number it\n */\n"
                + "int twice(int number) { return 2 * number; }",
            "record Point(int x, int y) { int sum() { return x + y; } }");
    compiler = new CellCompiler(shell);
    sources = new Sources();
    inspection = new CodeInspection(compiler, sources, shell::varValue);
    Path jar = library();
    compiler.addToClassPath(List.of(jar));
    sources.add(jar);
  }

  @AfterAll
  static void end() throws IOException {
    compiler.close();
    sources.close();
    shell.close();
  }

  /** A jar with its source jar beside it, as Maven's local repository has them. */
  private static Path library() throws IOException {
    Map<String, String> texts = Map.of("Gadget", GADGET, "Spinning", SPINNING);
    Path src = Files.createDirectories(folder.resolve("src/lib"));
    Path classes = Files.createDirectories(folder.resolve("classes"));
    for (Map.Entry<String, String> text : texts.entrySet()) {
      Files.writeString(src.resolve(text.getKey() + ".java"), text.getValue());
    }
    int failed =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "-d",
                classes.toString(),
                "-Xlint:none",
                src.resolve("Gadget.java").toString(),
                src.resolve("Spinning.java").toString());
    assertThat(failed).isZero();
    Path jar = folder.resolve("gadget-1.0.jar");
    pack(classes, jar);
    pack(folder.resolve("src"), folder.resolve("gadget-1.0-sources.jar"));
    return jar;
  }

  private static void pack(Path from, Path jar) throws IOException {
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
        Stream<Path> files = Files.walk(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        out.putNextEntry(new JarEntry(from.relativize(file).toString().replace('\\', '/')));
        out.write(
            Files.readString(file, StandardCharsets.ISO_8859_1)
                .getBytes(StandardCharsets.ISO_8859_1));
      }
    }
  }

  private static String text(String code) {
    return at(code, 0).text();
  }

  private static String markdown(String code) {
    return at(code, 0).markdown();
  }

  private static Inspection at(String code, int detail) {
    return inspection
        .inspect(code.replace("|", ""), code.indexOf('|'), detail)
        .orElseThrow(() -> new AssertionError("nothing at " + code));
  }

  @ParameterizedTest
  @ValueSource(strings = {"|count + 1", "cou|nt + 1", "count| + 1", "int x = count|;\nint y = 2;"})
  void aNameIsFoundWhereverTheCursorTouchesIt(String code) {
    assertThat(text(code)).isEqualTo("int count\n= 3");
    assertThat(markdown(code)).isEqualTo("```java\nint count\n```\n\n```text\n3\n```");
  }

  @ParameterizedTest
  @ValueSource(strings = {"twice|(3)", "twice(|3)", "twice(3|)", "twice(1 + |", "twice((1), |"})
  void aCallIsFoundFromItsArguments(String code) {
    assertThat(text(code))
        .isEqualTo("int twice(int number)\n\nTwice a number.\n\nParameters:\n  number: it");
  }

  @Test
  void aNameInTheArgumentsGoesFirst() {
    assertThat(text("twice(count|)")).startsWith("int count");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"|", "if (|", "unknown|", "1 + |", "\"count|\"", "// count|", "{ |", "foo.bar|"})
  void whereThereIsNothingThereIsNoAnswer(String code) {
    assertThat(inspection.inspect(code.replace("|", ""), code.indexOf('|'), 0)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "Point|; record Point(int x, int y)",
        "new Point(1, 2).sum|(); int sum()",
        "words|.get(0); List<String> words",
        "Math.PI|; public static final double PI = 3.141592653589793",
        "PI|; public static final double PI = 3.141592653589793",
        "max|(1, 2); public static int max(int a, int b)",
        "words.stream().map(w -> w|); String w",
        "String fresh| = \"\"; String fresh",
        "ArrayList|<String> l; public class java.util.ArrayList<E> extends AbstractList<E>",
        "Executor|; public interface java.util.concurrent.Executor",
        "java.util.zip|; package java.util.zip",
        "ZipFile|; class java.util.zip.ZipFile",
        "TimeUnit.SECONDS|; TimeUnit SECONDS",
        "words.get(0).length|(); public int length()",
        "String::valueOf|; public static String valueOf(Object obj)",
        "@Deprecated|; @interface java.lang.Deprecated"
      })
  void theDeclarationIsShown(String code, String declaration) {
    assertThat(text(code)).contains(declaration);
  }

  @Test
  void allOverloadsAreShownWithTheirDocumentation() {
    assertThat(text("new lib.Gadget(1).spin|"))
        .contains(
            "public double spin(int times, List<String>... name)",
            "Parameters:",
            "public double spin()",
            "Spins it once.");
  }

  @Test
  void documentationOfALibraryComesFromItsSourceJar() {
    assertThat(text("lib.Gadget|")).contains("A thing that spins.");
    assertThat(text("lib.Gadget.LIMIT|")).contains("How often at most.");
    assertThat(text("new lib.Gadget|(1)"))
        .contains("public Gadget(int size)", "A gadget of some size.");
    assertThat(text("new lib.Gadget(|")).contains("public Gadget(int size)");
    assertThat(text("new lib.Gadget.Part().weight|")).contains("Its weight.");
  }

  @Test
  void javadocBecomesMarkdown() {
    assertThat(markdown("new lib.Gadget(1).spin|"))
        .startsWith(
            """
            ```java
            // lib.Gadget
            public double spin(int times, List<String>... name)
            ```

            Spins it \\<fast>, see its size and `LIMIT`.

            - once,
            - twice

            ```java
            new Gadget(1)
                .spin(2, "a");
            ```

            **Parameters**

            - `times` \u2013 how often, as `int`
            - `name` \u2013 of the spin

            **Returns** the angle

            **Throws**

            - `IllegalStateException` \u2013 if **broken**

            **Since** 3""");
  }

  @Test
  void javadocBecomesText() {
    assertThat(text("new lib.Gadget(1).spin|"))
        .startsWith(
            """
            // lib.Gadget
            public double spin(int times, List<String>... name)

            Spins it <fast>, see its size and LIMIT.

            - once,
            - twice

              new Gadget(1)
                  .spin(2, "a");

            Parameters:
              times: how often, as int
              name: of the spin

            Returns:
              the angle

            Throws:
              IllegalStateException: if broken

            Since: 3""");
  }

  @Test
  void documentationIsInherited() {
    assertThat(text("new lib.Gadget(1).stop|"))
        .contains("public void stop(int after)", "Stops it.", "after: the seconds");
    assertThat(text("new lib.Gadget(1).begin|")).contains("Here too. Begins it.");
  }

  @Test
  void moreDetailAddsTheSource() {
    assertThat(at("new lib.Gadget(1).spin|", 1).text()).contains("{\n  return times;\n}");
    assertThat(at("twice|(1)", 1).text()).contains("{ return 2 * number; }");
    assertThat(at("new lib.Gadget(1).spin|", 0).text()).doesNotContain("return times;");
  }

  @Test
  void aSourceFolderServesToo() throws IOException {
    try (JShell own = Sessions.begin();
        CellCompiler seen = new CellCompiler(own);
        Sources given = new Sources()) {
      seen.addToClassPath(List.of(folder.resolve("classes")));
      CodeInspection inspection = new CodeInspection(seen, given, own::varValue);
      assertThat(inspection.inspect("lib.Gadget", 10, 0).orElseThrow().text())
          .doesNotContain("A thing");
      given.add(folder.resolve("src"));
      assertThat(inspection.inspect("lib.Gadget", 10, 0).orElseThrow().text()).contains("A thing");
    }
  }

  @Test
  void documentationOfTheJdkIsShownWhereItsSourcesAreInstalled() {
    assumeThat(Path.of(System.getProperty("java.home"), "lib", "src.zip")).exists();
    assertThat(text("\"\".substring|"))
        .contains("public String substring(int beginIndex, int endIndex)", "is a substring of");
    assertThat(text("words.get|(0)")).contains("get(int index)", "element at the specified");
    assertThat(text("sqrt|(2)")).contains("square root");
  }

  @Test
  void aValueIsShownAsItIsNow() {
    Sessions.run(shell, "int changing = 1;");
    assertThat(text("changing|")).endsWith("= 1");
    Sessions.run(shell, "changing = 2;");
    assertThat(text("changing|")).endsWith("= 2");
  }

  @Test
  void aLongValueIsCut() {
    Sessions.run(shell, "String longText = \"x\".repeat(100_000);");
    assertThat(text("longText|").length()).isLessThan(300);
  }

  @Test
  void aLocalVariableHidesTheSessionsOne() {
    assertThat(text("int f(String count) { return count|; }")).isEqualTo("String count");
  }
}
