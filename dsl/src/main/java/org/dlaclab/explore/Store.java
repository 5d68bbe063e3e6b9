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
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
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

  /** How each line begins. */
  private static final String BEGIN = "{\"key\":\"";

  private static final String CHECKSUM = ",\"crc32\":\"";
  private static final int CHECKSUM_LENGTH = CHECKSUM.length() + 8 + 2;

  /** The byte of the lock file that who writes holds; claims lie behind it. */
  private static final long WRITING = 0;

  /** One writer of this process at a time: locks of files are between processes. */
  private static final Object IN_PROCESS = new Object();

  private final Path path;
  private final FileChannel file;
  private final FileChannel locks;
  private final Map<String, Map<Metric, Double>> figures = new HashMap<>();

  /** Up to here the file has been read. */
  private long read;

  /** Whole lines before that. */
  private long lines;

  private Store(Path path, FileChannel file, FileChannel locks) {
    this.path = path;
    this.file = file;
    this.locks = locks;
  }

  /**
   * Reads the file, or begins one.
   *
   * @throws DlacException if it cannot be read, or a line but the last is damaged
   */
  static Store open(Path path) {
    WholeFile.requirePlace(path);
    try {
      FileChannel file =
          FileChannel.open(
              path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      Path beside = path.resolveSibling(path.getFileName() + ".lock");
      FileChannel locks =
          FileChannel.open(
              beside, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      Store store = new Store(path, file, locks);
      store.refresh();
      return store;
    } catch (IOException e) {
      throw unusable(path, e);
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
        byte[] text = readAll();
        int from = 0;
        for (int i = 0; i < text.length; i++) {
          if (text[i] == '\n') {
            String line = new String(text, from, i - from, StandardCharsets.UTF_8);
            if (!take(line)) {
              requirePartOfLine(line);
              if (i + 1 < text.length) {
                throw damaged(lines + 1, line);
              }
              return; // The last one: who writes next takes it away.
            }
            lines++;
            read += i + 1 - from;
            from = i + 1;
          }
        }
        requirePartOfLine(new String(text, from, text.length - from, StandardCharsets.UTF_8));
      } catch (IOException e) {
        throw unusable(path, e);
      }
    }
  }

  /**
   * What was begun and not ended is taken away, so it must be of a store, and no file of another
   * kind. Some file systems leave zeros where a write was cut off.
   */
  private void requirePartOfLine(String text) {
    int common = Math.min(BEGIN.length(), text.length());
    if (!text.startsWith(BEGIN.substring(0, common)) && !text.chars().allMatch(c -> c == 0)) {
      throw lines > 0
          ? damaged(lines + 1, text)
          : new DlacException(
              "\"" + path + "\" is no store of a sweep: it begins with " + inShort(text),
              "a file that a sweep has written, or none yet",
              "take another name");
    }
  }

  private static String inShort(String line) {
    return "\"" + line.substring(0, Math.min(60, line.length())) + "\"...";
  }

  private byte[] readAll() throws IOException {
    byte[] text = new byte[Math.toIntExact(file.size() - read)];
    ByteBuffer bytes = ByteBuffer.wrap(text);
    while (bytes.hasRemaining() && file.read(bytes, read + bytes.position()) >= 0) {
      // Until all is read.
    }
    return text;
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
        FileLock lock = locks.lock(WRITING, 1, false);
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
    refresh();
    // What stands behind the last whole line was left by a process that was killed.
    file.truncate(read);
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
    for (long at = read; bytes.hasRemaining(); ) {
      at += file.write(bytes, at);
    }
    file.force(false);
    refresh();
  }

  /** A point that this process computes, and others leave to it meanwhile. */
  interface Claim {
    void free();
  }

  /** Claims a point; empty if another process computes it now. */
  Optional<Claim> claim(String key) {
    long at = 1 + Long.parseUnsignedLong(key.substring(0, 15), 16);
    try {
      FileLock lock = locks.tryLock(at, 1, false);
      return lock == null ? Optional.empty() : Optional.of(() -> free(lock));
    } catch (OverlappingFileLockException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw unusable(path, e);
    }
  }

  private static void free(FileLock lock) {
    try {
      lock.release();
    } catch (IOException e) {
      // It ends with the process.
    }
  }

  /** Frees all claims. */
  @Override
  public void close() {
    try (file;
        locks) {
      // Closes both.
    } catch (IOException e) {
      throw unusable(path, e);
    }
  }
}
