package org.dlaclab.kernel.session;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The cells that ran, in this session and in earlier ones, kept in a file with a JSON object per
 * line. Sessions of several kernels may append to one file; a line that is broken, such as after a
 * power failure, is passed over.
 */
final class History implements AutoCloseable {
  /** When the file is read and holds more cells than this, the oldest are dropped from it. */
  private static final int MOST = 20_000;

  private final @Nullable Path file;

  /** Only its thread sees the entries: no cell waits for the file. */
  private final ExecutorService writer =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "history");
            thread.setDaemon(true);
            return thread;
          });

  private final List<Entry> entries = new ArrayList<>();
  private int session;
  private boolean read;

  /**
   * A cell that ran.
   *
   * @param session number of the session, 1 first
   * @param line number of the cell in its session
   * @param output its result as text, empty if it had none
   */
  record Entry(int session, int line, String input, String output) {
    private JsonObject json() {
      return Json.object("session", session, "line", line, "input", input, "output", output);
    }

    private static @Nullable Entry of(String json) {
      try {
        if (JsonParser.parseString(json) instanceof JsonObject object) {
          return new Entry(
              Json.number(object, "session", 0),
              Json.number(object, "line", 0),
              Json.text(object, "input", ""),
              Json.text(object, "output", ""));
        }
      } catch (JsonParseException e) {
        // Not ours, or cut off while it was written.
      }
      return null;
    }
  }

  /**
   * @param file where cells are kept, or null to keep them in memory only
   */
  History(@Nullable Path file) {
    this.file = file;
  }

  /**
   * Adds a cell. A file that cannot be written costs the user no cell: history then lasts as long
   * as the kernel.
   */
  synchronized void add(int line, String input, String output) {
    readOnce();
    Entry entry = new Entry(session, line, input, output);
    entries.add(entry);
    if (file == null) {
      return;
    }
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      // Other kernels append too; the lock goes with the channel.
      channel.lock();
      channel.write(ByteBuffer.wrap((entry.json() + "\n").getBytes(StandardCharsets.UTF_8)));
    } catch (IOException e) {
      // Kept in memory.
    }
  }

  /** The answer to a history_request. */
  JsonObject answer(JsonObject request) {
    return CompletableFuture.supplyAsync(() -> found(request), writer).join();
  }

  private JsonObject found(JsonObject request) {
    readOnce();
    List<Entry> found =
        switch (Json.text(request, "hist_access_type", "tail")) {
          case "range" -> range(request);
          case "search" -> search(request);
          default -> last(entries, Json.number(request, "n", 10));
        };
    JsonArray history = new JsonArray();
    boolean output = Json.flag(request, "output", false);
    for (Entry entry : found) {
      JsonArray row = new JsonArray();
      row.add(entry.session());
      row.add(entry.line());
      if (output) {
        JsonArray pair = new JsonArray();
        pair.add(entry.input());
        pair.add(entry.output().isEmpty() ? null : entry.output());
        row.add(pair);
      } else {
        row.add(entry.input());
      }
      history.add((JsonElement) row);
    }
    return Json.object("status", "ok", "history", history);
  }

  /** Session 0 is this one, -1 the one before; lines from start on, without stop. */
  private List<Entry> range(JsonObject request) {
    int asked = Json.number(request, "session", 0);
    int of = asked > 0 ? asked : session + asked;
    int start = Json.number(request, "start", 1);
    int stop = Json.number(request, "stop", Integer.MAX_VALUE);
    return matching(e -> e.session() == of && e.line() >= start && e.line() < stop);
  }

  private List<Entry> search(JsonObject request) {
    Pattern pattern = glob(Json.text(request, "pattern", "*"));
    List<Entry> found = matching(e -> pattern.matcher(e.input()).matches());
    if (Json.flag(request, "unique", false)) {
      Map<String, Entry> newest = new LinkedHashMap<>();
      for (Entry entry : found) {
        newest.remove(entry.input());
        newest.put(entry.input(), entry);
      }
      found = new ArrayList<>(newest.values());
    }
    return last(found, Json.number(request, "n", Integer.MAX_VALUE));
  }

  private List<Entry> matching(Predicate<Entry> wanted) {
    return entries.stream().filter(wanted).toList();
  }

  private static List<Entry> last(List<Entry> list, int n) {
    return list.subList(Math.max(0, list.size() - Math.max(0, n)), list.size());
  }

  private static Pattern glob(String glob) {
    StringBuilder regex = new StringBuilder();
    for (char c : glob.toCharArray()) {
      regex.append(c == '*' ? ".*" : c == '?' ? "." : Pattern.quote(String.valueOf(c)));
    }
    return Pattern.compile(regex.toString(), Pattern.DOTALL);
  }

  /** Not before it is needed: a start should not wait for it. */
  private void readOnce() {
    if (read) {
      return;
    }
    read = true;
    session = 1;
    if (file == null) {
      return;
    }
    try {
      prepare(file);
      for (String line : Files.readString(file, StandardCharsets.UTF_8).split("\n", -1)) {
        Entry entry = line.isEmpty() ? null : Entry.of(line);
        if (entry != null) {
          entries.add(entry);
        }
      }
      session = entries.stream().mapToInt(Entry::session).max().orElse(0) + 1;
      if (entries.size() > MOST) {
        entries.subList(0, entries.size() - MOST / 2).clear();
        StringBuilder text = new StringBuilder();
        entries.forEach(e -> text.append(e.json()).append('\n'));
        Files.writeString(file, text);
      }
    } catch (IOException e) {
      // Unreadable, or not text: this session has its own history, in memory.
    }
  }

  /** Only the user may read what the user typed. */
  private static void prepare(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    if (!Files.exists(file)) {
      Files.createFile(file);
      if (Files.getFileStore(file).supportsFileAttributeView("posix")) {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
      }
    }
  }

  /** Writes what is not written yet, for at most a second. */
  @Override
  public void close() {
    writer.shutdown();
    try {
      boolean unused = writer.awaitTermination(1, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
