package org.dlaclab.kernel.eval;

import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Values in one short line each, whatever their {@code toString} does. */
final class Values {
  private static final int MAX_LENGTH = 120;
  private static final int MAX_ITEMS = 20;
  private static final int MAX_DEPTH = 3;
  private static final long PATIENCE_MILLIS = 200;

  private Values() {}

  /**
   * The values' lines; {@code toString} is code of users, so it runs elsewhere and not for long.
   */
  static List<String> lines(List<? extends @Nullable Object> values) {
    List<String> lines = new ArrayList<>();
    for (Object value : values) {
      FutureTask<String> task = new FutureTask<>(() -> line(value));
      Thread thread = new Thread(null, task, "show-value");
      thread.setDaemon(true);
      if (value == null || value instanceof Number || value instanceof String) {
        task.run();
      } else {
        thread.start();
      }
      lines.add(result(task));
    }
    return lines;
  }

  private static String result(FutureTask<String> task) {
    try {
      return task.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      task.cancel(true);
      return "(its toString() takes too long)";
    } catch (ExecutionException e) {
      Throwable thrown = e.getCause() == null ? e : e.getCause();
      return "(its toString() throws " + thrown.getClass().getName() + ")";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "(interrupted)";
    }
  }

  private static String line(@Nullable Object value) {
    StringBuilder line = new StringBuilder();
    append(line, value, MAX_DEPTH);
    String text = line.toString().strip().replaceAll("\\s*\\R\\s*", " ⏎ ");
    return text.length() <= MAX_LENGTH ? text : text.substring(0, MAX_LENGTH - 1) + "…";
  }

  private static void append(StringBuilder line, @Nullable Object value, int depth) {
    if (value instanceof String text) {
      line.append('"').append(text, 0, Math.min(text.length(), MAX_LENGTH)).append('"');
    } else if (value instanceof Character c) {
      line.append('\'').append((char) c).append('\'');
    } else if (value != null && value.getClass().isArray() && depth > 0) {
      int length = Array.getLength(value);
      List<@Nullable Object> first = new ArrayList<>();
      for (int i = 0; i < Math.min(length, MAX_ITEMS); i++) {
        first.add(Array.get(value, i));
      }
      String type = value.getClass().getComponentType().getSimpleName();
      line.append(type).append('[').append(length).append("] ");
      append(line, "{", first.iterator(), length, "}", depth);
    } else if (value instanceof Collection<?> items && isOfJdk(value) && depth > 0) {
      append(line, "[", items.iterator(), items.size(), "]", depth);
    } else if (value instanceof Map<?, ?> map && isOfJdk(value) && depth > 0) {
      append(line, "{", map.entrySet().iterator(), map.size(), "}", depth);
    } else if (value instanceof Map.Entry<?, ?> entry && isOfJdk(value)) {
      append(line, entry.getKey(), depth - 1);
      line.append('=');
      append(line, entry.getValue(), depth - 1);
    } else {
      line.append(value);
    }
  }

  private static boolean isOfJdk(Object value) {
    return value.getClass().getName().startsWith("java.");
  }

  /** Only the first items: a collection of millions would take long to show, for one line of it. */
  private static void append(
      StringBuilder line, String open, Iterator<?> items, int size, String close, int depth) {
    line.append(open);
    for (int i = 0; items.hasNext() && line.length() < MAX_LENGTH; i++) {
      if (i == MAX_ITEMS) {
        line.append(", … ").append(size - i).append(" more");
        break;
      }
      line.append(i == 0 ? "" : ", ");
      append(line, items.next(), depth - 1);
    }
    line.append(close);
  }
}
