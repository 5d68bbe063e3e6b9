package org.dlaclab.explore;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import org.dlaclab.error.DlacException;
import org.dlaclab.file.WholeFile;

/**
 * Results in a file, a line of JSON each, which only grows. The last field of a line is a checksum
 * of what stands before it.
 *
 * <p>Lines are written and forced to the disk before a point counts as done, so that a kill at any
 * moment costs the points in flight. It may leave a part of a line at the end, which the next one
 * to write takes away. A line that is damaged anywhere else was damaged by something else, and is
 * refused.
 *
 * <p>Processes that share a file take turns to write, and claim points while they compute them, by
 * locks on a file beside it, which the system frees when a process ends in whatever way.
 */
final class Store implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String CHECKSUM = ",\"crc32\":\"";
  private static final int CHECKSUM_LENGTH = CHECKSUM.length() + 8 + 2;

  /** The byte of the lock file that who writes holds; claims lie behind it. */
  private static final long WRITING = 0;

  /** How a line begins. */
  private static final Pattern LINE = Pattern.compile("\\{\"key\":\"[0-9a-f]{32}\"");

  /** So much is read at once. */
  private static final long MOST_BYTES = 1 << 30;

  /** One writer of this process at a time: locks of files are between processes. */
  private static final Object IN_PROCESS = new Object();

  /** The lock files of this process' open stores. */
  private static final Map<Path, Locks> LOCKS = new HashMap<>();

  private final Path path;
  private final FileChannel file;
  private final Locks locks;

  /** What this store has claimed, for when it closes. */
  private final Set<FileLock> claimed = new HashSet<>();

  private final Map<String, Map<Metric, Double>> figures = new HashMap<>();

  /** Up to here the file has been read. */
  private long read;

  /** Whole lines before that. */
  private long lines;

  private Store(Path path, FileChannel file, Locks locks) {
    this.path = path;
    this.file = file;
    this.locks = locks;
  }

  /**
   * Reads the file, or begins one.
   *
   * @throws DlacException if it cannot be read, is something else, or a line but the last is
   *     damaged
   */
  static Store open(Path path) {
    WholeFile.requirePlace(path);
    Store store;
    try {
      FileChannel file = channel(path);
      try {
        store = new Store(path, file, Locks.of(path.toRealPath()));
      } catch (IOException e) {
        file.close();
        throw e;
      }
    } catch (IOException e) {
      throw unusable(path, e);
    }
    try {
      store.refresh();
      return store;
    } catch (DlacException e) {
      store.close();
      throw e;
    }
  }

  private static FileChannel channel(Path path) throws IOException {
    return FileChannel.open(
        path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  /**
   * A lock file, which all stores of a file in this process share: when a process closes a file,
   * POSIX frees all locks that it has on it, whichever channel they came from.
   */
  private static final class Locks {
    private final Path path;
    private final FileChannel channel;
    private int stores;

    private Locks(Path path) throws IOException {
      this.path = path;
      this.channel = channel(path);
    }

    static Locks of(Path store) throws IOException {
      Path path = store.resolveSibling(store.getFileName() + ".lock");
      synchronized (IN_PROCESS) {
        Locks locks = LOCKS.get(path);
        if (locks == null) {
          locks = new Locks(path);
          LOCKS.put(path, locks);
        }
        locks.stores++;
        return locks;
      }
    }

    void leave() throws IOException {
      if (--stores == 0) {
        LOCKS.remove(path);
        channel.close();
      }
    }
  }

  private static DlacException unusable(Path path, IOException e) {
    return new DlacException(
        "the store \"" + path + "\" cannot be used: " + e,
        "a file that can be read and written",
        "check the path, the rights and the room on the disk",
        e);
  }

  /** The figures of a point, if they are there. */
  Optional<Map<Metric, Double>> find(String key) {
    return Optional.ofNullable(figures.get(key));
  }

  /** Reads what this and other processes have written since. */
  void refresh() {
    synchronized (IN_PROCESS) {
      try {
        if (readOn().isPresent()) {
          // Another process may have been writing: nobody does while this one has the lock.
          FileLock lock = locks.channel.lock(WRITING, 1, false);
          try {
            requireSound();
          } finally {
            lock.release();
          }
        }
      } catch (IOException e) {
        throw unusable(path, e);
      }
    }
  }

  private void requireSound() throws IOException {
    Optional<DlacException> wrong = readOn();
    if (wrong.isPresent()) {
      throw wrong.get();
    }
  }

  /** Takes the whole lines that follow, and says what is wrong with what does not. */
  private Optional<DlacException> readOn() throws IOException {
    byte[] text = readAll();
    int from = 0;
    for (int i = 0; i < text.length; i++) {
      if (text[i] == '\n') {
        String line = new String(text, from, i - from, StandardCharsets.UTF_8);
        if (!take(line)) {
          if (i + 1 < text.length) {
            return Optional.of(
                lines == 0 && !isPart(line) ? noStore(line) : damaged(lines + 1, line));
          }
          break;
        }
        lines++;
        read += i + 1 - from;
        from = i + 1;
      }
    }
    // Who writes next takes it away.
    String rest = new String(text, from, text.length - from, StandardCharsets.UTF_8);
    return isPart(rest)
        ? Optional.empty()
        : Optional.of(lines == 0 ? noStore(rest) : damaged(lines + 1, rest));
  }

  /** Whether a kill may have left this of a line; zeros are what was not on the disk yet. */
  private static boolean isPart(String line) {
    Matcher begin = LINE.matcher(line.strip().replaceAll("\0+$", ""));
    return begin.lookingAt() || begin.hitEnd();
  }

  private byte[] readAll() throws IOException {
    long size = file.size() - read;
    if (size < 0) {
      throw new DlacException(
          "the store \"" + path + "\" has become shorter while it was read",
          "a file that only grows",
          "restore it from a copy, or run the sweep again: what is missing is computed");
    }
    if (size > MOST_BYTES) {
      throw new DlacException(
          String.format(Locale.ROOT, "the store \"%s\" has %,d bytes to read", path, size),
          String.format(Locale.ROOT, "at most %,d", MOST_BYTES),
          "keep sweeps in files of their own: store(\"another.jsonl\")");
    }
    byte[] text = new byte[Math.toIntExact(size)];
    ByteBuffer bytes = ByteBuffer.wrap(text);
    while (bytes.hasRemaining() && file.read(bytes, read + bytes.position()) >= 0) {
      // Until all is read.
    }
    return text;
  }

  private DlacException noStore(String text) {
    return new DlacException(
        "\"" + path + "\" is no store of a sweep: it begins with " + inShort(text),
        "a file that a sweep has written, or none yet",
        "take another name");
  }

  private static String inShort(String line) {
    return "\"" + line.substring(0, Math.min(60, line.length())) + "\"...";
  }

  private DlacException damaged(long number, String line) {
    return new DlacException(
        "line " + number + " of the store \"" + path + "\" is damaged: " + inShort(line),
        "lines as they were written: the checksum at the end of this one is not that of the line",
        "restore the file from a copy, or remove line " + number + ": its point is computed again");
  }

  /** False if the line is no whole one. */
  private boolean take(String line) {
    int end = line.length() - CHECKSUM_LENGTH;
    if (end < 1 || !line.equals(sealed(line.substring(0, end)))) {
      return false;
    }
    try {
      JsonNode json = JSON.readTree(line);
      Map<Metric, Double> values = new EnumMap<>(Metric.class);
      for (Metric metric : Metric.values()) {
        JsonNode value = json.path("figures").path(metric.name());
        if (!value.isMissingNode()) {
          values.put(metric, value.isNumber() ? value.doubleValue() : Double.NaN);
        }
      }
      // A figure that did not exist when the line was written: the point is computed again.
      if (values.size() == Metric.values().length) {
        figures.putIfAbsent(json.path("key").asText(), values);
      }
      return true;
    } catch (JsonProcessingException e) {
      return false;
    }
  }

  /** The line of a JSON object without its closing brace. */
  private static String sealed(String open) {
    CRC32 crc = new CRC32();
    crc.update(open.getBytes(StandardCharsets.UTF_8));
    return open + CHECKSUM + String.format(Locale.ROOT, "%08x", crc.getValue()) + "\"}";
  }

  /** Writes results, all in one, and returns when they are on the disk. */
  void append(List<ObjectNode> results) {
    StringBuilder text = new StringBuilder();
    for (ObjectNode result : results) {
      String json = result.toString();
      text.append(sealed(json.substring(0, json.length() - 1))).append('\n');
    }
    if (text.length() == 0) {
      return;
    }
    synchronized (IN_PROCESS) {
      try {
        FileLock lock = locks.channel.lock(WRITING, 1, false);
        try {
          write(text.toString());
        } finally {
          lock.release();
        }
      } catch (IOException e) {
        throw unusable(path, e);
      }
    }
  }

  private void write(String text) throws IOException {
    requireSound();
    // What stands behind the last whole line was left by a process that was killed.
    file.truncate(read);
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
    for (long at = read; bytes.hasRemaining(); ) {
      at += file.write(bytes, at);
    }
    file.force(false);
    requireSound();
  }

  /** A point that this process computes, and others leave to it meanwhile. */
  interface Claim {
    void free();
  }

  /** Claims a point; empty if another process computes it now. */
  Optional<Claim> claim(String key) {
    long at = 1 + Long.parseUnsignedLong(key.substring(0, 15), 16);
    try {
      FileLock lock = locks.channel.tryLock(at, 1, false);
      if (lock == null) {
        return Optional.empty();
      }
      claimed.add(lock);
      return Optional.of(() -> free(lock));
    } catch (OverlappingFileLockException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw unusable(path, e);
    }
  }

  private void free(FileLock lock) {
    claimed.remove(lock);
    try {
      lock.release();
    } catch (IOException e) {
      // It ends with the process.
    }
  }

  /** Frees all claims. */
  @Override
  public void close() {
    synchronized (IN_PROCESS) {
      List.copyOf(claimed).forEach(this::free);
      try (file) {
        locks.leave();
      } catch (IOException e) {
        throw unusable(path, e);
      }
    }
  }
}
