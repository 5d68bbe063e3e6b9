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
import java.util.concurrent.RejectedExecutionException;
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
  private final int most;

  /** Only its thread sees the entries: no cell waits for the file. */
  private final ExecutorService writer =
      Executors.newSingleThreadExecutor(task -> Daemon.of("history", task));

  private final List<Entry> entries = new ArrayList<>();
  private int session = 1;
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
    this(file, MOST);
  }

  History(@Nullable Path file, int most) {
    this.file = file;
    this.most = most;
  }

  /**
   * Adds a cell. A file that cannot be written costs the user no cell: history then lasts as long
   * as the kernel.
   */
  void add(int line, String input, String output) {
    try {
      writer.execute(() -> written(line, input, output));
    } catch (RejectedExecutionException e) {
      // The kernel has closed.
    }
  }

  private void written(int line, String input, String output) {
    readOnce();
    Entry entry = new Entry(session, line, input, output);
    entries.add(entry);
    if (file != null) {
      try {
        locked(file, channel -> append(channel, entry.json() + "\n"));
      } catch (IOException e) {
        // Kept in memory.
      }
    }
  }

  private static void append(FileChannel channel, String line) throws IOException {
    long end = channel.size();
    ByteBuffer last = ByteBuffer.allocate(1);
    if (end > 0 && channel.read(last, end - 1) == 1 && last.get(0) != '\n') {
      // What was cut off there must not take this one with it.
      line = "\n" + line;
    }
    write(channel, end, line);
  }

  private static void write(FileChannel channel, long at, String text) throws IOException {
    channel.position(at);
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** What is done with the file while no other kernel, in this JVM or another, does anything. */
  private interface Use {
    void of(FileChannel channel) throws IOException;
  }

  private static void locked(Path file, Use use) throws IOException {
    // A JVM may not lock a file twice.
    synchronized (History.class) {
      try (FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        // The lock goes with the channel.
        channel.lock();
        use.of(channel);
      }
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
    if (file == null) {
      return;
    }
    try {
      prepare(file);
      locked(file, this::read);
    } catch (IOException e) {
      // This session has its own history, in memory.
    }
    session = entries.stream().mapToInt(Entry::session).max().orElse(0) + 1;
  }

  private void read(FileChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(channel.size()));
    while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
      // All of it.
    }
    // A broken character spoils its line, not the file.
    String text = new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
    for (String line : text.split("\n", -1)) {
      Entry entry = line.isEmpty() ? null : Entry.of(line);
      if (entry != null) {
        entries.add(entry);
      }
    }
    if (entries.size() > most) {
      entries.subList(0, entries.size() - most / 2).clear();
      StringBuilder newest = new StringBuilder();
      entries.forEach(e -> newest.append(e.json()).append('\n'));
      channel.truncate(0);
      write(channel, 0, newest.toString());
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
