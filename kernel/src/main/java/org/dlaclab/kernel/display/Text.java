package org.dlaclab.kernel.display;

import java.lang.reflect.Array;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Spliterator;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.regex.Pattern;
import java.util.stream.BaseStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A value as text that a person can read, whatever it is: arrays by their values, strings in
 * quotes, records and collections over several lines where they are long. It ends for every value:
 * a long one is cut with its size told, one that holds itself too, and a {@code toString} that
 * fails is named.
 */
final class Text {
  /** More characters than this help nobody and make a notebook slow. */
  static final int LONGEST = 100_000;

  private static final int LONGEST_INSIDE = 1_000;
  private static final int DEEPEST = 8;
  private static final int MOST_WORDS = 2_000;

  /** How many values of a sequence show, by how deep it is. */
  private static final int[] MOST = {100, 40, 20, 10};

  /** JShell gives a name to the class of {@code new Object() { ... }}. */
  private static final Pattern ANONYMOUS = Pattern.compile("\\$JShell\\$anonymous\\$+\\d+");

  /** How JShell names what cells declare. */
  private static final Pattern REPL = Pattern.compile("REPL\\.\\$JShell\\$\\w+[$.]");

  private final IdentityHashMap<Object, Boolean> path = new IdentityHashMap<>();
  private final Map<Class<?>, Boolean> generated = new HashMap<>();
  private int words = MOST_WORDS;

  private Text() {}

  /** The text of a value. */
  static String of(@Nullable Object value) {
    if (value instanceof String string) {
      return cut(literal(string), LONGEST);
    }
    return cut(Layout.set(new Text().layout(value)), LONGEST);
  }

  private static String literal(String string) {
    boolean cut = string.length() > LONGEST;
    String begin = cut ? begin(string, LONGEST - 1_000) : string;
    String shown = Literal.of(begin);
    return cut ? shown + String.format(Locale.ROOT, " … %,d characters", string.length()) : shown;
  }

  /** A text that was cut before is a little longer. */
  private static String cut(String text, int longest) {
    return text.length() <= longest + 100
        ? text
        : begin(text, longest) + String.format(Locale.ROOT, "… %,d characters", text.length());
  }

  /** Leaves no half of a character. */
  private static String begin(String text, int length) {
    int end = Character.isHighSurrogate(text.charAt(length - 1)) ? length - 1 : length;
    return text.substring(0, end);
  }

  private Layout layout(@Nullable Object value) {
    words--;
    if (value == null) {
      return new Layout.Word("null");
    }
    if (path.put(value, true) != null) {
      return new Layout.Word("(this " + name(value.getClass()) + ")");
    }
    try {
      return path.size() > DEEPEST && isNest(value) ? new Layout.Word("…") : known(value);
    } catch (Throwable e) {
      throwIfStop(e);
      return new Layout.Word(string(value));
    } finally {
      path.remove(value);
    }
  }

  private static boolean isNest(Object value) {
    return value.getClass().isArray()
        || value instanceof Iterable<?>
        || value instanceof Map<?, ?>
        || value instanceof Record;
  }

  private Layout known(Object value) throws InterruptedException {
    if (value instanceof Number number) {
      return new Layout.Word(string(number), true);
    }
    if (value instanceof CharSequence chars) {
      String string = chars.toString();
      return new Layout.Word(
          string.length() <= LONGEST_INSIDE
              ? Literal.string(string)
              : Literal.string(begin(string, LONGEST_INSIDE))
                  + String.format(Locale.ROOT, "… %,d characters", string.length()));
    }
    if (value instanceof Character character) {
      return new Layout.Word(Literal.character(character));
    }
    if (value.getClass().isArray()) {
      int length = Array.getLength(value);
      return sequence("[", new Indexed(length, i -> Array.get(value, i)), length, "values", "]");
    }
    if (value instanceof Collection<?> values && printsAsJavaDoes(value)) {
      return sequence("[", values.iterator(), values.size(), "values", "]");
    }
    if (value instanceof Map<?, ?> map && printsAsJavaDoes(value)) {
      return sequence("{", map.entrySet().iterator(), map.size(), "entries", "}");
    }
    if (value instanceof Map.Entry<?, ?> entry && printsAsJavaDoes(value)) {
      return entry(entry);
    }
    if (value instanceof Record record) {
      return record(record);
    }
    if (value instanceof Optional<?> optional && optional.isPresent()) {
      return new Layout.Group("Optional[", List.of(layout(optional.get())), "]");
    }
    if (value instanceof BaseStream<?, ?>) {
      String hint = value instanceof Stream<?> ? ".toList()" : ".toArray()";
      return new Layout.Word(
          publicName(value, BaseStream.class) + ", not consumed: " + hint + " shows its values");
    }
    if (value instanceof Future<?> future) {
      return future(future);
    }
    if (value instanceof Throwable thrown) {
      return new Layout.Word(thrown(thrown));
    }
    if (value instanceof Class<?> type) {
      return new Layout.Word(withoutRepl(type.toString()));
    }
    return new Layout.Word(other(value));
  }

