package org.dlaclab.kernel.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Cells are remembered, from session to session. */
@Timeout(30)
class HistoryTest {
  @TempDir private Path folder;

  private Path file() {
    return folder.resolve("state/history.jsonl");
  }

  private static JsonArray rows(History history, Object... namesAndValues) {
    JsonObject reply = history.answer(Json.object(namesAndValues));
    assertThat(reply.get("status").getAsString()).isEqualTo("ok");
    return reply.getAsJsonArray("history");
  }

  private static List<String> cells(History history, Object... namesAndValues) {
    List<String> cells = new ArrayList<>();
    for (JsonElement row : rows(history, namesAndValues)) {
      cells.add(row.getAsJsonArray().get(2).getAsString());
    }
    return cells;
  }

  private static List<String> all(History history) {
    return cells(history, "hist_access_type", "tail", "n", Integer.MAX_VALUE);
  }

  private List<String> stored() {
    try (History history = new History(file())) {
      return all(history);
    }
  }

  private static List<String> numbered(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> "cell " + i).toList();
  }

  @Test
  void theTailIsTheLastCells() {
    try (History history = new History(null)) {
      numbered(0, 20).forEach(code -> history.add(1, code, ""));
      assertThat(cells(history, "hist_access_type", "tail", "n", 3)).isEqualTo(numbered(17, 20));
      assertThat(cells(history, "hist_access_type", "tail")).hasSize(10);
      assertThat(cells(history, "hist_access_type", "tail", "n", -1)).isEmpty();
    }
  }

  @Test
  void aRangeIsOfOneSession() {
    for (int session = 1; session <= 3; session++) {
      try (History history = new History(file())) {
        for (int line = 1; line <= 4; line++) {
          history.add(line, session + ":" + line, "");
        }
      }
    }
    try (History history = new History(file())) {
      history.add(1, "4:1", "");
      assertThat(range(history, "session", 2, "start", 2, "stop", 4)).containsExactly("2:2", "2:3");
      assertThat(range(history, "session", -1, "start", 3)).containsExactly("3:3", "3:4");
      assertThat(range(history, "session", 0)).containsExactly("4:1");
      assertThat(range(history, "session", 9)).isEmpty();
    }
  }

  private static List<String> range(History history, Object... more) {
    List<Object> request = new ArrayList<>(List.of("hist_access_type", "range"));
    request.addAll(List.of(more));
    return cells(history, request.toArray());
  }

  @Test
  void outputsAreToldWhenAskedForAndNullWhereThereIsNone() {
    try (History history = new History(null)) {
      history.add(1, "1 + 1", "2");
      history.add(2, "int x;", "");
      assertThat(rows(history, "hist_access_type", "tail", "n", 2, "output", true).toString())
          .isEqualTo("[[1,1,[\"1 + 1\",\"2\"]],[1,2,[\"int x;\",null]]]");
    }
  }

  @Test
  void aPatternIsAGlobOverTheWholeCell() {
    Random random = new Random(5);
    try (History history = new History(null)) {
      List<String> codes = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        String code = random(random, "ab.[(\n", 6);
        codes.add(code);
        history.add(i, code, "");
      }
      for (int i = 0; i < 200; i++) {
        String glob = random(random, "ab.[(\n*?*?", 5);
        List<String> expected = codes.stream().filter(code -> fits(glob, code)).toList();
        assertThat(cells(history, "hist_access_type", "search", "pattern", glob))
            .as(glob)
            .isEqualTo(expected);
      }
    }
  }

  private static String random(Random random, String letters, int most) {
    StringBuilder text = new StringBuilder();
    for (int n = random.nextInt(most + 1); n > 0; n--) {
      text.append(letters.charAt(random.nextInt(letters.length())));
    }
    return text.toString();
  }

  /** Globs as they are defined, letter by letter. */
  private static boolean fits(String glob, String text) {
    if (glob.isEmpty()) {
      return text.isEmpty();
    }
    if (glob.charAt(0) == '*') {
      return IntStream.rangeClosed(0, text.length())
          .anyMatch(i -> fits(glob.substring(1), text.substring(i)));
    }
    return !text.isEmpty()
        && (glob.charAt(0) == '?' || glob.charAt(0) == text.charAt(0))
        && fits(glob.substring(1), text.substring(1));
  }

  @Test
  void aSearchGivesTheNewestAndEachOnceIfAsked() {
    try (History history = new History(null)) {
      for (String code : List.of("a1", "b", "a2", "a1", "a3")) {
        history.add(1, code, "");
      }
      assertThat(cells(history, "hist_access_type", "search", "pattern", "a*", "n", 2))
          .containsExactly("a1", "a3");
      assertThat(cells(history, "hist_access_type", "search", "pattern", "a*", "unique", true))
          .containsExactly("a2", "a1", "a3");
    }
  }

  @Test
  void whatIsAskedWronglyIsAnsweredAsIfItWereNotSaid() {
    try (History history = new History(null)) {
      history.add(1, "a", "");
      JsonObject odd = new JsonObject();
      odd.add("n", com.google.gson.JsonParser.parseString("1e999999999"));
      odd.addProperty("hist_access_type", 3);
      assertThat(history.answer(odd).getAsJsonArray("history")).hasSize(1);
    }
  }

  @Test
  void aFileThatIsLongIsCutToItsNewestHalf() throws IOException {
    try (History history = new History(file(), 10)) {
      numbered(0, 25).forEach(code -> history.add(1, code, ""));
    }
    try (History history = new History(file(), 10)) {
      assertThat(all(history)).isEqualTo(numbered(20, 25));
      history.add(1, "cell 25", "");
    }
    assertThat(Files.readAllLines(file())).hasSize(6);
    assertThat(stored()).isEqualTo(numbered(20, 26));
  }

  @Test
  void aBrokenLineCostsNoOtherLine() throws IOException {
    try (History history = new History(file())) {
      history.add(1, "first", "");
    }
    List<byte[]> broken =
        List.of(
            "{\"session\": 1, \"li".getBytes(StandardCharsets.UTF_8),
            "\n\n[]\nnull\n\u0000\u0000\n".getBytes(StandardCharsets.UTF_8),
            "[".repeat(100_000).getBytes(StandardCharsets.UTF_8),
            "{\"session\": 1e99999, \"input\": 7}\n{\"input\": \"h\u00E9"
                .getBytes(StandardCharsets.ISO_8859_1));
    for (int i = 0; i < broken.size(); i++) {
      Files.write(file(), broken.get(i), java.nio.file.StandardOpenOption.APPEND);
      try (History history = new History(file())) {
        history.add(1, "after " + i, "");
      }
    }
    assertThat(stored()).contains("first", "after 0", "after 1", "after 2", "after 3");
  }

  @Test
  void kernelsThatWriteAtTheSameTimeLoseNothing() throws InterruptedException {
    List<Thread> writers = new ArrayList<>();
    for (int k = 0; k < 4; k++) {
      String kernel = "kernel " + k + ", cell ";
      writers.add(
          new Thread(
              () -> {
                try (History history = new History(file())) {
                  for (int i = 0; i < 100; i++) {
                    history.add(i, kernel + i, "");
                  }
                  all(history); // So that all is written when it closes.
                }
              }));
    }
    writers.forEach(Thread::start);
    for (Thread writer : writers) {
      writer.join();
    }
    List<String> stored = stored();
    assertThat(stored).hasSize(400);
    for (int k = 0; k < 4; k++) {
      Pattern mine = Pattern.compile("kernel " + k + ", cell (\\d+)");
      assertThat(stored.stream().map(mine::matcher).filter(m -> m.matches()).map(m -> m.group(1)))
          .containsExactlyElementsOf(IntStream.range(0, 100).mapToObj(String::valueOf).toList());
    }
  }

  @Test
  void aFileThatCannotBeUsedCostsNoCell() throws IOException {
    Path blocked = Files.createFile(folder.resolve("blocked"));
    try (History history = new History(blocked.resolve("history.jsonl"))) {
      history.add(1, "kept", "");
      assertThat(all(history)).containsExactly("kept");
    }
  }

  @Test
  void onlyTheUserReadsTheFile() throws IOException {
    try (History history = new History(file())) {
      history.add(1, "secret", "");
      all(history);
    }
    if (Files.getFileStore(file()).supportsFileAttributeView("posix")) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
          .isEqualTo("rw-------");
    }
  }

  @Test
  void afterTheEndNothingIsAddedAndNothingFails() {
    History history = new History(file());
    history.add(1, "in time", "");
    history.close();
    history.add(2, "too late", "");
    assertThat(stored()).containsExactly("in time");
  }
}
