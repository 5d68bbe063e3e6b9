package org.dlaclab.kernel.eval;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.tools.ToolProvider;
import jdk.jshell.JShell;
import org.dlaclab.kernel.eval.Completions.Item;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** In the code, a bar is the cursor. */
class CodeCompletionTest {
  /** A cell under test waits for it, to be seen while it runs. */
  static final CountDownLatch RUNNING = new CountDownLatch(1);

  static final CountDownLatch END = new CountDownLatch(1);

  private static JShell shell;
  private static CellCompiler compiler;
  private static CodeCompletion completion;

  @BeforeAll
  static void begin() {
    shell =
        Sessions.begin(
            "int count = 3;",
            "List<String> words = new ArrayList<>();",
            "var ages = new HashMap<String, Integer>();",
            "/** Twice a number. */\nint twice(int number) { return 2 * number; }",
            "record Point(int x, int y) { int sum() { return x + y; } }",
            "@Deprecated int old() { return 1; }",
            "interface Shape { double area(); }");
    compiler = new CellCompiler(shell);
    completion = new CodeCompletion(compiler, new Sources());
  }

  @AfterAll
  static void end() {
    compiler.close();
    shell.close();
  }

  private static Completions at(String code) {
    int cursor = code.indexOf('|');
    return completion.complete(code.replace("|", ""), cursor);
  }

  private static List<String> texts(String code) {
    return at(code).items().stream().map(Item::text).toList();
  }

  private static Item item(String code, String text) {
    return at(code).items().stream()
        .filter(i -> i.text().equals(text))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + text + " in " + texts(code)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      quoteCharacter = '`',
      value = {
        "\"abc\".subst|# substring# function",
        "words.get(0).subst|# substring# function",
        "words.stream()\\n    .fil|# filter# function",
        "words.stream().map(w -> w.leng|# length# function",
        "words.forEach(w -> { int n = w.leng|# length# function",
        "ages.entrySet().iterator().next().getV|# getValue# function",
        "List.of(1).stream().map(i -> i + 1).sorted((a, b) -> a.comp|# compareTo# function",
        "for (var w : words) w.leng|# length# function",
        "if (words.isEm|# isEmpty# function",
        "int n = wor|# words# instance",
        "twice(cou|# count# instance",
        "twi|# twice# function",
        "new ArrayLi|# ArrayList# class",
        "new java.util.ArrayLi|# ArrayList# class",
        "List<Stri|# String# class",
        "Runna|# Runnable# interface",
        "TimeUn|# TimeUnit# enum",
        "TimeUnit.SEC|# SECONDS# field",
        "Math.P|# PI# field",
        "sq|# sqrt# function",
        "retu|# return# keyword",
        "java.ut|# util# module",
        "import java.uti|# util# module",
        "import java.util.concurrent.ExecutorSer|# ExecutorService# class",
        "import static java.lang.Math.sq|# sqrt# function",
        "@Overr|# Override# interface",
        "words.forEach(System.out::printl|# println# function",
        "String::valu|# valueOf# function",
        "new Point(1, 2).s|# sum# function",
        "int[] numbers = {1};\\nnumbers.len|# length# field",
        "int f(int given) { return giv|# given# instance",
        "class A { int member; int f() { return memb|# member# field"
      })
  void isOfferedWithItsType(String code, String text, String type) {
    assertThat(item(code.replace("\\n", "\n"), text).type()).isEqualTo(type);
  }

  @Test
  void whatTheCellDeclaresAboveIsSeenBeforeItRuns() {
    String cell =
        """
        import java.nio.file.*;
        String fresh = "a";
        var list = List.of(fresh);
        int helper(String given) { return 1; }
        record Pair(int left, int right) {}
        %s|
        int later = 3;
        """;
    assertThat(texts(cell.formatted("fresh.inde"))).contains("indexOf");
    assertThat(texts(cell.formatted("list.get(0).inde"))).contains("indexOf");
    assertThat(item(cell.formatted("help"), "helper").signature()).isEqualTo("(String given) int");
    assertThat(texts(cell.formatted("new Pair(1, 2).le"))).containsExactly("left");
    assertThat(texts(cell.formatted("Path.o"))).contains("of");
    assertThat(texts(cell.formatted("int f(int n) { return fresh.inde"))).contains("indexOf");
  }