  private Layout sequence(String open, Iterator<?> values, int size, String unit, String close) {
    int most = MOST[Math.min(path.size() - 1, MOST.length - 1)];
    List<Layout> items = new ArrayList<>();
    while (items.size() < most && words > 0 && values.hasNext()) {
      Object value = values.next();
      items.add(
          unit.equals("entries") && value instanceof Map.Entry<?, ?> entry
              ? entry(entry)
              : layout(value));
    }
    if (values.hasNext()) {
      items.add(new Layout.Word(String.format(Locale.ROOT, "… %,d %s", size, unit)));
    }
    return new Layout.Group(open, items, close);
  }

  private Layout entry(Map.Entry<?, ?> entry) {
    return new Layout.Named(layout(entry.getKey()).flat() + "=", layout(entry.getValue()));
  }

  private Layout record(Record record) {
    List<@Nullable Object> values = components(record);
    if (!generated.computeIfAbsent(record.getClass(), type -> printsAsJavaDoes(record, values))) {
      return new Layout.Word(string(record));
    }
    RecordComponent[] components = record.getClass().getRecordComponents();
    List<Layout> items = new ArrayList<>();
    for (int i = 0; i < components.length; i++) {
      items.add(new Layout.Named(components[i].getName() + "=", layout(values.get(i))));
    }
    return new Layout.Group(record.getClass().getSimpleName() + "[", items, "]");
  }