  @Test
  void anErrorAboveDoesNotHinder() {
    assertThat(texts("int wrong = \"text\";\nunknown.call();\nString s = \"\";\ns.inde|"))
        .contains("indexOf");
  }

  @Test
  void replacesTheNameBegunUpToTheCursor() {
    Completions completions = at("int n = words.si|ze();");
    assertThat(completions.start()).isEqualTo("int n = words.".length());
    assertThat(completions.end()).isEqualTo("int n = words.si".length());
    assertThat(completions.items()).extracting(Item::text).containsExactly("size");
  }

  @Test
  void signaturesAreOfTheTypeBeforeTheDot() {
    assertThat(item("words.g|", "get").signature()).endsWith(") String");
    assertThat(item("ages.get(\"a\").comp|", "compareTo").signature()).endsWith(") int");
    assertThat(item("twi|", "twice").signature()).isEqualTo("(int number) int");
    assertThat(item("cou|", "count").signature()).isEqualTo("int");
    assertThat(item("new Poi|", "Point").signature()).isEqualTo("(int x, int y)");
  }

  @Test
  void overloadsAreOneItem() {
    assertThat(texts("\"a\".subst|")).containsExactly("substring");
    assertThat(item("\"a\".subst|", "substring").signature()).endsWith("String (+1 more)");
  }

  @Test
  void whatFitsTheWantedTypeComesFirst() {
    assertThat(texts("int n = \"\".c|")).startsWith("charAt", "codePointAt");
    assertThat(texts("String s = \"\".c|").get(0)).isEqualTo("concat");
    assertThat(texts("List<String> l = new L|").get(0)).isEqualTo("LinkedList");
    assertThat(texts("words.get(co|").get(0)).isEqualTo("count");
    assertThat(texts("boolean b = co|").get(0)).isNotEqualTo("count");
  }

  @Test
  void theRestIsInAlphabeticalOrderWithoutDuplicates() {
    List<String> members = texts("words.|");
    assertThat(members).isSortedAccordingTo(String.CASE_INSENSITIVE_ORDER).doesNotHaveDuplicates();
    assertThat(members).contains("add", "forEach", "stream", "wait");
  }

  @Test
  void deprecatedIsSaid() {
    assertThat(item("new Thread().sto|", "stop").deprecated()).isTrue();
    assertThat(item("ol|", "old").deprecated()).isTrue();
    assertThat(item("new Thread().star|", "start").deprecated()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"abc|",
        "\"words.|",
        "// wor|",
        "/* wor|",
        "'a|",
        "int x = 12|",
        "\"\"\"\n wor|"
      })
  void nothingIsOfferedInsideOfTextCommentsAndNumbers(String code) {
    assertThat(at(code).items()).isEmpty();
  }

  @Test
  void instancesOfferNoStaticsAndTypesNoInstanceMembers() {
    assertThat(texts("\"\".|")).contains("length").doesNotContain("valueOf", "format", "<init>");
    assertThat(texts("String.|")).contains("valueOf", "class").doesNotContain("length");
  }

  @Test
  void namesThatTheKernelNeedsItselfAreHidden() {
    assertThat(texts("|")).isNotEmpty().noneMatch(name -> name.startsWith("$"));
    assertThat(texts("$|")).noneMatch(name -> name.endsWith("$"));
    assertThat(texts("class A { void f() { |"))
        .noneMatch(name -> name.startsWith("$") || name.equals("REPL"));
  }

  @Test
  void nothingTypedOffersWhatTheSessionDeclared() {
    assertThat(texts("|")).contains("count", "words", "twice", "sqrt");
  }

  @Test
  void aClassWithoutImportIsOfferedByItsWholeName() {
    Item item = item("ZipInputStr|", "java.util.zip.ZipInputStream");
    assertThat(item.type()).isEqualTo("class");
    assertThat(texts("ArrayLi|")).startsWith("ArrayList").doesNotContain("java.util.ArrayList");
  }

  @Test
  void humpsHelpWhereNothingMatches() {
    assertThat(texts("aL|")).contains("ArrayList");
    assertThat(texts("ages.gOD|")).containsExactly("getOrDefault");
    assertThat(texts("words.ISE|")).containsExactly("isEmpty");
  }

  @Test
  void whatIsDroppedIsNotOfferedAnyMore() {
    try (JShell own = Sessions.begin("int brief = 1;")) {
      CodeCompletion completion = new CodeCompletion(new CellCompiler(own), new Sources());
      assertThat(completion.complete("bri", 3).items()).hasSize(1);
      own.variables().toList().forEach(own::drop);
      assertThat(completion.complete("bri", 3).items()).isEmpty();
      Sessions.run(own, "String brief = \"\";");
      assertThat(completion.complete("bri", 3).items())
          .containsExactly(new Item("brief", "instance", "String", false));
    }
  }

  @Test
  void jarsAndFoldersAddedLaterAreSeen(@TempDir Path folder) throws IOException {
    Path source = Files.createDirectories(folder.resolve("src/lib")).resolve("Gadget.java");
    Files.writeString(
        source, "package lib; public class Gadget { public void spin(int times) {} }");
    Path classes = Files.createDirectories(folder.resolve("classes"));
    int failed =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-g", "-d", classes.toString(), source.toString());
    assertThat(failed).isZero();
    try (JShell own = Sessions.begin()) {
      CellCompiler added = new CellCompiler(own);
      CodeCompletion completion = new CodeCompletion(added, new Sources());
      assertThat(completion.complete("Gadg", 4).items()).isEmpty();
      added.addToClassPath(List.of(classes));
      assertThat(completion.complete("Gadg", 4).items())
          .extracting(Item::text)
          .containsExactly("lib.Gadget");
      assertThat(completion.complete("import li", 9).items())
          .extracting(Item::text)
          .contains("lib");
      String code = "new lib.Gadget().sp";
      assertThat(completion.complete(code, code.length()).items())
          .containsExactly(new Item("spin", "function", "(int times) void", false));
    }
  }

  @Test
  @Timeout(60)
  void answersWhileACellRuns() throws Exception {
    try (JShell own = Sessions.begin("int before = 1;")) {
      CodeCompletion completion = new CodeCompletion(new CellCompiler(own), new Sources());
      own.addToClasspath(System.getProperty("java.class.path"));
      Thread cell =
          new Thread(
              () ->
                  own.eval(
                      "{ var c = ClassLoader.getSystemClassLoader()"
                          + ".loadClass(\"org.dlaclab.kernel.eval.CodeCompletionTest\");"
                          + " var m = c.getDeclaredMethod(\"waitForEnd\");"
                          + " m.setAccessible(true); m.invoke(null); }"));
      cell.start();
      assertThat(RUNNING.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(completion.complete("bef", 3).items())
          .extracting(Item::text)
          .containsExactly("before");
      assertThat(cell.isAlive()).isTrue();
      END.countDown();
      cell.join();
    }
  }

  @Test
  @Timeout(60)
  void answersWhileJShellCompiles() throws Exception {
    try (JShell own = Sessions.begin("String text = \"\";")) {
      CodeCompletion completion = new CodeCompletion(new CellCompiler(own), new Sources());
      AtomicBoolean end = new AtomicBoolean();
      Thread cells =
          new Thread(
              () -> {
                for (int i = 0; !end.get(); i++) {
                  own.eval("int number" + i % 7 + " = " + i + ";");
                }
              });
      cells.start();
      for (int i = 0; i < 30; i++) {
        assertThat(completion.complete("int a = 1;\ntext.inde", 20).items())
            .extracting(Item::text)
            .contains("indexOf");
      }
      end.set(true);
      cells.join();
    }
  }

  static void waitForEnd() throws InterruptedException {
    RUNNING.countDown();
    END.await();
  }
}