  /** The values of a record, in its order. */
  static List<@Nullable Object> components(Record record) {
    List<@Nullable Object> values = new ArrayList<>();
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      try {
        Method accessor = component.getAccessor();
        accessor.setAccessible(true);
        values.add(accessor.invoke(record));
      } catch (InvocationTargetException e) {
        throwIfStop(e.getCause());
        throw new IllegalStateException(e);
      } catch (IllegalAccessException e) {
        throw new IllegalStateException(e);
      }
    }
    return values;
  }

  /**
   * Whether a record prints as the compiler makes it print. Its author's own text is better than
   * ours, and reflection does not tell them apart.
   */
  static boolean printsAsJavaDoes(Record record, List<@Nullable Object> values) {
    try {
      RecordComponent[] components = record.getClass().getRecordComponents();
      StringBuilder expected = new StringBuilder(record.getClass().getSimpleName()).append('[');
      for (int i = 0; i < components.length; i++) {
        expected.append(i == 0 ? "" : ", ").append(components[i].getName()).append('=');
        expected.append(values.get(i));
      }
      return expected.append(']').toString().equals(record.toString());
    } catch (Throwable e) {
      throwIfStop(e);
      return true; // A component fails, or is in a cycle; each shows by itself.
    }
  }

  private Layout future(Future<?> future) throws InterruptedException {
    String name = publicName(future, Future.class);
    if (!future.isDone()) {
      return new Layout.Word(name + "[not done]");
    }
    if (future.isCancelled()) {
      return new Layout.Word(name + "[cancelled]");
    }
    try {
      return new Layout.Group(name + "[", List.of(layout(future.get())), "]");
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      return new Layout.Word(name + "[failed: " + firstLine(cause == null ? e : cause) + "]");
    }
  }

  private static String thrown(Throwable thrown) {
    StringBuilder text = new StringBuilder(withoutRepl(string(thrown)));
    Throwable cause = thrown.getCause();
    for (int i = 0; cause != null && i < DEEPEST; i++) {
      text.append("\ncaused by ").append(withoutRepl(string(cause)));
      cause = cause.getCause();
    }
    return text.toString();
  }

  private static String firstLine(Throwable thrown) {
    return withoutRepl(string(thrown)).lines().findFirst().orElse("");
  }

  private static String other(Object value) {
    Class<?> type = value.getClass();
    if (toStringOf(type) != Object.class) {
      return string(value);
    }
    if (type.isHidden() && type.getName().contains("$$Lambda")) {
      return Arrays.stream(type.getInterfaces())
          .findFirst()
          .map(function -> function.getSimpleName() + " lambda")
          .orElse("lambda");
    }
    if (value instanceof Iterator<?>) {
      return "Iterator, not consumed: .forEachRemaining(System.out::println) prints its values";
    }
    if (value instanceof Spliterator<?>) {
      return "Spliterator, not consumed: .forEachRemaining(System.out::println) prints its values";
    }
    if (value instanceof Enumeration<?>) {
      return "Enumeration, not consumed: Collections.list(…) shows its values";
    }
    return identity(value);
  }

  /** As {@link Object#toString} has it, without what JShell puts around classes of cells. */
  private static String identity(Object value) {
    return name(value.getClass()) + "@" + Integer.toHexString(System.identityHashCode(value));
  }

  private static String name(Class<?> type) {
    if (type.isAnonymousClass() || ANONYMOUS.matcher(type.getSimpleName()).matches()) {
      Class<?> parent =
          type.getInterfaces().length > 0 ? type.getInterfaces()[0] : type.getSuperclass();
      return "anonymous " + parent.getSimpleName();
    }
    return type.isArray() || type.getName().startsWith("java.util.")
        ? type.getSimpleName()
        : withoutRepl(type.getName());
  }

  private static String withoutRepl(String name) {
    return REPL.matcher(name).replaceAll("");
  }

  /** The nearest name that a user knows of an object whose class is hidden in a library. */
  private static String publicName(Object value, Class<?> kind) {
    for (Class<?> type = value.getClass(); type != null; type = type.getSuperclass()) {
      if (Modifier.isPublic(type.getModifiers()) && kind.isAssignableFrom(type)) {
        return type.getSimpleName();
      }
      for (Class<?> face : type.getInterfaces()) {
        if (kind.isAssignableFrom(face)) {
          return face.getSimpleName();
        }
      }
    }
    return kind.getSimpleName();
  }

  /** Whether its text is that of the collections of the JDK; others may have something better. */
  static boolean printsAsJavaDoes(Object value) {
    return toStringOf(value.getClass()).getName().startsWith("java.");
  }

  /** The class that says how values of this class print. */
  private static Class<?> toStringOf(Class<?> type) {
    try {
      return type.getMethod("toString").getDeclaringClass();
    } catch (NoSuchMethodException e) {
      return Object.class; // can not be: Object has it
    }
  }

  /** What {@code toString} says, or why it says nothing. */
  static String string(Object value) {
    try {
      String text = value.toString();
      return text == null ? identity(value) + " (its toString() returns null)" : cut(text, LONGEST);
    } catch (Throwable e) {
      throwIfStop(e);
      return identity(value) + " (its toString() throws " + describe(e) + ")";
    }
  }

  /** An exception in a line, even if it can not tell its message. */
  static String describe(Throwable thrown) {
    String name = withoutRepl(thrown.getClass().getName());
    try {
      String message = thrown.getMessage();
      return message == null ? name : name + ": " + cut(message, LONGEST_INSIDE);
    } catch (Throwable e) {
      throwIfStop(e);
      return name;
    }
  }

  /**
   * The code of a user may throw what it likes while it shows a value; only what the kernel itself
   * throws, to end a cell, goes on.
   */
  static void throwIfStop(@Nullable Throwable thrown) {
    if (thrown == null) {
      return;
    }
    boolean stop =
        thrown.getClass().getName().startsWith("org.dlaclab.kernel.")
            || thrown.getClass().getName().equals("java.lang.ThreadDeath");
    if (stop && thrown instanceof Error error) {
      throw error;
    }
    if (stop && thrown instanceof RuntimeException exception) {
      throw exception;
    }
  }

  private static final class Indexed implements Iterator<@Nullable Object> {
    private final int length;
    private final IntFunction<@Nullable Object> values;
    private int next;

    Indexed(int length, IntFunction<@Nullable Object> values) {
      this.length = length;
      this.values = values;
    }

    @Override
    public boolean hasNext() {
      return next < length;
    }

    @Override
    public @Nullable Object next() {
      return values.apply(next++);
    }
  }
}
